// What is odd about a model and does not keep it from being used, by the code of the note.

import type { NoteTexts } from '../failure';

export const notes: NoteTexts = {
  'another-task': 'Das Modell wurde für eine andere Aufgabe gemacht. Sein Head wird durch einen neuen ersetzt.',
  'capitals-kept': 'Die Dateien sagen nicht, ob Großbuchstaben zählen. Hier bleiben sie erhalten.',
  'character-map-dropped': 'Die Normalisierung von SentencePiece entfällt, wie in transformers 5.',
  'hidden-added-tokens': 'Einige hinzugefügte Tokens gelten nicht, weil die Konfiguration sie auslässt.',
  'labels-without-names': 'Die Labels des Modells haben keine Namen. Für andere Labels lässt es sich trainieren.',
  'merged-adapter': 'Das Modell wurde aus einem Adapter und seinem Basismodell gemacht, ohne Head.',
  'nested-weights': 'Die Gewichte stammen aus dem Checkpoint eines Trainingsprogramms.',
  'prefix-space':
    'Vor jedem Wort steht hier ein Leerzeichen, auch vor dem ersten: Aus solchen Wörtern hat das Modell gelernt.',
  'sentencepiece-converted': 'Der Tokenizer wird aus einer Datei von SentencePiece umgewandelt, wie in transformers 5.',
  'settings-without-effect': 'Einige Einstellungen des Tokenizers haben keine Wirkung.',
  'special-piece-appended': 'Besondere Tokens, die dem Vokabular fehlen, werden angehängt.',
  'special-tokens-as-objects':
    'Besondere Tokens sind in einer alten Form gespeichert. Tagsmith liest sie, transformers 5 nicht.',
  'tokenizer-rebuilt': 'Der Tokenizer wird aus seiner Konfiguration neu aufgebaut und weicht von seiner Datei ab.',
  'unknown-piece': 'Das Token für Unbekanntes ist ein anderes, als in der Datei des Tokenizers steht.',
  'unmarked-words':
    'Der Tokenizer kennzeichnet Wortanfänge nicht: Das Modell sieht andere Tokens als in fließendem Text.',
  'weights-not-seen': 'Die Gewichte konnten vor dem Herunterladen nicht geprüft werden.',
  'wrapped-names': 'Zusätze eines Trainingsprogramms vor den Namen der Gewichte werden weggelassen.',
};

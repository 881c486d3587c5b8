// The glossary of the help.

import type { glossary as en } from '../en/glossary';

export const glossary: typeof en = {
  annotator: {
    term: 'Annotator',
    about:
      'Eine Person, die Texte mit Labels versehen hat. Haben mehrere dieselben Texte annotiert, zeigt Tagsmith, wie weit sie übereinstimmen, und Sie wählen, wessen Labels zählen.',
  },
  augmentation: {
    term: 'Augmentierung',
    about:
      'Zusätzliche Trainingsdokumente, die aus Ihren gemacht werden, zum Beispiel mit anderen Namen darin. Das kann helfen, wenn es nur wenige Dokumente gibt.',
  },
  batch: {
    term: 'Batch',
    about:
      'Die Fenster, die in einem Schritt gemeinsam durch das Modell gehen. Größere Batches sind ruhiger und brauchen mehr Speicher.',
  },
  bio: {
    term: 'BIO (Tag-Schema)',
    about:
      'Eine Schreibweise für Entitäten mit einem Tag je Wort: B- beginnt eine Entität, I- setzt sie fort, O liegt außerhalb. Andere Schemas wie BIOES kennzeichnen auch das letzte Wort.',
  },
  checkpoint: {
    term: 'Checkpoint',
    about:
      'Der vollständige Zustand eines Laufs, von Zeit zu Zeit gespeichert. Ein angehaltener Lauf geht von seinem letzten Checkpoint aus weiter.',
  },
  confidence: {
    term: 'Konfidenz',
    about: 'Wie sicher ein Modell bei einer Entität ist, in Prozent. Eine hohe Konfidenz ist keine Garantie.',
  },
  confusion: {
    term: 'Konfusionsmatrix',
    about:
      'Eine Tabelle, die zählt, welches Label für welches vorhergesagt wurde. Richtig ist nur, was auf der Diagonalen steht.',
  },
  conll: {
    term: 'CoNLL',
    about: 'Ein Textformat mit einem Wort und seinem Tag je Zeile und einer Leerzeile nach jedem Satz.',
  },
  'dev-set': {
    term: 'Entwicklungsdaten (Dev)',
    about:
      'Dokumente, aus denen nicht gelernt wird, die aber nach jeder Epoche bewertet werden, um das beste Modell zu wählen. Sie heißen auch Validierungsdaten.',
  },
  'early-stopping': {
    term: 'Early Stopping',
    about:
      'Das Training endet von selbst, wenn das Dev-F1 einige Epochen lang nicht gestiegen ist. Das bisher beste Modell bleibt.',
  },
  entity: {
    term: 'Entität',
    about: 'Eine Textstelle mit einem Label: ein Name, ein Produkt, ein Datum oder was immer Sie finden möchten.',
  },
  epoch: {
    term: 'Epoche',
    about: 'Ein Durchgang durch alle Trainingsdokumente. Kleine Datensätze brauchen mehr Epochen als große.',
  },
  f1: {
    term: 'F1',
    about:
      'Eine Zahl für Precision und Recall zusammen, von 0 bis 100; sie ist nur hoch, wenn beide es sind. Eine Entität zählt nur dann als richtig, wenn Label und Grenzen stimmen.',
  },
  'false-alarm': {
    term: 'Fehlalarm',
    about: 'Eine Entität, die das Modell vorhersagt, wo keine annotiert ist. Fehlalarme senken die Precision.',
  },
  'fine-tuning': {
    term: 'Fine-Tuning',
    about:
      'Ein vortrainiertes Modell für eine Aufgabe weiter trainieren, hier zum Finden Ihrer Entitäten. Das braucht weit weniger Daten und Zeit, als bei null anzufangen.',
  },
  'hugging-face-folder': {
    term: 'Hugging-Face-Ordner',
    about:
      'Ein Ordner mit einem Modell, wie ihn das Paket transformers speichert: config.json, die Gewichte und der Tokenizer. Tagsmith liest und schreibt solche Ordner.',
  },
  hub: {
    term: 'Hugging Face Hub',
    about:
      'Die Website, von der vortrainierte Modelle heruntergeladen werden. Ist ein Modell erst hier, arbeitet Tagsmith ohne sie.',
  },
  jsonl: {
    term: 'JSONL',
    about: 'Eine Textdatei mit einem JSON-Datensatz je Zeile, hier einem Dokument mit seinen Entitäten.',
  },
  label: {
    term: 'Label',
    about: 'Die Art einer Entität, etwa PERSON oder PRODUCT. Welche Labels es gibt, entscheiden Sie.',
  },
  'learning-rate': {
    term: 'Lernrate',
    about:
      'Wie weit sich die Gewichte in jedem Schritt bewegen. Ist sie zu hoch, divergiert das Training; ist sie zu niedrig, wird wenig gelernt.',
  },
  lora: {
    term: 'LoRA',
    about:
      'Trainiert einen kleinen Zusatz zum Modell und lässt das Modell selbst unverändert. Das braucht weniger Speicher.',
  },
  loss: {
    term: 'Loss',
    about:
      'Wie weit die Vorhersagen beim Training von den Labels entfernt sind. Er sollte fallen; sein Wert allein sagt wenig.',
  },
  missed: {
    term: 'Übersehene Entität',
    about: 'Eine annotierte Entität, die das Modell nicht gefunden hat. Übersehene Entitäten senken den Recall.',
  },
  'near-duplicate': {
    term: 'Beinahe-Duplikat',
    about:
      'Ein Dokument mit fast demselben Text wie ein anderes. Steht eines in Train und das andere in Test, fällt der Testwert zu gut aus.',
  },
  offset: {
    term: 'Offset',
    about:
      'Die Nummer eines Zeichens im Text, gezählt ab 0; Entitäten werden mit den Offsets von Anfang und Ende gespeichert. Manche Programme zählen Bytes oder UTF-16-Einheiten statt Zeichen.',
  },
  overfitting: {
    term: 'Overfitting',
    about:
      'Das Modell lernt seine Trainingsdokumente auswendig statt der Regel dahinter. Dann geht es auf Train gut und auf Dev nicht.',
  },
  precision: {
    term: 'Precision',
    about:
      'Der Prozentsatz der vorhergesagten Entitäten, die richtig sind. Sie ist niedrig, wenn das Modell zu viel markiert.',
  },
  'pretrained-model': {
    term: 'Vortrainiertes Modell',
    about:
      'Ein Modell, das sehr viel Text gelesen hat und so eine Sprache kennt, aber noch keine Aufgabe. Von ihm geht das Training aus.',
  },
  pretraining: {
    term: 'Vortraining',
    about:
      'Lernen aus Text ohne Labels, indem verdeckte Wörter erraten werden. Es kann ein Modell auf die Sprache Ihres Fachs vorbereiten.',
  },
  recall: {
    term: 'Recall',
    about:
      'Der Prozentsatz der annotierten Entitäten, die gefunden wurden. Er ist niedrig, wenn das Modell viel übersieht.',
  },
  run: {
    term: 'Lauf',
    about:
      'Ein Training von Anfang bis Ende mit seinen Einstellungen, seinem Verlauf, seinen Werten und seinem Modell.',
  },
  seed: {
    term: 'Seed',
    about:
      'Eine Zahl, die alles Zufällige festlegt. Derselbe Seed, dieselben Daten und Einstellungen ergeben dasselbe Modell; andere Seeds zeigen, wie viel Zufall ist.',
  },
  split: {
    term: 'Split',
    about: 'Ein Teil eines Datensatzes: Train, Dev oder Test. Kein Text sollte in zweien davon stehen.',
  },
  step: {
    term: 'Schritt',
    about: 'Eine Änderung der Gewichte, nach einem Batch. Eine Epoche hat so viele Schritte, wie es Batches gibt.',
  },
  'test-set': {
    term: 'Testdaten (Test)',
    about: 'Dokumente, die nur einmal bewertet werden, ganz am Ende. Sie zeigen, was bei neuem Text zu erwarten ist.',
  },
  token: {
    term: 'Token',
    about:
      'Ein Wort oder ein Wortteil, wie das Modell ihn liest. Seltene Wörter zerlegt der Tokenizer des Modells in mehrere Tokens.',
  },
  'train-set': {
    term: 'Trainingsdaten (Train)',
    about: 'Die Dokumente, aus denen das Modell lernt. Sie sollten der größte Teil sein.',
  },
  'warm-up': {
    term: 'Warm-up',
    about:
      'Die ersten Schritte eines Laufs, in denen die Lernrate von 0 an steigt. So divergiert das Training am Anfang nicht.',
  },
  weights: {
    term: 'Gewichte',
    about: 'Die Zahlen in einem Modell, die das Training verändert. Ein kleines Modell hat Millionen davon.',
  },
  window: {
    term: 'Fenster',
    about:
      'Das längste Textstück, das das Modell auf einmal liest, in Tokens. Längere Dokumente werden in mehreren Fenstern gelesen, die sich überlappen.',
  },
};

// The settings of a run.

import type { Fields } from '../en/fields';

export const fields: Fields = {
  epochs: {
    title: 'Epochen',
    help: 'Durchgänge durch die Trainingsdaten. Bleibt das Feld leer, so viele, wie helfen.',
    automatic: 'solange das Dev-F1 steigt, höchstens 30; bei großen Datensätzen weniger',
  },
  batch_size: {
    title: 'Batchgröße',
    help: 'Fenster (Sequenzen) in einem Vorwärtsdurchgang. Kleinere Batches brauchen weniger Speicher, größere sind ruhiger.',
    unit: 'Fenster',
    automatic: '8 bei kleinen Datensätzen, 16 bei großen',
  },
  learning_rate: {
    title: 'Lernrate',
    help: 'Die höchste Lernrate. Ist sie zu hoch, divergiert das Training; ist sie zu niedrig, lernt es wenig.',
    automatic:
      'nach der Größe des Modells: 3e-4 für kleine (1e-4 bei großen Datensätzen), 5e-5 für die von der Größe von BERT base (1e-4, wenn sie Sätze einbetten und der Datensatz klein ist), 2e-5 für große; das Zehnfache davon mit LoRA, höchstens 1e-3',
  },
  device: {
    title: 'Gerät',
    help: 'Das Gerät, das rechnet. Eine GPU ist um ein Vielfaches schneller als der Prozessor; eine, die falsch rechnet, wird nie verwendet.',
  },
  max_length: {
    title: 'Fensterlänge',
    help: 'Das längste Stück Text, das das Modell auf einmal liest. Längere Dokumente werden in mehreren Fenstern gelesen; nichts geht verloren.',
    unit: 'Tokens',
  },
  overlap: {
    title: 'Überlappung der Fenster',
    help: 'Wie viele Tokens benachbarte Fenster eines langen Dokuments gemeinsam haben (Stride).',
    unit: 'Tokens',
    automatic: 'ein Viertel der Fensterlänge',
  },
  context: {
    title: 'Kontext',
    help: 'Wie viele Tokens vor einem Satz und wie viele danach das Modell mitliest, aus demselben Dokument: Sätze zwischen -DOCSTART--Zeilen in CoNLL-Dateien, Einträge mit derselben Gruppe. Sie werden nicht bewertet. 64 ist eine gute Zahl für kurze Sätze; 0 für keinen.',
    unit: 'Tokens',
  },
  refit: {
    title: 'Neu auf allen Daten',
    help: 'Wird ein Teil der Trainingsdaten zurückgehalten: Sobald er gezeigt hat, wie lange zu trainieren ist, beginnt das Training neu auf allen. Die Werte auf Dev sind die der ersten Hälfte.',
    automatic: 'bei kleinen Datensätzen ohne Entwicklungsdaten (Dev)',
  },
  schedule: {
    title: 'Verlauf der Lernrate',
    help: 'Wie die Lernrate nach dem Warm-up fällt.',
    automatic: 'adaptiv, wenn die Zahl der Epochen offen ist, linear, wenn sie festgelegt ist',
    choices: {
      adaptive: 'gehalten, solange das Dev-F1 steigt, dann linear auf 0',
      linear: 'linear auf 0',
      cosine: 'Kosinus auf 0',
      constant: 'konstant',
    },
  },
  warmup_ratio: {
    title: 'Warm-up (Anteil der Schritte)',
    help: 'Der Anteil der Schritte, über den die Lernrate von 0 ansteigt.',
  },
  weight_decay: {
    title: 'Weight Decay',
    help: 'Zieht die Gewichte zu 0 hin, was Overfitting mindert. Bias-Werte und LayerNorm sind ausgenommen.',
  },
  max_grad_norm: {
    title: 'Gradient Clipping (höchste Norm)',
    help: 'Gradienten mit größerer Norm werden auf sie verkleinert; 0 für keine Grenze.',
  },
  dropout: {
    title: 'Dropout',
    help: 'Der Anteil der Werte, die beim Training zufällig weggelassen werden.',
    automatic: 'wie in der Konfiguration des Modells',
  },
  frozen_layers: {
    title: 'Eingefrorene Schichten',
    help: 'Die Embeddings und so viele der untersten Schichten werden nicht trainiert: schneller, mit weniger Speicher und meist weniger genau. 0 trainiert alle.',
  },
  early_stopping_patience: {
    title: 'Geduld (Early Stopping)',
    help: 'Das Training endet, wenn das Dev-F1 so viele Epochen lang nicht gestiegen ist; 0 für nie.',
    unit: 'Epochen',
    automatic: 'nie, wenn die Lernrate auf 0 fällt, sonst 6',
  },
  seed: {
    title: 'Seed',
    help: 'Legt alles Zufällige fest: den neuen Head, die Reihenfolge der Daten, Dropout, was zurückgehalten wird. Derselbe Seed ergibt mit denselben Daten und Einstellungen dasselbe Modell.',
  },
  crf: {
    title: 'Übergänge lernen (CRF)',
    help: 'Lernt mit einem Linear-Chain-CRF (Conditional Random Field) über die Tags der Wörter, welches Tag auf welches folgt, und beurteilt die Tags eines Textes gemeinsam. Die Übergänge sind eine eigene Datei im Modellordner, die andere Programme übergehen. Es hat seinen eigenen Loss, darum lassen sich Klassengewichte, ein Gewicht von O, andere Losses und Label Smoothing nicht damit verbinden.',
  },
  crf_learning_rate: {
    title: 'Lernrate des CRF',
    help: 'Die höchste Lernrate der Übergänge des CRF, die sich bei der eines Encoders kaum bewegen. Sie steigt und fällt wie die des Laufs.',
    automatic: 'das Hundertfache der Lernrate des Laufs',
  },
  precision: {
    title: 'Rechengenauigkeit',
    help: 'Die Genauigkeit, mit der das Modell rechnet; seine Gewichte haben immer 32 Bit. 16 Bit sind auf Geräten, die dafür gemacht sind, schneller und brauchen halb so viel Speicherverkehr. Automatisch nimmt sie nur, wo das Gerät seinen Test darin bestanden hat.',
    choices: { auto: 'automatisch', f32: '32 Bit', bf16: '16 Bit (bf16)', f16: '16 Bit (f16)' },
  },
  moments: {
    title: 'Zustand des Optimierers',
    help: 'Die Genauigkeit der Momente des Optimierers, zweier Zahlen pro Gewicht. bf16 halbiert sie, stochastisch gerundet; die der Wortstücke bleiben bei 32 Bit, auf einer GPU alle.',
    choices: { f32: '32 Bit', bf16: '16 Bit (bf16)' },
  },
  gradient_accumulation: {
    title: 'Gradienten-Akkumulation',
    help: 'Batches, deren Gradienten summiert werden, bevor sich die Gewichte ändern: ein größerer Batch ohne mehr Speicher.',
    unit: 'Batches',
  },
  gradient_checkpointing: {
    title: 'Speicher sparen (langsamer)',
    help: 'Behält weniger von jedem Vorwärtsdurchgang und berechnet es im Rückwärtsdurchgang noch einmal (Gradient Checkpointing).',
  },
  eval_batch_size: {
    title: 'Batchgröße der Bewertung',
    help: 'Fenster in einem Batch der Bewertung. Das ändert nur Tempo und Speicher, nie die Werte.',
    unit: 'Fenster',
  },
  checkpoint_minutes: {
    title: 'Abstand der Checkpoints',
    help: 'Die Zeit zwischen zwei Checkpoints, von denen aus ein Lauf fortgesetzt werden kann. Einer wird auch nach der ersten Epoche geschrieben, und nach anderen, wenn ein Zehntel der Zeit vergangen ist.',
    unit: 'Minuten',
  },
  class_weights: {
    title: 'Klassengewichte',
    help: 'Wie sehr die Wörter jedes Labels im Loss zählen: alle gleich, umgekehrt zur Zahl der Wörter des Labels in den Trainingsdaten, oder umgekehrt zu ihrer effektiven Zahl. Gewichte bleiben zwischen 0,05 und 20.',
    choices: { none: 'alle gleich', inverse: 'umgekehrte Häufigkeit', effective: 'effektive Zahl der Beispiele' },
  },
  outside_weight: {
    title: 'Gewicht von O',
    help: 'Vervielfacht das Gewicht der Wörter außerhalb jeder Entität, die das Tag O haben.',
    automatic: 'wie die Klassengewichte',
  },
  loss: {
    title: 'Loss',
    help: 'Was das Training minimiert. Focal gibt Wörtern, deren richtiges Tag schon wahrscheinlich ist, weniger Gewicht; Dice ist der selbstanpassende Dice-Loss. Der Loss auf Dev ist in jedem Fall die Kreuzentropie.',
    choices: { 'cross-entropy': 'Kreuzentropie', focal: 'Focal', dice: 'Dice' },
  },
  focal_gamma: {
    title: 'Gamma (Focal)',
    help: 'Der Exponent des Focal Loss: Je höher er ist, desto weniger Gewicht haben Wörter, deren richtiges Tag schon wahrscheinlich ist. Andere Losses verwenden ihn nicht.',
  },
  label_smoothing: {
    title: 'Label Smoothing',
    help: 'Der Anteil des Ziels jedes Wortes, der gleichmäßig auf alle Tags verteilt wird. Nur die Kreuzentropie hat es.',
  },
  resampling: {
    title: 'Resampling',
    help: 'Wiederholt Fenster mit seltenen Labels innerhalb einer Epoche bis zu zehnmal; wie oft, entscheidet das seltenste Label eines Fensters.',
    automatic: 'seltene Labels wiederholen bei kleinen Datensätzen',
    choices: { none: 'keines', 'repeat-factor': 'seltene Labels wiederholen' },
  },
  resampling_threshold: {
    title: 'Schwelle des Resamplings',
    help: 'Ein Label ist selten, wenn weniger als dieser Anteil der Fenster es hat. Ein Fenster, dessen seltenstes Label in einem Anteil f der Fenster steht, kommt √(Schwelle / f)-mal vor.',
    automatic: 'der Median der Anteile der Labels',
  },
  empty_documents: {
    title: 'Fenster ohne Entitäten',
    help: 'Der Anteil der Fenster ohne Entität, den eine Epoche hat, für jede Epoche neu gezogen; 1 für alle.',
  },
  head_dropout: {
    title: 'Dropout vor dem Head',
    help: 'Der Anteil der Werte, die vor dem Klassifikations-Head zufällig weggelassen werden.',
    automatic: 'wie der Dropout, oder wie in der Konfiguration des Modells',
  },
  layer_decay: {
    title: 'Abnahme der Lernrate je Schicht',
    help: 'Jede Schicht hat die Lernrate der Schicht darüber mal diesen Wert; der Head hat die volle Rate, die Embeddings die niedrigste. 1 für eine Rate.',
    automatic: '0,9 bei kleinen Datensätzen, 1 bei großen und mit LoRA',
  },
  reinitialized_layers: {
    title: 'Neu initialisierte Schichten',
    help: 'So viele der obersten Schichten beginnen mit zufälligen Gewichten: Was sie im Vortraining gelernt haben, hilft anderen Aufgaben wenig.',
  },
  pretrained_decay: {
    title: 'Decay zu den vortrainierten Gewichten',
    help: 'Zieht die Gewichte des Encoders zu denen hin, mit denen sie begonnen haben, statt zu 0 (L2-SP), mal die Lernrate. Wirkt etwa ab 1. 0 für keinen.',
  },
  mixout: {
    title: 'Mixout',
    help: 'Der Anteil der Gewichte der linearen Schichten des Encoders, die ein Schritt zufällig durch die vortrainierten ersetzt; 0 für keinen.',
  },
  gradual_unfreezing: {
    title: 'Schrittweises Auftauen',
    help: 'Zuerst wird nur der Head trainiert, und jeweils nach so vielen Epochen eine Schicht mehr, von oben bis zu den eingefrorenen; die Embeddings kommen mit der untersten Schicht. 0 trainiert von Anfang an alle.',
    unit: 'Epochen',
  },
  ema_decay: {
    title: 'Mittel der Gewichte',
    help: 'Statt der letzten Gewichte wird ihr exponentiell gleitendes Mittel bewertet und gespeichert: der Anteil davon, den ein Schritt behält, in den ersten Schritten weniger. Es braucht so viel Speicher wie die Gewichte. 0 für keines.',
  },
  r_drop: {
    title: 'R-Drop',
    help: 'Wie viel es zählt, dass zwei Durchgänge mit verschiedenem Dropout bei einem Wort uneins sind. Das Training braucht doppelt so viel Zeit und Speicher für seine Batches. 0 für einen Durchgang.',
  },
  augment: {
    title: 'Zusätzliche Dokumente',
    help: 'Wie viele Dokumente aus denen der Trainingsdaten gemacht und diesen hinzugefügt werden, als Anteil davon: 0 für keine, 1 für noch einmal so viele. Dev und Test bleiben, wie sie sind.',
    automatic: '1 bei kleinen Datensätzen, 0 bei großen',
  },
  mention_replacement: {
    title: 'Erwähnungen ersetzen',
    help: 'In einem hinzugefügten Dokument: die Wahrscheinlichkeit, dass eine Entität durch eine andere mit demselben Label ersetzt wird.',
  },
  augment_mentions: {
    title: 'Liste von Erwähnungen',
    help: 'Eine Datei mit weiteren Erwähnungen dafür, eine pro Zeile: das Label, ein Tabulator und die Erwähnung, oder JSON mit label und mention.',
    automatic: 'nur die der Trainingsdaten',
  },
  token_replacement: {
    title: 'Wörter ersetzen',
    help: 'In einem hinzugefügten Dokument: die Wahrscheinlichkeit, dass ein Wort durch ein anderes ersetzt wird, das in den Trainingsdaten dasselbe Tag hat.',
  },
  segment_shuffling: {
    title: 'Umstellen',
    help: 'In einem hinzugefügten Dokument: die Wahrscheinlichkeit, dass die Wörter einer Entität, oder die zwischen zwei Entitäten, ihre Reihenfolge ändern.',
  },
  word_dropout: {
    title: 'Wörter weglassen',
    help: 'In einem hinzugefügten Dokument: die Wahrscheinlichkeit, dass ein Wort außerhalb von Entitäten wegfällt.',
  },
  case_noise: {
    title: 'Groß-/Kleinschreibung',
    help: 'Die Wahrscheinlichkeit, dass ein hinzugefügtes Dokument ganz in Großbuchstaben, ganz in Kleinbuchstaben oder mit großen Anfangsbuchstaben geschrieben ist.',
  },
  typo_noise: {
    title: 'Tippfehler',
    help: 'In einem hinzugefügten Dokument: die Wahrscheinlichkeit, dass ein Wort einen Tippfehler bekommt.',
  },
  lora_rank: {
    title: 'LoRA-Rang',
    help: 'Trainiert statt aller Gewichte neben denen jeder linearen Schicht ein Paar Matrizen dieses Rangs, und den Head: viel weniger Speicher für Gradienten und Optimierer. 0 trainiert alle Gewichte; 8 oder 16 sind üblich.',
  },
  lora_alpha: {
    title: 'LoRA-Alpha',
    help: 'Die Stärke des Adapters: Was er berechnet, wird mit Alpha / Rang multipliziert.',
    automatic: 'das Doppelte des Rangs',
  },
  lora_dropout: {
    title: 'LoRA-Dropout',
    help: 'Der Anteil der Eingabe eines Adapters, der beim Training zufällig weggelassen wird.',
  },
  lora_targets: {
    title: 'LoRA-Ziele',
    help: 'Die linearen Schichten, die einen Adapter bekommen. Alle lernen am meisten; Query und Value brauchen am wenigsten Speicher.',
    choices: {
      'query-value': 'Query und Value',
      attention: 'die ganze Attention',
      'all-linear': 'alle linearen Schichten',
    },
  },
  head_start: {
    title: 'Beginn des Heads',
    help: 'Wenn das Modell schon Entitäten findet: Labels der Daten, die es kennt, unter demselben oder einem üblichen anderen Namen wie PER für PERSON, beginnen mit dem, was es davon weiß, oder alle beginnen mit Zufallszahlen.',
    choices: {
      auto: 'aus alten Labels, wo Namen passen',
      fresh: 'mit Zufallszahlen',
      'old-labels': 'aus alten Labels',
    },
  },
  keep_labels: {
    title: 'Alte Labels behalten',
    help: 'Wenn das Modell schon Entitäten findet: Labels, die die Daten nicht annotieren, bleiben. Das Modell taggt die Daten zuerst, und was es von diesen Labels findet, wird mit dem Annotierten gelernt.',
  },
  scheme: {
    title: 'Tag-Schema',
    help: 'Wie Entitäten in den Ausgaben des Modells als Tags geschrieben werden.',
    choices: { iob2: 'IOB2', iob1: 'IOB1', io: 'IO', bioes: 'BIOES', bilou: 'BILOU', bmes: 'BMES' },
  },
  decoding: {
    title: 'Dekodierung',
    help: 'Wie bei der Bewertung Tags gewählt werden: Viterbi nimmt die beste Folge, die das Schema erlaubt, argmax das beste Tag jedes Wortes.',
    choices: { viterbi: 'Viterbi', argmax: 'argmax' },
  },
};

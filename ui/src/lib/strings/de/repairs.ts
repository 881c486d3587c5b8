// Changes to a data set: labels, repairs, splits, samples.

import { count } from '../../format';
import type {
  labelEditor as enLabelEditor,
  recipe as enRecipe,
  repair as enRepair,
  sampling as enSampling,
  split as enSplit,
} from '../en/repairs';
import { many } from './words';

export const labelEditor: typeof enLabelEditor = {
  about: 'Labels umbenennen, zusammenführen oder weglassen. Nichts ändert sich, bevor Sie eine Vorschau gesehen haben.',
  name: 'Name',
  nameOf: (label) => `Neuer Name von ${label}`,
  choose: (label) => `${label} auswählen`,
  chooseAll: 'Alle Labels auswählen',
  examples: 'Beispiele',
  drop: 'Weglassen',
  dropOf: (label) => `${label} weglassen`,
  keep: 'Behalten',
  keepOf: (label) => `${label} behalten`,
  dropped: 'wird weggelassen',
  merge: 'Zusammenführen',
  mergeHint: 'Wählen Sie zwei oder mehr Labels aus, um sie zusammenzuführen.',
  mergeInto: (labels) => `Die ${count(labels)} ausgewählten Labels zusammenführen`,
  into: (label) => `aufgegangen in ${label}`,
  empty: 'Ein Label braucht einen Namen. Um es zu entfernen, lassen Sie es weg.',
  changes: (labels) => many(labels, 'Label ändert sich', 'Labels ändern sich'),
  discard: 'Verwerfen',
  preview: 'Vorschau…',
  none: 'Keine Labels',
  noneAbout: 'Dieser Datensatz hat keine annotierten Entitäten.',
};

export const repair: typeof enRepair = {
  title: 'Reparatur',
  loading: 'Vorschau wird vorbereitet',
  failed: 'Die Vorschau konnte nicht erstellt werden',
  names: {
    'convert-offsets': ['Offsets umrechnen', 'Offsets umgerechnet'],
    'shift-offsets': ['Offsets verschieben', 'Offsets verschoben'],
    'inclusive-ends': ['Letztes Zeichen mitzählen', 'Letzte Zeichen mitgezählt'],
    'count-line-ends': ['Zeilenenden anders zählen', 'Zeilenenden anders gezählt'],
    'drop-invalid': ['Unbrauchbares weglassen', 'Unbrauchbares weggelassen'],
    'mask-unknown': ['Aus unbekannten Wörtern nichts lernen', 'Unbekannte Wörter vom Training ausgenommen'],
    'trim-spans': ['Entitäten beschneiden', 'Entitäten beschnitten'],
    'snap-to-words': ['Auf ganze Wörter erweitern', 'Entitäten auf ganze Wörter erweitert'],
    'repair-tags': ['Tags reparieren', 'Tags repariert'],
    'map-labels': ['Labels ändern', 'Labels geändert'],
    'join-tagged': ['Getaggte Wörter verbinden', 'Getaggte Wörter verbunden'],
    'drop-duplicates': ['Duplikate weglassen', 'Doppelte Dokumente weggelassen'],
    'move-leaking': ['Nach Train verschieben', 'Gemeinsame Dokumente nach Train verschoben'],
    'hold-out': ['Dev und Test zurückhalten', 'Dev und Test zurückgehalten'],
    split: ['Neu aufteilen', 'Neu aufgeteilt'],
    sample: ['Stichprobe ziehen', 'Stichprobe gezogen'],
  },
  about: {
    'inclusive-ends': 'Das Ende jeder Entität ist ihr letztes Zeichen, darum wird dieses hinzugenommen.',
    'count-line-ends': 'Die Offsets zählen das Ende einer Zeile anders, als es im Text steht.',
    'drop-invalid':
      'Unbrauchbares wird weggelassen und gezählt: Entitäten außerhalb ihres Textes, ohne Text oder ohne Label, und Zeilen und Einträge, die sich nicht lesen lassen. Entitäten, die sich überlappen, bleiben.',
    'mask-unknown':
      'Wörter, über die eine teilweise annotierte Datei nichts sagt, werden aus Loss und Bewertung ausgenommen, statt als außerhalb jeder Entität zu zählen.',
    'join-tagged': 'Wörter mit den Labels B-… und I-… werden zu einer Entität mit dem Label hinter dem Buchstaben.',
    'trim-spans': 'Leerraum an den Rändern von Entitäten wird entfernt.',
    'snap-to-words': 'Entitäten, die mitten in einem Wort beginnen oder enden, werden bis zu dessen Rändern erweitert.',
    'repair-tags':
      'Tags, die ihr Schema verletzen, werden gelesen, wie conlleval sie liest, und als gültige Tags geschrieben.',
  },
  units: { characters: 'Zeichen', bytes: 'Bytes', utf16: 'UTF-16-Einheiten' },
  moveBy: (by) => `Um ${by < 0 ? '−' : '+'}${count(Math.abs(by))} verschieben`,
  convert: (unit) => `Offsets werden als Anzahl von ${unit} gelesen.`,
  shift: (by) =>
    by > 0 ? `Zu jedem Offset wird ${count(by)} addiert.` : `Von jedem Offset wird ${count(-by)} abgezogen.`,
  renamed: (from, to) => `${from} wird zu ${to}`,
  droppedLabel: (label) => `${label} wird weggelassen`,
  duplicates: (near) =>
    `Von Dokumenten, die innerhalb eines Splits ${near ? 'gleich oder fast gleich' : 'gleich'} sind, bleibt das erste.`,
  leaking: (near) =>
    `Dokumente von Dev und Test, deren Text${near ? ' genau oder fast genauso' : ''} auch in Train steht, werden nach Train verschoben.`,
  heldOut: (shares, seed) => `Splits ohne eigene Datei werden von Train zurückgehalten: ${shares}; Seed ${seed}.`,
  shares: (shares, seed) => `${shares}; Seed ${seed}.`,
  sampled: (split, documents, seed) => `${split} behält ${many(documents, 'Dokument', 'Dokumente')}; Seed ${seed}.`,
  counts: {
    spans: (number) => many(number, 'Entität ändert sich', 'Entitäten ändern sich'),
    documents: (number) => `in ${many(number, 'Dokument', 'Dokumenten')}`,
    removed: (number) => many(number, 'Dokument wird weggelassen', 'Dokumente werden weggelassen'),
    moved: (number) => many(number, 'Dokument kommt in einen anderen Split', 'Dokumente kommen in einen anderen Split'),
    nothing: 'Das ändert hier nichts.',
  },
  examples: 'Beispiele',
  before: 'Vorher',
  after: 'Nachher',
  gone: 'weggelassen',
  movedTo: (split) => `kommt nach ${split}`,
  more: (number) => `und ${many(number, 'weiteres Dokument', 'weitere Dokumente')}`,
  apply: 'Reparieren',
  safe: 'Die importierte Datei bleibt, wie sie ist, und Sie können dies rückgängig machen.',
  working: 'Reparatur',
  done: (what) => `${what}.`,
  redo: 'Wiederholen',
  undone: (what) => `Rückgängig gemacht: ${what}.`,
  near: 'Beinahe-Duplikate einbeziehen',
};

export const recipe: typeof enRecipe = {
  about: 'Angewandte Änderungen, der Reihe nach. Eine neue Version der Dateien bekommt dieselben Reparaturen.',
  none: 'Keine Reparaturen',
  noneAbout: 'Die Daten sind, wie sie importiert wurden. Was Sie unter Befunde und Labels reparieren, steht dann hier.',
  list: 'Reparaturen, der Reihe nach',
  atReading: 'beim Lesen',
  undo: 'Letzte rückgängig machen',
  redo: (what) => `Wiederholen: ${what}`,
  undoing: 'Wird rückgängig gemacht',
  update: 'Neue Version der Dateien verwenden…',
};

export const split: typeof enSplit = {
  title: 'Neu aufteilen',
  about:
    'Führt alle Dokumente zusammen und teilt sie neu auf, stratifiziert nach Labels. Dokumente mit gleichem Text bleiben in einem Split.',
  shares: 'Anteile',
  percent: (split) => `${split}, %`,
  sum: (sum) => `Die Summe ist ${sum} %; sie muss 100 % sein.`,
  range: 'Jeder Anteil muss zwischen 0 und 100 % liegen, und Train darf nicht leer sein.',
  seed: 'Seed',
  seedHelp:
    'Legt fest, welches Dokument wohin kommt. Derselbe Seed und dieselben Anteile ergeben immer dieselben Splits.',
  expected: 'Erwartete Entitäten jedes Labels',
  few: 'Splits mit weniger als 10 Entitäten eines Labels sagen wenig darüber.',
  go: 'Neu aufteilen',
  done: 'Die Daten wurden neu aufgeteilt.',
  button: 'Neu aufteilen…',
};

export const sampling: typeof enSampling = {
  title: 'Stichprobe ziehen',
  about:
    'Behält eine zufällige Stichprobe eines Splits in der ursprünglichen Reihenfolge, für einen schnellen Versuch, bevor Sie auf allem trainieren.',
  keep: 'Zu behaltende Dokumente',
  range: (all) => (all > 1 ? `Von 1 bis ${count(all - 1)}` : 'Dieser Split hat ein Dokument.'),
  go: 'Stichprobe ziehen',
  button: 'Stichprobe ziehen…',
};

// The import dialog.

import { count, hundredths } from '../../format';
import { importer as english, type importer as en } from '../en/importer';
import { inWords, many } from './words';

export const importer: typeof en = {
  title: 'Daten importieren',
  about: 'Ihre Dateien bleiben, wo sie sind; die Bibliothek behält eine Kopie.',
  updateTitle: (name) => `Neue Version von „${name}“`,
  updateAbout: (repairs) =>
    repairs
      ? `${repairs === 1 ? 'Dieselbe Reparatur wird' : `Dieselben ${count(repairs)} Reparaturen werden`} darauf angewandt.`
      : 'Sie ersetzt die jetzige Version.',
  dropTitle: 'Dateien oder einen Ordner hier ablegen',
  dropAbout:
    'CoNLL, JSON und JSONL aller Art, CSV, Parquet, Arrow, brat, reiner Text, auch komprimiert als .gz oder .zip. Das Format wird automatisch erkannt.',
  pickFiles: 'Dateien auswählen…',
  example: 'Wie solche Dateien aussehen',
  pickFolder: 'Ordner auswählen…',
  addFiles: 'Dateien hinzufügen…',
  addFolder: 'Ordner hinzufügen…',
  readAgain: 'Erneut lesen',
  files: 'Dateien',
  remove: (file) => `${file} aus der Liste entfernen`,
  splitOf: (file) => `Split von ${file}`,
  splitAuto: (split) => `${split} (erkannt)`,
  splitUnknown: 'Erkannt',
  whole: 'Mehrere, erkannt',
  change: 'Ändern, wie sie gelesen wird',
  asFound: 'Erkennen',
  fields: {
    format: 'Format',
    encoding: 'Kodierung',
    scheme: 'Tag-Schema',
    offsets: 'Offsets zählen',
    shift: 'Offsets verschieben um',
    lineEnds: 'Zeilenenden zählen als',
    annotator: 'Annotationen von',
    labels: 'Namen numerischer Tags',
  },
  labelsPlaceholder: 'O, B-PER, I-PER, …',
  labelsHelp:
    'Für Dateien, deren Tags Zahlen sind: die Namen der Tags in der Reihenfolge der Zahlen, durch Kommas getrennt.',
  offsetsHelp:
    'Was Anfang und Ende einer Entität zählen. Python, doccano und spaCy zählen Zeichen; Java und JavaScript zählen UTF-16-Einheiten; manche Programme zählen Bytes.',
  asText: { table: 'Als Texte ohne Labels importieren', text: 'Als Text importieren, ein Dokument pro Zeile' },
  asTextAbout: 'Daraus lässt sich nichts lernen, aber ein Modell kann ihn taggen.',
  lineEnds: {
    'as-written': 'wie geschrieben',
    joined: 'eines, auch CR LF',
    doubled: 'zwei, auch LF',
  },
  lineEndsHelp:
    'Manche Programme ändern die Zeilenenden eines Textes, bevor oder nachdem er annotiert wird. Weiter unten liegen Entitäten dann mit jeder Zeile um eins daneben.',
  inclusiveEnds: 'Das Ende einer Entität ist ihr letztes Zeichen',
  inclusiveHelp: 'Die meisten Programme schreiben die Position hinter dem letzten Zeichen, manche die des letzten.',
  annotators: {
    'ground-truth': 'der Ground Truth, sonst der ersten Person',
    majority: 'der Mehrheit',
  },
  annotatorHelp:
    'Mehrere Personen haben dieselben Texte annotiert. Was als Ground Truth markiert ist, geht vor; ohne sie entscheiden Sie, wer gelesen wird. Wo sie sich unterscheiden, steht unter Befunde.',
  maskUnknown: 'Aus unbekannten Wörtern nichts lernen',
  maskHelp:
    'Diese Datei ist teilweise annotiert: Von manchen Wörtern sagt sie nicht, ob sie zu einer Entität gehören. Mit dieser Option werden sie aus Loss und Bewertung ausgenommen; sonst zählen sie als außerhalb.',
  dropInvalid: 'Von überlappenden Entitäten nur eine behalten und Unbrauchbares weglassen',
  dropHelp:
    'Unbrauchbares verhindert einen Import: Entitäten außerhalb ihres Textes, ohne Text oder ohne Label, und Zeilen und Einträge, die sich nicht lesen lassen. Mit dieser Option wird all das weggelassen, gezählt und aufgelistet; in einer Tabelle aus Wörtern der ganze Satz. Entitäten, die sich überlappen, verhindern keinen Import und bleiben ohne sie erhalten. Mit ihr bleibt die, die zuerst beginnt, und von zwei, die zusammen beginnen, die längere.',
  kinds: {
    conll: 'CoNLL, Wörter in Spalten',
    json: 'JSON oder JSONL',
    table: 'Tabelle (CSV, TSV)',
    text: 'Reiner Text',
    brat: 'brat',
    parquet: 'Parquet',
    arrow: 'Arrow',
    'doc-bin': 'spaCy-DocBin',
    ontonotes: 'OntoNotes, CoNLL-2012',
    webanno: 'WebAnno-TSV 3',
    'uima-cas': 'UIMA CAS (XMI, JSON)',
    bioc: 'BioC (XML, JSON)',
    pubtator: 'PubTator',
  },
  encodings: english.encodings,
  columnsTitle: 'Spalten',
  columnsAbout: 'Wählen Sie, was jede Spalte enthält.',
  columnRoles: { token: 'Wort', tag: 'Tag', sentence: 'Satz', none: 'ungenutzt' },
  textRoles: { token: 'Text', tag: 'Entitäten', sentence: 'Gruppe', none: 'ungenutzt' },
  columnIs: (name, role) => `Spalte ${name}: ${role}`,
  preview: 'Vorschau',
  findings: 'Befunde',
  repairs: 'Reparaturen',
  previewNone: 'Keine Dokumente anzuzeigen',
  previewAbout: (shown, all) =>
    shown < all ? `Die ersten ${count(shown)} von ${count(all)}` : many(all, 'Dokument', 'Dokumente'),
  repairsNone: 'Keine Reparaturen gewählt',
  repairsNoneAbout: 'Reparaturen, die Sie unter Befunde wählen, stehen hier und werden mit dem Import angewandt.',
  removeRepair: (what) => `Aus der Liste entfernen: ${what}`,
  looking: 'Dateien werden gelesen',
  lookFailed: 'Die Dateien konnten nicht gelesen werden',
  cancelled: 'Angehalten',
  cancelledAbout: 'Die Dateien wurden nicht vollständig gelesen.',
  name: 'Name',
  shares: (learn, choose, test) =>
    [
      `${hundredths(learn)} zum Lernen`,
      choose === null ? '' : `${hundredths(choose)} zur Wahl des besten Modells`,
      test === null ? '' : `${hundredths(test)} zum Testen`,
    ]
      .filter(Boolean)
      .join(' · '),
  noTrain: 'Keine der Dateien ist Train: Damit lässt sich kein Modell trainieren, aber eines bewerten.',
  sharesUnknown: 'Was für Dev und Test zurückgehalten wird, hängt von den Dateien ab, die noch nicht lesbar sind.',
  sharesChange: 'Ändern',
  sharesDone: 'Ausblenden',
  devShare: 'Anteil Dev, %',
  testShare: 'Anteil Test, %',
  shareHelp:
    'Dokumente werden mit dem Seed zufällig gewählt, dieselben Zahlen ergeben also immer dieselben Splits. Dev entscheidet, welches Modell bleibt; Test wird einmal bewertet, am Ende.',
  seed: 'Seed',
  summary: (documents, entities, labels) =>
    `${many(documents, 'Dokument', 'Dokumente')}, ${many(entities, 'Entität', 'Entitäten')}, ${many(labels, 'Label', 'Labels')}`,
  blocked:
    'Diese Dateien können noch nicht importiert werden. Ändern Sie, wie sie gelesen werden, oder berichtigen Sie die fehlerhaften Zeilen.',
  blockedMissing: 'Eine Datei lässt sich nicht öffnen. Nehmen Sie sie von der Liste, oder wählen Sie eine andere.',
  takeOff: 'Von der Liste nehmen',
  leaveTitle: 'Diesen Import verwerfen?',
  leaveAbout: (repairs, files) =>
    `Verworfen: ${inWords(
      [
        repairs ? many(repairs, 'gewählte Reparatur', 'gewählte Reparaturen') : '',
        files ? `die Optionen von ${many(files, 'Datei', 'Dateien')}` : '',
      ].filter(Boolean),
    )}. Die Dateien selbst bleiben, wie sie sind.`,
  leaveGo: 'Verwerfen',
  orSample: 'oder die Beispieldaten verwenden',
  go: 'Importieren',
  goUpdate: 'Ersetzen',
  working: 'Import',
  shareFault: 'Die Summe muss unter 100 % liegen',
  done: (name) => `„${name}“ wurde importiert.`,
  updated: (name) => `„${name}“ wurde aktualisiert.`,
};

// What a person can do about each kind of finding, with the controls of the window; `null` where nothing need be done.

import type { remedies as en } from '../en/finding-remedies';
import { data } from './data';
import { fields } from './fields';
import { importer } from './importer';
import { recipe, split } from './repairs';

/** Where a remedy is shown: at a file that cannot be imported, among the findings of an import, or in Data. */
type Where = keyof typeof en;

function remediesAt(where: Where): (typeof en)[Where] {
  const inData = where === 'data';
  const update = `„${recipe.update}“ unter „${data.tabs.repairs}“`;
  /** With what can only be changed outside of Tagsmith. */
  const source = (text: string) =>
    `${text} Ändern Sie das in der Datei oder in dem Programm, aus dem die Labels stammen, ${inData ? `und importieren Sie die Dateien erneut: ${update}` : `und wählen Sie dann „${importer.readAgain}“`}.`;
  /** With what is chosen when files are imported. */
  const again = (text: string) => (inData ? `${text} Importieren Sie die Dateien dafür erneut: ${update}.` : text);
  const reading = `unter „${importer.change}“`;
  const option = (control: string) => `„${control}“ ${reading}`;
  const at = (control: string) => `mit ${option(control)}`;
  const leftOut = where === 'file' ? ` Oder wählen Sie ${option(importer.dropInvalid)}.` : '';
  const oneKept = inData
    ? ''
    : ` Soll nur eine von ihnen importiert werden, wählen Sie ${option(importer.dropInvalid)}.`;
  const later = inData ? '' : ' nach dem Import';
  const labels = `${inData ? '' : 'nach dem Import '}unter „${data.tabs.labels}“`;
  const alike = ` Sind die Labels zwei Schreibweisen von einem, führen Sie sie ${labels} zusammen.`;
  return {
    'not-utf8': again(
      `Speichern Sie die Datei in UTF-8, oder wählen Sie ihre Kodierung ${at(importer.fields.encoding)}.`,
    ),
    'empty-file': 'Prüfen Sie, ob die Datei vollständig exportiert wurde.',
    'no-documents': 'Wählen Sie Dateien, die Texte enthalten.',
    'no-entities': `${source('Annotieren Sie Entitäten in den Texten.')} Oder wählen Sie andere Dateien.`,
    'not-a-corpus': again(
      `Wählen Sie das Format ${at(importer.fields.format)}. Passt keines, speichern Sie die Daten als CoNLL oder JSONL.`,
    ),
    'bad-json':
      source('Schreiben Sie einen vollständigen JSON-Wert pro Zeile, oder die ganze Datei als eine Liste.') + leftOut,
    'bad-record':
      source(`Geben Sie jedem Eintrag einen \`text\` mit \`entities\`, oder \`tokens\` mit \`ner_tags\`.`) + leftOut,
    unlabelled: source('Sind sie nicht fertig, annotieren Sie sie. Ein Text ohne Entitäten braucht eine leere Liste.'),
    'words-unknown': again(
      `Annotieren Sie diese Wörter, oder lassen Sie nichts aus ihnen lernen. Wählen Sie dafür „${importer.maskUnknown}“.`,
    ),
    'several-annotators': again(`Wählen Sie mit „${importer.fields.annotator}“, wessen Labels gelernt werden.`),
    'annotators-differ': source('Entscheiden Sie, was richtig ist, und kennzeichnen Sie es als Ground Truth.'),
    'splits-named': again(
      'Schreiben Sie die Einträge jedes Splits in eine eigene Datei, und importieren Sie diese Dateien.',
    ),
    'partly-labelled': source(
      'Annotieren Sie sie, oder nehmen Sie sie heraus. Ein Text ohne Entitäten braucht eine leere Liste.',
    ),
    'empty-record': 'Prüfen Sie, ob dort, wo sie herkommen, ein Text verloren ging.',
    'not-a-number': source('Schreiben Sie den Wert, der gemeint ist, oder `null`.'),
    'lone-surrogate': source('Exportieren Sie den Text erneut, oder entfernen Sie die halben Zeichen.'),
    'text-missing':
      'Legen Sie die Texte in den Ordner dieser Datei, und importieren Sie den Ordner. Ein Archiv entpacken Sie zuerst.',
    'answer-skipped': null,
    'span-rejected': null,
    encoding: again(`Sieht die Zeile falsch aus, wählen Sie die Kodierung ${at(importer.fields.encoding)}.`),
    'nul-character': source('Entfernen Sie sie: Beim Erstellen der Datei ist etwas schiefgegangen.'),
    'file-ignored': again(
      'Enthält sie Daten, nehmen Sie `train`, `dev` oder `test` in ihren Namen auf, oder fügen Sie sie einzeln hinzu.',
    ),
    'files-joined': null,
    'formats-differ': source('Fehlt etwas in den Dokumenten, speichern Sie alle Dateien eines Splits in einem Format.'),
    'split-guessed': again('Ist das nicht der richtige Split, wählen Sie neben dem Namen der Datei einen anderen.'),
    unreadable:
      'Prüfen Sie, ob die Datei noch da ist und ob Tagsmith sie lesen darf. Sonst nehmen Sie sie von der Liste, oder wählen Sie eine andere.',
    directory: 'Wählen Sie eine Datendatei darin.',
    undecodable: again(
      `Prüfen Sie, ob die Datei vollständig ist. Hat sie eine andere Kodierung, wählen Sie diese ${at(importer.fields.encoding)}.`,
    ),
    'unknown-encoding': again(`Wählen Sie eine andere Kodierung ${at(importer.fields.encoding)}.`),
    'bad-archive': 'Entpacken Sie es mit einem anderen Programm, und importieren Sie die Datendateien darin.',
    'too-large':
      'Vertrauen Sie der Datei, entpacken Sie sie mit einem anderen Programm, und importieren Sie, was herauskommt.',
    'several-files': 'Importieren Sie eine davon, oder den Ordner, in dem sie liegen.',
    'no-data': 'Wählen Sie einen Ordner oder ein Archiv mit CoNLL-, JSON-, CSV- oder Parquet-Dateien.',
    'unsupported-format': 'Speichern Sie die Daten in einem anderen Format, zum Beispiel als JSONL oder CoNLL.',
    damaged: 'Prüfen Sie, ob die Datei vollständig ist, oder exportieren Sie die Daten erneut.',
    'no-such-column': again(`Wählen Sie die Spalten ${reading}.`),
    'column-type': source(
      'Schreiben Sie sie als Text, als ganze Zahlen oder als Listen davon, und geben Sie jeder Spalte einen eigenen Namen.',
    ),
    'annotations-ignored': source('Sind das Entitäten, geben Sie jeder ein einziges Label.'),
    'predictions-ignored': null,
    'relations-ignored': null,
    'results-ignored': null,
    'result-unreadable': again('Exportieren Sie die Labels eines Projekts mit reinem Text.'),
    'texts-ignored': source('Soll aus diesen Texten gelernt werden, speichern Sie sie in einer eigenen Datei.'),
    'span-groups-ignored': source('Sollen diese gelernt werden, speichern Sie sie als Entitäten der Dokumente.'),
    'bad-annotation': source('Berichtigen Sie sie.'),
    'bad-chunk': source(`Schreiben Sie jedes Textstück als \`{"text": …, "entity": LABEL}\`.`) + leftOut,
    'line-ends-joined': again(
      `Liegen Entitäten mit jeder Zeile um eins daneben, zählen Sie anders ${at(importer.fields.lineEnds)}.`,
    ),
    'offsets-utf16': again(
      `Sind die falschen Buchstaben markiert, wählen Sie, was gezählt wird, ${at(importer.fields.offsets)}.`,
    ),
    'spans-of-tokens': again(`Sind die Entitäten ein Wort zu kurz, wählen Sie ${option(importer.inclusiveEnds)}.`),
    'range-rows': source(
      'Taggen Sie die Wörter selbst, und geben Sie Zeilen, die mehrere Wörter umfassen, das Tag `_`.',
    ),
    'table-columns': again(`Sind das nicht die richtigen Spalten, wählen Sie andere ${reading}.`),
    'one-sentence': again(
      `Trennen Sie Sätze durch eine leere Zeile. In einer Tabelle wählen Sie die Spalte mit den Nummern der Sätze ${reading}.`,
    ),
    'sentence-again': source('Sortieren Sie die Zeilen nach Sätzen.'),
    'too-few-columns':
      source('Geben Sie jeder Zeile ein Wort und sein Tag. Wo ein Satz endet, lassen Sie eine Zeile leer.') + leftOut,
    'too-many-columns': source('Enthalten Wörter Leerzeichen, trennen Sie die Spalten durch Tabs.') + leftOut,
    'column-count': source(
      'Prüfen Sie diese Zeilen. Enthalten Wörter Leerzeichen, trennen Sie die Spalten durch Tabs.',
    ),
    'mixed-separators': source('Trennen Sie alle Spalten durch Tabs.'),
    'several-tag-columns': again(`Soll eine andere gelernt werden, wählen Sie sie ${reading}.`),
    'tag-column': again(`Ist es nicht die richtige Spalte, wählen Sie eine andere ${reading}.`),
    'empty-token': null,
    'tokens-misfit': source(
      'Prüfen Sie, ob Wörter und Text zusammengehören, oder nehmen Sie eines von beiden aus dem Eintrag heraus.',
    ),
    'tag-count': source(`Geben Sie jedem Wort ein Tag, außerhalb von Entitäten \`O\`.`) + leftOut,
    'bad-tag':
      again(
        `Schreiben Sie \`B-\` oder \`I-\` und ein Label, und außerhalb von Entitäten \`O\`. Die Namen von Zahlen geben Sie an ${at(importer.fields.labels)}.`,
      ) + leftOut,
    'tag-repaired': source('Berichtigen Sie die Tags.'),
    'tag-spelling': null,
    'bare-labels': null,
    'no-labels': null,
    'io-touching': source('Sind es zwei Entitäten, speichern Sie die Datei in IOB2, mit `B-` am Anfang jeder Entität.'),
    'span-out-of-range':
      again(`Berichtigen Sie die Offsets, oder wählen Sie, was sie zählen, ${at(importer.fields.offsets)}.`) + leftOut,
    'span-empty':
      source('Berichtigen Sie Anfang und Ende: Das Ende ist die Position hinter dem letzten Zeichen.') + leftOut,
    'span-reversed': source('Vertauschen Sie Anfang und Ende.') + leftOut,
    'span-not-integer': source('Schreiben Sie ganze Zahlen, die Zeichen ab 0 zählen.') + leftOut,
    'span-malformed':
      again(
        `Geben Sie jeder Entität Anfang, Ende und Label. Die Namen von Zahlen geben Sie an ${at(importer.fields.labels)}.`,
      ) + leftOut,
    'bad-spans': source(`Schreiben Sie eine Liste aus \`[start, end, label]\`.`) + leftOut,
    'several-span-lists': source('Schreiben Sie alle Entitäten eines Eintrags in eine Liste.'),
    'span-overlapping':
      source(
        'Das Modell lernt die, die zuerst beginnt, und von zwei, die zusammen beginnen, die längere. Ist die andere gemeint, nehmen Sie diese heraus.',
      ) + oneKept,
    'span-discontinuous': source('Annotieren Sie die Stücke einzeln, oder alles vom ersten bis zum letzten.') + leftOut,
    'span-text-differs': source('Prüfen Sie die Offsets, und ob der Text der ist, der annotiert wurde.'),
    'span-edge-space': source('Nehmen Sie den Leerraum aus der Entität heraus.'),
    'span-cuts-word': source('Erweitern Sie die Entität bis zu den Rändern des Wortes.'),
    'span-cuts-run': again(
      'Muss die Grenze genau sein, importieren Sie den Text in Wörtern: als Tokens oder in Spalten geschrieben.',
    ),
    'span-without-word': source('Entfernen Sie die Entität, oder setzen Sie sie auf ein Wort.'),
    'offsets-unit': again(`Wählen Sie, was sie zählen, ${at(importer.fields.offsets)}.`),
    'offsets-shifted': again(`Berichtigen Sie sie ${at(importer.fields.shift)}.`),
    'offsets-inclusive': again(`Wählen Sie ${option(importer.inclusiveEnds)}.`),
    'label-not-in-train': source('Prüfen Sie die Schreibweise, oder ergänzen Sie Beispiele in den Trainingsdaten.'),
    'label-only-in-train': `${source('Ergänzen Sie Beispiele in Dev und Test.')} Oder teilen Sie die Daten${later} mit „${split.button}“ auf.`,
    'labels-alike': `Bedeuten sie dasselbe, führen Sie sie ${labels} zusammen.`,
    'label-has-prefix': source('Schreiben Sie jede Entität als Ganzes, mit einem Label ohne Präfix.'),
    'label-outside': `Lassen Sie das Label ${labels} weg.`,
    'label-rare': `${source('Ergänzen Sie Beispiele.')} Oder führen Sie das Label ${labels} mit einem anderen zusammen, oder lassen Sie es dort weg.`,
    'empty-document': source('Entfernen Sie sie, oder finden Sie heraus, wo ihr Text verloren ging.'),
    duplicate: source('Entfernen Sie die Wiederholungen.'),
    'duplicate-labelled-differently': source('Entscheiden Sie, was richtig ist, und annotieren Sie beide gleich.'),
    overlap: `${source('Nehmen Sie sie aus einem der beiden Splits heraus.')} Oder teilen Sie die Daten${later} mit „${split.button}“ auf.`,
    'near-overlap': `${source('Nehmen Sie sie aus einem der beiden Splits heraus.')} Oder teilen Sie die Daten${later} mit „${split.button}“ auf.`,
    'control-character': source('Nehmen Sie sie aus dem Text heraus, oder exportieren Sie den Text erneut.'),
    'format-character': source('Sind sie nicht gemeint, nehmen Sie sie aus dem Text heraus.'),
    'replacement-character': again(
      'Exportieren Sie den Text erneut in der richtigen Kodierung: Was verloren ist, lässt sich hier nicht wiederherstellen.',
    ),
    mojibake: again(
      `Exportieren Sie den Text erneut in UTF-8, oder wählen Sie seine Kodierung ${at(importer.fields.encoding)}.`,
    ),
    'too-long': `Es muss nichts geschehen. Eine größere „${fields.max_length.title}“ ergibt weniger Fenster, wenn das Modell es erlaubt.`,
    'word-without-pieces': 'Es muss nichts geschehen: Das Wort zählt als außerhalb jeder Entität.',
    'unknown-pieces': 'Wählen Sie ein Modell, das die Sprache und die Schrift der Texte kennt.',
    'label-unusual':
      source('Sehen Sie die Stellen an, und annotieren Sie sie gleich, wenn nichts anderes gemeint ist.') + alike,
    'label-varies':
      source('Sehen Sie die Stellen an, und legen Sie eine Regel fest, wo der Kontext nicht entscheidet.') + alike,
    'likely-missed': source('Annotieren Sie die Stelle, wenn hier nichts anderes gemeint ist.'),
  };
}

export const remedies: typeof en = { file: remediesAt('file'), import: remediesAt('import'), data: remediesAt('data') };

// The overview of a data set: its counts, and whether its annotators agree.

import { count } from '../../format';
import type { agreement as enAgreement, statistics as enStatistics } from '../en/statistics';
import { many } from './words';

export const statistics: typeof enStatistics = {
  loading: 'Wird gezählt…',
  failed: 'Die Statistik konnte nicht gelesen werden',
  perDocument: 'Entitäten pro Dokument',
  perDocumentAbout: (documents) =>
    documents ? `${many(documents, 'Dokument hat', 'Dokumente haben')} keine.` : 'Jedes Dokument hat mindestens eine.',
  perDocumentBin: (from, to, documents) =>
    `${to - from > 1 ? `${from} bis ${to - 1} Entitäten` : many(from, 'Entität', 'Entitäten')}: ${many(documents, 'Dokument', 'Dokumente')}`,
  density: 'Wörter in Entitäten',
  densityHelp:
    'Der Anteil der Wörter, die zu einer Entität gehören. Unter 1 % lernt ein Modell langsam, weil fast keines der Wörter, die es sieht, ein Label hat.',
  shares: 'Anteil jedes Labels an den Entitäten jedes Splits',
  share: (split, share, number) => `${split}: ${share}, ${count(number)}`,
  overlap: 'Überschneidung der Splits',
  overlapAbout:
    'Ein Modell merkt sich die Dokumente von Train. Stehen sie auch in Dev oder Test, sind die Werte zu gut.',
  overlapNone: 'Kein Text steht in zwei Splits.',
  overlapOf: (second, first) => `${second} in ${first}`,
  same: (documents) => many(documents, 'Duplikat', 'Duplikate'),
  near: (documents) => many(documents, 'Beinahe-Duplikat', 'Beinahe-Duplikate'),
  oneSplit: 'Es gibt nur einen Split.',
};

export const agreement: typeof enAgreement = {
  title: 'Übereinstimmung der Annotierenden',
  about: (people, texts) =>
    `${many(people, 'Person hat', 'Personen haben')} ${many(texts, 'Text', 'Texte')} annotiert: ${people === 2 ? 'Cohens Kappa' : 'Krippendorffs Alpha'}, nach Wörtern. 1 ist volle Übereinstimmung, 0 das, was der Zufall allein ergäbe.`,
  people: (names, more) => (more ? `${names.join(', ')} und ${count(more)} weitere` : names.join(', ')),
  label: 'Label',
  value: (people) => (people === 2 ? 'Kappa' : 'Alpha'),
  votes: 'Markierte Wörter',
  all: 'Alle Labels',
  undefined: 'nicht definiert',
};

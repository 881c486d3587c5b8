// Scoring a model on another data set.

import { count, score } from '../../format';
import type { evaluation as en } from '../en/evaluation';
import { many } from './words';

export const evaluation: typeof en = {
  new: 'Ein Modell auf anderen Daten bewerten…',
  title: 'Modell bewerten',
  about: 'Vergleicht die Entitäten, die ein Modell findet, mit denen, die in einem Datensatz annotiert sind.',
  model: 'Modell',
  data: 'Datensatz',
  split: 'Zu bewertender Split',
  go: 'Bewerten',
  documents: (number) => many(number, 'Dokument', 'Dokumente'),
  splitOption: (name, documents) => `${name} (${count(documents)})`,
  each: 'Jeder Split wird für sich bewertet; einen Wert für alle zusammen gibt es nicht.',
  learned: 'Das Modell wurde auf diesen Texten trainiert und wird darum besser aussehen, als es ist.',
  unknown: (labels) => `Das Modell kennt ${labels.join(', ')} nicht. Solche Entitäten werden als übersehen zählen.`,
  needModel: 'Es gibt noch kein Modell mit Labels. Trainieren Sie eines, oder fügen Sie unter Modelle eines hinzu.',
  needData: 'Es gibt noch keinen Datensatz. Importieren Sie unter Daten einen.',
  of: (data, part) => `${data} · ${part}`,
  status: { running: 'Wird bewertet', finished: 'Fertig', cancelled: 'Abgebrochen', failed: 'Fehlgeschlagen' },
  preparing: 'Modell wird gelesen…',
  progress: (done, total) => `${count(done)} von ${many(total, 'Dokument', 'Dokumenten')}`,
  cancel: 'Abbrechen',
  again: 'Erneut bewerten',
  cancelled: 'Abgebrochen',
  cancelledAbout: 'Es wurde abgebrochen, bevor alle Dokumente bewertet waren; darum gibt es keine Werte.',
  failed: 'Die Bewertung ist fehlgeschlagen',
  remove: 'Diese Bewertung löschen',
  removeTitle: 'Diese Bewertung löschen?',
  removeAbout: 'Das Modell und die Daten bleiben.',
  listLoading: 'Wird gelesen…',
  listFailed: 'Diese Bewertungen konnten nicht gelesen werden',
  done: (model, data, f1) => `${model} auf ${data}: F1 ${score(f1)}.`,
  doneAll: (model, data) => `${model} ist auf jedem Split von ${data} bewertet.`,
  broke: (model, data) => `Die Bewertung von ${model} auf ${data} ist fehlgeschlagen.`,
};

// The screen Highlight.

import { count, score } from '../../format';
import { highlight as english, type highlight as en } from '../en/highlight';
import { common } from './common';
import { many } from './words';

export const highlight: typeof en = {
  title: 'Markieren',
  about: 'Sehen Sie, welche Entitäten ein Modell in Ihrem Text findet.',
  model: 'Modell',
  secondModel: 'Zweites Modell',
  open: 'Text öffnen…',
  clear: 'Leeren',
  cleared: 'Der Text wurde entfernt.',
  compare: 'Zwei Modelle',
  text: 'Ihr Text',
  hideText: 'Textfeld ausblenden',
  showText: 'Textfeld einblenden',
  folded: 'Der Text ist lang, darum ist das Textfeld ausgeblendet. „Textfeld einblenden“ holt es zurück.',
  placeholder: 'Text hier eingeben oder einfügen…',
  trySample: 'Beispiel ausprobieren',
  // In English, as the sample data and most models are.
  example: english.example,
  noModel: 'Noch kein trainiertes Modell',
  noModelAbout:
    'Zum Markieren braucht es ein Modell, das Ihre Labels gelernt hat. Trainieren Sie eines: Das dauert wenige Minuten.',
  goTrain: 'Zu Training',
  nothing: 'Noch nichts zu markieren',
  nothingAbout: 'Geben Sie oben einen Text ein. Entitäten erscheinen hier, während Sie tippen.',
  failed: 'Dieser Text konnte nicht getaggt werden',
  cancelled: 'Angehalten',
  cancelledAbout: 'Die Vorbereitung der GPU wurde angehalten, darum wurde der Text nicht getaggt.',
  libraryFailed: 'Die Modelle konnten nicht gelesen werden',
  loading: 'Trainierte Modelle werden gesucht…',
  busy: 'Wird getaggt…',
  progress: (done, total) => `${count(done)} von ${many(total, 'Absatz', 'Absätzen')}`,
  stopped: 'Angehalten: Der Rest des Textes ist nicht getaggt.',
  goOn: 'Rest taggen',
  nextDifference: 'Nächster Unterschied',
  result: (model) => `Entitäten, die ${model} gefunden hat`,
  found: (entities) => many(entities, 'Entität', 'Entitäten'),
  foundBelow: (hidden) => `${count(hidden)} ausgeblendet`,
  legend: 'Labels',
  legendHelp: 'Ein Klick auf ein Label blendet es aus oder ein.',
  legendEmpty: 'Hier erscheinen die Labels des Modells.',
  threshold: 'Mindestkonfidenz',
  thresholdHelp: 'Blendet Entitäten mit niedrigerer Konfidenz aus. Das betrifft nur, was angezeigt und kopiert wird.',
  copy: 'Kopieren als',
  copied: (model, done, total) =>
    done < total
      ? `Kopiert ist, was ${model ? `${model} bisher gefunden hat` : 'bisher gefunden wurde'}: ${count(done)} von ${many(total, 'Absatz', 'Absätzen')}.`
      : model
        ? `Kopiert ist, was ${model} gefunden hat.`
        : common.copied,
  kinds: { json: 'JSON', csv: 'CSV', html: 'HTML', list: 'Liste' },
  details: { label: 'Label', certainty: 'Konfidenz', place: 'Zeichen' },
  place: (from, to) => `${count(from)}–${count(to)}`,
  certainty: (value) => `${score(value)} %`,
  differences: (same, first, second) => `${count(same)} gleich\n${count(first)} nur links\n${count(second)} nur rechts`,
};

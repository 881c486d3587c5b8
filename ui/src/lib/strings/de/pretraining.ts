// Pretraining on one’s own text.

import { count } from '../../format';
import type { pretraining as en } from '../en/pretraining';
import { many } from './words';

export const pretraining: typeof en = {
  title: 'Vortraining',
  open: 'Auf eigenem Text vortrainieren…',
  dialogTitle: (model) => `„${model}“ auf eigenem Text vortrainieren`,
  about:
    'Das Modell liest Text ohne Labels und lernt, darin maskierte Wörter vorherzusagen. Das kann helfen, wenn Ihr Text anders ist als das, was das Modell kennt, und Sie viel mehr davon haben als annotierte Dokumente: Tausende von Sätzen. Es hilft nicht immer. Ob es hilft, zeigt ein Teil des Textes, der zurückgehalten wird.',
  text: 'Text',
  choose: 'Dateien auswählen…',
  chooseMore: 'Dateien hinzufügen…',
  noText: 'Noch kein Text ausgewählt',
  textAbout: 'Reiner Text mit einem Dokument pro Zeile, oder jedes importierbare Format; Labels werden ignoriert.',
  leaveOut: (name) => `${name} weglassen`,
  name: 'Name des neuen Modells',
  epochs: 'Epochen',
  epochsAbout: 'Höchstzahl der Durchgänge durch den Text. Bringen zwei in Folge nichts, endet es früher.',
  epochsAutomatic: 'automatisch: 10',
  epochsRange: 'Bitte eine ganze Zahl ab 1 eingeben oder leer lassen.',
  start: 'Vortraining starten',
  reading: 'Text wird gelesen…',
  headFirst: 'Ein neuer Head für maskierte Wörter wird vorbereitet…',
  progress: (step, steps) => `Schritt ${count(step)} von ${count(steps)}`,
  left: (time) => `noch ${time}`,
  documents: (train, heldOut) => `${many(train, 'Dokument', 'Dokumente')} zum Lernen, ${count(heldOut)} zurückgehalten`,
  heldOut: 'Maskierte Wörter des zurückgehaltenen Textes',
  columns: { epoch: 'Epoche', loss: 'Loss', perplexity: 'Perplexität' },
  before: 'vorher',
  best: 'bestes',
  evaluationAbout:
    'Perplexität: zwischen wie vielen Wörtern das Modell im Mittel schwankt. Niedriger ist besser. Ob mehr Entitäten gefunden werden, zeigt erst das Training.',
  came: {
    better: (before, after, hasNewHead) =>
      `Der Loss auf maskierten Wörtern des zurückgehaltenen Textes ist von ${before} auf ${after} gefallen${hasNewHead ? ', zum Teil, weil der neue Head weiterlernt' : ''}. Ob mehr Entitäten gefunden werden, zeigt erst das Training: Trainieren Sie mit beiden Modellen und vergleichen Sie.`,
    none: (model, before, epochs) =>
      `Das hat nicht geholfen: Bleiben Sie bei „${model}“. Der Loss auf maskierten Wörtern des zurückgehaltenen Textes war vorher ${before} und nach ${many(epochs, 'Epoche', 'Epochen')} nicht niedriger.`,
  },
  stop: 'Anhalten',
  end: 'Sofort beenden',
  stopping: 'Wird nach diesem Schritt angehalten…',
  resume: 'Fortsetzen',
  remove: 'Löschen',
  removeTitle: (name) => `Vortraining „${name}“ löschen?`,
  removeAbout: 'Sein Protokoll und seine Checkpoints werden gelöscht. Das Modell, das daraus entstand, bleibt.',
  removeAboutNone: 'Sein Protokoll und seine Checkpoints werden gelöscht.',
  use: 'Zum Training verwenden',
  madeFrom: (model, files) => `${model}, auf ${files.join(', ')}`,
  status: { running: 'Läuft', finished: 'Fertig', stopped: 'Angehalten', failed: 'Fehlgeschlagen' },
  useless: 'Kein Gewinn',
  ended: {
    finished: (model) => `Das Vortraining ist fertig. „${model}“ kann zum Training verwendet werden.`,
    useless: (name) =>
      `Das Vortraining „${name}“ ist fertig: Maskierte Wörter werden nicht besser vorhergesagt als vorher.`,
    stopped: (name) => `Das Vortraining „${name}“ wurde angehalten.`,
    failed: (name) => `Das Vortraining „${name}“ ist fehlgeschlagen.`,
  },
};

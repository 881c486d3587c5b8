// What the scores mean, and what to do next.

import { count, score } from '../../format';
import type { judgement as en } from '../en/judgement';
import { inWords, many } from './words';

export const judgement: typeof en = {
  title: 'Was die Werte bedeuten',
  nothing: (predicted) =>
    predicted === 0
      ? 'Es hat noch nichts gelernt: Es findet keine Entitäten.'
      : predicted === 1
        ? 'Es hat noch nichts gelernt: Die eine Entität, die es findet, ist falsch.'
        : `Es hat noch nichts gelernt: Keine der ${count(predicted)} Entitäten, die es findet, ist richtig.`,
  foreign: (labels, entities, all) =>
    `Das Modell kennt ${inWords(labels)} nicht und kann deshalb ${
      entities < all ? `${count(entities)} der ${count(all)} Entitäten` : 'keine der Entitäten'
    } hier finden.`,
  noEntities: 'Es gibt nichts zu bewerten: Diese Dokumente haben keine annotierten Entitäten.',
  headline: (f1, [low, high], against, hasCopies) => {
    const but = against.length ? `, aber ${inWords(against)}` : '';
    const whole = (value: number) => String(Math.round(value * 100));
    return hasCopies
      ? `F1 ${score(f1)}${but}: Auf neuem Text ist weniger zu erwarten.`
      : `F1 ${score(f1)}${but}: Auf neuem Text dieser Art sind ${whole(low)} bis ${whole(high)} zu erwarten.`;
  },
  early: (step, steps) => `das Training wurde bei Schritt ${count(step)} von ${count(steps)} angehalten`,
  few: (entities) => `es ${entities === 1 ? 'wurde' : 'wurden'} nur ${many(entities, 'Entität', 'Entitäten')} bewertet`,
  copies: (documents, all) =>
    `${count(documents)} von ${many(all, 'Dokument', 'Dokumenten')} ${documents === 1 ? 'steht' : 'stehen'} (fast) genauso in Train`,
  unknown: (labels) => `das Modell kennt ${labels.join(', ')} nicht`,
  oneLabel: (label, without) => `${label} zieht es nach unten (ohne: ${score(without)})`,
  weakest: (label, f1) => `Schwächstes Label: ${label}, F1 ${score(f1)}`,
  weakestKind: {
    missed: (number) => `${count(number)} übersehen`,
    spurious: (number) => many(number, 'Fehlalarm', 'Fehlalarme'),
    boundary: (number) => `${count(number)} mit falschen Grenzen`,
    label: (number, other) => `${count(number)} mit einem anderen Label verwechselt, meist ${other}`,
  },
  ofMistakes: (mistakes, kind) => `${count(mistakes)} Fehler: ${kind}`,
  show: 'Seine Fehler anzeigen',
  merge: 'Labels anzeigen',
  next: 'Was als Nächstes zu tun ist',
  advice: {
    early: 'Setzen Sie den Lauf fort, und beurteilen Sie das Modell, wenn er zu Ende ist.',
    nothing: 'Prüfen Sie unter Daten, ob die Labels stimmen; trainieren Sie dann länger oder mit höherer Lernrate.',
    noEntities: 'Bewerten Sie einen Split, der annotierte Entitäten hat.',
    few: (enough) =>
      `Annotieren Sie mehr Testdokumente: Mit etwa ${many(enough, 'Entität', 'Entitäten')} ist F1 auf 5 genau bekannt.`,
    copies:
      'Verschieben Sie die Kopien nach Train (Daten, Befunde), oder teilen Sie neu auf; trainieren Sie dann erneut.',
    unknown:
      'Wenn diese Labels dasselbe bedeuten wie Labels des Modells, benennen Sie sie unter Daten um. Sonst trainieren Sie ein Modell mit diesen Daten.',
    missed: (label) => `Fügen Sie Train Beispiele für ${label} hinzu.`,
    spurious: (label) =>
      `Prüfen Sie, ob ${label} überall annotiert ist, wo es vorkommt, und fügen Sie Texte ohne ${label} hinzu.`,
    boundary: (label) => `Legen Sie fest, wo ${label} beginnt und endet, und annotieren Sie es überall so.`,
    label: (label, other) =>
      `Legen Sie fest, was ${label} von ${other} unterscheidet, und annotieren Sie beide nach derselben Regel.`,
    same: (label, other) =>
      `${label} und ${other} sind ein Label in zwei Schreibweisen: Führen Sie sie unter Daten, Labels zusammen, und trainieren Sie dann erneut.`,
    good: 'Probieren Sie es unter Markieren mit eigenem Text aus.',
  },
  worst: 'Sehen Sie sich diese zuerst an',
  worstAbout:
    'Die Fehler, bei denen sich das Modell am sichersten ist: Entweder versteht es etwas falsch, oder die Labels sind falsch.',
  sure: (value) => `zu ${score(value)} % sicher`,
};

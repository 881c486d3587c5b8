// What the scores mean, and what to do next.

import { count, score } from '../../format';
import { inWords, many } from './words';

export const judgement = {
  title: 'What the scores mean',
  nothing: (predicted: number) =>
    predicted === 0
      ? 'It has learned nothing yet: it finds no entities.'
      : `It has learned nothing yet: none of the ${many(predicted, 'entity', 'entities')} that it finds is right.`,
  foreign: (labels: string[], entities: number, all: number) =>
    `The model does not know ${inWords(labels)}, so it cannot find ${
      entities < all ? `${count(entities)} of the ${count(all)} entities` : 'any of the entities'
    } here.`,
  noEntities: 'There is nothing to score: these documents have no labelled entities.',
  headline: (f1: number, [low, high]: readonly [number, number], against: string[], hasCopies: boolean) => {
    const but = against.length ? `, but ${inWords(against)}` : '';
    const whole = (value: number) => String(Math.round(value * 100));
    return hasCopies
      ? `F1 ${score(f1)}${but}: expect less on new text.`
      : `F1 ${score(f1)}${but}: on new text of this kind, expect ${whole(low)} to ${whole(high)}.`;
  },
  /** What is against a figure, after “but”. */
  early: (step: number, steps: number) => `training was stopped at step ${count(step)} of ${count(steps)}`,
  few: (entities: number) => `only ${many(entities, 'entity was', 'entities were')} scored`,
  copies: (documents: number, all: number) =>
    `${count(documents)} of ${many(all, 'document', 'documents')} ${documents === 1 ? 'is' : 'are'} (nearly) in train as well`,
  unknown: (labels: string[]) => `the model does not know ${labels.join(', ')}`,
  oneLabel: (label: string, without: number) => `${label} pulls it down (without it: ${score(without)})`,
  weakest: (label: string, f1: number) => `Weakest label: ${label}, F1 ${score(f1)}`,
  /** After the number of its mistakes. */
  weakestKind: {
    missed: (number: number) => `${count(number)} missed`,
    spurious: (number: number) => many(number, 'false alarm', 'false alarms'),
    boundary: (number: number) => `${count(number)} with wrong boundaries`,
    label: (number: number, other: string) => `${count(number)} confused with another label, mostly ${other}`,
  },
  ofMistakes: (mistakes: number, kind: string) => `${many(mistakes, 'mistake', 'mistakes')}: ${kind}`,
  show: 'Show its mistakes',
  merge: 'Show the labels',
  next: 'What to do next',
  advice: {
    early: 'Resume the run, and judge the model when it has come to its end.',
    nothing: 'Check in Data that the labels are right, then train longer or with a higher learning rate.',
    noEntities: 'Score a split that has labelled entities.',
    few: (enough: number) =>
      `Label more test documents: with about ${many(enough, 'entity', 'entities')}, F1 is known to within 5.`,
    copies: 'Move the copies to train (Data, Findings), or split again; then train again.',
    unknown:
      'If these labels mean the same as labels of the model, rename them in Data. Otherwise train a model on this data.',
    missed: (label: string) => `Add examples of ${label} to train.`,
    spurious: (label: string) =>
      `Check that ${label} is labelled everywhere it occurs, and add texts that do not contain it.`,
    boundary: (label: string) => `Decide where ${label} begins and ends, and label it that way everywhere.`,
    label: (label: string, other: string) =>
      `Decide what separates ${label} from ${other}, and label both by the same rule.`,
    same: (label: string, other: string) =>
      `${label} and ${other} are one label in two spellings: merge them in Data, under Labels, then train again.`,
    good: 'Try it on your own text in Highlight.',
  },
  worst: 'Look at these first',
  worstAbout: 'The mistakes that the model is surest of: either it misunderstands something, or the labels are wrong.',
  sure: (value: number) => `${score(value)} % sure`,
};

// The steps that the help shows, each by the screen that it is done on.

export const STEPS = ['models', 'data', 'train', 'results', 'highlight'] as const;
export type Step = (typeof STEPS)[number];

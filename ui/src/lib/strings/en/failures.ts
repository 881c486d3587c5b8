// Why something failed, and what a run warns of: in English, the programs behind the page say it themselves.

import type { FailureTexts, WarningTexts } from '../failure';

export const failures: { codes: Partial<FailureTexts>; warnings: Partial<WarningTexts>; original: string } = {
  codes: {},
  warnings: {},
  original: 'In English:',
};

// What Results shows of a report: the split, the tab, the filter, and the document to scroll to. It outlives the
// screen, so that whoever looks at a document in Data comes back to the same place.

import { noFilter, type Filter } from './mistake-filter';

export type ResultsTab = 'scores' | 'confusion' | 'errors';

export class ResultsView {
  /** The report that it is about: of a run or an evaluation. */
  #of = '';
  /** The run that it began with where none was chosen: one that ends meanwhile does not take its place. */
  begunWith = $state('');
  split = $state('test');
  tab = $state<ResultsTab>('scores');
  filter = $state.raw<Filter>(noFilter);
  /** The document that is scrolled to, by its number in the split. */
  document = $state<number | undefined>(undefined);

  /** Another report begins with all its mistakes; split and tab stay. */
  show(report: string): void {
    if (report === this.#of) return;
    this.#of = report;
    this.filter = noFilter;
    this.document = undefined;
  }

  /** Wrong predictions, all or some. */
  mistakes(filter: Filter, document?: number): void {
    this.filter = filter;
    this.document = document;
    this.tab = 'errors';
  }
}

// The orders in which runs and studies are listed.

import type { Run, Study } from '../client/client';
import { byName } from '../format';

export const ORDERS = ['newest', 'name', 'test', 'dev', 'starred'] as const;
export type Order = (typeof ORDERS)[number];
export type Listed = { run?: Run; study?: Study };

export function isOrder(order: string): order is Order {
  return (ORDERS as readonly string[]).includes(order);
}

/** Runs and studies together; what lacks a score comes behind what has one, and equals stand newest first. */
export function sorted(runs: Run[], studies: Study[], order: Order): Listed[] {
  const listed: Listed[] = [...runs.map((run) => ({ run })), ...studies.map((study) => ({ study }))];
  const of = ({ run, study }: Listed) => run ?? study;
  const newest = (a: Listed, b: Listed) => (of(b)?.created ?? '').localeCompare(of(a)?.created ?? '');
  const number: Record<Order, (one: Listed) => number> = {
    newest: () => 0,
    name: () => 0,
    test: ({ run }) => run?.test_f1 ?? -1,
    dev: ({ run, study }) => run?.best_f1 ?? study?.seeds?.dev?.mean ?? -1,
    starred: ({ run }) => (run?.starred ? 1 : 0),
  };
  return listed.sort((a, b) => {
    if (order === 'name') {
      const named = byName(of(a)?.name ?? '', of(b)?.name ?? '');
      if (named !== 0) return named;
    }
    return number[order](b) - number[order](a) || newest(a, b);
  });
}

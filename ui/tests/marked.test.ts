// Marked text: a label stays with its entity, and frames leave the letters beside them free.

import { render } from '@testing-library/svelte';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import Marked from '../src/lib/shared/Marked.svelte';

test('the label stays on the line of the last word of its entity', () => {
  const entity = { start: 4, end: 13, label: 'PERSON', text: 'Anna Berg' };
  const { container } = render(Marked, { text: 'Ask Anna Berg today', entities: [entity], hue: () => 0 });
  const mark = container.querySelector('.mark');
  // A line may end at a space, but not at this one.
  expect(mark?.textContent).toBe('Anna Berg\u00a0PERSON');
});

test('what a search looks for is marked, in plain text and in entities, which stay whole', () => {
  const entity = { start: 4, end: 13, label: 'PERSON', text: 'Anna Berg' };
  const found = (text: string, wanted: string) => {
    const { container } = render(Marked, { text, entities: [entity], hue: () => 0, wanted });
    expect(container.querySelector('.mark')?.textContent).toBe('Anna Berg\u00a0PERSON');
    expect(container.textContent).toBe(text.replace('Anna Berg', 'Anna Berg\u00a0PERSON'));
    return [...container.querySelectorAll('[data-found]')].map((one) => one.textContent);
  };
  expect(found('Ask Anna Berg today', 'berg')).toEqual(['Berg']);
  // A match that reaches over the edge of an entity is marked on both sides of it.
  expect(found('Ask Anna Berg today', 'k anna')).toEqual(['k ', 'Anna']);
  // Signs are looked for as they are.
  expect(found('Ask Anna Berg? Ask (now)', '(')).toEqual(['(']);
  expect(found('Ask Anna Berg today', '')).toEqual([]);
});

test('frames that are drawn around a mark have room beside it', () => {
  const { 1: style = '' } = /<style>([^]*)<\/style>/.exec(readFileSync('src/lib/shared/Marked.svelte', 'utf8')) ?? [];
  for (const name of ['strong', 'pointed']) {
    const rule = new RegExp(`\\.${name} \\{([^}]*)\\}`).exec(style)?.[1] ?? '';
    expect(rule, name).toMatch(/outline|box-shadow/);
    expect(rule, name).toContain('margin-inline');
  }
});

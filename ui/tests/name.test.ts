// A name in a list: its end stays, and it is read as a whole.

import { render } from '@testing-library/svelte';
import { expect, test } from 'vitest';
import Name, { middleCut } from '../src/lib/shared/Name.svelte';

const LONG = 'Support tickets, all annotators, learning rate 5e-5 (copy)';
const upTo = (most: number) => (text: string) => text.length <= most;

test('of a long name the middle gives way, with dots and without a gap', () => {
  expect(middleCut(LONG, upTo(30))).toBe('Support tickets, a…5e-5 (copy)');
  expect(middleCut('Customer questions by Anna and Bob', upTo(24))).toBe('Customer qu…Anna and Bob');
  for (let room = 3; room < LONG.length; room += 1) {
    const cut = middleCut(LONG, upTo(room));
    expect(cut).toMatch(/^\S.*…\S*/);
    expect(cut).not.toMatch(/\s…|…\s/);
    expect(cut.length).toBeLessThanOrEqual(room);
  }
});

test('a name that fits is not cut', () => {
  expect(middleCut('Baseline', upTo(8))).toBe('Baseline');
  for (const props of [{ name: 'Baseline' }, { name: LONG, whole: true }]) {
    const { container } = render(Name, props);
    expect(container.textContent).toBe(props.name);
    expect(container.querySelector('.name')?.getAttribute('title')).toBe(props.name);
  }
});

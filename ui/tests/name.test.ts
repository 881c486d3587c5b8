// A name in a list: one line, of which the end stays, and all of it where it is chosen.

import { render } from '@testing-library/svelte';
import { expect, test } from 'vitest';
import Name from '../src/lib/shared/Name.svelte';

const LONG = 'Support tickets, all annotators, learning rate 5e-5 (copy)';

test('a long name keeps its end, and is read as a whole', () => {
  const { container } = render(Name, { name: LONG });
  expect(container.querySelector('.end')?.textContent).toBe('e 5e-5 (copy)'.slice(-12));
  expect(container.querySelector('.visually-hidden')?.textContent).toBe(LONG);
  expect(container.querySelector('.name')?.getAttribute('title')).toBe(LONG);
  for (const part of container.querySelectorAll('.begin, .end')) expect(part.getAttribute('aria-hidden')).toBe('true');
});

test('a short one, and a chosen one, is not cut', () => {
  for (const props of [{ name: 'Baseline' }, { name: LONG, whole: true }]) {
    const { container } = render(Name, props);
    expect(container.textContent).toBe(props.name);
    expect(container.querySelector('.end')).toBeNull();
  }
});

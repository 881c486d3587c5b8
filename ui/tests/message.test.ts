// Messages of the engine as the window shows them.
import { render } from '@testing-library/svelte';
import { expect, test } from 'vitest';
import Message from '../src/lib/shared/Message.svelte';

test.each([
  ['cannot read `a`', 'Cannot read a'],
  ['“train” has been imported.', '“train” has been imported.'],
  ['`train` is not a model', 'train is not a model'],
])('a name at the beginning of “%s” keeps its letters', (text, shown) => {
  expect(render(Message, { text }).container.textContent).toBe(shown);
});

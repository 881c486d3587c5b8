// Errors do not pile up: a few at once, and they go with their screen or when something succeeds.

import { screen } from '@testing-library/svelte';
import { expect, test, vi } from 'vitest';
import { Failure } from '../src/lib/client/client';
import { createFake } from '../src/lib/client/fake';
import { App } from '../src/lib/state/app.svelte';
import { Toasts } from '../src/lib/state/toasts.svelte';
import { strings } from '../src/lib/strings';
import { click, openAt } from './mount';

const fails = () => Promise.reject(new Failure('x', 'it failed', null));
const texts = ({ list }: Toasts) => list.map(({ text }) => text);

test('at most three are shown, the newest', () => {
  const toasts = new Toasts();
  for (const text of ['a', 'b', 'c', 'd']) toasts.error(text, null);
  expect(texts(toasts)).toEqual(['b', 'c', 'd']);
});

test('an error goes when its screen is left', async () => {
  const app = new App(createFake().client);
  await app.attempt(fails);
  expect(texts(app.toast)).toEqual(['it failed']);
  app.go(app.screen);
  expect(texts(app.toast)).toEqual(['it failed']);
  app.go('train');
  expect(texts(app.toast)).toEqual([]);
});

test('an offer goes when its screen is left, and a plain success stays', () => {
  const app = new App(createFake().client);
  app.toast.success('done', { title: 'Undo', run: () => {} });
  app.toast.success('copied');
  app.go(app.screen);
  expect(texts(app.toast)).toEqual(['done', 'copied']);
  app.go('train');
  expect(texts(app.toast)).toEqual(['copied']);
});

test('an error goes when something succeeds that was begun after it was seen', async () => {
  vi.useFakeTimers();
  const app = new App(createFake().client);
  await app.attempt(fails);
  // Of several things that are done in a row, the error of one stays.
  await app.attempt(async () => true);
  expect(texts(app.toast)).toEqual(['it failed']);
  vi.advanceTimersByTime(1500);
  await app.attempt(fails);
  expect(texts(app.toast)).toEqual(['it failed']);
  vi.advanceTimersByTime(1500);
  await app.attempt(async () => true);
  expect(texts(app.toast)).toEqual([]);
  vi.useRealTimers();
});

test('errors take their room from the screen, so that they cover no control', async () => {
  await openAt('Models', { prepare: (switches) => switches.refuse('models.addFolder', new Failure('x', 'no', null)) });
  await click(strings.models.addFolder);
  const alert = await screen.findByRole('alert');
  const section = alert.closest('.toasts');
  expect(section?.previousElementSibling?.tagName).toBe('MAIN');
  expect(alert.closest('.passing')).toBeNull();
});

// Every screen in the language of the page: it mounts, and shows its words.

import { screen } from '@testing-library/svelte';
import { expect, test } from 'vitest';
import { type Language, spoken } from '../../src/lib/language';
import { SCREENS } from '../../src/lib/state/app.svelte';
import { strings, trees } from '../../src/lib/strings';
import { choose, click, openAt, plain } from '../mount';

const words = strings;

export function describeScreens(language: Language): void {
  test('the page speaks it', () => {
    expect(spoken()).toBe(language);
    expect(strings).toBe(trees[language]);
  });

  test.each(SCREENS)('%s', async (name) => {
    await openAt(words.shell.names[name]);
    const own = name === 'train' ? words.train : words[name];
    expect(await screen.findByRole('heading', { name: own.title, level: 1 })).toBeTruthy();
    expect(screen.getByText(plain(own.about))).toBeTruthy();
    expect(screen.queryByText(trees.en[name].about)).toBeNull();
  });

  test('the settings of a run are named and checked in it', async () => {
    await openAt(words.shell.names.train);
    const { title } = words.fields.learning_rate;
    expect(title).not.toBe(trees.en.fields.learning_rate.title);
    await choose(title, '0,5');
    expect(await screen.findByText(plain(words.train.highRate))).toBeTruthy();
    await choose(title, '5');
    const fault = await screen.findByText(new RegExp(`^${words.train.expected('').split(' ')[0]} `));
    expect(fault.textContent).toContain('5e-5');
    expect(fault.textContent).not.toContain('a number');
  });

  test('the kinds of findings are named in it', async () => {
    await openAt(words.shell.names.data);
    await choose(words.data.choose, 'field-notes');
    await click(new RegExp(`^${words.data.tabs.findings}`), 'tab');
    expect((await screen.findAllByText(words.data.findings.titles['span-cuts-word'])).length).toBeGreaterThan(0);
  });
}

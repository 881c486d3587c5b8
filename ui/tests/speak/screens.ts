// Every screen in the language of the page: it mounts, and shows its words.

import { screen, within } from '@testing-library/svelte';
import { expect, test } from 'vitest';
import { type Language, spoken } from '../../src/lib/language';
import { SCREENS } from '../../src/lib/state/app.svelte';
import { strings, trees } from '../../src/lib/strings';
import { choose, click, openAt, plain } from '../mount';

const words = strings;

const textOf = (element: Element): string => plain(element.textContent);

/** A text of the engine or with names in backticks, as the page shows it but for its first letter. */
const asShown = (text: string): string => plain(text.replaceAll('`', '')).slice(1);

/** It is on the page, and only where that is marked as English. */
function expectOnlyAsEnglish(message: string): void {
  expect(textOf(document.body)).toContain(asShown(message));
  const own = document.body.cloneNode(true) as HTMLElement;
  for (const part of own.querySelectorAll('[lang="en"]')) part.remove();
  expect(textOf(own)).not.toContain(asShown(message));
}

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

  test('findings are in it, with what the engine says marked as English', async () => {
    const { world } = await openAt(words.shell.names.data);
    await choose(words.data.choose, 'field-notes');
    await click(new RegExp(`^${words.data.tabs.findings}`), 'tab');
    const { findings } = words.data;
    const remedies: Partial<Record<string, string | null>> = findings.remedies.data;
    expect((await screen.findAllByText(findings.titles['span-cuts-word'])).length).toBeGreaterThan(0);
    const shared = within(screen.getByRole('region', { name: findings.titles.overlap }));
    shared.getByRole('button', { name: findings.places(2) }).click();
    expect((await shared.findAllByText(/in line 13 of/)).length).toBeGreaterThan(0);
    const groups = world.data.find(({ set }) => set.id === 'field-notes')?.set.check.groups ?? [];
    expect(groups.length).toBeGreaterThan(5);
    for (const { code, first, fix, repair } of groups) {
      expectOnlyAsEnglish(first.message);
      if (fix && !repair) {
        expect(textOf(document.body)).not.toContain(asShown(fix));
        expect(textOf(document.body)).toContain(asShown(remedies[code] ?? ''));
      }
    }
  });

  test('a file that cannot be read is explained in it, and its line is said once', async () => {
    const { world } = await openAt(words.shell.names.data);
    world.nextFiles = ['/home/sam/Documents/broken.conll'];
    await click(words.data.import);
    const fault = await screen.findByTestId('file-error');
    expectOnlyAsEnglish('found 1 column (`ring`), expected 2 separated by tabs');
    const shown = textOf(fault);
    expect(shown).toContain(words.data.findings.titles['too-few-columns']);
    expect(shown).toContain(asShown(words.data.findings.remedies.file['too-few-columns']));
    expect(shown.split('27')).toHaveLength(2);
    expect(shown).toContain(plain(words.data.line(27)));
    expect(shown).not.toContain('broken.conll');
  });

  test('notes on a model, and why it cannot be trained, are in it', async () => {
    const message = 'the weights were taken out of a checkpoint of `lightning`';
    const reasons = ['the model type `xyz` is not supported', 'it has no tokenizer'];
    await openAt(words.shell.names.models, {
      prepare: (_, world) => {
        const model = world.models.find(({ name }) => name === 'starter');
        Object.assign(model?.summary ?? {}, { notes: [{ code: 'nested-weights', message }], reasons });
      },
    });
    await click(new RegExp(`^${words.models.tabs.library}`), 'tab');
    await click(/^starter|^Starter|MiniLM/);
    expect(await screen.findByText(words.models.notes['nested-weights'] ?? '')).toBeTruthy();
    expect(screen.getAllByText(words.failures.codes.untrainable?.[0] ?? '')).toHaveLength(1);
    [message, ...reasons].forEach(expectOnlyAsEnglish);
  });

  test('why a device is not used is in it', async () => {
    await openAt(words.shell.names.settings);
    const [what] = words.devices.refusals['wrong-numbers'];
    expect(await screen.findByText(new RegExp(`^${plain(words.devices.notUsed(what))}`))).toBeTruthy();
    expectOnlyAsEnglish('it computes wrong numbers: a gradient is off by 1.0 %');
  });

  test('a device that an earlier version refused says what its test reported', async () => {
    const detail = 'its driver failed: no such kernel';
    await openAt(words.shell.names.settings, {
      prepare: (_, world) => {
        for (const { check } of world.devices)
          if (check?.passed === false) Object.assign(check, { detail, reason: null });
      },
    });
    expect(await screen.findByText(new RegExp(detail))).toBeTruthy();
  });
}

// Highlight: without a model, while the library loads, failed, and in use.

import { screen, waitFor } from '@testing-library/svelte';
import { expect, test } from 'vitest';
import { strings } from '../src/lib/strings';
import { choose, click, openAt } from './mount';

const words = strings.highlight;

test('without a trained model it says what to do', async () => {
  await openAt('Highlight', { scenario: 'empty' });
  expect(await screen.findByText(words.noModel)).toBeTruthy();
});

test('it waits for the library', async () => {
  await openAt('Highlight', { prepare: (switches) => switches.hang('models.library') });
  expect(await screen.findByText(words.loading)).toBeTruthy();
});

test('a library that cannot be read can be tried again', async () => {
  const { switches } = await openAt('Highlight', { prepare: (all) => all.refuse('models.library') });
  expect(await screen.findByText(words.libraryFailed)).toBeTruthy();
  switches.allow('models.library');
  await click(strings.common.retry);
  expect(await screen.findByLabelText(words.text)).toBeTruthy();
});

test('entities are marked, counted and copied', async () => {
  const { world } = await openAt('Highlight');
  await choose(words.text, words.example);
  expect(await screen.findByText('Hollins Bay College')).toBeTruthy();
  await click('List');
  expect(await screen.findByText(strings.common.copied)).toBeTruthy();
  expect(world.clipboard?.text).toContain('PERSON\n');
});

test('a copy of what is still being tagged says so, and of two models which', async () => {
  const { switches } = await openAt('Highlight');
  await choose(words.text, words.example);
  expect(await screen.findByText('Hollins Bay College')).toBeTruthy();
  const paragraphs = words.example.split('\n').length;
  switches.hang('tagger.tag');
  await choose(words.text, `${words.example}\nAnd one more.`);
  await click('List');
  expect(await screen.findByText(words.copied(null, paragraphs, paragraphs + 1))).toBeTruthy();
  switches.allow('tagger.tag');
  await choose(words.text, words.example);
  await click(words.compare);
  await click('List');
  const box = screen.getByRole('combobox', { name: words.model }) as HTMLSelectElement;
  const name = box.selectedOptions[0]?.textContent?.trim() ?? '';
  expect(await screen.findByText(words.copied(name, paragraphs, paragraphs))).toBeTruthy();
});

test('the example is a text of the data that the model has not learned from', async () => {
  const { world } = await openAt('Highlight');
  await click(words.trySample);
  const box = screen.getByLabelText(words.text) as HTMLTextAreaElement;
  await waitFor(() => expect(box.value).not.toBe(''));
  const of = (split: string) => world.data.flatMap(({ documents }) => (documents[split] ?? []).map((one) => one.text));
  expect(of('test')).toContain(box.value.split('\n')[0]);
  expect(of('train')).not.toContain(box.value.split('\n')[0]);
});

test('where the data cannot be read, the example is a text that is always there', async () => {
  await openAt('Highlight', { prepare: (all) => all.refuse('data.documents') });
  await click(words.trySample);
  const box = screen.getByLabelText(words.text) as HTMLTextAreaElement;
  await waitFor(() => expect(box.value).toBe(words.example));
});

test('a cleared text can be had back, beside what was written since', async () => {
  await openAt('Highlight');
  await choose(words.text, 'A long text.');
  await click(words.clear);
  const box = screen.getByLabelText(words.text) as HTMLTextAreaElement;
  expect(box.value).toBe('');
  await choose(words.text, 'And more.');
  await click(strings.common.undo);
  await waitFor(() => expect(box.value).toBe('A long text.\nAnd more.'));
});

test('Ctrl+Z brings a cleared text back, in the field and beside it, until something else is written', async () => {
  await openAt('Highlight');
  const box = screen.getByLabelText(words.text) as HTMLTextAreaElement;
  const undo = (target: Element) => {
    const event = new KeyboardEvent('keydown', { key: 'z', ctrlKey: true, bubbles: true, cancelable: true });
    target.dispatchEvent(event);
    return event.defaultPrevented;
  };
  await choose(words.text, 'A long text.');
  // What was typed the field undoes by itself.
  expect(undo(box)).toBe(false);
  for (const target of [box, document.body]) {
    await click(words.clear);
    expect(undo(target)).toBe(true);
    await waitFor(() => expect(box.value).toBe('A long text.'));
    // The offer would bring it back twice.
    expect(screen.queryByRole('button', { name: strings.common.undo })).toBeNull();
  }
  await click(words.clear);
  await choose(words.text, 'Another');
  await choose(words.text, '');
  expect(undo(box)).toBe(false);
  expect(box.value).toBe('');
});

test('a hidden label and a higher threshold hide entities', async () => {
  await openAt('Highlight');
  await choose(words.text, words.example);
  await screen.findByText('Hollins Bay College');
  await click(/^ORG/);
  expect(screen.queryByText('Hollins Bay College')).toBeNull();
  await choose(/^Minimum confidence/, '0.99');
  expect(screen.queryByText('E-1042')).toBeNull();
});

test('a tagger that fails is shown with a retry', async () => {
  const { switches } = await openAt('Highlight', { prepare: (all) => all.refuse('tagger.tag') });
  await choose(words.text, words.example);
  expect(await screen.findByText(words.failed)).toBeTruthy();
  switches.allow('tagger.tag');
  await click(strings.common.retry);
  expect(await screen.findByText('Hollins Bay College')).toBeTruthy();
});

test('the preparation of a GPU is shown, can be stopped, and can be tried again', async () => {
  const { world } = await openAt('Highlight', { prepare: (_, world) => (world.taggerWaits = true) });
  await choose(words.text, words.example);
  const model = (screen.getByRole('combobox', { name: words.model }) as HTMLSelectElement).value;
  const say = (name: string, done: number) => {
    for (const listener of world.listeners.tagger)
      listener(name, { device: 'cuda:0', done, total: 48, eta_seconds: 8.2 });
  };
  // The request is sent after the last key.
  await new Promise((resolve) => setTimeout(resolve, 250));
  say('another', 3);
  expect(screen.queryByText(/^Preparing the GPU/)).toBeNull();
  say(model, 11);
  expect(
    await screen.findByText('Preparing the GPU: kernel 12 of 48, about 9 s left (once for this card)'),
  ).toBeTruthy();
  expect(screen.getByRole('progressbar', { name: strings.devices.preparingLabel })).toBeTruthy();
  await click(strings.common.stop);
  expect(await screen.findByText(words.cancelledAbout)).toBeTruthy();
  expect(screen.queryByText(/^Preparing the GPU/)).toBeNull();
  world.taggerWaits = false;
  await click(strings.common.retry);
  expect(await screen.findByText('Hollins Bay College')).toBeTruthy();
});

test('two models are shown side by side with a count of their differences', async () => {
  await openAt('Highlight');
  await choose(words.text, words.example);
  await click(words.compare);
  expect(await screen.findByText(/only on the left/)).toBeTruthy();
  expect(screen.getByRole('combobox', { name: words.secondModel })).toBeTruthy();
});

test('the box of a long text is hidden, and can be shown again', async () => {
  const { world } = await openAt('Highlight');
  world.nextText = { name: 'book.txt', text: 'Hollins Bay College wrote again.\n'.repeat(4000) };
  await click(words.open);
  expect(await screen.findByText(words.folded)).toBeTruthy();
  expect(screen.queryByLabelText(words.text)).toBeNull();
  await click(words.showText);
  expect(((await screen.findByLabelText(words.text)) as HTMLTextAreaElement).value.length).toBeGreaterThan(100_000);
});

test('entities that only one of two models finds stand out, and both are counted', async () => {
  const { world } = await openAt('Highlight');
  // One paragraph, which is drawn whole.
  world.nextText = { name: 'a.txt', text: world.nextText!.text.replaceAll('\n', ' ').slice(0, 1900) };
  await click(words.open);
  await click(words.compare);
  await screen.findByText(/only on the left/);
  const [same, left, right] = await waitFor(() => {
    const found = /(\d+) the same\s+(\d+) only on the left\s+(\d+) only on the right/.exec(
      document.body.textContent ?? '',
    );
    expect(Number(found?.[2]) + Number(found?.[3])).toBeGreaterThan(0);
    return found!.slice(1).map(Number);
  });
  expect(same).toBeGreaterThan(0);
  const panes = screen.getAllByTestId('model-pane').map((pane) => pane.querySelectorAll('.mark.strong').length);
  expect(panes).toEqual([left, right]);
  // Two numbers for each label.
  expect(screen.getByRole('button', { name: /^ERROR_CODE \d+ · \d+$/ })).toBeTruthy();
  expect(screen.getByRole('button', { name: words.nextDifference })).toBeTruthy();
});

test('a long text shows how far it is, and can be stopped and continued', async () => {
  const { client, world } = await openAt('Highlight');
  const tag = client.tagger.tag.bind(client.tagger);
  const replies: (() => void)[] = [];
  client.tagger.tag = async (...asked) => {
    await new Promise<void>((resolve) => replies.push(resolve));
    return tag(...asked);
  };
  const lines = Array.from({ length: 60 }, (_, place) => `Line ${place}: Hollins Bay College wrote again.`);
  world.nextText = { name: 'long.txt', text: lines.join('\n') };
  await click(words.open);
  const next = () => waitFor(() => expect(replies.length).toBe(1)).then(() => replies.pop()!());
  await next();
  expect(await screen.findByText(words.progress(24, 60))).toBeTruthy();
  await click(strings.common.stop);
  expect(await screen.findByText(words.stopped)).toBeTruthy();
  // What was asked for meanwhile is not shown any more.
  await next();
  expect(screen.queryByText(words.progress(48, 60))).toBeNull();
  await click(words.goOn);
  await next();
  expect(screen.queryByText(words.stopped)).toBeNull();
  await next();
  expect(await screen.findByText(words.found(60))).toBeTruthy();
});

test('a text of one’s own stays while one looks elsewhere', async () => {
  await openAt('Highlight');
  await choose(words.text, 'Hollins Bay College has E-1042.');
  await click('Results');
  await click('Highlight');
  expect(((await screen.findByLabelText(words.text)) as HTMLTextAreaElement).value).toContain('E-1042');
  expect(await screen.findByText('Hollins Bay College')).toBeTruthy();
});

// Mounts the whole window over the in-memory client, at a given screen.

import { render, screen } from '@testing-library/svelte';
import Window from '../src/Window.svelte';
import { createFake, type FakeOptions } from '../src/lib/client/fake';
import type { Switches } from '../src/lib/client/fake/switches';
import type { World } from '../src/lib/client/fake/world';

export interface Opening extends Partial<FakeOptions> {
  /** Makes commands fail or hang before the window opens. */
  prepare?: (switches: Switches, world: World) => void;
}

export async function openAt(name: string, { prepare, ...options }: Opening = {}) {
  const fake = createFake({ preferences: { guide: 'dismissed' }, tick: 5, ...options });
  prepare?.(fake.switches, fake.world);
  render(Window, { client: fake.client });
  await click(name);
  return fake;
}

/** A text as the queries see that of the page: with one kind of space. */
export const plain = (text: string): string => text.replace(/\s+/g, ' ');

/** Clicks the button or tab with that name, as soon as it exists. */
export async function click(name: string | RegExp, role = 'button'): Promise<void> {
  (await screen.findByRole(role, typeof name === 'string' ? { name } : { name })).click();
  await new Promise((resolve) => setTimeout(resolve, 0));
}

export async function choose(label: string | RegExp, value: string): Promise<void> {
  const field = (await screen.findByLabelText(label)) as HTMLSelectElement | HTMLInputElement;
  field.value = value;
  field.dispatchEvent(new Event('input', { bubbles: true }));
  field.dispatchEvent(new Event('change', { bubbles: true }));
  await new Promise((resolve) => setTimeout(resolve, 0));
}

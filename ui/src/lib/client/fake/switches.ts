// Makes any command of the in-memory client slow, endless or refused, by its name `group.command`.

import { Failure, type Client } from '../client';

export class Switches {
  /** Milliseconds before each answer. */
  latency = 0;
  #refused = new Map<string, Failure>();
  #endless = new Set<string>();

  /** `*` means every command. */
  refuse(
    command: string,
    failure = new Failure('io', 'the library folder cannot be read', 'check the permissions of the folder'),
  ): void {
    this.#refused.set(command, failure);
  }
  hang(command: string): void {
    this.#endless.add(command);
  }
  allow(command: string): void {
    this.#refused.delete(command);
    this.#endless.delete(command);
  }

  async pass(command: string): Promise<void> {
    if (this.latency) await new Promise((resolve) => setTimeout(resolve, this.latency));
    // Preferences always work: without them, the window could not show a failure in its theme.
    const everything = !command.startsWith('settings.preferences');
    if (this.#endless.has(command) || (everything && this.#endless.has('*'))) await new Promise(() => {});
    const failure = this.#refused.get(command) ?? (everything ? this.#refused.get('*') : undefined);
    if (failure) throw failure;
  }

  guard(client: Client): Client {
    const guarded = { demo: client.demo } as unknown as Record<string, unknown>;
    for (const [group, commands] of Object.entries(client)) {
      if (typeof commands !== 'object') continue;
      guarded[group] = Object.fromEntries(
        Object.entries(commands as Record<string, (...given: unknown[]) => unknown>).map(([name, command]) => [
          name,
          name.startsWith('on')
            ? command
            : async (...given: unknown[]) => {
                await this.pass(`${group}.${name}`);
                return structuredCloneable(await command(...given));
              },
        ]),
      );
    }
    return guarded as unknown as Client;
  }
}

/** A copy, as a channel would deliver it: it shares no objects with the sender. */
function structuredCloneable<T>(value: T): T {
  return value === undefined ? value : (JSON.parse(JSON.stringify(value)) as T);
}

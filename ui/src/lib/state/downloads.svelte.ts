// The downloads of this session, kept up to date by the shell's events.

import type { Client, Download } from '../client/client';

export class Downloads {
  all = $state.raw<ReadonlyMap<string, Download>>(new Map());
  active = $derived([...this.all.values()].filter((download) => isActive(download)));

  /** Downloads that can be resumed: cancelled or failed, with some bytes on disk. */
  halted = $derived([...this.all.values()].filter((download) => !isActive(download) && download.state !== 'done'));
  #client: Client;

  constructor(client: Client, done: (download: Download) => void) {
    this.#client = client;
    client.models.onDownload((download) => {
      this.all = new Map(this.all).set(download.id, download);
      if (download.state === 'done' || download.state === 'failed') done(download);
    });
    void this.load();
  }

  /** The downloads as they are, for instance after some were cleared. */
  async load(): Promise<void> {
    await this.#client.models.downloads().then(
      (known) => {
        const under = this.active.map((download): [string, Download] => [download.id, download]);
        this.all = new Map([...known.map((download): [string, Download] => [download.id, download]), ...under]);
      },
      () => {
        // Nothing is lost without the list: every change of a download is reported again.
      },
    );
  }

  /** Removes an incomplete download and the bytes it has on disk. */
  async discard(id: string): Promise<void> {
    await this.#client.models.discardDownload(id);
    const rest = new Map(this.all);
    rest.delete(id);
    this.all = rest;
  }

  of(id: string): Download | undefined {
    return this.all.get(id);
  }
}

export function isActive(download: Download | undefined): boolean {
  return download !== undefined && ['waiting', 'running', 'verifying'].includes(download.state);
}

// The downloads of this session, kept up to date by what the shell tells.

import type { Client, Download } from '../client/client';

export class Downloads {
  all = $state.raw<ReadonlyMap<string, Download>>(new Map());
  active = $derived([...this.all.values()].filter((download) => isActive(download)));

  /** Those that could go on: cancelled or broken off with something of them here. */
  halted = $derived([...this.all.values()].filter((download) => !isActive(download) && download.state !== 'done'));
  #client: Client;

  constructor(client: Client, done: (download: Download) => void) {
    this.#client = client;
    client.models.onDownload((download) => {
      this.all = new Map(this.all).set(download.id, download);
      if (download.state === 'done' || download.state === 'failed') done(download);
    });
    void client.models.downloads().then(
      (known) => {
        this.all = new Map([...known.map((download): [string, Download] => [download.id, download]), ...this.all]);
      },
      () => {
        // Without the list nothing is lost: every change of a download is told again.
      },
    );
  }

  /** Forgets one that ended early, with what is there of it. */
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

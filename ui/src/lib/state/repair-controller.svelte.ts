// Repairs of a data set in the library: applied, undone and redone, each with a toast.

import type { DataSet, Repair } from '../client/client';
import { strings } from '../strings';
import type { App } from './app.svelte';
import { Job } from './job.svelte';
import { doneTitle } from './repairs';

export class RepairController {
  job: Job;
  undoing: Job;
  #app: App;

  constructor(app: App) {
    this.#app = app;
    this.job = new Job(app.client);
    this.undoing = new Job(app.client);
  }

  /** Returns whether it was applied. */
  async apply(set: DataSet, repair: Repair): Promise<boolean> {
    const changed = await this.job.run((job) => this.#app.client.data.repair(set.id, repair, job));
    if (!changed) return false;
    this.#app.updateData(changed);
    const { done, undo } = strings.data.repair;
    this.#app.toast.success(done(doneTitle(repair)), { title: undo, run: () => void this.undo(set.id, repair) });
    return true;
  }

  /** Undoes the last repair. */
  async undo(id: string, repair: Repair): Promise<boolean> {
    const { undone, redo } = strings.data.repair;
    return this.#step(
      (job) => this.#app.client.data.undo(id, job),
      undone(doneTitle(repair)),
      redo,
      () => this.redo(id, repair),
    );
  }

  /** Redoes the repair that was undone last. */
  async redo(id: string, repair: Repair): Promise<boolean> {
    const { done, undo } = strings.data.repair;
    return this.#step(
      (job) => this.#app.client.data.redo(id, job),
      done(doneTitle(repair)),
      undo,
      () => this.undo(id, repair),
    );
  }

  /** One undo or redo; `title` and `back` offer the opposite. */
  async #step(
    request: (job: string) => Promise<DataSet>,
    message: string,
    title: string,
    back: () => Promise<boolean>,
  ): Promise<boolean> {
    if (this.undoing.busy) return false;
    const changed = await this.undoing.run(request);
    const { failure } = this.undoing;
    if (failure) this.#app.toast.error(failure.message, failure.hint);
    if (!changed) return false;
    this.#app.updateData(changed);
    this.#app.toast.success(message, { title, run: () => void back() });
    return true;
  }
}

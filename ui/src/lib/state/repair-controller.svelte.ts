// Repairs of a data set in the library: made, told of with a way back, undone and done again.

import type { DataSet, Repair } from '../client/client';
import { strings } from '../strings';
import type { App } from './app.svelte';
import { Job } from './job.svelte';
import { doneOf } from './repairs';

export class RepairController {
  job: Job;
  undoing: Job;
  #app: App;

  constructor(app: App) {
    this.#app = app;
    this.job = new Job(app.client);
    this.undoing = new Job(app.client);
  }

  /** Whether it was done. */
  async apply(set: DataSet, repair: Repair): Promise<boolean> {
    const changed = await this.job.run((job) => this.#app.client.data.repair(set.id, repair, job));
    if (!changed) return false;
    this.#app.keepData(changed);
    const { done, undo } = strings.data.repair;
    this.#app.toast.success(done(doneOf(repair)), { title: undo, run: () => void this.undo(set.id, repair) });
    return true;
  }

  /** Takes back the last repair. */
  async undo(id: string, repair: Repair): Promise<boolean> {
    const { undone, redo } = strings.data.repair;
    return this.#step(
      (job) => this.#app.client.data.undo(id, job),
      undone(doneOf(repair)),
      redo,
      () => this.redo(id, repair),
    );
  }

  /** Does again what was taken back last. */
  async redo(id: string, repair: Repair): Promise<boolean> {
    const { done, undo } = strings.data.repair;
    return this.#step(
      (job) => this.#app.client.data.redo(id, job),
      done(doneOf(repair)),
      undo,
      () => this.undo(id, repair),
    );
  }

  /** One step back or forth; `title` and `back` lead the other way. */
  async #step(
    ask: (job: string) => Promise<DataSet>,
    said: string,
    title: string,
    back: () => Promise<boolean>,
  ): Promise<boolean> {
    if (this.undoing.busy) return false;
    const changed = await this.undoing.run(ask);
    const { failure } = this.undoing;
    if (failure) this.#app.toast.error(failure.message, failure.hint);
    if (!changed) return false;
    this.#app.keepData(changed);
    this.#app.toast.success(said, { title, run: () => void back() });
    return true;
  }
}

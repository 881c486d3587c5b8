// Repairs of a data set in the library: applied, undone and redone, each with a toast.

import type { DataSet, Repair } from '../client/client';
import type { FindingGroup } from '../client/contracts';
import { strings } from '../strings';
import type { App } from './app.svelte';
import { lastStep, nextStep } from './history';
import { Job } from './job.svelte';
import { doneTitles, titleOf } from './repairs';

export class RepairController {
  job: Job;
  undoing: Job;
  #app: App;

  constructor(app: App) {
    this.#app = app;
    this.job = new Job(app.client);
    this.undoing = new Job(app.client);
  }

  /** Does a repair, or all that need no decision. Returns whether it was applied. */
  async apply(set: DataSet, repair: Repair | 'safe'): Promise<boolean> {
    const { data } = this.#app.client;
    const changed = await this.job.run((job) =>
      repair === 'safe' ? data.repairSafe(set.id, job) : data.repair(set.id, repair, job),
    );
    if (!changed) return false;
    this.#app.updateData(changed);
    const { done } = strings.data.repair;
    const { undo } = strings.common;
    const added = changed.repairs.slice(set.repairs.length);
    this.#app.toast.success(done(doneTitles(added)), { title: undo, run: () => void this.undo(changed) });
    return true;
  }

  /** Ignores a kind of finding, as many as there are now, or shows it again. */
  async ignore(set: DataSet, group: FindingGroup, ignored: boolean): Promise<void> {
    const count = ignored ? group.count : null;
    const changed = await this.#app.attempt(() => this.#app.client.data.ignore(set.id, group.code, count));
    if (!changed) return;
    this.#app.updateData(changed);
    if (ignored)
      this.#app.toast.success(strings.data.findings.ignoredNow(titleOf(group.code)), {
        title: strings.common.undo,
        run: () => void this.ignore(changed, group, false),
      });
  }

  /** Undoes the last step: one repair, or all that were done at once. */
  async undo(set: DataSet): Promise<boolean> {
    const { undone, redo } = strings.data.repair;
    return this.#step(
      (job) => this.#app.client.data.undo(set.id, job),
      undone(doneTitles(lastStep(set))),
      redo,
      (changed) => this.redo(changed),
    );
  }

  /** Redoes the step that was undone last. */
  async redo(set: DataSet): Promise<boolean> {
    const { done } = strings.data.repair;
    const { undo } = strings.common;
    return this.#step(
      (job) => this.#app.client.data.redo(set.id, job),
      done(doneTitles(nextStep(set))),
      undo,
      (changed) => this.undo(changed),
    );
  }

  /** One undo or redo; `title` and `back` offer the opposite. */
  async #step(
    request: (job: string) => Promise<DataSet>,
    message: string,
    title: string,
    back: (changed: DataSet) => Promise<boolean>,
  ): Promise<boolean> {
    if (this.undoing.busy) return false;
    const changed = await this.undoing.run(request);
    const { failure } = this.undoing;
    if (failure) this.#app.toast.failed(failure);
    if (!changed) return false;
    this.#app.updateData(changed);
    this.#app.toast.success(message, { title, run: () => void back(changed) });
    return true;
  }
}

// Changes of a data set in the library: repairs, and findings that are ignored; done, undone and redone, each with a
// toast.

import type { DataSet, Repair } from '../client/client';
import type { FindingGroup } from '../client/contracts';
import { strings } from '../strings';
import type { App } from './app.svelte';
import { type Ignoring, lastStep, nextStep } from './history';
import { Job } from './job.svelte';
import { doneTitles, titleOf } from './repairs';

export class RepairController {
  job: Job;
  undoing: Job;
  #app: App;

  constructor(app: App) {
    this.#app = app;
    this.job = new Job(app.client, 'repair');
    this.undoing = new Job(app.client, 'repair');
  }

  /** Does a repair, or all that need no decision. Returns whether it was applied. */
  async apply(set: DataSet, repair: Repair | 'safe'): Promise<boolean> {
    const { data } = this.#app.client;
    const changed = await this.job.run((job) =>
      repair === 'safe' ? data.repairSafe(set.id, job) : data.repair(set.id, repair, job),
    );
    if (!changed) return false;
    this.#app.ignorings.changed(set.id);
    this.#app.updateData(changed);
    const { done } = strings.data.repair;
    const { undo } = strings.common;
    const added = changed.repairs.slice(set.repairs.length);
    this.#app.toast.success(done(doneTitles(added)), { title: undo, run: () => void this.undo(changed) });
    return true;
  }

  /** Ignores a kind of finding, as many as there are now, or shows it again. */
  async ignore(set: DataSet, { code, count }: FindingGroup, ignored: boolean): Promise<void> {
    const before = set.ignored?.[code] ?? null;
    const step: Ignoring = { set: set.id, code, before, after: ignored ? count : null, repairs: set.repairs.length };
    if (!(await this.#setIgnored(step, step.after))) return;
    this.#app.ignorings.add(step);
    if (ignored) this.#offer(step, 'undo');
  }

  /** Undoes what was done last, be it a repair or a finding that was ignored. */
  async undoLast(set: DataSet): Promise<void> {
    const step = this.#app.ignorings.last(set);
    if (step) await this.#turn(step, 'undo');
    else if (set.repairs.length) await this.undo(set);
  }

  /** Redoes what was undone last. */
  async redoLast(set: DataSet): Promise<void> {
    const step = this.#app.ignorings.next(set);
    if (step) await this.#turn(step, 'redo');
    else if (set.undone.length) await this.redo(set);
  }

  async #turn(step: Ignoring, way: 'undo' | 'redo'): Promise<void> {
    if (!(await this.#setIgnored(step, way === 'undo' ? step.before : step.after))) return;
    this.#app.ignorings[way](step);
    this.#offer(step, way === 'undo' ? 'redo' : 'undo');
  }

  async #setIgnored({ set, code }: Ignoring, count: number | null): Promise<boolean> {
    const changed = await this.#app.attempt(() => this.#app.client.data.ignore(set, code, count));
    if (changed) this.#app.updateData(changed);
    return changed !== undefined;
  }

  /** Says how a kind stands now, and offers the opposite. */
  #offer(step: Ignoring, way: 'undo' | 'redo'): void {
    const [now, then] = way === 'undo' ? [step.after, step.before] : [step.before, step.after];
    const isIgnored = (now ?? -1) > (then ?? -1);
    const { ignoredNow, shownAgain } = strings.data.findings;
    this.#app.toast.success((isIgnored ? ignoredNow : shownAgain)(titleOf(step.code)), {
      title: way === 'undo' ? strings.common.undo : strings.data.repair.redo,
      run: () => void this.#turn(step, way),
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

// The form of the label editor: labels renamed, merged and dropped.

import type { Repair } from '../client/client';

export class LabelForm {
  /** All labels, the most frequent first. */
  #labels: () => string[];
  names = $state<Record<string, string>>({});
  dropped = $state<Record<string, boolean>>({});
  chosen = $state<Record<string, boolean>>({});

  picked = $derived.by(() => this.#labels().filter((label) => this.chosen[label]));
  /** Each label that changes, and what it becomes; `null` for one that is dropped. */
  changes = $derived.by(() => {
    const changes: Record<string, string | null> = {};
    for (const label of this.#labels()) {
      // Only what a person typed: a label may itself end with a space.
      const name = this.names[label]?.trim() ?? label;
      if (this.dropped[label]) changes[label] = null;
      else if (name !== label && name !== '') changes[label] = name;
    }
    return changes;
  });
  count = $derived(Object.keys(this.changes).length);
  fault = $derived.by(() => this.#labels().some((label) => this.isFaulty(label)));
  repair = $derived.by((): Repair | null =>
    this.count > 0 && !this.fault ? { repair: 'map-labels', labels: this.changes } : null,
  );

  constructor(labels: () => string[]) {
    this.#labels = labels;
  }

  nameOf(label: string): string {
    return this.names[label] ?? label;
  }

  isFaulty(label: string): boolean {
    return !this.dropped[label] && this.nameOf(label).trim() === '';
  }

  /** The name of the label that this one will be merged with, if its new name is that of another one. */
  joins(label: string): string | null {
    const to = this.changes[label];
    const others = this.#labels().filter((other) => other !== label && !this.dropped[other]);
    return to && others.some((other) => this.nameOf(other).trim() === to) ? to : null;
  }

  /** Gives the chosen labels one name. */
  merge(name: string): void {
    for (const label of this.picked) {
      this.names[label] = name;
      this.dropped[label] = false;
    }
    this.chosen = {};
  }

  discard(): void {
    this.names = {};
    this.dropped = {};
    this.chosen = {};
  }
}

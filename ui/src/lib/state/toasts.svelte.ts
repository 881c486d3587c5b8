// What just happened, or went wrong, as the corner of the window shows it.

export interface Toast {
  id: number;
  kind: 'success' | 'error';
  text: string;
  hint: string | null;
  /** What can be done about it at once, for instance to undo it. */
  action?: { title: string; run: () => void };
}

export class Toasts {
  list = $state.raw<Toast[]>([]);
  #last = 0;

  success(text: string, action?: Toast['action']): void {
    // Of several things that could be undone only the last one can.
    if (action) this.list = this.list.filter((toast) => !toast.action);
    this.#add({ kind: 'success', text, hint: null, ...(action ? { action } : {}) });
  }

  error(text: string, hint: string | null): void {
    this.#add({ kind: 'error', text, hint });
  }

  /** A dialog that opens must not be covered by messages of success. */
  clearSuccess(): void {
    this.list = this.list.filter((toast) => toast.kind === 'error');
  }

  dismiss(id: number): void {
    this.list = this.list.filter((toast) => toast.id !== id);
  }

  #add(toast: Omit<Toast, 'id'>): void {
    const id = ++this.#last;
    this.list = [...this.list.slice(-3), { ...toast, id }];
    // Success goes by itself, later where there is something to decide; an error stays until it is read.
    if (toast.kind === 'success') setTimeout(() => this.dismiss(id), toast.action ? 30_000 : 6000);
  }
}

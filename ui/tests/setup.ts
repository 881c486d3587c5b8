// What happy-dom lacks: sizes, so that virtual lists draw rows, and a canvas, so that charts are only called.

import { afterEach, vi } from 'vitest';
import { cleanup, configure } from '@testing-library/svelte';

Object.defineProperty(HTMLElement.prototype, 'offsetHeight', { configurable: true, get: () => 600 });
Object.defineProperty(HTMLElement.prototype, 'offsetWidth', { configurable: true, get: () => 900 });

vi.mock('uplot', () => ({
  default: class {
    setData() {}
    setSize() {}
    destroy() {}
  },
}));

// A busy machine is slow, not wrong.
configure({ asyncUtilTimeout: 8000 });

afterEach(() => cleanup());

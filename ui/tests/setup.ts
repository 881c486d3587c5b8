// What happy-dom lacks: sizes, so that virtual lists draw rows, and a canvas, so that charts can be created.

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

// A busy machine is slow, so tests wait longer than usual.
configure({ asyncUtilTimeout: 8000 });

afterEach(() => cleanup());

// Builds the window's interface into `dist/` and runs its tests.
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  plugins: [svelte()],
  // The sample corpus lies outside this folder and is read by the in-memory client.
  server: { port: 5173, strictPort: true, fs: { allow: ['..'] } },
  // Tests mount components, which needs Svelte's browser build rather than its server build.
  resolve: process.env['VITEST'] ? { conditions: ['browser'] } : {},
  build: { target: 'safari16', chunkSizeWarningLimit: 600 },
  test: {
    environment: 'happy-dom',
    include: ['tests/**/*.test.ts'],
    setupFiles: ['tests/setup.ts'],
    // Two workers: the machines that run this are often small.
    maxWorkers: 2,
    testTimeout: 20_000,
  },
});

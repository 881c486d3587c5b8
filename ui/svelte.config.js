// Svelte compiles with its own reading of TypeScript; nothing else is set.
import { vitePreprocess } from '@sveltejs/vite-plugin-svelte';

export default { preprocess: vitePreprocess() };

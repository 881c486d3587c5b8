// The rules of the page's code: the recommended ones of JavaScript, TypeScript with types, and Svelte.

import js from '@eslint/js';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';

export default ts.config(
  // Generated, or built.
  { ignores: ['dist/', 'src/lib/client/shell/bindings.ts'] },
  js.configs.recommended,
  ...ts.configs.strict,
  ...svelte.configs.recommended,
  { languageOptions: { globals: { ...globals.browser, ...globals.node } } },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: ts.parser } },
    // `$props` are declared with `let`, as Svelte's own documents do; `$state` needs it.
    rules: { 'prefer-const': 'off', 'svelte/prefer-const': 'error' },
  },
  {
    rules: {
      // A name that begins with `_` is there for its position.
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      // The compiler checks it with `strict`; tests know what they have made.
      '@typescript-eslint/no-non-null-assertion': 'off',
      // A space that the formatter must not take away is written `{' '}`.
      'svelte/no-useless-mustaches': 'off',
      // `Await` passes its children what it waited for; those that have no use for it say so.
      'svelte/no-useless-children-snippet': 'off',
      // State replaces its maps and sets as a whole; it never changes one that somebody watches.
      'svelte/prefer-svelte-reactivity': 'off',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
    },
  },
);

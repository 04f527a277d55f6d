import prettier from 'eslint-config-prettier';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import typescript from 'typescript-eslint';
import svelteConfig from './svelte.config.js';

const features = ['welcome', 'files', 'share', 'links', 'transfers', 'settings'];

const tauri = {
  group: ['@tauri-apps/*'],
  message: 'Only src/lib/backend/tauri.ts and the generated bindings speak to Tauri.',
};
const bindings = {
  group: ['**/backend/bindings', './bindings'],
  message: 'Take types from lib/backend/backend.',
};

/** A feature may use lib, never another feature. */
function keepApart(feature) {
  const others = features.filter((name) => name !== feature).map((name) => `**/${name}/**`);
  return {
    files: [`src/features/${feature}/**`],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            tauri,
            bindings,
            { group: others, message: 'Features never import each other; compose them in src/App.svelte.' },
          ],
        },
      ],
    },
  };
}

export default typescript.config(
  { ignores: ['dist/', 'node_modules/', 'src/lib/backend/bindings.ts'] },
  ...typescript.configs.strict,
  ...svelte.configs.recommended,
  prettier,
  ...svelte.configs.prettier,
  {
    languageOptions: { globals: { ...globals.browser } },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      'no-console': 'error',
      eqeqeq: 'error',
      'svelte/no-at-html-tags': 'error',
      // Maps and sets that nothing draws from are plain on purpose.
      'svelte/prefer-svelte-reactivity': 'off',
      'no-restricted-imports': ['error', { patterns: [tauri, bindings] }],
    },
  },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: typescript.parser, svelteConfig } },
  },
  {
    files: ['src/lib/components/**'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            tauri,
            bindings,
            {
              group: ['**/features/**', '**/stores/**'],
              message: 'Components know no feature and no store.',
            },
          ],
        },
      ],
    },
  },
  ...features.map(keepApart),
  { files: ['src/lib/backend/tauri.ts'], rules: { 'no-restricted-imports': 'off' } },
  {
    files: ['src/lib/backend/backend.ts'],
    rules: { 'no-restricted-imports': ['error', { patterns: [tauri] }] },
  },
  { files: ['tests/**', '*.config.*'], languageOptions: { globals: { ...globals.node } } },
);

import { svelte } from '@sveltejs/vite-plugin-svelte';
import { svelteTesting } from '@testing-library/svelte/vite';
import { defineConfig } from 'vitest/config';
import { catalogue } from './catalogue.config.ts';

// The policy of the window allows no inline script, style or data: font, so nothing is inlined.
export default defineConfig(({ command, mode }) => ({
  plugins: [catalogue(), svelte(), ...(mode === 'test' ? [svelteTesting()] : [])],
  // The messages arrive parsed, see catalogue.config.ts.
  resolve: {
    alias:
      command === 'build'
        ? [
            {
              find: /^@formatjs\/icu-messageformat-parser$/,
              replacement: '@formatjs/icu-messageformat-parser/no-parser.js',
            },
          ]
        : [],
  },
  clearScreen: false,
  server: { host: '127.0.0.1', port: 1420, strictPort: true },
  build: {
    target: 'safari16',
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: 'words', test: /[\\/]i18n[\\/]messages[\\/]/, priority: 2 },
            { name: 'shared', test: /[\\/](lib|node_modules)[\\/]/, priority: 1 },
          ],
        },
      },
    },
  },
  test: {
    environment: 'happy-dom',
    include: ['tests/**/*.test.ts'],
    env: { TZ: 'Europe/Berlin', DEBUG_PRINT_LIMIT: '0' },
    setupFiles: ['tests/setup.ts'],
    testTimeout: 30_000,
  },
}));

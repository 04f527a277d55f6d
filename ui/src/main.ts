import '@fontsource-variable/inter/wght.css';
import './styles/tokens.css';
import './styles/base.css';
import { mount } from 'svelte';
import App from './App.svelte';
import type { Backend } from './lib/backend/backend';
import { insideTauri, tauriBackend } from './lib/backend/tauri';

async function connect(): Promise<Backend> {
  // A plain browser has no app behind it; the packaged page leaves the fake out altogether.
  if (import.meta.env.MODE !== 'production' && !insideTauri()) {
    const { fakeInBrowser } = await import('./lib/backend/fake/browser');
    return fakeInBrowser(window);
  }
  return tauriBackend;
}

mount(App, { target: document.body, props: { backend: await connect() } });

// Starts the window. The guard comes first: later modules use the locale while they load.
import './locale-guard';
import './styles/tokens.css';
import './styles/base.css';
import './styles/parts.css';
import './styles/forced-colors.css';
import { mount } from 'svelte';
import { connect } from './lib/client/connect';

const target = document.getElementById('app');
if (!target) throw new Error('index.html has no element `app`');
connect(location.search).then(
  async (client) => {
    // Not before the client has said in which language: texts are constants.
    const { default: Window } = await import('./Window.svelte');
    mount(Window, { target, props: { client } });
    if (!client.demo) (await import('./lib/client/shell')).painted();
  },
  (failure: unknown) => {
    // Nothing works without the shell; a plain sentence is better than a blank window.
    target.textContent = `Tagsmith cannot start: ${failure instanceof Error ? failure.message : String(failure)}`;
  },
);

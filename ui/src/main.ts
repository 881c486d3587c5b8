// Starts the window. The guard comes first: modules after it use the locale while they load.
import './locale-guard';
import './styles/tokens.css';
import './styles/base.css';
import './styles/parts.css';
import { mount } from 'svelte';
import Window from './Window.svelte';
import { connect } from './lib/client/connect';

const target = document.getElementById('app');
if (!target) throw new Error('index.html has no element `app`');
void connect(location.search).then((client) => mount(Window, { target, props: { client } }));

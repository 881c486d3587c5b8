// The screens that there are. Navigation shows these and no others.

import type { Component } from 'svelte';
import type { Screen } from '../state/app.svelte';
import Highlight from './highlight/Highlight.svelte';

export const views: Partial<Record<Screen, Component>> = { highlight: Highlight };

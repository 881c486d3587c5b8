// The keyboard shortcuts that work anywhere in the window.

import { SCREENS, type App } from '../state/app.svelte';

/** Handles a key; `showShortcuts` opens the list of shortcuts. */
export function onKey(event: KeyboardEvent, app: App, showShortcuts: () => void): void {
  // A dialog has its own keys, and what is behind it is out of reach.
  if (event.defaultPrevented || event.altKey || document.querySelector('.dialog')) return;
  if (act(event, app, showShortcuts)) event.preventDefault();
}

function act(event: KeyboardEvent, app: App, showShortcuts: () => void): boolean {
  const typing =
    (event.target as Element | null)?.matches?.(
      'input:not([type="checkbox"], [type="radio"], [type="range"]), textarea, select',
    ) ?? false;
  if (event.ctrlKey || event.metaKey) {
    const key = event.key.toLowerCase();
    // A key that is held down repeats, but one press is one step.
    if (!typing && (key === 'z' || key === 'y'))
      return event.repeat || app.runAction(event.shiftKey || key === 'y' ? 'redo' : 'undo');
    if (event.shiftKey) return false;
    const screen = SCREENS[Number(event.key) - 1];
    if (screen) app.go(screen);
    else if (event.key === 'f') return app.runAction('find');
    else if (event.key === 'Enter') return app.runAction('begin');
    return screen !== undefined;
  }
  if (event.key === 'F1') {
    app.go('help');
    return true;
  }
  if (event.key === 'Escape') {
    const newest = app.toast.list.at(-1);
    if (newest && !typing) app.toast.dismiss(newest.id);
    return false;
  }
  if (typing) return false;
  if (event.key === '/') return app.runAction('find');
  if (event.key !== '?') return false;
  showShortcuts();
  return true;
}

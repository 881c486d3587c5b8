// Keeps what a browser does of itself away from the window: its menu with Back and Reload, and the keys for them.
// A page that is loaded again has lost what was typed into it.

const EDITABLE = 'input, textarea, [contenteditable="true"]';

/** In a field the menu has cut, copy and paste, and stays. */
export function onContextMenu(event: MouseEvent): void {
  if (!(event.target as Element | null)?.closest?.(EDITABLE)) event.preventDefault();
}

/** Keys that would load the page again or leave it, also from within a dialog. */
export function onBrowserKey(event: KeyboardEvent): void {
  const held = event.ctrlKey || event.metaKey;
  const reload = event.key === 'F5' || (held && event.key.toLowerCase() === 'r');
  const leave = event.altKey && !held && (event.key === 'ArrowLeft' || event.key === 'ArrowRight');
  if (reload || leave || event.key === 'BrowserBack' || event.key === 'BrowserForward') event.preventDefault();
}

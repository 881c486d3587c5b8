// Moves the focus to something nearby when the focused element disappears: a button often vanishes with its
// view, and keyboard users would have to start again at the top of the window.

const FOCUSABLE = 'button, a[href], input, select, textarea, summary, [tabindex]:not([tabindex="-1"])';

/** Watches until the function it returns is called. */
export function keepFocus(root: HTMLElement): () => void {
  let last: Element | null = null;
  /** Its ancestors: once it is out of the document, they can no longer be found from it. */
  let around: Element[] = [];
  let waiting: ReturnType<typeof setTimeout> | undefined;

  const remember = (event: Event) => {
    last = event.target as Element;
    around = [];
    for (let parent = last.parentElement; parent; parent = parent.parentElement) around.push(parent);
  };
  const restore = () => {
    waiting = undefined;
    if (document.activeElement !== document.body || !last) return;
    // A click on the background removes the focus, too; only an element that is gone is replaced.
    if (last.isConnected && !last.matches(':disabled')) return;
    for (const place of [...around, root]) {
      if (!place.isConnected || place === document.body || place === document.documentElement) continue;
      if (give(place)) return;
    }
    give(root);
  };
  const watch = new MutationObserver(() => {
    // A disabled button loses the focus only with the next frame.
    waiting ??= setTimeout(restore, 40);
  });
  root.ownerDocument.addEventListener('focusin', remember);
  watch.observe(document.body, { childList: true, subtree: true, attributeFilter: ['disabled'] });
  return () => {
    watch.disconnect();
    clearTimeout(waiting);
    root.ownerDocument.removeEventListener('focusin', remember);
  };
}

/** A heading is best: it names the place, and pressing Enter again does nothing there. */
function give(place: Element): boolean {
  const headings = [
    ...place.querySelectorAll<HTMLElement>('main h1'),
    ...place.querySelectorAll<HTMLElement>('h1, h2, h3'),
  ];
  const heading = headings.find(isVisible);
  if (heading) {
    heading.tabIndex = -1;
    heading.focus();
    return document.activeElement === heading;
  }
  // Of the tabs, only the open one: the others would open when they are focused.
  const next = [...place.querySelectorAll<HTMLElement>(FOCUSABLE)].find(
    (one) => one.tabIndex >= 0 && isVisible(one) && !one.matches(':disabled'),
  );
  next?.focus();
  return next !== undefined && document.activeElement === next;
}

function isVisible(element: HTMLElement): boolean {
  return element.getClientRects().length > 0 && !element.closest('[inert], [aria-hidden="true"]');
}

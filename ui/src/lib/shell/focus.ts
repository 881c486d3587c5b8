// Gives the focus to something near when what had it is gone: pressed buttons often vanish with their view,
// and a person at the keyboard would start again at the top of the window.

const FOCUSABLE = 'button, a[href], input, select, textarea, summary, [tabindex]:not([tabindex="-1"])';

/** Watches until the function it returns is called. */
export function keepFocus(root: HTMLElement): () => void {
  let last: Element | null = null;
  /** Where the last one stood: once it is out of the document nothing else tells. */
  let around: Element[] = [];
  let waiting: ReturnType<typeof setTimeout> | undefined;

  const remember = (event: Event) => {
    last = event.target as Element;
    around = [];
    for (let parent = last.parentElement; parent; parent = parent.parentElement) around.push(parent);
  };
  const mend = () => {
    waiting = undefined;
    if (document.activeElement !== document.body || !last) return;
    // A click on nothing takes the focus away too; only what has gone is replaced.
    if (last.isConnected && !last.matches(':disabled')) return;
    for (const place of [...around, root]) {
      if (!place.isConnected || place === document.body || place === document.documentElement) continue;
      if (give(place)) return;
    }
    give(root);
  };
  const watch = new MutationObserver(() => {
    // A disabled button loses the focus with the next frame only.
    waiting ??= setTimeout(mend, 40);
  });
  root.ownerDocument.addEventListener('focusin', remember);
  watch.observe(document.body, { childList: true, subtree: true, attributeFilter: ['disabled'] });
  return () => {
    watch.disconnect();
    clearTimeout(waiting);
    root.ownerDocument.removeEventListener('focusin', remember);
  };
}

/** A heading first: it says where one is, and pressing Enter once more does nothing there. */
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
  // Of tabs only the open one: the others would open when they get the focus.
  const next = [...place.querySelectorAll<HTMLElement>(FOCUSABLE)].find(
    (one) => one.tabIndex >= 0 && isVisible(one) && !one.matches(':disabled'),
  );
  next?.focus();
  return next !== undefined && document.activeElement === next;
}

function isVisible(element: HTMLElement): boolean {
  return element.getClientRects().length > 0 && !element.closest('[inert], [aria-hidden="true"]');
}

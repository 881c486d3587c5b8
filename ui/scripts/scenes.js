// The scenes that `pages.js` looks at: which demonstration, and how to get there by clicking.

const go = (page, screen) => page.getByRole('button', { name: screen, exact: true }).click();
const tab = (page, name) => page.getByRole('tab', { name }).click();

export const scenes = [
  {
    name: 'highlight',
    act: async (page) => {
      await go(page, 'Highlight');
      await page.getByRole('button', { name: 'Put in an example' }).click();
      await page.getByRole('button', { name: /Priya Raghunathan/ }).hover();
    },
  },
  {
    name: 'highlight-two',
    act: async (page) => {
      await go(page, 'Highlight');
      await page.getByRole('button', { name: 'Two models' }).click();
      await page.getByRole('button', { name: 'Open text…' }).click();
      await page.getByRole('button', { name: 'Hide text box' }).click();
      await page.getByText(/only on the left/).waitFor();
    },
  },
  { name: 'highlight-empty', fake: 'empty', once: true, act: (page) => go(page, 'Highlight') },
  { name: 'highlight-failed', fake: 'failed', once: true, act: (page) => go(page, 'Highlight') },
  { name: 'highlight-busy', fake: 'slow', once: true, act: (page) => go(page, 'Highlight') },
];
void tab;

// The first steps from nothing to a highlighted entity, and data imported and repaired, by keyboard alone, in
// Chromium: after every key the focus must be on something visible and uncovered. `npm run build && npm run keyboard`.
import { openBrowser } from './browser.js';

const { browser, address, close } = await openBrowser();
const only = process.argv.find((word) => word.startsWith('--only='))?.slice(7);
const faults = [];
let keys = 0;
for (const [query, scenario] of [
  ['fake=empty', firstSteps],
  ['fake=empty&scale=2', firstSteps],
  ['fake=full', data],
  ['fake=full&scale=2', data],
]) {
  if (only && !scenario.name.includes(only)) continue;
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce' });
  const page = await context.newPage();
  page.on('pageerror', (error) => faults.push(`${query}: ${error.message}`));
  try {
    await page.goto(`${address}?${query}`);
    await page.getByRole('navigation').waitFor();
    await scenario(...driver(page, query));
  } catch (error) {
    faults.push(`${query}: ${error.message.split('\n').slice(0, 3).join(' ')}`);
    await page.screenshot({ path: '/tmp/tagsmith-keyboard.png' });
  }
  await context.close();
}
await close();
for (const fault of faults) console.error(fault);
console.log(`${keys} keys pressed, ${faults.length} faults`);
process.exit(faults.length ? 1 : 0);

/** What a scenario can do: press a key, Tab to a control, wait for a text. */
function driver(page, query) {
  const press = async (key) => {
    keys += 1;
    await page.keyboard.press(key);
    // Long enough for the window to move the focus if the focused element disappeared.
    await page.waitForTimeout(key === 'Tab' ? 15 : 180);
    // After the last control Tab leaves the page once before it returns to the first, as in every browser.
    for (
      let i = 0;
      i < 2 && key === 'Tab' && (await page.evaluate(() => document.activeElement === document.body));
      i += 1
    )
      await page.keyboard.press('Tab');
    const fault = await page.evaluate(look);
    if (fault) faults.push(`${query}: after ${key}: ${fault}`);
  };
  const name = () => page.evaluate(nameOfFocus);
  const to = async (wanted) => {
    const seen = [];
    for (let i = 0; i < 120; i += 1) {
      const now = await name();
      if (wanted.test(now)) return;
      seen.push(now);
      await press('Tab');
    }
    throw new Error(`Tab never reaches ${wanted}: ${seen.slice(0, 40).join(' | ')}`);
  };
  const see = (text) => page.getByText(text).first().waitFor({ timeout: 20_000 });
  return [page, query, { press, name, to, see }];
}

async function firstSteps(page, query, { press, name, to, see }) {
  await press('Tab');
  // The list of shortcuts opens and closes, and returns the focus.
  await press('?');
  await see('Go to a screen: Models to Help');
  await press('Escape');
  // Search, from anywhere.
  await press('/');
  if (!/^Name or address/.test(await name())) faults.push(`${query}: / does not lead to the search`);
  await page.keyboard.type('bert-base');
  await to(/^Search the Hub/);
  await press('ArrowLeft');
  await see('BERT base, cased');
  // A download is started, cancelled and discarded.
  await to(/^SciBERT/);
  await press('Enter');
  await to(/^Download 442/);
  await press('Enter');
  await to(/^Cancel download/);
  await press('Enter');
  await to(/^Discard/);
  await press('Enter');
  // All screens by number.
  for (const digit of [1, 2, 3, 4, 5, 6, 1]) await press(`Control+${digit}`);
  // Step one: the model.
  await press('Tab');
  await to(/^Use the starter/);
  await press('Enter');
  // Step two: the data.
  await to(/^Use the sample/);
  await press('Space');
  await see('Start a run');
  // Step three: training; the explanation of a field opens with its focus and closes with Escape.
  await to(/^Epochs/);
  await page.locator('.help-text').waitFor();
  await press('Escape');
  await page.locator('.help-text').waitFor({ state: 'detached' });
  await page.keyboard.type('2');
  await to(/^Advanced settings/);
  await press('Enter');
  await press('Enter');
  await press('Control+Enter');
  await see('Stop and keep');
  await press('Tab');
  await see(/Finished\. Best dev F1/);
  // Rename opens a dialog that traps the focus and returns it.
  await to(/^Rename/);
  await press('Enter');
  await press('Tab');
  await press('Escape');
  // Scores: tabs by arrows, a cell to its sentences.
  await press('Control+4');
  await to(/^Scores/);
  await press('ArrowRight');
  await to(/predicted as/);
  await press('Enter');
  await see('Remove filters');
  await to(/^Remove filters/);
  await press('Enter');
  // Step four: highlighting. In the first steps, an example is there at once.
  await press('Control+5');
  await see('Hollins Bay College');
  await to(/^Hollins Bay College/);
  await see('Confidence');
  await press('Escape');
  await to(/^Minimum confidence/);
  await press('ArrowRight');
  await press('ArrowLeft');
  await to(/^List/);
  await press('Enter');
  await see('Copied to the clipboard');
  await to(/^Finish/);
  await press('Enter');
}

/** Data: a finding to its text and back, a repair and its undo, labels, a new split, an export, two imports. */
async function data(page, query, { press, to, see }) {
  await press('Tab');
  await press('Control+2');
  await to(/^Data set/);
  await press('ArrowDown');
  await to(/^Overview/);
  await press('ArrowRight');
  await press('ArrowRight');
  await page.getByRole('heading', { name: 'Tags that break their scheme' }).waitFor();
  await to(/^Show all 2/);
  await press('Enter');
  await to(/^Show in the text/);
  await press('Enter');
  await see('Back to the findings');
  await to(/^Back to the findings/);
  await press('Enter');
  await to(/^Drop duplicates/);
  await press('Enter');
  await see('3 documents are dropped.');
  await to(/^Include near-duplicates/);
  await press('Space');
  await see('3 documents are dropped.');
  await to(/^Repair$/);
  await press('Enter');
  await see('Duplicate documents dropped.');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await to(/^Undo$/);
  await press('Enter');
  await see('Undone: Duplicate documents dropped.');
  // Escape closes the toast, which would cover the buttons below.
  await press('Escape');
  await to(/^Findings/);
  await press('ArrowRight');
  await to(/^New name of ORG/);
  await page.keyboard.press('Control+A');
  await page.keyboard.type('COMPANY');
  await to(/^New name of Person$/);
  await page.keyboard.press('Control+A');
  await page.keyboard.type('PERSON');
  await to(/^Drop DATE/);
  await press('Enter');
  await to(/^Preview…/);
  await press('Enter');
  await see('entities change');
  await press('Escape');
  await to(/^Split again…/);
  await press('Enter');
  await to(/^Seed/);
  // The first closes the explanation of the field, the second the dialog.
  await press('Escape');
  await press('Escape');
  await to(/^Export…/);
  await press('Enter');
  await see('cannot hold everything');
  await to(/^Dev/);
  await press('Space');
  await press('Escape');
  await to(/^Import…/);
  await press('Enter');
  await page.getByText(/documents, [\d,]+ entities,/).waitFor();
  await to(/^Preview/);
  await press('ArrowRight');
  await to(/^Drop duplicates/);
  await press('Enter');
  await page.getByText(/^45 documents/).waitFor();
  await to(/^Import$/);
  await press('Enter');
  await see('“notes” was imported.');
  // A second import, whose tag column is chosen by hand: first a wrong one.
  await page.evaluate(() => (window.tagsmithFake.world.nextFiles = ['/home/sam/Documents/old-notes.conll']));
  await to(/^Import…/);
  await press('Enter');
  await page.getByText(/^9 documents, 39 entities,/).waitFor();
  await to(/^Change how it is read/);
  await press('Enter');
  await to(/^Column 1: not used/);
  await press('t');
  await see('These files cannot be imported yet');
  await to(/^Column 2: not used/);
  await press('t');
  await page.getByText(/^9 documents, 39 entities,/).waitFor();
  await to(/^Import$/);
  await press('Enter');
  await see('“old-notes” was imported.');
}

/** In the page: what is wrong with the focus, or an empty text. */
function look() {
  const focused = document.activeElement;
  if (!focused || focused === document.body) return 'the focus is lost';
  const what = `${focused.tagName.toLowerCase()} “${(focused.getAttribute('aria-label') ?? focused.textContent ?? '').trim().slice(0, 40)}”`;
  const style = getComputedStyle(focused);
  const drawn =
    style.outlineStyle !== 'none' &&
    parseFloat(style.outlineWidth) >= 2 &&
    !/, 0\)$|transparent/.test(style.outlineColor);
  if (!drawn) return `${what} shows no focus`;
  const box = focused.getBoundingClientRect();
  if (box.width < 1 || box.height < 1) return `${what} has no size`;
  const [left, right] = [Math.max(0, box.left) + 2, Math.min(innerWidth, box.right) - 2];
  const [top, bottom] = [Math.max(0, box.top) + 2, Math.min(innerHeight, box.bottom) - 2];
  if (left > right || top > bottom) return `${what} is out of the window`;
  for (const x of [left, (left + right) / 2, right]) {
    for (const y of [top, (top + bottom) / 2, bottom]) {
      const hit = document.elementFromPoint(x, y);
      if (hit && (focused.contains(hit) || (hit.contains(focused) && hit.closest('.toast') === null))) return '';
    }
  }
  return `${what} is covered`;
}

/** In the page: the accessible name of the focused element, roughly. */
function nameOfFocus() {
  const focused = document.activeElement;
  if (!focused || focused === document.body) return '';
  const label = focused.id
    ? document.querySelector(`label[for="${CSS.escape(focused.id)}"]`)?.textContent
    : focused.closest('label')?.textContent;
  return (focused.getAttribute('aria-label') ?? (label || focused.textContent) ?? '').trim();
}

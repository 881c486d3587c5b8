// Opens every screen in Chromium, light and dark, at two sizes, with text of twice the size, and with forced colours:
// axe must find no violation, nothing may overflow, and what is chosen must be seen. Screenshots go to a folder:
// `npm run build && npm run pages [-- FOLDER] [-- --only=data,train] [-- --looks=large,forced] [-- --language=de]`.
// In another language than English, only the smallest window is looked at: there its texts have the least room.
import { readFileSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openBrowser } from './browser.js';
import { scenes } from './scenes.js';
import { translator } from './translated.js';

const folder = process.argv.slice(2).find((word) => !word.startsWith('--')) ?? join(tmpdir(), 'tagsmith-pages');
const listed = (name) =>
  process.argv
    .find((word) => word.startsWith(`--${name}=`))
    ?.slice(name.length + 3)
    .split(',');
const only = listed('only');
const [language] = listed('language') ?? ['en'];
const wanted = listed('looks') ?? (language === 'en' ? undefined : ['light-1024']);
const inLanguage = language === 'en' ? (page) => page : await translator(language);
mkdirSync(folder, { recursive: true });
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const { browser, address, close } = await openBrowser();
const faults = [];
const usual = { width: 1280, height: 800 };
const small = { width: 1024, height: 700 };
// `rare` are those that scenes of a state in passing are seen in, too.
const looks = [
  { name: 'light-1280', colorScheme: 'light', size: usual },
  { name: 'light-1024', colorScheme: 'light', size: small, rare: true },
  { name: 'light-1280-large', colorScheme: 'light', size: usual, scale: 2, rare: true },
  { name: 'dark-1280', colorScheme: 'dark', size: usual },
  { name: 'dark-1024', colorScheme: 'dark', size: small },
  // The colours of Windows in high contrast, light and dark.
  { name: 'light-1280-forced', colorScheme: 'light', size: usual, forcedColors: 'active', rare: true },
  { name: 'dark-1280-forced', colorScheme: 'dark', size: usual, forcedColors: 'active' },
];
for (const one of looks) {
  if (wanted && !wanted.some((word) => one.name.includes(word))) continue;
  for (const scene of scenes) {
    if (only && !only.some((word) => scene.name.includes(word))) continue;
    if (scene.once && !one.rare) continue;
    const known = faults.length;
    await look(scene, one);
    // At once: a run takes minutes.
    for (const fault of faults.slice(known)) console.error(fault);
  }
}
await close();
console.log(`${faults.length} faults; screenshots in ${folder}`);
process.exit(faults.length ? 1 : 0);

async function look(scene, { name: ending, colorScheme, size, scale = 1, forcedColors = 'none' }) {
  const name = `${scene.name}-${ending}`;
  // axe has to be injected; the policy forbids a script tag, but not `evaluate`.
  const context = await browser.newContext({ colorScheme, forcedColors, viewport: size, reducedMotion: 'reduce' });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  page.on('console', (message) => message.type() === 'error' && faults.push(`${name}: console: ${message.text()}`));
  page.on('pageerror', (error) => faults.push(`${name}: ${error.message}`));
  try {
    await page.goto(`${address}?fake=${scene.fake ?? 'full'}&scale=${scale}&language=${language}`);
    await page.getByRole('navigation').waitFor();
    await scene.act(inLanguage(page));
    await page.waitForTimeout(150);
    await page.screenshot({ path: join(folder, `${name}.png`) });
    await page.evaluate(axe);
    const found = await page.evaluate(async (isForced) => {
      const { violations } = await window.axe.run(document, {
        runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
        // The system chooses the colours, and axe reads those that the page asked for.
        rules: { 'color-contrast': { enabled: !isForced } },
      });
      return violations.map(
        (one) =>
          `${one.id}: ${one.nodes
            .slice(0, 3)
            .map((node) => `${node.html.slice(0, 140)} | ${(node.any[0]?.message ?? '').slice(0, 160)}`)
            .join(' || ')}`,
      );
    }, forcedColors === 'active');
    faults.push(...found.map((fault) => `${name}: axe ${fault}`));
    const wide = await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
    faults.push(...(await page.evaluate(cutOff)).map((fault) => `${name}: cut off: ${fault}`));
    faults.push(...(await page.evaluate(shortened)).map((fault) => `${name}: shortened: ${fault}`));
    if (wide) faults.push(`${name}: wider than the window`);
    if (forcedColors === 'active')
      faults.push(...(await page.evaluate(unseen)).map((fault) => `${name}: not seen: ${fault}`));
  } catch (error) {
    faults.push(`${name}: ${error.message.split('\n').slice(0, 4).join(' ')}`);
    await page.screenshot({ path: join(folder, `${name}-broken.png`) });
  }
  await context.close();
}

/** In the page: text and controls that are clipped by an element that does not scroll. */
function cutOff() {
  const found = [];
  for (const element of document.querySelectorAll(
    '#app :is(button, input, select, h1, h2, h3, p, td, th, dt, dd, label, .chip), .dialog :is(button, p, h2, label)',
  )) {
    const box = element.getBoundingClientRect();
    if (box.width < 2 || element.closest('.visually-hidden, [hidden], .word')) continue;
    for (let parent = element.parentElement; parent && parent !== document.body; parent = parent.parentElement) {
      const { overflowX, position } = getComputedStyle(parent);
      if (overflowX === 'visible' && position !== 'fixed') continue;
      const frame = parent.getBoundingClientRect();
      if (overflowX === 'auto' || overflowX === 'scroll') break;
      if (box.right > frame.right + 1.5 || box.left < frame.left - 1.5)
        found.push(
          `${element.tagName.toLowerCase()} “${element.textContent.trim().slice(0, 30)}” by ${Math.round(Math.max(box.right - frame.right, frame.left - box.left))} px`,
        );
      break;
    }
  }
  return found.slice(0, 4);
}

/** In the page, with forced colours: what is chosen, marked or drawn, but looks like the rest. */
function unseen() {
  const found = [];
  const looks = (element) => {
    const { backgroundColor, borderTopColor, borderBottomColor, borderTopWidth, color, textDecorationLine } =
      getComputedStyle(element);
    return [backgroundColor, borderTopColor, borderBottomColor, borderTopWidth, color, textDecorationLine].join(' ');
  };
  // Of elements that look alike, one that is chosen has to differ from one that is not.
  for (const [chosen, other] of [
    ['.go[aria-current]', '.go:not([aria-current])'],
    ['.entry[aria-current]', '.entry:not([aria-current])'],
    ['.tab[data-state="active"]', '.tab:not([data-state="active"])'],
    ['.button[aria-pressed="true"]', '.button[aria-pressed="false"]'],
    ['.mark .words', '.text'],
  ]) {
    const [one, rest] = [document.querySelector(chosen), document.querySelector(other)];
    if (one && rest && looks(one) === looks(rest)) found.push(chosen);
  }
  // What is drawn with a background alone is gone if that is the colour of the page.
  const page = getComputedStyle(document.body).backgroundColor;
  for (const element of document.querySelectorAll('.track .bar, .bar > span')) {
    const box = element.getBoundingClientRect();
    const { backgroundColor } = getComputedStyle(element);
    if (box.width > 1 && backgroundColor === page) found.push(`${element.className} without a colour`);
  }
  return [...new Set(found)];
}

/** In the page: titles and controls whose text ends in an ellipsis, and that say the rest nowhere. */
function shortened() {
  const found = [];
  for (const element of document.querySelectorAll('#app *, .dialog *')) {
    if (element.scrollWidth <= element.clientWidth + 1 || element.closest('.visually-hidden, .selectable, [title]'))
      continue;
    const { overflowX, textOverflow } = getComputedStyle(element);
    if (overflowX !== 'hidden' && textOverflow !== 'ellipsis') continue;
    const own = [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent.trim());
    if (own)
      found.push(`${element.tagName.toLowerCase()}.${element.className} “${element.textContent.trim().slice(0, 60)}”`);
  }
  return found.slice(0, 6);
}

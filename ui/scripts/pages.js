// Opens every screen in Chromium, light and dark, at two sizes: axe must find no violation, and nothing may overflow.
// Screenshots go to a folder: `npm run build && npm run pages [-- FOLDER] [-- --only=data,train] [-- --language=de]`.
// In another language than English, only the smallest window is looked at: there its texts have the least room.
import { readFileSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openBrowser } from './browser.js';
import { scenes } from './scenes.js';
import { translator } from './translated.js';

const folder = process.argv.slice(2).find((word) => !word.startsWith('--')) ?? join(tmpdir(), 'tagsmith-pages');
const only = process.argv
  .find((word) => word.startsWith('--only='))
  ?.slice(7)
  .split(',');
const language = process.argv.find((word) => word.startsWith('--language='))?.slice(11) ?? 'en';
const inLanguage = language === 'en' ? (page) => page : await translator(language);
mkdirSync(folder, { recursive: true });
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const { browser, address, close } = await openBrowser();
const faults = [];
// The smallest window, a usual one, and a usual one with text of twice the size.
const looks = [
  { width: 1280, height: 800, scale: 1 },
  { width: 1024, height: 700, scale: 1 },
  { width: 1280, height: 800, scale: 2 },
];
for (const colorScheme of ['light', 'dark']) {
  for (const size of looks) {
    for (const scene of scenes) {
      if (only && !only.some((word) => scene.name.includes(word))) continue;
      if (scene.once && (colorScheme !== 'light' || (size.width !== 1024 && size.scale === 1))) continue;
      if (size.scale === 2 && colorScheme === 'dark') continue;
      if (language !== 'en' && (size.width !== 1024 || colorScheme === 'dark')) continue;
      await look(scene, colorScheme, size);
    }
  }
}
await close();
for (const fault of faults) console.error(fault);
console.log(`${faults.length} faults; screenshots in ${folder}`);
process.exit(faults.length ? 1 : 0);

async function look(scene, colorScheme, { scale, ...size }) {
  const name = `${scene.name}-${colorScheme}-${size.width}${scale === 2 ? '-large' : ''}`;
  // axe has to be injected; the policy forbids a script tag, but not `evaluate`.
  const context = await browser.newContext({ colorScheme, viewport: size, reducedMotion: 'reduce' });
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
    const found = await page.evaluate(async () => {
      const { violations } = await window.axe.run(document, {
        runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
      });
      return violations.map(
        (one) =>
          `${one.id}: ${one.nodes
            .slice(0, 3)
            .map((node) => `${node.html.slice(0, 140)} | ${(node.any[0]?.message ?? '').slice(0, 160)}`)
            .join(' || ')}`,
      );
    });
    faults.push(...found.map((fault) => `${name}: axe ${fault}`));
    const wide = await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
    faults.push(...(await page.evaluate(cutOff)).map((fault) => `${name}: cut off: ${fault}`));
    faults.push(...(await page.evaluate(shortened)).map((fault) => `${name}: shortened: ${fault}`));
    if (wide) faults.push(`${name}: wider than the window`);
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

// Opens every screen in Chromium, light and dark, at two sizes: axe must find nothing, nothing may overflow.
// Screenshots go to a folder: `npm run build && npm run pages [-- FOLDER] [-- --only=data,train]`.
import { readFileSync, mkdirSync, existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { scenes } from './scenes.js';

const here = fileURLToPath(new URL('..', import.meta.url));
const dist = join(here, 'dist');
if (!existsSync(join(dist, 'index.html'))) fail('`ui/dist` is not built', 'run `npm run build` first');
const folder = process.argv.slice(2).find((word) => !word.startsWith('--')) ?? join(tmpdir(), 'tagsmith-pages');
const only = process.argv.find((word) => word.startsWith('--only='))?.slice(7).split(',');
mkdirSync(folder, { recursive: true });
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const types = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' };
// The policy that the shell will set, so that what it forbids is found here already.
const policy = "default-src 'self'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'";
const server = createServer((request, response) => {
  const path = normalize(new URL(request.url, 'http://x').pathname);
  const file = join(dist, path === '/' ? 'index.html' : path);
  if (!existsSync(file)) return response.writeHead(404).end();
  response.writeHead(200, { 'content-type': types[extname(file)] ?? 'application/octet-stream', 'content-security-policy': policy });
  response.end(readFileSync(file));
});
await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
const address = `http://127.0.0.1:${server.address().port}/`;

const browser = await chromium.launch({ executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
const faults = [];
const sizes = [
  { width: 1280, height: 800 },
  { width: 1024, height: 700 },
];
for (const colorScheme of ['light', 'dark']) {
  for (const size of sizes) {
    for (const scene of scenes) {
      if (only && !only.some((word) => scene.name.includes(word))) continue;
      if (scene.once && (colorScheme !== 'light' || size.width !== 1024)) continue;
      await look(scene, colorScheme, size);
    }
  }
}
await browser.close();
server.close();
for (const fault of faults) console.error(fault);
console.log(`${faults.length} faults; screenshots in ${folder}`);
process.exit(faults.length ? 1 : 0);

async function look(scene, colorScheme, size) {
  const name = `${scene.name}-${colorScheme}-${size.width}`;
  // axe has to be injected, which the policy would refuse from a script tag; evaluating is allowed.
  const context = await browser.newContext({ colorScheme, viewport: size, reducedMotion: 'reduce' });
  const page = await context.newPage();
  page.on('console', (message) => message.type() === 'error' && faults.push(`${name}: console: ${message.text()}`));
  page.on('pageerror', (error) => faults.push(`${name}: ${error.message}`));
  try {
    await page.goto(`${address}?fake=${scene.fake ?? 'full'}`);
    await page.getByRole('navigation').waitFor();
    await scene.act(page);
    await page.waitForTimeout(150);
    await page.screenshot({ path: join(folder, `${name}.png`) });
    await page.evaluate(axe);
    const found = await page.evaluate(async () => {
      const { violations } = await window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] });
      return violations.map((one) => `${one.id}: ${one.nodes.slice(0, 3).map((node) => `${node.html.slice(0, 140)} | ${(node.any[0]?.message ?? '').slice(0, 160)}`).join(' || ')}`);
    });
    faults.push(...found.map((fault) => `${name}: axe ${fault}`));
    const wide = await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
    if (wide) faults.push(`${name}: wider than the window`);
  } catch (error) {
    faults.push(`${name}: ${error.message.split('\n').slice(0, 4).join(' ')}`);
    await page.screenshot({ path: join(folder, `${name}-broken.png`) });
  }
  await context.close();
}

function fail(message, hint) {
  console.error(`error: ${message}\nhint: ${hint}`);
  process.exit(1);
}

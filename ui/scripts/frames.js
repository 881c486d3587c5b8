// Measures frame times while 200,000 documents scroll and while training events stream, and the time from a
// key press to its highlight. `npm run build && npm run frames`; prints the figures and never fails.
import { openBrowser } from './browser.js';

const { browser, address, close } = await openBrowser();
const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
const page = await context.newPage();
page.on('pageerror', (error) => console.error(error.message));
await page.goto(`${address}?fake=large`);
const go = (name) => page.getByRole('button', { name, exact: true }).first().click();
await page.getByRole('navigation').waitFor();
await page.evaluate(() => {
  /** Milliseconds between frames for `seconds`, with an action in each. */
  window.frames_ = (seconds, each) =>
    new Promise((done) => {
      const times = [];
      let last;
      const began = performance.now();
      const frame = (now) => {
        if (last !== undefined) times.push(now - last);
        last = now;
        each?.();
        if (now - began < seconds * 1000) requestAnimationFrame(frame);
        else done(times);
      };
      requestAnimationFrame(frame);
    });
  window.scrollFrames = (seconds, pixels) => {
    const list = document.querySelector('.viewport');
    list.scrollTop = 0;
    return window.frames_(seconds, () => (list.scrollTop += pixels));
  };
});

report('nothing moves', await page.evaluate(() => window.frames_(2)));

await go('Data');
await page.getByLabel('Data set', { exact: true }).selectOption('two-hundred-thousand');
await page.getByRole('tab', { name: 'Documents' }).click();
await page.getByText('200,000 documents').waitFor();
report('200,000 documents, read along (40 px a frame)', await page.evaluate(() => window.scrollFrames(4, 40)));
report('200,000 documents, wheel (300 px a frame)', await page.evaluate(() => window.scrollFrames(4, 300)));
report('200,000 documents, thrown (6,000 px a frame)', await page.evaluate(() => window.scrollFrames(4, 6000)));

await go('Train');
await page.getByLabel('Data set', { exact: true }).selectOption('support-tickets');
await page.getByRole('button', { name: 'Start training' }).click();
await page
  .getByText(/ Scored dev/i)
  .nth(1)
  .waitFor();
report('training, ten beats of events a second', await page.evaluate(() => window.frames_(6)));
await page.getByRole('button', { name: 'Stop and keep' }).click();

await go('Highlight');
await page.getByRole('button', { name: 'Try an example' }).click();
await page.getByText('Hollins Bay College').first().waitFor();
// A threshold of 0, so that every entity is drawn.
await page.getByRole('combobox', { name: 'Model' }).selectOption('tickets-first');
await page.getByLabel(/^Minimum confidence/).fill('0');
await times('key to highlight, one paragraph');
await page.getByRole('button', { name: 'Open text…' }).click();
await page.getByText(/^[\d,]{5,} entities/).waitFor({ timeout: 60_000 });
report('200 pages, wheel (300 px a frame)', await page.evaluate(() => window.scrollFrames(4, 300)));
// A box of 200 pages is hidden at first; once it is shown, the browser lays it out again with each key.
await page.getByRole('button', { name: 'Show text box' }).click();
await times('key to highlight, 200 pages in the unfolded box');
await close();

/** Repeatedly types a new error code at the end of the text. */
async function times(what) {
  await page.evaluate(() => (document.querySelector('.viewport').scrollTop = 0));
  const box = page.getByLabel('Your text');
  await box.focus();
  await page.keyboard.press('Control+Home');
  const all = [];
  const handled = [];
  for (let i = 0; i < 9; i += 1) {
    const code = `E-${4000 + i}`;
    await page.keyboard.type(' ');
    await page.keyboard.press('Control+Home');
    await page.keyboard.type(code.slice(0, -1));
    await page.waitForTimeout(600);
    const [time, work] = await page.evaluate(
      ({ code, last }) =>
        new Promise((done) => {
          const box = document.querySelector('textarea');
          const at = code.length - 1 + box.value.indexOf(code.slice(0, -1));
          const began = performance.now();
          box.setRangeText(last, at, at, 'end');
          box.dispatchEvent(new Event('input', { bubbles: true }));
          const work = performance.now() - began;
          const look = () => {
            if ([...document.querySelectorAll('.viewport .mark .words')].some((mark) => mark.textContent === code))
              done([performance.now() - began, work]);
            else if (performance.now() - began > 5000) done([NaN, work]);
            else requestAnimationFrame(look);
          };
          requestAnimationFrame(look);
        }),
      { code, last: code.at(-1) },
    );
    all.push(time);
    handled.push(work);
    await page.waitForTimeout(300);
    await page.keyboard.press('Control+Home');
  }
  console.log(
    `${what}: median ${middle(all).toFixed(0)} ms, worst ${Math.max(...all).toFixed(0)} ms (180 ms of it the rest after the last key); the key itself ${middle(handled).toFixed(1)} ms`,
  );
}

function report(what, frames) {
  const slow = frames.filter((time) => time > 34).length;
  console.log(
    `${what}: median ${middle(frames).toFixed(1)} ms, worst ${Math.max(...frames).toFixed(1)} ms, ${slow} of ${frames.length} frames over 34 ms`,
  );
}
function middle(numbers) {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? NaN;
}

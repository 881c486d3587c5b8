// The scenes of `pages.js`: a scenario of the demonstration, and the clicks that lead to the screen.
//
// One file, as it is one list.

const go = (page, screen) => page.getByRole('button', { name: screen, exact: true }).click();
const tab = (page, name) => page.getByRole('tab', { name }).click();

/** Opens a data set with findings. */
async function messy(page) {
  await go(page, 'Data');
  await page.getByLabel('Data set', { exact: true }).selectOption('field-notes');
}
async function choose(page) {
  await go(page, 'Data');
  await page.getByRole('button', { name: 'Import…' }).click();
  await page.getByText(/documents, [\d,]+ entities,/).waitFor();
}

export const scenes = [
  {
    name: 'highlight',
    act: async (page) => {
      await go(page, 'Highlight');
      await page.getByRole('button', { name: 'Try an example' }).click();
      await page.getByRole('button', { name: /Imran/ }).hover();
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
  {
    name: 'highlight-progress',
    act: async (page) => {
      await go(page, 'Highlight');
      await page.getByRole('button', { name: 'Two models' }).click();
      await page.evaluate(() => {
        const { world } = window.tagsmithFake;
        // Numbered, because equal paragraphs are tagged once.
        const pages = Array.from({ length: 40 }, (_, place) => `Page ${place}\n${world.nextText.text}`);
        world.nextText = { name: 'book.txt', text: pages.join('\n\n') };
        world.taggerWaits = true;
      });
      await page.getByRole('button', { name: 'Open text…' }).click();
      await page
        .getByText(/of \d+ paragraphs/)
        .first()
        .waitFor();
    },
  },
  { name: 'highlight-empty', fake: 'empty', once: true, act: (page) => go(page, 'Highlight') },
  { name: 'highlight-failed', fake: 'failed', once: true, act: (page) => go(page, 'Highlight') },
  { name: 'highlight-busy', fake: 'slow', once: true, act: (page) => go(page, 'Highlight') },
  { name: 'data', act: (page) => go(page, 'Data') },
  {
    name: 'data-documents',
    act: async (page) => {
      await go(page, 'Data');
      await tab(page, 'Documents');
      await page.getByText('480 documents').waitFor();
    },
  },
  {
    name: 'data-findings',
    act: async (page) => {
      await messy(page);
      await tab(page, /^Findings/);
      await page
        .getByRole('button', { name: /^Show (it|all)/ })
        .first()
        .click();
      await page
        .getByText(/line\s\d+$/)
        .first()
        .waitFor();
    },
  },
  {
    name: 'import-annotators',
    act: async (page) => {
      await page.evaluate(() => (window.tagsmithFake.world.nextFiles = ['/home/sam/Documents/team-notes.json']));
      await choose(page);
      await page.getByText('Annotations of').waitFor();
    },
  },
  {
    name: 'data-annotators',
    act: async (page) => {
      await page.evaluate(() => (window.tagsmithFake.world.nextFiles = ['/home/sam/Documents/team-notes.json']));
      await choose(page);
      await page.getByRole('button', { name: 'Import', exact: true }).click();
      await page.getByText('Agreement of the annotators').waitFor();
    },
  },
  {
    name: 'data-place',
    act: async (page) => {
      await messy(page);
      await tab(page, /^Findings/);
      await page
        .getByRole('region', { name: 'Entity boundaries inside a word' })
        .getByRole('button', { name: /^Show (it|all)/ })
        .click();
      await page
        .getByRole('button', { name: /^Show in the text/ })
        .first()
        .click();
      await page.locator('.document[aria-current] .pointed').waitFor();
    },
  },
  {
    name: 'data-repair',
    act: async (page) => {
      await messy(page);
      await tab(page, /^Findings/);
      await page.getByRole('button', { name: /^Trim entities/ }).click();
      await page.getByText(/entities change|entity changes/).waitFor();
    },
  },
  {
    name: 'data-undo',
    once: true,
    act: async (page) => {
      await messy(page);
      await tab(page, /^Findings/);
      await page.getByRole('button', { name: /^Trim entities/ }).click();
      await page.getByRole('button', { name: 'Repair', exact: true }).click();
      await page.getByRole('button', { name: 'Undo' }).waitFor();
    },
  },
  {
    name: 'data-labels',
    act: async (page) => {
      await messy(page);
      await tab(page, 'Labels');
      await page.getByLabel('New name of ORG').fill('COMPANY');
      await page.getByRole('button', { name: 'Drop DATE' }).click();
      await page.getByLabel('New name of Person', { exact: true }).fill('PERSON');
      await page.getByLabel('Choose PRODUCT').check();
      await page.getByLabel('Choose COMPONENT').check();
    },
  },
  {
    name: 'data-repairs',
    act: async (page) => {
      await messy(page);
      for (const repair of [/^Trim entities/, /^Drop duplicates/, /^Person becomes/]) {
        await tab(page, /^Findings/);
        await page.getByRole('button', { name: repair }).click();
        await page.getByRole('button', { name: 'Repair', exact: true }).click();
        await page.getByRole('dialog').waitFor({ state: 'detached' });
      }
      await tab(page, /^Repairs/);
    },
  },
  { name: 'data-overview-messy', once: true, act: messy },
  {
    name: 'data-split',
    act: async (page) => {
      await go(page, 'Data');
      await page.getByRole('button', { name: 'Split again…' }).click();
      await page.getByText('Expected entities').waitFor();
    },
  },
  {
    name: 'data-sample',
    once: true,
    act: async (page) => {
      await go(page, 'Data');
      await tab(page, 'Repairs');
      await page.getByRole('button', { name: 'Take a sample…' }).click();
    },
  },
  {
    name: 'data-export',
    act: async (page) => {
      await messy(page);
      await page.getByRole('button', { name: 'Export…' }).click();
      await page.getByText(/cannot hold everything/).waitFor();
    },
  },
  {
    name: 'data-import-drop',
    act: async (page) => {
      await go(page, 'Data');
      await page.getByRole('button', { name: 'Import…' }).click();
    },
  },
  {
    name: 'data-import',
    act: async (page) => {
      await choose(page);
      await page.getByRole('button', { name: 'Change how it is read' }).last().click();
    },
  },
  {
    name: 'data-import-findings',
    act: async (page) => {
      await choose(page);
      await page
        .getByRole('dialog')
        .getByRole('tab', { name: /^Findings/ })
        .click();
    },
  },
  {
    name: 'data-import-repairs',
    once: true,
    act: async (page) => {
      await choose(page);
      const dialog = page.getByRole('dialog');
      await dialog.getByRole('tab', { name: /^Findings/ }).click();
      await dialog.getByRole('button', { name: /^Drop duplicates/ }).click();
      await dialog.getByRole('button', { name: /^Trim entities/ }).click();
      await dialog.getByRole('tab', { name: /^Repairs/ }).click();
    },
  },
  {
    name: 'data-import-folder',
    act: async (page) => {
      await go(page, 'Data');
      // The system's dialog, which opens by itself, is cancelled.
      await page.evaluate(() => (window.tagsmithFake.world.nextFiles = []));
      await page.getByRole('button', { name: 'Import…' }).click();
      await page.getByRole('button', { name: 'Choose a folder…' }).click();
      await page.getByText(/documents, [\d,]+ entities,/).waitFor();
    },
  },
  {
    name: 'data-import-broken',
    act: async (page) => {
      await go(page, 'Data');
      await page.evaluate(() => (window.tagsmithFake.world.nextFiles = ['/home/sam/Documents/broken.conll']));
      await page.getByRole('button', { name: 'Import…' }).click();
      await page.getByText(/cannot be imported yet/).waitFor();
    },
  },
  {
    name: 'data-import-busy',
    once: true,
    act: async (page) => {
      await go(page, 'Data');
      await page.evaluate(() => (window.tagsmithFake.world.tick = 60_000));
      await page.getByRole('button', { name: 'Import…' }).click();
      await page.getByRole('progressbar').waitFor();
    },
  },
  { name: 'data-empty', fake: 'empty', once: true, act: (page) => go(page, 'Data') },
  { name: 'data-failed', fake: 'failed', once: true, act: (page) => go(page, 'Data') },
  { name: 'train-new', act: (page) => go(page, 'Train') },
  {
    name: 'train-advanced',
    act: async (page) => {
      await go(page, 'Train');
      await page.getByText('Advanced settings', { exact: true }).click();
      await page.getByText('Optimiser', { exact: true }).click();
      await page.getByLabel('Frozen layers', { exact: true }).fill('9');
      await page.getByText('Rare labels', { exact: true }).click();
      await page.getByText('Memory and speed', { exact: true }).scrollIntoViewIfNeeded();
    },
  },
  {
    name: 'train-run',
    act: async (page) => {
      await go(page, 'Train');
      await page.getByRole('button', { name: /^More epochs/ }).click();
      await page.getByText(/go through at once/).scrollIntoViewIfNeeded();
    },
  },
  {
    name: 'train-live',
    act: async (page) => {
      await go(page, 'Train');
      await page.getByLabel('Model to start from', { exact: true }).selectOption('starter');
      await page.getByRole('button', { name: 'Start training' }).click();
      await page
        .getByText(/Scored Dev/i)
        .nth(2)
        .waitFor();
      await page.locator('.plot').first().hover();
    },
  },
  {
    name: 'train-compare',
    act: async (page) => {
      await go(page, 'Train');
      await page.getByRole('button', { name: /^More epochs/ }).click();
      await page.getByLabel('Compare with').selectOption({ label: 'First try' });
      await page.getByText('Difference', { exact: true }).first().waitFor();
    },
  },
  {
    name: 'train-compare-other',
    act: async (page) => {
      await page.evaluate(() => {
        const { world } = window.tagsmithFake;
        const [first] = world.runs;
        first.run = { ...first.run, data: 'field-notes', data_name: 'Field notes' };
        for (const listener of world.listeners.change) listener(first.run);
      });
      await go(page, 'Train');
      await page.getByRole('button', { name: /^More epochs/ }).click();
      await page.getByLabel('Compare with').selectOption({ label: 'First try' });
      await page.getByText('Documents that differ').click();
      await page.getByText('Documents that differ').scrollIntoViewIfNeeded();
    },
  },
  {
    name: 'train-faults',
    act: async (page) => {
      await go(page, 'Train');
      await page.getByLabel('Model to start from', { exact: true }).selectOption('starter');
      await page.getByLabel('Learning rate', { exact: true }).fill('0.5');
      await page.getByTestId('setting-batch_size').fill('0');
      await page.getByRole('button', { name: 'Start training' }).scrollIntoViewIfNeeded();
    },
  },
  {
    name: 'train-copy',
    act: async (page) => {
      await go(page, 'Train');
      await page.getByRole('button', { name: /^More epochs/ }).click();
      await page.getByRole('button', { name: 'Duplicate', exact: true }).click();
    },
  },
  {
    name: 'train-preparing',
    act: async (page) => {
      await go(page, 'Train');
      await page.getByLabel('Model to start from', { exact: true }).selectOption('starter');
      await page.getByLabel('Device', { exact: true }).selectOption('vulkan:0');
      await page.getByRole('button', { name: 'Start training' }).click();
      await page.getByText(/^Preparing the GPU: kernel/).waitFor();
    },
  },
  {
    name: 'train-seeds-new',
    act: async (page) => {
      await go(page, 'Train');
      await page.getByLabel('Model to start from', { exact: true }).selectOption('starter');
      await page.getByLabel('How often').selectOption('seeds');
      await page.getByLabel('How often').scrollIntoViewIfNeeded();
    },
  },
  {
    name: 'train-search-new',
    act: async (page) => {
      await go(page, 'Train');
      await page.getByLabel('Model to start from', { exact: true }).selectOption('starter');
      await page.getByLabel('How often').selectOption('search');
      await page.getByText('Settings that take part').waitFor();
      await page.getByRole('checkbox', { name: /^Weight decay/ }).uncheck();
      await page.getByRole('button', { name: 'Start training' }).scrollIntoViewIfNeeded();
    },
  },
  {
    name: 'train-seeds',
    fake: 'studies',
    act: async (page) => {
      await go(page, 'Train');
      await page.getByRole('button', { name: /^Baseline \d/ }).click();
    },
  },
  {
    name: 'train-seeds-live',
    act: async (page) => {
      await go(page, 'Train');
      await page.getByLabel('Model to start from', { exact: true }).selectOption('starter');
      await page.getByLabel('How often').selectOption('seeds');
      await page.getByRole('button', { name: 'Start training' }).click();
      await page.getByText('Done', { exact: true }).first().waitFor();
    },
  },
  {
    name: 'train-search',
    fake: 'studies',
    act: async (page) => {
      await go(page, 'Train');
      await page.getByRole('button', { name: /^Better settings(?!,)/ }).click();
    },
  },
  {
    name: 'train-search-below',
    fake: 'studies',
    act: async (page) => {
      await go(page, 'Train');
      await page.getByRole('button', { name: /^Better settings(?!,)/ }).click();
      await page.getByText('What mattered').scrollIntoViewIfNeeded();
    },
  },
  {
    name: 'train-many-trials',
    fake: 'many',
    act: async (page) => {
      await go(page, 'Train');
      await page.getByRole('button', { name: /^Search with 300/ }).click();
      const box = page.getByRole('region', { name: 'Table of trials' });
      await box.evaluate((element) => (element.scrollTop = element.scrollHeight / 2));
      await page.locator('tr[aria-rowindex="152"]').waitFor();
    },
  },
  {
    name: 'train-many-runs',
    fake: 'many',
    act: async (page) => {
      await go(page, 'Train');
      await page.getByTestId('show-queue').click();
      await page.getByLabel('Find a run').fill('Attempt 29');
      await page.getByRole('button', { name: /^Attempt 290/ }).waitFor();
      await page.getByText('Queued 60').scrollIntoViewIfNeeded();
    },
  },
  {
    name: 'train-search-live',
    act: async (page) => {
      await go(page, 'Train');
      await page.getByLabel('Model to start from', { exact: true }).selectOption('starter');
      await page.getByLabel('How often').selectOption('search');
      await page.getByText('Settings that take part').waitFor();
      await page.getByRole('button', { name: 'Start training' }).click();
      await page.getByText('Done', { exact: true }).nth(5).waitFor();
    },
  },
  {
    name: 'train-search-stopped',
    fake: 'studies',
    once: true,
    act: async (page) => {
      await go(page, 'Train');
      await page.getByRole('button', { name: /^Short search/ }).click();
    },
  },
  {
    name: 'train-study-failed',
    fake: 'studies',
    once: true,
    act: async (page) => {
      await go(page, 'Train');
      await page.evaluate(() => {
        const { world } = window.tagsmithFake;
        const failure = {
          code: 'disk-full',
          message: 'cannot write `/home/sam/tagsmith/studies/short-search/runs`: no space left on device',
          hint: 'free some space; what was done before is unharmed',
        };
        for (const listener of world.listeners.study)
          listener({ ...world.studies[2].study, status: 'failed', failure });
      });
      await page.getByRole('button', { name: /^Short search/ }).click();
    },
  },
  {
    name: 'train-queue',
    fake: 'studies',
    act: async (page) => {
      await go(page, 'Train');
      await page.getByRole('button', { name: /^Queue/ }).click();
      await page.getByText('continues where it stopped').scrollIntoViewIfNeeded();
    },
  },
  {
    name: 'train-queue-live',
    act: async (page) => {
      await go(page, 'Train');
      await page.getByLabel('Model to start from', { exact: true }).selectOption('starter');
      await page.getByRole('button', { name: 'Start training' }).click();
      await page.getByRole('button', { name: 'New run' }).first().click();
      await page.getByRole('button', { name: 'Add to queue' }).click();
      await page.getByLabel('How often').selectOption('seeds');
      await page.getByRole('button', { name: 'Add to queue' }).click();
      await page
        .getByRole('button', { name: /^Remove/ })
        .nth(1)
        .scrollIntoViewIfNeeded();
    },
  },
  {
    name: 'train-findings',
    once: true,
    act: async (page) => {
      await go(page, 'Train');
      await page.getByLabel('Data set', { exact: true }).selectOption('field-notes');
      await page.getByTestId('run-findings').waitFor();
    },
  },
  {
    // Long names, and an error below the screen.
    name: 'train-names',
    act: async (page) => {
      await go(page, 'Models');
      await page.evaluate(() => {
        const { world, switches } = window.tagsmithFake;
        for (const entry of world.runs) {
          const name = `Support tickets of all annotators, ${entry.run.name.toLowerCase()}`;
          entry.run = { ...entry.run, name };
          for (const listener of world.listeners.change) listener(entry.run);
        }
        for (const command of ['runs.rename', 'runs.star']) switches.refuse(command);
      });
      await go(page, 'Train');
      await page.getByTestId('run-tickets-longer').click();
      await page.getByRole('button', { name: 'Star', exact: true }).click();
      await page.getByRole('alert').waitFor();
    },
  },
  {
    name: 'train-queue-stuck',
    fake: 'studies',
    once: true,
    act: async (page) => {
      await page.evaluate(() => {
        const { world } = window.tagsmithFake;
        world.queue.failure = {
          code: 'disk-full',
          message: 'cannot write `/home/sam/tagsmith/queue/log.txt`: no space left on device',
          hint: 'free some space; what was done before is unharmed',
        };
        world.queue.entries[0].status = 'failed';
        world.queue.entries[0].failure = { code: 'memory', message: 'there is not enough memory', hint: null };
        for (const listener of world.listeners.queue) listener(structuredClone(world.queue));
      });
      await go(page, 'Train');
      await page.getByText('Search with BERT').scrollIntoViewIfNeeded();
    },
  },
  {
    name: 'queue-question',
    fake: 'asking',
    act: async (page) => {
      await page.getByText('Go on with the queue?').waitFor();
    },
  },
  {
    name: 'train-mentions',
    act: async (page) => {
      await go(page, 'Train');
      await page.getByText('Advanced settings', { exact: true }).click();
      await page.getByText('Augmentation', { exact: true }).click();
      await page.getByRole('button', { name: 'Choose a file…' }).click();
      await page.getByText(/^214 mentions/).waitFor();
      await page.getByText(/^214 mentions/).scrollIntoViewIfNeeded();
    },
  },
  {
    name: 'train-mentions-broken',
    once: true,
    act: async (page) => {
      await go(page, 'Train');
      await page.evaluate(() => (window.tagsmithFake.world.nextMentions = '/home/sam/broken.tsv'));
      await page.getByText('Advanced settings', { exact: true }).click();
      await page.getByText('Augmentation', { exact: true }).click();
      await page.getByRole('button', { name: 'Choose a file…' }).click();
      await page.getByText('This list cannot be used').scrollIntoViewIfNeeded();
    },
  },
  { name: 'train-empty', fake: 'empty', once: true, act: (page) => go(page, 'Train') },
  {
    name: 'train-failed-run',
    once: true,
    act: async (page) => {
      await go(page, 'Train');
      await page.getByRole('button', { name: /^Large batch/ }).click();
    },
  },
  { name: 'results', act: (page) => go(page, 'Results') },
  {
    name: 'results-confusion',
    act: async (page) => {
      await go(page, 'Results');
      await tab(page, 'Confusion');
    },
  },
  {
    name: 'results-errors',
    act: async (page) => {
      await go(page, 'Results');
      await tab(page, /Wrong predictions/);
    },
  },
  {
    name: 'results-below',
    act: async (page) => {
      await go(page, 'Results');
      await page.getByText(/Scored as conlleval/).scrollIntoViewIfNeeded();
    },
  },
  {
    name: 'results-nothing',
    act: async (page) => {
      await page.evaluate(() => {
        const { world } = window.tagsmithFake;
        const entry = world.runs.find(({ run }) => run.id === 'tickets-longer');
        const part = entry.report.splits.test;
        part.metrics.overall = { ...part.metrics.overall, f1: 0, precision: 0, recall: 0 };
        part.judgement = {
          ...part.judgement,
          predicted: 12,
          correct: 0,
          weakest: null,
          caveats: [{ caveat: 'nothing-learned' }],
        };
        entry.run = { ...entry.run, test_f1: 0, best_f1: 0 };
        for (const listener of world.listeners.change) listener(entry.run);
      });
      await go(page, 'Train');
      await page.getByRole('button', { name: /^More epochs/ }).click();
      await page.getByText(/It has learned nothing/).waitFor();
    },
  },
  {
    name: 'results-document',
    act: async (page) => {
      await go(page, 'Results');
      await tab(page, /Wrong predictions/);
      await page
        .getByRole('button', { name: /^Test, test.jsonl,/ })
        .nth(2)
        .click();
      await page.locator('.document.pointed').waitFor();
    },
  },
  {
    name: 'results-back',
    act: async (page) => {
      await go(page, 'Results');
      await tab(page, /Wrong predictions/);
      await page
        .getByRole('button', { name: /^Test, test.jsonl,/ })
        .nth(2)
        .click();
      await page.getByRole('button', { name: /^Back to/ }).click();
      await page.locator('article.pointed').waitFor();
    },
  },
  {
    name: 'results-ask',
    act: async (page) => {
      await go(page, 'Results');
      await page.getByRole('button', { name: /^Score a model/ }).click();
      await page.getByLabel('Model', { exact: true }).selectOption('dslim/bert-base-NER');
    },
  },
  {
    name: 'results-scoring',
    act: async (page) => {
      await go(page, 'Results');
      await page.getByRole('button', { name: /^Score a model/ }).click();
      await page.getByRole('button', { name: 'Score', exact: true }).click();
      await page.getByText(/of \d+ documents$/).waitFor();
    },
  },
  {
    name: 'results-other',
    act: async (page) => {
      await go(page, 'Results');
      await page.getByRole('button', { name: /^More epochs Field notes/ }).click();
      await page.getByText(/Scored as conlleval/).waitFor();
    },
  },
  {
    name: 'results-other-failed',
    once: true,
    act: async (page) => {
      await go(page, 'Results');
      await page.getByRole('button', { name: /^dslim/ }).click();
    },
  },
  {
    name: 'close',
    act: async (page) => {
      await go(page, 'Models');
      await page.getByRole('button', { name: /^SciBERT(?!,)/ }).click();
      await page.getByRole('button', { name: /^Download/ }).click();
      await go(page, 'Train');
      await page.getByRole('button', { name: 'Start training' }).click();
      await page.getByText(/^Step/).waitFor();
      await page.evaluate(() => dispatchEvent(new Event('tagsmith:close')));
      await page.getByText('Close Tagsmith?').waitFor();
    },
  },
  {
    name: 'close-tagging',
    act: async (page) => {
      await go(page, 'Tag files');
      await page.evaluate(() => (window.tagsmithFake.world.nextFiles = ['/x/tickets.csv']));
      await page.getByRole('button', { name: 'Choose files…' }).click();
      await page.getByRole('button', { name: 'Start tagging' }).click();
      await page.evaluate(() => {
        const { world } = window.tagsmithFake;
        clearInterval(world.batches[0].timer);
        const batch = { ...world.batches[0].batch, status: 'tagging', done: 50, total: 200, seconds_left: 40 };
        for (const listener of world.listeners.batch) listener(batch);
        dispatchEvent(new Event('tagsmith:close'));
      });
      await page.getByText('Close Tagsmith?').waitFor();
    },
  },
  { name: 'results-empty', fake: 'empty', once: true, act: (page) => go(page, 'Results') },
  { name: 'models', act: (page) => go(page, 'Models') },
  {
    name: 'models-cannot',
    act: async (page) => {
      await go(page, 'Models');
      await page.getByRole('searchbox').fill('deberta');
      await page.getByRole('button', { name: /^DeBERTa 3 base/ }).click();
    },
  },
  { name: 'models-first', fake: 'empty', act: (page) => go(page, 'Models') },
  {
    name: 'models-search',
    act: async (page) => {
      await go(page, 'Models');
      await tab(page, 'Search the Hub');
      await page.getByRole('button', { name: /dslim\/bert-large-NER/ }).click();
      await page.getByRole('button', { name: /^Download/ }).click();
      await page.getByText('Cancel download').waitFor();
    },
  },
  {
    name: 'models-gated',
    act: async (page) => {
      await go(page, 'Models');
      await tab(page, 'Search the Hub');
      await page.getByLabel('Name or address of a model').fill('bigcode');
      await page.getByRole('button', { name: /^bigcode/ }).click();
      await page.getByRole('button', { name: /^Download/ }).click();
      await page.getByText(/is given only to people/).waitFor();
    },
  },
  {
    name: 'models-broken-off',
    act: async (page) => {
      await go(page, 'Models');
      await tab(page, /On this computer/);
      await page.getByRole('button', { name: /^google-bert\/bert-large-cased/ }).click();
      await page.getByText('Discard').waitFor();
    },
  },
  {
    name: 'models-pretrain',
    act: async (page) => {
      await go(page, 'Models');
      await page.getByTestId('pretrain').click();
      await page.getByTestId('pretrain-choose').click();
      await page.getByText('calls.txt').waitFor();
    },
  },
  {
    name: 'models-pretraining',
    act: async (page) => {
      await go(page, 'Models');
      await page.getByTestId('pretrain').click();
      await page.getByTestId('pretrain-choose').click();
      await page.getByTestId('pretrain-start').click();
      await page.getByTestId('pretraining-use').waitFor();
    },
  },
  { name: 'tag-files', act: (page) => go(page, 'Tag files') },
  {
    name: 'tag-search',
    act: async (page) => {
      await go(page, 'Tag files');
      await page.evaluate(() => (window.tagsmithFake.world.nextFiles = ['/x/tickets.csv']));
      await page.getByRole('button', { name: 'Choose files…' }).click();
      await page.getByRole('button', { name: 'Start tagging' }).click();
      await page.getByRole('searchbox').fill('export');
      await page.locator('[data-found]').first().waitFor();
    },
  },
  {
    name: 'tag-export',
    once: true,
    act: async (page) => {
      await go(page, 'Tag files');
      await page.evaluate(() => (window.tagsmithFake.world.nextFiles = ['/x/tickets.csv']));
      await page.getByRole('button', { name: 'Choose files…' }).click();
      await page.getByRole('button', { name: 'Start tagging' }).click();
      await page.getByRole('searchbox').fill('export');
      await page.getByText('3 documents').waitFor();
      await page.getByRole('button', { name: 'Export…' }).click();
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'settings-storage',
    act: async (page) => {
      await go(page, 'Settings');
      await page.getByText('This program').scrollIntoViewIfNeeded();
    },
  },
  { name: 'models-failed', fake: 'failed', once: true, act: (page) => go(page, 'Models') },
  {
    name: 'settings',
    act: async (page) => {
      await go(page, 'Settings');
      await page.getByRole('button', { name: 'Test again' }).click();
      await page.getByText('Test passed').waitFor();
    },
  },
  {
    name: 'settings-testing',
    act: async (page) => {
      await go(page, 'Settings');
      await page.getByRole('button', { name: 'Test again' }).click();
      await page.getByText(/^Preparing the GPU: kernel/).waitFor();
    },
  },
  { name: 'help-steps', act: (page) => go(page, 'Help') },
  {
    name: 'help-formats',
    act: async (page) => {
      await go(page, 'Help');
      await tab(page, 'File formats');
      await go(page, 'brat');
    },
  },
  {
    name: 'help-binary',
    once: true,
    act: async (page) => {
      await go(page, 'Help');
      await tab(page, 'File formats');
      await go(page, 'Parquet');
    },
  },
  {
    name: 'help-glossary',
    act: async (page) => {
      await go(page, 'Help');
      await tab(page, 'Glossary');
    },
  },
  {
    name: 'help-search',
    once: true,
    act: async (page) => {
      await go(page, 'Help');
      await tab(page, 'Glossary');
      await page.keyboard.press('/');
      await page.keyboard.type('test');
    },
  },
  {
    name: 'shortcuts',
    act: async (page) => {
      await page.keyboard.press('?');
      await page.getByText('Switch tabs').waitFor();
    },
  },
];

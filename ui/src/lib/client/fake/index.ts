// The whole shell in memory: a library, a Hub, runs that advance by a clock. For tests and for looking at screens.

import { Failure, type Client, type Preferences } from '../client';
import { batchCommands } from './batches';
import { dataCommands } from './data';
import { evaluationCommands } from './evaluations';
import { modelCommands } from './library';
import { pretrainingCommands } from './pretraining';
import { queueCommands } from './queue';
import { runCommands } from './runs';
import { studyCommands } from './studies';
import { settingsCommands } from './settings';
import { Switches } from './switches';
import { windowCommands } from './window';
import { type Scenario, World } from './world';

export interface FakeOptions {
  scenario: Scenario;
  /** Milliseconds between two ticks of the clock that runs and downloads advance by. */
  tick: number;
  preferences: Partial<Preferences>;
}
export interface FakeClient {
  client: Client;
  switches: Switches;
  world: World;
}

export function createFake(options: Partial<FakeOptions> = {}): FakeClient {
  const world = new World(options.scenario ?? 'full', options.tick ?? 100);
  Object.assign(world.preferences, options.preferences);
  const switches = new Switches();
  const studies = studyCommands(world);
  const queue = queueCommands(world, (request) => {
    if ('text' in request) pretraining.begin(request);
    else if ((request.often?.kind ?? 'once') === 'once') runs.begin(request);
    else studies.start(request);
  });
  const runs = runCommands(world, studies, queue);
  const pretraining = pretrainingCommands(world, queue);
  let cancelTagging = () => {};
  const client = switches.guard({
    demo: true,
    models: modelCommands(world),
    data: dataCommands(world),
    runs: runs.commands,
    studies: studies.commands,
    pretraining: pretraining.commands,
    queue: queue.commands,
    tagger: {
      tag: async (model, paragraphs) => {
        if (!world.models.some((entry) => entry.name === model && entry.summary.labels.length > 0)) {
          throw new Failure('unknown-model', `there is no trained model \`${model}\``, 'choose another one');
        }
        if (world.taggerWaits) {
          await new Promise(
            (_, reject) => (cancelTagging = () => reject(new Failure('cancelled', 'highlighting was cancelled'))),
          );
        }
        return paragraphs.map((text) => world.tagger(model, text));
      },
      cancel: async () => cancelTagging(),
      onPreparing: (listener) => {
        world.listeners.tagger.add(listener);
        return () => world.listeners.tagger.delete(listener);
      },
      openText: async () => world.nextText,
    },
    settings: settingsCommands(world),
    evaluations: evaluationCommands(world),
    batches: batchCommands(world),
    window: windowCommands(world, runs.commands, studies.commands, pretraining.commands),
  });
  return { client, switches, world };
}

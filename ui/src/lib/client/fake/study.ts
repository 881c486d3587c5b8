// What several seeds and a search look like after so many ticks: a function of time alone, so that a study can be
// stopped anywhere and continued.

import type {
  CurvePoint,
  RunRequest,
  SearchState,
  SeedRun,
  SeedScores,
  SeedSpread,
  SpaceRange,
  Study,
  Trial,
} from '../client';
import { DEFAULT_SETTINGS } from '../contracts';
import { random } from './random';

const SECONDS_PER_TICK = 3.1;
/** The epochs of the rungs of a search: two short runs, and one in full. */
const RUNGS = [2, 5, null];
const FULL = 15;
const REDUCTION = 3;

/** The space around what a small model and a small set get by default, as the engine has it. */
export const SPACE: SpaceRange[] = [
  { setting: 'batch_size', values: [4, 8, 16], low: null, high: null, log: false },
  { setting: 'dropout', values: [], low: 0, high: 0.3, log: false },
  { setting: 'label_smoothing', values: [], low: 0, high: 0.1, log: false },
  { setting: 'learning_rate', values: [], low: 7.5e-5, high: 0.0012, log: true },
  { setting: 'warmup_ratio', values: [], low: 0, high: 0.2, log: false },
  { setting: 'weight_decay', values: [], low: 0.001, high: 0.1, log: true },
];

/** The settings that a person has left alone. */
export const spaceOf = ({ settings }: Pick<RunRequest, 'settings'>): SpaceRange[] =>
  SPACE.filter(({ setting }) => {
    const name = setting as keyof typeof DEFAULT_SETTINGS;
    return settings[name] === DEFAULT_SETTINGS[name];
  });

interface Task {
  trial: number;
  /** One of a search's rungs; `null` for a run with a seed of its own. */
  rung: number | null;
  seed: number;
  ticks: number;
  /** The F1 that it ends near, 0–1. */
  f1: number;
  epochs: number;
}

export interface StudyPlan {
  tasks: Task[];
  trials: Trial['values'][];
  space: SpaceRange[];
  winner: number | null;
}

export function planStudy({ often, settings }: RunRequest): StudyPlan {
  const first = settings.seed ?? DEFAULT_SETTINGS.seed;
  const seeded = (seed: number, trial: number, f1: number): Task => {
    const next = random(seed * 31 + trial * 7);
    return { trial, rung: null, seed, ticks: 12, f1: f1 + (next() - 0.5) * 0.016, epochs: FULL };
  };
  if (often?.kind !== 'search') {
    const seeds = often?.kind === 'seeds' ? often.seeds : 1;
    const tasks = Array.from({ length: seeds }, (_, n) => seeded(first + n, 0, 0.846));
    return { tasks, trials: [], space: [], winner: null };
  }
  const trials = Array.from({ length: often.trials }, (_, trial) => drawn(often.space, trial));
  const quality = trials.map((values, trial) => {
    const rate = typeof values['learning_rate'] === 'number' ? values['learning_rate'] : 3e-4;
    const size = typeof values['batch_size'] === 'number' ? values['batch_size'] : 8;
    const noise = random(trial + 99)() * 0.012;
    return 0.872 - Math.abs(Math.log(rate / 4.6e-4)) * 0.07 - Math.abs(Math.log2(size / 8)) * 0.006 + noise;
  });
  const tasks: Task[] = [];
  let advancing = trials.map((_, trial) => trial);
  RUNGS.forEach((epochs, rung) => {
    const share = [0.84, 0.95, 1][rung] ?? 1;
    for (const trial of advancing)
      tasks.push({
        trial,
        rung,
        seed: first,
        ticks: epochs ?? 12,
        f1: (quality[trial] ?? 0) * share,
        epochs: epochs ?? FULL,
      });
    const best = [...advancing].sort((a, b) => (quality[b] ?? 0) - (quality[a] ?? 0));
    advancing = best.slice(0, Math.max(1, Math.floor(best.length / REDUCTION)));
    // The default goes all the way.
    if (!advancing.includes(0)) advancing = [0, ...advancing];
  });
  const winner = quality.indexOf(Math.max(...quality));
  for (const trial of winner === 0 ? [0] : [0, winner])
    for (let seed = first + 1; seed <= first + 3; seed += 1) tasks.push(seeded(seed, trial, quality[trial] ?? 0));
  return { tasks, trials, space: often.space, winner };
}

/** The settings of a trial; those of the first are the default's. */
function drawn(space: readonly SpaceRange[], trial: number): Trial['values'] {
  if (trial === 0) return {};
  const next = random(trial * 13 + 5);
  return Object.fromEntries(
    space.map(({ setting, values, low, high, log }) => {
      const share = next();
      if (low === null || high === null) return [setting, values[Math.floor(share * values.length)] ?? 0];
      const value = log ? low * (high / low) ** share : low + (high - low) * share;
      return [setting, Number(value.toPrecision(3))];
    }),
  );
}

/** How a task stands after so many ticks of its own. */
function stateOf(task: Task, ticks: number, going: boolean) {
  const share = Math.min(1, Math.max(0, ticks / task.ticks));
  const points = Math.floor(share * task.epochs + 1e-9);
  const curve: CurvePoint[] = Array.from({ length: points }, (_, n) => ({
    epoch: n + 1,
    dev_f1: task.f1 * Math.min(1, 1.03 * (1 - Math.exp((-3.6 * (n + 1)) / task.epochs))),
  }));
  const done = share >= 1;
  const status = done ? 'done' : share > 0 ? (going ? 'running' : 'stopped') : 'waiting';
  const best = done ? task.f1 : curve.length ? Math.max(...curve.map((point) => point.dev_f1)) : null;
  return { share, curve, done, best, status, seconds: Math.min(ticks, task.ticks) * SECONDS_PER_TICK } as const;
}

export const ticksOf = ({ tasks }: StudyPlan): number => tasks.reduce((sum, task) => sum + task.ticks, 0);

/** The parts of a study that change with time. */
export function studyAfter(
  plan: StudyPlan,
  ticks: number,
  going: boolean,
): Pick<Study, 'done' | 'total' | 'share' | 'seconds' | 'eta_seconds' | 'seeds' | 'search'> {
  const all = ticksOf(plan);
  let before = 0;
  const states = plan.tasks.map((task) => {
    const state = stateOf(task, ticks - before, going);
    before += task.ticks;
    return { task, state };
  });
  const seedsOf = (trial: number): SeedScores => {
    const own = states.filter(({ task }) => task.rung === null && task.trial === trial);
    // The last runs of a search are not known before they begin.
    const known = plan.trials.length && !own.some(({ state }) => state.share > 0) ? [] : own;
    const runs = known.map(({ task, state }): SeedRun => ({
      seed: task.seed,
      status: state.status,
      dev_f1: state.best,
      test_f1: state.done ? task.f1 - 0.011 : null,
      curve: state.curve,
      share: state.share > 0 ? state.share : null,
      seconds: state.share > 0 ? state.seconds : null,
      failure: null,
    }));
    const done = runs.filter((run) => run.status === 'done').map((run) => run.dev_f1 ?? 0);
    const order = [...runs].sort((a, b) => (a.dev_f1 ?? 0) - (b.dev_f1 ?? 0));
    return {
      runs,
      dev: spreadOf(done),
      test: spreadOf(done.map((f1) => f1 - 0.011)),
      middle:
        runs.length && done.length === runs.length ? (order[Math.floor((runs.length - 1) / 2)]?.seed ?? null) : null,
    };
  };
  const finished = ticks >= all;
  return {
    done: states.filter(({ state }) => state.done).length,
    total: plan.tasks.length,
    share: ticks > 0 ? Math.min(1, ticks / all) : null,
    seconds: Math.min(ticks, all) * SECONDS_PER_TICK,
    eta_seconds: going && ticks > 1 && !finished ? (all - ticks) * SECONDS_PER_TICK : null,
    seeds: seedsOf(0),
    search: plan.trials.length ? searchOf() : null,
  };

  function searchOf(): SearchState {
    const trials = plan.trials.map((values, trial): Trial => {
      const own = states.filter(({ task, state }) => task.trial === trial && task.rung !== null && state.share > 0);
      const last = own.at(-1);
      return {
        trial,
        values,
        status: last?.state.status ?? 'waiting',
        rung: last?.task.rung ?? null,
        dev_f1: last?.state.best ?? null,
        curve: [...(last?.state.curve ?? [])],
        seconds: own.reduce((sum, { state }) => sum + state.seconds, 0),
        failure: null,
      };
    });
    const short = states.filter(({ task, state }) => task.rung === 0 && state.done && task.trial > 0);
    const final = states.some(({ task, state }) => task.rung === null && state.share > 0);
    const better = plan.winner !== null && plan.winner > 0;
    return {
      space: plan.space,
      rungs: RUNGS,
      trials,
      importance: short.length < 5 ? [] : importanceOf(plan.space),
      winner: final ? plan.winner : null,
      winner_seeds: better ? seedsOf(plan.winner ?? 0) : { runs: [], dev: null, test: null, middle: null },
      verdict: finished ? (better ? 'better' : 'default') : null,
    };
  }
}

function spreadOf(numbers: number[]): SeedSpread | null {
  if (!numbers.length) return null;
  const mean = numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
  const squares = numbers.reduce((sum, number) => sum + (number - mean) ** 2, 0);
  return {
    mean,
    standard_deviation: numbers.length > 1 ? Math.sqrt(squares / (numbers.length - 1)) : null,
    lowest: Math.min(...numbers),
    highest: Math.max(...numbers),
  };
}

const KNOWN: Record<string, [number, number]> = {
  learning_rate: [0.61, 0.72],
  batch_size: [0.19, -0.41],
  dropout: [0.07, -0.12],
  weight_decay: [0.02, 0.05],
  warmup_ratio: [0, 0.21],
  label_smoothing: [0, -0.08],
};

function importanceOf(space: readonly SpaceRange[]): SearchState['importance'] {
  const all = space.map(({ setting }) => {
    const [share, direction] = KNOWN[setting] ?? [0, 0];
    return { setting, share, direction };
  });
  return all.sort((a, b) => b.share - a.share);
}

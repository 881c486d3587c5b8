// How a compute device is described, wherever one is shown or chosen.

import type { ComputeDevice, PreparingEvent } from '../client/contracts';
import { bytes, duration } from '../format';
import { strings } from '../strings';

const words = strings.devices;

export interface Refusal {
  what: string;
  /** What may help. */
  next: string;
  /** What the self-test reported, in English. */
  detail: string | null;
}

/** Why a device is not used; `null` if it may be used. Earlier versions remembered only the report of the test. */
export function refusalOf(device: ComputeDevice | undefined): Refusal | null {
  const check = device?.check;
  if (!check || check.passed) return null;
  const known: Partial<Record<string, [string, string]>> = words.refusals;
  const text = check.reason ? known[check.reason] : undefined;
  return text
    ? { what: text[0], next: text[1], detail: check.detail }
    : { what: check.detail, next: words.advice, detail: null };
}

/** A line for a list of choices; the id tells two cards of the same name apart. */
function choiceOf(device: ComputeDevice): string {
  const memory = device.memory_bytes === null ? '' : `, ${bytes(device.memory_bytes)}`;
  return `${device.name} (${device.id}${memory})${refusalOf(device) === null ? '' : ` – ${words.unusable}`}`;
}

/** The options of a list of devices, with the automatic choice first. */
export function deviceOptions(devices: ComputeDevice[]): { value: string; title: string; disabled?: boolean }[] {
  return [
    { value: 'auto', title: words.automatic },
    ...devices.map((device) => ({
      value: device.id,
      title: choiceOf(device),
      disabled: refusalOf(device) !== null,
    })),
  ];
}

/** The facts beside the name. */
export function factsOf(device: ComputeDevice): string {
  const speed = (device.check?.passed && device.check.speed) || null;
  return [
    device.id,
    words.kinds[device.kind],
    device.memory_bytes === null ? words.memoryUnknown : bytes(device.memory_bytes),
    device.threads === null ? null : words.threads(device.threads),
    device.driver ?? null,
    device.instructions?.join(', ') || null,
    speed === null ? null : words.speed(speed),
  ]
    .filter((fact) => fact !== null)
    .join(' · ');
}

/** The result of its test and how to draw it; the processor, which others are compared with, has none. */
export function testResultOf(device: ComputeDevice): { word: string; look: 'good' | 'bad' | '' } | null {
  if (device.kind === 'cpu') return null;
  if (!device.check) return { word: words.untested, look: '' };
  return device.check.passed ? { word: words.passed, look: 'good' } : { word: words.refused, look: 'bad' };
}

type Preparing = Pick<PreparingEvent, 'done' | 'total' | 'eta_seconds'> & Partial<Pick<PreparingEvent, 'stage'>>;

/** Progress of the preparation of a GPU: of its test, once for each card, or of the warm-up for a run’s own sizes. */
export function preparingOf({ stage, done, total, eta_seconds }: Preparing): { text: string; share: number | null } {
  const left = eta_seconds == null ? null : duration(Math.ceil(eta_seconds));
  const share = total ? Math.min(1, done / total) : null;
  if (stage !== 'warm-up')
    return { text: words.preparing(total === null ? done + 1 : Math.min(done + 1, total), total, left), share };
  return { text: words.warmingUp(done, total ?? done, left), share };
}

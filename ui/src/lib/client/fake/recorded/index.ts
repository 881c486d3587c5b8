// The recorded answers of the program's services; `src-tauri/tests/services/recorded.rs` writes them.

import {
  Failure,
  type ChosenFile,
  type DataDocument,
  type DataSet,
  type ExportPlan,
  type ExportRequest,
  type Inspection,
  type InspectRequest,
  type ModelCheck,
  type Repair,
  type RepairPreview,
  type Statistics,
} from '../../client';
import type { Issue } from '../../contracts';
import { fileName } from '../../../format';
import documentLines from './documents.json?raw';
import inspectionLines from './inspections.json?raw';
import modelCheckLines from './model-checks.json?raw';
import versionLines from './versions.json?raw';

/** The documents of each split. */
export type Splits = Record<string, DataDocument[]>;

/** What a version of a data set is made of: files, named without their folders, and repairs. */
export interface Made {
  files: { name: string; split: ChosenFile['split']; reading: ChosenFile['reading'] }[];
  repairs: Repair[];
}

/** Everything that was recorded of one version of a data set. */
export interface Version extends Pick<DataSet, 'check' | 'lengths' | 'longest_words'> {
  /** For each split, the indices of its documents in the list of all recorded documents. */
  documents: Record<string, number[]>;
  findings: Issue[];
  statistics: Statistics;
  previews: { repair: Repair; answer: RepairPreview }[];
  plans: (Pick<ExportRequest, 'format' | 'splits'> & { answer: ExportPlan })[];
}

const documents = JSON.parse(documentLines) as Omit<DataDocument, 'split' | 'number'>[];
const versions = byMade(JSON.parse(versionLines) as (Version & { made: Made })[]);
const inspections = byMade(JSON.parse(inspectionLines) as { made: Made; answer: Inspection }[]);
const modelChecks = JSON.parse(modelCheckLines) as { made: Made; max_length: number; answer: ModelCheck }[];

export function madeOf({ files, repairs }: InspectRequest): Made {
  return { files: files.map(({ path, split, reading }) => ({ name: fileName(path), split, reading })), repairs };
}

export const versionOf = (made: Made): Version => found(versions.get(canonical(made)));

export function documentsOf(version: Version): Splits {
  return Object.fromEntries(
    ['train', 'dev', 'test'].flatMap((split) => {
      const indices = version.documents[split];
      const own = indices?.map((index, number) => ({ ...documents[index], split, number }) as DataDocument);
      return own ? [[split, own]] : [];
    }),
  );
}

/** The recorded inspection, with the paths of the request. */
export function inspectionOf(request: InspectRequest): Inspection {
  const { answer } = found(inspections.get(canonical(madeOf(request))));
  return {
    ...answer,
    files: answer.files.map((file, at) => ({ ...file, path: request.files[at]?.path ?? file.path })),
  };
}

export const previewOf = ({ previews }: Version, repair: Repair): RepairPreview =>
  found(previews.find((one) => canonical(one.repair) === canonical(repair))).answer;

export const planOf = ({ plans }: Version, { format, splits }: ExportRequest): ExportPlan =>
  found(
    plans.find((one) => one.format === format && canonical([...one.splits].sort()) === canonical([...splits].sort())),
  ).answer;

export const modelCheckOf = (made: Made, maxLength: number): ModelCheck =>
  found(modelChecks.find((one) => one.max_length === maxLength && canonical(one.made) === canonical(made))).answer;

function found<T>(answer: T | undefined): T {
  if (answer !== undefined) return answer;
  throw new Failure(
    'not-recorded',
    'the demonstration has no recorded answer to this',
    'try it in the program, or add it to `src-tauri/tests/services/recorded.rs`',
  );
}

function byMade<T extends { made: Made }>(answers: T[]): Map<string, T> {
  return new Map(answers.map((answer) => [canonical(answer.made), answer]));
}

/** JSON that is equal for values that differ only in the order of their keys, or in keys without a value. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, one: unknown) =>
    one && typeof one === 'object' && !Array.isArray(one)
      ? Object.fromEntries(
          Object.entries(one)
            .filter(([, held]) => held !== null)
            .sort(([a], [b]) => (a < b ? -1 : 1)),
        )
      : one,
  );
}

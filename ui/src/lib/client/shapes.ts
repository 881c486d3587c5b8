// The shapes of data: how files are read, what was found in them, what can be mended and how it is recorded.

import type { CheckReport as BoundReport, DataDocument as BoundDocument, DataSet as BoundSet, DocumentQuery as BoundQuery, FileReport, Format, Issue as BoundIssue, LengthBin, Scheme, Severity, SplitChoice } from './shell/bindings';

export type Split = Exclude<SplitChoice, 'all'>;
export type OffsetUnit = 'characters' | 'bytes' | 'utf16';
export type FormatName = 'conll' | 'json' | 'table' | 'text' | 'brat' | 'parquet' | 'arrow' | 'doc-bin';
/** From 0, or as the file's first line names it. */
export type ColumnChoice = number | string;

export interface DataDocument extends BoundDocument {
  /** Its number in its part, from 0. */
  number: number;
}
export interface DocumentPage {
  /** How many there are in all, or so far where `complete` is not set. */
  total: number;
  /** Whether all are counted; the same question asked again counts on. */
  complete: boolean;
  documents: DataDocument[];
}

/** How a file is to be read; `null` is found out by looking. */
export interface Reading {
  format: FormatName | null;
  encoding: string | null;
  token_column: ColumnChoice | null;
  tag_column: ColumnChoice | null;
  /** A table's: the column that is the same for all words of one sentence. */
  sentence_column: ColumnChoice | null;
  scheme: Scheme | null;
  /** What numbers in `ner_tags` stand for, in their order. */
  label_names: string[] | null;
  offsets: OffsetUnit;
  /** Added to every start and end, in the unit of `offsets`. */
  shift: number;
  drop_invalid: boolean;
}

/** One repair; what concerns the reading comes before all others, the rest in order. */
export type Repair =
  | { repair: 'convert-offsets'; from: OffsetUnit }
  | { repair: 'shift-offsets'; by: number }
  | { repair: 'drop-invalid' }
  | { repair: 'trim-spans' }
  | { repair: 'snap-to-words' }
  | { repair: 'repair-tags' }
  | { repair: 'map-labels'; labels: Record<string, string | null> }
  | { repair: 'drop-duplicates'; near: boolean }
  | { repair: 'move-leaking'; near: boolean }
  | { repair: 'split'; shares: Record<string, number>; seed: number; grouped?: boolean }
  | { repair: 'sample'; split: string; documents: number; seed: number };

/** A document of a data set; `range` in UTF-16 units. */
export interface Place {
  split: string;
  /** Its number in that part, from 0. */
  document: number;
  range?: [number, number] | null;
}

export interface Issue extends BoundIssue {
  repair?: Repair | null;
  place?: Place | null;
}

/** All findings of one kind. */
export interface FindingGroup {
  code: string;
  severity: Severity;
  count: number;
  first: Issue;
  /** Why it matters, in a sentence. */
  why: string | null;
  fix: string | null;
  repair: Repair | null;
}

export interface CheckReport extends BoundReport {
  issues: Issue[];
  groups: FindingGroup[];
}

export interface DataSet extends BoundSet {
  check: CheckReport;
  /** In the order in which they are done. */
  repairs: Repair[];
  /** Counted up with every repair and update. */
  version: number;
}

export interface ChosenFile {
  path: string;
  /** `null`: as the name or the content says. */
  split: Split | null;
  reading: Reading;
}
export interface InspectRequest {
  files: ChosenFile[];
  repairs: Repair[];
}
/** One file in what was chosen: itself, or one of a folder or an archive. */
export interface Member {
  name: string;
  split: string;
  format: Format;
  scheme: Scheme | null;
  encoding: string;
  documents: number;
  words: number;
  entities: number;
  labels: Record<string, number>;
  columns: { names: string[]; rows: string[][] } | null;
}
export interface InspectedFile {
  path: string;
  members: Member[];
  error: { message: string; hint: string | null; line: number | null } | null;
}
export interface Inspection {
  files: InspectedFile[];
  /** The first documents. */
  preview: DataDocument[];
  report: CheckReport;
  statistics: Statistics;
}
export interface ImportRequest extends InspectRequest {
  name: string;
  /** Share of the training documents, 0–1, that becomes `dev` where no file is for it. */
  dev_share: number;
  test_share: number;
  seed: number;
}

export interface SplitStatistics {
  split: string;
  documents: number;
  words: number;
  entities: number;
  labels: Record<string, number>;
  /** Documents by words. */
  lengths: LengthBin[];
  longest_words: number;
  /** Documents by entities. */
  entities_per_document: LengthBin[];
  without_entities: number;
  /** Share of the words that are in an entity, 0–1. */
  density: number;
}
export interface Overlap {
  first: string;
  second: string;
  /** Documents of `second` whose text stands in `first` too. */
  same: number;
  /** Documents of `second` that are nearly like one of `first`. */
  near: number;
}
export interface Statistics {
  splits: SplitStatistics[];
  overlaps: Overlap[];
}

export interface FindingQuery {
  code: string | null;
  severity: Severity | null;
  offset: number;
  limit: number;
}
export interface FindingPage {
  total: number;
  findings: Issue[];
}
export interface DocumentQuery extends BoundQuery {
  /** Only documents with a finding of this code. */
  finding: string | null;
}

/** A document before and after a repair; `null` where it is removed. */
export interface Change {
  split: string;
  line: number;
  before: DataDocument;
  after: DataDocument | null;
}
export interface RepairPreview {
  changed_documents: number;
  changed_spans: number;
  removed_documents: number;
  moved_documents: number;
  examples: Change[];
}

export type ExportFormat = 'conll' | 'jsonl' | 'jsonl-tokens' | 'spacy' | 'prodigy' | 'doccano' | 'label-studio' | 'brat' | 'parquet';
export interface ExportRequest {
  format: ExportFormat;
  /** For tags. */
  scheme: Scheme;
  splits: string[];
}
export interface ExportPlan {
  documents: number;
  entities: number;
  /** What the format cannot hold: each kind with its first place. */
  losses: FindingGroup[];
}

export interface Progress {
  job: string;
  stage: string;
  done: number;
  /** 0 while unknown. */
  total: number;
}
export type { FileReport, LengthBin };

// What a person can do about each kind of finding, with the controls of the window; `null` where nothing need be done.

import type { IssueCode } from '../../client/contracts';
import { data } from './data';
import { fields } from './fields';
import { importer } from './importer';
import { recipe, split } from './repairs';

/** Where a remedy is shown: at a file that cannot be imported, among the findings of an import, or in Data. */
type Where = 'file' | 'import' | 'data';

function remediesAt(where: Where) {
  const inData = where === 'data';
  const update = `“${recipe.update}” under “${data.tabs.repairs}”`;
  /** With what can only be changed outside of Tagsmith. */
  const source = (text: string) =>
    `${text} Change that in the file, or in the program that the labels come from, ${inData ? `and import the files again: ${update}` : `then choose “${importer.readAgain}”`}.`;
  /** With what is chosen when files are imported. */
  const again = (text: string) => (inData ? `${text} For that, import the files again: ${update}.` : text);
  const reading = `under “${importer.change}”`;
  const option = (control: string) => `“${control}” ${reading}`;
  const at = (control: string) => `with ${option(control)}`;
  const leftOut = where === 'file' ? ` Or choose ${option(importer.dropInvalid)}.` : '';
  const oneKept = inData ? '' : ` To import only one of them, choose ${option(importer.dropInvalid)}.`;
  const later = inData ? '' : ' after the import';
  const labels = `${inData ? '' : 'after the import, '}under “${data.tabs.labels}”`;
  const alike = ` If the labels are two spellings of one, merge them ${labels}.`;
  return {
    'not-utf8': again(`Save the file as UTF-8, or choose its encoding ${at(importer.fields.encoding)}.`),
    'empty-file': 'Check that the export that made it was complete.',
    'no-documents': 'Choose files that contain texts.',
    'no-entities': `${source('Label entities in the texts.')} Or choose other files.`,
    'not-a-corpus': again(
      `Choose the format ${at(importer.fields.format)}. If none fits, save the data as CoNLL or JSONL.`,
    ),
    'bad-json': source('Write one complete JSON value per line, or the whole file as one array.') + leftOut,
    'bad-record': source(`Give each record a \`text\` with \`entities\`, or \`tokens\` with \`ner_tags\`.`) + leftOut,
    unlabelled: source('If they are unfinished, label them. A text without entities needs an empty list.'),
    'words-unknown': again(`Label these words, or choose “${importer.maskUnknown}”.`),
    'several-annotators': again(`Choose whose labels are learned with “${importer.fields.annotator}”.`),
    'annotators-differ': source('Decide which is right, and mark it as the ground truth.'),
    'splits-named': again('Write the records of each split to a file of its own, and import those files.'),
    'partly-labelled': source('Label them, or take them out. A text without entities needs an empty list.'),
    'empty-record': 'Check whether a text was lost where they come from.',
    'not-a-number': source('Write the value that is meant, or `null`.'),
    'lone-surrogate': source('Export the text again, or remove the halves.'),
    'text-missing': 'Put the texts into the folder of this file, and import that folder. Unpack an archive first.',
    'answer-skipped': null,
    'span-rejected': null,
    encoding: again(`If the line looks wrong, choose the encoding ${at(importer.fields.encoding)}.`),
    'nul-character': source('Remove them: something went wrong when the file was made.'),
    'file-ignored': again('If it contains data, put `train`, `dev` or `test` into its name, or add it by itself.'),
    'files-joined': null,
    'formats-differ': source('If something is missing from the documents, save all files of a split in one format.'),
    'split-guessed': again('If this is not the right split, choose another one beside the name of the file.'),
    unreadable:
      'Check that the file is still there, and that Tagsmith may read it. Otherwise take it off the list, or choose another one.',
    directory: 'Choose a data file inside it.',
    undecodable: again(
      `Check that the file is complete. If it is in another encoding, choose that ${at(importer.fields.encoding)}.`,
    ),
    'unknown-encoding': again(`Choose another encoding ${at(importer.fields.encoding)}.`),
    'bad-archive': 'Unpack it with another program, and import the data files inside it.',
    'too-large': 'If you trust the file, unpack it with another program, and import what comes out.',
    'several-files': 'Import one of them, or the folder that they are in.',
    'no-data': 'Choose a folder or an archive with CoNLL, JSON, CSV or Parquet files in it.',
    'unsupported-format': 'Save the data in another format, such as JSONL or CoNLL.',
    damaged: 'Check that the file is complete, or export the data again.',
    'no-such-column': again(`Choose the columns ${reading}.`),
    'column-type': source(
      'Write it as text, as whole numbers or as lists of them, and give each column a name of its own.',
    ),
    'annotations-ignored': source('If these are entities, give each of them one label.'),
    'predictions-ignored': null,
    'relations-ignored': null,
    'results-ignored': null,
    'result-unreadable': again('Export the labels of a project with plain text.'),
    'texts-ignored': source('If these texts are to be learned from, save them in a file of their own.'),
    'span-groups-ignored': source('If these are what is to be learned, save them as the entities of the documents.'),
    'bad-annotation': source('Correct them.'),
    'bad-chunk': source(`Write each chunk as \`{"text": …, "entity": LABEL}\`.`) + leftOut,
    'line-ends-joined': again(
      `If entities are off by one with each line, count otherwise ${at(importer.fields.lineEnds)}.`,
    ),
    'offsets-utf16': again(`If the wrong letters are marked, choose what is counted ${at(importer.fields.offsets)}.`),
    'spans-of-tokens': again(`If the entities are a word too short, choose ${option(importer.inclusiveEnds)}.`),
    'range-rows': source('Tag the words themselves, and give rows that span several words the tag `_`.'),
    'table-columns': again(`If these are not the right columns, choose others ${reading}.`),
    'one-sentence': again(
      `Put an empty line between sentences. In a table, choose the column that numbers the sentences ${reading}.`,
    ),
    'sentence-again': source('Sort the rows by sentence.'),
    'too-few-columns': source('Give each row a word and its tag. Leave a row empty where a sentence ends.') + leftOut,
    'too-many-columns': source('If words contain spaces, separate the columns by tabs.') + leftOut,
    'column-count': source('Check these rows. If words contain spaces, separate the columns by tabs.'),
    'mixed-separators': source('Separate all columns by tabs.'),
    'several-tag-columns': again(`To learn another one, choose it ${reading}.`),
    'tag-column': again(`If it is not the right column, choose another one ${reading}.`),
    'empty-token': null,
    'tokens-misfit': source('Check that words and text belong together, or take one of the two out of the record.'),
    'tag-count': source(`Give every word a tag, \`O\` outside of entities.`) + leftOut,
    'bad-tag':
      again(
        `Write \`B-\` or \`I-\` and a label, and \`O\` outside of entities. Give the names of numbers ${at(importer.fields.labels)}.`,
      ) + leftOut,
    'tag-repaired': source('Correct the tags.'),
    'tag-spelling': null,
    'bare-labels': null,
    'no-labels': null,
    'io-touching': source('If they are two entities, save the file in IOB2, with `B-` at the start of each.'),
    'span-out-of-range':
      again(`Correct the offsets, or choose what they count ${at(importer.fields.offsets)}.`) + leftOut,
    'span-empty': source('Correct start and end: the end is the position after the last character.') + leftOut,
    'span-reversed': source('Swap start and end.') + leftOut,
    'span-not-integer': source('Write whole numbers that count characters from 0.') + leftOut,
    'span-malformed':
      again(`Give each entity a start, an end and a label. Give the names of numbers ${at(importer.fields.labels)}.`) +
      leftOut,
    'bad-spans': source(`Write a list of \`[start, end, label]\`.`) + leftOut,
    'several-span-lists': source('Put all entities of a record into one list.'),
    'span-overlapping':
      source(
        'The model learns the one that starts first, and of two that start together the longer one. If the other is meant, take that one out.',
      ) + oneKept,
    'span-discontinuous': source('Label the pieces one by one, or all from the first to the last.') + leftOut,
    'span-text-differs': source('Check the offsets, and that the text is the one that was labelled.'),
    'span-edge-space': source('Take the white space out of the entity.'),
    'span-cuts-word': source('Extend the entity to the edges of the word.'),
    'span-cuts-run': again('If the boundary must be exact, import the text in words: as tokens or in columns.'),
    'span-without-word': source('Remove the entity, or place it on a word.'),
    'offsets-unit': again(`Choose what they count ${at(importer.fields.offsets)}.`),
    'offsets-shifted': again(`Correct them ${at(importer.fields.shift)}.`),
    'offsets-inclusive': again(`Choose ${option(importer.inclusiveEnds)}.`),
    'label-not-in-train': source('Check its spelling, or add examples to the training data.'),
    'label-only-in-train': `${source('Add examples to dev and test.')} Or split the data${later} with “${split.button}”.`,
    'labels-alike': `If they mean the same, merge them ${labels}.`,
    'label-has-prefix': source('Write each entity as a whole, with a label without the prefix.'),
    'label-outside': `Drop the label ${labels}.`,
    'label-rare': `${source('Add examples.')} Or merge or drop the label ${labels}.`,
    'empty-document': source('Remove them, or find out where their text was lost.'),
    duplicate: source('Remove the repetitions.'),
    'duplicate-labelled-differently': source('Decide which is right, and label both alike.'),
    overlap: `${source('Take them out of one of the two splits.')} Or split the data${later} with “${split.button}”.`,
    'near-overlap': `${source('Take them out of one of the two splits.')} Or split the data${later} with “${split.button}”.`,
    'control-character': source('Take them out of the text, or export the text again.'),
    'format-character': source('If they are not meant, take them out of the text.'),
    'replacement-character': again(
      'Export the text again in its right encoding: what is lost cannot be restored here.',
    ),
    mojibake: again(`Export the text again as UTF-8, or choose its encoding ${at(importer.fields.encoding)}.`),
    'too-long': `Nothing need be done. A larger “${fields.max_length.title}” gives fewer windows, if the model allows it.`,
    'word-without-pieces': 'Nothing need be done: the word counts as outside every entity.',
    'unknown-pieces': 'Choose a model that knows the language and the script of the texts.',
    'label-unusual': source('Look at the places, and label them alike, unless something else is meant.') + alike,
    'label-varies': source('Look at the places, and decide on a rule where context does not decide.') + alike,
    'likely-missed': source('Label it, unless something else is meant here.'),
  } satisfies Record<IssueCode, string | null>;
}

export const remedies = { file: remediesAt('file'), import: remediesAt('import'), data: remediesAt('data') };

// The help: the five steps, and the example files. The glossary is a file of its own.

import type { FormatName } from '../../client/contracts';
import type { ExampleName } from '../../help/examples';

export const help = {
  title: 'Help',
  about: 'How Tagsmith works, what its words mean, and what files look like.',
  tabs: { steps: 'Five steps', formats: 'File formats', glossary: 'Glossary' },
  steps: {
    models: {
      title: 'Pick a model',
      picture: 'A list of models; the second one is chosen.',
      text: 'A pretrained model already knows a language; you teach it what to look for. The starter is small and a good first choice, and the Hub has models for other languages and subjects.',
      go: 'Go to Models',
    },
    data: {
      title: 'Add data',
      picture: 'A page of text in which three passages are marked in different colours.',
      text: 'Import texts in which the entities are labelled; Tagsmith detects the format and sets a part aside for testing. Look at the findings before you train: a wrong label teaches the wrong thing.',
      go: 'Go to Data',
    },
    train: {
      title: 'Train',
      picture: 'A curve that rises quickly at first and then levels out, above a progress bar.',
      text: 'Choose the model and the data and press “Start training”; the default settings suit most data. Watch the dev F1: when it has stopped rising, more training hardly helps.',
      go: 'Go to Train',
    },
    results: {
      title: 'Read the results',
      picture: 'Four bars of different lengths, one for each label; the shortest stands out.',
      text: 'The first sentence says what the score is worth and what to do next. The wrong predictions show where the model errs, and often where the labels do.',
      go: 'Go to Results',
    },
    highlight: {
      title: 'Highlight and tag',
      picture: 'Lines of text in a box; a magnifying glass finds a marked passage.',
      text: 'Paste text to see at once what your model finds in it. For many texts use Tag files: it turns files into a table of entities.',
      go: 'Go to Highlight',
    },
  },
  formats: {
    list: 'Formats',
    intro: 'The same three texts in every format. The first two have entities, the third has none.',
    fileOf: (name: string) => `Example file ${name}`,
    copyOf: (name: string) => `Copy ${name}`,
    copy: 'Copy',
    binary: 'This is a binary file, so there is nothing to copy. It holds:',
    examples: {
      conll: {
        title: 'CoNLL',
        text: 'One word and its tag on each line, with a tab or spaces between them, and a blank line after each sentence. B- begins an entity, I- continues it, and O is outside of all entities.',
      },
      spans: {
        title: 'JSON lines, spans',
        text: 'One JSON record on each line: a text, and where its entities start and end. The first character has the number 0, and the end is the character behind the last one.',
      },
      tokens: {
        title: 'JSON lines, tokens',
        text: 'One record on each line: a list of words, and a list with a tag for each of them. Data sets of Hugging Face look like this.',
      },
      doccano: {
        title: 'doccano',
        text: 'JSON lines as doccano exports them: spans as lists of start, end and label.',
      },
      spacy: {
        title: 'spaCy, JSON',
        text: 'Pairs of a text and its entities, as older training data of spaCy has them.',
      },
      prodigy: {
        title: 'Prodigy',
        text: 'JSON lines as Prodigy’s db-out writes them. Records that were rejected or ignored are left out.',
      },
      'label-studio': {
        title: 'Label Studio',
        text: 'A JSON export of Label Studio: tasks with their annotations. Several annotators of one task are kept apart.',
      },
      gliner: {
        title: 'GLiNER',
        text: 'Lists of words, and entities that count words: number of the first word, number of the last, label.',
      },
      'table-words': {
        title: 'Table of words',
        text: 'A CSV or TSV file with one word in each row. A column says which sentence a word belongs to; you can choose the columns at import.',
      },
      'table-texts': {
        title: 'Table of texts',
        text: 'A CSV or TSV file with one text in each row and its entities as JSON in another column. Without such a column, the texts can be tagged but not learned from.',
      },
      text: {
        title: 'Plain text',
        text: 'One document on each line, without labels. Nothing can be learned from it, but a model can tag it or be pretrained on it.',
      },
      brat: {
        title: 'brat',
        text: 'Two files for each document: the text, and a list of its entities with label, start and end. Import the folder that contains them.',
      },
      ontonotes: {
        title: 'OntoNotes',
        text: 'The columns of CoNLL-2012. Entities stand in brackets in the eleventh column; the columns for syntax and coreference are not used.',
      },
      webanno: {
        title: 'WebAnno TSV',
        text: 'An export of WebAnno or INCEpTION, version 3. Numbers in brackets join the words of one entity.',
      },
      'uima-cas': {
        title: 'UIMA CAS',
        text: 'An export of INCEpTION or DKPro in XMI or JSON: one long text, and annotations that say where they start and end.',
      },
      bioc: {
        title: 'BioC',
        text: 'XML or JSON of biomedical collections: documents, passages, and annotations with offset and length. Each passage becomes a document.',
      },
      pubtator: {
        title: 'PubTator',
        text: 'Title and abstract of an article, then a line for each entity: number of the article, start, end, words, label, identifier.',
      },
    } satisfies Record<ExampleName, { title: string; text: string }>,
    tables: {
      parquet: {
        title: 'Parquet',
        text: 'The files behind data sets on Hugging Face, and tables of pandas and polars.',
        columns: [
          ['tokens', 'a list of words'],
          ['ner_tags', 'a list with a tag for each word, as names or as numbers whose names the file contains'],
          ['text, entities', 'instead of these two: a text, and a list of start, end and label'],
        ],
      },
      arrow: {
        title: 'Arrow',
        text: 'The same tables as Arrow files and streams, as the package datasets caches them, and Feather files.',
        columns: [
          ['tokens', 'a list of words'],
          ['ner_tags', 'a list with a tag for each word'],
          ['text, entities', 'instead of these two: a text, and a list of start, end and label'],
        ],
      },
      'doc-bin': {
        title: 'spaCy DocBin',
        text: 'The .spacy files that spaCy 3 trains on: documents with words and entities. They are read without Python.',
        columns: [
          ['doc.ents', 'the entities; those of a span group can be read instead'],
          ['doc', 'words and the spaces between them, from which the text is put together'],
        ],
      },
    } satisfies Partial<Record<FormatName, { title: string; text: string; columns: [string, string][] }>>,
  },
  glossary: {
    search: 'Search the glossary',
    found: (terms: number, all: number) => (terms === all ? `${all} terms` : `${terms} of ${all} terms`),
    none: 'No term matches',
    noneAbout: 'Try fewer letters.',
    see: 'See also:',
  },
};

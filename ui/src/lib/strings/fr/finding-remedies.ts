// What a person can do about each kind of finding, with the controls of the window; `null` where nothing need be done.

import type { remedies as en } from '../en/finding-remedies';
import { data } from './data';
import { fields } from './fields';
import { importer } from './importer';
import { recipe, split } from './repairs';

/** Where a remedy is shown: at a file that cannot be imported, among the findings of an import, or in Data. */
type Where = keyof typeof en;

function remediesAt(where: Where): (typeof en)[Where] {
  const inData = where === 'data';
  const update = `« ${recipe.update} » sous « ${data.tabs.repairs} »`;
  /** With what can only be changed outside of Tagsmith. */
  const source = (text: string) =>
    `${text} Cela se change dans le fichier ou dans le programme d’où viennent les étiquettes ; ${inData ? `importez ensuite de nouveau les fichiers : ${update}` : `choisissez ensuite « ${importer.readAgain} »`}.`;
  /** With what is chosen when files are imported. */
  const again = (text: string) => (inData ? `${text} Pour cela, importez de nouveau les fichiers : ${update}.` : text);
  const reading = `sous « ${importer.change} »`;
  const option = (control: string) => `« ${control} » ${reading}`;
  const at = (control: string) => `avec ${option(control)}`;
  const leftOut = where === 'file' ? ` Ou choisissez ${option(importer.dropInvalid)}.` : '';
  const oneKept = inData ? '' : ` Pour n’en importer qu’une, choisissez ${option(importer.dropInvalid)}.`;
  const later = inData ? '' : ' après l’import';
  const labels = `${inData ? '' : 'après l’import, '}sous « ${data.tabs.labels} »`;
  const alike = ` Si les étiquettes sont deux façons d’en écrire une, fusionnez-les ${labels}.`;
  return {
    'not-utf8': again(`Enregistrez le fichier en UTF-8, ou choisissez son encodage ${at(importer.fields.encoding)}.`),
    'empty-file': 'Vérifiez que le fichier a été exporté en entier.',
    'no-documents': 'Choisissez des fichiers qui contiennent des textes.',
    'no-entities': `${source('Annotez des entités dans les textes.')} Ou choisissez d’autres fichiers.`,
    'not-a-corpus': again(
      `Choisissez le format ${at(importer.fields.format)}. Si aucun ne convient, enregistrez les données en CoNLL ou en JSONL.`,
    ),
    'bad-json':
      source('Écrivez une valeur JSON complète par ligne, ou tout le fichier comme une seule liste.') + leftOut,
    'bad-record':
      source(`Donnez à chaque enregistrement un \`text\` avec \`entities\`, ou \`tokens\` avec \`ner_tags\`.`) +
      leftOut,
    unlabelled: source('S’ils sont inachevés, annotez-les. Un texte sans entité a besoin d’une liste vide.'),
    'words-unknown': again(
      `Annotez ces mots, ou n’en apprenez rien. Pour cela, choisissez « ${importer.maskUnknown} ».`,
    ),
    'several-annotators': again(
      `Choisissez avec « ${importer.fields.annotator} » de qui viennent les étiquettes à apprendre.`,
    ),
    'annotators-differ': source('Décidez ce qui est juste, et marquez-le comme vérité de terrain.'),
    'splits-named': again(
      'Écrivez les enregistrements de chaque sous-ensemble dans un fichier à part, et importez ces fichiers.',
    ),
    'partly-labelled': source('Annotez-les, ou retirez-les. Un texte sans entité a besoin d’une liste vide.'),
    'empty-record': 'Vérifiez si un texte s’est perdu à leur source.',
    'not-a-number': source('Écrivez la valeur voulue, ou `null`.'),
    'lone-surrogate': source('Exportez de nouveau le texte, ou retirez ces moitiés.'),
    'text-missing':
      'Mettez les textes dans le dossier de ce fichier, et importez ce dossier. Une archive doit d’abord être décompressée.',
    'answer-skipped': null,
    'span-rejected': null,
    encoding: again(`Si la ligne semble fausse, choisissez l’encodage ${at(importer.fields.encoding)}.`),
    'nul-character': source('Retirez-les : quelque chose s’est mal passé à la création du fichier.'),
    'file-ignored': again(
      'S’il contient des données, mettez `train`, `dev` ou `test` dans son nom, ou ajoutez-le à part.',
    ),
    'files-joined': null,
    'formats-differ': source(
      'S’il manque quelque chose dans les documents, enregistrez tous les fichiers d’un sous-ensemble dans un même format.',
    ),
    'split-guessed': again('Si ce n’est pas le bon sous-ensemble, choisissez-en un autre à côté du nom du fichier.'),
    unreadable:
      'Vérifiez que le fichier existe encore, et que Tagsmith peut le lire. Sinon, retirez-le de la liste, ou choisissez-en un autre.',
    directory: 'Choisissez un fichier de données qui s’y trouve.',
    undecodable: again(
      `Vérifiez que le fichier est complet. S’il a un autre encodage, choisissez-le ${at(importer.fields.encoding)}.`,
    ),
    'unknown-encoding': again(`Choisissez un autre encodage ${at(importer.fields.encoding)}.`),
    'bad-archive': 'Décompressez-la avec un autre programme, et importez les fichiers de données qu’elle contient.',
    'too-large':
      'Si vous faites confiance au fichier, décompressez-le avec un autre programme, et importez ce qui en sort.',
    'several-files': 'Importez l’un d’eux, ou le dossier où ils se trouvent.',
    'no-data': 'Choisissez un dossier ou une archive avec des fichiers CoNLL, JSON, CSV ou Parquet.',
    'unsupported-format': 'Enregistrez les données dans un autre format, par exemple JSONL ou CoNLL.',
    damaged: 'Vérifiez que le fichier est complet, ou exportez de nouveau les données.',
    'no-such-column': again(`Choisissez les colonnes ${reading}.`),
    'column-type': source(
      'Écrivez-la comme du texte, des entiers ou des listes d’entiers ou de textes, et donnez à chaque colonne son propre nom.',
    ),
    'annotations-ignored': source('Si ce sont des entités, donnez à chacune une seule étiquette.'),
    'predictions-ignored': null,
    'relations-ignored': null,
    'results-ignored': null,
    'result-unreadable': again('Exportez les étiquettes d’un projet en texte brut.'),
    'texts-ignored': source('Si ces textes doivent être appris, enregistrez-les dans un fichier à part.'),
    'span-groups-ignored': source('Si ce sont eux qu’il faut apprendre, enregistrez-les comme entités des documents.'),
    'bad-annotation': source('Corrigez-les.'),
    'bad-chunk': source(`Écrivez chaque fragment sous la forme \`{"text": …, "entity": LABEL}\`.`) + leftOut,
    'line-ends-joined': again(
      `Si les entités sont décalées d’une position par ligne, comptez autrement ${at(importer.fields.lineEnds)}.`,
    ),
    'offsets-utf16': again(
      `Si les mauvaises lettres sont marquées, choisissez ce qui est compté ${at(importer.fields.offsets)}.`,
    ),
    'spans-of-tokens': again(
      `Si les entités sont trop courtes d’un mot, choisissez ${option(importer.inclusiveEnds)}.`,
    ),
    'range-rows': source('Donnez des tags aux mots eux-mêmes, et le tag `_` aux lignes qui en couvrent plusieurs.'),
    'table-columns': again(`Si ce ne sont pas les bonnes colonnes, choisissez-en d’autres ${reading}.`),
    'one-sentence': again(
      `Séparez les phrases par une ligne vide. Dans un tableau, choisissez la colonne qui numérote les phrases ${reading}.`,
    ),
    'sentence-again': source('Triez les lignes par phrase.'),
    'too-few-columns':
      source('Donnez à chaque ligne un mot et son tag. Laissez une ligne vide à la fin d’une phrase.') + leftOut,
    'too-many-columns':
      source('Si des mots contiennent des espaces, séparez les colonnes par des tabulations.') + leftOut,
    'column-count': source(
      'Vérifiez ces lignes. Si des mots contiennent des espaces, séparez les colonnes par des tabulations.',
    ),
    'mixed-separators': source('Séparez toutes les colonnes par des tabulations.'),
    'several-tag-columns': again(`Pour en apprendre une autre, choisissez-la ${reading}.`),
    'tag-column': again(`Si ce n’est pas la bonne colonne, choisissez-en une autre ${reading}.`),
    'empty-token': null,
    'tokens-misfit': source(
      'Vérifiez que les mots et le texte vont ensemble, ou retirez l’un des deux de l’enregistrement.',
    ),
    'tag-count': source(`Donnez un tag à chaque mot, \`O\` hors des entités.`) + leftOut,
    'bad-tag':
      again(
        `Écrivez \`B-\` ou \`I-\` et une étiquette, et \`O\` hors des entités. Donnez les noms des nombres ${at(importer.fields.labels)}.`,
      ) + leftOut,
    'tag-repaired': source('Corrigez les tags.'),
    'tag-spelling': null,
    'bare-labels': null,
    'no-labels': null,
    'io-touching': source('Si ce sont deux entités, enregistrez le fichier en IOB2, avec `B-` au début de chacune.'),
    'span-out-of-range':
      again(`Corrigez les positions, ou choisissez ce qu’elles comptent ${at(importer.fields.offsets)}.`) + leftOut,
    'span-empty':
      source('Corrigez le début et la fin : la fin est la position qui suit le dernier caractère.') + leftOut,
    'span-reversed': source('Intervertissez le début et la fin.') + leftOut,
    'span-not-integer': source('Écrivez des entiers qui comptent les caractères à partir de 0.') + leftOut,
    'span-malformed':
      again(
        `Donnez à chaque entité un début, une fin et une étiquette. Donnez les noms des nombres ${at(importer.fields.labels)}.`,
      ) + leftOut,
    'bad-spans': source(`Écrivez une liste de \`[start, end, label]\`.`) + leftOut,
    'several-span-lists': source('Mettez toutes les entités d’un enregistrement dans une seule liste.'),
    'span-overlapping':
      source(
        'Le modèle apprend celle qui commence la première et, de deux qui commencent ensemble, la plus longue. Si l’autre est voulue, retirez celle-ci.',
      ) + oneKept,
    'span-discontinuous': source('Annotez les morceaux un par un, ou le tout du premier au dernier.') + leftOut,
    'span-text-differs': source('Vérifiez les positions, et que le texte est bien celui qui a été annoté.'),
    'span-edge-space': source('Retirez les espaces de l’entité.'),
    'span-cuts-word': source('Étendez l’entité jusqu’aux bords du mot.'),
    'span-cuts-run': again('Si la limite doit être exacte, importez le texte en mots : en tokens ou en colonnes.'),
    'span-without-word': source('Retirez l’entité, ou placez-la sur un mot.'),
    'offsets-unit': again(`Choisissez ce qu’elles comptent ${at(importer.fields.offsets)}.`),
    'offsets-shifted': again(`Corrigez-les ${at(importer.fields.shift)}.`),
    'offsets-inclusive': again(`Choisissez ${option(importer.inclusiveEnds)}.`),
    'label-not-in-train': source('Vérifiez son orthographe, ou ajoutez des exemples aux données d’entraînement.'),
    'label-only-in-train': `${source('Ajoutez des exemples à dev et à test.')} Ou répartissez les données${later} avec « ${split.button} ».`,
    'labels-alike': `Si elles veulent dire la même chose, fusionnez-les ${labels}.`,
    'label-has-prefix': source('Écrivez chaque entité en entier, avec une étiquette sans préfixe.'),
    'label-outside': `Retirez l’étiquette ${labels}.`,
    'label-rare': `${source('Ajoutez des exemples.')} Ou fusionnez ou retirez l’étiquette ${labels}.`,
    'empty-document': source('Retirez-les, ou cherchez où leur texte s’est perdu.'),
    duplicate: source('Retirez les répétitions.'),
    'duplicate-labelled-differently': source('Décidez ce qui est juste, et annotez les deux de la même façon.'),
    overlap: `${source('Retirez-les de l’un des deux sous-ensembles.')} Ou répartissez les données${later} avec « ${split.button} ».`,
    'near-overlap': `${source('Retirez-les de l’un des deux sous-ensembles.')} Ou répartissez les données${later} avec « ${split.button} ».`,
    'control-character': source('Retirez-les du texte, ou exportez-le de nouveau.'),
    'format-character': source('S’ils ne sont pas voulus, retirez-les du texte.'),
    'replacement-character': again(
      'Exportez de nouveau le texte dans le bon encodage : ce qui est perdu ne peut pas être rétabli ici.',
    ),
    mojibake: again(
      `Exportez de nouveau le texte en UTF-8, ou choisissez son encodage ${at(importer.fields.encoding)}.`,
    ),
    'too-long': `Il n’y a rien à faire. Une plus grande « ${fields.max_length.title} » donne moins de fenêtres, si le modèle le permet.`,
    'word-without-pieces': 'Il n’y a rien à faire : le mot compte comme hors de toute entité.',
    'unknown-pieces': 'Choisissez un modèle qui connaît la langue et l’écriture des textes.',
    'label-unusual':
      source('Regardez ces endroits, et annotez-les de la même façon, sauf si autre chose est voulu.') + alike,
    'label-varies': source('Regardez ces endroits, et fixez une règle là où le contexte ne décide pas.') + alike,
    'likely-missed': source('Annotez-la, sauf si autre chose est voulu ici.'),
  };
}

export const remedies: typeof en = { file: remediesAt('file'), import: remediesAt('import'), data: remediesAt('data') };

// The help: the five steps, and the example files.

import type { help as en } from '../en/help';

export const help: typeof en = {
  title: 'Aide',
  about: 'Comment Tagsmith fonctionne, ce que signifient ses mots, et à quoi ressemblent les fichiers.',
  tabs: { steps: 'Cinq étapes', formats: 'Formats de fichiers', glossary: 'Glossaire' },
  steps: {
    models: {
      title: 'Choisir un modèle',
      picture: 'Une liste de modèles ; le deuxième est choisi.',
      text: 'Un modèle préentraîné connaît déjà une langue ; vous lui apprenez ce qu’il doit chercher. Le modèle fourni est petit et un bon premier choix, et le Hub a des modèles pour d’autres langues et domaines.',
      go: 'Aller à Modèles',
    },
    data: {
      title: 'Ajouter des données',
      picture: 'Une page de texte où trois passages sont marqués de couleurs différentes.',
      text: 'Importez des textes dont les entités sont annotées ; Tagsmith détecte le format et met une partie de côté pour les tests. Examinez les constats avant d’entraîner : une étiquette erronée apprend des erreurs au modèle.',
      go: 'Aller à Données',
    },
    train: {
      title: 'Entraîner',
      picture: 'Une courbe qui monte d’abord vite, puis s’aplatit, au-dessus d’une barre de progression.',
      text: 'Choisissez le modèle et les données et cliquez sur « Démarrer l’entraînement » ; les réglages par défaut conviennent à la plupart des données. Suivez le F1 sur dev : s’il ne monte plus, continuer n’aide guère.',
      go: 'Aller à Entraînement',
    },
    results: {
      title: 'Lire les résultats',
      picture: 'Quatre barres de longueurs différentes, une par étiquette ; la plus courte se remarque.',
      text: 'La première phrase dit ce que vaut le score et que faire ensuite. Les prédictions erronées montrent où le modèle se trompe, et souvent où les étiquettes sont erronées.',
      go: 'Aller à Résultats',
    },
    highlight: {
      title: 'Surligner et étiqueter',
      picture: 'Des lignes de texte dans un cadre ; une loupe trouve un passage marqué.',
      text: 'Collez un texte pour voir aussitôt ce que votre modèle y trouve. Pour de nombreux textes, « Étiqueter » fait des fichiers un tableau d’entités.',
      go: 'Aller à Surligner',
    },
  },
  formats: {
    list: 'Formats',
    intro: 'Les trois mêmes textes dans chaque format. Les deux premiers ont des entités, le troisième n’en a pas.',
    fileOf: (name) => `Fichier d’exemple ${name}`,
    copyOf: (name) => `Copier ${name}`,
    copy: 'Copier',
    binary: 'C’est un fichier binaire, il n’y a donc rien à copier. Il contient :',
    examples: {
      conll: {
        title: 'CoNLL',
        text: 'Un mot et son tag par ligne, séparés par une tabulation ou des espaces, et une ligne vide après chaque phrase. B- commence une entité, I- la continue, et O est en dehors de toute entité.',
      },
      spans: {
        title: 'Lignes JSON, spans',
        text: 'Un enregistrement JSON par ligne : un texte, et où ses entités commencent et finissent. Le premier caractère porte le numéro 0, et la fin est le caractère qui suit le dernier.',
      },
      tokens: {
        title: 'Lignes JSON, tokens',
        text: 'Un enregistrement par ligne : une liste de mots, et une liste avec un tag pour chacun. C’est la forme des jeux de données de Hugging Face.',
      },
      doccano: {
        title: 'doccano',
        text: 'Des lignes JSON telles que doccano les exporte : des listes avec début, fin et étiquette.',
      },
      spacy: {
        title: 'spaCy, JSON',
        text: 'Des paires d’un texte et de ses entités, comme dans les anciennes données d’entraînement de spaCy.',
      },
      prodigy: {
        title: 'Prodigy',
        text: 'Des lignes JSON telles que db-out de Prodigy les écrit. Les enregistrements refusés ou ignorés sont laissés de côté.',
      },
      'label-studio': {
        title: 'Label Studio',
        text: 'Un export JSON de Label Studio : des tâches avec leurs annotations. Plusieurs annotateurs d’une même tâche sont distingués.',
      },
      gliner: {
        title: 'GLiNER',
        text: 'Des listes de mots, et des entités qui comptent les mots : numéro du premier mot, numéro du dernier, étiquette.',
      },
      'table-words': {
        title: 'Tableau de mots',
        text: 'Un fichier CSV ou TSV avec un mot par ligne. Une colonne dit à quelle phrase le mot appartient ; vous pouvez choisir les colonnes à l’import.',
      },
      'table-texts': {
        title: 'Tableau de textes',
        text: 'Un fichier CSV ou TSV avec un texte par ligne et ses entités en JSON dans une autre colonne. Sans cette colonne, les textes peuvent être étiquetés, mais pas servir à apprendre.',
      },
      text: {
        title: 'Texte brut',
        text: 'Un document par ligne, sans étiquettes. On ne peut rien en apprendre, mais un modèle peut l’étiqueter ou y être préentraîné.',
      },
      brat: {
        title: 'brat',
        text: 'Deux fichiers par document : le texte, et une liste de ses entités avec étiquette, début et fin. Importez le dossier qui les contient.',
      },
      ontonotes: {
        title: 'OntoNotes',
        text: 'Les colonnes de CoNLL-2012. Les entités sont entre parenthèses dans la onzième colonne ; celles de la syntaxe et de la coréférence ne servent pas.',
      },
      webanno: {
        title: 'WebAnno TSV',
        text: 'Un export de WebAnno ou d’INCEpTION, version 3. Des numéros entre crochets relient les mots d’une entité.',
      },
      'uima-cas': {
        title: 'UIMA CAS',
        text: 'Un export d’INCEpTION ou de DKPro en XMI ou JSON : un long texte, et des annotations qui disent où elles commencent et finissent.',
      },
      bioc: {
        title: 'BioC',
        text: 'XML ou JSON de collections biomédicales : documents, passages, et annotations avec position et longueur. Chaque passage devient un document.',
      },
      pubtator: {
        title: 'PubTator',
        text: 'Titre et résumé d’un article, puis une ligne par entité : numéro de l’article, début, fin, mots, étiquette, identifiant.',
      },
    },
    tables: {
      parquet: {
        title: 'Parquet',
        text: 'Les fichiers des jeux de données de Hugging Face, et les tableaux (DataFrames) de pandas et de polars.',
        columns: [
          ['tokens', 'une liste de mots'],
          [
            'ner_tags',
            'une liste avec un tag par mot, sous forme de noms ou de numéros dont le fichier contient les noms',
          ],
          ['text, entities', 'à la place des deux : un texte, et une liste avec début, fin et étiquette'],
        ],
      },
      arrow: {
        title: 'Arrow',
        text: 'Les mêmes tableaux en fichiers et flux Arrow, tels que le paquet datasets les met en cache, et en fichiers Feather.',
        columns: [
          ['tokens', 'une liste de mots'],
          ['ner_tags', 'une liste avec un tag par mot'],
          ['text, entities', 'à la place des deux : un texte, et une liste avec début, fin et étiquette'],
        ],
      },
      'doc-bin': {
        title: 'spaCy DocBin',
        text: 'Les fichiers .spacy avec lesquels spaCy 3 s’entraîne : des documents avec mots et entités. Ils sont lus sans Python.',
        columns: [
          ['doc.ents', 'les entités ; on peut lire à la place celles d’un groupe de spans'],
          ['doc', 'les mots et les espaces entre eux, dont le texte est recomposé'],
        ],
      },
    },
  },
  glossary: {
    search: 'Chercher dans le glossaire',
    found: (terms, all) => (terms === all ? `${all} termes` : `${terms} termes sur ${all}`),
    none: 'Aucun terme ne correspond',
    noneAbout: 'Essayez avec moins de lettres.',
    see: 'Voir aussi :',
  },
};

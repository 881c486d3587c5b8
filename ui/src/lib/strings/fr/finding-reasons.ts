// Why each kind of finding matters, by its code.

import type { findings } from '../en/findings';

export const reasons: (typeof findings)['reasons'] = {
  'not-utf8':
    'Lues dans le mauvais encodage, des lettres deviennent d’autres lettres, et le modèle apprend des mots que personne n’écrit.',
  'empty-file': 'Il n’y a rien à apprendre.',
  'no-documents': 'Il n’y a rien à apprendre.',
  'no-entities': 'Un modèle entraîné sans une seule entité apprend à n’en trouver aucune.',
  'not-a-corpus': 'Un format mal deviné donnerait, sans que rien ne le signale, de faux mots et de fausses étiquettes.',
  'bad-json':
    'Ce qui n’est pas du JSON valide ne peut pas être lu ; les enregistrements concernés manquent à l’entraînement.',
  'bad-record': 'Un enregistrement ignoré en silence est perdu pour l’entraînement.',
  unlabelled:
    'Un texte sans liste d’entités compte comme un texte qui n’en a pas ; s’il n’est qu’inachevé, le modèle apprend à manquer des entités.',
  'words-unknown':
    'Ce que personne n’a regardé compte comme hors de toute entité, et le modèle apprend à manquer ce qui s’y trouve.',
  'several-annotators':
    'Parmi les étiquettes de plusieurs personnes, un seul jeu est appris ; leur accord montre à quel point les étiquettes sont bien définies.',
  'annotators-differ':
    'Là où les personnes divergent, un modèle apprend l’un des avis et il est évalué d’après celui-ci.',
  'splits-named':
    'Les textes dont un modèle a appris ne disent rien de sa qualité : les enregistrements du jeu de test ne doivent pas figurer parmi ceux d’entraînement.',
  'partly-labelled':
    'Là où d’autres enregistrements ont une liste d’entités, celui qui n’en a pas est souvent inachevé ; lu comme un texte sans entité, il apprend au modèle à en manquer.',
  'empty-record': 'Rien n’est perdu avec eux, mais quelque chose s’est peut-être mal passé à leur source.',
  'not-a-number': 'JSON n’a pas de telle valeur ; ce qu’elle représentait manque.',
  'lone-surrogate': 'Une moitié de caractère ne peut pas être lue ; le modèle ne voit jamais ce que c’était.',
  'text-missing': 'Des positions sans le texte où elles comptent ne disent rien.',
  'answer-skipped': 'Les réponses rejetées ou ignorées ne sont pas des exemples à apprendre.',
  'span-rejected': 'Ce que l’annotateur a rejeté n’est pas un exemple à apprendre.',
  encoding:
    'Un fichier ne dit pas comment ses lettres sont encodées ; mal deviné, l’encodage donne d’autres lettres, et le modèle apprend des mots que personne n’écrit.',
  'nul-character': 'Un texte ne contient pas de tels caractères : autre chose dans le fichier est peut-être endommagé.',
  'file-ignored': 'Un fichier ignoré sans qu’on le voie, ce sont des données perdues.',
  'files-joined':
    'Plusieurs fichiers forment un sous-ensemble des données ; vérifiez que c’est bien ce que vous voulez.',
  'formats-differ':
    'Les formats n’expriment pas tous les mêmes choses ; ce qui manque à l’un manque dans ses documents.',
  'split-guessed': 'Si ce ne sont pas les textes à apprendre, le modèle est entraîné sur ce qui servira à l’évaluer.',
  'annotations-ignored':
    'Les annotations qui ne sont pas des entités ne peuvent pas être apprises ici ; il faut savoir qu’elles existaient.',
  'predictions-ignored': 'Un modèle qui apprend des prédictions d’un autre apprend ses erreurs.',
  'relations-ignored': 'Les relations ne peuvent pas être apprises ici ; il faut savoir qu’elles existaient.',
  'results-ignored': 'Seuls les spans étiquetés peuvent être appris ici ; il faut savoir qu’il y avait davantage.',
  'result-unreadable': 'Une entité qui ne se retrouve pas dans le texte brut manque à l’entraînement.',
  'texts-ignored': 'Des textes ignorés sans qu’on le voie, ce sont des données perdues.',
  'span-groups-ignored': 'Des entités rangées à un endroit inhabituel manquent à l’entraînement.',
  'bad-annotation': 'Une entité illisible manque à l’entraînement.',
  'bad-chunk': 'Sans son texte, la position de tout ce qui suit est inconnue.',
  'line-ends-joined': 'Comptés autrement, tous les spans se décaleraient d’un caractère à chaque ligne.',
  'offsets-utf16': 'Comptés en caractères, tous les spans qui suivent un émoji désigneraient les mauvaises lettres.',
  'spans-of-tokens':
    'Une fin prise pour le token qui suit le span, alors qu’elle en est le dernier, rend chaque entité trop courte d’un mot.',
  'range-rows': 'Lues comme des mots, ces lignes répéteraient les mots qu’elles recouvrent.',
  'table-columns': 'La mauvaise colonne donne, sans que rien ne le signale, de faux mots ou de fausses étiquettes.',
  'one-sentence':
    'Sans phrases, les données ne peuvent pas être réparties entre entraînement et test, et le contexte continue là où il devrait finir.',
  'sentence-again':
    'Des lignes de même numéro très éloignées sont souvent deux phrases, dont les mots ne vont pas ensemble.',
  'too-few-columns': 'Sans tag, on ne sait pas si le mot appartient à une entité.',
  'too-many-columns': 'Avec une colonne de trop, la mauvaise peut être lue comme tag.',
  'column-count':
    'Une telle ligne contient souvent un mot avec un espace ou une tabulation, et ses colonnes sont alors décalées.',
  'mixed-separators': 'Un mot contenant un espace serait lu comme deux colonnes.',
  'several-tag-columns': 'Chaque colonne est un autre jeu d’étiquettes ; l’entraînement en utilise une.',
  'tag-column': 'Une autre colonne que la dernière est lue ; vérifiez que c’est la bonne.',
  'empty-token': 'Il n’y a rien à apprendre d’un mot vide, mais il garde sa place dans l’entité qui l’entoure.',
  'tokens-misfit': 'Des mots qui ne correspondent pas à leur texte placeraient leurs étiquettes au mauvais endroit.',
  'tag-count': 'Avec plus ou moins de tags que de mots, les étiquettes glisseraient sur les mots voisins.',
  'bad-tag': 'Un tag non valide ne se distingue pas d’une étiquette mal orthographiée.',
  'tag-repaired':
    'Les programmes lisent ces tags différemment ; le même fichier donne donc ailleurs d’autres entités et d’autres scores.',
  'tag-spelling':
    'Lus tels quels, chaque partie d’une entité serait une étiquette à part, et les mots en dehors seraient des entités.',
  'bare-labels': 'Sans `B-`, deux entités de même étiquette qui se touchent n’en font plus qu’une.',
  'no-labels': 'Toutes les entités sont d’une seule sorte, quelles qu’elles soient.',
  'io-touching':
    'Les tags IO ne marquent pas le début d’une entité ; deux entités voisines de même étiquette sont apprises comme une seule.',
  'span-out-of-range':
    'Des positions au-delà de la fin du texte comptent autre chose ou appartiennent à un autre texte ; les autres spans peuvent alors être faux aussi.',
  'span-empty': 'Un span sans caractère n’étiquette rien.',
  'span-reversed': 'Le début et la fin sont intervertis, ou appartiennent à deux spans différents.',
  'span-not-integer': 'Il n’existe pas de position entre deux caractères.',
  'span-malformed': 'Un span sans début, fin et étiquette ne peut pas être situé.',
  'bad-spans': 'Des entités illisibles manquent à l’entraînement.',
  'several-span-lists': 'Deux listes peuvent se contredire ; en choisir une en silence ferait perdre l’autre.',
  'span-overlapping':
    'Chaque mot reçoit une étiquette ; de deux entités sur le même mot, une seule peut donc être apprise.',
  'span-discontinuous':
    'Pour le modèle, une entité est une suite de mots ; une entité en plusieurs morceaux ne peut pas être apprise.',
  'span-text-differs':
    'Là où les positions et le texte cité se contredisent, l’un des deux vient d’une autre version du texte.',
  'span-edge-space':
    'Les espaces ne font pas partie d’un nom ; ils montrent que les positions ne sont pas exactes, et une évaluation stricte ailleurs compte l’entité comme fausse.',
  'span-cuts-word':
    'Les étiquettes s’apprennent par mots entiers : l’entité est étendue jusqu’au bord du mot, et évaluée ainsi.',
  'span-cuts-run':
    'Cette écriture ne sépare pas les mots par des espaces, et une telle suite de lettres est apprise comme un seul mot : l’entité est étendue jusqu’à son bord.',
  'span-without-word': 'Un span sans mot n’a rien qui puisse porter son étiquette ; il n’est pas appris.',
  'offsets-unit':
    'Compté dans une autre unité, tout span après le premier caractère spécial désigne les mauvaises lettres.',
  'offsets-shifted':
    'Des positions décalées désignent les mauvaises lettres, et le modèle apprend des entités qui commencent et finissent au milieu des mots.',
  'offsets-inclusive':
    'Une fin qui désigne le dernier caractère, au lieu de celui qui le suit, coupe la dernière lettre de chaque entité.',
  'label-not-in-train':
    'Une étiquette absente des données d’entraînement ne peut pas être prédite : chacune de ses entités compte comme manquée.',
  'label-only-in-train': 'Rien ne montre à quel point cette étiquette est bien trouvée.',
  'labels-alike':
    'Deux graphies sont deux étiquettes pour le modèle : chacune a moins d’exemples, et l’une prise pour l’autre compte comme fausse.',
  'label-has-prefix':
    'Avec le préfixe d’un tag dans son nom, chaque étiquette se divise en deux ou plus, et aucune n’est une entité entière.',
  'label-outside':
    'Des mots hors des entités, étiquetés comme une entité, apprennent au modèle à ne rien trouver nulle part.',
  'label-rare':
    'De quelques exemples, un modèle retient les exemples eux-mêmes plutôt que la catégorie, et le score de l’étiquette en dit peu.',
  'empty-document': 'Un document sans mots n’apprend rien et ne change aucun score.',
  duplicate: 'Un texte répété compte plusieurs fois, à l’entraînement et dans les scores.',
  'duplicate-labelled-differently':
    'Le même texte ne peut pas être juste des deux façons : le modèle apprend les deux et il est évalué sur une seule.',
  overlap:
    'Un texte vu à l’entraînement montre ce que le modèle a retenu, non ce qu’il sait trouver : le score paraît meilleur qu’il ne l’est.',
  'near-overlap':
    'Un texte qui ne diffère que d’un mot ou deux est déjà presque connu : le score paraît meilleur qu’il ne l’est.',
  'control-character':
    'Les caractères de contrôle viennent d’exports défectueux ; le tokeniseur les supprime, et les mots qu’ils séparent n’en font plus qu’un.',
  'format-character':
    'Des caractères invisibles rendent différents des mots d’apparence identique, et décalent les positions dans d’autres programmes.',
  'replacement-character':
    'Le caractère `U+FFFD` remplace celui qui a été perdu quand le texte a été lu dans un mauvais encodage.',
  mojibake:
    'De l’UTF-8 lu dans un autre encodage change une lettre en deux ou trois lettres étranges ; le modèle ne connaît pas de tels mots.',
  'too-long':
    'Le texte est lu par fenêtres qui se recouvrent : rien n’est perdu, mais cela prend plus de temps, et le contexte éloigné reste hors de vue.',
  'word-without-pieces': 'Le modèle ne voit rien d’un tel mot ; il compte comme hors de toute entité.',
  'unknown-pieces':
    'Les mots inconnus se ressemblent tous pour le modèle ; s’ils sont nombreux, c’est qu’il a été fait pour une autre langue ou un autre alphabet.',
  'label-unusual':
    'Ce qui est étiqueté presque partout d’une façon et autrement ici est souvent une inadvertance, et dans les données de test elle limite le score.',
  'label-varies':
    'Là où seul le contexte décide, le modèle a besoin de beaucoup d’exemples ; là où personne n’a décidé, il ne peut pas apprendre la différence.',
  'likely-missed':
    'Une entité manquée apprend au modèle à en manquer, et dans les données de test elle fait compter une bonne réponse comme fausse.',
};

// The form of a new run.

import type { Reason, SettingField } from '../../client/contracts';
import { count, planned, small } from '../../format';
import type { runForm as en } from '../en/run-form';
import { inWords, many } from './words';

/** Why the engine chose a value. */
const REASONS: Record<Reason, string> = {
  'small-model': 'kleine Modelle lernen bei den niedrigen Raten der großen wenig aus einigen hundert Beispielen',
  'small-model-large-set': 'ein kleines Modell hat Tausende von Beispielen und muss sich nicht beeilen',
  'embeds-sentences': 'Modelle für Satz-Embeddings lernen bei BERTs Raten wenig aus einigen hundert Beispielen',
  'base-model': 'das obere Ende dessen, was BERTs Entwickler für diese Größe empfehlen',
  'large-model': 'große Modelle verlieren bei höheren Raten, was sie wissen',
  'lora-rate': 'LoRA lernt am besten mit bis zum Zehnfachen der Rate des vollen Fine-Tunings',
  'crf-rate': 'Übergänge beginnen bei 0 und bewegen sich bei den Raten eines Encoders kaum',
  'small-batches': 'ein kleiner Datensatz ergibt so mehr Schritte',
  'large-batches': 'der Datensatz ist groß genug für ruhigere Schritte',
  'adaptive-schedule': 'die Rate wird gehalten, solange das Dev-F1 steigt, und fällt dann auf 0',
  'epochs-set': 'die Zahl der Epochen ist festgelegt',
  'read-often': 'ein kleiner Datensatz wird oft gelesen, solange das Dev-F1 steigt',
  'read-few-times': 'ein so großer Datensatz ist nach wenigen Durchgängen gelernt',
  'enough-steps': 'genug für mehrere hundert Schritte',
  'rate-does-not-fall': 'die Lernrate fällt nicht von selbst',
  'last-gains': 'die letzten Gewinne kommen, während die Lernrate fällt',
  'held-out-needed':
    'ein kleiner Datensatz braucht die zurückgehaltenen Dokumente, um zu zeigen, wie lange trainiert werden soll',
  'lower-layers': 'einige hundert Beispiele sollen wenig an dem ändern, was die unteren Schichten wissen',
  'twice-the-rank': 'das Doppelte des Rangs ist üblich',
  'varied-examples':
    'aus einigen hundert Beispielen lernt das Modell mehr mit Varianten: anderen Entitäten, anderen Wörtern',
  'enough-examples': 'der Datensatz ist auch ohne Varianten seiner Beispiele groß genug',
  'rare-labels': 'Labels mit wenigen Beispielen werden gelernt, wenn sie öfter gelesen werden',
};

/** Upper bounds from here on only keep out nonsense. */
const NO_BOUND = 1000;

function rangeOf({ kind, example }: SettingField): string {
  if (kind.kind !== 'number') return 'ein gültiger Wert';
  const { whole, min, above, below, closed } = kind;
  const number = whole ? 'eine ganze Zahl' : 'eine Zahl';
  const such = example === null ? '' : ` wie ${small(Number(example))}`;
  if (below === null || (below >= NO_BOUND && !closed)) return `${number} ab ${small(min)}${such}`;
  if (above) return `${number} zwischen ${small(min)} und ${small(below)}${such}`;
  return `${number} von ${small(min)} bis ${closed ? small(below) : `unter ${small(below)}`}${such}`;
}

export const runForm: typeof en = {
  often: {
    label: 'Wie oft',
    kinds: { once: 'Einmal', seeds: 'Mehrere Seeds', search: 'Einstellungen suchen' },
    seeds: 'Seeds',
    trials: 'Versuche',
    seedsAbout: (seeds) =>
      `Schon der Zufall bewegt einen Wert. Derselbe Lauf wird ${count(seeds)}-mal gemacht, jedes Mal mit anderem Seed: Sie bekommen Mittelwert und Streuung und das Modell des mittleren Laufs.`,
    combine: 'Endmodell',
    combines: {
      '': 'Das des mittleren Laufs',
      average: 'Mittel der Gewichte aller Läufe',
      ensemble: 'Ensemble aller Läufe',
    },
    combinesAbout: {
      '': 'Des nach Dev-F1 mittleren Laufs, weder des glücklichsten noch des schlechtesten.',
      average:
        'Ein Modell, so groß und so schnell wie jedes einzelne. Alle Läufe beginnen dann mit denselben Gewichten.',
      ensemble:
        'Jedes Mal werden alle Modelle gefragt: meist am genauesten, und um ein Vielfaches langsamer und größer.',
    },
    searchAbout: (trials) =>
      `${count(trials)} Kombinationen von Einstellungen werden ausprobiert, die meisten in kurzen Läufen; die besten gehen weiter. Der Gewinner wird dann mit den Voreinstellungen verglichen, mit je drei Seeds.`,
    space: 'Einstellungen, die teilnehmen',
    spaceWaiting: 'Wählen Sie Modell und Datensatz, um zu sehen, was durchsucht wird.',
    spaceNone:
      'Alle diese Einstellungen haben einen eigenen Wert, darum gibt es nichts zu suchen. Leeren Sie eine davon.',
    setByYou: 'Was Sie ausgefüllt haben, bleibt, wie es ist.',
    from: (low, high) => `von ${small(low)} bis ${small(high)}`,
    list: (values) => values.join(', '),
    choose: 'Wählen Sie mindestens eine Einstellung, die teilnimmt.',
    seedsRange: 'eine ganze Zahl von 2 bis 100',
    trialsRange: 'eine ganze Zahl von 2 bis 1000',
    noDev:
      'Dieser Datensatz hat keine Entwicklungsdaten (Dev): Einstellungen werden an zurückgehaltenen Trainingsdokumenten verglichen. Bei wenigen Dokumenten ist das großenteils Zufall.',
  },
  notReady: 'Wählen Sie zuerst ein Modell und einen Datensatz.',
  obstacle: (title, expected) => `${title}: ${expected.charAt(0).toLowerCase()}${expected.slice(1)}.`,
  deviceRefused: 'Wählen Sie ein anderes Gerät: Dieses wird nicht verwendet.',
  copiedFrom: (name) => `Mit den Einstellungen von „${name}“.`,
  highRate: 'Ungewöhnlich hoch: Das Training kann divergieren und nichts lernen. Üblich sind 5e-5 bis 1e-3.',
  noTrain: (data) =>
    `„${data}“ enthält nichts, woraus gelernt werden kann: Es gibt keinen Train-Split. Teilen Sie den Datensatz unter Daten neu auf, oder importieren Sie die Dateien noch einmal, und wählen Sie für eine davon Train.`,
  noLabels: (data) =>
    `„${data}“ hat in den Trainingsdaten keine annotierten Entitäten, also gibt es nichts zu lernen. Wählen Sie annotierte Daten, oder taggen Sie diese Texte mit einem Modell, das Sie haben.`,
  tagInstead: 'Mit einem Modell taggen',
  openFindings: (number) => `${many(number, 'offener Befund', 'offene Befunde')} in diesen Daten.`,
  name: 'Name des Laufs',
  model: 'Ausgangsmodell',
  modelHelp: 'Ein vortrainiertes Modell, das die Sprache schon kennt. Größere sind genauer und langsamer.',
  data: 'Datensatz',
  noModel: 'Modell wählen…',
  noData: 'Daten wählen…',
  automatic: 'automatisch',
  yes: 'ja',
  no: 'nein',
  advanced: 'Weitere Einstellungen',
  changed: (number) => many(number, 'Änderung', 'Änderungen'),
  resetAll: 'Auf Voreinstellungen',
  chosen: (value) => (value === undefined ? 'automatisch' : `automatisch: ${value}`),
  plan: ({ epochs, most_epochs, is_refitted, windows, is_counted, steps, runs, seconds }, documents, often) => {
    const bound = most_epochs > epochs ? ` (höchstens ${count(most_epochs)}, solange das Dev-F1 steigt)` : '';
    const over =
      is_counted && windows !== documents
        ? `${many(windows, 'Fenster', 'Fenster')} aus ${many(documents, 'Dokument', 'Dokumenten')}, mit hinzugefügten und wiederholten`
        : many(documents, 'Dokument', 'Dokumente');
    const one = `${many(epochs, 'Epoche', 'Epochen')}${bound} über ${over}${is_refitted ? ', erst auf einem Teil, dann neu auf allen' : ''}, ${many(steps, 'Schritt', 'Schritte')}`;
    const work =
      often === 'seeds'
        ? `${many(runs, 'Lauf', 'Läufe')}, jeder mit: ${one}`
        : often === 'search'
          ? `${many(runs, 'Lauf', 'Läufe')}, darunter kurze; ein ganzer Lauf hat ${one}`
          : one;
    return seconds === null
      ? `${often === 'once' ? 'Etwa ' : ''}${work}. Wie lange das dauert, zeigt sich nach den ersten Schritten.`
      : `Etwa ${planned(seconds, epochs, most_epochs)}, nach Ihrem letzten Lauf mit diesem Modell geschätzt: ${work}.`;
  },
  why: ({ reason, why }) => (reason ? REASONS[reason] : why),
  atMost: (epochs) => `bis ${count(epochs)}`,
  schedules: { adaptive: 'adaptiv', linear: 'linear', cosine: 'Kosinus', constant: 'konstant' },
  range: rangeOf,
  seedRange: 'eine ganze Zahl ab 0',
  operations: {
    'mention-replacement': 'Erwähnung ersetzt',
    'token-replacement': 'Wort ersetzt',
    'segment-shuffling': 'umgestellt',
    'word-dropout': 'Wort weggelassen',
    'case-noise': 'Groß-/Kleinschreibung',
    'typo-noise': 'Tippfehler',
  },
  planWhy: 'Was gewählt wurde, und warum',
  planChange: 'Füllen Sie ein Feld aus, um es anders zu wählen.',
  expected: (what, orNothing = false) => `Bitte ${what} eingeben${orNothing ? ' oder leer lassen' : ''}`,
  methods: 'Von Ihnen gewählt:',
  noMethods:
    'Nichts über einfaches Fine-Tuning hinaus: Hilfe für seltene Labels, Augmentierung und alles Übrige steht unter Weitere Einstellungen, und nichts davon hilft jedem Datensatz.',
  groups: {
    length: { title: 'Fenster und Überlappung', about: 'Wie lange Texte zerlegt werden und was zurückgehalten wird.' },
    optimiser: { title: 'Optimierer', about: 'Wie sich die Lernrate bewegt und wann das Training endet.' },
    head: {
      title: 'Head',
      about: 'Tags, die als Folgen gelernt werden. Oft genauer; vollständig liest sie nur Tagsmith.',
    },
    balance: {
      title: 'Seltene Labels',
      about: 'Für Labels mit wenigen Beispielen oder Texte, die größtenteils keine Entitäten haben.',
    },
    regularisation: {
      title: 'Regularisierung',
      about: 'Gegen Overfitting, für kleine Datensätze und große Modelle.',
    },
    augmentation: { title: 'Augmentierung', about: 'Mehr Trainingsdokumente, aus Ihren gemacht.' },
    adapter: {
      title: 'Adapter (LoRA)',
      about: 'Trainiert einen kleinen Zusatz und lässt das Modell selbst, wie es ist: weniger Speicher.',
    },
    labels: { title: 'Labels des Ausgangsmodells', about: 'Für ein Modell, das schon Entitäten findet.' },
    memory: { title: 'Speicher und Tempo', about: 'Rechengenauigkeit, Batches und Checkpoints.' },
    scoring: { title: 'Tags', about: 'Wie Entitäten geschrieben und dekodiert werden.' },
  },
  augmentation: {
    show: 'Zehn Beispiele anzeigen',
    needsData: 'Wählen Sie zuerst einen Datensatz.',
    title: 'Beispiele hinzugefügter Dokumente',
    about:
      'Mit den jetzigen Einstellungen aus Trainingsdokumenten gemacht. Ein Lauf fügt so viele hinzu, wie „Zusätzliche Dokumente“ angibt.',
    list: 'Hinzugefügte Dokumente',
    loading: 'Beispiele werden erzeugt',
    failed: 'Die Beispiele konnten nicht erzeugt werden',
    none: 'Mit diesen Einstellungen würde kein Dokument verändert.',
  },
  mentions: {
    pick: 'Datei auswählen…',
    other: 'Andere auswählen…',
    none: 'Keine Liste',
    drop: 'Liste entfernen',
    loading: 'Liste wird gelesen…',
    holds: (mentions, labels) => `${many(mentions, 'Erwähnung', 'Erwähnungen')} mit ${many(labels, 'Label', 'Labels')}`,
    unknown: (labels) =>
      `In den Trainingsdaten ${labels.length === 1 ? 'fehlt' : 'fehlen'} ${inWords(labels)}: ${labels.length === 1 ? 'Seine' : 'Ihre'} Erwähnungen werden nicht verwendet.`,
    label: 'Label',
    number: 'Erwähnungen',
    examples: 'Zum Beispiel',
    failed: 'Diese Liste kann nicht verwendet werden',
    unused: 'Die Liste wird verwendet, sobald „Zusätzliche Dokumente“ über 0 liegt.',
  },
  leftEmpty: (choice) => `Wenn leer: ${choice}.`,
  halfAtMost: (most) => `eine ganze Zahl von 0 bis ${most}, der Hälfte der Fensterlänge,`,
  layersAtMost: (most) => `eine ganze Zahl von 0 bis ${most}, den Schichten des Modells,`,
};

// The window’s frame: navigation, shortcuts, the question on closing.

import { count } from '../../format';
import type { shell as en } from '../en/shell';
import { many } from './words';

export const shell: typeof en = {
  screens: 'Ansichten',
  names: {
    models: 'Modelle',
    data: 'Daten',
    train: 'Training',
    results: 'Ergebnisse',
    highlight: 'Markieren',
    batch: 'Dateien taggen',
    settings: 'Einstellungen',
    help: 'Hilfe',
  },
  demo: 'Demonstration',
  demoAbout: 'Modelle, Läufe und Werte sind hier erfunden; berechnet wird nichts.',
  runningNow: 'Training läuft',
  show: (name) => `Lauf ${name} anzeigen`,
  shortcuts: {
    title: 'Tastenkürzel',
    open: 'Tastenkürzel (?)',
    or: 'oder',
    list: [
      [['Strg+1…8'], 'Zu einer Ansicht: Modelle bis Hilfe'],
      [['F1'], 'Hilfe öffnen'],
      [['/', 'Strg+F'], 'Modelle oder die Texte eines Datensatzes durchsuchen'],
      [['Strg+Eingabe'], 'Training starten, oder Tagging unter Dateien taggen'],
      [
        ['Strg+Z', 'Strg+Umschalt+Z'],
        'Änderung unter Daten rückgängig machen oder wiederholen; „Leeren“ unter Markieren rückgängig machen',
      ],
      [['Alt+↑ ↓', 'Alt+Pos1/Ende'], 'Eintrag der Warteschlange unter Training verschieben'],
      [['Tab', 'Umschalt+Tab'], 'Zum nächsten Bedienelement, oder zurück'],
      [['← →'], 'Tabs wechseln, Regler bewegen'],
      [['↑ ↓', 'Bild auf/ab'], 'In einer Liste scrollen'],
      [['Esc'], 'Dialog, Erklärung oder Mitteilung schließen'],
      [['?'], 'Diese Liste anzeigen'],
    ],
  },
  system: {
    titles: {
      data: 'Datendateien wählen',
      data_folder: 'Ordner mit Daten wählen',
      text: 'Text öffnen',
      model: 'Modellordner wählen',
      mentions: 'Namensliste wählen',
      unlabelled: 'Texte zum Lernen wählen',
      export_data: 'Daten exportieren',
      export_entities: 'Entitäten exportieren',
      export_model: 'Modell exportieren',
    },
    kinds: { data: 'Daten', text: 'Text', lists: 'Listen', all: 'Alle Dateien' },
    in_use: 'Tagsmith ist für den Ordner „{folder}“ schon geöffnet.',
    in_use_next: 'Verwenden Sie jenes Fenster, oder schließen Sie es zuerst.',
  },
  closing: {
    title: 'Tagsmith schließen?',
    training: (names) =>
      names.length === 1
        ? `„${names[0]}“ trainiert noch.`
        : `${count(names.length)} Läufe trainieren noch: ${names.join(', ')}.`,
    choice:
      'Das Training kann im Hintergrund weiterlaufen; beim nächsten Öffnen zeigt Tagsmith, wie weit es ist. Oder Sie halten es nach diesem Schritt an und behalten das bisher beste Modell.',
    waiting: (number) =>
      `${many(number, 'weiterer Auftrag wartet', 'weitere Aufträge warten')} in der Warteschlange. Läuft das Training weiter, geht auch sie weiter; halten Sie es an, fragt Tagsmith beim nächsten Öffnen.`,
    tagging: (names) =>
      names.length === 1
        ? `„${names[0]}“ wird noch getaggt.`
        : `${count(names.length)} Aufträge werden noch getaggt: ${names.join(', ')}.`,
    taggingStops:
      'Das Tagging hält an, wenn Tagsmith schließt. Was bereits getaggt ist, bleibt erhalten; unter „Dateien taggen“ können Sie es später fortsetzen.',
    jobs: {
      import: 'Ein Import läuft noch und wird abgebrochen.',
      export: 'Ein Export läuft noch und wird abgebrochen.',
      repair: 'Eine Änderung an einem Datensatz läuft noch und wird abgebrochen.',
    },
    other: 'Tagsmith arbeitet noch. Wenn Sie jetzt schließen, geht die laufende Arbeit verloren.',
    downloads: (number) =>
      `${many(number, 'Download ist unvollständig. Sie können ihn', 'Downloads sind unvollständig. Sie können sie')} beim nächsten Öffnen fortsetzen.`,
    stopping: 'Wird angehalten. Das bisher beste Modell wird noch bewertet; dann schließt sich das Fenster von selbst.',
    evaluations: (number) =>
      `${many(number, 'Bewertung läuft noch und wird', 'Bewertungen laufen noch und werden')} abgebrochen.`,
    end: 'Training sofort beenden',
    keep: 'Schließen und weitertrainieren',
    stop: 'Anhalten und bestes Modell behalten',
    close: 'Fenster schließen',
    progress: (share, left) => `${share} fertig, noch ${left}`,
    demo: 'Jetzt würde sich das Fenster schließen. Die Demonstration bleibt offen.',
  },
};

// The first steps.

import type { guide as en } from '../en/guide';

export const guide: typeof en = {
  title: 'Erste Schritte',
  steps: { model: 'Modell wählen', data: 'Daten hinzufügen', train: 'Trainieren', highlight: 'Markieren' },
  doing: {
    model: 'Wählen Sie ein vortrainiertes Modell als Ausgangspunkt. Das Startmodell ist schon auf diesem Rechner.',
    fetch:
      'Wählen Sie ein vortrainiertes Modell als Ausgangspunkt. Das Startmodell ist klein und trainiert in Minuten.',
    data: 'Importieren Sie eine Datei mit annotierten Entitäten, oder nehmen Sie das Beispiel mit 480 Support-Tickets.',
    train: 'Klicken Sie auf „Training starten“. Die Voreinstellungen passen für die meisten Daten.',
    training: 'Das Training läuft. Das Dev-F1 zeigt, wie gut das Modell ist; Sie können jederzeit anhalten.',
    highlight: 'Fügen Sie einen Text ein und sehen Sie, was Ihr Modell darin findet.',
    done: 'Fertig: Sie haben Ihr eigenes Modell trainiert.',
  },
  useStarter: 'Startmodell verwenden',
  fetchStarter: (size) => `Startmodell herunterladen (${size})`,
  fetching: (share) => `Startmodell wird heruntergeladen, ${share} %`,
  useSample: 'Beispieldaten verwenden',
  open: {
    model: 'Modelle anzeigen',
    data: 'Zu Daten',
    train: 'Zu Training',
    highlight: 'Zu Markieren',
  },
  hide: 'Erste Schritte ausblenden',
  finish: 'Abschließen',
  stepDone: 'erledigt',
  stepNext: 'als Nächstes',
  stepLater: 'später',
};

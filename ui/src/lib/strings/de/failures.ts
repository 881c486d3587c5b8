// Why something failed, and what a run warns of, by their codes.

import type { failures as en } from '../en/failures';
import type { FailureTexts, WarningTexts } from '../failure';

const again = 'Versuchen Sie es erneut.';
const reinstall =
  'Installieren Sie Tagsmith neu: Seine beiden Programme gehören in denselben Ordner und müssen dieselbe Version haben.';
const report = 'Versuchen Sie es erneut. Geschieht es wieder, melden Sie es mit der Diagnose aus den Einstellungen.';
const gone = 'Vielleicht wurde es inzwischen gelöscht.';

const codes: FailureTexts = {
  address: ['Diese Adresse kann nicht verwendet werden', 'Prüfen Sie die Schreibweise.'],
  'bad-data': [
    'Die Dateien haben Fehler und können so nicht importiert werden',
    'Berichtigen Sie die genannten Stellen, und importieren Sie die Dateien erneut.',
  ],
  browser: ['Der Browser konnte nicht geöffnet werden', 'Öffnen Sie die genannte Adresse selbst.'],
  busy: ['Eine andere Arbeit ist noch im Gang', 'Warten Sie, bis sie fertig ist, oder halten Sie sie zuerst an.'],
  cancelled: ['Angehalten', null],
  check: ['Die Daten konnten nicht geprüft werden', report],
  checksum: ['Die heruntergeladenen Dateien weichen von denen im Hub ab', 'Laden Sie sie erneut herunter.'],
  clipboard: ['Die Zwischenablage kann nicht verwendet werden', again],
  'cut-off': [
    'Die Arbeit wurde unterbrochen: Das Programm oder der Rechner wurde beendet',
    'Sie lässt sich fortsetzen; was fertig ist, bleibt.',
  ],
  damaged: [
    'Eine Datei der Bibliothek fehlt oder ist beschädigt',
    'Löschen Sie den Eintrag und legen Sie ihn neu an; einen Datensatz importieren Sie dazu erneut.',
  ],
  data: [
    'Eine Datei kann so nicht gelesen werden',
    'Berichtigen Sie die genannte Stelle, oder wählen Sie eine andere Datei.',
  ],
  device: [
    'Das Gerät kann nicht verwendet werden',
    'Wählen Sie ein anderes Gerät, oder aktualisieren Sie seinen Treiber.',
  ],
  disk: ['Auf dem Datenträger ist zu wenig Platz', 'Schaffen Sie Platz, und versuchen Sie es erneut.'],
  'disk-full': ['Der Datenträger ist voll', 'Schaffen Sie Platz; was bisher fertig ist, ist unversehrt.'],
  diverged: [
    'Das Training ist divergiert: Der Loss wurde unendlich oder unbestimmt',
    'Trainieren Sie mit einer niedrigeren Lernrate.',
  ],
  'engine-died': [
    'Die Engine wurde unerwartet beendet',
    'Versuchen Sie es erneut. Geschieht es wieder, fehlt vielleicht Speicher: Schließen Sie andere Programme, oder wählen Sie kleinere Batches.',
  ],
  'engine-failed': ['Die Engine hat einen Fehler gemeldet', again],
  'engine-garbled': ['Die Antwort der Engine ist nicht lesbar', reinstall],
  'engine-hangs': [
    'Die Engine antwortet nicht',
    'Vielleicht hängt der Treiber eines Geräts: Starten Sie den Rechner neu, oder aktualisieren Sie den Treiber.',
  ],
  'engine-missing': ['Die Engine konnte nicht gestartet werden', reinstall],
  exists: ['Eine Datei oder ein Ordner mit diesem Namen ist schon da', 'Wählen Sie einen anderen Namen.'],
  finished: ['Das ist schon fertig', null],
  forbidden: [
    'Der Hub verweigert den Zugriff',
    'Prüfen Sie auf der Seite des Modells, ob Ihr Konto darauf zugreifen darf.',
  ],
  gated: [
    'Dieses Modell bekommt nur, wer seinen Bedingungen zugestimmt hat',
    'Stimmen Sie ihnen auf der Seite des Modells zu, und speichern Sie in den Einstellungen ein Zugriffstoken.',
  ],
  'in-use': ['Ein anderes Programm arbeitet gerade damit', 'Schließen Sie es, oder warten Sie, bis es fertig ist.'],
  internal: ['Im Programm ist etwas schiefgegangen', report],
  io: [
    'Eine Datei konnte nicht gelesen oder geschrieben werden',
    'Prüfen Sie, ob auf dem Datenträger Platz ist und ob Tagsmith in den Ordner schreiben darf.',
  ],
  killed: ['Ein Lauf kam nicht zu Ende', 'Versuchen Sie es erneut; was fertig ist, bleibt.'],
  memory: [
    'Der Speicher reicht nicht',
    'Wählen Sie kürzere Fenster, kleinere Batches oder ein kleineres Modell, oder schließen Sie andere Programme.',
  ],
  model: ['Das Modell kann nicht verwendet werden', 'Wählen Sie ein anderes, oder laden Sie es erneut herunter.'],
  name: ['Der Name fehlt', 'Geben Sie einen Namen ein.'],
  needed: [
    'Der letzte Schritt bleibt: ohne ihn sind die Dateien nicht zu gebrauchen',
    'Berichtigen Sie die Datei, und verwenden Sie dann eine neue Fassung von ihr.',
  ],
  network: ['Der Hub ist nicht erreichbar', 'Prüfen Sie das Netz, und versuchen Sie es erneut.'],
  newer: ['Das wurde von einer neueren Version von Tagsmith geschrieben', 'Aktualisieren Sie Tagsmith.'],
  'no-files': ['Es ist keine Datei ausgewählt', 'Wählen Sie mindestens eine aus.'],
  'no-list': ['Es ist keine Liste von Erwähnungen ausgewählt', 'Wählen Sie eine Datei aus.'],
  'no-output': ['Ein Lauf endete ohne Ergebnis', report],
  'no-process': [
    'Ein anderes Programm hat diesen Lauf gestartet, und nur dort lässt er sich sofort beenden',
    'Halten Sie ihn an, oder beenden Sie ihn, wo er gestartet wurde.',
  ],
  'no-report': ['Das ist noch nicht bewertet', 'Werte gibt es, sobald ein Lauf endet oder angehalten wird.'],
  'no-results': ['Noch ist nichts getaggt', null],
  'no-source': ['Die Dateien dieses Datensatzes sind nicht mehr in der Bibliothek', 'Importieren Sie sie erneut.'],
  'no-split': ['Der Split fehlt', 'Wählen Sie einen anderen Split.'],
  'no-text': ['Darin ist kein Text, aus dem sich lernen ließe', 'Wählen Sie andere Dateien aus.'],
  'no-texts': ['Darin ist kein Text', 'Wählen Sie andere Dateien aus, oder eine andere Spalte.'],
  'no-train': ['Der Datensatz hat keine Trainingsdaten (Train)', 'Teilen Sie ihn unter Daten neu auf.'],
  'not-a-model': ['In diesem Ordner ist kein Modell', 'Wählen Sie den Ordner, in dem config.json liegt.'],
  'not-begun': ['Dieser Lauf endete, bevor er begann: Es gibt nichts zu vergleichen', 'Wählen Sie einen anderen Lauf.'],
  'not-found': ['Dieses Modell wurde nicht gefunden', 'Prüfen Sie den Namen.'],
  'not-ours': [
    'Das Modell liegt im Hugging-Face-Cache, den auch andere Programme verwenden',
    'Löschen Sie es mit dem Programm, das es heruntergeladen hat.',
  ],
  'not-picked': ['Diese Datei wurde nicht in Tagsmith ausgewählt', 'Wählen Sie sie erneut aus.'],
  'not-running': ['Das läuft nicht mehr', null],
  'nothing-done': ['Es gibt keine Reparatur, die rückgängig zu machen wäre', null],
  'nothing-safe': ['Kein Befund lässt sich ohne Entscheidung reparieren', 'Sehen Sie die Befunde einzeln an.'],
  'nothing-to-learn': [
    'In diesen Daten gibt es nichts zu lernen oder zu bewerten',
    'Wählen Sie Daten mit annotierten Entitäten.',
  ],
  'nothing-undone': ['Es gibt keine Reparatur, die zu wiederholen wäre', null],
  offline: ['Tagsmith ist auf Offline-Betrieb gestellt', 'Schalten Sie das in den Einstellungen ab.'],
  'output-not-empty': ['Der Ordner für die Ausgabe ist nicht leer', 'Duplizieren Sie den Lauf, um neu zu beginnen.'],
  panic: ['Im Programm ist etwas schiefgegangen', report],
  path: ['Der Name des Ordners enthält unlesbare Zeichen', 'Benennen Sie den Ordner um.'],
  plan: [
    'Die Dateien dieser Läufe sind beschädigt oder passen nicht zusammen',
    'Duplizieren Sie sie, um neu zu beginnen.',
  ],
  'rate-limited': ['Der Hub hat zu viele Anfragen bekommen', 'Warten Sie einige Minuten.'],
  repair: ['Diese Reparatur ist so nicht möglich', 'Ändern Sie die Angaben.'],
  resume: ['Das lässt sich nicht fortsetzen', 'Duplizieren Sie den Lauf, um neu zu beginnen.'],
  revision: ['Diese Revision des Modells gibt es nicht', 'Laden Sie die neueste herunter.'],
  run: ['Dieses Modell gehört zu einem Lauf', 'Löschen Sie den Lauf unter Training.'],
  runner: ['Die Läufe konnten nicht gestartet werden', again],
  running: ['Damit läuft noch etwas', 'Halten Sie es zuerst an, oder warten Sie, bis es fertig ist.'],
  server: ['Der Server hat mit einem Fehler geantwortet', 'Versuchen Sie es später erneut.'],
  setting: ['Eine Einstellung ist nicht gültig', 'Ändern Sie den genannten Wert.'],
  starter: [
    'Das Startmodell gehört zu Tagsmith, oder es ist unvollständig',
    'Gelöscht werden kann es nicht; ist es unvollständig, laden Sie es erneut herunter.',
  ],
  'tasks-failed': ['Nicht alle Läufe kamen zu Ende', 'Versuchen Sie es erneut; was fertig ist, bleibt.'],
  usage: ['Die Engine versteht diese Eingabe nicht', 'Ändern Sie die Angaben.'],
  tokenizer: [
    'Der Tokenizer des Modells kann nicht verwendet werden',
    'Wählen Sie ein anderes Modell, oder laden Sie es erneut herunter.',
  ],
  'too-long': ['Dieser Text ist zu lang, um ihn hier anzusehen', 'Verwenden Sie dafür die Ansicht Dateien taggen.'],
  'too-many-files': ['Der Ordner hat zu viele Dateien', 'Wählen Sie den Ordner, in dem nur die Daten liegen.'],
  unauthorized: [
    'Der Hub verlangt ein gültiges Zugriffstoken',
    'Speichern Sie in den Einstellungen eines, das dieses Modell lesen darf.',
  ],
  unexpected: ['Etwas Unerwartetes ist geschehen', report],
  'unknown-batch': ['Diese getaggten Dateien gibt es nicht mehr', gone],
  'unknown-data': ['Diesen Datensatz gibt es nicht mehr', gone],
  'unknown-entry': ['Diesen Eintrag gibt es nicht mehr', gone],
  'unknown-model': ['Dieses Modell gibt es nicht mehr', 'Wählen Sie ein anderes.'],
  'unknown-pretraining': ['Dieses Vortraining gibt es nicht mehr', gone],
  'unknown-run': ['Diesen Lauf gibt es nicht mehr', gone],
  'unknown-study': ['Diese Läufe gibt es nicht mehr', gone],
  untrainable: ['Dieses Modell kann hier nicht trainiert werden', 'Wählen Sie ein anderes Modell.'],
};

/** Beside what the engine says in English, with names and numbers. */
const warnings: WarningTexts = {
  adapter: 'Nur ein kleiner Zusatz wird trainiert (LoRA).',
  'augment-labels': 'Labels der Liste fehlen in den Trainingsdaten.',
  augmented: 'Dokumente wurden hinzugefügt (Augmentierung).',
  'clipped-weights': 'Klassengewichte wurden begrenzt.',
  context: 'Der Datei fehlen Grenzen zwischen Dokumenten.',
  device: 'Das Gerät wurde gewechselt oder eingeschränkt.',
  'early-stopping': 'Das Training endet vorzeitig (Early Stopping).',
  'empty-document': 'Leere Dokumente werden weggelassen.',
  'equal-documents': 'Alle Trainingsdokumente haben denselben Text.',
  head: 'Der Head beginnt ganz oder teilweise neu.',
  'held-out': 'Ein Teil der Daten wird zurückgehalten.',
  'keep-labels': 'Zu den behaltenen Labels:',
  log: 'Das Protokoll ist unvollständig.',
  'long-document': 'Lange Dokumente werden in mehreren Fenstern gelesen.',
  'long-word': 'Sehr lange Wörter werden gekürzt.',
  'lost-span': 'Entitäten, die sich ein Wort teilen, können nicht gelernt werden.',
  memory: 'Der Speicher ist knapp.',
  model: 'Zum Modell:',
  moments: 'Der Zustand des Optimierers bleibt bei 32 Bit.',
  'moved-span': 'Grenzen von Entitäten wurden auf ganze Wörter erweitert.',
  'no-entities': 'Ein Split hat keine Entitäten.',
  'no-pieces': 'Manche Wörter sind für das Modell leer.',
  overlap: 'Manche Texte stehen in zwei Splits.',
  'plain-text': 'Eine Datei wird als reiner Text gelesen.',
  precision: 'Es wird mit anderer Rechengenauigkeit gerechnet als verlangt.',
  'rare-label': 'Manche Labels haben sehr wenige Beispiele.',
  refit: 'Das Training beginnt neu auf allen Daten.',
  setting: 'Eine Einstellung wurde dem Modell angepasst.',
  unfreezing: 'Nicht alle Schichten werden aufgetaut.',
  'unknown-label': 'Manche Labels kommen im Training nicht vor.',
};

export const failures: typeof en = { codes, hints: {}, warnings, original: 'Auf Englisch:' };

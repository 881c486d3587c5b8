// The help: the five steps, and the example files.

import type { help as en } from '../en/help';

export const help: typeof en = {
  title: 'Hilfe',
  about: 'Wie Tagsmith arbeitet, was die Wörter bedeuten und wie Dateien aussehen.',
  tabs: { steps: 'Fünf Schritte', formats: 'Dateiformate', glossary: 'Glossar' },
  steps: {
    models: {
      title: 'Ein Modell wählen',
      picture: 'Eine Liste von Modellen; das zweite ist gewählt.',
      text: 'Ein vortrainiertes Modell kennt schon eine Sprache; Sie bringen ihm bei, wonach es suchen soll. Das Startmodell ist klein und eine gute erste Wahl, und der Hub hat Modelle für andere Sprachen und Fächer.',
      go: 'Zu Modelle',
    },
    data: {
      title: 'Daten hinzufügen',
      picture: 'Eine Textseite, auf der drei Stellen in verschiedenen Farben markiert sind.',
      text: 'Importieren Sie Texte, in denen die Entitäten annotiert sind; Tagsmith erkennt das Format und legt einen Teil zum Testen beiseite. Sehen Sie sich die Befunde an, bevor Sie trainieren: Aus einem falschen Label wird Falsches gelernt.',
      go: 'Zu Daten',
    },
    train: {
      title: 'Trainieren',
      picture: 'Eine Kurve, die erst schnell steigt und dann flacher wird, über einem Fortschrittsbalken.',
      text: 'Wählen Sie Modell und Daten und klicken Sie auf „Training starten“; die Voreinstellungen passen für die meisten Daten. Achten Sie auf das Dev-F1: Steigt es nicht mehr, hilft weiteres Training kaum.',
      go: 'Zu Training',
    },
    results: {
      title: 'Die Ergebnisse lesen',
      picture: 'Vier verschieden lange Balken, einer je Label; der kürzeste fällt auf.',
      text: 'Der erste Satz sagt, was der Wert taugt und was als Nächstes zu tun ist. Die falschen Vorhersagen zeigen, wo das Modell irrt, und oft auch, wo die Labels falsch sind.',
      go: 'Zu Ergebnisse',
    },
    highlight: {
      title: 'Markieren und taggen',
      picture: 'Textzeilen in einem Kasten; eine Lupe findet eine markierte Stelle.',
      text: 'Fügen Sie Text ein und sehen Sie sofort, was Ihr Modell darin findet. Für viele Texte gibt es „Dateien taggen“: Aus Dateien wird eine Tabelle der Entitäten.',
      go: 'Zu Markieren',
    },
  },
  formats: {
    list: 'Formate',
    intro: 'Dieselben drei Texte in jedem Format. Die ersten beiden haben Entitäten, der dritte hat keine.',
    fileOf: (name) => `Beispieldatei ${name}`,
    copyOf: (name) => `${name} kopieren`,
    copy: 'Kopieren',
    binary: 'Das ist eine Binärdatei, daher gibt es nichts zu kopieren. Sie enthält:',
    examples: {
      conll: {
        title: 'CoNLL',
        text: 'Je Zeile ein Wort und sein Tag, dazwischen ein Tabulator oder Leerzeichen, und nach jedem Satz eine Leerzeile. B- beginnt eine Entität, I- setzt sie fort, und O liegt außerhalb aller Entitäten.',
      },
      spans: {
        title: 'JSON-Zeilen, Spannen',
        text: 'Je Zeile ein JSON-Datensatz: ein Text, und wo seine Entitäten beginnen und enden. Das erste Zeichen hat die Nummer 0, und das Ende ist das Zeichen hinter dem letzten.',
      },
      tokens: {
        title: 'JSON-Zeilen, Tokens',
        text: 'Je Zeile ein Datensatz: eine Liste von Wörtern und eine Liste mit einem Tag für jedes. So sehen Datensätze von Hugging Face aus.',
      },
      doccano: {
        title: 'doccano',
        text: 'JSON-Zeilen, wie doccano sie exportiert: Spannen als Listen aus Anfang, Ende und Label.',
      },
      spacy: {
        title: 'spaCy, JSON',
        text: 'Paare aus einem Text und seinen Entitäten, wie in älteren Trainingsdaten von spaCy.',
      },
      prodigy: {
        title: 'Prodigy',
        text: 'JSON-Zeilen, wie Prodigys db-out sie schreibt. Abgelehnte und übersprungene Einträge werden ausgelassen.',
      },
      'label-studio': {
        title: 'Label Studio',
        text: 'Ein JSON-Export von Label Studio: Aufgaben mit ihren Annotationen. Mehrere Annotatoren einer Aufgabe werden unterschieden.',
      },
      gliner: {
        title: 'GLiNER',
        text: 'Listen von Wörtern, und Entitäten, die Wörter zählen: Nummer des ersten Worts, Nummer des letzten, Label.',
      },
      'table-words': {
        title: 'Tabelle aus Wörtern',
        text: 'Eine CSV- oder TSV-Datei mit einem Wort je Zeile. Eine Spalte sagt, zu welchem Satz ein Wort gehört; beim Import können Sie die Spalten wählen.',
      },
      'table-texts': {
        title: 'Tabelle aus Texten',
        text: 'Eine CSV- oder TSV-Datei mit einem Text je Zeile und seinen Entitäten als JSON in einer anderen Spalte. Ohne eine solche Spalte können die Texte getaggt werden, aber nicht zum Lernen dienen.',
      },
      text: {
        title: 'Reiner Text',
        text: 'Je Zeile ein Dokument, ohne Labels. Daraus lässt sich nichts lernen, aber ein Modell kann ihn taggen oder damit vortrainiert werden.',
      },
      brat: {
        title: 'brat',
        text: 'Zwei Dateien je Dokument: der Text, und eine Liste seiner Entitäten mit Label, Anfang und Ende. Importieren Sie den Ordner, der sie enthält.',
      },
      ontonotes: {
        title: 'OntoNotes',
        text: 'Die Spalten von CoNLL-2012. Entitäten stehen in Klammern in der elften Spalte; die Spalten für Syntax und Koreferenz werden nicht gebraucht.',
      },
      webanno: {
        title: 'WebAnno TSV',
        text: 'Ein Export von WebAnno oder INCEpTION, Version 3. Nummern in Klammern verbinden die Wörter einer Entität.',
      },
      'uima-cas': {
        title: 'UIMA CAS',
        text: 'Ein Export von INCEpTION oder DKPro in XMI oder JSON: ein langer Text, und Annotationen, die sagen, wo sie beginnen und enden.',
      },
      bioc: {
        title: 'BioC',
        text: 'XML oder JSON biomedizinischer Sammlungen: Dokumente, Abschnitte und Annotationen mit Offset und Länge. Jeder Abschnitt wird ein Dokument.',
      },
      pubtator: {
        title: 'PubTator',
        text: 'Titel und Zusammenfassung eines Artikels, dann je Entität eine Zeile: Nummer des Artikels, Anfang, Ende, Wörter, Label, Kennung.',
      },
    },
    tables: {
      parquet: {
        title: 'Parquet',
        text: 'Die Dateien hinter Datensätzen auf Hugging Face, und Tabellen von pandas und polars.',
        columns: [
          ['tokens', 'eine Liste von Wörtern'],
          [
            'ner_tags',
            'eine Liste mit einem Tag für jedes Wort, als Namen oder als Zahlen, deren Namen die Datei enthält',
          ],
          ['text, entities', 'anstelle dieser beiden: ein Text, und eine Liste aus Anfang, Ende und Label'],
        ],
      },
      arrow: {
        title: 'Arrow',
        text: 'Dieselben Tabellen als Arrow-Dateien und -Ströme, wie das Paket datasets sie zwischenspeichert, und Feather-Dateien.',
        columns: [
          ['tokens', 'eine Liste von Wörtern'],
          ['ner_tags', 'eine Liste mit einem Tag für jedes Wort'],
          ['text, entities', 'anstelle dieser beiden: ein Text, und eine Liste aus Anfang, Ende und Label'],
        ],
      },
      'doc-bin': {
        title: 'spaCy DocBin',
        text: 'Die .spacy-Dateien, mit denen spaCy 3 trainiert: Dokumente mit Wörtern und Entitäten. Sie werden ohne Python gelesen.',
        columns: [
          ['doc.ents', 'die Entitäten; stattdessen können die einer Span-Gruppe gelesen werden'],
          ['doc', 'Wörter und die Leerzeichen dazwischen, aus denen der Text zusammengesetzt wird'],
        ],
      },
    },
  },
  glossary: {
    search: 'Glossar durchsuchen',
    found: (terms, all) => (terms === all ? `${all} Begriffe` : `${terms} von ${all} Begriffen`),
    none: 'Kein Begriff passt',
    noneAbout: 'Versuchen Sie es mit weniger Buchstaben.',
    see: 'Siehe auch:',
  },
};

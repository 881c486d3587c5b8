// Why each kind of finding matters, by its code.

import type { findings } from '../en/findings';

export const reasons: (typeof findings)['reasons'] = {
  'not-utf8':
    'In der falschen Kodierung gelesen, werden Buchstaben zu anderen, und das Modell lernt Wörter, die niemand schreibt.',
  'empty-file': 'Es gibt nichts, woraus gelernt werden kann.',
  'no-documents': 'Es gibt nichts, woraus gelernt werden kann.',
  'no-entities': 'Ein Modell, das ohne eine einzige Entität trainiert wird, lernt, keine zu finden.',
  'not-a-corpus': 'Ein falsch geratenes Format ergäbe unbemerkt falsche Wörter und Labels.',
  'bad-json': 'Was kein gültiges JSON ist, lässt sich nicht lesen; die Einträge darin fehlen beim Training.',
  'bad-record': 'Ein Eintrag, der unbemerkt übergangen wird, fehlt beim Training.',
  unlabelled:
    'Ein Text ohne Liste von Entitäten gilt als einer, der keine hat; ist er nur nicht fertig, lernt das Modell, Entitäten zu übersehen.',
  'words-unknown':
    'Was niemand angesehen hat, gilt als außerhalb jeder Entität, und das Modell lernt zu übersehen, was dort steht.',
  'several-annotators':
    'Von den Labels mehrerer Personen wird ein Satz gelernt; wie weit sie übereinstimmen, zeigt, wie klar die Labels definiert sind.',
  'annotators-differ': 'Wo Personen sich uneinig sind, lernt ein Modell eine der Meinungen und wird an ihr gemessen.',
  'splits-named':
    'Woraus ein Modell gelernt hat, sagt nichts darüber, wie gut es ist: Die Einträge von Test dürfen nicht unter denen von Train sein.',
  'partly-labelled':
    'Wo andere Einträge eine Liste von Entitäten haben, ist einer ohne Liste oft nicht fertig; als Text ohne Entitäten gelesen, lehrt er das Modell, welche zu übersehen.',
  'empty-record': 'Mit ihnen geht nichts verloren, aber dort, wo sie herkommen, ist vielleicht etwas schiefgegangen.',
  'not-a-number': 'JSON kennt keinen solchen Wert; wofür er stand, fehlt.',
  'lone-surrogate': 'Ein halbes Zeichen lässt sich nicht lesen; das Modell sieht nie, was es war.',
  'text-missing': 'Positionen ohne den Text, in dem sie zählen, sagen nichts.',
  'answer-skipped': 'Abgelehnte und übersprungene Antworten sind keine Beispiele, aus denen gelernt werden soll.',
  'span-rejected': 'Was bei der Annotation abgelehnt wurde, ist kein Beispiel, aus dem gelernt werden soll.',
  encoding:
    'Eine Datei sagt nicht, wie ihre Buchstaben kodiert sind; falsch geraten ergeben sich andere Buchstaben, und das Modell lernt Wörter, die niemand schreibt.',
  'nul-character': 'Text enthält solche Zeichen nicht: Vielleicht ist in der Datei noch mehr beschädigt.',
  'file-ignored': 'Eine Datei, die unbemerkt übergangen wird, fehlt in den Daten.',
  'files-joined': 'Mehrere Dateien bilden einen Split des Datensatzes; prüfen Sie, ob das so gemeint ist.',
  'formats-differ':
    'Formate können Unterschiedliches ausdrücken; was einem von ihnen fehlt, fehlt in seinen Dokumenten.',
  'split-guessed':
    'Sind das nicht die Texte, aus denen gelernt werden soll, wird das Modell mit dem trainiert, woran es später gemessen wird.',
  'annotations-ignored':
    'Annotationen, die keine Entitäten sind, können hier nicht gelernt werden; Sie sollten wissen, dass es sie gab.',
  'predictions-ignored': 'Ein Modell, das aus den Vorhersagen eines anderen lernt, lernt dessen Fehler.',
  'relations-ignored': 'Relationen können hier nicht gelernt werden; Sie sollten wissen, dass es sie gab.',
  'results-ignored': 'Nur Spannen mit Label können hier gelernt werden; Sie sollten wissen, dass es mehr gab.',
  'result-unreadable': 'Eine Entität, die im reinen Text keinen Platz findet, fehlt beim Training.',
  'texts-ignored': 'Texte, die unbemerkt übergangen werden, fehlen in den Daten.',
  'span-groups-ignored': 'Entitäten, die an ungewöhnlicher Stelle gespeichert sind, fehlen beim Training.',
  'bad-annotation': 'Eine Entität, die sich nicht lesen lässt, fehlt beim Training.',
  'bad-chunk': 'Ohne seinen Text ist die Position von allem danach unbekannt.',
  'line-ends-joined': 'Anders gezählt, würde sich jede Spanne mit jeder Zeile um eins verschieben.',
  'offsets-utf16': 'Als Zeichen gezählt, würde jede Spanne nach einem Emoji die falschen Buchstaben markieren.',
  'spans-of-tokens':
    'Wird ein Ende als das Token nach der Spanne genommen, obwohl es ihr letztes ist, ist jede Entität ein Wort zu kurz.',
  'range-rows': 'Als Wörter gelesen, würden solche Zeilen die Wörter wiederholen, für die sie stehen.',
  'table-columns': 'Die falsche Spalte ergibt unbemerkt falsche Wörter oder Labels.',
  'one-sentence':
    'Ohne Sätze lassen sich die Daten nicht in Training und Test teilen, und der Kontext läuft weiter, wo er enden sollte.',
  'sentence-again':
    'Zeilen mit derselben Nummer, die weit auseinander liegen, sind oft zwei Sätze, deren Wörter nicht zusammengehören.',
  'too-few-columns': 'Ohne Tag ist unbekannt, ob das Wort zu einer Entität gehört.',
  'too-many-columns': 'Mit einer Spalte zu viel wird vielleicht die falsche als Tag gelesen.',
  'column-count':
    'Eine solche Zeile enthält oft ein Wort mit Leerzeichen oder Tab, und ihre Spalten sind dann verschoben.',
  'mixed-separators': 'Ein Wort mit Leerzeichen würde als zwei Spalten gelesen.',
  'several-tag-columns': 'Jede Spalte ist ein anderer Satz von Labels; beim Training wird eine davon verwendet.',
  'tag-column': 'Gelesen wird eine andere Spalte als die letzte; prüfen Sie, ob es die gemeinte ist.',
  'empty-token':
    'Aus einem leeren Wort gibt es nichts zu lernen, aber es behält seinen Platz in der Entität um es herum.',
  'tokens-misfit': 'Wörter, die nicht zu ihrem Text passen, brächten ihre Labels an die falsche Stelle.',
  'tag-count': 'Mit mehr oder weniger Tags als Wörtern rückten Labels auf benachbarte Wörter.',
  'bad-tag': 'Ein ungültiges Tag lässt sich nicht von einem falsch geschriebenen Label unterscheiden.',
  'tag-repaired':
    'Programme lesen solche Tags verschieden; dieselbe Datei ergibt also anderswo andere Entitäten und Werte.',
  'tag-spelling':
    'So gelesen, wie sie sind, wäre jeder Teil einer Entität ein eigenes Label, und Wörter außerhalb wären Entitäten.',
  'bare-labels': 'Ohne `B-` werden zwei Entitäten desselben Labels, die sich berühren, zu einer.',
  'no-labels': 'Alle Entitäten sind von einer Art, was immer sie sind.',
  'io-touching':
    'IO-Tags zeigen nicht, wo eine Entität beginnt; zwei benachbarte desselben Labels werden als eine gelernt.',
  'span-out-of-range':
    'Positionen hinter dem Ende des Textes zählen etwas anderes oder gehören zu einem anderen Text; dann sind vielleicht auch die übrigen Spannen falsch.',
  'span-empty': 'Eine Spanne ohne ein Zeichen markiert nichts.',
  'span-reversed': 'Anfang und Ende sind vertauscht oder gehören zu verschiedenen Spannen.',
  'span-not-integer': 'Eine Position zwischen zwei Zeichen gibt es nicht.',
  'span-malformed': 'Eine Spanne ohne Anfang, Ende und Label lässt sich nicht finden.',
  'bad-spans': 'Entitäten, die sich nicht lesen lassen, fehlen beim Training.',
  'several-span-lists': 'Zwei Listen können sich widersprechen; stillschweigend eine zu wählen, verlöre die andere.',
  'span-overlapping':
    'Jedes Wort bekommt ein Label; von zwei Entitäten auf demselben Wort kann also nur eine gelernt werden.',
  'span-discontinuous':
    'Für das Modell ist eine Entität eine Folge von Wörtern; eine aus mehreren Stücken kann nicht gelernt werden.',
  'span-text-differs':
    'Wo Positionen und zitierter Text sich widersprechen, gehört eines davon zu einer anderen Fassung des Textes.',
  'span-edge-space':
    'Leerraum gehört nicht zu einem Namen; er zeigt, dass die Positionen ungenau sind, und wo streng gezählt wird, gilt die Entität als falsch.',
  'span-cuts-word':
    'Labels werden für ganze Wörter gelernt: Die Entität wird bis zum Rand des Wortes erweitert und auch so bewertet.',
  'span-cuts-run':
    'Diese Schrift schreibt Wörter ohne Leerzeichen, und eine solche Buchstabenfolge wird als ein Wort gelernt: Die Entität wird bis zu deren Rand erweitert.',
  'span-without-word': 'Eine Spanne ohne Wort hat nichts, was ihr Label tragen könnte; sie wird nicht gelernt.',
  'offsets-unit':
    'In einer anderen Einheit gezählt, markiert jede Spanne nach dem ersten Sonderzeichen die falschen Buchstaben.',
  'offsets-shifted':
    'Verschobene Positionen markieren die falschen Buchstaben, und das Modell lernt Entitäten, die mitten in Wörtern beginnen und enden.',
  'offsets-inclusive':
    'Ein Ende, das auf das letzte Zeichen zeigt statt auf das danach, schneidet jeder Entität den letzten Buchstaben ab.',
  'label-not-in-train':
    'Ein Label, das in den Trainingsdaten fehlt, kann nicht vorhergesagt werden: Jede seiner Entitäten gilt als übersehen.',
  'label-only-in-train': 'Nichts zeigt, wie gut dieses Label gefunden wird.',
  'labels-alike':
    'Zwei Schreibweisen sind für das Modell zwei Labels: Jedes hat weniger Beispiele, und eines statt des anderen gilt als falsch.',
  'label-has-prefix':
    'Mit dem Präfix eines Tags im Namen zerfällt jedes Label in zwei oder mehr, und keines davon ist eine ganze Entität.',
  'label-outside':
    'Wörter außerhalb von Entitäten, die wie eine markiert sind, lehren das Modell, überall „nichts“ zu finden.',
  'label-rare':
    'Aus wenigen Beispielen merkt sich ein Modell die Beispiele statt der Art, und der Wert des Labels sagt wenig.',
  'empty-document': 'Ein Dokument ohne Wörter lehrt nichts und ändert keinen Wert.',
  duplicate: 'Ein wiederholter Text zählt mehrfach, im Training und in den Werten.',
  'duplicate-labelled-differently':
    'Derselbe Text kann nicht auf beide Arten richtig sein: Das Modell lernt beide und wird an einer gemessen.',
  overlap:
    'Ein Text, den das Modell im Training gesehen hat, zeigt, was es sich gemerkt hat, nicht, was es finden kann: Der Wert sieht besser aus, als er ist.',
  'near-overlap':
    'Ein Text, der sich nur in einem oder zwei Wörtern unterscheidet, ist fast schon bekannt: Der Wert sieht besser aus, als er ist.',
  'control-character':
    'Steuerzeichen stammen aus fehlerhaften Exporten; der Tokenizer lässt sie weg, und die Wörter, die sie trennen, werden eins.',
  'format-character':
    'Unsichtbare Zeichen machen gleich aussehende Wörter verschieden und verschieben Positionen in anderen Programmen.',
  'replacement-character':
    'Das Zeichen `U+FFFD` steht für eines, das verloren ging, als der Text in einer falschen Kodierung gelesen wurde.',
  mojibake:
    'UTF-8, als andere Kodierung gelesen, macht aus einem Buchstaben zwei oder drei fremde; solche Wörter kennt das Modell nicht.',
  'too-long':
    'Der Text wird in überlappenden Fenstern gelesen: Nichts geht verloren, aber es dauert länger, und entfernter Kontext bleibt außer Sicht.',
  'word-without-pieces': 'Von einem solchen Wort sieht das Modell nichts; es gilt als außerhalb jeder Entität.',
  'unknown-pieces':
    'Unbekannte Wörter sehen für das Modell alle gleich aus; viele davon bedeuten, dass es für eine andere Sprache oder Schrift gemacht ist.',
  'label-unusual':
    'Was fast überall so und hier anders markiert ist, ist oft ein Versehen, und Versehen in Testdaten begrenzen den Wert.',
  'label-varies':
    'Wo nur der Kontext entscheidet, braucht das Modell viele Beispiele; wo niemand entschieden hat, kann es den Unterschied nicht lernen.',
  'likely-missed':
    'Eine übersehene Entität lehrt das Modell, Entitäten zu übersehen, und lässt in Testdaten eine richtige Antwort als falsch gelten.',
};

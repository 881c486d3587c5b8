#!/bin/sh
# Expected: skweak's docbin_reader(file, model, nb_to_skip=N) gives the documents that it gives without the argument,
#   less the first N.
# Happens: it gives the right texts with the wrong annotations. The spans of the labelling functions stay in line with
#   the whole file: the first document that is read gets the spans of the first one that was skipped, and so on, as
#   token positions in another text. No warning. The tokens and the custom data are cut by N, the span groups,
#   where skweak keeps all that its labelling functions found, are not.
# Since: seen with skweak 0.3.3, the newest release; the source of 0.3.1 has the same lines.
# Looked up: tracker of skweak, for docbin_reader, nb_to_skip and shifted spans; #9 is about making such a file and #51
#   about a document without spans. Nothing found about this.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

python3 -m venv venv
venv/bin/pip install -q --no-compile skweak==0.3.3 spacy==3.8.18 || exit 2

cat > probe.py <<'PY'
from importlib.metadata import version

import skweak
import spacy

blank = spacy.blank("en")
blank.to_disk("model")
rows = [
    ("Anna lives in Rome .", {0: "PER", 3: "LOC"}),
    ("The town is called Oslo .", {4: "LOC"}),
    ("Nobody has been here since .", {}),
]
names = skweak.heuristics.FunctionAnnotator(
    "names", lambda doc: [(at, at + 1, label) for text, spans in rows if text == doc.text for at, label in spans.items()]
)
documents = [names(blank(text)) for text, _ in rows]
skweak.utils.docbin_writer(documents, "corpus.spacy")


def read(skipped):
    documents = skweak.utils.docbin_reader("corpus.spacy", "model", nb_to_skip=skipped)
    return [(doc.text, [(span.text, span.label_) for span in doc.spans["names"]]) for doc in documents]


print(f"skweak {version('skweak')}, spaCy {version('spacy')}")
for skipped in (0, 1):
    for text, spans in read(skipped):
        print(f"  {skipped} skipped: {text:28} {spans}")
print([text for text, _ in read(1)] == [text for text, _ in read(0)[1:]], [spans for _, spans in read(1)])
PY
venv/bin/python probe.py > seen 2> warnings || { cat warnings; exit 2; }
cat seen
shifted="True [[('The', 'PER'), ('called', 'LOC')], [('since', 'LOC')]]"
if [ "$(tail -n 1 seen)" = "$shifted" ] && ! [ -s warnings ]; then
    echo "As described: the texts are skipped, the spans are not."
else
    cat warnings
    echo "The behaviour has changed."
    exit 1
fi

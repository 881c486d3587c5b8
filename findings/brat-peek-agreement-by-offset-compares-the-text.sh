#!/bin/sh
# Expected: brat-peek's agreement between annotators over ["filename", "label", "offset"], which its documentation
#   recommends always to use, counts annotations in the same file, with the same label, at the same position.
# Happens: the column "offset" holds the annotated text, and "span" holds the position. Two annotators who marked
#   different mentions of one name agree wholly (1.0); so do two of whom one marked a single mention and the other
#   every mention. The table of disagreements that the same call writes lists what the score leaves out.
# Since: brat-peek 0.1.0, the first release (its source has the same lines), and still in 0.1.2.1, the newest.
# Looked up: threads in public trackers that name brat-peek, show_iaa or the script that it is adapted from
#   (iaa-computation): none found.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

python3 -m venv venv
venv/bin/pip install -q --no-compile brat-peek==0.1.2.1 pandas==3.1.1 unidecode==1.4.0 seaborn==0.13.2 \
    matplotlib==3.11.2 || exit 2

for pair in first:0 second:14 both:0,14; do
    name=${pair%%:*}
    mkdir "$name"
    printf 'Paris is big. Paris is old.\n' > "$name/text.txt"
    number=0
    for start in $(echo "${pair#*:}" | tr , ' '); do
        number=$((number + 1))
        printf 'T%d\tPlace %d %d\tParis\n' "$number" "$start" "$((start + 5))" >> "$name/text.ann"
    done
done
mkdir temp

cat > probe.py <<'PY'
import contextlib
import csv
import io
from importlib.metadata import version

import peek

print(f"brat-peek {version('brat-peek')}, pandas {version('pandas')}")
seen = []
for one, other in (("first", "second"), ("first", "both")):
    corpora = [peek.AnnCorpus(one, txt=True), peek.AnnCorpus(other, txt=True)]
    for corpus in corpora:
        print(f"  {corpus.name}: {[str(entity) for entity in corpus.docs[0].anns['entities']]}")
        assert not any(peek.txt.check_annotations_alignment_doc(doc) for doc in corpus.docs)
    for column in ("offset", "span"):
        report = io.StringIO()
        with contextlib.redirect_stdout(report):
            peek.metrics.show_iaa(corpora, ["filename", "label", column], ["Place"], tsv=True)
        lines = report.getvalue().splitlines()
        score = float(lines[lines.index("1. IAA all vs all") + 2])
        with open("temp/disagreement.tsv") as file:
            disagreements = len(list(csv.reader(file, delimiter="\t"))) - 1
        print(f"    agreement over filename, label and {column}: {score}, disagreements listed: {disagreements}")
        seen.append((score, disagreements))
print(seen)
PY
venv/bin/python probe.py > seen 2> warnings || { cat warnings; exit 2; }
cat seen
if [ "$(tail -n 1 seen)" = "[(1.0, 2), (0.0, 2), (1.0, 1), (0.5, 1)]" ]; then
    echo "As described: 'offset' compares the text, 'span' the position."
else
    cat warnings
    echo "The behaviour has changed."
    exit 1
fi

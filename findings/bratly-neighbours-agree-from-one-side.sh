#!/bin/sh
# Expected: bratly pairs two entities of two folders of brat annotations if they have text in common: the docstring of
#   compare_annotations() asks for at least one character, and a pair is partial if its intersection is not empty.
# Happens: a gold entity that ends where the found one begins is taken for overlapping, though they share no character.
#   In "10mg" one annotator marks "10" and the other "mg", both as DOSE: a partial match, precision, recall and F1 are
#   1.0. With the folders exchanged, the same two spans are one missing and one spurious, and all three are 0.0: the
#   other end of the comparison is exclusive. No warning. Entities without a space between them are usual in amounts,
#   in chemical names, and in languages that write none.
# Since: seen with bratly 0.1.4 and bratly-eval 0.1.4, the newest releases; older ones were not tried.
# Looked up: stored issue threads, for bratly and for adjacent spans in agreement of brat annotations. Nothing found
#   about this.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

python3 -m venv venv
venv/bin/pip install -q --no-compile bratly==0.1.4 bratly-eval==0.1.4 || exit 2

cat > probe.py <<'PY'
from importlib.metadata import version
from pathlib import Path

from bratly.eval import compare_folders

TEXT = "Take 10mg now, 20 mg later."


def annotate(folder, *words):
    Path(folder).mkdir()
    Path(folder, "note.txt").write_text(TEXT)
    lines = []
    for number, (start, end) in enumerate(words, 1):
        lines.append(f"T{number}\tDOSE {start} {end}\t{TEXT[start:end]}\n")
    Path(folder, "note.ann").write_text("".join(lines))


def compare(found, gold):
    tables, lines, _ = compare_folders(found, gold)
    scores = tables.get_global_statistics()
    for line in lines.splitlines()[1:]:
        print(f"  found {found}, gold {gold}: {line}")
    return [int(scores[name]) for name in ("PARTIAL", "MISSING", "SPURIOUS")] + [float(scores["F1"])]


print(f"bratly {version('bratly')}, bratly-eval {version('bratly-eval')}")
annotate("left", (5, 7))
annotate("right", (7, 9))
annotate("left-apart", (15, 17))
annotate("right-apart", (18, 20))
touching = [compare("right", "left"), compare("left", "right")]
apart = [compare("right-apart", "left-apart"), compare("left-apart", "right-apart")]
print("partial, missing, spurious, F1, in both directions; first touching, then apart:")
print(touching, apart)
PY
venv/bin/python probe.py > seen 2> warnings || { cat warnings; exit 2; }
cat seen
seen="[[1, 0, 0, 1.0], [0, 1, 1, 0.0]] [[0, 1, 1, 0.0], [0, 1, 1, 0.0]]"
if [ "$(tail -n 1 seen)" = "$seen" ] && ! [ -s warnings ]; then
    echo "As described: two spans that only touch match with F1 1.0, and not at all where the folders are exchanged."
else
    cat warnings
    echo "The behaviour has changed."
    exit 1
fi

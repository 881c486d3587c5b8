#!/bin/sh
# Expected: a PubTator line of an entity that was mapped to no identifier (its sixth column is empty) is read as an
#   entity, and what the library writes it reads back as it was.
# Happens: the decoder strips a line before it counts its columns, so the empty one at the end is gone, and five
#   columns mean a relation to it: the entity disappears, and a relation called "0" between "6" and "Amoxil" stands
#   in its place. No error, no warning. The library's own writer makes such lines, so that writing and reading
#   again loses every entity without identifier. The same round trip makes the text "None" of a relation's absent
#   fifth field.
# Since: bioc 2.1, the newest release (bioc/pubtator/decoder.py and datastructure.py).
# Looked up: the tracker of bionlplab/bioc. #18 asked for relations, which 2.0.post5 brought; of entities that are
#   taken for one, nothing found. Entities without identifier are common in files that a tagger wrote before they
#   were normalised.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

python3 -m venv environment
environment/bin/pip install -q --no-compile "bioc==2.1" || exit 2

cat > probe.py <<'PY'
from importlib.metadata import version

from bioc import pubtator
from bioc.pubtator.datastructure import PubTator, PubTatorAnn, PubTatorRel

document = PubTator("101", "Amoxil helps", "It may cause hives.")
document.add_annotation(PubTatorAnn("101", 0, 6, "Amoxil", "Chemical", ""))
document.add_annotation(PubTatorAnn("101", 26, 31, "hives", "Disease", "D014581"))
document.add_relation(PubTatorRel("101", "CID", "D000658", "D014581"))
written = pubtator.dumps([document])
read = pubtator.loads(written)[0]

print(f"bioc {version('bioc')}")
print("written:", *(repr(line) for line in written.splitlines()), sep="\n  ")
entities = [(found.text, found.type, found.id) for found in read.annotations]
relations = [(found.type, found.id1, found.id2, found.neg) for found in read.relations]
print("entities read:", entities)
print("relations read:", relations)
lost = entities == [("hives", "Disease", "D014581")]
as_relation = ("0", "6", "Amoxil", "Chemical") in relations
none = ("CID", "D000658", "D014581", "None") in relations
raise SystemExit(0 if lost and as_relation and none else 1)
PY
if environment/bin/python probe.py; then
    echo "As described: the entity without identifier has become a relation."
else
    echo "The behaviour has changed."
    exit 1
fi

#!/bin/sh
# Expected: parsing a CoNLL-U file and writing it again gives back the MISC column. It holds any further annotation as
#   Name=value, separated by "|"; an equals sign inside the value is ordinary there: in the address of a linked
#   entity ("?id=42"), or in a gloss, where "=" marks a clitic by the Leipzig glossing rules.
# Happens: the value ends before the second "=". Link=...?id=42 becomes Link=...?id, the same for every entity;
#   Gloss=thank=3SG becomes Gloss=thank. No warning, and serialize() writes the shortened value. The sentence's comment
#   lines, which another function reads, keep such a value whole, and so does pyconll in MISC.
# Since: at least conllu 2.3.2 (2020) and still in 6.0.0, the newest release.
# Looked up: tracker of conllu. #25 (MISC entries without "=" vanished, 2019) and #66 (they got a trailing "=", 2022)
#   were answered; a value with a second "=" is in none of the threads found. The guidelines of Universal
#   Dependencies for MISC forbid control characters in it, and advise against "|" in a value.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

for version in 6.0.0 2.3.2; do
    python3 -m venv "$version"
    "$version/bin/pip" install -q --no-compile "conllu==$version" || exit 2
done
python3 -m venv other
other/bin/pip install -q --no-compile pyconll==3.3.1 || exit 2

cat > make.py <<'PY'
tokens = [
    ("Rome", "PROPN", 2, "nsubj", "Entity=B-LOC|Link=https://example.org/item?id=42"),
    ("thanks", "VERB", 0, "root", "Entity=O|Gloss=thank=3SG"),
    ("Oslo", "PROPN", 2, "obj", "Entity=B-LOC|Link=https://example.org/item?id=77"),
]
with open("sentence.conllu", "w") as file:
    print("# source = https://example.org/text?id=5", file=file)
    for id, (form, tag, head, relation, misc) in enumerate(tokens, 1):
        print(id, form, form, tag, "_", "_", head, relation, "_", misc, sep="\t", file=file)
    print(file=file)
PY
python3 make.py

cat > probe.py <<'PY'
from importlib.metadata import version

import conllu

text = open("sentence.conllu").read()
(sentence,) = conllu.parse(text)
lines = list(zip(text.strip().splitlines(), sentence.serialize().strip().splitlines(), strict=True))
print(f"conllu {version('conllu')}")
for before, after in lines:
    print("  read:   ", before.split("\t")[-1])
    print("  written:", after.split("\t")[-1])
print([token["misc"].get("Link") for token in sentence], [before == after for before, after in lines])
PY
cat > other.py <<'PY'
from importlib.metadata import version

import pyconll

(sentence,) = pyconll.load_from_file("sentence.conllu")
print(f"pyconll {version('pyconll')}")
print([next(iter(token.misc["Link"])) if "Link" in token.misc else None for token in sentence])
PY
"2.3.2/bin/python" probe.py > old || exit 2
"6.0.0/bin/python" probe.py > new || exit 2
other/bin/python other.py > control || exit 2
cat old new control
cut="['https://example.org/item?id', None, 'https://example.org/item?id'] [True, False, False, False]"
whole="['https://example.org/item?id=42', None, 'https://example.org/item?id=77']"
if [ "$(tail -n 1 old)" = "$cut" ] && [ "$(tail -n 1 new)" = "$cut" ] && [ "$(tail -n 1 control)" = "$whole" ]; then
    echo "As described: conllu cuts the value at its second equals sign."
else
    echo "The behaviour has changed."
    exit 1
fi

#!/bin/sh
# Expected: nervaluate's "exact" and "partial" scores leave the type aside. Its README has a right span with a wrong
#   type (scenario IV) as correct in both, and says of such a pair that it is "only scored against the true entity,
#   not the predicted one", and not spurious.
# Happens: so it is overall, but not by type. One of two persons is found with the right bounds, but as ORG: "exact" is
#   1.00 overall, while PER has a miss and ORG a spurious entity, 0.67 each. "strict" and "ent_type" count one
#   "incorrect" overall, and by type again a miss and a spurious entity. So the types no longer add up to the total
#   in any of the four, and "incorrect" is never a confusion of types there. No warning.
# Since: nervaluate 1.0.0, still in 1.2.1, the newest release. 0.2.0 and 0.3.1 count the pair once, under the true type.
# Looked up: trackers of nervaluate and of NER-Evaluation, which it grew from. NER-Evaluation #2 (2018) asked for a miss
#   and a spurious entity; #9 (2019) kept the rule that the README still states. nervaluate #40 and #84 are about
#   entities that overlap, #82 about indices. That version 1 breaks the rule by type: nothing found.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

for version in 0.2.0 1.2.1; do
    python3 -m venv "$version"
    "$version/bin/pip" install -q --no-compile "nervaluate==$version" || exit 2
done

cat > probe.py <<'PY'
from importlib.metadata import version

from nervaluate import Evaluator

COUNTS = ("correct", "incorrect", "partial", "missed", "spurious")
true = [["B-PER", "I-PER", "O", "B-ORG"], ["O", "B-PER", "I-PER"]]
pred = [["B-ORG", "I-ORG", "O", "B-ORG"], ["O", "B-PER", "I-PER"]]
results = Evaluator(true, pred, tags=["PER", "ORG"], loader="list").evaluate()
if isinstance(results, dict):
    overall, by_type = results["overall"], results["entities"]
else:
    overall, by_type = results[:2]


def counts(scores):
    scores = scores if isinstance(scores, dict) else vars(scores)
    return [scores[name] for name in COUNTS], scores["f1"]


print(f"nervaluate {version('nervaluate')} {COUNTS}")
add_up = []
for schema in ("exact", "partial", "strict", "ent_type"):
    rows = {label: counts(by_type[label][schema]) for label in ("ORG", "PER")}
    total = counts(overall[schema])
    for name, (numbers, f1) in {"all": total, **rows}.items():
        print(f"  {schema:8} {name}: {numbers}, F1 {f1:.2f}")
    add_up.append([sum(pair) for pair in zip(*(numbers for numbers, _ in rows.values()))] == total[0])
print(add_up, *(counts(scores["exact"])[0] for scores in (overall, by_type["ORG"], by_type["PER"])))
PY
"0.2.0/bin/python" probe.py > old || exit 2
"1.2.1/bin/python" probe.py > new || exit 2
cat old new
before="[True, True, True, True] [3, 0, 0, 0, 0] [1, 0, 0, 0, 0] [2, 0, 0, 0, 0]"
after="[False, False, False, False] [3, 0, 0, 0, 0] [1, 0, 0, 0, 1] [1, 0, 0, 1, 0]"
if [ "$(tail -n 1 old)" = "$before" ] && [ "$(tail -n 1 new)" = "$after" ]; then
    echo "As described: version 1 takes the wrong type for a miss and a spurious entity, but only by type."
else
    echo "The behaviour has changed."
    exit 1
fi

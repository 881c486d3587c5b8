"""Makes src-tauri/crates/corpus/tests/fixtures/metrics.json: random tag sequences, many of them
ill-formed, with the scores that seqeval and conlleval give them.

    python3 -m venv /tmp/venv && /tmp/venv/bin/pip install seqeval==1.2.2 conlleval==0.2
    /tmp/venv/bin/python tests/reference/metrics.py
"""

import json
import platform
import random
import warnings
from importlib.metadata import version
from pathlib import Path

from conlleval import evaluate
from seqeval.metrics import accuracy_score, classification_report
from seqeval.scheme import BILOU, IOB1, IOB2, IOBES

warnings.filterwarnings("ignore")
CASES_PER_SCHEME = 60
LABELS = ["LOC", "PER", "work-of-art"]
# name, seqeval's class, the letters, and what each scheme writes for an entity of n words
SCHEMES = {
    "iob1": (IOB1, "BI"),
    "iob2": (IOB2, "BI"),
    "bioes": (IOBES, "BIES"),
    "bilou": (BILOU, "BILU"),
}


def letters(scheme, n, touching):
    if scheme == "iob1":
        return ("B" if touching else "I") + "I" * (n - 1)
    if scheme == "iob2":
        return "B" + "I" * (n - 1)
    single, last = ("S", "E") if scheme == "bioes" else ("U", "L")
    return single if n == 1 else "B" + "I" * (n - 2) + last


def well_formed(scheme, n, rng):
    tags = []
    previous = None
    while len(tags) < n:
        if rng.random() < 0.4:
            tags.append("O")
            previous = None
            continue
        label = rng.choice(LABELS)
        size = min(rng.choice([1, 1, 2, 3]), n - len(tags))
        tags += [f"{c}-{label}" for c in letters(scheme, size, previous == label)]
        previous = label
    return tags


def any_tag(scheme, rng):
    if rng.random() < 0.3:
        return "O"
    return f"{rng.choice(SCHEMES[scheme][1])}-{rng.choice(LABELS)}"


def noisy(tags, scheme, rate, rng):
    return [any_tag(scheme, rng) if rng.random() < rate else tag for tag in tags]


def in_seqeval_letters(sequences):
    """seqeval's default mode and conlleval know E and S, not L and U."""
    swap = {"L": "E", "U": "S"}
    return [[swap.get(t[0], t[0]) + t[1:] for t in tags] for tags in sequences]


def scores(report):
    keys = ["precision", "recall", "f1-score", "support"]
    row = lambda entry: [float(entry[k]) for k in keys[:3]] + [int(entry["support"])]
    averages = {"micro avg", "macro avg", "weighted avg"}
    return {
        "overall": row(report["micro avg"]),
        "macro": row(report["macro avg"]),
        "labels": {name: row(entry) for name, entry in report.items() if name not in averages},
    }


def conlleval_counts(gold, predicted):
    lines = []
    for tags, guesses in zip(gold, predicted):
        lines += [f"w {tag} {guess}" for tag, guess in zip(tags, guesses)] + [""]
    result = evaluate(lines)
    counts = lambda entry: [entry["stats"][k] for k in ("gold", "pred", "correct")]
    return {
        "overall": counts(result["overall"]["chunks"]),
        "labels": {name: counts(e) for name, e in result["slots"]["chunks"].items()},
        "tags": counts(result["overall"]["tags"]),
    }


def case(scheme, rng):
    gold_noise, noise = rng.choice([0, 0, 0.1, 1]), rng.choice([0, 0.1, 0.3, 1])
    gold, predicted = [], []
    for _ in range(rng.randint(1, 5)):
        tags = noisy(well_formed(scheme, rng.randint(1, 12), rng), scheme, gold_noise, rng)
        gold.append(tags)
        predicted.append(noisy(tags, scheme, noise, rng))
    strict = classification_report(
        gold, predicted, mode="strict", scheme=SCHEMES[scheme][0], output_dict=True, zero_division=0
    )
    loose_gold, loose_predicted = in_seqeval_letters(gold), in_seqeval_letters(predicted)
    loose = classification_report(loose_gold, loose_predicted, output_dict=True, zero_division=0)
    result = {
        "scheme": scheme,
        "gold": [" ".join(tags) for tags in gold],
        "predicted": [" ".join(tags) for tags in predicted],
        "token_accuracy": float(accuracy_score(gold, predicted)),
        "seqeval_strict": scores(strict),
        "seqeval_default": scores(loose),
        "conlleval": conlleval_counts(loose_gold, loose_predicted),
    }
    json.dumps(result, allow_nan=False)
    return result


def main():
    rng = random.Random(20171)
    cases = []
    for scheme in SCHEMES:
        made = 0
        while made < CASES_PER_SCHEME:
            try:
                cases.append(case(scheme, rng))
            except (ValueError, IndexError, KeyError):
                continue  # without any entity seqeval gives an error or not-a-number
            made += 1
    out = {
        "made_by": "tests/reference/metrics.py",
        "versions": {
            "python": platform.python_version(),
            "seqeval": version("seqeval"),
            "conlleval": version("conlleval"),
            "numpy": version("numpy"),
            "scikit-learn": version("scikit-learn"),
        },
        "cases": cases,
    }
    root = Path(__file__).resolve().parents[2]
    path = root / "src-tauri/crates/corpus/tests/fixtures/metrics.json"
    lines = ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases)
    head = json.dumps({k: v for k, v in out.items() if k != "cases"}, indent=1)[:-2]
    path.write_text(f'{head},\n "cases": [\n{lines}\n]}}\n')
    print(f"{len(cases)} cases in {path}")


if __name__ == "__main__":
    main()

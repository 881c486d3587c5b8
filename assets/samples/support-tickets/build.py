#!/usr/bin/env python3
"""Turn source/*.txt into train.jsonl, dev.jsonl and test.jsonl, or refuse and say where.

One document per line; `\\n` is a line break; blank lines and lines that begin with `%%` are
skipped. `[[text|LABEL]]` marks an entity. `[[text|-]]` marks text that was looked at and is
deliberately no entity; it only silences the consistency check.

    python3 build.py            write the three files, print counts and warnings
    python3 build.py --check    write nothing; fail when a file is missing or out of date

Exit status: 0 done, 1 refused or out of date. Python 3.9 or later, standard library only.
"""

import json
import re
import sys
import unicodedata
from collections import Counter, defaultdict
from pathlib import Path

LABELS = ("PRODUCT", "VERSION", "COMPONENT", "ERROR_CODE", "PERSON", "ORG", "DATE")
SPLITS = ("train", "dev", "test")
NO_ENTITY = "-"

# Every document is dealt by its place in the whole corpus, so that each voice (each source file)
# is in every split in the same share: of 24 documents 16 train, 3 dev, 5 test.
CYCLE = (
    "train train test train dev train train test train train train test "
    "train dev train train test train train train dev train test train"
).split()

MARK = re.compile(r"\[\[(.*?)\|([^\[\]|]*)\]\]")
HERE = Path(__file__).resolve().parent


def main():
    check_only = sys.argv[1:] == ["--check"]
    if sys.argv[1:] and not check_only:
        print(__doc__, file=sys.stderr)
        return 1

    documents, faults = read_sources(sorted((HERE / "source").glob("*.txt")))
    faults += find_duplicates(documents)
    if not documents:
        faults.append("source/: no documents")
    if faults:
        print(*faults, sep="\n", file=sys.stderr)
        print(f"{len(faults)} faults, nothing written", file=sys.stderr)
        return 1

    splits = {name: [] for name in SPLITS}
    for number, document in enumerate(documents):
        splits[CYCLE[number % len(CYCLE)]].append(document)

    stale = write_splits(splits, check_only)
    print_counts(splits)
    warnings = find_inconsistencies(documents)
    print(*warnings, sep="\n")
    print(f"{len(warnings)} warnings")
    if stale:
        print(f"out of date: {', '.join(stale)}; run build.py", file=sys.stderr)
    return 1 if stale else 0


def read_sources(paths):
    """All documents in order of file name and line, and every fault with its place."""
    documents, faults = [], []
    for path in paths:
        for line_number, line in enumerate(path.read_text("utf-8").split("\n"), 1):
            if not line.strip() or line.startswith("%%"):
                continue
            place = f"{path.name}:{line_number}"
            document, found = parse(line, place)
            documents.append(document)
            faults += [f"{place}: {fault}" for fault in found]
    return documents, faults


def parse(line, place):
    """The plain text of a marked line, its spans in Unicode characters, and what is wrong."""
    faults = []
    if line != line.strip():
        faults.append("space at the start or end of the line")
    line = line.replace("\\n", "\n")
    text, spans, done = "", [], 0
    for mark in MARK.finditer(line):
        text += line[done : mark.start()]
        surface, label = mark.groups()
        spans.append((len(text), len(text) + len(surface), label))
        text += surface
        done = mark.end()
    text += line[done:]
    if "[[" in text or "]]" in text:
        faults.append("unbalanced `[[` or `]]`")
    faults += [fault for span in spans for fault in check_span(text, span)]
    return {"text": text, "spans": spans, "place": place}, faults


def check_span(text, span):
    start, end, label = span
    surface = text[start:end]
    if label not in LABELS and label != NO_ENTITY:
        yield f"`{surface}`: unknown label `{label}`"
    if not surface:
        yield "empty entity"
        return
    if not surface[0].isalnum() or not surface[-1].isalnum():
        yield f"`{surface}`: begins or ends with a space or punctuation"
    if "\n" in surface:
        yield f"`{surface}`: runs over a line break"
    # A tokeniser cannot separate two letters, so an entity must not end inside a word.
    for inner, outer in ((surface[0], text[start - 1 : start]), (surface[-1], text[end : end + 1])):
        if outer and glued(inner, outer):
            yield f"`{surface}`: not separated from `{outer}`"


def glued(a, b):
    """Whether BERT's word splitter would keep the two characters in one word."""
    if any("CJK UNIFIED" in unicodedata.name(c, "") for c in (a, b)):
        return False
    splits = b.isspace() or unicodedata.category(b).startswith("P")
    return not splits and not (b.isascii() and not b.isalnum())


def find_duplicates(documents):
    """Documents that differ in no more than case, space and punctuation."""
    seen, faults = {}, []
    for document in documents:
        text = unicodedata.normalize("NFKC", document["text"]).casefold()
        key = "".join(c for c in text if c.isalnum())
        if key in seen:
            faults.append(f"{document['place']}: duplicate of {seen[key]}")
        seen.setdefault(key, document["place"])
    return faults


def write_splits(splits, check_only):
    """Write the files; with `check_only`, only name those that differ from what they should be."""
    stale = []
    for name, documents in splits.items():
        lines = []
        for document in documents:
            entities = [list(span) for span in document["spans"] if span[2] != NO_ENTITY]
            record = {"text": document["text"], "entities": entities}
            lines.append(json.dumps(record, ensure_ascii=False) + "\n")
        path, content = HERE / f"{name}.jsonl", "".join(lines).encode("utf-8")
        if not check_only:
            path.write_bytes(content)
        elif not path.is_file() or path.read_bytes() != content:
            stale.append(path.name)
    return stale


def print_counts(splits):
    rows = [("documents", [len(documents) for documents in splits.values()])]
    without = [sum(not entity_count(d) for d in documents) for documents in splits.values()]
    words = [sum(len(d["text"].split()) for d in documents) for documents in splits.values()]
    rows += [("without an entity", without), ("words", words)]
    counts = {
        name: Counter(label for d in documents for _, _, label in d["spans"])
        for name, documents in splits.items()
    }
    rows += [(label, [counts[name][label] for name in splits]) for label in LABELS]
    print(f"{'':20}" + "".join(f"{name:>8}" for name in (*SPLITS, "all")))
    for title, values in rows:
        print(f"{title:20}" + "".join(f"{value:8}" for value in (*values, sum(values))))

    known = {surface(d, s) for d in splits["train"] for s in d["spans"] if s[2] != NO_ENTITY}
    for name in SPLITS[1:]:
        held = [surface(d, s) for d in splits[name] for s in d["spans"] if s[2] != NO_ENTITY]
        new = sum(s not in known for s in held)
        print(f"{name}: {new} of {len(held)} entities are not in train in that wording and label")


def entity_count(document):
    return sum(label != NO_ENTITY for _, _, label in document["spans"])


def surface(document, span):
    return document["text"][span[0] : span[1]], span[2]


def find_inconsistencies(documents):
    """Wordings that are an entity in one place and none, or another, in another place."""
    places = defaultdict(list)
    for document in documents:
        for span in document["spans"]:
            text, label = surface(document, span)
            if label != NO_ENTITY:
                places[key(text, label)].append((label, document["place"]))

    warnings = []
    for wording, found in sorted(places.items()):
        if wording.isdigit():  # `12` is a version or a number of seats; only its context tells
            continue
        labels = {label for label, _ in found}
        if len(labels) > 1:
            shown = ", ".join(f"{label} {place}" for label, place in found[:6])
            warnings.append(f"`{wording}`: several labels: {shown}")
        caseless = wording.islower()
        pattern = re.compile(
            rf"(?<!\w){re.escape(wording)}(?!\w)", re.IGNORECASE if caseless else 0
        )
        for document in documents:
            for hit in pattern.finditer(document["text"]):
                if not inside_any(hit.span(), document["spans"]):
                    warnings.append(
                        f"`{wording}`: {'/'.join(sorted(labels))} {found[0][1]}, "
                        f"unlabelled {document['place']}"
                    )
    return warnings


def key(text, label):
    """Parts and dates are the same in any case; names and codes are not (`Will`, `will`)."""
    if label == "COMPONENT" or (label == "DATE" and text not in ("March", "May")):
        return text.casefold()
    return text


def inside_any(hit, spans):
    return any(start <= hit[0] and hit[1] <= end for start, end, _ in spans)


if __name__ == "__main__":
    sys.exit(main())

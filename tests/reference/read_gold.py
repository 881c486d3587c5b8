"""Reads gold tags for the acceptance scripts: CoNLL, JSONL with tokens, JSONL with character spans."""

import json
from pathlib import Path

from fixture_files import read_conll

TAGS = ("ner_tags", "tags", "labels")
SPANS = ("entities", "spans", "label", "labels")


def first(record, keys):
    return next((record[key] for key in keys if key in record), [])


def locate(text, words):
    """Character range of each word, in order. Words are pieces of the text, so each is found after the last."""
    ranges, at = [], 0
    for word in words:
        start = text.find(word, at)
        if start < 0:
            raise ValueError(f"the word {word!r} is not in the text after character {at}: {text!r}")
        at = start + len(word)
        ranges.append((start, at))
    return ranges


def tag_words(text, words, spans):
    """IOB2 tags: a word that overlaps a span belongs to it, the first one begins it."""
    tags = ["O"] * len(words)
    ranges = locate(text, words)
    for span in spans:
        start, end, label = (span["start"], span["end"], span["label"]) if isinstance(span, dict) else span[:3]
        inside = [i for i, (a, b) in enumerate(ranges) if a < end and b > start]
        for position, i in enumerate(inside):
            tags[i] = f"{'I' if position else 'B'}-{label}"
    return tags


def read_gold(path, predicted_words=None):
    """Sentences as `(words, tags)`. A file of spans has no words of its own: those of
    `predicted_words`, one list per document, are used."""
    if Path(path).suffix not in (".jsonl", ".json"):
        return read_conll(path)
    sentences = []
    with open(path, encoding="utf-8") as lines:
        records = [json.loads(line) for line in lines if line.strip()]
    for i, record in enumerate(records):
        if "tokens" in record:
            sentences.append((record["tokens"], first(record, TAGS)))
        elif predicted_words is None or i >= len(predicted_words):
            raise ValueError(f"{path}: document {i + 1} has no words, and there is no prediction that has them")
        else:
            words = predicted_words[i]
            sentences.append((words, tag_words(record["text"], words, first(record, SPANS))))
    return sentences

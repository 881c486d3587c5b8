"""Acceptance: transformers opens a folder written by `tagsmith train`, and predicts the same labels there.

    open_in_transformers.py MODEL_DIR DATA.(conll|jsonl) PREDICTIONS.jsonl

PREDICTIONS has one line per sentence, {"words": [...], "tags": [...]}, as written by
`tagsmith evaluate --decoding argmax --predictions PREDICTIONS.jsonl`. Each word's label is the largest
logit at its first piece, `O` where a word gives no piece. Exits 1 when a key is missing or unexpected
or a tag differs. Two labels within 1e-4 of each other are a tie: reported, not counted. Sentences
longer than the model are skipped and counted, since transformers has no windows.
"""

import argparse
import json
import sys

import torch
from seqeval.metrics import f1_score
from transformers import AutoModelForTokenClassification, AutoTokenizer

from fixture_files import versions
from read_gold import read_gold

TIE = 1e-4
BATCH = 32


def open_model(folder):
    model, info = AutoModelForTokenClassification.from_pretrained(folder, output_loading_info=True)
    faults = {kind: found for kind, found in info.items() if found}
    print(f"keys: {'none missing, none unexpected' if not faults else faults}")
    if set(model.config.label2id) != set(model.config.id2label.values()):
        faults["labels"] = "`label2id` and `id2label` disagree"
        print(faults["labels"])
    return model.eval(), AutoTokenizer.from_pretrained(folder), bool(faults)


def predict(model, tokenizer, sentences):
    """For each sentence the tags and the margin to the second-best label, or None where it is too long."""
    # As the folder says: positions of some families begin after that of padding.
    limit = min(512, tokenizer.model_max_length)
    encoded = [tokenizer(words, is_split_into_words=True, verbose=False) for words in sentences]
    fitting = [i for i, e in enumerate(encoded) if len(e["input_ids"]) <= limit]
    fitting.sort(key=lambda i: len(encoded[i]["input_ids"]))
    found = [None] * len(sentences)
    for start in range(0, len(fitting), BATCH):
        rows = fitting[start : start + BATCH]
        batch = tokenizer.pad([dict(encoded[i]) for i in rows], return_tensors="pt")
        with torch.no_grad():
            logits = model(**batch).logits
        for row, i in enumerate(rows):
            tags, margins = ["O"] * len(sentences[i]), [float("inf")] * len(sentences[i])
            previous = None
            for position, word in enumerate(encoded[i].word_ids()):
                if word is not None and word != previous:
                    scores = logits[row, position]
                    tags[word] = model.config.id2label[scores.argmax().item()]
                    if len(scores) > 1:
                        top = scores.topk(2).values
                        margins[word] = (top[0] - top[1]).item()
                previous = word
            found[i] = (tags, margins)
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("data")
    parser.add_argument("predictions")
    arguments = parser.parse_args()
    print(versions("torch", "transformers", "tokenizers", "seqeval"))

    with open(arguments.predictions, encoding="utf-8") as lines:
        ours = [json.loads(line) for line in lines if line.strip()]
    words = [line["words"] for line in ours] if all("words" in line for line in ours) else None
    gold = read_gold(arguments.data, words)
    if len(gold) != len(ours):
        sys.exit(f"error: `{arguments.data}` has {len(gold)} sentences, `{arguments.predictions}` {len(ours)}")
    model, tokenizer, failed = open_model(arguments.model)
    theirs = predict(model, tokenizer, [words for words, _ in gold])

    compared = equal = ties = skipped = 0
    gold_tags, our_tags, their_tags = [], [], []
    for number, ((words, tags), line, found) in enumerate(zip(gold, ours, theirs), start=1):
        if line.get("words", words) != words or len(line["tags"]) != len(words):
            sys.exit(f"error: sentence {number}: the prediction has other words than the data")
        if found is None:
            skipped += 1
            continue
        gold_tags.append(tags)
        our_tags.append(line["tags"])
        their_tags.append(found[0])
        for word, our, their, margin in zip(words, line["tags"], *found):
            compared += 1
            if our == their:
                equal += 1
            elif margin < TIE:
                ties += 1
            elif compared - equal - ties <= 20:
                print(f"sentence {number}, `{word}`: ours {our}, transformers {their}, margin {margin:.6f}")

    differing = compared - equal - ties
    print(f"{equal} of {compared} word tags equal ({equal / max(compared, 1):.4%}), {ties} near ties, {differing} differ")
    print(f"{skipped} sentences longer than the model skipped")
    if gold_tags:
        print(f"F1 (seqeval): ours {f1_score(gold_tags, our_tags):.4f}, transformers {f1_score(gold_tags, their_tags):.4f}")
    if compared == 0:
        sys.exit("error: nothing was compared")
    sys.exit(1 if failed or differing else 0)


if __name__ == "__main__":
    main()

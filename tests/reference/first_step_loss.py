"""The loss of the first training step as the token-classification example of transformers computes it.

    first_step_loss.py MODEL_DIR [CONLL_FILE [OUT.json]]
        (defaults: sentences.conll here, and the tagger crate's fixtures/first_step.json)

The first 16 sentences make one batch: words split into pieces, the label on each word's first piece,
-100 elsewhere, rows padded to the longest. Dropout is off. The head is given by a formula that both
sides can compute: W[i][j] = 0.02 * sin(1 + i * hidden + j) in f64, rounded to f32, and no bias.
"""

import math
import sys
from pathlib import Path

import torch
from transformers import AutoModelForTokenClassification, AutoTokenizer, DataCollatorForTokenClassification

from fixture_files import TAGGER, floats, read_conll, versions, write_json

SENTENCES = 16


def encode(tokenizer, words, tags, ids, max_length=None):
    """The example's `tokenize_and_align_labels` for one sentence, labels on first pieces only."""
    encoded = tokenizer(words, is_split_into_words=True, truncation=True, max_length=max_length)
    labels, previous = [], None
    for word in encoded.word_ids():
        labels.append(-100 if word is None or word == previous else ids[tags[word]])
        previous = word
    return {"input_ids": encoded["input_ids"], "attention_mask": encoded["attention_mask"], "labels": labels}


def set_head(classifier):
    rows, hidden = classifier.weight.shape
    weight = [[0.02 * math.sin(1 + i * hidden + j) for j in range(hidden)] for i in range(rows)]
    with torch.no_grad():
        classifier.weight.copy_(torch.tensor(weight, dtype=torch.float64).float())
        classifier.bias.zero_()


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    model_dir = sys.argv[1]
    data = Path(sys.argv[2]) if len(sys.argv) > 2 else Path(__file__).with_name("sentences.conll")
    out = Path(sys.argv[3]) if len(sys.argv) > 3 else TAGGER / "first_step.json"

    sentences = read_conll(data)
    # The example lists the labels of the whole training set, sorted, `O` among them.
    names = sorted({tag for _, tags in sentences for tag in tags})
    ids = {name: i for i, name in enumerate(names)}
    sentences = sentences[:SENTENCES]

    tokenizer = AutoTokenizer.from_pretrained(model_dir)
    model = AutoModelForTokenClassification.from_pretrained(model_dir, num_labels=len(names)).eval()
    set_head(model.classifier)
    rows = [encode(tokenizer, words, tags, ids) for words, tags in sentences]
    batch = DataCollatorForTokenClassification(tokenizer)([dict(row) for row in rows])
    with torch.no_grad():
        result = model(**batch)

    scored = batch["labels"] != -100
    by_hand = torch.nn.functional.cross_entropy(result.logits[scored].double(), batch["labels"][scored])
    assert abs(by_hand.item() - result.loss.item()) < 1e-5
    write_json(
        out,
        {
            "head": "W[i][j] = 0.02 * sin(1 + i * hidden + j), b = 0",
            "versions": versions("torch", "transformers", "tokenizers"),
            "loss": floats(result.loss),
            "scored_tokens": int(scored.sum()),
            "words": sum(len(words) for words, _ in sentences),
            "labels": names,
            "padded_shape": list(batch["input_ids"].shape),
            "rows": [
                {"words": words, "tags": tags, "input_ids": row["input_ids"], "labels": row["labels"]}
                for (words, tags), row in zip(sentences, rows)
            ],
        },
    )
    print(f"loss {result.loss.item():.7f}, {int(scored.sum())} scored tokens, {len(names)} labels, {data}")


if __name__ == "__main__":
    main()

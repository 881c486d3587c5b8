"""Acceptance: the tokenizers that `a_written_tokenizer_gives_the_same_pieces_again` writes give the same
pieces in transformers.

    TAGSMITH_WRITTEN_TOKENIZERS=FOLDER cargo test --release --workspace --test tokenizers
    tests/reference/open_written_tokenizers.py FOLDER

Exits 1 otherwise.
"""

import json
import os
import sys
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TOKENIZERS_PARALLELISM"] = "false"

from transformers import AutoTokenizer


def differing(folder):
    tokenizer = AutoTokenizer.from_pretrained(folder)
    rows = json.loads((folder / "pieces.json").read_text(encoding="utf-8"))
    ids = [tokenizer(row["words"], is_split_into_words=True)["input_ids"] for row in rows]
    return [row["words"] for row, found in zip(rows, ids) if row["ids"] != found]


def main():
    folders = sorted(path.parent for path in Path(sys.argv[1]).glob("*/pieces.json"))
    wrong = {folder.name: words for folder in folders if (words := differing(folder))}
    for name, words in wrong.items():
        print(f"{name}: other pieces for {words[0]}")
    print(f"{len(folders)} folders, {len(wrong)} of them with other pieces")
    return bool(wrong or not folders)


if __name__ == "__main__":
    sys.exit(main())

"""What transformers makes of the tokenizer of each folder in `tokenizer_cases.py`: its parts, and the
pieces of some lists of words and some texts, in `expected.json` beside the files.

    tests/reference/tokenizer_classes.py [OUT]
"""

import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TOKENIZERS_PARALLELISM"] = "false"

from transformers import AutoTokenizer

from fixture_files import TAGGER, dumps, versions, write_json
from tokenizer_cases import CASES

WORDS = [
    ["Anna", "Müller", "lives", "in", "KÖLN", "."],
    ["東京", "is", "Tokyo", "東京都"],
    ["résumé", "re\u0301sume\u0301", "RÉSUMÉ", "of\ufb01ce"],
    ["[NAME]", "sent", "<URL>", "to", "Anna"],
    ["x[NAME]y", "[name]", "<url>", "names", "ham", "hams", "Ham"],
    ["U.S.", "don't", "3.5%", "``quote''", "quote\u2026"],
    ["", "bank", "\u200e", "the bank", " the", "near "],
    ["a\u00a0lake", "\t", "lake\nThun", "the  Rhine"],
    ["[CLS]", "[MASK]", "<s>", "<mask>", "<unk>"],
    ["Müller-Köln", "near"],
]

# Longer than the 100 characters that WordPiece answers with its unknown piece.
LONG = ["lake" * 26, "near"]

TEXTS = [
    "Anna Müller lives in KÖLN.",
    " Anna  lives\tin\nBern ",
    "東京 is Tokyo, 東京都",
    "The résumé, the re\u0301sume\u0301; RÉSUMÉ of the of\ufb01ce\u2026",
    "[NAME] wrote to [NAME], see <URL> or  <URL>  now.",
    "x[NAME]y, [name] and <url>, ham hams shame Ham",
    "``Quote'' of the \u200e bank",
    "Anna likes the <mask> and the [MASK] near <s>Bern</s>",
    "",
]


def write_files(folder, files):
    folder.mkdir(parents=True)
    for name, content in files.items():
        if isinstance(content, bytes):
            (folder / name).write_bytes(content)
        else:
            text = content if isinstance(content, str) else dumps(content) + "\n"
            (folder / name).write_text(text, encoding="utf-8")


def answer(tokenizer, given):
    """Pieces of a list of words or of a text. Offsets count characters, in a list within each word."""
    split = isinstance(given, list)
    options = {"return_offsets_mapping": True} if tokenizer.is_fast else {}
    encoded = tokenizer(given, is_split_into_words=split, truncation=False, verbose=False, **options)
    ids = encoded["input_ids"]
    found = {"words" if split else "text": given, "ids": ids, "tokens": tokenizer.convert_ids_to_tokens(ids)}
    if tokenizer.is_fast:
        found |= {"word_ids": encoded.word_ids(), "offsets": encoded["offset_mapping"]}
    return found


def shorten_map(normalizer):
    """Writes `CHARSMAP` for each map of characters."""
    for step in [normalizer, *normalizer.get("normalizers", [])] if normalizer else []:
        if step["type"] == "Precompiled":
            step["precompiled_charsmap"] = "CHARSMAP"


def parts(tokenizer):
    """Its `tokenizer.json` without the vocabulary."""
    whole = json.loads(tokenizer.backend_tokenizer.to_str())
    whole["model"] = {key: value for key, value in whole["model"].items() if key not in ("vocab", "merges")}
    shorten_map(whole["normalizer"])
    return {key: value for key, value in whole.items() if key != "version"}


def found_in(folder):
    tokenizer = AutoTokenizer.from_pretrained(folder)
    longest = tokenizer.model_max_length
    found = {
        "class": type(tokenizer).__name__,
        "fast": tokenizer.is_fast,
        "size": len(tokenizer),
        "model_max_length": longest if longest < 10**20 else None,
        "special": tokenizer.special_tokens_map,
        "added": tokenizer.get_added_vocab(),
    }
    if not tokenizer.is_fast:
        return found | {"words": [answer(tokenizer, words) for words in WORDS]}
    found["parts"] = parts(tokenizer)
    given = WORDS + ([LONG] if found["parts"]["model"]["type"] == "WordPiece" else [])
    found["words"] = [answer(tokenizer, words) for words in given]
    found["texts"] = [answer(tokenizer, text) for text in TEXTS]
    if '"ByteLevel"' in dumps(found["parts"]["pre_tokenizer"]):
        # As the token-classification example of transformers opens it.
        spaced = AutoTokenizer.from_pretrained(folder, add_prefix_space=True)
        found["words_add_prefix_space"] = [answer(spaced, words) for words in WORDS]
    check_rewritten(tokenizer, folder, found)
    return found


def check_rewritten(tokenizer, folder, found):
    """A program without these classes can write what they built: as PreTrainedTokenizerFast it opens with
    the same pieces."""
    with tempfile.TemporaryDirectory() as new:
        shutil.copy(folder / "config.json", new)
        Path(new, "tokenizer.json").write_text(tokenizer.backend_tokenizer.to_str(), encoding="utf-8")
        config = {"tokenizer_class": "PreTrainedTokenizerFast"} | tokenizer.special_tokens_map
        config["split_special_tokens"] = tokenizer.split_special_tokens
        Path(new, "tokenizer_config.json").write_text(json.dumps(config), encoding="utf-8")
        again = AutoTokenizer.from_pretrained(new)
        assert found["size"] == len(again), folder
        assert found["words"] == [answer(again, row["words"]) for row in found["words"]], folder
        assert found["texts"] == [answer(again, row["text"]) for row in found["texts"]], folder


def expected(folder):
    try:
        return found_in(folder)
    except AssertionError:
        raise
    except Exception as failure:
        first, *_ = str(failure).replace(str(folder), "FOLDER").strip().splitlines() or [""]
        return {"error": {"kind": type(failure).__name__, "message": first.strip()}}


def main():
    out = Path(sys.argv[1]) if len(sys.argv) > 1 else TAGGER / "tokenizers"
    shutil.rmtree(out, ignore_errors=True)
    rows = []
    for name, shows, files in CASES:
        write_files(out / name, files)
        found = expected(out / name)
        write_json(out / name / "expected.json", found)
        error = found.get("error", {}).get("kind")
        rows.append({"case": name, "shows": shows, "class": found.get("class"), "error": error})
    write_json(out / "cases.json", {"versions": versions("transformers", "tokenizers", "sentencepiece", "protobuf"), "cases": rows})
    print(f"{len(rows)} folders, {sum(row['error'] is not None for row in rows)} of them refused")


if __name__ == "__main__":
    main()

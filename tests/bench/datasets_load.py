"""Loads a file of JSON lines with Hugging Face `datasets`, and tokenises its texts with a fast tokenizer.

Prints one JSON line: the seconds of each part, after the imports, and what came out.
"""

import argparse
import json
import tempfile
import time


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", help="JSON lines with `text` and `entities`")
    parser.add_argument("--model", required=True, help="a folder with a tokenizer")
    parser.add_argument("--only-load", action="store_true", help="do not tokenise")
    parser.add_argument("--threads", type=int, default=2, help="for the tokenizer; told by the environment")
    arguments = parser.parse_args()

    import datasets
    from transformers import AutoTokenizer

    datasets.disable_progress_bars()
    tokenizer = AutoTokenizer.from_pretrained(arguments.model)
    # What an earlier run left in the cache would be all the work.
    with tempfile.TemporaryDirectory() as cache:
        began = time.perf_counter()
        rows = datasets.load_dataset("json", data_files=arguments.file, split="train", cache_dir=cache)
        loaded = time.perf_counter()
        pieces = None
        if not arguments.only_load:
            rows = rows.map(lambda batch: tokenizer(batch["text"]), batched=True)
            pieces = sum(len(ids) for batch in rows.select_columns(["input_ids"]).iter(1000) for ids in batch["input_ids"])
        ended = time.perf_counter()
        found = {"documents": len(rows), "pieces": pieces, "load_s": loaded - began, "tokenise_s": ended - loaded}
        # The table is a file in memory; it must be closed before its folder goes.
        del rows
    print(json.dumps(found))


if __name__ == "__main__":
    main()

"""What the peers that tag sentences share: their arguments, and what they time.

Each prints a line `first` when the first sentence is answered, for the caller to time the start by, then
one JSON line: seconds for all sentences, milliseconds of each single one.
"""

import argparse
import json
import time
from pathlib import Path


def parser(description):
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", help="a token-classification folder")
    parser.add_argument("texts", type=Path, help="a file with one sentence a line")
    parser.add_argument("--batch-size", type=int, default=32, help="0 to leave the batches out")
    parser.add_argument("--singles", type=int, default=200, help="sentences to answer one at a time")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--device", default="cpu", choices=["cpu", "cuda"], help="of the pipeline")
    parser.add_argument("--precision", default="f32", choices=["f32", "bf16", "f16"], help="of the pipeline")
    parser.add_argument("--only-start", action="store_true", help="end after the first answer")
    return parser


def report(arguments, one, many):
    """Times `one(text)` and `many(texts)`, and prints what came out."""
    texts = arguments.texts.read_text(encoding="utf-8").rstrip("\n").split("\n")
    one(texts[0])
    print("first", flush=True)
    if arguments.only_start:
        return
    for text in texts[:5]:
        one(text)
    singles = []
    for text in texts[: arguments.singles]:
        began = time.perf_counter()
        one(text)
        singles.append((time.perf_counter() - began) * 1e3)
    seconds = None
    if arguments.batch_size:
        began = time.perf_counter()
        answers = many(texts)
        seconds = time.perf_counter() - began
        assert len(answers) == len(texts)
    print(json.dumps({"sentences": len(texts), "seconds": seconds, "singles_ms": singles}))

"""Where the fixtures lie, how they are written and how CoNLL is read: shared by the scripts here."""

import json
import platform
import unicodedata
from importlib.metadata import version
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
ENCODER = ROOT / "src-tauri/crates/encoder/tests/fixtures"
TAGGER = ROOT / "src-tauri/crates/tagger/tests/fixtures"


def versions(*packages):
    return {"python": platform.python_version()} | {p: version(p) for p in packages}


def floats(tensor):
    """Nested lists of the shortest decimals that read back as the same f32."""
    array = np.asarray(tensor.detach().to("cpu").float().numpy())
    if array.ndim == 0:
        return float(str(array))
    if array.ndim == 1:
        return [float(str(x)) for x in array]
    return [floats(row) for row in tensor]


def dumps(value):
    """JSON that a person can read: characters as they are, invisible ones as escapes."""

    def shown(c):
        seen = c == " " or unicodedata.category(c) not in ("Cc", "Cf", "Mn", "Zs", "Zl", "Zp", "Co", "Cn")
        return c if seen else json.dumps(c)[1:-1]

    return "".join(shown(c) for c in json.dumps(value, ensure_ascii=False))


def write_json(path, value):
    """One line per top-level key and per row below it, so that a changed value is a readable diff."""
    lines = []
    for key, item in value.items():
        if isinstance(item, list) and item and isinstance(item[0], (list, dict)):
            rows = ",\n    ".join(dumps(row) for row in item)
            text = f"[\n    {rows}\n  ]"
        else:
            text = dumps(item)
        lines.append(f"  {json.dumps(key)}: {text}")
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def read_conll(path):
    """The sentences of a file, as `conll` has them."""
    return conll(Path(path).read_text(encoding="utf-8-sig"))


def conll(text):
    """Sentences as `(words, tags)`. The word is the first column, the tag the last; a blank line or
    one of tabs alone ends a sentence. Nothing is stripped from a word: some are a single invisible
    character."""
    sentences, words, tags = [], [], []
    # Only line feeds end a line: `splitlines` would also cut at U+0085 and U+2028 inside a word.
    for line in text.split("\n"):
        line = line.removesuffix("\r")
        if not line.strip(" \t"):
            if words:
                sentences.append((words, tags))
            words, tags = [], []
        elif not line.startswith("-DOCSTART-"):
            columns = line.split("\t") if "\t" in line else line.split(" ")
            words.append(columns[0])
            tags.append(columns[-1])
    if words:
        sentences.append((words, tags))
    return sentences

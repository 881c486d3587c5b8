"""The F1 of whole fine-tunings on small parts of real corpora: untouched, by the example, with each method.

    tests/bench/run f1 --results FILE DATA… [--sizes 100 200] [--seeds 42 43 44] [--ways ours example …]
    tests/bench/run f1 --results FILE --table

DATA are folders with `train`, `test` and, where there is one, `dev` in CoNLL columns (`.conll`, `.tsv` or
`.txt`; the tag is the last column), or with one file `all`, a third of which is for the test. Of each,
`size` sentences are drawn for training, half as many (50 at least) for dev, and 500 for the test; the seed
draws them and is the run's. With `--passages 20`, what is drawn are passages of so many neighbouring sentences of a
document at most (documents begin at `-DOCSTART-`), for what reads context. Every run is one line of FILE, and what FILE has is not run again: stop it
whenever you like. `results/f1.jsonl` beside this file holds what was measured until now, on which processor
and with which commit: pass it as FILE to go on with it.

Ways are `ours` (the program untouched), `ours:SETTING=VALUE,…` (`ours:without=dev`: without the dev set), `example` (the token-classification example
of transformers with its defaults), `example:lr=…,epochs=…,batch_size=…`, and `example-best:N` (the best on
dev of N drawn settings of the example, each of which is a line of its own; its time is that of the best
run alone). Times are wall clock; processor seconds, which other work disturbs less, are kept beside them.
"""

import argparse
import json
import os
import pathlib
import platform
import random
import re
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "measure"), str(HERE.parent / "reference")]

from children import Failed, run
from fixture_files import conll, read_conll
from measure import CACHE, PROGRAM

EXAMPLE = HERE.parent / "reference" / "hf_example.py"
SPLITS = ("train", "dev", "test")
TEST_SENTENCES = 500


def read(folder, length):
    """The sentences of a corpus by split; with a length, passages of so many at most."""
    files = {path.stem: path for path in folder.iterdir() if path.suffix in (".conll", ".tsv", ".txt")}
    parts = (lambda path: passages(path, length)) if length else read_conll
    found = {name: parts(files[name]) for name in (*SPLITS, "all") if name in files}
    if "all" in found:
        everything = found.pop("all")
        random.Random(1).shuffle(everything)
        third = len(everything) // 3
        found = {"test": everything[:third], "train": everything[third:]}
    if not {"train", "test"} <= found.keys():
        sys.exit(f"error: {folder} has no train and test")
    return found


BOUNDARY = (["-DOCSTART-"], ["O"])


def passages(path, length):
    """Neighbouring sentences of one document of a file, `length` at most in each list."""
    documents = re.split(r"^-DOCSTART-.*$", path.read_text(encoding="utf-8-sig"), flags=re.M)
    sentences = [conll(document) for document in documents]
    return [document[at : at + length] for document in sentences for at in range(0, len(document), length)]


def draw(corpus, size, seed, out):
    """Writes a part of a corpus. What dev lacks comes from training sentences that were not drawn."""
    chance = random.Random(f"{size} {seed}")
    train = take(chance, corpus["train"], size)
    drawn = {id(part) for part in train}
    rest = corpus.get("dev") or [part for part in corpus["train"] if id(part) not in drawn]
    dev = take(chance, rest, max(size // 2, 50))
    # The same for all seeds: its own chance is not what is measured.
    test = take(random.Random(7), corpus["test"], TEST_SENTENCES)
    files = {}
    for split, parts in zip(SPLITS, (train, dev, test)):
        files[split] = out / f"{split}.conll"
        sentences = [sentence for part in parts for sentence in sentences_of(part)]
        rows = ["".join(f"{word}\t{tag}\n" for word, tag in zip(*sentence)) for sentence in sentences]
        files[split].write_text("\n".join(rows), encoding="utf-8")
    return files


def sentences_of(part):
    """Those of a passage behind a boundary, or a sentence by itself."""
    return [BOUNDARY, *part] if isinstance(part, list) else [part]


def take(chance, parts, size):
    """As many of the parts, drawn by chance, as have `size` sentences; the last passage may have more."""
    if not isinstance(parts[0], list):
        return chance.sample(parts, min(size, len(parts)))
    taken = []
    for part in chance.sample(parts, len(parts)):
        if sum(map(len, taken)) >= size:
            break
        taken.append(part)
    return taken


def settings_of(text):
    """`a=1,b=x` as a dictionary of strings."""
    return dict(part.split("=", 1) for part in text.split(",") if part)


def ours(options, files, seed, settings, scratch):
    settings = settings_of(settings)
    without = settings.pop("without", None)
    splits = [split for split in SPLITS if split != without]
    config = scratch / "config.json"
    config.write_text(json.dumps({name: as_json(value) for name, value in settings.items()}))
    command = [options.program, "train", "--json", "--model", options.model, "--seed", seed, "--device", "cpu"]
    command += ["--config", config, "--out", scratch / "run"]
    command += [part for split in splits for part in (f"--{split}", files[split])]
    ended = run(command, options.threads)
    events = [json.loads(line) for line in ended.lines]
    report = json.loads((scratch / "run" / "report.json").read_text())
    config = next(event["config"] for event in events if event["event"] == "started")
    f1 = {split: report["splits"][split]["metrics"]["overall"]["f1"] for split in ("dev", "test")}
    curve = [event["metrics"]["overall"]["f1"] for event in events if event["event"] == "evaluated"]
    chosen = {name: config[name] for name in ("epochs", "batch_size", "learning_rate", "schedule", "precision")}
    steps = sum(event["event"] == "step" for event in events)
    return f1 | times(ended) | {"steps": steps, "curve": curve, "settings": chosen | settings}


def times(ended):
    return {"seconds": ended.seconds, "processor": ended.processor}


def as_json(value):
    try:
        return json.loads(value)
    except ValueError:
        return value


def example(options, files, seed, settings, _scratch):
    settings = {"lr": "5e-5", "epochs": "3", "batch_size": "16"} | settings_of(settings)
    command = [sys.executable, EXAMPLE, options.model_folder, *(files[split] for split in SPLITS), "--seed", seed]
    for name, value in settings.items():
        command += [f"--{name.replace('_', '-')}", value]
    ended = run(command, options.threads)
    output = "".join(ended.lines)
    f1 = {split: float(re.search(rf"^{split}: precision.*F1 ([\d.]+)", output, re.M)[1]) for split in ("dev", "test")}
    return f1 | times(ended) | {"settings": settings}


def drawn_settings(trials, seed):
    """A random search over what people change, in their usual bounds: the ways of the example to try."""
    chance = random.Random(f"trials {seed}")
    for _ in range(trials):
        rate = 10 ** chance.uniform(-5, -3)
        epochs, batch_size = chance.choice([3, 5, 10, 20, 30]), chance.choice([4, 8, 16, 32])
        yield f"example:lr={rate:.2g},epochs={epochs},batch_size={batch_size}"


WAYS = {"ours": ours, "example": example}
SEARCH = "example-best:"


def measure(options):
    for size in options.sizes:
        for seed in options.seeds:
            for folder in options.data:
                for way in options.ways:
                    one(options, folder, size, seed, way)


def one(options, folder, size, seed, way):
    """The row of one way, measured where the file does not have it."""
    this = (folder.name, size, seed, way, options.passages, options.model)
    row = next((row for row in rows(options.results) if key(row) == this), None)
    if row:
        return row
    if way.startswith(SEARCH):
        trials = drawn_settings(int(way.removeprefix(SEARCH)), seed)
        found = max((one(options, folder, size, seed, trial) for trial in trials), key=lambda trial: trial["dev"])
    else:
        corpus = read(folder, options.passages)
        with tempfile.TemporaryDirectory() as temporary:
            scratch = pathlib.Path(temporary)
            files = draw(corpus, size, seed, scratch)
            name, _, settings = way.partition(":")
            found = WAYS[name](options, files, seed, settings, scratch)
    row = found | dict(zip(KEY, this)) | {"cpu": cpu(), "threads": options.threads, "commit": commit()}
    with options.results.open("a", encoding="utf-8") as results:
        results.write(json.dumps(row) + "\n")
    print(f"{this}: dev {row['dev']:.4f}, test {row['test']:.4f}, {row['seconds']:.0f} s", flush=True)
    return row


def rows(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


def trials_of(row):
    return drawn_settings(int(row["way"].removeprefix(SEARCH)), row["seed"])


KEY = ("corpus", "size", "seed", "way", "passages", "model")


def key(row):
    return tuple(row.get(name) for name in KEY)


def cpu():
    """What the processor is called, and which wide units it has."""
    info = pathlib.Path("/proc/cpuinfo").read_text() if pathlib.Path("/proc/cpuinfo").exists() else ""
    name = re.search(r"^model name\s*: (.*)", info, re.M)
    units = [unit for unit in ("avx2", "avx512f", "avx512_bf16", "amx_bf16") if re.search(rf"\b{unit}\b", info)]
    return " ".join([name[1] if name else platform.processor(), *units])


def commit():
    """The commit of the sources, which the program is taken to be built from."""
    asked = ["git", "-C", HERE, "rev-parse", "--short", "HEAD"]
    return subprocess.run(asked, capture_output=True, text=True).stdout.strip()


def table(found):
    """Mean test F1 and spread over seeds, a row a corpus and a column a way; then the mean of the means."""
    # The trials of a search are not columns: there are too many, and others for each seed.
    searched = {way for row in found if row["way"].startswith(SEARCH) for way in trials_of(row)}
    ways = [way for way in dict.fromkeys(row["way"] for row in found) if way not in searched]
    corpora = sorted({title(row) for row in found})
    print("| corpus | " + " | ".join(ways) + " |\n|---|" + "---|" * len(ways))
    means = {way: [] for way in ways}
    for corpus in corpora:
        cells = []
        for way in ways:
            of = [row for row in found if title(row) == corpus and row["way"] == way]
            if not of:
                cells.append("")
                continue
            scores, dev = [row["test"] * 100 for row in of], statistics.mean(row["dev"] for row in of) * 100
            spread = f" ± {statistics.stdev(scores):.1f}" if len(scores) > 1 else ""
            seconds = statistics.mean(row["processor"] for row in of)
            means[way].append((statistics.mean(scores), dev, seconds))
            cells.append(f"{statistics.mean(scores):.1f}{spread} (dev {dev:.1f}, {seconds:.0f} s)")
        print(f"| {corpus} | " + " | ".join(cells) + " |")
    last = [
        " of ".join([f"{statistics.mean(m[0] for m in of):.1f}", f"{len(of)}"]) + f" ({statistics.mean(m[2] for m in of):.0f} s)"
        if of
        else ""
        for of in means.values()
    ]
    print("| mean | " + " | ".join(last) + " |")


def title(row):
    """The corpus with how it was drawn, and the model where it is not the starter."""
    passages = f", passages of {row['passages']}" if row.get("passages") else ""
    model = f", {row['model']}" if row.get("model", "starter") != "starter" else ""
    return f"{row['corpus']}, {row['size']:>3}{passages}{model}"


def main(arguments):
    parser = argparse.ArgumentParser(
        prog="run f1", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", nargs="*", type=pathlib.Path)
    parser.add_argument("--results", type=pathlib.Path, required=True)
    parser.add_argument("--sizes", type=int, nargs="+", default=[100, 200])
    parser.add_argument("--seeds", type=int, nargs="+", default=[42, 43, 44])
    parser.add_argument("--ways", nargs="+", default=["ours", "example"])
    parser.add_argument("--passages", type=int, help="draw passages of so many neighbouring sentences at most")
    parser.add_argument("--model", default="starter", help="as `tagsmith train` takes it")
    parser.add_argument("--model-folder", help="the same model as a folder, for the example")
    parser.add_argument("--program", help="another build of ours")
    parser.add_argument("--threads", type=int, default=os.cpu_count(), help="of each run, on both sides")
    parser.add_argument("--table", action="store_true", help="only print what there is")
    options = parser.parse_args(arguments)
    options.program = options.program or PROGRAM
    options.model_folder = options.model_folder or CACHE / "models" / "starter"
    try:
        if not options.table:
            measure(options)
    except Failed as failure:
        sys.exit(f"error: {failure}")
    table(rows(options.results))

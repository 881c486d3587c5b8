#!/usr/bin/env python3
"""Fine-tunes and prints scores, minutes and peak memory, so that every figure has its command.

    measure.py sample [--seeds 42]
        the starter on the sample corpus with default settings

    measure.py reference DATA [--seeds 42 43 44]
        the starter on DATA/{train,dev,test}.conll as the token-classification example of transformers
        trains it: 3 epochs, batch 16, learning rate 5e-5, no warm-up, no weight decay, length 128

Uses the program that `scripts/run` builds; runs go to a temporary folder. Standard library only.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "tagsmith"
PROGRAM = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", CACHE / "target")) / "release" / "tagsmith"

EXAMPLE = {
    "epochs": 3,
    "batch_size": 16,
    "learning_rate": 5e-5,
    "schedule": "linear",
    "warmup_ratio": 0.0,
    "weight_decay": 0.0,
    "max_length": 128,
    "overlap": 32,
    "early_stopping_patience": 0,
}


def corpus(arguments):
    """The files by split, and the settings."""
    if arguments.what == "sample":
        folder, ending, settings = ROOT / "assets/samples/support-tickets", "jsonl", {}
    else:
        folder, ending, settings = pathlib.Path(arguments.data), "conll", EXAMPLE
    files = {split: folder / f"{split}.{ending}" for split in ("train", "dev", "test")}
    return files, settings


def run(files, settings, seed, out):
    """One run. Returns its row of figures, the command's whole time included."""
    config = out.with_suffix(".json")
    config.write_text(json.dumps(settings))
    command = [PROGRAM, "train", "--json", "--model", "starter", "--seed", str(seed)]
    command += ["--config", config, "--out", out]
    for split, path in files.items():
        command += [f"--{split}", path]
    began = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    last = {}
    for line in process.stdout:
        last = json.loads(line)
        if last["event"] == "step" and last["step"] % 50 == 0 and sys.stderr.isatty():
            print(f"  step {last['step']}, {last['eta_seconds']:.0f} s left", end="\r", file=sys.stderr)
    # The kernel's own account of this run.
    _, status, usage = os.wait4(process.pid, 0)
    peak = usage.ru_maxrss * 1024
    if status != 0:
        sys.exit(f"the run failed: {last}")
    report = json.loads((out / "report.json").read_text())
    return {
        "seed": seed,
        "dev F1": report["splits"]["dev"]["metrics"]["overall"]["f1"] * 100,
        "test F1": report["splits"]["test"]["metrics"]["overall"]["f1"] * 100,
        "steps": last["best_step"],
        "seconds": time.monotonic() - began,
        "peak MB": peak / 1e6,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("what", choices=["sample", "reference"])
    parser.add_argument("data", nargs="?")
    parser.add_argument("--seeds", type=int, nargs="+")
    parser.add_argument("--keep", type=pathlib.Path, help="keep the runs in this new folder")
    arguments = parser.parse_args()
    if arguments.what == "reference" and not arguments.data:
        parser.error("name the folder of the data")
    files, settings = corpus(arguments)
    for path in [PROGRAM, *files.values()]:
        if not path.exists():
            sys.exit(f"`{path}` is missing; build the program with scripts/run")
    seeds = arguments.seeds or ([42] if arguments.what == "sample" else [42, 43, 44])
    rows = []
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.keep or pathlib.Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        print("seed  dev F1  test F1  best step  seconds  peak MB")
        for seed in seeds:
            row = run(files, settings, seed, folder / f"seed-{seed}")
            rows.append(row)
            print(
                f"{row['seed']:4}  {row['dev F1']:6.2f}  {row['test F1']:7.2f}  {row['steps']:9}"
                f"  {row['seconds']:7.0f}  {row['peak MB']:7.0f}",
                flush=True,
            )
    if len(rows) > 1:
        mean = {key: statistics.mean(row[key] for row in rows) for key in rows[0]}
        print(
            f"mean  {mean['dev F1']:6.2f}  {mean['test F1']:7.2f}             {mean['seconds']:7.0f}"
            f"  {mean['peak MB']:7.0f}"
        )


if __name__ == "__main__":
    main()

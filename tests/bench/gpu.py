"""Number 8: everything that a GPU is for, against PyTorch and transformers on the same card.

Cold means a card that the program has never seen: the device's test is not remembered and no compiled
kernel is kept. The memory of a child is what the driver says that its process holds on the card.
"""

import json
import pathlib
import subprocess
import tempfile
import threading
import time

from children import environment
from measure import EXAMPLE, PROGRAM

SHAPES = ["bert-base", "minilm"]
BATCHES = ["16x32", "16x128", "32x128"]


class Card:
    """Watches how much of the card's memory this machine's processes hold, in bytes."""

    def __enter__(self):
        self.peak, self.ended = 0, threading.Event()
        self.thread = threading.Thread(target=self.watch, daemon=True)
        self.thread.start()
        return self

    def watch(self):
        query = ["nvidia-smi", "--query-compute-apps=used_memory", "--format=csv,noheader,nounits"]
        while not self.ended.wait(0.2):
            try:
                said = subprocess.run(query, capture_output=True, text=True, timeout=10).stdout
            except (OSError, subprocess.TimeoutExpired):
                return
            held = sum(int(line) for line in said.split() if line.isdigit())
            self.peak = max(self.peak, held << 20)

    def __exit__(self, *_):
        self.ended.set()
        self.thread.join()


def name_of_card():
    query = ["nvidia-smi", "--query-gpu=name,driver_version", "--format=csv,noheader"]
    try:
        return subprocess.run(query, capture_output=True, text=True, timeout=10).stdout.strip() or "unknown"
    except (OSError, subprocess.TimeoutExpired):
        return "unknown"


def gpu(bench):
    options, report = bench.options, bench.report
    report.note(f"card: {name_of_card()}; ours on `{options.device}` in {options.precision}")
    with tempfile.TemporaryDirectory() as caches:
        caches = pathlib.Path(caches)
        devices(bench, caches / "devices")
        first_step(bench, caches / "train")
    steps(bench)
    if options.data is not None:
        whole(bench)
        predict(bench)
    else:
        report.note("no DATA: the whole command and prediction were not measured")


def with_cache(folder):
    """The environment that keeps device tests and kernels in `folder`, and still finds the starter."""
    return {"TAGSMITH_CACHE": str(folder)}


def seconds(command, threads, extra):
    began = time.monotonic()
    subprocess.run(list(map(str, command)), check=True, stdout=subprocess.DEVNULL, env=environment(threads) | extra)
    return time.monotonic() - began


def devices(bench, cache):
    bench.report.head("8. the test of the device")
    command = [PROGRAM, "devices", "--json"]
    cold = seconds([*command, "--check"], bench.options.threads, with_cache(cache))
    bench.report.row("devices --check, cold", cold, [], "<= 10", "s")
    remembered = seconds(command, bench.options.threads, with_cache(cache))
    bench.report.row("devices, remembered", remembered, [], "<= 1", "s")


def first_step(bench, cache):
    """From the command to the first `step` event: on a card never seen, then again."""
    bench.report.head("8. from `train` to the first step")
    for name, goal in [("cold", "<= 15"), ("warm", "<= 3")]:
        out = bench.folder / f"first-{name}"
        command = training(bench, out, bench.options.precision)
        process = subprocess.Popen(
            list(map(str, command)),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=environment(bench.options.threads) | with_cache(cache),
        )
        began, took = time.monotonic(), None
        for line in process.stdout:
            if json.loads(line)["event"] == "step":
                took = time.monotonic() - began
                break
        process.kill()
        process.wait()
        if took is None:
            raise SystemExit("error: the run ended before its first step")
        bench.report.row(f"first step, {name}", took, [], goal, "s")


def training(bench, out, precision):
    """The command of WNUT-17's three epochs, or of the sample corpus where no data is given."""
    settings = bench.folder / f"{out.name}.json"
    wanted = EXAMPLE | {"device": bench.options.device, "precision": precision}
    settings.write_text(json.dumps(wanted))
    command = [PROGRAM, "train", "--json", "--model", bench.starter(), "--config", settings, "--out", out]
    sample = pathlib.Path(__file__).resolve().parents[2] / "assets" / "samples" / "support-tickets"
    for split in ("train", "dev", "test"):
        file = sample / f"{split}.jsonl" if bench.options.data is None else bench.data(split)
        command += [f"--{split}", file]
    return command


def steps(bench):
    options, report = bench.options, bench.report
    for shape in SHAPES:
        report.head(f"8. training step, `{shape}`, {options.precision}, eager PyTorch with autocast")
        for batch in BATCHES:
            common = [*bench.subject(shape), "--repetitions", max(options.repetitions, 20)]
            times, peaks = ([], []), ([], [])
            for _ in range(options.rounds):
                with Card() as card:
                    found, _ = bench.ours("--only", "train", "--batches", batch, *common)
                times[0].extend(found["parts"][0]["times_ms"])
                peaks[0].append(card.peak / 1e6)
                with Card() as card:
                    theirs = bench.peer("pytorch_step.py", "--batch", batch, *common, *bench.on_card())
                times[1].extend(theirs.json["times_ms"])
                peaks[1].append(card.peak / 1e6)
            report.row(f"{batch}, median", *times, "<= 0.7", "ms")
            report.row(f"{batch}, least", min(times[0]), min(times[1]), unit="ms")
            report.row(f"{batch}, memory of the card", *peaks, "<= 0.7", "MB")


def whole(bench):
    options, report = bench.options, bench.report
    report.head("8. WNUT-17 from command to model, 3 epochs, batch 16")
    script = pathlib.Path(__file__).resolve().parents[1] / "reference" / "hf_example.py"
    files = [bench.data(split) for split in ("train", "dev", "test")]
    theirs = bench.run(bench.python, script, bench.starter(), *files, "--seed", 42, *bench.on_card())
    with tempfile.TemporaryDirectory() as cache:
        for name, goal in [("cold", "<= 25"), ("warm", "<= 12")]:
            out = bench.folder / f"whole-{name}"
            command = training(bench, out, options.precision)
            took = seconds(command, options.threads, with_cache(cache))
            report.row(f"whole command, {name}", took, theirs.seconds, unit=f"s (goal {goal} s)")
    scores = json.loads((out / "report.json").read_text())["splits"]["test"]["metrics"]["overall"]
    their_f1 = [float(line.split("F1 ")[1]) * 100 for line in theirs.lines if line.startswith("test: pre")]
    report.row("test F1", scores["f1"] * 100, their_f1)
    bench.model = bench.model or out / "model"


def predict(bench):
    found, texts, _ = bench.prepare()
    bench.report.head(f"8. {len(found)} sentences at batch 32, sentences a second")
    ours, theirs = [], []
    extra = ["--precision", bench.options.precision]
    for _ in range(bench.options.rounds):
        ended = bench.run(*bench.tag("--batch-size", 32, *extra, texts))
        assert len(ended.lines) == len(found)
        ours.append(len(found) / max(ended.seconds - bench.first_answer(extra), 1e-9))
        peer = bench.peer("pipeline.py", bench.model, texts, "--singles", 0, *bench.on_card())
        theirs.append(len(found) / peer.json["seconds"])
    bench.report.row("transformers pipeline", ours, theirs, ">= 6", "/s, without start")

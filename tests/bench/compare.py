"""Compares Tagsmith with its peers: ours and theirs by turns, so that both see the same machine.

    tests/bench/run step             1  a training step against PyTorch: time and peak memory
    tests/bench/run wnut DATA        2  a whole fine-tuning against the example of transformers
    tests/bench/run predict DATA     3  sentences a second against the pipeline and ONNX Runtime
    tests/bench/run latency DATA     3  one sentence at a time against the same
    tests/bench/run share            4  the share of the machine's matrix-product peak
    tests/bench/run start DATA       5  from process start to the first answer
    tests/bench/run growth           6  memory over 2,000 training steps
    tests/bench/run all DATA            all of them
    tests/bench/run data FILE        7  reading and checking a large file against Hugging Face `datasets`
    tests/bench/run gpu [DATA]       8  all of it on a GPU: --device cuda:0 --precision bf16
    tests/bench/run f1 DATA…         9  the F1 of whole fine-tunings on little data; `run f1 --help`

DATA is a folder with train.conll, dev.conll and test.conll; FILE has JSON lines with `text` and `entities`. A ratio is ours over theirs: below 1 is
less time or less memory, but for sentences a second, where above 1 is faster. Uses the program that
`scripts/run` builds; models and runs go to a temporary folder.
"""

import argparse
import json
import os
import pathlib
import signal
import statistics
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "measure"))

import f1
from children import Conversation, Failed, run
from gpu import gpu
from measure import CACHE, EXAMPLE, PROGRAM

PYTHON = sys.executable
WHAT = ["step", "wnut", "predict", "latency", "share", "start", "growth"]
NEEDS_DATA = {"wnut", "predict", "latency", "start"}
# What the project asks of itself: time and memory of a step, by shape.
STEP_GOALS = {"minilm": (0.8, 0.5), "bert-base": (0.9, 0.7)} | dict.fromkeys(
    ["distilbert-base", "roberta-base", "deberta-v3-base", "modernbert-base"], (0.9, 0.9)
)


class Report:
    """Rows of the table as they come, and all of them as JSON in the end."""

    def __init__(self):
        self.rows = []

    def head(self, title):
        print(f"\n{title}\n{'':44}  {'ours':>10}  {'theirs':>10}  {'ratio':>6}  goal", flush=True)

    def row(self, what, ours, theirs, goal="", unit=""):
        """A comparison; `goal` is a bound such as `<= 0.8`. Each side is a list of measurements."""
        ours, theirs = as_list(ours), as_list(theirs)
        mine, other = statistics.median(ours), statistics.median(theirs) if theirs else None
        ratio = mine / other if other else None
        shown = [f"{mine:10.4g}", f"{other:10.4g}" if theirs else " " * 10, f"{ratio:6.2f}" if ratio else " " * 6]
        met = ""
        if goal:
            sign, bound = goal.split()
            value = mine if ratio is None else ratio
            met = "  met" if (value <= float(bound) if sign == "<=" else value >= float(bound)) else "  MISSED"
        print(f"{what:44}  {'  '.join(shown)}  {goal}{met}  {unit}".rstrip(), flush=True)
        self.rows.append({"what": what, "unit": unit, "ours": ours, "theirs": theirs, "ratio": ratio, "goal": goal})

    def note(self, text):
        print(f"  {text}", flush=True)
        self.rows.append({"note": text})


def as_list(values):
    return list(values) if isinstance(values, (list, tuple)) else [values]


def quantile(values, share):
    """The value below which that share lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(share * (len(ordered) - 1)))]


def sentences(path):
    """The sentences of a CoNLL file, words joined by spaces. A line of white space ends one, too."""
    words = []
    for line in [*path.read_text(encoding="utf-8").split("\n"), ""]:
        columns = line.split()
        if columns and columns[0] != "-DOCSTART-":
            words.append(columns[0])
        elif words:
            yield " ".join(words)
            words = []


class Bench:
    def __init__(self, options, folder):
        self.options, self.folder, self.report = options, folder, Report()
        self.model = options.model
        self.prepared = None
        self.python = options.peer_python

    def run(self, *command):
        return run(command, self.options.threads)

    def ours(self, *arguments):
        """`tagsmith bench`, its results parsed, and the child itself."""
        where = ["--device", self.options.device, "--precision", self.options.precision]
        where += ["--moments", self.options.moments]
        ended = self.run(PROGRAM, "bench", "--json", *where, *arguments)
        return json.loads("".join(ended.lines)), ended

    def peer(self, script, *arguments):
        return self.run(self.python, HERE / script, *arguments, "--threads", self.options.threads)

    def on_card(self):
        """Where and in how many bits a peer computes."""
        device = "cpu" if self.options.device == "cpu" else "cuda"
        return ["--device", device, "--precision", self.options.precision]

    # 1

    def step(self):
        for shape in self.options.shapes:
            self.report.head(f"1. training step, `{shape}`, {self.options.precision}, dropout 0.1, {self.options.threads} threads")
            time_goal, memory_goal = STEP_GOALS.get(shape, (1, 1))
            for batch in self.options.batches:
                common = [*self.subject(shape), "--repetitions", self.options.repetitions]
                times, peaks = ([], []), ([], [])
                for _ in range(self.options.rounds):
                    found, _ = self.ours("--only", "train", "--batches", batch, *common)
                    times[0].extend(found["parts"][0]["times_ms"])
                    peaks[0].append(found["parts"][0]["memory"]["peak_bytes"] / 1e6)
                    theirs = self.peer("pytorch_step.py", "--batch", batch, *common, *self.on_card())
                    times[1].extend(theirs.json["times_ms"])
                    peaks[1].append(theirs.peak / 1e6)
                self.report.row(f"{batch}, median", *times, f"<= {time_goal}", "ms")
                self.report.row(f"{batch}, least", min(times[0]), min(times[1]), unit="ms")
                self.report.row(f"{batch}, peak memory", *peaks, f"<= {memory_goal}", "MB")

    def subject(self, shape):
        """Both sides load the starter where it is meant and there; else they draw random weights."""
        is_starter = shape == "minilm" and (self.starter() / "model.safetensors").exists()
        return ["--model", self.starter()] if is_starter else ["--shape", shape]

    # 2

    def wnut(self):
        self.report.head("2. from command to model, 3 epochs, batch 16, seeds " + " ".join(map(str, self.options.seeds)))
        ours, theirs = [], []
        for seed in self.options.seeds:
            out = self.folder / f"run-{seed}"
            ours.append(self.train(out, seed))
            if self.options.model is None:
                self.model = out / "model"
            files = [self.data(split) for split in ("train", "dev", "test")]
            script = HERE.parent / "reference" / "hf_example.py"
            theirs.append(self.run(PYTHON, script, self.starter(), *files, "--seed", seed))
        score = lambda out: json.loads((out / "report.json").read_text())["splits"]["test"]["metrics"]["overall"]["f1"]
        our_f1 = [score(self.folder / f"run-{seed}") * 100 for seed in self.options.seeds]
        their_f1 = [float(line.split("F1 ")[1]) * 100 for e in theirs for line in e.lines if line.startswith("test: pre")]
        self.report.row("whole command", [e.seconds for e in ours], [e.seconds for e in theirs], "<= 0.45", "s")
        memory = [[e.peak / 1e6 for e in ended] for ended in (ours, theirs)]
        self.report.row("peak memory", *memory, "<= 0.5", "MB")
        self.report.row("test F1", our_f1, their_f1)

    def train(self, out, seed, epochs=EXAMPLE["epochs"]):
        settings = self.folder / f"{out.name}.json"
        settings.write_text(json.dumps(EXAMPLE | {"epochs": epochs, "device": self.options.device}))
        command = [PROGRAM, "train", "--json", "--model", self.starter(), "--seed", seed, "--config", settings]
        for split in ("train", "dev", "test"):
            command += [f"--{split}", self.data(split)]
        return self.run(*command, "--out", out)

    def starter(self):
        """all-MiniLM-L6-v2, where `scripts/fetch-starter` puts it."""
        return CACHE / "models" / "starter"

    def data(self, split):
        return self.options.data / f"{split}.conll"

    # 3 and 5

    def prepare(self):
        """The model, its ONNX files and the sentences that numbers 3 and 5 need."""
        if self.prepared:
            return self.prepared
        if self.model is None:
            print("\nfine-tuning a model to predict with, one epoch …", flush=True)
            self.train(self.folder / "tagger", 42, epochs=1)
            self.model = self.folder / "tagger" / "model"
        texts = self.folder / "texts.txt"
        found = [text for split in ("test", "dev", "train") for text in sentences(self.data(split))]
        found = found[: self.options.sentences]
        texts.write_text("\n".join(found) + "\n", encoding="utf-8")
        exported = self.folder / "onnx"
        said = self.run(PYTHON, HERE / "onnx_export.py", self.model, exported)
        print(f"\n{len(found)} sentences, {sum(map(len, found)) / len(found):.0f} characters on average")
        print(f"exported to ONNX: {said.lines[-1].strip()}")
        self.prepared = found, texts, exported
        return self.prepared

    def tag(self, *arguments):
        return [PROGRAM, "tag", "--model", self.model, "--device", self.options.device, *arguments]

    def programs(self):
        """Ours and theirs by precision: our extra arguments, and the peers with their goals."""
        _, texts, exported = self.prepare()
        pipeline = ("transformers pipeline", "pipeline.py", [self.model, texts], ">= 4")
        onnx = lambda kind: (
            f"ONNX Runtime {kind}",
            "onnx_runtime.py",
            [self.model, texts, "--onnx", exported / f"{kind}.onnx"],
            ">= 1",
        )
        yield "f32", [], [pipeline, onnx("f32")]
        try:
            self.run(*self.tag("--precision", "int8", os.devnull))
        except Failed as failure:
            if failure.code != 2:
                raise
            self.report.note("this program has no --precision int8: ONNX Runtime's int8 is compared with our f32")
            yield "f32", [], [onnx("int8")[:3] + ("",)]
        else:
            yield "int8", ["--precision", "int8"], [onnx("int8")]

    def predict(self):
        found, texts, _ = self.prepare()
        self.report.head(f"3. {len(found)} sentences at batch 32, sentences a second")
        for precision, extra, peers in self.programs():
            for name, script, arguments, goal in peers:
                whole, without, peaks = ([], []), ([], []), ([], [])
                for _ in range(self.options.rounds):
                    ours = self.run(*self.tag("--batch-size", 32, *extra, texts))
                    assert len(ours.lines) == len(found)
                    start = self.first_answer(extra)
                    whole[0].append(len(found) / ours.seconds)
                    without[0].append(len(found) / max(ours.seconds - start, 1e-9))
                    peaks[0].append(ours.peak / 1e6)
                    theirs = self.peer(script, *arguments, "--singles", 0)
                    whole[1].append(len(found) / theirs.seconds)
                    without[1].append(len(found) / theirs.json["seconds"])
                    peaks[1].append(theirs.peak / 1e6)
                self.report.row(f"{precision} · {name}", *without, goal, "/s, without start")
                self.report.row(f"{precision} · {name}", *whole, unit="/s, start included")
                self.report.row(f"{precision} · {name}", *peaks, unit="MB at most")

    def first_answer(self, extra):
        """Seconds from the start of `tag --stream` to its first answer."""
        found, _, _ = self.prepare()
        talk = Conversation(self.tag("--stream", *extra), self.options.threads)
        talk.ask(found[0])
        took = time.monotonic() - talk.began
        talk.end()
        return took

    def latency(self):
        found, _, _ = self.prepare()
        singles = found[: self.options.singles]
        self.report.head(f"3. one sentence at a time, {len(singles)} of them")
        for precision, extra, peers in self.programs():
            for name, script, arguments, _ in peers:
                times = ([], [])
                for _ in range(self.options.rounds):
                    talk = Conversation(self.tag("--stream", *extra), self.options.threads)
                    for text in found[:6]:
                        talk.ask(text)
                    times[0].extend(talk.ask(text) for text in singles)
                    talk.end()
                    theirs = self.peer(script, *arguments, "--singles", len(singles), "--batch-size", 0)
                    times[1].extend(theirs.json["singles_ms"])
                for label, share in [("p50", 0.5), ("p95", 0.95)]:
                    both = [quantile(side, share) for side in times]
                    self.report.row(f"{precision} · {name}, {label}", *both, unit="ms")

    def start(self):
        self.prepare()
        self.report.head("5. from process start to the first answer")
        for precision, extra, peers in self.programs():
            for name, script, arguments, _ in peers:
                times = ([], [])
                for _ in range(max(self.options.rounds, 3)):
                    times[0].append(self.first_answer(extra) * 1e3)
                    times[1].append(self.peer(script, *arguments, "--only-start").first * 1e3)
                self.report.row(f"{precision} · {name}", *times, unit="ms")

    # 4

    def share(self):
        self.report.head("4. share of the machine's measured matrix-product peak")
        for shape in self.options.shapes:
            shares, speeds, peaks = [], [], []
            for _ in range(self.options.rounds):
                only = ["--only", "product,train", "--batches", "32x128", *self.subject(shape)]
                found, _ = self.ours(*only, "--repetitions", self.options.repetitions)
                step = found["parts"][-1]
                shares.append(step["share_of_peak"])
                speeds.append(step["gflops"])
                peaks.append(found["peak_gflops"])
            self.report.row(f"{shape}, training step 32x128", shares, [], ">= 0.7")
            self.report.row(f"{shape}, step and peak", speeds, [], unit=f"GFLOP/s of {statistics.median(peaks):.0f}")

    # 6

    def growth(self):
        steps = self.options.steps
        self.report.head(f"6. memory over {steps} training steps of 16 typical sentences, MB")
        found, _ = self.ours("--only", "growth", "--steps", steps, *self.subject(self.options.shapes[0]))
        part = found["parts"][0]
        for look in part["course"]:
            self.report.row(f"after step {look['step']}", look["bytes"] / 1e6, [], unit="MB")
        early, late = part["course"][0]["bytes"], part["course"][-1]["bytes"]
        self.report.row("last over first", late / early, [], "<= 1.05")
        self.report.row("peak memory", part["memory"]["peak_bytes"] / 1e6, [], unit="MB")

    # 7

    def check(self):
        file = self.options.data
        megabytes = file.stat().st_size / 1e6
        with file.open("rb") as lines:
            documents = sum(1 for _ in lines)
        self.report.head(f"7. {documents} documents, {megabytes:.0f} MB of JSON lines, to the end of the process")
        model = ["--model", self.model or self.starter()]
        parts = [
            ("check · load", [], ["--only-load"]),
            ("check · load and tokenise", [], []),
            ("check with --model · load and tokenise", model, []),
        ]
        for name, extra, less in parts:
            ours, theirs = [], []
            for _ in range(self.options.rounds):
                ours.append(self.run(PROGRAM, "data", "check", "--json", *extra, file))
                theirs.append(self.peer("datasets_load.py", file, *model, *less))
                assert theirs[-1].json["documents"] == documents
            seconds = [[ended.seconds for ended in side] for side in (ours, theirs)]
            self.report.row(name, *seconds, "<= 1", "s")
            self.report.row(name, *([documents / s for s in side] for side in seconds), unit="documents/s")
            self.report.row(name, *([megabytes / s for s in side] for side in seconds), unit="MB/s")
            peaks = [[ended.peak / 1e6 for ended in side] for side in (ours, theirs)]
            self.report.row(name, *peaks, "<= 1", "MB at most")


def parse():
    parser = argparse.ArgumentParser(
        prog="tests/bench/run", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=[*WHAT, "all", "data", "gpu"])
    parser.add_argument("data", type=pathlib.Path, nargs="?", help="a folder with {train,dev,test}.conll, or a file")
    parser.add_argument("--model", type=pathlib.Path, help="a trained model, instead of training one on DATA")
    parser.add_argument("--shapes", nargs="+", default=["minilm", "bert-base"])
    parser.add_argument("--batches", nargs="+", default=["16x32", "32x32", "16x128"])
    parser.add_argument("--rounds", type=int, default=3, help="turns of ours and theirs")
    parser.add_argument("--repetitions", type=int, default=5, help="steps that are timed in each turn")
    parser.add_argument("--seeds", type=int, nargs="+", default=[42], help="of number 2")
    parser.add_argument("--sentences", type=int, default=2000)
    parser.add_argument("--singles", type=int, default=200)
    parser.add_argument("--steps", type=int, default=2000, help="of number 6")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--device", default="cpu", help="ours; number 8 puts the peers on CUDA")
    parser.add_argument("--precision", default="f32", choices=["f32", "bf16", "f16"], help="of numbers 1 and 8, both sides")
    parser.add_argument("--moments", default="f32", choices=["f32", "bf16"], help="of numbers 1 and 6, ours alone")
    parser.add_argument("--peer-python", default=PYTHON, help="a Python whose PyTorch knows CUDA, for number 8")
    parser.add_argument("--out", type=pathlib.Path, help="write all figures to this file as JSON")
    parser.add_argument("--keep", type=pathlib.Path, help="keep models and runs in this new folder")
    options = parser.parse_args()
    options.wanted = WHAT if options.what == "all" else [options.what]
    if options.what == "data":
        if options.data is None or not options.data.is_file():
            parser.error("name a file of JSON lines; README.md says how to make a large one")
        options.wanted = ["check"]
    if options.what == "gpu" and options.device == "cpu":
        parser.error("name the device, such as --device cuda:0")
    if NEEDS_DATA & set(options.wanted):
        if options.data is None:
            parser.error("name the folder of the data")
        for split in ("train", "dev", "test"):
            if not (options.data / f"{split}.conll").exists():
                parser.error(f"`{options.data}` holds no {split}.conll")
    if not PROGRAM.exists():
        parser.error(f"`{PROGRAM}` is missing; build it with scripts/run")
    trains = "wnut" in options.wanted or (NEEDS_DATA & set(options.wanted) and options.model is None)
    if trains and not (CACHE / "models" / "starter" / "model.safetensors").exists():
        parser.error("the starter model is missing; scripts/fetch-starter brings it")
    return options


def main():
    options = parse()
    # As an interrupt does: what is temporary goes.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with tempfile.TemporaryDirectory() as temporary:
        folder = (options.keep or pathlib.Path(temporary)).resolve()
        folder.mkdir(parents=True, exist_ok=options.keep is None)
        bench = Bench(options, folder)
        load = os.getloadavg()[0]
        print(f"{os.cpu_count()} cores, {options.threads} threads, load {load:.1f} at the start")
        if load > 0.5:
            print("the machine is busy: PyTorch's threads wait in a loop and suffer more than ours, so neither")
            print("times nor ratios are worth keeping")
        try:
            for what in options.wanted:
                gpu(bench) if what == "gpu" else getattr(bench, what)()
        except Failed as failure:
            sys.exit(f"error: {failure}")
        finally:
            if options.out:
                options.out.write_text(json.dumps(bench.report.rows, indent=1) + "\n")


if __name__ == "__main__":
    f1.main(sys.argv[2:]) if sys.argv[1:2] == ["f1"] else main()

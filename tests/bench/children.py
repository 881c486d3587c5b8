"""Runs a program to its end and tells its time, its peak of memory and what it printed.

Standard library only: what a child is started from counts towards its own peak.
"""

import json
import os
import queue
import subprocess
import sys
import threading
import time
from dataclasses import dataclass

# The kernel counts kilobytes on Linux and bytes on macOS.
RSS_UNIT = 1 if sys.platform == "darwin" else 1024


@dataclass
class Ended:
    """What is known of a child that did its work."""

    lines: list
    seconds: float
    """From its start to its end."""
    first: float
    """From its start to its first line."""
    peak: int
    """The most memory that it or a child of its own held, in bytes."""
    processor: float
    """Seconds that processors worked for it."""

    @property
    def json(self):
        return json.loads(self.lines[-1])


class Failed(Exception):
    """The child ended otherwise than with 0."""

    def __init__(self, command, code, said):
        super().__init__(f"`{' '.join(map(str, command))}` ended with {code}: {said.strip()[-2000:]}")
        self.code = code


def environment(threads):
    count = str(threads)
    return os.environ | {
        "OMP_NUM_THREADS": count,
        "MKL_NUM_THREADS": count,
        "RAYON_NUM_THREADS": count,
        "TOKENIZERS_PARALLELISM": "true",
    }


def run(command, threads):
    """Runs a command; its errors go into the exception, its warnings nowhere."""
    began = time.monotonic()
    process = subprocess.Popen(
        list(map(str, command)),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(threads),
    )
    said = queue.Queue()
    threading.Thread(target=lambda: said.put(process.stderr.read()), daemon=True).start()
    lines, first = [], 0.0
    try:
        for line in process.stdout:
            first = first or time.monotonic() - began
            lines.append(line)
        # The kernel's own account of this child.
        _, status, usage = os.wait4(process.pid, 0)
    except BaseException:
        # Whoever is ended while it waits does not leave a child at work.
        process.kill()
        raise
    seconds = time.monotonic() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise Failed(command, process.returncode, said.get())
    return Ended(lines, seconds, first, usage.ru_maxrss * RSS_UNIT, usage.ru_utime + usage.ru_stime)


class Conversation:
    """A child that answers each line before it reads the next."""

    def __init__(self, command, threads):
        self.began = time.monotonic()
        self.process = subprocess.Popen(
            list(map(str, command)),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            bufsize=1,
            env=environment(threads),
        )

    def ask(self, text):
        """Milliseconds from a request to its answer."""
        began = time.perf_counter()
        self.process.stdin.write(json.dumps({"text": text}) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        took = (time.perf_counter() - began) * 1e3
        if "entities" not in json.loads(answer or "{}"):
            raise SystemExit(f"error: no answer but {answer!r}")
        return took

    def end(self):
        self.process.stdin.close()
        _, status, usage = os.wait4(self.process.pid, 0)
        self.process.returncode = os.waitstatus_to_exitcode(status)
        return usage.ru_maxrss * RSS_UNIT

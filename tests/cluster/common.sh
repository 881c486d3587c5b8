# shellcheck shell=bash
# What the tests of schedulers share: a folder, an input, the program's arguments. Sourced, never run.

program=$(realpath "${1:?usage: $0 PATH/TO/tagsmith}")
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
fixtures=$root/src-tauri/crates/encoder/tests/fixtures/tiny
here=$(mktemp -d /tmp/tagsmith-cluster.XXXXXX)
cd "$here" || exit
mkdir log
export TAGSMITH_HOME=$here/home

say() { printf '\n== %s\n' "$*"; }
fail() {
    printf 'FAILED: %s (see %s)\n' "$*" "$here" >&2
    exit 1
}

# Waits until a command succeeds. $1: seconds, the rest the command.
wait_for() {
    local end=$((SECONDS + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        [ $SECONDS -lt $end ] || fail "waited in vain for: $*"
        sleep 0.2
    done
}

python3 - <<'PY'
import random
random.seed(1)
words = "EU Oslo Anna Berg the port of won in at ship to and from".split()
with open("input.txt", "w") as file:
    for _ in range(120_000):
        file.write(" ".join(random.choices(words, k=random.randint(3, 40))) + "\n")
PY
# One thread and small batches, so that a shard takes long enough to be killed in.
export RAYON_NUM_THREADS=1
# shellcheck disable=SC2034  # the scripts that source this use it
tag=("$program" tag --model "$fixtures/bert-token-classification" --device cpu --batch-size 2)

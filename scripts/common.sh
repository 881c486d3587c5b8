# shellcheck shell=bash
# What the other scripts share: the places, the messages. Sourced, never run.

# shellcheck disable=SC2034  # the scripts that source this use it
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# The build cache lies outside the clone, so that a second clone builds quickly.
CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/tagsmith/target}
case $CARGO_TARGET_DIR in
    /*) ;;
    *) CARGO_TARGET_DIR=$PWD/$CARGO_TARGET_DIR ;;
esac
export CARGO_TARGET_DIR

# Clones share the cache, and cargo tells their crates apart by the age of the files alone: what
# another clone built last could pass for this one's. So a clone that takes over makes its own young.
claim_cache() {
    local mark=$CARGO_TARGET_DIR/.clone
    [ "$(cat "$mark" 2>/dev/null)" = "$root" ] && return
    mkdir -p "$CARGO_TARGET_DIR"
    find "$root/src-tauri" -name '*.rs' -exec touch {} +
    printf '%s\n' "$root" >"$mark"
}

# Mesa's Vulkan driver that plays a GPU on the processor: its description, where it is installed.
software_vulkan() { compgen -G '/usr/share/vulkan/icd.d/lvp_icd*.json' | head -n1; }

# The window's page is built into the program, so it comes first. Only what changed is built again.
build_window_page() {
    (
        cd "$root/ui" || exit
        # A clone whose packages already are those of the lock file needs no network.
        if [ ! node_modules/.package-lock.json -nt package-lock.json ]; then
            npm ci --no-audit --no-fund || exit
        fi
        # Folders are looked at too: what was deleted makes them young. Cargo alone leaves a page that
        # says that it is none, without assets.
        if [ ! -d dist/assets ] || [ -n "$(find src index.html package-lock.json vite.config.ts ../assets/samples \
            -newer dist/index.html -print -quit)" ]; then
            npm run build || exit
        fi
    ) >&2
}

# Both programs in one call: alone, each would ask for other features of shared packages, and burn
# would be built twice. $1: the GPU's runtimes, such as `vulkan` or `cuda,vulkan`; none by default.
build_programs() {
    local gpu=${1:-} features=()
    # Each belongs to the command's crate.
    [ -z "$gpu" ] || features=(--features "tagsmith-cli/${gpu//,/,tagsmith-cli/}")
    cargo build --release --locked --workspace "${features[@]}" --manifest-path "$root/Cargo.toml" >&2
}

# What drives the real window in tests; built once into the cache, in a minute or two.
use_tauri_driver() {
    local tools=${XDG_CACHE_HOME:-$HOME/.cache}/tagsmith/tools
    PATH=$PATH:$tools/bin
    command -v tauri-driver >/dev/null && return
    say "building tauri-driver into $tools"
    cargo install --quiet --locked --version 2.1.0 --root "$tools" tauri-driver ||
        fail "tauri-driver could not be built" "see the messages of cargo above"
}

# Messages go to standard error: standard output belongs to the program that is run.
say() { printf '%s\n' "$*" >&2; }

fail() {
    printf 'error: %s\n' "$1" >&2
    shift
    local hint
    for hint in "$@"; do printf 'hint: %s\n' "$hint" >&2; done
    exit 1
}

"""Writes empty stand-ins for the CUDA libraries that torch's Linux wheel links, into this environment.

The registry's only Linux wheel of torch is the CUDA build. It needs about 3 GB of CUDA libraries to
be *loaded*, though nothing here ever *calls* them. So each one becomes a shared library that defines
the names torch asks for, every one of them a trap: a call that should not happen ends the process
instead of returning nonsense. Only the CUDA runtime and CUPTI stay real (25 MB packed), because
torch's libraries register with them while they load. Needs `cc` and `readelf`.
"""

import re
import subprocess
import sys
import sysconfig
import tempfile
from collections import defaultdict
from pathlib import Path

SITE = Path(sysconfig.get_paths()["purelib"])
TORCH = SITE / "torch" / "lib"
# torch's libraries look here first, and it is where the real ones would lie.
TARGET = SITE / "nvidia" / "cu13" / "lib"
REAL = ("libcudart", "libcupti", "libcuda.")
CUDA_LIBRARY = re.compile(r"lib(cu|nccl|nvrtc|nvshmem|nvJitLink)")
# Which library a name belongs to where the symbol carries no version.
PREFIXES = {
    "cublasLt": "libcublasLt",
    "cublas": "libcublas.",
    "cudnn": "libcudnn",
    "cusparseLt": "libcusparseLt",
    "cusparse": "libcusparse.",
    "cufft": "libcufft.",
    "cuFile": "libcufile",
    "nccl": "libnccl",
    "pnccl": "libnccl",
    "nvrtc": "libnvrtc",
    "nvshmem": "libnvshmem_host",
}


def readelf(*arguments):
    return subprocess.run(["readelf", "-W", *arguments], check=True, capture_output=True, text=True).stdout


def needed(library):
    return re.findall(r"NEEDED.*\[(.+)\]", readelf("-d", str(library)))


def undefined(library):
    """The names that a library imports, each with its version or an empty string."""
    for line in readelf("--dyn-syms", str(library)).splitlines():
        fields = line.split()
        if len(fields) >= 8 and fields[6] == "UND":
            name, _, version = fields[7].partition("@")
            yield name, version.lstrip("@")


def owner(name, stubs):
    for prefix, library in PREFIXES.items():
        if name.startswith(prefix):
            return next((s for s in stubs if s.startswith(library)), None)
    return None


def build(soname, names):
    """`names`: version → symbols. A version is a node of the linker's version script."""
    symbols = sorted({n for group in names.values() for n in group})
    nodes = [
        f"{version} {{ global: {'; '.join(sorted(group))}; }};" if version else ""
        for version, group in names.items()
    ]
    with tempfile.TemporaryDirectory() as folder:
        source, script = Path(folder, "stub.c"), Path(folder, "versions")
        source.write_text("".join(f"void {s}(void) {{ __builtin_trap(); }}\n" for s in symbols))
        script.write_text("\n".join(nodes))
        versions = [f"-Wl,--version-script={script}"] if any(nodes) else []
        subprocess.run(
            ["cc", "-shared", "-fPIC", "-w", "-fno-builtin", str(source), f"-Wl,-soname,{soname}"]
            + versions + ["-o", str(TARGET / soname)],
            check=True,
        )


def main():
    libraries = sorted(TORCH.glob("lib*.so*"))
    if sys.platform != "linux" or not any(lib.name == "libtorch_cuda.so" for lib in libraries):
        return
    stubs = {
        n for lib in libraries for n in needed(lib) if CUDA_LIBRARY.match(n) and not n.startswith(REAL)
    }
    names = {stub: defaultdict(set) for stub in stubs}
    for library in libraries:
        for name, version in undefined(library):
            stub = owner(name, stubs)
            if stub:
                names[stub][version].add(name)
    TARGET.mkdir(parents=True, exist_ok=True)
    for stub in sorted(stubs):
        build(stub, names[stub])
    print(f"{len(stubs)} CUDA libraries stubbed in {TARGET}")


if __name__ == "__main__":
    main()

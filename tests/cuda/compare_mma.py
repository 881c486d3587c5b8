#!/usr/bin/env python3
"""Compares our mma.h with NVIDIA's: the same kernels must become the same instructions on the same values.

    compare_mma.py NVRTC HEADERS

NVRTC is a `libnvrtc.so.12` or `.13`, HEADERS a folder with NVIDIA's headers, `crt/mma.h` among them.
A kernel for each shape, type and layout is compiled with both. Of the PTX the values that each store
writes are written out as terms over what was loaded, registers and order aside, and those terms are
compared; so are the registers' places within an instruction. No card is needed.
"""

import ctypes
import hashlib
import itertools
import re
import sys
import tempfile
from pathlib import Path

OURS = Path(__file__).resolve().parents[2] / "src-tauri/crates/encoder/src/device/cuda/mma.h"
SHAPES = [(16, 16, 16), (8, 32, 16), (32, 8, 16)]
# The type of the factors, as which it lies in memory, the type of the sums, the shapes.
TYPES = [
    ("__half", "__half", "__half", SHAPES),
    ("__half", "__half", "float", SHAPES),
    ("__nv_bfloat16", "__nv_bfloat16", "float", SHAPES),
    ("precision::tf32", "float", "float", [(16, 16, 8)]),
]

KERNEL = """#include <mma.h>
using namespace nvcuda::wmma;
extern "C" __global__ void k({stored}* a, {stored}* b, {sums}* c, __half* out) {{
  fragment<matrix_a, {shape}, {factors}, {of_a}_major> x;
  fragment<matrix_b, {shape}, {factors}, {of_b}_major> y;
  fragment<accumulator, {shape}, {sums}> d, z;
  load_matrix_sync(x, a, 64);
  load_matrix_sync(y, b, 64);
  load_matrix_sync(d, c, 64, mem_{of_c}_major);
  fill_fragment(z, {sums}(0.5f));
  mma_sync(z, x, y, z);
  mma_sync(d, x, y, d);
  store_matrix_sync(c, d, 64, mem_{of_c}_major);
  for (int t = 0; t < d.num_elements; t++) c[4096 + t] = z.x[t];
  {cast}
}}
"""
# A sum in f32 given on in f16, as cubecl does it.
CAST = """fragment<accumulator, {shape}, __half> e;
  for (int t = 0; t < d.num_elements; t++) e.x[t] = __half(d.x[t]);
  store_matrix_sync(out, e, 64, mem_{of_c}_major);"""


def ptx(library, source: str, options: list[str]) -> str:
    program, size = ctypes.c_void_p(), ctypes.c_size_t()
    library.nvrtcCreateProgram(ctypes.byref(program), source.encode(), None, 0, None, None)
    array = (ctypes.c_char_p * len(options))(*(option.encode() for option in options))
    code = library.nvrtcCompileProgram(program, len(options), array)
    ask = (
        (library.nvrtcGetProgramLogSize, library.nvrtcGetProgramLog)
        if code
        else (library.nvrtcGetPTXSize, library.nvrtcGetPTX)
    )
    ask[0](program, ctypes.byref(size))
    text = ctypes.create_string_buffer(size.value)
    ask[1](program, text)
    if code:
        sys.exit(f"error: does not compile\n{text.value.decode()}\n{source}")
    return text.value.decode()


def stored(text: str) -> set[tuple]:
    """Each store with its values as terms. Addresses are left out: they differ in their state space."""
    values: dict[str, str] = {}
    stores = set()
    for line in text.splitlines():
        line = line.split("//")[0].strip().rstrip(";").strip()
        operation, _, rest = line.partition(" ")
        if not rest or operation.startswith((".", "{", "}", "$", "@", "cvta", "ld.param")):
            continue
        operation = re.sub(r"\.(global|[bu](16|32))", "", operation)
        rest = re.sub(r"\[[^]]*\]", "", rest)
        groups = [
            [part.strip() for part in group.strip("{}").split(",")] for group in re.findall(r"\{[^}]*\}|[^,\s]+", rest)
        ]
        if operation.startswith(("st", "wmma.store")):
            # The stride of a matrix is a number that was not computed.
            terms = [values.get(part, "") for group in groups for part in group]
            stores.add((operation, *filter(None, terms)))
            continue
        arguments = [values.get(part, part) for group in groups[1:] for part in group]
        if operation.startswith("wmma.load"):
            arguments = []
        if operation.startswith("mov") and len(groups[0]) == len(arguments) == 1:
            values[groups[0][0]] = arguments[0]
            continue
        term = hashlib.sha256(repr((operation, arguments)).encode()).hexdigest()[:16]
        values.update({register: f"{operation} {term}.{place}" for place, register in enumerate(groups[0])})
    return stores


def main() -> int:
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    library, headers = ctypes.CDLL(sys.argv[1]), Path(sys.argv[2])
    if not (headers / "crt/mma.h").is_file():
        sys.exit(f"error: `{headers}` has no `crt/mma.h`")
    compared = different = 0
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "mma.h").write_text(OURS.read_text())
        for factors, kept, sums, shapes in TYPES:
            for shape, architecture in itertools.product(shapes, ("sm_80", "sm_90a")):
                for of_a, of_b, of_c in itertools.product(("row", "col"), repeat=3):
                    names = dict(
                        shape=", ".join(map(str, shape)),
                        factors=factors,
                        stored=kept,
                        sums=sums,
                        of_a=of_a,
                        of_b=of_b,
                        of_c=of_c,
                    )
                    cast = CAST.format(**names) if shape in SHAPES else ""
                    source = KERNEL.format(**names, cast=cast)
                    both = [
                        stored(
                            ptx(
                                library,
                                source,
                                [f"--gpu-architecture={architecture}", *(f"--include-path={path}" for path in paths)],
                            )
                        )
                        for paths in ([headers], [folder, headers])
                    ]
                    compared += 1
                    if both[0] != both[1] or not both[0]:
                        different += 1
                        print(f"differs: {architecture} {names}")
    print(f"{compared} kernels compared, {different} differ")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())

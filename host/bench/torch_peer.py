"""What the PyTorch sides of the benchmarks have in common.

A program serves commands with serve: it reads one per line on standard input, a
JSON object whose member "do" names it, and answers each with one line: a JSON
object, with the member "error" if the command failed. Two are answered here:

  {"do": "describe", "threads": T}
      use T threads; versions and build facts
  {"do": "free"}
      forget the network

Tensors are stored in the safetensors format.
"""

import ctypes
import gc
import json
import os
import struct
import sys
import traceback

import numpy as np
import torch


def read_tensors(path):
    """The float32 tensors of a safetensors file, by name."""
    with open(path, "rb") as file:
        content = bytearray(file.read())
    (length,) = struct.unpack_from("<Q", content)
    header = json.loads(content[8 : 8 + length])
    tensors = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        start, end = entry["data_offsets"]
        numbers = np.frombuffer(content, "<f4", (end - start) // 4, 8 + length + start)
        tensors[name] = torch.from_numpy(numbers.reshape(entry["shape"]).copy())
    return tensors


def write_tensors(path, tensors):
    """Stores float32 tensors by name."""
    header, at = {}, 0
    for name, tensor in tensors.items():
        end = at + 4 * tensor.numel()
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [at, end]}
        at = end
    text = json.dumps(header).encode()
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for tensor in tensors.values():
            file.write(tensor.detach().contiguous().numpy().astype("<f4").tobytes())


class Session:
    """Commands are methods of its subclasses, which take the command and return
    the answer. What a network needs is kept in children."""

    def __init__(self):
        self.children = {}

    def describe(self, command):
        torch.set_num_threads(command["threads"])
        return {
            "torch": torch.__version__,
            "python": sys.version.split()[0],
            "config": torch.__config__.show(),
            "parallel": torch.__config__.parallel_info(),
            "environment": {
                name: os.environ[name]
                for name in sorted(os.environ)
                if name.startswith(("OMP_", "GOMP_", "KMP_", "OPENBLAS_", "ATEN_", "ONEDNN_", "DNNL_", "MKL_", "MALLOC_"))
            },
        }

    def free(self, _):
        self.children.clear()
        gc.collect()
        try:
            ctypes.CDLL(None).malloc_trim(0)
        except AttributeError:
            pass  # a C library without it
        return {}


def serve(session, commands):
    """Answers commands, of which those listed are known, until there are no more."""
    # What a library prints must not stand between the answers.
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    for line in sys.stdin:
        try:
            command = json.loads(line)
            if command.get("do") not in commands:
                raise ValueError("unknown command: " + line.strip()[:80])
            answer = json.dumps(getattr(session, command["do"])(command), allow_nan=False)
        except Exception as problem:  # reported to the other side, which decides
            traceback.print_exc()
            answer = json.dumps({"error": f"{type(problem).__name__}: {problem}"})
        answers.write(answer + "\n")

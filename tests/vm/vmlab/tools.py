# SPDX-License-Identifier: Apache-2.0
"""What a VM test needs of the host, and where things lie in the tree."""
import os
import pathlib
import shutil
import struct
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[3]
VM_DIR = ROOT / "tests" / "vm"
KERNELS = ROOT / "build" / "kernels"
LOGS = ROOT / "build" / "vm-logs"


class CannotRun(Exception):
    """This machine lacks something that VM tests need: a skip, or a failure under CI."""


def in_ci():
    return os.environ.get("CI", "") not in ("", "0", "false")


def table(path):
    """The rows of a text table: words separated by blanks, # starts a comment."""
    lines = (line.split("#")[0].split() for line in path.read_text().splitlines())
    return [words for words in lines if words]


def kernel_names():
    return [row[0] for row in table(VM_DIR / "kernels.txt")]


def fetch_kernels(names):
    done = subprocess.run([ROOT / "scripts" / "fetch-kernels", *names], stdout=subprocess.DEVNULL,
                          stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode == 2:
        raise CannotRun(done.stderr.strip().splitlines()[-1])
    if done.returncode != 0:
        raise SystemExit(f"{done.stderr.strip()}\nscripts/fetch-kernels failed")


def kernel_info(name):
    lines = (KERNELS / name / "info").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines)


def find(program, package):
    path = shutil.which(program)
    if not path:
        raise CannotRun(f"{program} is not installed (Debian package {package})")
    return pathlib.Path(path)


def is_static_program(path):
    """True for a 64-bit ELF program that asks for no dynamic loader (no PT_INTERP)."""
    if not path.is_file():
        return False
    with open(path, "rb") as file:
        header = file.read(64)
        if len(header) < 64 or header[:4] != b"\x7fELF" or header[4] != 2:
            return False
        (table_offset,) = struct.unpack_from("<Q", header, 32)
        entry_size, entries = struct.unpack_from("<HH", header, 54)
        file.seek(table_offset)
        segments = file.read(entry_size * entries)
    return all(struct.unpack_from("<I", segments, i * entry_size)[0] != 3 for i in range(entries))

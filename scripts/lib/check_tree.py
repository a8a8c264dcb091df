#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks of the source tree that need no compiler. usage: check_tree.py includes|spdx|size [FILE]...

includes  each #include is one that the table of the architecture ("may include") allows
spdx      each source file and script names its licence near its top, the one of its folder
size      no source file or script is longer than MAX_LINES
Prints one line `FILE:LINE: what is wrong` per finding; exit status 1 if there is any.
"""

import pathlib
import re
import sys

MAX_LINES = 500

# userspace/ folder -> the folders that it may include, besides itself.
MAY_INCLUDE = {
    "base": "",
    "events": "base",
    "kernel": "base events",
    "host": "base events",
    "model": "base events",
    "diagnosis": "base model",
    "capture": "base events",
    # events: `trace` shows records themselves; see docs/design/0001-trace-is-a-view-of-records.md.
    "views": "base events model diagnosis",
    "drill": "base",
    "app": "base events kernel host model diagnosis capture views drill",
}
# Folders that may know the contract with the kernel side, include/tcpwatch/.
KNOW_CONTRACT = {"base", "events", "kernel", "host", "model", "capture", "views", "app"}
# Slow to compile: only in .cpp files.
HEAVY = re.compile(r"^(nlohmann/(?!json_fwd)|CLI/|spdlog/|toml|httplib|gtest/|gmock/|benchmark/|"
                   r"app/agent/toml_text)")
# Includes one of them on behalf of .cpp files, and is heavy itself.
HEAVY_DOORS = {pathlib.Path("userspace/app/agent/toml_text.h")}
# Known to bpf/ and userspace/kernel/ alone.
KERNEL_ONLY = re.compile(r"^(bpf/|vmlinux|\w+\.skel\.h|linux/(bpf|btf)\.h)")
# What the two C folders may take from outside.
PLAIN_C = re.compile(r"^(linux/types\.h|stdint\.h|stddef\.h)$")

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
CODE = {".c", ".h", ".cc", ".cpp", ".hpp", ".inc"}
SCRIPT = {".py", ".sh", ".cmake", ".awk", ".bt", ".service"}
SCRIPT_NAMES = {"CMakeLists.txt", ".clang-format", ".clang-tidy", ".gitignore"}


def is_script(path):
    if path.suffix in SCRIPT or path.name in SCRIPT_NAMES:
        return True
    with path.open("rb") as file:
        return file.read(2) == b"#!"


def c_folder_error(folder, quoted, target):
    """include/, vmlinux/ and bpf/: the side of the kernel."""
    if folder == "include":
        allowed = target.startswith("tcpwatch/") if quoted else PLAIN_C.match(target)
    elif folder == "vmlinux":
        allowed = not quoted and (PLAIN_C.match(target) or target.startswith("linux/"))
    else:
        own = quoted and not re.match(r"(\.\./|(%s)/)" % "|".join(MAY_INCLUDE), target)
        allowed = own or (not quoted and re.match(r"(bpf|linux)/", target))
    return None if allowed else f"{folder}/ may not include {target}"


def cpp_error(path, quoted, target):
    parts = path.parts
    folder = parts[1] if parts[0] == "userspace" and len(parts) > 2 else None
    if (path.suffix == ".h" and HEAVY.match(target) and parts[0] != "tests"
            and path not in HEAVY_DOORS):
        return f"{target} is slow to compile: include it in a .cpp file only"
    # A kernel test looks at what is loaded, and a benchmark detaches it: with the kernel's own
    # header, not with libbpf.
    if (parts[:2] == ("tests", "kernel") or parts == ("bench", "hooks.cpp")) and target == "linux/bpf.h":
        return None
    if KERNEL_ONLY.match(target) and folder != "kernel":
        return f"only bpf/ and userspace/kernel/ know {target}"
    if not quoted or folder is None or KERNEL_ONLY.match(target):
        return None
    if "/" not in target or target.startswith("../"):
        return f'write "{target}" as "FOLDER/NAME.h", seen from userspace/'
    first = target.split("/")[0]
    if first == "tcpwatch":
        allowed = folder in KNOW_CONTRACT
    else:
        allowed = first == folder or first in MAY_INCLUDE.get(folder, "").split()
    return None if allowed else f"userspace/{folder} may not include {target}"


def includes(path, lines):
    if path.suffix not in CODE:
        return
    if path.parts[0] == "userspace" and len(path.parts) > 2 and path.parts[1] not in MAY_INCLUDE:
        yield 1, f"userspace/{path.parts[1]} is not in the table of the architecture"
    for number, line in enumerate(lines, 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        quoted, target = match.group(1) == '"', match.group(2)
        if path.parts[0] in ("include", "vmlinux", "bpf"):
            error = c_folder_error(path.parts[0], quoted, target)
        else:
            error = cpp_error(path, quoted, target)
        if error:
            yield number, error


def licence_of(path):
    if path.parts[0] in ("bpf", "vmlinux") or path.name.endswith(".bpf.c"):
        return "GPL-2.0-only"
    if path.parts[0] == "include" and path.suffix in CODE:
        return "GPL-2.0-only OR Apache-2.0"
    return "Apache-2.0"


def spdx(path, lines):
    want = licence_of(path)
    for number, line in enumerate(lines[:3], 1):
        found = re.search(r"SPDX-License-Identifier: (.*?)\s*(\*/|-->)?$", line)
        if found:
            if found.group(1) != want:
                yield number, f"licence is {found.group(1)}, here it has to be {want}"
            return
    yield 1, f"no line 'SPDX-License-Identifier: {want}' among the first three"


def size(_, lines):
    if len(lines) > MAX_LINES:
        yield len(lines), f"{len(lines)} lines; split it (aim under 150, never over {MAX_LINES})"


def main():
    check = {"includes": includes, "spdx": spdx, "size": size}[sys.argv[1]]
    bad = 0
    for name in sys.argv[2:]:
        path = pathlib.PurePosixPath(name)
        real = pathlib.Path(name)
        if real.is_symlink() or not (path.suffix in CODE or is_script(real)):
            continue
        lines = real.read_text(errors="replace").splitlines()
        for number, message in check(path, lines):
            print(f"{name}:{number}: {message}")
            bad += 1
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())

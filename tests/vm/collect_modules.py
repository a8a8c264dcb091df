# SPDX-License-Identifier: Apache-2.0
"""Copies the wanted kernel modules and what they depend on out of an unpacked Debian kernel.

usage: collect_modules.py MODULES_TXT UNPACKED_DIR TARGET_DIR

TARGET_DIR receives plain .ko files named 00-x.ko, 01-y.ko ... in the order in which insmod must
load them. A wanted module that is no file is taken as built in. Dependencies are read from the
module itself (.modinfo): the packages carry no modules.dep, depmod writes it at installation.
"""
import lzma
import pathlib
import re
import sys


def wanted_names(path):
    lines = (line.split("#")[0].strip() for line in path.read_text().splitlines())
    return [line for line in lines if line]


def module_name(path):
    return path.name.split(".ko")[0].replace("-", "_")


def read_module(path):
    data = path.read_bytes()
    if path.suffix == ".xz":
        return lzma.decompress(data)
    if path.suffix != ".ko":
        raise SystemExit(f"{path.name}: unknown compression of a kernel module")
    return data


def depends(data):
    found = re.search(rb"\0depends=([^\0]*)\0", data)
    names = found.group(1).decode().split(",") if found else []
    return [name.replace("-", "_") for name in names if name]


def in_load_order(wanted, files):
    ordered = {}

    def visit(name):
        if name in ordered or name not in files:
            return
        data = read_module(files[name])
        for needed in depends(data):
            visit(needed)
        ordered[name] = data

    for name in wanted:
        visit(name)
    return ordered


def main():
    modules_txt, unpacked, target = (pathlib.Path(arg) for arg in sys.argv[1:4])
    files = {module_name(path): path for path in unpacked.rglob("*.ko*")}
    target.mkdir(parents=True, exist_ok=True)
    for index, (name, data) in enumerate(in_load_order(wanted_names(modules_txt), files).items()):
        (target / f"{index:02d}-{name}.ko").write_bytes(data)


if __name__ == "__main__":
    main()

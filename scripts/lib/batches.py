#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Which .cpp files can be compiled as one: `#include`d one after the other, headers are read once.

Two files go together if no name that one declares (at the start of a line, as clang-format leaves
them) is mentioned in the other or declared in a header of the other. That is a guess from the text: a
compiler that refuses a batch, for a name that was not seen here, is no reason to blame the files.
usage: batches.py LIMIT FILE...   (relative to the top of the tree; prints a batch per line, `a;b;c`)
"""
import functools
import pathlib
import re
import sys

NAMES = [re.compile(pattern) for pattern in (
    r"(?:struct|class|enum(?: class)?|union) (\w+)", r"using (\w+) =", r"using [\w:]+::(\w+);",
    r"namespace (\w+) =", r"#\s*define (\w+)",
    r"(?!namespace|using|template|return|extern|TEST|INSTANTIATE|static_assert)[A-Za-z_\[]"
    r"[^({=;]*?(?<![\w:])(\w+)(?:\[[^\]]*\])* ?[({=;]",
)]
NOISE = re.compile(r"//[^\n]*|\"(?:[^\"\\\n]|\\.)*\"")
WORD = re.compile(r"\w+")
INCLUDE = re.compile(r'^#include "([^"]+)"', re.MULTILINE)
ALONE = re.compile(r"^#include <(?:curses|term)\.h>", re.MULTILINE)  # common words as macros
ROOTS = ("userspace", "tests", "include", "bench")


def declared(text):
    """Names that the file declares at namespace scope; members of classes are none (A::b)."""
    names = set()
    for line in text.splitlines():
        for pattern in NAMES:
            if found := pattern.match(line):
                names.add(found.group(1))
                break
    return names


@functools.cache
def headers_of(folder, name):
    """The names that one of our headers declares, and those it includes."""
    for path in (pathlib.Path(root, name) for root in (folder, *ROOTS)):
        if path.exists():
            text = path.read_text(encoding="utf-8")
            return declared(NOISE.sub("", text)) | included(path.parent, text)
    return set()


def included(folder, text):
    return set().union(*(headers_of(folder, name) for name in INCLUDE.findall(text)))


def read(file):
    """(the names it declares, the words that a batch with it must not declare otherwise)."""
    text = pathlib.Path(file).read_text(encoding="utf-8")
    code = NOISE.sub("", text)
    headers = included(pathlib.Path(file).parent, text)
    return declared(code) - headers, headers.union(WORD.findall(code))


class Batch:
    def __init__(self):
        self.files, self.names, self.words = [], set(), set()

    def takes(self, names, words, limit):
        return (len(self.files) < limit and self.names.isdisjoint(words)
                and self.words.isdisjoint(names))

    def add(self, file, names, words):
        self.files.append(file)
        self.names |= names
        self.words |= words


def make(files, limit):
    """Lists of files, each of at most `limit`; together all files, in about the order given."""
    batches, alone = [], []
    for file in files:
        if ALONE.search(pathlib.Path(file).read_text(encoding="utf-8")):
            alone.append([file])
            continue
        names, words = read(file)
        batch = next((b for b in batches if b.takes(names, words, limit)), None)
        if batch is None:
            batch = Batch()
            batches.append(batch)
        batch.add(file, names, words)
    return [batch.files for batch in batches] + alone


if __name__ == "__main__":
    for batch_of_files in make(sys.argv[2:], int(sys.argv[1])):
        print(";".join(batch_of_files))

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""clang-tidy over many .cpp files: several at once as one, for most of its time goes into headers.

usage: tidy.py BUILD_FOLDER FILE...
Takes each file's command from BUILD_FOLDER/compile_commands.json. A batch that does not compile (see
batches.py) is looked at file by file. Prints the findings; exit status 1 if there are any.
"""
import collections
import concurrent.futures
import json
import os
import pathlib
import shlex
import subprocess
import sys

sys.dont_write_bytecode = True
import batches  # noqa: E402

TIDY = ["clang-tidy-19", "--quiet", "--extra-arg=-w"]
AT_ONCE = 12
WORK = pathlib.Path("build/lint")  # in the tree, where clang-tidy finds its settings


def flags_of(entry):
    """The command without its compiler, source and object: files with the same may be one."""
    words = shlex.split(entry["command"])[1:]
    for option in ("-o", "-c", "-MF", "-MT"):
        if option in words:
            at = words.index(option)
            del words[at:at + 2]
    return entry["directory"], tuple(word for word in words if word != "-MD")


def groups(folder, files):
    """{(library, flags): files}. A file that the build does not know is one of no library."""
    with open(folder / "compile_commands.json", encoding="utf-8") as database:
        known = {os.path.relpath(entry["file"]): flags_of(entry) for entry in json.load(database)}
    found = collections.defaultdict(list)
    for file in files:
        found["/".join(file.split("/")[:2]), known.get(file)].append(file)
    return found


def write(name, files):
    """A source that is all of them."""
    path = WORK / f"{name}.cpp"
    path.write_text("".join(f'#include "{os.path.abspath(file)}"\n' for file in files),
                    encoding="utf-8")
    return path


def tidy(source, flags, folder):
    where = ["-p", str(folder)] if flags is None else []
    behind = [] if flags is None else ["--", *flags[1]]
    done = subprocess.run([*TIDY, *where, str(source), *behind], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, text=True, errors="replace", check=False)
    return done.returncode, done.stdout


def look(name, files, flags, folder):
    """(is anything wrong, what)."""
    if len(files) > 1 and flags is not None:
        status, text = tidy(write(name, files), flags, folder)
        if status == 0 or (text and "[clang-diagnostic-error" not in text):
            return status != 0, text
        print(f"tidy: {name} does not compile as one: its {len(files)} files one by one", flush=True)
    results = [tidy(file, flags, folder) for file in files]
    return (any(status != 0 for status, _ in results),
            "".join(text or f"clang-tidy ended with status {status}: {file}\n" * (status != 0)
                    for file, (status, text) in zip(files, results)))


def main():
    folder, files = pathlib.Path(sys.argv[1]), sys.argv[2:]
    WORK.mkdir(parents=True, exist_ok=True)
    for old in WORK.glob("*.cpp"):
        old.unlink()
    jobs = []
    for number, ((library, flags), members) in enumerate(groups(folder, files).items()):
        for part, batch in enumerate(batches.make(members, AT_ONCE)):
            jobs.append((f"{library.replace('/', '-')}-{number}-{part}", batch, flags, folder))
    jobs.sort(key=lambda job: -len(job[1]))  # the long ones first: both cores end together
    failed = False
    with concurrent.futures.ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        for bad, text in pool.map(lambda job: look(*job), jobs):
            failed |= bad
            print(text, end="", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

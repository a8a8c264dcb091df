#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What `tcpwatch export` writes, loaded into DuckDB: a recording of a drill, each table by the schema
of deploy/schema. Needs root, node, and npm the first time: for DuckDB, into BUILD-FOLDER/export.

usage: run.py BUILD-FOLDER
Prints `FAIL NAME` per failure, and last `N passed, N failed, N skipped`.
"""
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
BUILD = os.path.abspath(sys.argv[1])
TCPWATCH = f"{BUILD}/tcpwatch"
SCHEMA = HERE.parent.parent / "deploy/schema/duckdb.sql"
FULL = ["closed", "step", "flow", "listener", "netns", "process", "host", "hook", "tick", "sample",
        "sockets", "close_waits", "ports"]  # kinds that this recording has for sure


class Failure(Exception):
    pass


def expect(condition, what):
    if not condition:
        raise Failure(f"not as expected: {what}")


def duckdb():
    """The folder with DuckDB in it; as its lock file says."""
    folder = pathlib.Path(BUILD, "export")
    folder.mkdir(exist_ok=True)
    for name in ("package.json", "package-lock.json", "load.mjs"):
        shutil.copy(HERE / name, folder)
    if not (folder / "node_modules/@duckdb/node-api").is_dir():
        subprocess.run(["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"],
                       cwd=folder, check=True)
    return folder


def record(path):
    detail = "transitions,outcomes,connections"
    with subprocess.Popen([TCPWATCH, "record", "-o", path, "--detail", detail],
                          stderr=subprocess.PIPE, text=True) as recorder:
        subprocess.run([TCPWATCH, "drill", "close-wait-leak", "--duration", "6s"], check=True,
                       stdout=subprocess.DEVNULL)
        recorder.send_signal(signal.SIGINT)
        words = recorder.stderr.read()
    expect(recorder.returncode == 0, f"record ends well: {words}")


def exported(capture, *options):
    return subprocess.run([TCPWATCH, "export", capture, *options], check=True,
                          stdout=subprocess.PIPE, text=True).stdout


def check(folder):
    capture = f"{folder}/a.tcpw"
    record(capture)
    everything = exported(capture)
    pathlib.Path(folder, "all.jsonl").write_text(everything)
    rows = {}
    for line in everything.splitlines():
        row = json.loads(line)
        rows.setdefault(row["kind"].replace("-", "_"), []).append(row)
    for table in SCHEMA.read_text().split("CREATE TABLE tcpwatch_")[1:]:
        name = table.split()[0]
        pathlib.Path(folder, f"{name}.jsonl").write_text(
            exported(capture, "--table", name.replace("_", "-")))
    loaded = subprocess.run(["node", str(duckdb() / "load.mjs"), str(SCHEMA), folder], check=False,
                            capture_output=True, text=True)
    expect(loaded.returncode == 0, f"DuckDB takes it: {loaded.stderr[-800:]}")
    told = json.loads(loaded.stdout)
    expect(told["counts"] == {name: len(rows.get(name, [])) for name in told["counts"]},
           f"each line is a row: {told['counts']}")
    empty = [name for name in FULL if told["counts"][name] == 0]
    expect(not empty, f"the recording has {empty}, too")
    expect({one["kind"].replace("-", "_"): one["n"] for one in told["kinds"]} ==
           {name: len(some) for name, some in rows.items()}, f"all kinds at once: {told['kinds']}")
    closed = rows["closed"]
    for column in ("bytes_in", "lifetime_ns"):
        expect(int(told["closed"][column]) == sum(row[column] for row in closed),
               f"the sum of {column}: {told['closed']}")
    expect(told["closed"]["last"] == max(row["time"] for row in closed)[:19], told["closed"])
    most = max(row["sockets"] for row in rows["close_waits"])
    expect(told["leak"]["sockets"] == most, f"who leaks: {told['leak']}, {most}")
    expect(told["unknown"] == sum(row["fds_open"] is None for row in rows["process"]),
           f"what is not known is NULL: {told['unknown']}")


def main():
    with tempfile.TemporaryDirectory() as folder:
        try:
            check(folder)
        except Failure as failure:
            print(f"FAIL export.duckdb\n  {failure}\n0 passed, 1 failed, 0 skipped")
            return 1
    print("1 passed, 0 failed, 0 skipped")
    return 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What `tcpwatch export` writes, read by real programs: a recording of a drill, each table loaded into DuckDB by
the schema of deploy/schema, and the Perfetto format opened in a viewer of such traces (speedscope, in Chromium).
Needs root, chromium, node, and npm the first time: for both, into BUILD-FOLDER/export.

usage: run.py BUILD-FOLDER
Prints `FAIL NAME` per failure, and last `N passed, N failed, N skipped`.
"""
import base64
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "page"))
from browser import Browser  # noqa: E402
from recording import wait_until_begun  # noqa: E402

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


def programs():
    """The folder with DuckDB and speedscope in it; as its lock file says."""
    folder = pathlib.Path(BUILD, "export")
    folder.mkdir(exist_ok=True)
    for name in ("package.json", "package-lock.json", "load.mjs"):
        shutil.copy(HERE / name, folder)
    wanted = ("@duckdb/node-api", "speedscope")
    if not all((folder / "node_modules" / name).is_dir() for name in wanted):
        subprocess.run(["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"],
                       cwd=folder, check=True)
    return folder


def record(path):
    detail = "transitions,outcomes,connections"
    with subprocess.Popen([TCPWATCH, "record", "-o", path, "--detail", detail],
                          stderr=subprocess.PIPE, text=True) as recorder:
        try:
            wait_until_begun(TCPWATCH, path)
            subprocess.run([TCPWATCH, "drill", "close-wait-leak", "--duration", "6s"], check=True,
                           stdout=subprocess.DEVNULL)
        finally:
            recorder.send_signal(signal.SIGINT)
        words = recorder.stderr.read()
    expect(recorder.returncode == 0, f"record ends well: {words}")


def exported(capture, *options):
    return subprocess.run([TCPWATCH, "export", capture, *options], check=True,
                          stdout=subprocess.PIPE, text=True).stdout


def tracks(trace):
    """What the tracks are called that speedscope finds in a trace; its list shows as many as fit on a high screen."""
    viewer = programs() / "node_modules/speedscope/dist/release/index.html"
    with tempfile.TemporaryDirectory() as folder, Browser(f"{folder}/profile") as browser:
        script = pathlib.Path(folder, "trace.js")
        data = base64.b64encode(trace.encode()).decode()
        script.write_text(f"speedscope.loadFileFromBase64('drill.json', '{data}')")
        browser.call("Emulation.setDeviceMetricsOverride", width=1400, height=30000, deviceScaleFactor=1, mobile=False)
        browser.navigate(f"{viewer.as_uri()}#localProfilePath={script}")
        browser.run("new Promise(done => { const look = () => /\\(1\\/\\d+\\)/.test(document.body.innerText) ? done(1)"
                    " : requestAnimationFrame(look); look(); })")
        for kind in ("mousePressed", "mouseReleased"):  # on the name in the middle of the top: the list of all
            browser.call("Input.dispatchMouseEvent", type=kind, x=700, y=10, button="left", clickCount=1)
        browser.settle()
        browser.call("Emulation.setDeviceMetricsOverride", width=1400, height=700, deviceScaleFactor=1, mobile=False)
        browser.settle()
        browser.picture(f"{BUILD}/export/tracks.png")
        wrong = [one for one in browser.problems if "Tried to end" in one or "still open" in one]
        expect(not wrong, f"slices that nest: {wrong[:3]}")
        return browser.run("document.body.innerText")


def opens_in_a_viewer(folder):
    trace = exported(f"{folder}/a.tcpw", "--format", "perfetto")
    slices = [event for event in json.loads(trace)["traceEvents"] if event["ph"] == "X"]
    named = {event["pid"]: event["args"]["name"] for event in json.loads(trace)["traceEvents"]
             if event["name"] == "process_name"}
    shown = tracks(trace)
    for name in ("drill-server", "drill-client"):
        for pid in {one["pid"] for one in slices if named.get(one["pid"]) == name}:
            for track in {one["tid"] for one in slices if one["pid"] == pid}:
                expect(f"{name} (pid {pid}), connections (tid {track})" in shown, f"track {track} of {name} {pid}")
    expect(shown.count("drill-server") > 10, f"connections at one time beside each other: {shown[:500]}")


def loads_into_duckdb(folder):
    capture = f"{folder}/a.tcpw"
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
    loaded = subprocess.run(["node", str(programs() / "load.mjs"), str(SCHEMA), folder], check=False,
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
    failed, checks = 0, (loads_into_duckdb, opens_in_a_viewer)
    with tempfile.TemporaryDirectory() as folder:
        record(f"{folder}/a.tcpw")
        for check in checks:
            try:
                check(folder)
            except Exception as failure:
                print(f"FAIL export.{check.__name__}\n  {failure}")
                failed += 1
    print(f"{len(checks) - failed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

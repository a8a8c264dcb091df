#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`tcpwatch record` as its user has it: killed in the middle, on a disk that fills up, in a terminal.
Needs root, and tmux for the last.

usage: run.py BUILD-FOLDER [NAME...]
Prints `FAIL NAME` per failure, and last `N passed, N failed, N skipped`.
"""
import contextlib
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "terminal"))
from pane import Failure, Pane  # noqa: E402

BUILD = os.path.abspath(sys.argv[1])
TCPWATCH = f"{BUILD}/tcpwatch"
PATIENCE = 60


def expect(condition, what):
    if not condition:
        raise Failure(f"not as expected: {what}")


def run(*words, status=0):
    done = subprocess.run([TCPWATCH, *words], capture_output=True, text=True, timeout=PATIENCE,
                          check=False)
    expect(done.returncode == status, f"{words}: {done.returncode} {done.stdout} {done.stderr}")
    return done.stdout


def until(what, condition):
    end = time.monotonic() + PATIENCE
    while not condition():
        expect(time.monotonic() < end, f"{what} within {PATIENCE} s")
        time.sleep(0.02)


def size(path):
    return os.path.getsize(path) if os.path.exists(path) else 0


@contextlib.contextmanager
def drill(name):
    """An incident, for as long as somebody looks at it."""
    with subprocess.Popen([TCPWATCH, "drill", name, "--duration", "2m"],
                          stdout=subprocess.DEVNULL) as child:
        try:
            yield
        finally:
            child.send_signal(signal.SIGINT)
            child.wait()


def programs():
    """Those of the kernel that count state changes, by id: ours are the ones that come and go."""
    shown = subprocess.run(["bpftool", "prog", "show"], check=True, capture_output=True, text=True)
    return set(re.findall(r"^(\d+): .* name state_", shown.stdout, re.M))


def test_kill_9_costs_the_last_block(folder):
    capture, before = f"{folder}/a.tcpw", programs()
    with drill("ephemeral-port-exhaustion"), \
            subprocess.Popen([TCPWATCH, "record", "-o", capture, "--detail", "transitions"],
                             stderr=subprocess.PIPE) as recorder:
        until("its programs", lambda: programs() - before)
        begun = size(capture)
        # A state, and a block behind it: what a kill now may cost is the block after that.
        until("a first block", lambda: size(capture) > begun)
        kept = size(capture)
        until("a second block", lambda: size(capture) > kept)
        kept = size(capture)
        recorder.kill()
        recorder.wait()
    expect(size(capture) >= kept, "what had reached the kernel is in the file")
    told = run("capture", "info", capture)
    expect("step" in told, f"steps are in it: {told}")
    expect("drill-client" in run("report", capture), "the report tells who")
    expect('"kind":"step"' in run("export", capture, "--table", "step"), "and an export, of each")
    run("capture", "verify", capture)
    until("its programs to go", lambda: not programs() - before)


def test_a_disk_fills_up(folder):
    disk = pathlib.Path(folder, "disk")
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "none", disk], check=True)
    try:
        capture = f"{disk}/a.tcpw"
        with drill("short-connection-storm"):
            done = subprocess.run([TCPWATCH, "record", "-o", capture, "--detail", "transitions",
                                   "--duration", "90s"], capture_output=True, text=True,
                                  timeout=120, check=False)
        expect(done.returncode == 74, f"it ends as the contract says: {done}")
        expect("space" in done.stderr and "a.tcpw" in done.stderr, f"and says why: {done.stderr}")
        run("capture", "verify", capture)
        expect("drill-" in run("report", capture), "what came before is in the file")
    finally:
        subprocess.run(["umount", disk], check=True)


def test_a_terminal_sees_how_it_goes(folder):
    with Pane(folder) as pane:
        pane.type(f"{TCPWATCH} record -o {folder}/a.tcpw\n")
        line = re.compile(r"^([2-9]|\d\d)s  \d\S* records  \S+  0 lost$", re.M)
        pane.wait("time, records, bytes and loss", lambda: line.search(pane.text()))
        pane.keys("C-c")
        pane.wait("the last word", lambda: re.search(r"a\.tcpw: .* records", pane.text()))
    run("capture", "verify", f"{folder}/a.tcpw")


def main():
    passed = failed = 0
    for name, test in list(globals().items()):
        if not name.startswith("test_") or (len(sys.argv) > 2 and name[5:] not in sys.argv[2:]):
            continue
        with tempfile.TemporaryDirectory() as folder:
            try:
                test(folder)
                passed += 1
                print(f"ok record.{name[5:]}", flush=True)
            except (Failure, OSError, subprocess.SubprocessError) as failure:
                failed += 1
                print(f"FAIL record.{name[5:]}\n  {failure}", flush=True)
    print(f"{passed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

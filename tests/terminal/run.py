#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`tcpwatch top` in a real terminal, watching the real kernel: keys, resizing, and what every way
out leaves behind. Needs root and tmux.

usage: run.py BUILD-FOLDER [NAME-PART]
Prints `FAIL NAME` per failure, and last `N passed, N failed, N skipped`.
"""

import contextlib
import datetime
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time

from pane import DEADLINE, Failure, Pane

BUILD = os.path.abspath(sys.argv[1])
TOP = f"{BUILD}/tcpwatch top"
READY = "[1 workers"  # the first interval is on the screen


def expect(condition, what):
    if not condition:
        raise Failure(what)


@contextlib.contextmanager
def pane(*environment, **size):
    with tempfile.TemporaryDirectory() as folder, Pane(folder, environment=environment,
                                                       **size) as made:
        yield made


@contextlib.contextmanager
def connected():
    """A listener and one connection to it, ours: its port."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)) as client, server.accept()[0]:
            yield port, client


def test_keys():
    with pane() as p:
        p.run(f"{TOP} --pid {os.getpid()}")  # whatever else goes on here
        p.wait_for(READY)
        with connected() as (port, _):
            p.keys("2")
            p.wait_for("[2 listeners", f"127.0.0.1:{port}")
            p.keys("3")
            p.wait_for("[3 destinations", f"127.0.0.1:{port}")
            p.type("\\python")
            p.keys("Tab")  # a prompt takes no commands
            p.wait_for("Filter: python_", "No row matches")
            p.keys("Escape", "1")
            p.wait_for("[1 workers", str(os.getpid()))
            p.type(f"/{os.getpid()}")
            p.keys("Enter", "Enter")
            p.wait_for(f"workers › {os.getpid()}", f"127.0.0.1:{port}", "LISTENERS")
            p.keys("Escape")
        p.keys("BTab")
        p.wait_for("[5 findings")
        p.keys("?")
        p.wait_for("KEYS")
        p.keys("Escape", "F6")
        p.wait_for("Sort by")
        p.keys("Escape", "Space")
        p.wait_for("FROZEN")
        p.keys("Space", "+")
        p.wait_for("every 2s")
        p.keys("s")
        p.wait_for("saved tcpwatch-")
        saved = [name for name in os.listdir(p.folder) if name.startswith("tcpwatch-")]
        expect(len(saved) == 1, f"saved: {saved}")
        with open(os.path.join(p.folder, saved[0]), encoding="utf-8") as file:
            expect("every 2s" in file.read(), "the saved screen is the screen")
        p.keys("q")
        expect(p.result() == 0, "q ends with 0")
        p.expect_sane()


def click_in(terminal, sgr):
    with pane() as p:
        p.run(f"env TERM={terminal} {TOP}")
        p.wait_for(READY)
        expect(p.flag("mouse_any_flag") == "1", "the mouse is asked for")
        line = next(i for i, text in enumerate(p.text().splitlines()) if READY in text)
        column = p.text().splitlines()[line].index("listeners")
        # What a terminal sends for a click there: coordinates count from 1.
        if sgr:
            p.type(f"\x1b[<0;{column + 1};{line + 1}M\x1b[<0;{column + 1};{line + 1}m")
        else:
            at = chr(33 + column) + chr(33 + line)
            p.type(f"\x1b[M {at}\x1b[M#{at}")
        p.wait_for("[2 listeners")
        p.keys("q")
        p.result()
        p.expect_sane()


def test_mouse():
    click_in("screen-256color", sgr=False)
    click_in("xterm-256color", sgr=True)


def test_resize():
    with pane(width=100, height=30) as p:
        p.run(TOP)
        p.wait_for(READY)
        for width, height in ((80, 24), (200, 60), (30, 8), (120, 40)):
            p.resize(width, height)
            if width < 40:
                p.wait_for("too small")
                continue

            def fits(rows=height, columns=width):
                lines = p.text().splitlines()
                return (len(lines) == rows and lines[0].endswith("UTC") and
                        abs(columns - len(lines[0])) <= 1 and "help" in lines[-1])
            p.wait(f"screen of {width}x{height}", fits)
        p.keys("q")
        expect(p.result() == 0, "q ends with 0")
        p.expect_sane()


def test_suspend():
    with pane() as p:
        p.type(TOP)  # a job of its own, of an interactive shell
        p.keys("Enter")
        p.wait_for(READY)
        p.keys("C-z")
        p.wait("stopped program", lambda: p.flag("alternate_on") == "0" and "Stopped" in p.text())
        expect(p.flag("mouse_any_flag") == "0", "no mouse while it is stopped")
        p.type("fg")
        p.keys("Enter")
        p.wait_for(READY)
        p.keys("q")
        p.wait("shell", lambda: p.flag("alternate_on") == "0")


def captures_in(folder):
    return [name for name in os.listdir(folder) if name.endswith(".tcpw")]


def test_flight_recorder():
    """w and SIGUSR1 write a capture, which the same screen then shows."""
    with tempfile.TemporaryDirectory() as folder, pane() as p:
        p.run(f"env -C {folder} {TOP}")
        p.wait_for(READY)
        p.keys("w")
        p.wait_for("writing tcpwatch-")
        expect(len(captures_in(folder)) == 1, "w writes one file")
        p.keys("1")
        p.wait("no notice any more", lambda: "writing" not in p.text())
        os.kill(int(p.child()), signal.SIGUSR1)
        p.wait_for("still writing tcpwatch-")
        p.keys("q")
        expect(p.result() == 0, "q ends with 0")
        p.expect_sane()
        found = captures_in(folder)
        expect(len(found) == 1, "a dump under way goes on: no second file")
        path = os.path.join(folder, found[0])
        checked = subprocess.run([f"{BUILD}/tcpwatch", "capture", "verify", path], check=False,
                                 capture_output=True, text=True)
        expect(checked.returncode == 0, checked.stdout)
        expect("not closed" not in checked.stdout, "leaving closes the file")
        p.run(f"{TOP} --replay {path}")
        p.wait_for("REPLAY ")
        p.keys("G")
        p.wait("the last interval", lambda: re.search(r"REPLAY (\d+) of \1 paused", p.text()))
        p.keys("g")
        p.wait_for("REPLAY 1 of")
        p.keys("q")
        expect(p.result() == 0, "q ends with 0")
        p.expect_sane()


def test_freeze():
    """Space holds the picture while counting goes on; what happened meanwhile is there afterwards."""
    with pane() as p:
        p.run(f"{TOP} --interval 200ms --pid {os.getpid()}")
        p.wait_for(READY)
        p.keys("2", "Space")
        p.wait_for("FROZEN")
        frozen = p.text()
        with connected() as (port, _):
            # Its own clock has gone on for some intervals: they show on another screen.
            later = subprocess.run([f"{BUILD}/tcpwatch", "top", "--batch", "-n", "2", "--interval", "200ms"],
                                   check=True, capture_output=True, text=True).stdout
            expect(f"127.0.0.1:{port}" in later, "others see the listener")
            expect(p.text() == frozen, "a frozen picture does not change")
            p.keys("Space")
            p.wait_for(f"127.0.0.1:{port}")
        expect("FROZEN" not in p.text(), "goes on")
        p.keys("q")
        expect(p.result() == 0, "q ends with 0")


def seconds_of(text):
    """RFC 3339, or what the title shows, as seconds since 1970."""
    whole = datetime.datetime.strptime(text[:19].replace("T", " ") + "+0000", "%Y-%m-%d %H:%M:%S%z").timestamp()
    return whole + float("0" + (re.search(r"\.\d+", text) or [""])[0])


def test_nothing_is_late():
    """What happens is in the snapshot that ends next: none that ends half an interval later is without it."""
    interval, begun = 0.5, {}
    with subprocess.Popen([f"{BUILD}/tcpwatch", "top", "--batch", "--json", "--pid", str(os.getpid()),
                           "--interval", f"{int(interval * 1000)}ms"], stdout=subprocess.PIPE, text=True) as top:
        expect(json.loads(top.stdout.readline())["workers"] is not None, "the first interval")
        with contextlib.ExitStack() as kept:
            for number in range(9):  # at any part of an interval; each of a kind
                server = kept.enter_context(socket.create_server(("127.0.0.1", 0)))
                port = server.getsockname()[1]
                if number % 3 == 1:
                    server.close()  # refuses
                    before, kind = time.time(), "connect_failures"
                    socket.socket().connect_ex(("127.0.0.1", port))
                else:
                    before, kind = time.time(), "accepts" if number % 3 else "connects"
                    kept.enter_context(socket.create_connection(("127.0.0.1", port)))
                    kept.enter_context(server.accept()[0])
                begun[port] = (before, time.time(), kind)
                time.sleep(0.23)  # the pace of what happens, not a wait for anything
            shown = set()
            while len(shown) < len(begun):
                view = json.loads(top.stdout.readline())
                ended = seconds_of(view["time"])
                for port, (before, after, kind) in begun.items():
                    rows = view["listeners" if kind == "accepts" else "destinations"]
                    if port not in shown and any(row["address"] == f"127.0.0.1:{port}" and row[kind] for row in rows):
                        shown.add(port)
                        expect(ended >= before - 0.05, f"{kind} shown {before - ended:.3f} s before")
                    # By when the snapshots end: on a busy machine that is late, and the next one with it.
                    late = ended - after
                    expect(port in shown or late < interval / 2, f"{kind} not shown {late:.3f} s later")
        top.terminate()


def test_the_screen_is_not_late():
    """The same, by the clock in the title of the pictures on which it does not stand so far."""
    with pane(width=120) as p:
        p.run(f"{TOP} --pid {os.getpid()}")
        p.wait_for(READY)
        p.keys("3")
        p.wait_for("[3 destinations")
        before = time.time()
        with connected() as (port, _):
            after, titles = time.time(), [0]

            def shown():
                text = p.text()
                title = re.search(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) UTC", text)
                if not title:
                    return None  # half of a picture
                titles.append(seconds_of(title.group(1)))  # whole seconds, cut off
                if f":{port} " in text:
                    return titles[-1]
                # A picture is whole when the next one comes: lines are drawn one after the other.
                late = titles[-2] - after if titles[-2] != titles[-1] else 0
                expect(late <= 0.5, f"made until {after}, and not shown at {titles[-2]}")
                return None
            at = p.wait("the destination", shown)
        expect(at - before >= -1.05, f"made at {before}, and shown at {at} already")
        p.keys("q")
        expect(p.result() == 0, "q ends with 0")


def test_replay_keys():
    """A capture of tests/data: Left and Right step, g and G go to the ends, n to the next trouble, Space plays."""
    capture = pathlib.Path(__file__).resolve().parents[1] / "data" / "incident-ports.tcpw"
    with pane(width=120) as p:
        p.run(f"{TOP} --replay {capture} --speed 0.001")  # does not go on by itself meanwhile

        def at(number):
            return lambda: f"REPLAY {number} of" in p.text()
        p.wait("the first interval", at(1))
        p.keys("Right", "Right")
        p.wait("two steps forth", at(3))
        p.wait_for("paused")
        p.keys("Left")
        p.wait("a step back", at(2))
        p.keys("g", "Left")
        p.wait("no step before the first", at(1))
        p.keys("G")
        last = p.wait("the last", lambda: re.search(r"REPLAY (\d+) of \1 paused", p.text())).group(1)
        p.wait_for("no source port is left")
        p.keys("Right")
        p.wait("no step behind the last", at(last))
        p.keys("n")
        p.wait_for("no trouble behind this")
        p.keys("g")
        p.wait("the first again", at(1))  # or what is read next is still the last
        p.keys("n")
        begins = int(p.wait("where trouble begins", lambda: re.search(r"REPLAY ([2-9]|\d\d) of", p.text())).group(1))
        p.keys("n")
        p.wait("what begins after that", lambda: re.search(r"REPLAY (\d+) of", p.text()).group(1) != str(begins))
        then = int(re.search(r"REPLAY (\d+) of", p.text()).group(1))
        expect(1 < begins < then <= int(last), f"trouble at {begins} and {then} of {last}")
        p.keys("w")
        p.wait_for("this is a capture already")
        p.keys("Space")
        p.wait("it plays again", lambda: "x0.001" in p.text() and "paused" not in p.text())
        p.keys("q")
        expect(p.result() == 0, "q ends with 0")
        p.expect_sane()


def leaves(name, leave, status):
    def test():
        with pane() as p:
            p.run(TOP)
            p.wait_for(READY)
            p.keys("/")  # in a prompt, too
            leave(p)
            found = p.result()
            expect(found == status, f"exit status {found}, not {status}")
            p.expect_sane()
    test.__name__ = f"test_leaves_{name}"
    return test


def by_signal(number):
    return lambda p: os.kill(int(p.child()), number)


def leave_tests():
    yield leaves("ctrl_c", lambda p: p.keys("C-c"), 0)
    yield leaves("sigterm", by_signal(signal.SIGTERM), 0)
    yield leaves("sigint", by_signal(signal.SIGINT), 0)
    for number in (signal.SIGHUP, signal.SIGQUIT, signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS,
                   signal.SIGFPE, signal.SIGUSR2, signal.SIGALRM):
        yield leaves(number.name.lower(), by_signal(number), 128 + number)


def test_leaves_exception():
    with pane() as p:
        p.run(f"{BUILD}/tcpwatch_terminal_throws")
        expect(p.result() == 74, "the exception became an error")
        p.expect_sane()
        p.wait_for("thrown on purpose")


def test_leaves_duration():
    with pane() as p:
        p.run(f"{TOP} --interval 200ms --duration 1s")
        expect(p.result() == 0, "the end of the duration is no error")
        p.expect_sane()


def test_refuses():
    for environment, command in (
            (("TERM=dumb",), TOP), ((), f"TERM= {TOP}"), ((), f"TERM=no-such-terminal {TOP}"),
            ((), f"{TOP} </dev/null"), ((), f"set -o pipefail; {TOP} | cat")):
        with pane(*environment) as p:
            p.run(command if not environment else f"env {environment[0]} {command}")
            expect(p.result() == 64, f"{command}: exit status {p.result()}, not 64")
            p.wait_for("--batch")
            p.expect_sane()


def test_no_color():
    colour = re.compile("\x1b\\[[0-9;]*3[0-7]")
    for command, wanted in ((TOP, True), (f"env NO_COLOR=1 {TOP}", False),
                            (f"{TOP} --no-color", False), (f"env TERM=vt100 {TOP}", False)):
        with pane("TERM=screen-256color") as p, connected() as (port, client):
            p.run(command)
            p.wait_for(READY, "ESTABLISHED")  # drawn in green
            found = bool(colour.search(p.text("-e")))
            expect(found == wanted, f"{command}: colours {found}")
            p.keys("q")
            p.result()
            p.expect_sane()


def test_ascii():
    with pane() as p:
        p.run(f"env LC_ALL=C {TOP}")
        p.wait_for(READY)
        expect(p.text().isascii(), "LC_ALL=C gets ASCII")
        p.keys("q")
        p.result()
    # The bars of a report, too. Into a pipe everything goes as it is.
    data = pathlib.Path(__file__).resolve().parents[1] / "data"
    report = f"{BUILD}/tcpwatch report {data}/incident-ports.tcpw"
    for command, bars in ((f"env LC_ALL=C {report}", False), (f"env LC_ALL=C.UTF-8 {report}", True),
                          (f"env LC_ALL=C {report} | cat", True)):
        with pane(height=100) as p:
            p.run(command)
            p.wait_for("TIME LINE")
            expect(p.result() == 0, command)
            expect(("▇" in p.text()) == bars, f"{command}: bars")


def main():
    wanted = sys.argv[2] if len(sys.argv) > 2 else ""
    tests = [test for name, test in globals().items() if name.startswith("test_")]
    tests += leave_tests()
    if os.geteuid() != 0:
        print("SKIP the screen in a terminal: loading BPF programs needs root")
        print("0 passed, 0 failed, 1 skipped")
        return 0
    passed = failed = 0
    for test in tests:
        if wanted not in test.__name__:
            continue
        try:
            test()
            passed += 1
        except (Failure, subprocess.CalledProcessError) as failure:
            failed += 1
            print(f"{failure}\nFAIL terminal {test.__name__}", flush=True)
    print(f"{passed} passed, {failed} failed, 0 skipped")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())

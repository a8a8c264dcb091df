# SPDX-License-Identifier: Apache-2.0
"""How long until a tool tells something, in seconds: tcpwatch to its first interval (minus the
interval), and every tool that prints events to its first event, while a prober keeps making some."""
import os
import pty
import re
import select
import socket
import subprocess
import threading
import time

from . import proc, session
from .pairs import spread

INTERVAL = 0.1


def first_interval(tcpwatch):
    """From exec to the first line of `top --batch --json -n 1`, minus the interval; and CPU."""
    argv = [tcpwatch, "top", "--batch", "--json", "-n", "1", "--interval", "100ms"]
    start = time.monotonic()
    process = proc.start(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        ready, _, _ = select.select([process.stdout], [], [], 10)
        line = process.stdout.readline() if ready else b""
        spent = time.monotonic() - start
        cpu = proc.cpu_clock(process.pid)
        if not line:
            text = process.stderr.read().decode("utf-8", "replace") if ready else "no line in 10 s"
            raise session.Refused(session.reason(text, process.poll()))
        return spent - INTERVAL, cpu
    finally:
        proc.end(process)
        process.stdout.close()
        process.stderr.close()


def first_intervals(tcpwatch, repeats):
    runs = [first_interval(tcpwatch) for _ in range(repeats)]
    return dict(spread(run[0] for run in runs), cpu=spread(run[1] for run in runs))


class Prober:
    """Refused connects on loopback every 2 ms: each is an event that every tool would print."""

    def __enter__(self):
        self.stop = threading.Event()
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            self.port = unused.getsockname()[1]
        self.thread = threading.Thread(target=self.loop)
        self.thread.start()
        return self

    def loop(self):
        while not self.stop.wait(0.002):
            with socket.socket() as client:
                client.connect_ex(("127.0.0.1", self.port))

    def __exit__(self, *_):
        self.stop.set()
        self.thread.join()


def first_event(tool):
    """Printed to a pseudo-terminal, since most of the tools buffer blocks for anything else."""
    leader, follower = pty.openpty()
    start = time.monotonic()
    process = proc.start(session.command(tool, None), stdout=follower, stderr=subprocess.DEVNULL)
    os.close(follower)
    pattern, text = re.compile(tool.first_event, re.M), ""
    try:
        while time.monotonic() - start < 15:
            if select.select([leader], [], [], 0.5)[0]:
                text += os.read(leader, 65536).decode("utf-8", "replace")
                if pattern.search(text):
                    return time.monotonic() - start
        raise session.Refused("no event within 15 s")
    except OSError as gone:  # the terminal closes when the tool ends
        raise session.Refused(session.reason(text, process.poll())) from gone
    finally:
        os.close(leader)  # first: a tool blocked on a full terminal would not see Ctrl-C
        proc.end(process)


def first_events(tool, repeats):
    with Prober():
        return spread(first_event(tool) for _ in range(repeats))

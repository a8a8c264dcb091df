#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`tcpwatch sockets` against `ss -ant | awk` and `ss -antp | awk`, on a full socket table.

bench_table fills a network namespace of its own with 200,000 TIME_WAIT and 20,000 ESTABLISHED
sockets. Each round runs the pair of commands in both orders, as fresh processes, and compares the
states that both counted: they must be equal. CPU is user and system time of the processes and of
all that they started (wait4); the kernel's worker threads, which free BPF tables afterwards, are
shown beside it. A resident sample is one of `--watch`, by the process's own clock.
Needs root. Exit codes: 0; 1 counts differ, or a bar is broken (only with --gate); 3 not root.
"""
import argparse
import json
import os
import re
import subprocess
import sys
import time

from harness import machine, proc, report
from harness.pairs import spread

PEERS = {"state": "ss -ant | awk 'NR > 1 { n[$1]++ } END { for (s in n) print s, n[s] }'",
         "process": "ss -antp | awk 'NR > 1 { split($6, p, \"\\\"\"); n[p[2]]++ }"
                    " END { for (s in n) print s, n[s] }'"}
# (what, the ratio of CPU that it may use at most, against which peer)
BARS = (("state", 1 / 7, "state"), ("process", 1 / 10, "process"), ("resident", 1 / 10, "state"))
STATES = {"ESTAB": "ESTABLISHED"}
HERE = "/proc/self/ns/net"


class Table:
    """The workload: full on entry, filled anew by refill() since TIME_WAIT lasts a minute."""

    def __init__(self, program, time_wait, established):
        self.process = proc.start([program, "--time-wait", str(time_wait),
                                   "--established", str(established)],
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.pid = json.loads(self.process.stdout.readline() or "{}").get("pid")
        if not self.pid:
            sys.exit("sockets.py: bench_table did not start")
        self.filled = time.monotonic()

    def fresh(self):
        """At least half a minute is left."""
        if time.monotonic() - self.filled < 30:
            return
        time.sleep(max(0, self.filled + 62 - time.monotonic()))  # until the old ones are gone
        self.process.stdin.write(b"\n")
        self.process.stdin.flush()
        self.process.stdout.readline()
        self.filled = time.monotonic()

    def inside(self, argv):
        return ["nsenter", "-t", str(self.pid), "-n"] + argv


def run(table, argv):
    """(standard output, CPU seconds, CPU seconds of kernel threads)"""
    threads = proc.kernel_threads()
    process = subprocess.Popen(table.inside(argv), stdout=subprocess.PIPE)
    text = process.stdout.read().decode()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    time.sleep(0.1)  # deferred frees
    if process.returncode != 0:
        sys.exit(f"sockets.py: {argv[0]} failed: {process.returncode}")
    cpu = usage.ru_utime + usage.ru_stime
    return text, cpu, proc.difference(threads, proc.kernel_threads())


def states_of_ss(text):
    rows = (line.split() for line in text.splitlines())
    return {STATES.get(name, re.sub(r"WAIT-(\d)", r"WAIT\1", name).replace("-", "_")): int(count)
            for name, count in rows}


def pair(table, what, tcpwatch, order):
    """One run of each, in the order given: {tool: (text, cpu, threads)}."""
    commands = {"ss": ["sh", "-c", PEERS[what]],
                "tcpwatch": [tcpwatch, "sockets", "--by", what, "--netns", HERE, "--json"]}
    return {tool: run(table, commands[tool]) for tool in order}


def resident(table, tcpwatch, samples):
    """CPU seconds of one more sample of a running `--watch`."""
    process = proc.start(table.inside([tcpwatch, "sockets", "--netns", HERE, "--json",
                                       "--watch", "200ms"]), stdout=subprocess.PIPE)
    process.stdout.readline()
    before = proc.cpu_clock(process.pid)
    for _ in range(samples):
        process.stdout.readline()
    cpu = (proc.cpu_clock(process.pid) - before) / samples
    proc.end(process)
    return cpu


def measure(table, tcpwatch, rounds):
    cpu = {(what, tool): [] for what in PEERS for tool in ("ss", "tcpwatch")}
    threads = {key: [] for key in cpu}
    samples, different = [], []
    for number in range(rounds):
        for what in PEERS:
            table.fresh()
            order = ("ss", "tcpwatch") if number % 2 else ("tcpwatch", "ss")
            done = pair(table, what, tcpwatch, order)
            for tool, (_, spent, by_kernel) in done.items():
                cpu[what, tool].append(spent)
                threads[what, tool].append(by_kernel)
            if what == "state":
                counted = json.loads(done["tcpwatch"][0])["states"]
                if counted != states_of_ss(done["ss"][0]):
                    different.append((counted, states_of_ss(done["ss"][0])))
        samples.append(resident(table, tcpwatch, 3))
    return cpu, threads, samples, different


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--build", default="build/release", metavar="DIR", help="the programs")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--time-wait", type=int, default=200000)
    parser.add_argument("--established", type=int, default=20000)
    parser.add_argument("--json", metavar="FILE", help="every single run")
    parser.add_argument("--gate", action="store_true", help="exit 1 if a bar is broken")
    options = parser.parse_args()
    if os.geteuid() != 0:
        print("sockets.py: needs root (network namespaces, BPF): run it with sudo",
              file=sys.stderr)
        return 3
    tcpwatch = os.path.abspath(os.path.join(options.build, "tcpwatch"))
    table = Table(os.path.join(options.build, "bench_table"), options.time_wait,
                  options.established)
    try:
        cpu, threads, samples, different = measure(table, tcpwatch, options.rounds)
    finally:
        proc.end(table.process)

    for key, value in machine.facts().items():
        print(f"{key:<12}{value}")
    rows = [[f"{tool}, by {what}", report.quartiles(spread(cpu[what, tool]), 1, 1000),
             report.quartiles(spread(threads[what, tool]), 1, 1000)] for what, tool in cpu]
    rows.append(["tcpwatch, a resident sample", report.quartiles(spread(samples), 1, 1000), "-"])
    print("\n".join(report.table(
        f"{options.time_wait} TIME_WAIT, {options.established} ESTABLISHED, {options.rounds} "
        "rounds: ms of CPU, median (quartiles)", ["", "process", "kernel threads"], rows)))
    rows, broken = [], bool(different)
    for what, limit, peer in BARS:
        own = samples if what == "resident" else cpu[what, "tcpwatch"]
        ratio = spread(a / b for a, b in zip(own, cpu[peer, "ss"]))
        held = ratio["median"] <= limit
        broken |= not held
        rows.append([what, report.quartiles(ratio, 3), f"{limit:.3f}",
                     "held" if held else "BROKEN"])
    rows.append(["state counts that differ", str(len(different)), "0",
                 "BROKEN" if different else "held"])
    print("\n".join(report.table("Bars: CPU against ss | awk", ["bar", "measured", "at most",
                                                               "verdict"], rows)))
    for counted, by_ss in different:
        print("differs:", counted, by_ss)
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump({"cpu": {" ".join(key): value for key, value in cpu.items()},
                       "threads": {" ".join(key): value for key, value in threads.items()},
                       "resident": samples}, file, indent=1)
    return 1 if different or (options.gate and broken) else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a capture costs: bytes of a connection on disk, and the time of a report.

usage: capture.py [--build DIR] [--connections N] [--events N] [--large MB] [--hogs N]
                  [--json FILE]
Records the churn workload (bench_churn: ten state changes and two ends of each connection, both on
this host) in each detail, and asks `capture info` and the file system. Needs root.
"""
import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time

DETAILS = ("counters", "connections", "transitions", "connections,transitions")


def parse():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--build", default="build/release", metavar="DIR")
    parser.add_argument("--connections", type=int, default=100000, metavar="N")
    parser.add_argument("--events", type=int, default=0, metavar="N",
                        help="also: report on a capture of at least so many stories")
    parser.add_argument("--large", type=int, default=0, metavar="MB",
                        help="also: what a window of a minute reads of a capture of that size")
    parser.add_argument("--hogs", type=int, default=0, metavar="N",
                        help="busy loops beside each recording")
    parser.add_argument("--json", metavar="FILE")
    return parser.parse_args()


class Churn:
    """The workload, ready to start."""

    def __init__(self, build, connections):
        program = os.path.join(build, "bench_churn")
        self.process = subprocess.Popen([program, "--connections", str(connections), "--wait"],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        json.loads(self.process.stdout.readline())

    def run(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        result = json.loads(self.process.stdout.readline())
        self.process.stdin.close()
        self.process.wait()
        return result


def started(path):
    """record has attached when the file's first counters may come: it is the parent that waits."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if os.path.exists(path):
            return
        time.sleep(0.02)
    sys.exit("capture.py: record did not start")


def recorded(options, detail, path, connections):
    tcpwatch = os.path.join(options.build, "tcpwatch")
    churn = Churn(options.build, connections)
    record = subprocess.Popen([tcpwatch, "record", "-o", path, "--detail", detail],
                              stderr=subprocess.PIPE, text=True)
    started(path)
    time.sleep(1.5)  # the file is there at once, the hooks some 100 ms later
    hogs = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(options.hogs)]
    result = churn.run()
    for hog in hogs:
        hog.kill()
        hog.wait()
    time.sleep(1.2)
    record.terminate()
    words = record.communicate()[1]
    if record.returncode != 0:
        sys.exit(f"capture.py: record failed: {words}")
    info = subprocess.run([tcpwatch, "capture", "info", path], capture_output=True, text=True,
                          check=True).stdout
    losses = subprocess.run([tcpwatch, "export", "--table", "loss", path], capture_output=True,
                            text=True, check=True).stdout.splitlines()
    kinds = {kind: int(count) for count, kind in re.findall(r"records\s+(\d+) \((\w+)\)", info)}
    return {"detail": detail, "bytes": os.path.getsize(path), "kinds": kinds,
            "lost": json.loads(losses[-1])["events"],
            "bytes_per_connection": os.path.getsize(path) / connections,
            "said": words.strip().split(": ")[-1],
            "conns_per_s": result["conns_per_s"]}


def cost_of(command):
    """Time, memory, and what it read: the kernel's own count, asked while the process is a zombie."""
    begin = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    with open(f"/proc/{process.pid}/io", encoding="ascii") as file:
        counts = dict(line.split(": ") for line in file.read().splitlines())
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return {"seconds": time.monotonic() - begin, "cpu_s": used.ru_utime + used.ru_stime,
            "peak_mb": used.ru_maxrss / 1024, "read_mb": int(counts["rchar"]) / 1e6,
            "exit": process.returncode}


def report_cost(options, path, *more):
    return cost_of([os.path.join(options.build, "tcpwatch"), "report", path, *more])


def large(options, folder):
    """An hour of a busy host, as large as asked for: all of it, and a minute in its middle."""
    path = os.path.join(folder, "hour.tcpw")
    rate = options.large * 1_000_000 // (3600 * 17)  # some 17 bytes each
    made = subprocess.run([os.path.join(options.build, "bench_recording"), path, "3600", str(rate)],
                          check=True, capture_output=True, text=True)
    result = json.loads(made.stdout)
    tcpwatch = os.path.join(options.build, "tcpwatch")
    window = ("--from", "1800s", "--to", "1860s")
    result["runs"] = {
        "report": report_cost(options, path),
        "report --html": report_cost(options, path, "--html", os.path.join(folder, "page.html")),
        "report of a minute": report_cost(options, path, *window),
        "trace of a minute": cost_of([tcpwatch, "trace", "--replay", path, *window])}
    print(f"{result['bytes'] / 1e6:.0f} MB, {result['records']} records of an hour:")
    for name, cost in result["runs"].items():
        print(f"  {name:20} {cost['seconds']:6.2f} s  {cost['cpu_s']:6.2f} s CPU  "
              f"{cost['peak_mb']:4.0f} MB  read {cost['read_mb']:8.2f} MB")
    return result


def main():
    options = parse()
    if os.geteuid() != 0:
        print("capture.py: needs root: run it with sudo", file=sys.stderr)
        return 3
    results = {"schema": "tcpwatch.bench.capture/1", "connections": options.connections, "rows": []}
    with tempfile.TemporaryDirectory() as folder:
        for detail in DETAILS:
            row = recorded(options, detail, os.path.join(folder, detail + ".tcpw"),
                           options.connections)
            results["rows"].append(row)
            lost = row["lost"]
            wanted = {"closed": 2 * options.connections} if "connections" in detail else {}
            wanted |= {"step": 10 * options.connections} if "transitions" in detail else {}
            missed = {kind: count - row["kinds"].get(kind, 0) for kind, count in wanted.items()
                      if row["kinds"].get(kind, 0) + lost < count}
            if missed:
                sys.exit(f"capture.py: {detail}: missing, and not told as lost: {missed}")
            if lost and options.hogs:
                sys.exit(f"capture.py: {detail}: {lost} lost beside {options.hogs} busy loops")
            print(f"{detail:26} {row['bytes_per_connection']:6.2f} bytes per connection   "
                  f"{row['conns_per_s']:8.0f} connections/s   {row['said']}", flush=True)
        if options.events:
            path = os.path.join(folder, "large.tcpw")
            row = recorded(options, "transitions", path, options.events // 10 + 1)
            results["report"] = {**report_cost(options, path), "events": row["kinds"].get("step"),
                                 "bytes": row["bytes"]}
            print("report on {events} steps ({bytes} bytes): {seconds:.2f} s, {peak_mb:.0f} MB"
                  .format(**results["report"]))
        if options.large:
            results["large"] = large(options, folder)
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump(results, file, indent=1)
    return 0


if __name__ == "__main__":
    sys.exit(main())

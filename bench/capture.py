#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a capture costs: bytes of a connection on disk, and the time of a report.

usage: capture.py [--build DIR] [--connections N] [--events N]
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
    result = churn.run()
    time.sleep(1.2)
    record.terminate()
    words = record.communicate()[1]
    if record.returncode != 0:
        sys.exit(f"capture.py: record failed: {words}")
    info = subprocess.run([tcpwatch, "capture", "info", path], capture_output=True, text=True,
                          check=True).stdout
    kinds = {kind: int(count) for count, kind in re.findall(r"records\s+(\d+) \((\w+)\)", info)}
    return {"detail": detail, "bytes": os.path.getsize(path), "kinds": kinds,
            "bytes_per_connection": os.path.getsize(path) / connections,
            "said": words.strip().split(": ")[-1],
            "conns_per_s": result["conns_per_s"]}


def report_cost(options, path):
    tcpwatch = os.path.join(options.build, "tcpwatch")
    begin = time.monotonic()
    process = subprocess.Popen([tcpwatch, "report", path], stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    return {"seconds": time.monotonic() - begin, "cpu_s": used.ru_utime + used.ru_stime,
            "peak_mb": used.ru_maxrss / 1024, "exit": os.waitstatus_to_exitcode(status)}


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
            print(f"{detail:26} {row['bytes_per_connection']:6.2f} bytes per connection   "
                  f"{row['conns_per_s']:8.0f} connections/s   {row['said']}", flush=True)
        if options.events:
            path = os.path.join(folder, "large.tcpw")
            row = recorded(options, "transitions", path, options.events // 10 + 1)
            results["report"] = {**report_cost(options, path), "events": row["kinds"].get("step"),
                                 "bytes": row["bytes"]}
            print("report on {events} steps ({bytes} bytes): {seconds:.2f} s, {peak_mb:.0f} MB"
                  .format(**results["report"]))
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump(results, file, indent=1)
    return 0


if __name__ == "__main__":
    sys.exit(main())

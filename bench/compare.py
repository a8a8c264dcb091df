#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""tcpwatch side by side with what people use instead, under a churn of short connections.

How it gates: on CPU time ratios (own clocks of the workload, the kernel threads and the tool, so
the other programs of the machine do not count) and on nanoseconds per BPF program run (the kernel's
own statistics). Not on throughput, not on wall time of the churn: on a shared machine those move by
more than the tool costs. They are shown, and so is `machine` (from /proc/stat, tick-sampled).
A null tracer (`sleep`) is a row of the table: what it deviates from 1 is the noise of the others.

Runs go A B A B A: every tool between two untraced runs, medians of the ratios over the rounds.
Tools that are missing or refused by this kernel stay in the table with the reason in one line.
Needs root. Everything it starts is ended by pid, the BPF statistics end with it, and tracefs (for
the peers) is mounted for them alone. Exit codes: 0; 1 a bar is broken (only with --gate) or the
smoke run is incomplete; 3 not root.
"""
import argparse
import json
import os
import re
import signal
import sys

from harness import (bars, bpfstats, cost, machine, pairs, proc, report, session, startup,
                     steady, tools)

# (rounds, connections of a run, repeats of the direct measurements, blocks of the getppid loop,
# seconds of the steady state)
SIZES = {"full": (7, 50000, 5, 100, 120), "quick": (3, 30000, 3, 50, 60),
         "smoke": (1, 2000, 1, 2, 1)}
# A smoke run takes one tool of each kind, to stay below a minute.
SMOKE_TOOLS = "tcpwatch t|null|ss -ant|strace|bpftrace count|tcplife|tcpconnect$"


def parse():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--build", default="build/release", metavar="DIR", help="holds tcpwatch")
    parser.add_argument("--programs", metavar="DIR", help="holds bench_churn (default: the build)")
    parser.add_argument("--quick", action="store_true", help="3 rounds of shorter runs")
    parser.add_argument("--smoke", action="store_true", help="does the harness work; no verdicts")
    parser.add_argument("--pairs", type=int, metavar="N", help="rounds (default 7)")
    parser.add_argument("--connections", type=int, metavar="N", help="per run (default 50000)")
    parser.add_argument("--only", metavar="REGEX", help="tools to measure, by name")
    parser.add_argument("--json", metavar="FILE", help="all results, every single run included")
    parser.add_argument("--gate", action="store_true", help="exit 1 if a bar is broken")
    return parser.parse_args()


def program(options, name):
    folder = options.programs or options.build
    for path in (os.path.join(folder, name), os.path.join(folder, "bench", name)):
        if os.access(path, os.X_OK):
            return path
    sys.exit(f"compare.py: {name} is not in {folder}: build first (./scripts/build)")


def progress(text):
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)
    elif text:
        print(f"bench: {text}", file=sys.stderr, flush=True)


def run(options):
    rounds, connections, repeats, blocks, seconds = SIZES[
        "smoke" if options.smoke else "quick" if options.quick else "full"]
    rounds, connections = options.pairs or rounds, options.connections or connections
    churn, getppid, hooks = (program(options, f"bench_{name}")
                             for name in ("churn", "syscalls", "hooks"))
    tcpwatch = os.path.join(options.build, "tcpwatch")
    only = options.only or (SMOKE_TOOLS if options.smoke else "")
    chosen = [tool for tool in tools.own_tools(tcpwatch) + tools.peers()
              if re.search(only, tool.name)]
    refused = {tool.name: why for tool in chosen if (why := session.missing(tool))}
    results = {"schema": "tcpwatch.bench/1", "machine": machine.facts(), "rounds": rounds,
               "connections": connections}

    present = [tool for tool in chosen if tool.name not in refused]
    runs, late = pairs.measure(present, churn, connections, rounds, progress)
    refused.update(late)
    results["pairs"] = {tool.name: {"refused": refused[tool.name]} if tool.name in refused
                        else pairs.summary(runs[tool.name]) for tool in chosen}
    plain = [base for made in runs.values() for one in made for base in one["untraced"]]
    results["untraced"] = {key: pairs.spread(one[key] for one in plain)
                           for key in ("conns_per_s", "cpu_us_per_conn", "cpu_tool_us")}

    def each(wanted, what, measure):
        picked = [tool for tool in chosen if wanted(tool)]
        return cost.each(picked, refused, what, progress, measure)

    results["bpf"] = each(lambda tool: tool.attached == "bpf", "BPF run statistics",
                          lambda tool: cost.bpf_cost(tool, churn, connections, repeats))
    results["steady"] = steady.measure([tool for tool in present if tool.always_on], churn, hooks,
                                       seconds, progress)
    results["completeness"] = each(lambda tool: tool.count, "events",
                                   lambda tool: cost.completeness(tool, churn, connections))
    results["syscalls"] = each(
        lambda tool: tool.syscall_row, "getppid",
        lambda tool: cost.syscall_cost(tool, churn, getppid, max(rounds, repeats), blocks))
    results["startup"] = each(lambda tool: tool.first_event, "start",
                              lambda tool: startup.first_events(tool, repeats))
    top = [tool for tool in chosen if tool.name == bars.TOP]
    results["startup"].update(cost.each(
        top, refused, "start", progress,
        lambda tool: startup.first_intervals(tcpwatch, repeats * 2)))
    results["machine"]["load"] += f" before, {machine.load()} after"
    results["bars"] = bars.judge(results)
    results["runs"] = runs
    return results


def gaps(results):
    """What a smoke run must have and has not. No numbers are judged."""
    found = [f"{name}: {row['refused']}" for part in ("pairs", "bpf", "completeness", "syscalls")
             for name, row in results[part].items() if "refused" in row
             and (name.startswith("null") or name.startswith("tcpwatch") and part != "pairs")]
    if "refused" in results["steady"]["hooks"]:
        found.append(f"steady: {results['steady']['hooks']['refused']}")
    found += [f"{name}: no ratio" for name, row in results["pairs"].items()
              if "refused" not in row and not row["cpu_tool"]]
    if proc.read(bpfstats.SYSCTL).strip() not in ("", "0"):
        found.append("the BPF statistics are still on")
    return found


def main():
    options = parse()
    if os.geteuid() != 0:
        print("compare.py: needs root (network namespaces, BPF): run it with sudo", file=sys.stderr)
        return 3
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that every `with` is left
    try:
        results = run(options)
    except KeyboardInterrupt:
        return 130
    progress("")
    print(report.text(results))
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump(results, file, indent=1)
    if options.smoke:
        missing = gaps(results)
        print("\nsmoke:", "; ".join(missing) or "every part of the harness ran")
        return 1 if missing else 0
    broken = [bar for bar in results["bars"] if bar["verdict"] == "BROKEN"]
    return 1 if options.gate and broken else 0


if __name__ == "__main__":
    sys.exit(main())

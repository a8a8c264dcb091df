# SPDX-License-Identifier: Apache-2.0
"""The side-by-side table: A B A B A, each tool's run between two untraced ones, ratio against their
mean, so that a drift of the machine cancels. Every round takes the tools in another order."""
import statistics
import time

from . import proc
from .churn import Churn
from .session import Refused, Session, one_shot_peak
from .tools import UNTRACED

def one_run(tool, binary, connections):
    """One workload with one tool. CPU: workload + kernel threads + tool, from the start of the
    churn until the tool has drained; each by its own clock, so other programs do not disturb it."""
    proc.settle()
    with Churn(binary, int(connections * tool.share)) as churn, Session(tool, churn) as session:
        written = proc.bytes_written(session.pid) if session.pid else 0
        threads, tool_cpu = proc.kernel_threads(), session.cpu()
        result = churn.run()
        if session.pid:
            time.sleep(tool.drain)
        result["tool_s"] = session.cpu() - tool_cpu
        result["threads_s"] = proc.difference(threads, proc.kernel_threads())
        if session.pid:
            if session.process.poll() is not None:
                raise Refused("ended during the run")
            result["peak_mib"] = (one_shot_peak(tool, churn) if tool.peak_argv
                                  else proc.status_mib(session.pid, "VmHWM"))
            result["bytes"] = proc.bytes_written(session.pid) - written
    per_conn = 1e6 / result["connections"]
    result["tool_us"] = result["tool_s"] * per_conn
    result["cpu_tool_us"] = (result["cpu_s"] + result["threads_s"] + result["tool_s"]) * per_conn
    result["machine_us"] = result["machine_busy_s"] * per_conn
    return result


def ratios(run, before, after):
    """Of one run against the mean of its two untraced neighbours."""
    return {name: run[key] / statistics.fmean((before[key], after[key]))
            for name, key in (("throughput", "conns_per_s"), ("cpu", "cpu_us_per_conn"),
                              ("cpu_tool", "cpu_tool_us"), ("machine", "machine_us"))}


def measure(tools, binary, connections, rounds, progress):
    """(runs by tool name, reasons by tool name). A tool that is refused once is not tried again."""
    runs = {tool.name: [] for tool in tools}
    refused = {}
    for number in range(rounds):
        shift = number * 3 % max(len(tools), 1)
        before = one_run(UNTRACED, binary, connections)
        for tool in tools[shift:] + tools[:shift]:
            if tool.name in refused:
                continue
            progress(f"round {number + 1} of {rounds}: {tool.name}")
            try:
                run = one_run(tool, binary, connections)
            except Refused as why:
                refused[tool.name] = str(why)
                continue
            after = one_run(UNTRACED, binary, connections)
            run["ratios"] = ratios(run, before, after)
            run["untraced"] = [before, after]
            runs[tool.name].append(run)
            before = after
    return runs, refused


def spread(values):
    """Median and quartiles; of fewer than three values the extremes."""
    values = sorted(value for value in values if value is not None)
    if not values:
        return None
    if len(values) < 3:
        return {"median": statistics.median(values), "q1": values[0], "q3": values[-1]}
    q1, median, q3 = statistics.quantiles(values, n=4, method="inclusive")
    return {"median": median, "q1": q1, "q3": q3}


def summary(runs):
    """The row of one tool."""
    row = {name: spread(run["ratios"][name] for run in runs) for name in runs[0]["ratios"]}
    row["tool_us"] = spread(run["tool_us"] for run in runs)
    row["peak_mib"] = max((run.get("peak_mib") or 0) for run in runs)
    row["bytes_per_conn"] = statistics.median(run.get("bytes", 0) / run["connections"]
                                              for run in runs)
    row["pairs"] = len(runs)
    return row

# SPDX-License-Identifier: Apache-2.0
"""What tcpwatch costs where it is always there, in two parts that a busy machine does not blur. The
hooks: detached and attached again some times a second under one workload (bench/hooks.cpp), so that
many pairs of windows of 0.1 s share the machine's speed. Its process: its own clock, once what only
the start needs is over. Ratio = hooks + process / untraced."""
import json
import math
import statistics
import subprocess
import time

from .churn import Churn
from .cost import SETTLING
from .session import Refused, Session

START = 2  # seconds until the number of TIME_WAIT is what it stays


def hooks_ratio(churn_binary, hooks_binary, seconds):
    """Each window with hooks against its two neighbours without. In logarithms: the mean of plain
    ratios of noisy windows is above what it is the ratio of."""
    with Churn(churn_binary, seconds=START + seconds + 30) as churn:
        churn.begin()
        time.sleep(START)
        done = subprocess.run([hooks_binary, ",".join(map(str, churn.pids)), str(seconds)],
                              capture_output=True, text=True)
    if done.returncode:
        raise Refused(done.stderr.strip())
    windows = json.loads(done.stdout)["windows"]
    off, on = windows[0::2], windows[1::2]
    logs = [math.log(one / math.sqrt(before * after))
            for one, before, after in zip(on, off, off[1:])]
    return {"ratio": math.exp(statistics.fmean(logs)), "pairs": len(logs),
            "error": statistics.stdev(logs) / len(logs) ** 0.5, "untraced_us": statistics.fmean(off)}


def process_us(tool, churn_binary, seconds):
    """CPU of the tool's process for each connection, at full churn."""
    with Churn(churn_binary, seconds=SETTLING + seconds + 30) as churn, Session(tool, churn) as session:
        churn.begin()
        time.sleep(SETTLING)
        opened, used = churn.opened(), session.cpu()
        time.sleep(seconds)
        return (session.cpu() - used) * 1e6 / (churn.opened() - opened)


def measure(tools, churn_binary, hooks_binary, seconds, progress):
    if not tools:
        return {"hooks": {"refused": "no tool that is always on was chosen"}, "tools": {}}
    rows = {}
    try:
        progress("steady: hooks")
        hooks = hooks_ratio(churn_binary, hooks_binary, seconds)
        for tool in tools:
            progress(f"steady: {tool.name}")
            spent = process_us(tool, churn_binary, seconds)
            rows[tool.name] = {"process_us": spent,
                               "ratio": hooks["ratio"] + spent / hooks["untraced_us"]}
    except Refused as why:
        return {"hooks": {"refused": str(why)}, "tools": {}}
    return {"hooks": hooks, "tools": rows}

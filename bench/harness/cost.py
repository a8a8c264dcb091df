# SPDX-License-Identifier: Apache-2.0
"""What the pairs cannot resolve, measured directly: ns per BPF program run, steady memory, events
shown against events made, and what an unrelated system call costs meanwhile."""
import json
import re
import statistics
import subprocess
import tempfile
import time

from . import bpfstats, events, proc
from .churn import Churn
from .pairs import spread
from .session import Refused, Session

STATE_PROGRAM = re.compile(r"state|handle_set|inet_sock", re.I)

# What only the start needs goes back after some intervals, here and wherever it runs for days.
SETTLING = 5


def bpf_run(tool, binary, connections):
    """One workload with the kernel's statistics on. Time per program, and memory after the work."""
    with bpfstats.Enabled(), Churn(binary, connections) as churn, Session(tool, churn) as session:
        before = bpfstats.programs_of(session.pid)
        churn.run()
        time.sleep(tool.drain)
        programs = bpfstats.delta(before, bpfstats.programs_of(session.pid), connections)
        time.sleep(SETTLING if tool.own else 0)
        memory = proc.memory(session.pid)
    # A tool may have several programs on one event: what the event costs is their sum.
    state = [row for row in programs if STATE_PROGRAM.search(row["name"])
             and row["runs_per_conn"] > 9]  # more than 10: other programs' connections
    return {"programs": programs, "memory": memory,
            "ns_per_conn": sum(row["ns"] for row in programs) / connections,
            "ns_per_state_event": sum(row["ns"] for row in state) / max(row["runs"] for row in state)
            if state else None}


def bpf_cost(tool, binary, connections, repeats):
    runs = [bpf_run(tool, binary, connections) for _ in range(repeats)]
    last = runs[-1]
    return {"ns_per_state_event": spread(run["ns_per_state_event"] for run in runs),
            "ns_per_conn": spread(run["ns_per_conn"] for run in runs),
            "programs": last["programs"], "memory": last["memory"]}


def completeness(tool, binary, connections):
    """Output kept this time: what was shown, what happened, and the loss that the tool admits."""
    connections = int(connections * tool.share)
    with tempfile.TemporaryFile() as output:
        with Churn(binary, connections) as churn:
            argv = tool.output_argv or None
            with Session(tool, churn, output=output, argv=argv) as session:
                result = churn.run()
                time.sleep(max(tool.drain, 1.2 if tool.own else 0))
            errors = session.error_text()
        output.seek(0)
        text = output.read().decode("utf-8", "replace") + errors * (tool.attached == "ptrace")
    seen, expected = tool.count(text, churn), connections * tool.per_conn + tool.besides
    return {"seen": seen, "expected": expected, "missing": 1 - seen / expected,
            "reported_lost": events.reported_lost(text, errors),
            "active_opens": result["active_opens"], "passive_opens": result["passive_opens"]}


def syscall_ns(binary, blocks):
    done = subprocess.run([binary, str(blocks)], capture_output=True, check=True)
    return json.loads(done.stdout)["ns_best"]


def syscall_cost(tool, churn_binary, binary, rounds, blocks):
    """Extra nanoseconds on getppid() while the tool is attached to an idle workload; A B A B."""
    without, beside = [], []
    for _ in range(rounds):
        without.append(syscall_ns(binary, blocks))
        with Churn(churn_binary, 1) as churn, Session(tool, churn):
            beside.append(syscall_ns(binary, blocks))
    return {"without_ns": spread(without), "with_ns": spread(beside),
            "extra_ns": spread(b - a for a, b in zip(without, beside)),
            "ratio": spread(b / a for a, b in zip(without, beside))}


def each(tools, refused, what, progress, measure):
    """{tool name: measure(tool)} for those that run here; a late refusal becomes a reason."""
    result = {}
    for tool in tools:
        if tool.name in refused:
            continue
        progress(f"{what}: {tool.name}")
        try:
            result[tool.name] = measure(tool)
        except (Refused, OSError, RuntimeError, subprocess.SubprocessError) as why:
            result[tool.name] = {"refused": str(why)}
    return result

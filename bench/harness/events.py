# SPDX-License-Identifier: Apache-2.0
"""How many events of the workload a tool's output shows: pure functions of text. Events of other
programs on the machine are told apart by the workload's ports (chosen by the kernel, so unique)."""
import json
import re


def lines_with_ports(text, churn):
    ports = "|".join(str(port) for port in churn.ports)
    return len(re.findall(rf"^.*\b(?:{ports})\b", text, re.M))


def bpftrace_counts(text, churn):
    """`@[pid, state]: n`, all keys: in softirq the pid is whoever happened to run."""
    del churn
    return sum(int(number) for number in re.findall(r"^@\[.*\]: (\d+)", text, re.M))


def strace_connects(text, churn):
    """The `calls` column of the row of connect."""
    del churn
    found = re.search(r"^\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+)\s+(?:\d+\s+)?connect$", text, re.M)
    return int(found.group(1)) if found else 0


def tcpwatch_objects(text):
    objects = []
    for line in text.splitlines():
        try:
            objects.append(json.loads(line))
        except ValueError:
            continue
    return objects


def tcpwatch_top(text, churn):
    """Connects of the client, accepts of the server and closes of the client, by their pids: a
    wrong owner counts as not seen."""
    client, server = churn.pids
    seen = 0
    for interval in tcpwatch_objects(text):
        for worker in interval.get("workers", []):
            if worker.get("pid") == client:
                seen += (worker.get("connects") or 0) + (worker.get("closes") or 0)
            elif worker.get("pid") == server:
                seen += worker.get("accepts") or 0
    return seen


def reported_lost(output, errors):
    """What the tool itself says it lost: `lost_events` of ours, "lost N events" of the peers."""
    own = [interval.get("lost_events") or 0 for interval in tcpwatch_objects(output)
           if isinstance(interval, dict)] if output.startswith("{") else []
    said = [int(number) for number in re.findall(r"lost (\d+) ", output + errors, re.I)]
    return sum(own) + sum(said)

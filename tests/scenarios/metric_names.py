# SPDX-License-Identifier: Apache-2.0
"""Do rules and dashboards name only what the agent tells? Against the text of running agents."""
import re

SAMPLE = re.compile(r'^([a-z_]+)(?:\{(.*)\})? (\S+)$')
LABEL = re.compile(r'([a-z_]+)="((?:[^"\\]|\\.)*)"')
NAME = re.compile(r'\b(?:tcpwatch|process)_[a-z0-9_]+')
MATCHERS = re.compile(r'\b((?:tcpwatch|process)_[a-z0-9_]+)\{([^}]*)\}')
GROUPING = re.compile(r'\b(?:by|on|ignoring|without|group_left) ?\(([^)]*)\)')
# What is there only where it happens: a kernel that watches refusals, kernel.bpf_stats_enabled.
SELDOM = {"tcpwatch_descriptor_refusals_total": {"process", "pid", "call", "reason"},
          "tcpwatch_bpf_run_seconds_total": {"program"}, "tcpwatch_bpf_runs_total": {"program"}}
TARGET = {"job", "instance", "netns"}  # netns: of addresses outside of the host's own namespace
ALERT = {"alertname", "alertstate", "severity"}


def samples(text):
    """[(name, labels, value)]"""
    told = []
    for line in text.splitlines():
        match = SAMPLE.match(line)
        if match:
            told.append((match[1], dict(LABEL.findall(match[2] or "")), float(match[3])))
        elif line and not line.startswith("# "):
            raise ValueError(f"no sample: {line}")
    return told


def families(texts):
    """{name of a series: set of its labels}"""
    found = {name: set(labels) for name, labels in SELDOM.items()}
    for text in texts:
        for kind in re.findall(r"^# TYPE (\S+) \S+$", text, re.M):
            found.setdefault(kind, set())
        for name, labels, _ in samples(text):
            found.setdefault(name, set()).update(labels)
    return found


def strangers(query_text, known):
    """What the text of rules or queries names and nobody tells."""
    every = set().union(*known.values(), TARGET, ALERT)
    wrong = {name for name in NAME.findall(query_text) if name not in known}
    for name, matchers in MATCHERS.findall(query_text):
        allowed = known.get(name, every) | TARGET
        wrong |= {f"{name}{{{label}}}" for label in re.findall(r'(\w+) ?(?:=~|!~|!=|=)', matchers)
                  if label not in allowed}
    for labels in GROUPING.findall(query_text):
        wrong |= {f"by ({label})" for label in labels.replace(",", " ").split() if label not in every}
    return sorted(wrong)

# SPDX-License-Identifier: Apache-2.0
"""Reads what a gtest program printed into passed, failed and skipped tests.

Strict: a program that was killed, that ran no test, or whose own closing count differs from what
was read, adds a failure, whatever the tests before it said.
"""
import dataclasses
import re

EVENT = re.compile(r"\[ +(RUN|OK|FAILED|SKIPPED) +\] ([^\s,]+)")
CLOSING = re.compile(r"\[=+\] (\d+) tests? from \d+ test suites? ran\.")
LOCATION = re.compile(r"^\S+:\d+: Skipped$")


@dataclasses.dataclass
class Verdicts:
    passed: list = dataclasses.field(default_factory=list)
    failed: dict = dataclasses.field(default_factory=dict)   # name -> output lines
    skipped: dict = dataclasses.field(default_factory=dict)  # name -> reason
    whole: bool = False  # all that was asked for ran to its end


@dataclasses.dataclass
class Totals:
    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def add(self, verdicts):
        self.passed += len(verdicts.passed)
        self.failed += len(verdicts.failed)
        self.skipped += len(verdicts.skipped)

    def line(self):
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"

    def add_totals(self, other):
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped


def reason_of(lines):
    text = [line.strip() for line in lines if line.strip() and not LOCATION.match(line.strip())]
    return " ".join(text) or "no reason given"


def status_text(status):
    if status is None:
        return "the VM ended while it ran"
    if status in (137, 143):
        return "killed: its time limit passed"
    return f"exit status {status}" if status < 128 else f"killed by signal {status - 128}"


def read(lines, status):
    verdicts, current, output, closing = Verdicts(), None, [], None
    for line in lines:
        closed = CLOSING.search(line)
        if closed:
            closing = int(closed.group(1))
            break
        event = EVENT.search(line)
        if not event:
            output.append(line)
            continue
        kind, name = event.groups()
        if kind == "RUN":
            current, output = name, []
        elif name == current:
            if kind == "OK":
                verdicts.passed.append(name)
            elif kind == "SKIPPED":
                verdicts.skipped[name] = reason_of(output)
            else:
                verdicts.failed[name] = output
            current, output = None, []

    seen = len(verdicts.passed) + len(verdicts.failed) + len(verdicts.skipped)
    fault = None
    if current is not None:
        verdicts.failed[current] = [*output, f"(did not end: {status_text(status)})"]
    elif closing is None:
        fault = f"no closing line: {status_text(status)}"
    elif closing == 0:
        fault = "the filter matches no test"
    elif closing != seen:
        fault = f"it says that it ran {closing} tests, {seen} were read"
    elif status != 0 and not verdicts.failed:
        fault = f"all tests passed, but {status_text(status)}"
    verdicts.whole = current is None and not fault
    if fault:
        verdicts.failed["(test program)"] = [*lines[-40:], f"({fault})"]
    return verdicts

# SPDX-License-Identifier: Apache-2.0
"""A test that failed in an emulated VM is judged by five runs more, alone in a fresh one.

The emulator interrupts where no processor does and stretches a microsecond to milliseconds, so that
among two thousand tests of a matrix one may lose a race that hardware never runs. What fails by the
tested code fails again. A test counts as passed only if all five runs pass; it is told as FLAKED with
what it printed, for somebody to look into. More than a few in one boot are no accident.
"""
import dataclasses

from . import boot, gtest_log, matrix

AT_MOST = 2
RUNS = 5


def suspects(judged):
    """[(row, test)] to run again, or none: it was too much for an accident, or a run broke off, so
    that nobody knows of the tests behind."""
    failed = [(row, name) for row, verdicts in judged for name in verdicts.failed]
    whole = all(verdicts.whole for _, verdicts in judged)
    return failed if whole and len(failed) <= AT_MOST else []


def passes(output):
    return output is not None and gtest_log.read(output.lines, output.status).whole \
        and output.status == 0


def run_again(kernel, lockdown, judged, args):
    """Takes what passes now out of the failures of `judged`; returns lines that tell it."""
    again = suspects(judged)
    if not again:
        return []
    runs = [matrix.as_run(dataclasses.replace(row, filter=name), args.program.name,
                          [*args.extra, f"--gtest_repeat={RUNS}"], args.run_limit)
            for row, name in again]
    result = boot.run(kernel, lockdown, [args.program, *args.file], runs, args.boot_limit,
                      log_name=f"{kernel}-{lockdown}-again")
    verdicts_of = {id(row): verdicts for row, verdicts in judged}
    text = []
    for index, (row, name) in enumerate(again):
        if not passes(result.outputs[index] if index < len(result.outputs) else None):
            text.append(f"  {name} failed again ({row.label()})")
            continue
        verdicts = verdicts_of[id(row)]
        text += [f"  FLAKED {kernel}, {row.label()}: {name} failed once, passed {RUNS} of {RUNS} "
                 "alone in a fresh VM", *("      | " + line for line in verdicts.failed.pop(name))]
        verdicts.passed.append(name)
    return text

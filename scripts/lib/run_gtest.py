#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs a GoogleTest program from the top of the source tree and counts what it did.

usage: run_gtest.py PROGRAM [ARGUMENTS]...
Prints the program's output (without GoogleTest's own chatter unless TCPWATCH_VERBOSE is set), a line
`SKIP NAME: REASON` or `FAIL NAME` per such test, and last `N passed, N failed, N skipped`. A program
that crashes, runs longer than TCPWATCH_TEST_TIMEOUT seconds (1200) or runs no test is a failure.
"""

import os
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

QUIET = ("[ RUN      ]", "[       OK ]", "[----------]", "[==========]", "Note: Google Test filter",
         "[  PASSED  ]", "[  SKIPPED ]", "Running main() from")


def run(command, report):
    """The exit status and the test that ran last; the output is passed on as it comes."""
    command = command + [f"--gtest_output=xml:{report}"]
    limit = os.environ.get("TCPWATCH_TEST_TIMEOUT", "1200")
    verbose = "TCPWATCH_VERBOSE" in os.environ
    last, in_skip = "no test", False
    # timeout(1) ends the whole process group, so that no child of a hanging test stays behind.
    with subprocess.Popen(["timeout", "--kill-after=10", limit] + command, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, errors="replace") as child:
        try:
            for line in child.stdout:
                if line.startswith("[ RUN      ]"):
                    last = line[12:].strip()
                # The reason of a skip is printed by count(), with the name of the test.
                in_skip = (in_skip or line.endswith(": Skipped\n")) and not line.startswith("[")
                if verbose or not (in_skip or line.isspace() or line.startswith(QUIET)):
                    print(line, end="", flush=True)
        except KeyboardInterrupt:
            child.terminate()
            raise
    return child.returncode, last


def reason_of(skipped):
    """`file:line\nreason` in the message of GoogleTest: the reason alone, on one line."""
    lines = (skipped.get("message") or "").strip().splitlines()
    return " ".join(lines[1:] or lines) or "no reason given"


def count(report):
    passed = failed = skipped = 0
    for case in ElementTree.parse(report).getroot().iter("testcase"):
        name = f"{case.get('classname')}.{case.get('name')}"
        if case.find("failure") is not None:
            failed += 1
            print(f"FAIL {name}")
        elif case.get("result") == "skipped":
            skipped += 1
            print(f"SKIP {name}: {reason_of(case.find('skipped'))}")
        elif case.get("status") == "notrun":
            skipped += 1
            print(f"SKIP {name}: disabled in the source")
        else:
            passed += 1
    return passed, failed, skipped


def main():
    command = sys.argv[1:]
    program = os.path.basename(command[0])
    with tempfile.TemporaryDirectory() as folder:
        report = os.path.join(folder, "report.xml")
        status, last = run(command, report)
        if not os.path.exists(report):
            if status in (124, 137):
                what = "ran out of time"
            else:
                what = f"died of signal {-status}" if status < 0 else f"ended with status {status}"
            print(f"FAIL {program} {what} in {last}")
            passed, failed, skipped = 0, 1, 0
        else:
            passed, failed, skipped = count(report)
            if passed + failed + skipped == 0:
                print(f"FAIL {program} ran no test")
                failed = 1
            elif status != 0 and failed == 0:
                print(f"FAIL {program}: all tests passed, yet the exit status is {status}")
                failed = 1
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

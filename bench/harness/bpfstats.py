# SPDX-License-Identifier: Apache-2.0
"""The kernel's BPF run statistics: switched on for as long as a `with` block lasts, and read for
the programs that one process holds. Times in nanoseconds."""
import ctypes
import json
import os
import platform
import re
import shutil
import subprocess

from . import proc

BPF_ENABLE_STATS = 32
SYS_BPF = {"x86_64": 321}.get(platform.machine(), 280)
SYSCTL = "/proc/sys/kernel/bpf_stats_enabled"


class Enabled:
    """BPF_ENABLE_STATS rather than writing the sysctl: the kernel switches the statistics off when
    the descriptor closes, so they end with us however we end, and nobody else's setting is lost."""

    def __enter__(self):
        attributes = ctypes.create_string_buffer(128)  # type 0: BPF_STATS_RUN_TIME
        self.fd = proc.LIBC.syscall(SYS_BPF, BPF_ENABLE_STATS, attributes, 4)
        if self.fd < 0:
            raise OSError(ctypes.get_errno(), "BPF_ENABLE_STATS")
        return self

    def __exit__(self, *_):
        os.close(self.fd)


def programs_of(pid):
    """{id: (nanoseconds, runs)} of the programs of which the process holds a descriptor or link."""
    found, linked = {}, set()
    try:
        descriptors = os.listdir(f"/proc/{pid}/fdinfo")
    except OSError:
        return {}
    for fd in descriptors:
        text = proc.read(f"/proc/{pid}/fdinfo/{fd}")
        facts = dict(re.findall(r"^(\w+):\s*(\d+)$", text, re.M))
        if "prog_id" not in facts:
            continue
        if "run_cnt" in facts:
            found[int(facts["prog_id"])] = (int(facts["run_time_ns"]), int(facts["run_cnt"]))
        else:
            linked.add(int(facts["prog_id"]))
    for number in linked - set(found):  # the process closed the program and kept the link
        shown = show(number)
        found[number] = (shown.get("run_time_ns", 0), shown.get("run_cnt", 0))
    return found


def show(number):
    if not shutil.which("bpftool"):
        return {}
    done = subprocess.run(["bpftool", "-j", "prog", "show", "id", str(number)],
                          capture_output=True, check=False)
    try:
        return json.loads(done.stdout)
    except ValueError:
        return {}


def delta(before, after, connections):
    """Per program, between two programs_of(): runs per connection and nanoseconds per run."""
    rows = []
    for number, (time, runs) in after.items():
        time0, runs0 = before.get(number, (0, 0))
        if runs > runs0:
            rows.append({"id": number, "name": show(number).get("name", f"id {number}"),
                         "runs": runs - runs0, "ns": time - time0,
                         "runs_per_conn": (runs - runs0) / connections,
                         "ns_per_run": (time - time0) / (runs - runs0)})
    return sorted(rows, key=lambda row: -row["ns"])

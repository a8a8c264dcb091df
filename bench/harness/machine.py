# SPDX-License-Identifier: Apache-2.0
"""The head of the report: on which machine, and how busy it was with other things."""
import os
import platform
import re
import shutil
import subprocess

from . import proc

LOCKDOWN = "mount -t securityfs none /sys/kernel/security; cat /sys/kernel/security/lockdown"
VERSIONS = (("strace", ["strace", "--version"]), ("bpftrace", ["bpftrace", "--version"]),
            ("bpftool", ["bpftool", "version"]), ("ss", ["ss", "-V"]),
            ("perf", ["perf", "--version"]))


def output(argv):
    try:
        done = subprocess.run(argv, capture_output=True, check=False, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return (done.stdout or done.stderr).decode("utf-8", "replace")


def lockdown():
    found = re.search(r"\[(\w+)\]", proc.read("/sys/kernel/security/lockdown") or
                      output(["unshare", "--mount", "sh", "-c", LOCKDOWN]))
    return found.group(1) if found else "unknown"


def versions():
    found = []
    for name, argv in VERSIONS:
        if shutil.which(argv[0]):
            number = re.search(r"\d+\.\d[\w.]*", output(argv))
            found.append(f"{name} {number.group(0) if number else '?'}")
    return ", ".join(found)


def load():
    return " ".join(f"{average:.2f}" for average in os.getloadavg())


def facts():
    model = re.search(r"^model name\s*:\s*(.*)$", proc.read("/proc/cpuinfo"), re.M)
    return {"kernel": f"{platform.release()} {platform.machine()}, lockdown {lockdown()}",
            "cores": f"{len(os.sched_getaffinity(0))} ({model.group(1) if model else 'unknown'})",
            "load": load(), "peers": versions()}

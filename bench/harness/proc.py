# SPDX-License-Identifier: Apache-2.0
"""Facts about processes: CPU (seconds, nanosecond clock), memory (MiB), bytes written; and how a
process is started and ended. Nothing here touches a process that we did not start."""
import ctypes
import os
import signal
import subprocess
import time

TICK = os.sysconf("SC_CLK_TCK")
LIBC = ctypes.CDLL(None, use_errno=True)
PR_SET_PDEATHSIG = 1


def die_with_parent():
    """In the child: if the harness is killed, even by SIGKILL, nothing that it started survives."""
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def start(argv, **keywords):
    """A session of its own, so that Ctrl-C reaches the harness alone and the group can be ended."""
    keywords.setdefault("stdin", subprocess.DEVNULL)
    return subprocess.Popen(argv, start_new_session=True, preexec_fn=die_with_parent, **keywords)


def end(process, patience=10.0):
    """Ctrl-C first, as a user would: tools print and detach. The group is the one start() made."""
    for kind in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
        if process.poll() is not None:
            break
        os.killpg(process.pid, kind)
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            continue
    try:
        os.killpg(process.pid, signal.SIGKILL)  # what a shell loop left behind
    except ProcessLookupError:
        pass
    return process.wait()


def read(path):
    try:
        with open(path, "rb") as file:
            return file.read().decode("utf-8", "replace")
    except OSError:
        return ""


def cpu_clock(pid):
    """CPU seconds of all threads of a process, dead ones too, by its own clock (ns resolution)."""
    try:
        return time.clock_gettime(((~pid) << 3) | 2)
    except OSError:
        return 0.0


def cpu_with_children(pid):
    fields = read(f"/proc/{pid}/stat").rpartition(")")[2].split()
    children = (int(fields[13]) + int(fields[14])) / TICK if len(fields) > 14 else 0.0
    return cpu_clock(pid) + children


def kernel_threads():
    """CPU seconds by kernel thread: work that a tool or the workload moves into one of those that
    run packets, deferred work and frees is a cost. (Memory scanners and journals are others'.)"""
    result = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            comm, _, rest = read(f"/proc/{name}/stat").partition("(")[2].rpartition(")")
            if rest.split()[1:2] == ["2"] and comm.startswith(("ksoftirqd", "kworker", "rcu")):
                result[int(name)] = cpu_clock(int(name))
    return result


def difference(before, after):
    return sum(after[pid] - before.get(pid, 0.0) for pid in after)


def status_mib(pid, key):
    """VmHWM or VmRSS. Not ru_maxrss: that one still holds the peak of the Python that forked."""
    for line in read(f"/proc/{pid}/status").splitlines():
        if line.startswith(key + ":"):
            return int(line.split()[1]) / 1024
    return None


def memory(pid):
    """RSS now and at its peak, private pages and the proportional share, in MiB."""
    rollup = {}
    for line in read(f"/proc/{pid}/smaps_rollup").splitlines()[1:]:
        key, value = line.split()[:2]
        rollup[key.rstrip(":")] = int(value) / 1024
    return {"rss": status_mib(pid, "VmRSS"), "peak": status_mib(pid, "VmHWM"),
            "private": rollup.get("Private_Clean", 0) + rollup.get("Private_Dirty", 0),
            "pss": rollup.get("Pss")}


def bytes_written(pid):
    for line in read(f"/proc/{pid}/io").splitlines():
        if line.startswith("wchar:"):
            return int(line.split()[1])
    return 0


def settle(quiet=0.002, window=0.1, patience=2.0):
    """Waits until the kernel has tidied up (namespaces, detached programs): kernel threads idle."""
    deadline = time.monotonic() + patience
    before = kernel_threads()
    while time.monotonic() < deadline:
        time.sleep(window)
        after = kernel_threads()
        if difference(before, after) < quiet:
            return
        before = after

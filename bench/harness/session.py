# SPDX-License-Identifier: Apache-2.0
"""One tool beside one workload: started, attached, read, ended. Why a tool cannot run is a value
(Refused), since "does not run on this kernel" is a result of the comparison, not its failure."""
import os
import re
import select
import shutil
import subprocess
import tempfile
import time

from . import proc, tools

MOUNT = 'mount -t tracefs tracefs /sys/kernel/tracing && exec "$@"'


class Refused(Exception):
    """One line: why the tool cannot be measured here."""


class Session:
    """with Session(tool, churn): attached inside. output: a file, default /dev/null."""

    def __init__(self, tool, churn, output=None, argv=None):
        self.tool, self.churn = tool, churn
        self.output = output if output is not None else subprocess.DEVNULL
        self.argv = argv
        self.errors = tempfile.TemporaryFile()
        self.process = None

    def __enter__(self):
        if self.tool.argv:
            self.process = proc.start(command(self.tool, self.churn, self.argv),
                                      stdout=self.output, stderr=self.errors)
            try:
                self.wait_until_attached()
            except BaseException:
                self.__exit__()
                raise
        return self

    def __exit__(self, *_):
        if self.process:
            proc.end(self.process)

    @property
    def pid(self):
        return self.process.pid if self.process else None

    def error_text(self):
        self.errors.seek(0)
        return self.errors.read().decode("utf-8", "replace")

    def cpu(self):
        return proc.cpu_with_children(self.pid) if self.process else 0.0

    def wait_until_attached(self, patience=20.0, quiet=0.2):
        """Peers do not say when they are ready, so: they hold descriptors and went to sleep."""
        deadline = time.monotonic() + patience
        last, since = -1.0, time.monotonic()
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise Refused(reason(self.error_text(), self.process.returncode))
            now, cpu = time.monotonic(), proc.cpu_clock(self.pid)
            if cpu - last > 0.002:
                last, since = cpu, now
            elif self.watches() and now - since >= quiet:
                return
            time.sleep(0.02)
        raise Refused(f"not attached after {patience:.0f} s")

    def watches(self):
        if self.tool.attached == "ptrace":
            tracers = [re.search(r"^TracerPid:\s*(\d+)", proc.read(f"/proc/{pid}/status"), re.M)
                       for pid in self.churn.pids]
            return all(tracer and int(tracer.group(1)) == self.pid for tracer in tracers)
        return self.tool.attached == "none" or holds_bpf(self.pid)


def holds_bpf(pid):
    try:
        for fd in os.listdir(f"/proc/{pid}/fd"):
            if re.search(r"bpf[-_](link|prog)|perf_event", os.readlink(f"/proc/{pid}/fd/{fd}")):
                return True
    except OSError:
        pass
    return False


def one_shot_peak(tool, churn):
    """Peak memory of a short-lived program: it stops when the pipe that nobody reads is full."""
    process = proc.start(tools.arguments(tool, churn, tool.peak_argv), stdout=subprocess.PIPE)
    try:
        select.select([process.stdout], [], [], 5)
        time.sleep(0.05)
        return proc.status_mib(process.pid, "VmHWM")
    finally:
        proc.end(process)
        process.stdout.close()


def missing(tool):
    """Why it cannot even be started, or None."""
    binary = tool.argv[0] if tool.argv else "true"
    if shutil.which(binary) or os.access(binary, os.X_OK):
        return None
    return "not built" if tool.own else f"not installed (apt-get install {tool.package})"


def command(tool, churn, argv=None):
    """Tracefs is mounted for the peers that need it, in a mount namespace that ends with them: the
    machine stays as it was, and tcpwatch is measured without."""
    words = tools.arguments(tool, churn, argv)
    if tool.tracefs and not os.path.exists("/sys/kernel/tracing/events"):
        return ["unshare", "--mount", "sh", "-c", MOUNT, "sh"] + words
    return words


def reason(text, status):
    """The telling line of a refusal: the first that names a failure, without its prefix."""
    lines = [line.strip() for line in text.splitlines() if line.strip() and "RLIMIT" not in line]
    telling = [line for line in lines if re.search(r"failed|error|denied|cannot", line, re.I)]
    line = (telling or lines or [f"ended at once with status {status}"])[0]
    return re.sub(r"^(libbpf: |ERROR: |stdin:\S+ )+", "", line)

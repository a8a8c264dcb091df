# SPDX-License-Identifier: Apache-2.0
"""Boots one kernel under qemu (emulation: KVM guests hang on our machines) and collects its runs.

A boot is judged by what /init prints: no "@vm verdict" line is a failure. One retry is given, only
to a fault that is the emulator's: a kernel that crashed or hung before /init printed anything (seen
once in dozens of boots, of 6.12 and of 7.2), or one that died of the breakpoint that it puts where
it patches its own code (see PATCHING).
"""
import dataclasses
import pathlib
import re
import subprocess
import tempfile
import threading
import time

from . import image, tools

# Without cx16: under qemu 7.2 the flags hold garbage after cmpxchg16b, how the allocator of
# 6.12 takes its objects; an interrupt just then ends in a double fault. 6.12 died within seconds of
# repeated BPF loads (3 of 3); with the feature masked no kernel crashed in 15 rounds each.
CPU = "max,-cx16"
COMMAND_LINE = "console=ttyS0 quiet panic=-1 oops=panic"
COMPLAINT = re.compile(
    r"\b(BUG|WARNING|Oops|Kernel panic|soft lockup|rcu:.*stall|general protection)\b")

# A kernel patches its code (attaching to a tracepoint does) behind an int3, which it takes away when
# every CPU has seen the new bytes. Under qemu's emulation with several threads a CPU now and then
# still executes it afterwards, as others report of booting and of ftrace; nothing handles it then.
PATCHING = re.compile(r"\bint3: 0000 \[#")


# Kernels are up within 6 s here, beside other work within 20.
PATIENCE_FOR_INIT = 150


@dataclasses.dataclass
class RunOutput:
    lines: list
    status: int | None = None  # None: the VM ended inside this run
    seconds: float = 0.0


@dataclasses.dataclass
class Boot:
    """What came out of one VM; outputs are in the order of the runs asked for."""
    init_seen: bool = False
    complete: bool = False
    timed_out: bool = False
    kernel: str = ""
    notes: list = dataclasses.field(default_factory=list)
    outputs: list = dataclasses.field(default_factory=list)
    seconds: float = 0.0
    to_init: float = 0.0
    kernel_lines: list = dataclasses.field(default_factory=list)

    def take(self, line, now):
        words = line.split() if line.startswith("@vm ") else ["", ""]
        if words[1] == "init":
            self.init_seen, self.to_init = True, now
        elif words[1] == "kernel":
            self.kernel = " ".join(words[2:])
        elif words[1] == "note":
            self.notes.append(" ".join(words[2:]))
        elif words[1] == "verdict":
            self.complete = True
        elif words[1] == "begin":
            self.outputs.append(RunOutput([], None, now))
        elif words[1] == "end":
            run = self.outputs[-1]
            run.status, run.seconds = int(words[3]), now - run.seconds
        elif self.outputs and self.outputs[-1].status is None:
            self.outputs[-1].lines.append(line)


def qemu_command(kernel, lockdown, initramfs, kernel_log, memory):
    qemu = tools.find("qemu-system-x86_64", "qemu-system-x86")
    append = COMMAND_LINE + ("" if lockdown == "none" else f" lockdown={lockdown}")
    return ["setpriv", "--pdeathsig", "KILL",  # no VM outlives us
            qemu, "-accel", "tcg", "-cpu", CPU, "-smp", "2", "-m", str(memory), "-nodefaults",
            "-no-user-config", "-display", "none", "-no-reboot", "-nic", "none",
            "-serial", f"file:{kernel_log}", "-serial", "stdio",
            "-kernel", tools.KERNELS / kernel / "vmlinuz", "-initrd", initramfs, "-append", append]


def boot_once(command, limit, on_line):
    boot, start = Boot(), time.monotonic()
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT)

    def expire():
        boot.timed_out = True
        process.kill()

    def expect_init():
        if not boot.init_seen:
            process.kill()

    timers = [threading.Timer(limit, expire), threading.Timer(PATIENCE_FOR_INIT, expect_init)]
    for timer in timers:
        timer.start()
    try:
        for raw in process.stdout:
            line = raw.decode(errors="replace").rstrip("\r\n")
            boot.take(line, time.monotonic() - start)
            on_line(line)
    finally:
        for timer in timers:
            timer.cancel()
        process.kill()
        process.wait()
    boot.seconds = time.monotonic() - start
    return boot


def emulators_fault(boot):
    """Why a crash was none of the kernel's, or None."""
    if boot.complete or boot.timed_out:
        return None
    if not boot.init_seen:
        return "never came to user space"
    if any(PATCHING.search(line) for line in boot.kernel_lines):
        return "died of the int3 behind which it patched its own code"
    return None


def kernel_lines(kernel_log):
    return kernel_log.read_text(errors="replace").splitlines() if kernel_log.exists() else []


def run(kernel, lockdown, programs, runs, limit, memory=1024, on_line=lambda line: None,
        log_name=None):
    """Boots `kernel`, performs `runs`, returns a Boot. `limit` is in seconds, for the whole VM."""
    lines = []

    def keep(line):
        lines.append(line)
        on_line(line)

    with tempfile.TemporaryDirectory() as folder:
        scratch = pathlib.Path(folder)
        initramfs, kernel_log = image.build(kernel, programs, runs, scratch), scratch / "kernel.log"
        command = qemu_command(kernel, lockdown, initramfs, kernel_log, memory)
        boot = boot_once(command, limit, keep)
        boot.kernel_lines = kernel_lines(kernel_log)
        if fault := emulators_fault(boot):
            boot = boot_once(command, limit, keep)
            boot.kernel_lines = kernel_lines(kernel_log)
            boot.notes.append(f"the first boot {fault}; this is the second")
    logs = tools.LOGS / (log_name or f"{kernel}-{lockdown}")
    logs.mkdir(parents=True, exist_ok=True)
    (logs / "kernel.log").write_text("\n".join(boot.kernel_lines) + "\n")
    (logs / "runs.log").write_text("\n".join(lines) + "\n")
    return boot


def complaints(boot):
    """Lines in which the kernel reports a fault of its own; they do not decide, but are shown."""
    return [line.strip() for line in boot.kernel_lines if COMPLAINT.search(line)][:10]

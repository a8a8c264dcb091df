# SPDX-License-Identifier: Apache-2.0
"""Every tool of the comparison as data: how it is started, when it counts as attached, and how many
events it must show for a connection. {pids}, {netns}, {port0} and {port1} are the workload's."""
import tempfile
from dataclasses import dataclass
from typing import Callable, Optional

from . import events

COUNT = "tracepoint:sock:inet_sock_set_state { @[pid, args->newstate] = count(); }"
COUNT_OURS = COUNT.replace(" {", " /args->sport == {port0} || args->dport == {port0} || "
                           "args->sport == {port1} || args->dport == {port1}/ {", 1)
PRINT = ('tracepoint:sock:inet_sock_set_state { printf("ev %d %s %d %d %d %d\\n", pid, comm, '
         "args->sport, args->dport, args->oldstate, args->newstate); }")
CAPTURES = tempfile.TemporaryDirectory(prefix="tcpwatch-bench-")  # gone when the harness ends
SS_LOOP = "while :; do ss -ant > /dev/null; sleep 1; done"


@dataclass(frozen=True)
class Tool:
    name: str
    argv: tuple
    package: str = ""             # Debian package; empty: built here
    tracefs: bool = False         # needs tracefs, which is mounted for this process alone
    attached: str = "bpf"         # what shows that it watches: "bpf", "ptrace" or "none"
    share: float = 1.0            # of the connections: a tool that is four times slower takes fewer
    drain: float = 0.3            # seconds after the workload that still count as its CPU
    count: Optional[Callable] = None   # (output, churn) -> events of the workload that were shown
    per_conn: int = 0             # ... and how many of them there are for one connection
    besides: int = 0              # ... and how many come once (the two listeners end)
    output_argv: tuple = ()       # for the run that counts, where it differs
    peak_argv: tuple = ()         # a loop's short-lived child: run once for its peak memory
    syscall_row: bool = False     # also in the table of unrelated system calls
    always_on: bool = False       # also in the table of the steady state
    first_event: str = ""         # pattern of an event line: also in the table of start times

    @property
    def own(self):
        return not self.package


UNTRACED = Tool("untraced", (), attached="none")


def own_tools(tcpwatch):
    top = (tcpwatch, "top", "--batch", "--interval", "1s")
    trace = (tcpwatch, "trace")
    record = ("sh", "-c", 'exec "$0" record -o "$1/$$.tcpw" --detail transitions', tcpwatch, CAPTURES.name)
    agent = (tcpwatch, "agent", "--web.listen-address", "127.0.0.1:0")
    return [
        Tool("tcpwatch top --batch", top, count=events.tcpwatch_top, per_conn=3,
             output_argv=top + ("--json",), syscall_row=True, always_on=True),
        Tool("tcpwatch trace", trace, count=events.lines_with_ports, per_conn=2,
             syscall_row=True, first_event=r"127\.0\.0\.1:\d"),
        Tool("tcpwatch record all steps", record),
        Tool("tcpwatch agent", agent, always_on=True),
    ]


def peers():
    libbpf = {"package": "libbpf-tools", "tracefs": True}
    bpftrace = {"package": "bpftrace", "tracefs": True}
    return [
        Tool("null (sleep)", ("sleep", "1000"), "coreutils", attached="none",
             syscall_row=True),
        Tool("ss -ant each 1 s", ("nsenter", "--net={netns}", "sh", "-c", SS_LOOP), "iproute2",
             attached="none", drain=0.0, peak_argv=("nsenter", "--net={netns}", "ss", "-ant")),
        Tool("strace -c -f -p", ("strace", "-c", "-f", "-p", "{pids}"), "strace",
             attached="ptrace", share=0.2, count=events.strace_connects, per_conn=1),
        Tool("bpftrace count", ("bpftrace", "-e", COUNT), count=events.bpftrace_counts,
             output_argv=("bpftrace", "-e", COUNT_OURS), per_conn=10, besides=2, syscall_row=True,
             **bpftrace),
        Tool("bpftrace printf", ("bpftrace", "-e", PRINT), count=events.lines_with_ports,
             per_conn=10, besides=2, first_event=r"^ev \d", **bpftrace),
        Tool("tcpstates", ("tcpstates",), count=events.lines_with_ports, per_conn=10, besides=2,
             first_event=r"127\.0\.0\.1", **libbpf),
        Tool("tcplife", ("tcplife",), count=events.lines_with_ports, per_conn=2,
             first_event=r"127\.0\.0\.1", **libbpf),
        Tool("perf trace", ("perf", "trace", "-a", "-e", "connect,accept4", "-o", "/dev/stdout"),
             "linux-perf", tracefs=True, syscall_row=True),
        # All of these need kprobes.
        Tool("tcpconnect", ("tcpconnect",), **libbpf),
        Tool("tcpconnlat", ("tcpconnlat",), **libbpf),
        Tool("tcptracer", ("tcptracer",), **libbpf),
        Tool("tcprtt", ("tcprtt",), **libbpf),
        Tool("tcptop", ("tcptop", "-C", "1"), **libbpf),
        Tool("tcpsynbl", ("tcpsynbl",), **libbpf),
    ]


def arguments(tool, churn, argv=None):
    """The command line for one workload; strace takes one -p for each process."""
    result = []
    known = {"{netns}": f"/proc/{churn.pids[0]}/ns/net", "{port0}": str(churn.ports[0]),
             "{port1}": str(churn.ports[1])} if churn else {}
    for word in argv or tool.argv:
        if word == "{pids}":
            result += [str(churn.pids[0])]
            result += [part for pid in churn.pids[1:] for part in ("-p", str(pid))]
            continue
        for name, value in known.items():
            word = word.replace(name, value)
        result.append(word)
    return result

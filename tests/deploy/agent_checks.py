# SPDX-License-Identifier: Apache-2.0
"""The agent as a service manager has it, without one: what the unit allows, what the agent says."""
import os
import pathlib
import re
import signal
import socket
import subprocess

from checks import DEPLOY, Wrong, expect, run

UNIT = DEPLOY / "systemd/tcpwatch-agent.service"
PATIENCE = 60  # attaching takes seconds on a busy machine, and more under strace


class Notified:
    """A notification socket, as NOTIFY_SOCKET names it, and the agent that writes to it."""

    def __init__(self, build, folder, prefix=()):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(f"{folder}/notify")
        self.socket.settimeout(PATIENCE)
        os.chmod(f"{folder}/notify", 0o777)
        self.config = pathlib.Path(folder) / "tcpwatch.toml"
        self.config.write_text('[capture]\non = "never"\n')
        for path in (folder, self.config):
            os.chmod(path, 0o755)
        environment = {**os.environ, "NOTIFY_SOCKET": f"{folder}/notify"}
        self.log = pathlib.Path(folder) / "log"
        with open(self.log, "wb") as log:
            self.child = subprocess.Popen(
                [*prefix, f"{build}/tcpwatch", "agent", "--config", str(self.config),
                 "--web.listen-address", "127.0.0.1:0"], env=environment, stderr=log)

    def until(self, wanted):
        """What is told up to that word."""
        told = []
        try:
            while not told or wanted not in told[-1]:
                told.append(self.socket.recv(4096).decode())
        except TimeoutError as error:
            raise Wrong(f"{wanted} was not told: {told}; {self.log.read_text()}") from error
        return told

    def end(self):
        if self.child.poll() is None:
            self.child.terminate()
        code = self.child.wait(timeout=PATIENCE)
        self.socket.close()
        return code


def check_notifications(build, folder):
    """(root)"""
    agent = Notified(build, folder)
    try:
        expect(not any("WATCHDOG" in told for told in agent.until("READY=1")), "ready before alive")
        for _ in range(3):
            agent.until("WATCHDOG=1")
        os.kill(agent.child.pid, signal.SIGHUP)
        expect("MONOTONIC_USEC=" in agent.until("RELOADING=1")[-1], "when the reload began")
        agent.until("READY=1")
        agent.child.terminate()
        agent.until("STOPPING=1")
    finally:
        code = agent.end()
    expect(code == 0, f"exit code 0, not {code}")


def allowed_calls(unit_text):
    """The names that SystemCallFilter lets through."""
    sets, name = {}, None
    for line in run("systemd-analyze", "syscall-filter").splitlines():
        line = re.sub("\x1b\\[[0-9;]*m", "", line)
        if line.startswith("@"):
            name = line.strip()
            sets[name] = []
        elif name and line.startswith("    ") and not line.strip().startswith("#"):
            sets[name].append(line.strip())

    def members(word):
        if not word.startswith("@"):
            return {word}
        return set().union(*(members(inner) for inner in sets[word]))
    allowed = members("@default")
    for value in re.findall(r"^SystemCallFilter=(.*)$", unit_text, re.M):
        for word in value.removeprefix("~").split():
            allowed = allowed - members(word) if value.startswith("~") else allowed | members(word)
    return allowed


def check_unit_allows(build, folder):
    """(root) As the unit has it: a user of its own with these capabilities, and every system call
    that it makes is in the filter."""
    text = UNIT.read_text()
    mine = int(re.search(r"^CapBnd:\s*(\w+)$", pathlib.Path("/proc/self/status").read_text(), re.M)[1], 16)
    given = re.search(r"^AmbientCapabilities=(.*)$", text, re.M)[1].lower().replace("cap_", "").split()
    if not mine >> 24 & 1:  # this machine gives nobody SYS_RESOURCE
        given.remove("sys_resource")
    some = ",".join("+" + one for one in given)
    trace = pathlib.Path(folder) / "calls"
    agent = Notified(build, folder, [
        "strace", "-f", "-qq", "-o", str(trace),
        "setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", f"--inh-caps={some}",
        f"--ambient-caps={some}", f"--bounding-set=-all,{some}", "--no-new-privs"])
    try:
        agent.until("WATCHDOG=1")
        agent.until("WATCHDOG=1")
    finally:
        for child in pathlib.Path(f"/proc/{agent.child.pid}/task/{agent.child.pid}/children").read_text().split():
            os.kill(int(child), signal.SIGTERM)
        agent.child.wait(timeout=PATIENCE)
        log = agent.log.read_text()
        agent.end()
    expect("hooks are attached" in log, log)
    lines = trace.read_text().splitlines()
    begin = max(i for i, line in enumerate(lines) if "execve(" in line)  # setpriv's own are before
    made = {match[1] for line in lines[begin:] if (match := re.match(r"\d+ +(\w+)\(", line))}
    expect({"bpf", "setns", "openat"} <= made, f"a trace of the agent: {sorted(made)}")
    refused = made - allowed_calls(text)
    expect(not refused, f"the unit's SystemCallFilter refuses {sorted(refused)}")
    families = set(re.findall(r"socket\((AF_\w+)", "\n".join(lines[begin:])))
    listed = re.search(r"^RestrictAddressFamilies=(.*)$", text, re.M)[1].split()
    expect(families <= set(listed), f"address families {families}")

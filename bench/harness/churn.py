# SPDX-License-Identifier: Apache-2.0
"""The churn workload as seen from the harness: started, held until the tool is attached, run, read.
The tool is attached before and ended after the measured part; only the churn itself is timed."""
import json
import os
import subprocess

from . import proc


class Churn:
    """with Churn(binary, connections) as churn: ...; result = churn.run()
    with Churn(binary, seconds=N) as churn: churn.begin(); ...: it goes on meanwhile"""

    def __init__(self, binary, connections=0, seconds=0):
        much = ["--seconds", str(seconds)] if seconds else ["--connections", str(connections)]
        self.argv = [binary, *much, "--wait"]
        self.process = None
        self.pids = []
        self.ports = []

    def __enter__(self):
        self.process = proc.start(self.argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        ready = self.process.stdout.readline()
        if not ready:
            raise RuntimeError(f"{os.path.basename(self.argv[0])} did not start")
        facts = json.loads(ready)
        self.pids, self.ports = facts["pids"], facts["ports"]
        return self

    def begin(self):
        self.process.stdin.write(b"\n")
        self.process.stdin.flush()

    def opened(self):
        """Connections so far."""
        names, values = [line.split() for line in proc.read(f"/proc/{self.pids[0]}/net/snmp").splitlines()
                         if line.startswith("Tcp:")]
        return int(values[names.index("ActiveOpens")])

    def run(self):
        """Blocks (and so costs nothing) until the workload prints its result."""
        self.begin()
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError("the churn workload failed")
        return json.loads(line)

    def __exit__(self, *_):
        try:
            self.process.stdin.close()
            self.process.wait(5)
        except (OSError, subprocess.TimeoutExpired):
            pass
        self.process.stdout.close()
        proc.end(self.process)

# SPDX-License-Identifier: Apache-2.0
"""The churn workload as seen from the harness: started, held until the tool is attached, run, read.
The tool is attached before and ended after the measured part; only the churn itself is timed."""
import json
import os
import subprocess

from . import proc


class Churn:
    """with Churn(binary, connections) as churn: ...; result = churn.run()"""

    def __init__(self, binary, connections):
        self.argv = [binary, "--connections", str(connections), "--wait"]
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

    def run(self):
        """Blocks (and so costs nothing) until the workload prints its result."""
        self.process.stdin.write(b"\n")
        self.process.stdin.flush()
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

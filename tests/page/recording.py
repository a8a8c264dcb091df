# SPDX-License-Identifier: Apache-2.0
"""A recording that has begun: what is played before its hooks are attached would not be in it."""
import subprocess
import time

PATIENCE = 60


class NotBegun(Exception):
    pass


def wait_until_begun(tcpwatch, *paths):
    """Until the first interval of each is in its file."""
    end = time.monotonic() + PATIENCE
    for path in paths:
        while not subprocess.run([tcpwatch, "export", path, "--table", "tick"], check=False,
                                 stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout:
            if time.monotonic() > end:
                raise NotBegun(f"nothing is recorded in {path} within {PATIENCE} s")
            time.sleep(0.1)

# SPDX-License-Identifier: Apache-2.0
"""What the checks of deploy/ share."""
import pathlib
import re
import subprocess

DEPLOY = pathlib.Path("deploy")


class Wrong(Exception):
    pass


def expect(condition, what):
    if not condition:
        raise Wrong(what)


def run(*command, code=0, quiet=False, **options):
    """What it prints, on both outputs; its exit code has to be that one."""
    done = subprocess.run(list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, timeout=120, check=False, **options)
    expect(done.returncode == code, f"{' '.join(map(str, command))}: {done.returncode} {done.stdout}")
    expect(not (quiet and done.stdout.strip()), f"{' '.join(map(str, command))}: {done.stdout}")
    return done.stdout


def agent_flags(build):
    """{setting: default} by its help."""
    text = run(f"{build}/tcpwatch", "agent", "--help")
    return {name: default or "" for name, default in
            re.findall(r"^  --([a-z.-]+) [A-Z]\S* .*?(?: \[([^\]]*)\])?$", text, re.M)
            if name != "config"}

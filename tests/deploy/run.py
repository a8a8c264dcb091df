#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What lies around the program: rules, dashboard, unit, package. usage: run.py BUILD-FOLDER [NAME]...
Run from the top of the tree. Ends with `N passed, N failed, N skipped`."""
import os
import subprocess
import sys
import tempfile
import time

import agent_checks
import file_checks
import package_checks
from checks import Wrong


def main():
    build = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else "build/release")
    checks = [(name, check) for module in (file_checks, agent_checks, package_checks)
              for name, check in vars(module).items()
              if callable(check) and check.__module__ == module.__name__ and name.startswith("check_")]
    chosen = [one for one in checks if len(sys.argv) < 3 or one[0][len("check_"):] in sys.argv[2:]]
    passed = failed = skipped = 0
    for name, check in chosen:
        began = time.monotonic()
        if check.__doc__ and "(root)" in check.__doc__ and os.geteuid() != 0:
            print(f"SKIP deploy {name}: needs root")
            skipped += 1
            continue
        with tempfile.TemporaryDirectory() as folder:
            try:
                check(build, folder)
                passed += 1
                print(f"ok   deploy {name} ({time.monotonic() - began:.0f} s)", flush=True)
            except (Wrong, OSError, ValueError, LookupError, subprocess.SubprocessError) as wrong:
                print(f"{type(wrong).__name__}: {wrong}\nFAIL deploy {name}", flush=True)
                failed += 1
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed or not chosen else 0


if __name__ == "__main__":
    sys.exit(main())

# SPDX-License-Identifier: Apache-2.0
"""The table of VM runs (tests/vm/matrix.txt), grouped into boots."""
import dataclasses

from . import image, tools

LOCKDOWN_MODES = ("none", "integrity", "confidentiality")


@dataclasses.dataclass
class Row:
    kernel: str
    lockdown: str
    deny: str
    filter: str

    def label(self):
        deny = f"deny {self.deny}" if self.deny else "deny nothing"
        return deny if self.filter == "*" else f"{deny}, {self.filter}"


def read(path=tools.VM_DIR / "matrix.txt"):
    rows, known = [], tools.kernel_names()
    for words in tools.table(path):
        if len(words) != 4 or words[0] not in known or words[1] not in LOCKDOWN_MODES:
            raise SystemExit(f"{path}: not a row: {' '.join(words)}")
        rows.append(Row(words[0], words[1], "" if words[2] == "-" else words[2], words[3]))
    return rows


def choose(rows, kernels, lockdown, deny, test_filter):
    """Narrows the table; with `deny` given, one run of it per kernel takes the rows' place."""
    kernels = kernels or tools.kernel_names()
    if deny is not None:
        return [Row(kernel, lockdown or "none", deny, test_filter or "*") for kernel in kernels]
    chosen = [row for row in rows if row.kernel in kernels and lockdown in (None, row.lockdown)]
    return [dataclasses.replace(row, filter=test_filter or row.filter) for row in chosen]


def boots(rows):
    """{(kernel, lockdown): rows}, in the table's order."""
    grouped = {}
    for row in rows:
        grouped.setdefault((row.kernel, row.lockdown), []).append(row)
    return grouped


def as_run(row, program, extra_arguments, limit):
    environment = {"TCPWATCH_TEST_DENY": row.deny, "TCPWATCH_TEST_KERNEL": row.kernel,
                   "TCPWATCH_TEST_LOCKDOWN": row.lockdown}
    arguments = [f"--gtest_filter={row.filter}", "--gtest_color=no", *extra_arguments]
    return image.Run(row.label(), program, arguments, environment, limit)

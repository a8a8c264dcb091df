# SPDX-License-Identifier: Apache-2.0
"""The bars that tcpwatch must hold, each as a value taken out of the results. A bar whose value is
missing says why; it is neither held nor broken."""

TOP = "tcpwatch top --batch"
NULL = "null (sleep)"


def dig(results, *path):
    for key in path:
        if not isinstance(results, dict) or key not in results:
            return None
        results = results[key]
    return results


def judge(results):
    def value(*path, scale=1):
        found = dig(results, *path)
        return None if found is None else found * scale

    # "0 extra": within 1 %, or within what a null tracer seems to add on this machine just now.
    noise = max(1.01, value("syscalls", NULL, "ratio", "q3") or 0)
    missing = value("completeness", TOP, "missing")
    listed = [
        ("CPU+tool ratio", value("pairs", TOP, "cpu_tool", "median"), 1.04, 3),
        ("ns per state event", value("bpf", TOP, "ns_per_state_event", "median"), 100, 0),
        ("extra on getppid, ratio", value("syscalls", TOP, "ratio", "median"), noise, 3),
        ("first interval, ms", value("startup", TOP, "median", scale=1000), 100, 0),
        ("steady RSS, MB", value("bpf", TOP, "memory", "rss"), 12, 1),
        ("events missing, %", None if missing is None else abs(missing) * 100, 0, 3),
        ("events said lost", value("completeness", TOP, "reported_lost"), 0, 0),
    ]
    reason = dig(results, "pairs", TOP, "refused") or "not measured"
    return [{"name": name, "measured": measured, "limit": limit, "digits": digits,
             "verdict": reason if measured is None else "held" if measured <= limit else "BROKEN"}
            for name, measured, limit, digits in listed]

# SPDX-License-Identifier: Apache-2.0
"""The results as text: aligned tables for people, and the bars with a verdict each. Pure functions;
`results` is what compare.py writes with --json."""


def number(value, digits=2):
    return "-" if value is None else f"{value:.{digits}f}"


def median(value, digits=2, scale=1):
    return "-" if value is None else number(value["median"] * scale, digits)


def quartiles(value, digits=2, scale=1):
    if value is None:
        return "-"
    low, middle, high = (f"{value[key] * scale:.{digits}f}" for key in ("q1", "median", "q3"))
    return f"{middle} ({low}..{high})"


def table(title, header, rows):
    """Left-aligned names, right-aligned numbers; a row of two cells is a name and a reason."""
    full = [row for row in rows if len(row) == len(header)]
    widths = [max(len(row[i]) for row in full + [header]) for i in range(len(header))]
    widths[0] = max(len(row[0]) for row in rows + [header])
    lines = ["", title]
    for row in [header] + rows:
        cells = [row[0].ljust(widths[0])]
        if len(row) == len(header):
            cells += [cell.rjust(width) for cell, width in zip(row[1:], widths[1:])]
        else:
            cells.append(clip(row[1], 98 - widths[0]))
        lines.append("  ".join(cells).rstrip())
    return lines


def clip(text, width):
    return text if len(text) <= width else text[:width - 3] + "..."


def pairs(results):
    rows = []
    for name, row in results["pairs"].items():
        if "refused" in row:
            rows.append([name, row["refused"]])
            continue
        rows.append([name, median(row["throughput"]), quartiles(row["cpu"]),
                     quartiles(row["cpu_tool"], 3), median(row["machine"]),
                     median(row["tool_us"], 1), number(row["peak_mib"], 1),
                     number(row["bytes_per_conn"], 0)])
    header = ["tool", "conns/s", "CPU", "CPU+tool", "machine", "us/conn", "peak MB", "B/conn"]
    return table("Ratios to untraced at full churn: median (quartiles)", header, rows)


def bpf(results):
    rows = []
    for name, row in results["bpf"].items():
        if "refused" in row:
            rows.append([name, row["refused"]])
            continue
        memory = row["memory"]
        rows.append([name, median(row["ns_per_state_event"], 0), median(row["ns_per_conn"], 0),
                     number(memory["rss"], 1), number(memory["peak"], 1),
                     number(memory["private"], 1)])
        for program in row["programs"]:
            rows.append([f"  {program['name']}", number(program["ns_per_run"], 0),
                         number(program["ns"] / results["connections"], 0),
                         f"{program['runs_per_conn']:.2f} runs/conn", "", ""])
    header = ["tool and its programs", "ns/state event", "BPF ns/conn", "RSS MB", "peak MB",
              "private MB"]
    return table("Kernel time by the BPF run statistics, and steady memory", header, rows)


def steady(results):
    hooks = results["steady"]["hooks"]
    if "refused" in hooks:
        return table("Steady state", ["part"], [["hooks", hooks["refused"]]])
    rows = [["hooks alone", number(hooks["ratio"], 4), number(hooks["error"], 4),
             str(hooks["pairs"]), ""]]
    rows += [[name, number(row["ratio"], 4), number(hooks["error"], 4), "",
              number(row["process_us"], 2)] for name, row in results["steady"]["tools"].items()]
    return table("Steady state: the hooks attached and detached in turns, and the process by its own clock",
                 ["part", "ratio", "std. error", "pairs", "us/conn"], rows)


def completeness(results):
    rows = []
    for name, row in results["completeness"].items():
        if "refused" in row:
            rows.append([name, row["refused"]])
            continue
        rows.append([name, str(row["seen"]), str(row["expected"]),
                     f"{row['missing'] * 100:.2f} %", str(row["reported_lost"])])
    header = ["tool", "shown", "happened", "missing", "said lost"]
    return table("Events of the workload, output kept in a file", header, rows)


def others(results):
    rows = [[name, row["refused"]] if "refused" in row else
            [name, median(row["without_ns"], 1), median(row["with_ns"], 1),
             quartiles(row["extra_ns"], 1), median(row["ratio"], 3)]
            for name, row in results["syscalls"].items()]
    lines = table("Unrelated system call: getppid, ns (best block of a run)",
                  ["tool", "without", "with", "extra", "ratio"], rows)
    rows = [[name, row["refused"]] if "refused" in row else [name, quartiles(row, 0, 1000)]
            for name, row in results["startup"].items()]
    return lines + table("Start, ms: exec to the first event; tcpwatch top to its first interval",
                         ["tool", "ms"], rows)


def bars(results):
    rows = [[bar["name"], number(bar["measured"], bar["digits"]),
             number(bar["limit"], bar["digits"]), bar["verdict"]] for bar in results["bars"]]
    return table("Bars (medians; tcpwatch top --batch)", ["bar", "measured", "at most", "verdict"],
                 rows)


def text(results):
    machine = results["machine"]
    lines = [f"{key:<12}{machine[key]}" for key in machine]
    lines.append(f"{'workload':<12}"
                 f"{results['connections']} connections, {results['rounds']} rounds; "
                 f"untraced {median(results['untraced']['conns_per_s'], 0)} conns/s, "
                 f"{median(results['untraced']['cpu_us_per_conn'], 1)} us CPU per connection")
    for part in (pairs, bpf, steady, completeness, others, bars):
        lines += part(results)
    return "\n".join(lines)

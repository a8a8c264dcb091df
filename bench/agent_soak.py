#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What `tcpwatch agent` keeps while short-lived processes come and go, each with one connection.
usage: agent_soak.py [BUILD-FOLDER [PROCESSES [PER-SECOND]]]   (as root)
default: build/release 100000 300, that is 333 s: a day's worth at little more than one a second. A
process is remembered for two minutes (its flow for one, then its row), and names of what was folded
for good, up to a bound. Exits 1 where memory grows by more than a twentieth in the second half."""
import json
import pathlib
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tests/scenarios"))
from agent_service import Agent, total  # noqa: E402

MARKS = 20
FILLED = 130  # seconds until rows are given up again
GROWTH = 1.05


def status(pid):
    lines = pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
    return {line.split(":")[0]: line.split()[1] for line in lines if len(line.split()) > 1}


def look(agent, lived, begin):
    metrics, told = agent.metrics(), status(agent.pid)
    view = json.loads(agent.get("/api/v1/view")[1])
    return {"lived": lived, "seconds": time.monotonic() - begin, "rss_kb": int(told["VmRSS"]),
            "anon_kb": int(told["RssAnon"]), "hwm_kb": int(told["VmHWM"]),
            "workers": len(view["workers"]), "series": len(metrics),
            "recorder_kb": int(metrics["tcpwatch_flight_recorder_bytes"] / 1024),
            "folded": int(total(metrics, "tcpwatch_folded_series_total")),
            "cpu_seconds": metrics["process_cpu_seconds_total"]}


def show(one):
    print(" ".join(f"{value:>11.4g}" if isinstance(value, float) else f"{value:>11}"
                   for value in one.values()), flush=True)


def soak(build, processes, rate):
    looks = []
    with tempfile.TemporaryDirectory() as folder, Agent(build, pathlib.Path(folder)) as agent:
        begin = time.monotonic()
        looks.append(look(agent, 0, begin))
        print(" ".join(f"{name:>11}" for name in looks[0]))
        show(looks[0])
        with subprocess.Popen([f"{build}/bench_lives", str(processes), str(rate),
                               str(max(1, processes // MARKS))], stdout=subprocess.PIPE,
                              text=True) as lives:
            for line in lives.stdout:
                looks.append(look(agent, int(line.split()[1]), begin))
                show(looks[-1])
        if lives.returncode != 0:
            sys.exit("agent_soak: not every process made its connection")
    return looks


def main():
    build = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "build/release").resolve()
    processes = int(sys.argv[2]) if len(sys.argv) > 2 else 100_000
    rate = int(sys.argv[3]) if len(sys.argv) > 3 else 300
    looks = soak(build, processes, rate)
    # What the flight recorder keeps grows to its bound (capture.memory), and is told by itself.
    half = looks[-1]["seconds"] / 2
    if half < FILLED:
        print(f"too short to judge: half of it is {half:.0f} s of {FILLED}")
        return 0
    settled = [one["rss_kb"] - one["recorder_kb"] for one in looks if one["seconds"] >= half]
    flat = settled[-1] <= GROWTH * settled[0]
    print(f"after {half:.0f} s {settled[0]} kB without the recorder, at the end {settled[-1]} kB: "
          f"{'flat' if flat else 'it grows'}")
    return 0 if flat else 1


if __name__ == "__main__":
    sys.exit(main())

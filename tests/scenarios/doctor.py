#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Real nginx and redis in trouble, or healthy and only looking like it, judged by `tcpwatch doctor`:
each in a network namespace of its own. usage: doctor.py BUILD-FOLDER [NAME-PART]   (as root)
Ends with `N passed, N failed, N skipped`."""
import concurrent.futures
import os
import signal
import subprocess
import sys
import tempfile
import time

from doctor_stage import Failure, Stage, expect

PORT = 8080


def nginx_with_a_small_backlog(stage):
    stage.nginx("listen 127.0.0.1:8080 backlog=4; location / { return 200 ok; }", workers=2)
    stage.client("burst", PORT, 8, 12)
    found = stage.doctor("backlog-capped", "critical")
    overflow = found["accept-queue-overflow"]
    expect(overflow["subject"]["listener"] == "127.0.0.1:8080", "listener", overflow)
    expect(overflow["subject"]["pid"] in stage.workers(), "pid of a worker", overflow)
    expect("listen 8080 backlog" in found["backlog-capped"]["next_step"], "next step", found)


def nginx_all_of_whose_workers_stopped(stage):
    stage.nginx("listen 127.0.0.1:8080 backlog=16; location / { return 200 ok; }", workers=2)
    stage.client("requests", PORT, 2, 40)
    for pid in stage.workers():
        os.kill(pid, signal.SIGSTOP)
    found = stage.doctor("worker-not-accepting", "critical")
    stopped = found["worker-not-accepting"]
    expect(stopped["subject"]["pid"] in stage.workers(), "pid of a worker", stopped)
    expect("is stopped (state T)" in stopped["summary"], "the reason", stopped)


def nginx_reuseport_with_one_worker_stopped(stage):
    stage.nginx("listen 127.0.0.1:8080 reuseport; location / { return 200 ok; }", workers=3)
    stage.client("requests", PORT, 4, 40)
    victim = stage.workers()[1]
    # It has to have accepted, or nobody knows which of the sockets is its own.
    stage.wait("the worker's first connections", lambda: stage.has_sockets(victim))
    os.kill(victim, signal.SIGSTOP)
    found = stage.doctor("worker-not-accepting", "critical")
    stopped = found["worker-not-accepting"]
    expect(stopped["subject"]["pid"] == victim, f"pid {victim}", stopped)
    expect("siblings" in stopped["summary"], "its siblings", stopped)


def nginx_out_of_ports_to_its_upstream(stage):
    stage.sysctl("net.ipv4.ip_local_port_range=20000 20499", "net.ipv4.tcp_tw_reuse=0")
    stage.upstream(9000)
    stage.nginx("listen 127.0.0.1:8080; location / { proxy_pass http://127.0.0.1:9000; }", workers=2)
    stage.client("paced", PORT, 4, 60)  # over connections that stay: theirs need no new ports
    stage.wait("the first failure", lambda: "Cannot assign requested address" in stage.error_log())
    found = stage.doctor("ephemeral-port-exhaustion", "critical")
    ports = found["ephemeral-port-exhaustion"]
    expect(ports["subject"]["destination"] == "127.0.0.1:9000", "destination", ports)
    expect(ports["subject"]["pid"] in stage.workers(), "pid of a worker", ports)
    expect(ports["subject"]["comm"] == "nginx", "comm", ports)


def redis_to_which_no_port_is_left(stage):
    stage.sysctl("net.ipv4.ip_local_port_range=32768 33267", "net.ipv4.tcp_tw_reuse=0")
    stage.redis(6379)
    client = stage.client("requests", 6379, 4, 60)
    stage.wait("the first failure", lambda: client.failures())
    found = stage.doctor("ephemeral-port-exhaustion", "critical")
    ports = found["ephemeral-port-exhaustion"]
    expect(ports["subject"]["destination"] == "127.0.0.1:6379", "destination", ports)
    expect(ports["subject"]["pid"] in client.pids(), "pid of a client", ports)
    # What the clients themselves have logged in these very seconds.
    end = stage.report_end()
    logged = client.failures_between(end - stage.report["duration"], end)
    told = next(one["value"] for one in ports["evidence"] if one["name"] == "eaddrnotavail")
    expect(abs(told - logged) <= 0.05 * logged, f"within 5 % of {logged} logged", told)


def backend_that_refuses(stage):
    stage.nginx("listen 127.0.0.1:8080; location / { proxy_pass http://127.0.0.1:9000; }", workers=2)
    stage.client("requests", PORT, 2, 30)
    found = stage.doctor("connect-refused", "critical")
    refused = found["connect-refused"]
    expect(refused["subject"]["destination"] == "127.0.0.1:9000", "destination", refused)
    expect(refused["subject"]["pid"] in stage.workers(), "pid of a worker", refused)
    code, replayed = stage.replayed()
    expect(replayed["root_cause"] == "connect-refused" and code == 2, "the same from a capture",
           replayed["findings"])
    expect(replayed["findings"][0]["subject"] == refused["subject"], "the same subject",
           replayed["findings"])


def backend_that_does_not_answer(stage):
    stage.run("ip", "route", "add", "10.0.0.0/8", "dev", "lo")  # comes back, and is thrown away
    stage.nginx("listen 127.0.0.1:8080; location / { proxy_connect_timeout 30s; "
                "proxy_pass http://10.0.0.1:9000; }", workers=2)
    stage.client("requests", PORT, 8, 5)
    found = stage.doctor("connect-timeout", "critical")
    silent = found["connect-timeout"]
    expect(silent["subject"]["destination"] == "10.0.0.1:9000", "destination", silent)
    expect(silent["subject"]["pid"] in stage.workers(), "pid of a worker", silent)


def nginx_out_of_descriptors(stage):
    stage.nginx("listen 127.0.0.1:8080; location / { return 200 ok; }", workers=1,
                main="worker_rlimit_nofile 60;")
    stage.client("hold", PORT, 2, 30)
    found = stage.doctor("fd-exhaustion", "critical")
    gone = found["fd-exhaustion"]
    expect(gone["subject"]["pid"] in stage.workers(), "pid of the worker", gone)
    limit = next(one["value"] for one in gone["evidence"] if one["name"] == "limit")
    expect(limit == 60, "the limit", gone)


def python_that_leaks_close_wait(stage):
    leaker = stage.client("leak", stage.closing_server(9000), 1, 20)
    found = stage.doctor("close-wait-leak")
    leak = found["close-wait-leak"]
    expect(leak["subject"]["pid"] in leaker.pids(), "pid of the leaker", leak)


def healthy_keepalive_under_load(stage):
    stage.nginx("listen 127.0.0.1:8080; keepalive_requests 1000000; location / { return 200 ok; }",
                workers=2)
    stage.client("keepalive", PORT, 3, 0)
    stage.healthy()


def healthy_burst_that_drains(stage):
    stage.nginx("listen 127.0.0.1:8080 backlog=4; location / { return 200 ok; }", workers=2)
    stage.client("requests", PORT, 2, 20)
    stage.healthy(meanwhile=lambda: (time.sleep(2), stage.client("once", PORT, 40, 1)))


def healthy_reload(stage):
    stage.nginx("listen 127.0.0.1:8080 reuseport; location / { return 200 ok; }", workers=2)
    stage.client("requests", PORT, 2, 50)

    def reload():
        for _ in range(3):
            time.sleep(1.5)
            os.kill(stage.master(), signal.SIGHUP)
    stage.healthy(meanwhile=reload)


def healthy_but_for_one_refusal(stage):
    stage.nginx("listen 127.0.0.1:8080; location / { return 200 ok; }", workers=1)
    stage.client("requests", PORT, 1, 20)
    stage.healthy(meanwhile=lambda: (time.sleep(2), stage.client("once", 9999, 1, 1)))


def healthy_idle(stage):
    stage.nginx("listen 127.0.0.1:8080; location / { return 200 ok; }", workers=2)
    stage.redis(6379)
    stage.healthy()


SCENARIOS = [thing for thing in list(globals().values())
             if callable(thing) and getattr(thing, "__module__", "") == "__main__"]


def play(scenario, build):
    with tempfile.TemporaryDirectory() as folder:
        try:
            with Stage(folder, build) as stage:
                scenario(stage)
            return None
        except (Failure, subprocess.SubprocessError, OSError, ValueError, LookupError) as failure:
            return f"{failure}\nFAIL doctor {scenario.__name__}"


def main():
    build = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else "build/release")
    wanted = sys.argv[2] if len(sys.argv) > 2 else ""
    if os.geteuid() != 0:
        print("SKIP doctor on real servers: needs root")
        print("0 passed, 0 failed, 1 skipped")
        return 0
    chosen = [scenario for scenario in SCENARIOS if wanted in scenario.__name__]
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
        for failure in pool.map(lambda scenario: play(scenario, build), chosen):
            if failure:
                failed += 1
                print(failure, flush=True)
    print(f"{len(chosen) - failed} passed, {failed} failed, 0 skipped")
    return 1 if failed or not chosen else 0


if __name__ == "__main__":
    sys.exit(main())

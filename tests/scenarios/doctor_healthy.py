# SPDX-License-Identifier: Apache-2.0
"""Scenarios of doctor.py that only look like trouble: a false alarm is a bug."""
import os
import signal
import time

from doctor_stage import expect

PORT = 8080


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


def healthy_reload_whose_old_workers_linger(stage):
    """They serve their last clients and accept nobody: that is no stuck worker."""
    stage.nginx("listen 127.0.0.1:8080 reuseport; location /slow { limit_rate 20; return 200 "
                + "x" * 3000 + "; } location / { return 200 ok; }", workers=2)
    stage.client("slow", PORT, 1, 6)
    stage.wait("slow clients", lambda: sum(stage.established(pid, PORT) for pid in stage.workers()) == 6)
    stage.client("requests", PORT, 2, 50)
    old = stage.workers()
    stage.healthy(meanwhile=lambda: (time.sleep(1.5), os.kill(stage.master(), signal.SIGHUP)))
    expect(set(old) & set(stage.workers()) and len(stage.workers()) > 2, "an old worker is there",
           (old, stage.workers()))


def healthy_but_for_one_refusal(stage):
    stage.nginx("listen 127.0.0.1:8080; location / { return 200 ok; }", workers=1)
    stage.client("requests", PORT, 1, 20)
    stage.healthy(meanwhile=lambda: (time.sleep(2), stage.client("once", 9999, 1, 1)))


def healthy_build_machine(stage):
    """Compilers at work beside a server: processes come and go, sockets do not."""
    stage.nginx("listen 127.0.0.1:8080; location / { return 200 ok; }", workers=1)
    source = stage.folder / "a.cpp"
    source.write_text("#include <map>\n#include <string>\nstd::map<std::string, int> made;\n")
    stage.start("sh", "-c", f"while :; do g++ -c -O2 {source} -o {stage.folder}/a.o & "
                            f"g++ -c -O1 {source} -o {stage.folder}/b.o; wait; done")
    stage.client("requests", PORT, 1, 5)
    stage.healthy()


def healthy_beside_more_compilers_than_cpus(stage):
    """Each waits for a CPU now and then, and all are served."""
    stage.nginx("listen 127.0.0.1:8080; location / { return 200 ok; }", workers=2)
    source = stage.folder / "a.cpp"
    source.write_text("#include <map>\n#include <string>\nstd::map<std::string, int> made;\n")
    for number in range(4):
        stage.start("nice", "sh", "-c", f"while :; do g++ -c -O2 {source} -o {stage.folder}/{number}.o; "
                                        "done")
    stage.client("requests", PORT, 4, 20)
    stage.healthy()


def healthy_pool_that_waits(stage):
    """Connections that are ready, and have sent nothing so far."""
    stage.redis(6379)
    stage.client("hold", 6379, 1, 60)
    stage.healthy()


def healthy_idle(stage):
    stage.nginx("listen 127.0.0.1:8080; location / { return 200 ok; }", workers=2)
    stage.redis(6379)
    stage.healthy()

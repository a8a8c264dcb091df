#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes tests/data/incident-*.tcpw: captures of the five incidents and of a sixth, on real servers in a network
namespace of their own. The screen's golden frames are drawn from them, so this is only for a new version of the
format or a new incident:
`cmake --build build/release --target tcpwatch_one_namespace`, then, as root:
usage: captures.py BUILD-FOLDER [NAME-PART]"""
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

import doctor
from doctor_stage import Stage

DATA = pathlib.Path(__file__).resolve().parents[1] / "data"


def ports(stage):
    """A: OpenResty's Lua opens a connection to redis for each request, until no source port is left."""
    stage.sysctl("net.ipv4.ip_local_port_range=20000 23999", "net.ipv4.tcp_tw_reuse=0")
    stage.redis(6379)
    modules = "/usr/lib/nginx/modules"
    stage.nginx(
        "listen 127.0.0.1:8080 backlog=16; location / { content_by_lua_block { for i = 1, 10 do "
        "local redis = ngx.socket.tcp(); redis:settimeout(1000); "
        "if redis:connect('127.0.0.1', 6379) then redis:send('PING\\r\\n'); redis:receive(); "
        "redis:close(); break end; end; ngx.say('ok') } }", workers=2, http="lua_socket_log_errors off;",
        modules=f"load_module {modules}/ndk_http_module.so; load_module {modules}/ngx_http_lua_module.so;")
    stage.client("requests", doctor.PORT, 2, 100)
    time.sleep(20)
    stage.client("pressure", doctor.PORT, 2, 60)
    time.sleep(20)


def inflow(stage):
    """B: an upstream gets slow, connections are opened faster than released."""
    stage.client("mute", 9000, 1, 0)
    stage.wait("the upstream", lambda: stage.listens(9000))
    stage.nginx("listen 127.0.0.1:8080; location / { proxy_read_timeout 300s; "
                "proxy_pass http://127.0.0.1:9000; }", workers=2, main="worker_rlimit_nofile 1024;")
    stage.client("asked", doctor.PORT, 2, 15)
    time.sleep(30)


def slots(stage):
    """C: all slots of an nginx are taken; it accepts, and closes at once."""
    stage.nginx("listen 127.0.0.1:8080; location / { limit_rate 20; return 200 " + "x" * 3000 + "; }", workers=1,
                slots=64)
    stage.client("asked", doctor.PORT, 2, 20)
    time.sleep(25)


def steering(stage):
    """D: a worker per CPU, and all packets go to one CPU: the other worker never sees a connection."""
    other = stage.all_to_one_cpu(doctor.PORT)
    time.sleep(25)
    return [int(os.stat(other[1].removeprefix("--net=")).st_ino)]


def leak(stage):
    """E: a client leaks CLOSE_WAIT, others leave TIME_WAIT behind, and a few sources send SYNs alone."""
    stage.run("ip", "route", "add", "10.0.0.0/8", "dev", "lo")
    stage.sysctl("net.ipv4.conf.all.rp_filter=0", "net.ipv4.conf.lo.rp_filter=0", "net.ipv4.tcp_syncookies=1")
    stage.nginx("listen 127.0.0.1:8080 backlog=64; location / { return 200 ok; }", workers=2)
    stage.closing_server(9000)
    stage.client("leak", 9000, 1, 20)
    stage.client("requests", doctor.PORT, 2, 50)
    time.sleep(15)
    stage.client("flood", doctor.PORT, 1, 400)
    time.sleep(15)


def starved(stage):
    """Neither slow nor stopped: the limit of its control group lets the worker hardly run, and its queue fills up."""
    stage.nginx("listen 127.0.0.1:8080 backlog=64; location / { return 200 ok; }", workers=1)
    stage.client("burst", doctor.PORT, 4, 12)
    time.sleep(10)
    stage.cpu_limit(stage.workers(), 0.01)
    time.sleep(20)


def capture(incident, build):
    with tempfile.TemporaryDirectory() as folder, Stage(folder, build) as stage:
        path = pathlib.Path(folder, "all.tcpw")
        record = subprocess.Popen([f"{build}/tcpwatch", "record", "-o", path, "--detail", "counters"],
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        stage.wait("the recording", path.exists)
        others = incident(stage) or []
        record.send_signal(signal.SIGINT)
        record.wait()
        kept = DATA / f"incident-{incident.__name__}.tcpw"
        kept.unlink(missing_ok=True)
        own = os.stat(f"/proc/{stage.init}/ns/net").st_ino
        subprocess.run([f"{build}/tcpwatch_one_namespace", path, kept, str(own), *map(str, others)], check=True)
        kept.chmod(0o644)
        print(kept.name, kept.stat().st_size, flush=True)


def main():
    build = os.path.abspath(sys.argv[1])
    wanted = sys.argv[2] if len(sys.argv) > 2 else ""
    for incident in (ports, inflow, slots, steering, leak, starved):
        if wanted in incident.__name__:
            capture(incident, build)


if __name__ == "__main__":
    main()

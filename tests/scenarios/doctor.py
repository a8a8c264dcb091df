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

import doctor_blind
import doctor_cpu
import doctor_healthy
from doctor_stage import (HERE, TOLD, TOLD_FORMAT, Failure, Stage, evidence, expect, near)

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
    stage.nginx("listen 127.0.0.1:8080; keepalive_requests 1000000; " + TOLD
                + "location / { proxy_pass http://127.0.0.1:9000; }", workers=2, http=TOLD_FORMAT)
    stage.client("paced", PORT, 4, 60)  # over connections that stay: theirs need no new ports
    stage.wait("the first failure", lambda: "Cannot assign requested address" in stage.error_log())
    found = stage.doctor("ephemeral-port-exhaustion", "critical")
    ports = found["ephemeral-port-exhaustion"]
    expect(ports["subject"]["destination"] == "127.0.0.1:9000", "destination", ports)
    expect(ports["subject"]["pid"] in stage.workers(), "pid of a worker", ports)
    expect(ports["subject"]["comm"] == "nginx", "comm", ports)
    near(evidence(ports, "eaddrnotavail"), stage.logged("502"), "failures that nginx logged")


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
    stage.nginx("listen 127.0.0.1:8080; " + TOLD + "location / { proxy_pass http://127.0.0.1:9000; }",
                workers=2, http=TOLD_FORMAT)
    stage.client("requests", PORT, 2, 30)
    found = stage.doctor("connect-refused", "critical")
    refused = found["connect-refused"]
    expect(refused["subject"]["destination"] == "127.0.0.1:9000", "destination", refused)
    expect(refused["subject"]["pid"] in stage.workers(), "pid of a worker", refused)
    near(evidence(refused, "failures"), stage.logged("502"), "failures that nginx logged")
    code, replayed = stage.replayed()
    expect(replayed["root_cause"] == "connect-refused" and code == 2, "the same from a capture",
           replayed["findings"])
    again = next(one for one in replayed["findings"] if one["id"] == "connect-refused")
    # Two workers fail alike, and the two looks are of other seconds: either may lead.
    for at in ("destination", "netns", "comm"):
        expect(again["subject"][at] == refused["subject"][at], f"the same {at}", again)
    expect(sorted(again["pids"]) == sorted(refused["pids"]), "the same workers", again)


def backend_that_does_not_answer(stage):
    stage.run("ip", "route", "add", "10.0.0.0/8", "dev", "lo")  # comes back, and is thrown away
    stage.nginx("listen 127.0.0.1:8080; location / { proxy_connect_timeout 30s; "
                "proxy_pass http://10.0.0.1:9000; }", workers=2)
    stage.client("requests", PORT, 8, 5)
    found = stage.doctor("connect-timeout", "critical")
    silent = found["connect-timeout"]
    expect(silent["subject"]["destination"] == "10.0.0.1:9000", "destination", silent)
    expect(silent["subject"]["pid"] in stage.workers(), "pid of a worker", silent)
    stage.grew_no_more(evidence(silent, "syn_sent"), stage.sockets_in("02", 9000), 40, "handshakes")


def nginx_out_of_descriptors(stage):
    stage.nginx("listen 127.0.0.1:8080; location / { limit_rate 20; return 200 "
                + "x" * 3000 + "; }", workers=1, main="worker_rlimit_nofile 60;")
    stage.client("asked", PORT, 2, 30)
    found = stage.doctor("fd-exhaustion", "critical")
    gone = found["fd-exhaustion"]
    expect(gone["subject"]["pid"] in stage.workers(), "pid of the worker", gone)
    limit = next(one["value"] for one in gone["evidence"] if one["name"] == "limit")
    expect(limit == 60, "the limit", gone)
    near(evidence(gone, "open"), 60, "open descriptors")


def python_that_leaks_close_wait(stage):
    leaker = stage.client("leak", stage.closing_server(9000), 1, 20)
    found = stage.doctor("close-wait-leak")
    leak = found["close-wait-leak"]
    expect(leak["subject"]["pid"] in leaker.pids(), "pid of the leaker", leak)
    stage.grew_no_more(evidence(leak, "close_wait"), stage.sockets_in("08", 9000), 20, "CLOSE_WAIT")


def java_pool_that_leaks_close_wait(stage):
    stage.closing_server(9000)
    pid = stage.start("java", "-Xmx64m", "-XX:TieredStopAtLevel=1", HERE / "LeakingPool.java", 9000, 20)
    stage.wait("the first leaks", lambda: stage.sockets_in("08", 9000) > 10)
    found = stage.doctor("close-wait-leak")
    leak = found["close-wait-leak"]
    expect(leak["subject"]["pid"] == pid, f"pid {pid}", leak)
    expect(leak["subject"]["comm"] == "java", "comm", leak)
    stage.grew_no_more(evidence(leak, "close_wait"), stage.sockets_in("08", 9000), 20, "CLOSE_WAIT")


def nginx_under_slowloris(stage):
    stage.nginx("listen 127.0.0.1:8080; location / { return 200 ok; }", workers=1, slots=64)
    stage.client("slowloris", PORT, 1, 100)
    stage.wait("the first that finds no slot",
               lambda: "worker_connections are not enough" in stage.error_log())
    found = stage.doctor("slow-clients", "critical")
    slots = found["nginx-slots-exhausted"]
    expect(slots["subject"]["pid"] in stage.workers(), "pid of the worker", slots)
    expect(found["slow-clients"]["subject"]["pid"] in stage.workers(), "pid of the worker", found)
    near(evidence(slots, "held"), stage.established(stage.workers()[0], PORT), "connections held")


def nginx_whose_slots_wait_for_an_upstream(stage):
    stage.client("mute", 9000, 1, 0)
    stage.wait("the upstream", lambda: stage.listens(9000))
    stage.nginx("listen 127.0.0.1:8080; location / { proxy_pass http://127.0.0.1:9000; }",
                workers=1, slots=64)
    stage.client("asked", PORT, 2, 10)
    stage.wait("the first that finds no slot",
               lambda: "worker_connections are not enough" in stage.error_log())
    found = stage.doctor("slow-upstream", "critical")
    expect("nginx-slots-exhausted" in found, "the slots", found)
    slow = stage.finding("slow-upstream", destination="127.0.0.1:9000")
    expect(slow["subject"]["pid"] in stage.workers(), "pid of the worker", slow)
    near(evidence(slow, "waiting"), stage.established(stage.workers()[0], 9000), "waiting")


def nginx_whose_status_page_tells_of_lost_connections(stage):
    """Waves fill the slots and leave them again: there is no ceiling to see, and its own word is needed."""
    stage.nginx("listen 127.0.0.1:8080; location /status { stub_status; } "
                "location / { return 200 ok; }", workers=1, slots=64)
    stage.client("waves", PORT, 1, 80)
    stage.wait("the first that finds no slot",
               lambda: "worker_connections are not enough" in stage.error_log())
    found = stage.doctor("nginx-slots-exhausted", "critical",
                         nginx_status="http://127.0.0.1:8080/status")
    slots = found["nginx-slots-exhausted"]
    expect(slots["evidence"][0]["source"] == "stub_status", "by its own word", slots)
    expect(slots["subject"]["listener"] == "127.0.0.1:8080", "listener", slots)
    expect(slots["subject"]["pid"] in stage.workers(), "pid of the worker", slots)
    expect(evidence(slots, "accepts") - evidence(slots, "handled") == evidence(slots, "lost"),
           "accepts, handled and their gap", slots)


def nginx_that_sends_too_slowly_for_its_slots(stage):
    stage.nginx("listen 127.0.0.1:8080; location / { limit_rate 20; return 200 "
                + "x" * 3000 + "; }", workers=1, slots=64)
    stage.client("asked", PORT, 2, 20)
    stage.wait("the first that finds no slot",
               lambda: "worker_connections are not enough" in stage.error_log())
    found = stage.doctor("nginx-slots-exhausted", "critical")
    slots = found["nginx-slots-exhausted"]
    expect(slots["subject"]["pid"] in stage.workers(), "pid of the worker", slots)
    near(evidence(slots, "held"), stage.established(stage.workers()[0], PORT), "connections held")


def nginx_whose_upstream_gets_slow(stage):
    stage.client("mute", 9000, 1, 0)
    stage.wait("the upstream", lambda: stage.listens(9000))
    stage.nginx("listen 127.0.0.1:8080; location / { proxy_read_timeout 300s; "
                "proxy_pass http://127.0.0.1:9000; }", workers=2, main="worker_rlimit_nofile 400;")
    stage.client("asked", PORT, 2, 15)
    stage.doctor("slow-upstream")
    slow = stage.finding("slow-upstream", destination="127.0.0.1:9000")
    expect(slow["subject"]["pid"] in stage.workers(), "pid of a worker", slow)
    stage.grew_no_more(evidence(slow, "waiting"), sum(stage.established(pid, 9000) for pid in stage.workers()),
                       30, "waiting")
    # The clients wait as well, and it is not nginx that is slow.
    clients = stage.finding("slow-upstream", destination="127.0.0.1:8080")
    expect(clients["caused_by"] == "slow-upstream", "one chain", clients)


def nginx_without_keepalive(stage):
    stage.nginx("listen 127.0.0.1:8080; location / { return 200 ok; }", workers=2)
    stage.client("pressure", PORT, 2, 4)
    found = stage.doctor("short-connection-storm", "warning")
    ours = [one for one in stage.report["findings"] if one["id"] == "short-connection-storm"]
    expect({"127.0.0.1:8080"} == {one["subject"].get("listener") or one["subject"]["destination"]
                                  for one in ours}, "listener and destination", found)


def lua_that_connects_to_redis_for_each_request(stage):
    """Incident A: the queue of :8080 is full, because the workers sit in connect() to redis, because no port is left."""
    stage.sysctl("net.ipv4.ip_local_port_range=20000 27999", "net.ipv4.tcp_tw_reuse=0")
    stage.redis(6379)
    modules = "/usr/lib/nginx/modules"
    stage.nginx(
        "listen 127.0.0.1:8080 backlog=16; access_log failed.log failed if=$failed; "
        "location / { set $failed ''; content_by_lua_block { local failed = 0; for i = 1, 10 do "
        "local redis = ngx.socket.tcp(); redis:settimeout(1000); "
        "if redis:connect('127.0.0.1', 6379) then redis:send('PING\\r\\n'); redis:receive(); "
        "redis:close(); break end; failed = failed + 1 end; "
        # The log has nginx's own clock, which else stands while it handles all that is ready: up to a second.
        "if failed > 0 then ngx.update_time(); ngx.var.failed = failed end; ngx.say(failed) } }", workers=2,
        http="log_format failed '$msec $failed'; lua_socket_log_errors off;",
        modules=f"load_module {modules}/ndk_http_module.so; load_module {modules}/ngx_http_lua_module.so;")
    stage.client("pressure", PORT, 2, 60)
    log = stage.folder / "failed.log"
    stage.wait("the first failure", lambda: log.exists() and log.stat().st_size > 0, patience=120)
    found = stage.doctor("ephemeral-port-exhaustion", "critical")
    ports = found["ephemeral-port-exhaustion"]
    expect(ports["subject"]["destination"] == "127.0.0.1:6379", "destination", ports)
    expect(ports["subject"]["pid"] in stage.workers(), "pid of a worker", ports)
    overflow = found["accept-queue-overflow"]
    expect(overflow["subject"]["listener"] == "127.0.0.1:8080", "listener", overflow)
    expect(overflow["caused_by"] == "ephemeral-port-exhaustion", "one chain", overflow)
    end = stage.report_end()
    lines = [line.split() for line in log.read_text().split("\n")[:-1]]
    logged = sum(int(count) for when, count in lines
                 if end - stage.report["duration"] <= float(when) <= end)
    near(evidence(ports, "eaddrnotavail"), logged, "failures")


def lua_that_never_lets_go_of_the_cpu(stage):
    modules = "/usr/lib/nginx/modules"
    stage.nginx("listen 127.0.0.1:8080 backlog=8; location / { content_by_lua_block { "
                "local stop = os.clock() + 0.1; while os.clock() < stop do end; ngx.say('ok') } }",
                workers=1,
                modules=f"load_module {modules}/ndk_http_module.so; load_module {modules}/ngx_http_lua_module.so;")
    stage.client("pressure", PORT, 1, 40)
    found = stage.doctor("accept-queue-overflow", "critical")
    overflow = found["accept-queue-overflow"]
    expect(overflow["subject"]["pid"] in stage.workers(), "pid of the worker", overflow)
    expect("CPU" in overflow["summary"], "what it is busy with", overflow)


def nginx_that_gives_up_early(stage):
    stage.run("ip", "route", "add", "10.0.0.0/8", "dev", "lo")
    stage.nginx("listen 127.0.0.1:8080; " + TOLD + "location / { proxy_connect_timeout 100ms; "
                "proxy_pass http://10.0.0.1:9000; }", workers=2, http=TOLD_FORMAT)
    stage.client("requests", PORT, 4, 5)
    found = stage.doctor("connect-abandoned")
    early = found["connect-abandoned"]
    expect(early["subject"]["destination"] == "10.0.0.1:9000", "destination", early)
    expect(early["subject"]["pid"] in stage.workers(), "pid of a worker", early)
    near(evidence(early, "failures"), stage.logged("504"), "failures that nginx logged")


def nginx_whose_upstream_is_not_there(stage):
    """Nobody at the other end of the cable has that address."""
    stage.run("ip", "link", "add", "here", "type", "veth", "peer", "name", "there")
    stage.run("ip", "addr", "add", "192.0.2.1/24", "dev", "here")
    stage.run("ip", "link", "set", "here", "up")
    stage.run("ip", "link", "set", "there", "up")
    stage.sysctl("net.ipv4.neigh.here.mcast_solicit=1", "net.ipv4.neigh.here.retrans_time_ms=100")
    stage.nginx("listen 127.0.0.1:8080; " + TOLD + "location / { proxy_pass http://192.0.2.77:9000; }",
                workers=2, http=TOLD_FORMAT)
    stage.client("requests", PORT, 2, 20)
    found = stage.doctor("connect-unreachable", "critical")
    lost = found["connect-unreachable"]
    expect(lost["subject"]["destination"] == "192.0.2.77:9000", "destination", lost)
    expect(lost["subject"]["pid"] in stage.workers(), "pid of a worker", lost)
    near(evidence(lost, "failures"), stage.logged("502"), "failures that nginx logged")


def nginx_under_a_syn_flood(stage):
    stage.run("ip", "route", "add", "10.0.0.0/8", "dev", "lo")
    stage.sysctl("net.ipv4.conf.all.rp_filter=0", "net.ipv4.conf.lo.rp_filter=0",
                 "net.ipv4.tcp_syncookies=1")
    stage.nginx("listen 127.0.0.1:8080 backlog=64; location / { return 200 ok; }", workers=1)
    stage.client("flood", PORT, 1, 400)
    found = stage.doctor("syn-flood", "critical")
    expect(found["syn-flood"]["subject"]["listener"] == "127.0.0.1:8080", "listener", found)


def haproxy_whose_server_refuses(stage):
    pid = stage.haproxy(" timeout connect 1s\n server a 127.0.0.1:9000")
    stage.client("requests", PORT, 2, 10)
    found = stage.doctor("connect-refused", "critical")
    refused = found["connect-refused"]
    expect(refused["subject"]["destination"] == "127.0.0.1:9000", "destination", refused)
    expect(refused["subject"]["pid"] == pid, f"pid {pid}", refused)


def haproxy_at_its_maxconn(stage):
    stage.client("mute", 9000, 1, 0)
    stage.wait("the server", lambda: stage.listens(9000))
    pid = stage.haproxy(" timeout connect 1s\n server a 127.0.0.1:9000", maxconn=20)
    stage.client("asked", PORT, 1, 20)
    stage.wait("the last that it takes", lambda: stage.established(pid, 9000) == 20)
    found = stage.doctor("slow-upstream", "critical")
    slow = stage.finding("slow-upstream", destination="127.0.0.1:9000")
    expect(slow["subject"]["pid"] == pid, f"pid {pid}", slow)
    near(evidence(slow, "waiting"), 20, "waiting")
    full = found["worker-not-accepting"]
    expect(full["subject"]["pid"] == pid, f"pid {pid}", full)
    expect(full["subject"]["listener"] == "127.0.0.1:8080", "listener", full)


def redis_that_hangs(stage):
    stage.redis(6379)
    stage.client("requests", 6379, 2, 20)
    stage.wait("redis's first connections", lambda: stage.has_sockets(stage.redis_pid))
    os.kill(stage.redis_pid, signal.SIGSTOP)
    found = stage.doctor("worker-not-accepting", "critical")
    hangs = found["worker-not-accepting"]
    expect(hangs["subject"]["pid"] == stage.redis_pid, f"pid {stage.redis_pid}", hangs)
    expect("is stopped (state T)" in hangs["summary"], "the reason", hangs)


def redis_at_its_maxclients(stage):
    """It says a short no to whoever is too many, and reads nothing from them."""
    stage.redis(6379, "--maxclients", 30)
    stage.client("ready", 6379, 1, 30)
    stage.wait("its last client", lambda: stage.established(stage.redis_pid, 6379) == 30)
    stage.client("requests", 6379, 2, 10)
    found = stage.doctor("nginx-slots-exhausted", "critical")
    slots = found["nginx-slots-exhausted"]
    expect(slots["subject"]["pid"] == stage.redis_pid, f"pid {stage.redis_pid}", slots)
    near(evidence(slots, "held"), 30, "clients held")
    expect("maxclients" in slots["next_step"], "what to do", slots)


def nginx_whose_backend_is_stopped(stage):
    """One cause, seen by the backend's queue, by who connects to it, and by who waits for those."""
    backend = stage.second_nginx("listen 127.0.0.1:9000 backlog=16; location / { return 200 ok; }", 9000)
    stage.nginx("listen 127.0.0.1:8080; " + TOLD + "location / { proxy_pass http://127.0.0.1:9000; }",
                workers=2, http=TOLD_FORMAT)
    stage.client("requests", PORT, 2, 20)
    stage.wait("the backend's first answer", lambda: " 200" in (stage.folder / "requests.log").read_text())
    os.kill(backend, signal.SIGSTOP)
    stage.client("asked", PORT, 2, 20)
    stage.wait("who cannot connect any more", lambda: stage.sockets_in("02", 9000) > 20)
    found = stage.doctor("worker-not-accepting", "critical")
    expect(found["worker-not-accepting"]["subject"]["pid"] == backend, f"pid {backend}", found)
    expect(found["connect-timeout"]["subject"]["destination"] == "127.0.0.1:9000", "the connects", found)
    expect(found["connect-timeout"]["caused_by"] == "accept-queue-overflow", "one chain", found)
    waits = stage.finding("slow-upstream", destination="127.0.0.1:8080")
    expect(waits["caused_by"] == "connect-timeout", "and who waits for them", waits)


def two_upstreams_with_a_fault_each(stage):
    stage.client("mute", 9000, 1, 0)
    stage.wait("the upstream", lambda: stage.listens(9000))
    stage.nginx("listen 127.0.0.1:8080; location / { proxy_pass http://127.0.0.1:9000; } } "
                "server { listen 127.0.0.1:8081; location / { proxy_pass http://127.0.0.1:9001; }",
                workers=2)
    stage.client("requests", 8081, 2, 20)
    stage.client("asked", PORT, 1, 20)
    found = stage.doctor("connect-refused", "critical")
    expect(found["connect-refused"]["subject"]["destination"] == "127.0.0.1:9001", "one", found)
    slow = stage.finding("slow-upstream", destination="127.0.0.1:9000")
    expect(slow["subject"]["pid"] in stage.workers() and not slow["caused_by"], "and the other", slow)


def nginx_most_of_whose_clients_are_idle(stage):
    """Idle is who had no data for a minute: so long doctor has to look."""
    stage.nginx("listen 127.0.0.1:8080; keepalive_timeout 600s; location / { return 200 ok; }",
                workers=1, main="worker_rlimit_nofile 200;")
    stage.client("kept", PORT, 1, 120)
    stage.wait("its clients", lambda: stage.established(stage.workers()[0], PORT) == 120)
    found = stage.doctor("keepalive-pileup", "warning", duration="75s")
    idle = found["keepalive-pileup"]
    expect(idle["subject"]["pid"] in stage.workers(), "pid of the worker", idle)
    near(evidence(idle, "idle"), 120, "idle connections")
    near(evidence(idle, "limit"), 200, "its room")


def python_whose_group_leaves_one_out(stage):
    """Nothing is offered to the third: it is not the worker that does not accept."""
    server = stage.client("left_out", PORT, 1, 0)
    stage.wait("the server", lambda: stage.listens(PORT) and len(server.pids()) == 3)
    stage.client("requests", PORT, 2, 40)
    found = stage.doctor("accept-imbalance", "warning")
    uneven = found["accept-imbalance"]
    expect(uneven["subject"]["listener"] == "0.0.0.0:8080", "listener", uneven)
    expect("nothing offered" in uneven["summary"], "told from one that does not accept", uneven)
    near(evidence(uneven, "members"), 3, "members")


PARTS = (doctor_blind, doctor_cpu, doctor_healthy)
SCENARIOS = [thing for part in (sys.modules[__name__], *PARTS) for thing in vars(part).values()
             if callable(thing) and getattr(thing, "__module__", "") == part.__name__]


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

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`tcpwatch agent` as a service, with all that is around it.
usage: agent.py BUILD-FOLDER [NAME-PART]   (as root)   Ends with `N passed, N failed, N skipped`."""
import contextlib
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time

from agent_service import (Agent, Collector, Failure, NotifySocket, Shipper, expect, total, wait)
from doctor_stage import Failure as StageFailure
from doctor_stage import Stage


def bpf_objects(pid):
    """('prog'|'map'|'link', id) of all that a process holds."""
    held = set()
    for path in pathlib.Path(f"/proc/{pid}/fdinfo").iterdir():
        with contextlib.suppress(OSError):
            held |= set(re.findall(r"^(prog|map|link)_id:\t(\d+)", path.read_text(), re.M))
    return held


def still_there(objects):
    return [one for one in objects if subprocess.run(
        ["bpftool", one[0], "show", "id", one[1]], stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL).returncode == 0]


def metrics_are_the_kernels_own_counters(build, folder):
    with Agent(build, folder) as agent, Stage(folder, build) as stage:
        stage.nginx("listen 127.0.0.1:8080 backlog=4; location / { return 200 ok; }", workers=2)
        netns = f'netns="{os.stat(f"/proc/{stage.init}/ns/net").st_ino}"'
        client = stage.client("burst", 8080, 8, 12)
        wait("dropped handshakes",
             lambda: total(agent.metrics(), "tcpwatch_accept_queue_overflows_total", netns) >= 50)
        for pid in client.pids():
            os.kill(pid, signal.SIGKILL)

        def kernel(word):
            for name in ("netstat", "snmp"):
                lines = pathlib.Path(f"/proc/{stage.init}/net/{name}").read_text().splitlines()
                for names, values in zip(lines[::2], lines[1::2]):
                    if word in names.split():
                        return int(values.split()[names.split().index(word)])

        def settled():
            seen = agent.metrics()
            return (total(seen, "tcpwatch_accept_queue_overflows_total", netns)
                    == kernel("ListenOverflows")
                    and total(seen, "tcpwatch_accepts_total", '"127.0.0.1:8080"', netns)
                    == kernel("PassiveOpens"))
        try:
            wait("the kernel's own numbers", settled)
        except Failure as failure:
            seen = [f"{key} {value}" for key, value in agent.metrics().items()
                    if netns in key and ("overflows" in key or "accepts" in key)]
            raise Failure(f"{failure}: ListenOverflows {kernel('ListenOverflows')}, PassiveOpens "
                          f"{kernel('PassiveOpens')}, {seen}") from None


def a_finding_is_logged_counted_and_captured_with_what_came_before(build, folder):
    captures = folder / "captures"
    with Agent(build, folder, "--capture.after", "1s") as agent:
        wait("some history", lambda: agent.metrics()["tcpwatch_flight_recorder_bytes"] > 0)
        drill = subprocess.Popen([f"{build}/tcpwatch", "drill", "ephemeral-port-exhaustion",
                                  "--duration", "20s"], stdout=subprocess.DEVNULL)
        try:
            begun = wait("the finding", lambda: [
                line for line in agent.log() if line.get("event") == "finding_begins"
                and line["finding"]["severity"] == "critical"
                and line["finding"]["id"] == "ephemeral-port-exhaustion"])[0]
            expect("drill" in begun["finding"]["subject"]["comm"], "subject", begun)
            active = 'tcpwatch_finding_active{id="ephemeral-port-exhaustion",severity="critical"'
            wait("the metric", lambda: any(key.startswith(active) for key in agent.metrics()))
            findings = json.loads(agent.get("/api/v1/findings")[1])
            expect(findings["root_cause"] == "ephemeral-port-exhaustion", "root cause", findings)
            wait("the capture", lambda: agent.said("capture "))
        finally:
            drill.terminate()
            drill.wait()
        wait("the end of the finding", lambda: [
            line for line in agent.log() if line.get("event") == "finding_ends"
            and line["finding"]["id"] == "ephemeral-port-exhaustion"])
        agent.stop()
        first = sorted(captures.iterdir())[0]
        told = subprocess.run([f"{build}/tcpwatch", "capture", "info", first], check=True,
                              stdout=subprocess.PIPE, text=True).stdout
        report = json.loads(subprocess.run([f"{build}/tcpwatch", "report", "--json", first],
                                           check=True, stdout=subprocess.PIPE).stdout)
        expect("ephemeral-port-exhaustion" in json.dumps(report["findings"]),
               "the finding in the capture", (told, report["findings"]))
        expect(report["from"] < begun["time"], "what came before it", (report["from"], begun))


def kill_9_leaves_nothing_behind(build, folder):
    textfile = folder / "out" / "m.prom"
    textfile.parent.mkdir()
    with Agent(build, folder, "--textfile", textfile, "--push.interval", "100ms") as agent:
        wait("the text file", textfile.exists)
        held = bpf_objects(agent.pid)
        kinds = {kind for kind, _ in still_there(held)}
        expect({"prog", "map"} <= kinds, "programs and maps while it runs", kinds)
        agent.signal(signal.SIGKILL)
        agent.process.wait()
    wait("programs and maps to go", lambda: not still_there(held))
    expect([one.name for one in textfile.parent.iterdir()] == ["m.prom"], "only the file",
           list(textfile.parent.iterdir()))
    # The socket that was left behind does not keep the next one from starting.
    with Agent(build, folder) as agent:
        agent.stop()
    expect(not (folder / "agent.sock").exists(), "the socket is gone")


def a_second_agent_is_told_why_it_cannot(build, folder):
    with Agent(build, folder, "--web.listen-address", "127.0.0.1:0") as agent:
        second = subprocess.run([f"{build}/tcpwatch", "agent", "--web.listen-address",
                                 agent.address], stderr=subprocess.PIPE, text=True)
        expect(second.returncode == 74, "exit code 74", second)
        expect("is another agent running" in second.stderr, "the remedy", second.stderr)


def reload_keeps_the_counts_and_refuses_mistakes(build, folder):
    config = folder / "tcpwatch.toml"
    config.write_text('[capture]\ndirectory = "%s"\n' % (folder / "captures"))
    notify = NotifySocket(folder / "notify")
    with Agent(build, folder, "--config", config,
               environment={"NOTIFY_SOCKET": notify.path}) as agent:
        notify.hear("READY=1")
        notify.hear("WATCHDOG=1")
        with socket.create_server(("127.0.0.1", 0)) as server:
            for _ in range(5):
                with socket.create_connection(server.getsockname()):
                    server.accept()[0].close()
        mine = f'pid="{os.getpid()}"'
        wait("counts", lambda: total(agent.metrics(), "tcpwatch_connects_total", mine) == 5)
        config.write_text("[capture]\nmax-flies = 3\n")
        agent.signal(signal.SIGHUP)
        refused = wait("the refusal", lambda: agent.said("the old settings stay"))
        expect("tcpwatch.toml:2: capture.max-flies" in refused[0]["message"], "line and key", refused)
        config.write_text('max-series = 7\n[thresholds]\nfds-warning = 0.5\n')
        agent.signal(signal.SIGHUP)
        done = wait("the reload", lambda: agent.said("settings were read again"))
        expect("a restart is needed for max-series" in done[0]["message"], "what needs more", done)
        notify.hear("RELOADING=1")
        wait("counts after it",
             lambda: agent.metrics()['tcpwatch_reloads_total{result="done"}'] >= 1)
        expect(total(agent.metrics(), "tcpwatch_connects_total", mine) == 5, "the same counts")
        agent.stop()
        notify.hear("STOPPING=1")


def sigusr1_writes_a_capture(build, folder):
    with Agent(build, folder) as agent:
        expect("tcpwatch_last_capture_timestamp_seconds" not in agent.metrics(), "none so far")
        before = time.time()
        agent.signal(signal.SIGUSR1)
        wait("the capture", lambda: agent.said("SIGUSR1"))
        when = wait("its time",
                    lambda: agent.metrics().get("tcpwatch_last_capture_timestamp_seconds"))
        expect(before - 1 <= when <= time.time(), "when it was begun", when)
        agent.stop()
    captures = list((folder / "captures").iterdir())
    expect(len(captures) == 1, "one capture", captures)
    verified = subprocess.run([f"{build}/tcpwatch", "capture", "verify", captures[0]])
    expect(verified.returncode == 0, "a whole file")


def a_collector_gets_the_numbers_and_may_refuse_for_a_while(build, folder):
    with Collector(refusals=2) as collector, Agent(
            build, folder, "--push.otlp", collector.url(), "--push.interval", "200ms") as agent:
        pushed = wait("pushes", lambda: collector.taken[1:])[0]
        metrics = pushed["resourceMetrics"][0]["scopeMetrics"][0]["metrics"]
        names = {metric["name"] for metric in metrics}
        families = set(re.findall("^# TYPE ([a-z_]+) ", agent.get("/metrics")[1], re.M))
        expect(names <= families and "tcpwatch_connects_total" in names, "the same families",
               names ^ families)
        wait("the counts", lambda: (
            agent.metrics()['tcpwatch_pushes_total{result="failed"}'] == 2
            and agent.metrics()['tcpwatch_pushes_total{result="taken"}'] >= 2))
        expect(agent.said("status 503"), "one warning")


def a_log_shipper_gets_lines_even_if_it_comes_late(build, folder):
    path = folder / "shipper.sock"
    with Agent(build, folder, "--jsonl", f"unix:{path}", "--interval", "200ms") as agent:
        shipper = Shipper(path)
        wait("lines", lambda: len(shipper.lines) >= 3)
        expect(all(line["schema"] == "tcpwatch.view/1" for line in shipper.lines), "views")
        expect(agent.metrics()['tcpwatch_lines_total{result="dropped"}'] == 0, "none dropped")


def nginx_status_pages_good_wrong_and_slow(build, folder):
    config = folder / "tcpwatch.toml"
    with Stage(folder, build) as stage, socket.create_server(("127.0.0.1", 0)) as slow:
        # It accepts in the kernel, and never answers.
        config.write_text(
            '[capture]\ndirectory = "%s"\n[[nginx]]\nstatus_url = "http://127.0.0.1:%d/slow"\n'
            'timeout = "100ms"\n' % (folder / "captures", slow.getsockname()[1]))
        stage.nginx("listen 127.0.0.1:8080; location /status { stub_status; } "
                    "location / { return 200 ok; }", workers=2)
        config.write_text(config.read_text()
                          + '[[nginx]]\nstatus_url = "http://127.0.0.1:8080/status"\n'
                          + '[[nginx]]\nstatus_url = "http://127.0.0.1:8080/"\n')
        inside = stage.inside(f"{build}/tcpwatch")
        with Agent(Wrapper(folder, inside), folder, "--config", config) as agent:
            def up(url):
                return agent.metrics().get('tcpwatch_nginx_up{url="http://127.0.0.1:%s"}' % url)
            wait("the good page", lambda: up("8080/status") == 1)
            expect(up("8080/") == 0, "a page that is no status page", agent.metrics())
            expect(up("%d/slow" % slow.getsockname()[1]) == 0, "a page that does not answer")
            seen = agent.metrics()
            handled = total(seen, "tcpwatch_nginx_handled_total", "127.0.0.1:8080")
            expect(handled > 0 and handled == total(seen, "tcpwatch_nginx_accepts_total"),
                   "accepts and handled", seen)
            wait("more of them", lambda: total(agent.metrics(), "tcpwatch_nginx_handled_total")
                 > handled)
            findings = json.loads(agent.get("/api/v1/findings")[1])
            expect(findings["verdict"] == "healthy", "no incident", findings)


class Wrapper:
    """A build folder whose tcpwatch runs inside of a stage."""

    def __init__(self, folder, command):
        self.folder = folder / "wrapped"
        self.folder.mkdir()
        script = self.folder / "tcpwatch"
        script.write_text("#!/bin/sh\nexec %s \"$@\"\n" % " ".join(
            f"'{word}'" for word in command))
        script.chmod(0o755)

    def __str__(self):
        return str(self.folder)


def hostile_clients_do_no_harm(build, folder):
    with Agent(build, folder, "--web.listen-address", "127.0.0.1:0") as agent:
        host, port = agent.address.split(":")
        crowd = []
        for _ in range(1000):
            client = socket.socket()
            client.setblocking(False)
            client.connect_ex((host, int(port)))
            crowd.append(client)
        for client in crowd:
            with contextlib.suppress(OSError):
                client.send(b"GET /metrics HTT")
        junk = [os.urandom(50_000), b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 5000 + b"\r\n",
                b"POST /metrics HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n", b"\r\n\r\n" * 3000,
                b"GET /metrics HTTP/1.1\r\nRange: bytes=0-" + b",0-" * 2000 + b"\r\n\r\n"]
        for text in junk:
            with contextlib.suppress(OSError), socket.create_connection((host, port), 5) as client:
                client.sendall(text)
                client.recv(1)
        with socket.create_server(("127.0.0.1", 0)) as server:
            for _ in range(200):
                with socket.create_connection(server.getsockname()):
                    server.accept()[0].close()
            mine = f'pid="{os.getpid()}"'
            listener = '"127.0.0.1:%d"' % server.getsockname()[1]
        wait("every connection of the traced ones", lambda: total(
            agent.metrics(), "tcpwatch_accepts_total", mine, listener) == 200)
        expect(agent.metrics()["tcpwatch_lost_events_total"] == 0, "nothing lost")
        for client in crowd:
            client.close()
        # Threads beside the tracing one have no capabilities.
        tasks = pathlib.Path(f"/proc/{agent.pid}/task")
        for task in tasks.iterdir():
            effective = int(re.search("CapEff:\t(.*)", (task / "status").read_text())[1], 16)
            expect((effective == 0) == (int(task.name) != agent.pid), "capabilities", task)


SCENARIOS = [metrics_are_the_kernels_own_counters,
             a_finding_is_logged_counted_and_captured_with_what_came_before,
             kill_9_leaves_nothing_behind, a_second_agent_is_told_why_it_cannot,
             reload_keeps_the_counts_and_refuses_mistakes, sigusr1_writes_a_capture,
             a_collector_gets_the_numbers_and_may_refuse_for_a_while,
             a_log_shipper_gets_lines_even_if_it_comes_late,
             nginx_status_pages_good_wrong_and_slow, hostile_clients_do_no_harm]


def attempt(scenario, build):
    with tempfile.TemporaryDirectory() as folder:
        begin = time.monotonic()
        try:
            scenario(build, pathlib.Path(folder))
            return f"ok {scenario.__name__} ({time.monotonic() - begin:.1f} s)", True
        except (Failure, StageFailure, KeyError, IndexError, OSError, ValueError,
                subprocess.SubprocessError) as error:
            return f"FAIL {scenario.__name__}: {type(error).__name__} {error}", False


def run_all(scenarios):
    build = str(pathlib.Path(sys.argv[1]).resolve())
    part = sys.argv[2] if len(sys.argv) > 2 else ""
    passed = failed = 0
    for scenario in scenarios:
        if part not in scenario.__name__:
            continue
        text, good = attempt(scenario, build)
        print(text, flush=True)
        passed, failed = passed + good, failed + (not good)
    print(f"{passed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(run_all(SCENARIOS))

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`tcpwatch agent` under the packaged Prometheus: each alert fires in its drill, none does on a busy
server that is well, counters agree with the kernel's own. usage: alerts.py BUILD-FOLDER (as root)
All durations of the rules are a tenth here (alerts_stage.quick_rules), and nothing else differs.
Ends with `N passed, N failed, N skipped`."""
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import threading
import time

from alerts_stage import Agent, Drill, FASTER, Prometheus, Running, UpperPrometheus, wait
from doctor_stage import HERE, NGINX, Failure, Stage, children_of, expect
from metric_names import families, samples, strangers

DEPLOY = HERE.parents[1] / "deploy"
MAIN, ODD = "127.0.0.1:9717", "10.77.0.2:9717"
# A second agent, in a namespace of its own, whose settings are full of trouble.
TROUBLE = """\
[push]
otlp = "http://127.0.0.1:9/v1/metrics"
interval = "1s"
[[nginx]]
status_url = "http://127.0.0.1:9/status"
"""
DRILLS = {
    "accept-queue-overflow": ["AcceptQueueOverflows", "AcceptQueueNearlyFull"],
    "backlog-capped": ["AcceptQueueOverflows"],
    "worker-not-accepting": ["AcceptQueueOverflows"],
    "accept-imbalance": [],
    "syn-flood": ["SynFlood"],
    "ephemeral-port-exhaustion": ["NoSourcePortLeft", "SourcePortsHalfUsed", "SourcePortsNearlyUsed"],
    "connect-slow-in-kernel": ["ConnectSlowInKernel", "SourcePortsHalfUsed"],
    "connect-timeout": ["ConnectsUnanswered"],
    "slow-upstream": ["UpstreamDoesNotAnswer"],
    "connect-refused": ["ConnectsRefused"],
    "connect-unreachable": ["ConnectsUnreachable"],
    "connect-abandoned": ["ConnectsAbandoned"],
    "connection-inflow": ["ConnectionInflow"],
    "connection-watermark": ["ConnectionsNearLimit", "DescriptorsNearLimit"],
    "keepalive-pileup": ["KeepalivePileup"],
    "fd-exhaustion": ["DescriptorsExhausted", "DescriptorsNearLimit"],
    "close-wait-leak": ["CloseWaitGrows", "CloseWaitHigh"],
    "fin-wait2-pileup": ["FinWait2High"],
    "time-wait-high": ["TimeWaitHigh"],
    "slow-clients": ["SlowClients"],
    "short-connection-storm": ["ShortConnectionStorm"],
    "nginx-slots-exhausted": ["ServerSlotsExhausted"],
    "cpu-steering": ["ReceiveSteering"],
    "conntrack-full": ["ConntrackFull"],
}
# Played last: its thousands of quick connects are most of what the drills' clients do, by process.
LOUD = "short-connection-storm"


class Scene:
    """One Prometheus, two agents, a busy server; closed in the reverse order."""

    def __init__(self, build, folder):
        self.build, self.folder = build, pathlib.Path(folder)
        self.open = []

    def add(self, thing):
        self.open.append(thing)
        return thing

    def close(self):
        for thing in reversed(self.open):
            thing.end()

    def link(self, stage, ours, theirs):
        """A wire from here into the namespace of a stage."""
        name = f"to{stage.init}"
        subprocess.run(["ip", "link", "add", name, "type", "veth", "peer", "name", "up0",
                        "netns", str(stage.init)], check=True)
        subprocess.run(["ip", "addr", "add", ours + "/24", "dev", name], check=True)
        subprocess.run(["ip", "link", "set", name, "up"], check=True)
        stage.run("ip", "addr", "add", theirs + "/24", "dev", "up0")
        stage.run("ip", "link", "set", "up0", "up")

    def named(self, name, program):
        """The same program, as a process of that name."""
        path = self.folder / name
        path.symlink_to(program)
        return path

    def start(self, stage):
        odd_prefix = ["nsenter", f"--net=/proc/{stage.init}/ns/net"]
        (self.folder / "file").touch()
        self.main = self.add(Agent(self.build, self.folder, MAIN,
                                   '[[nginx]]\nstatus_url = "http://127.0.0.1:8081/status"\n')).start()
        self.odd = self.add(Agent(self.build, self.folder, ODD, TROUBLE, odd_prefix))
        text = self.odd.config.read_text()
        self.odd.config.write_text("max-series = 3\n" + text.replace(
            f'"{self.folder}"', f'"{self.folder}/file/none"'))
        self.odd.start()
        self.prometheus = self.add(Prometheus(self.folder, [MAIN, ODD]))
        self.early = self.add(Drill(self.build, "connection-inflow"))
        self.nginx = self.named("busy-nginx", "/usr/sbin/nginx")
        self.client = self.named("busy-client", os.path.realpath(sys.executable))

    def serve(self, stage):
        config = self.folder / "nginx.conf"
        config.write_text(NGINX.format(folder=self.folder, workers=2, main="", modules="", http="", slots=1024, server=(
            "listen 127.0.0.1:8080; keepalive_requests 1000000; location / { return 200 ok; }")))
        self.folder.chmod(0o755)
        stage.start(self.nginx, "-p", self.folder, "-c", config)
        stage.wait("nginx", lambda: stage.listens(8080))
        for kind, rate in (("keepalive", 0), ("requests", 50)):
            stage.start(self.client, HERE / "doctor_client.py", kind, 8080, 1, rate,
                        self.folder / "client.log")


def healthy(scene, stage):
    """Silence for longer than any rule waits, while nginx serves."""
    began = time.monotonic()
    prometheus = scene.prometheus
    busy = '{process="busy-nginx",instance="%s"}' % MAIN
    scene.serve(stage)
    wait("half a minute of service", lambda: sum(
        value for _, value in prometheus.query(f"count_over_time(tcpwatch:accepts:rate1m{busy}[5m])"
                                               f" and tcpwatch:accepts:rate1m{busy} > 20")) >= 35, 120)
    expect(time.monotonic() - began > 300 / FASTER, "watched for longer than any `for`")
    netns = str(os.stat(f"/proc/{stage.init}/ns/net").st_ino)
    wrong = [alert for alert in prometheus.fired()
             if alert["instance"] == MAIN and (alert.get("process", "").startswith("busy-") or (
                 alert.get("netns") == netns and alert.get("process") != "tcpwatch"))]
    expect(not wrong, "silence on a healthy server", wrong)


def counters(scene, _stage):
    """What a small backlog drops and accepts, as the kernel's own counters of that namespace say."""
    with tempfile.TemporaryDirectory() as folder, Stage(folder, scene.build) as stage:
        # A port of its own: numbers of namespaces come again, and with them the labels.
        stage.nginx("listen 127.0.0.1:8080; listen 127.0.0.1:8099 backlog=4; "
                    "location / { return 200 ok; }", workers=1)
        netns = str(os.stat(f"/proc/{stage.init}/ns/net").st_ino)
        wait("its listener", lambda: scene.main.values("tcpwatch_accept_queue_limit", netns=netns,
                                                       listener="127.0.0.1:8099"))
        client = stage.client("burst", 8099, 2, 40)

        def kernel():
            lines = (pathlib.Path(f"/proc/{stage.init}/net/snmp").read_text()
                     + pathlib.Path(f"/proc/{stage.init}/net/netstat").read_text()).splitlines()
            told = {}
            for names, values in zip(lines[::2], lines[1::2]):
                told.update(zip(names.split()[1:], values.split()[1:]))
            return int(told["PassiveOpens"]), int(told["ListenOverflows"])

        def agent():
            accepts = sum(scene.main.values("tcpwatch_accepts_total", netns=netns,
                                            listener="127.0.0.1:8099"))
            drops = sum(scene.main.values("tcpwatch_accept_queue_overflows_total", netns=netns,
                                          listener="127.0.0.1:8099"))
            return int(accepts), int(drops)
        wait("1,000 accepts and 200 drops", lambda: kernel()[0] > 1000 and kernel()[1] > 200)
        for pid in client.pids():
            os.kill(pid, 9)
        wait(lambda: f"agent {agent()} = kernel {kernel()}", lambda: agent() == kernel(), 10)


def scrapers(scene, _stage):
    """Two more beside Prometheus; no counter falls between two scrapes of one."""
    failures = []

    def scrape():
        before = {}
        try:
            for _ in range(40):
                for name, labels, value in samples(scene.main.metrics()):
                    key = name, tuple(sorted(labels.items()))
                    if name.endswith(("_total", "_count", "_bucket")) and value < before.get(key, 0):
                        failures.append((key, before[key], value))
                    before[key] = value
        except (OSError, ValueError) as error:
            failures.append(error)
    both = [threading.Thread(target=scrape) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    expect(not failures, "two scrapers", failures)
    checked = subprocess.run(["promtool", "check", "metrics"], input=scene.main.metrics(), text=True,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    expect(checked.returncode == 0 and not checked.stdout, "promtool check metrics", checked.stdout)


def federation(scene, _stage):
    """A second Prometheus has of each agent what the first one was told, as the agent's own series."""
    upper = scene.add(UpperPrometheus(scene.folder))
    wait("both agents", lambda: {labels["instance"] for labels, _ in upper.query(
        'tcpwatch_build_info{job="tcpwatch"}')} == {MAIN, ODD})

    def names(prometheus):
        return {labels["__name__"] for labels, _ in prometheus.query(
            '{__name__=~"tcpwatch:.*",instance="%s"}' % MAIN)}
    below = wait("recorded series", lambda: names(scene.prometheus))
    wait("all of them above", lambda: names(upper) >= below)
    expect(not upper.query("tcpwatch_connects_total"), "not the full series")


def fired_for(drill, alerts, name):
    return any(alert["alertname"] == "Tcpwatch" + name and drill.is_about(alert) for alert in alerts)


def missing(scene, drills):
    alerts = scene.prometheus.fired()
    wanted = [(drill.name, name) for drill in drills for name in DRILLS[drill.name]
              if not fired_for(drill, alerts, name)]
    told = {alert.get("id") for alert in alerts if alert["alertname"].startswith("TcpwatchFinding")}
    wanted += [(drill.name, "finding") for drill in drills if drill.name not in told]
    names = {alert["alertname"] for alert in alerts}
    troubles = ["SeriesFolded", "PushFails", "CaptureFails", "NginxStatusUnread", "NginxSlotsExhausted",
                "ConnectsTimeOut", "SourcePortsRunOut", "SynQueueHigh", "ReloadRefused"]
    return wanted + [name for name in troubles if "Tcpwatch" + name not in names]


def nginx_without_slots(scene):
    """Most of the 16 connections that a worker may have are held; crowds come and go."""
    folder = scene.folder / "slots"
    folder.mkdir()
    config = folder / "nginx.conf"
    config.write_text(NGINX.format(folder=folder, workers=1, main="", modules="", http="", slots=16, server=(
        "listen 127.0.0.1:8081; client_header_timeout 600; location /status { stub_status; } "
        "location / { return 200 ok; }")))
    scene.add(Running(["nginx", "-p", folder, "-c", config], stderr=subprocess.DEVNULL))
    wait("its status", lambda: scene.main.values("tcpwatch_nginx_accepts_total"))
    scene.add(Running([sys.executable, HERE / "alerts_client.py", "crowd", "8081", "10"]))


def drills(scene, stage):
    """All drills at once, and beside them what no drill makes."""
    playing = [scene.early]
    try:
        # Rules by process cannot tell drills apart: this one has to rise above no other's traffic.
        wait("TcpwatchConnectionInflow", lambda: fired_for(scene.early, scene.prometheus.fired(),
                                                           "ConnectionInflow"), 120)
        playing += [Drill(scene.build, name) for name in DRILLS
                    if name not in (scene.early.name, LOUD)]
        nginx_without_slots(scene)
        stage.sysctl("net.ipv4.tcp_syn_retries=1", "net.ipv4.ip_local_port_range=30000 30999",
                     "net.ipv4.tcp_tw_reuse=0", "net.ipv4.tcp_syncookies=0",
                     "net.ipv4.tcp_max_syn_backlog=65536", "net.core.somaxconn=65536")
        for what in ("timeout", "ports", "half-open"):
            stage.start(scene.client, HERE / "alerts_client.py", what)
        scene.odd.config.write_text(scene.odd.config.read_text() + "\n[web]\nlisten-adress = 1\n")
        for number in (signal.SIGHUP, signal.SIGUSR1):  # read the settings, write a capture: in vain
            os.kill(scene.odd.running.child.pid, number)
        wait(lambda: f"alerts: {missing(scene, playing)}", lambda: not missing(scene, playing), 240)
        playing.append(Drill(scene.build, LOUD))
        wait(LOUD, lambda: not missing(scene, playing[-1:]), 120)
        known = families([scene.main.metrics(), scene.odd.metrics()])
        for path in sorted(DEPLOY.glob("prometheus/*.yml")) + sorted(DEPLOY.glob("grafana/*.json")):
            wrong = strangers(path.read_text(), known)
            expect(not wrong, f"{path.name} names what exists", wrong)
    finally:
        for drill in playing[1:]:
            drill.end()


def restart(scene, _stage):
    """Counters begin anew, and the start time says so; who is away is missed."""
    before = scene.odd.values("process_start_time_seconds")
    scene.odd.config.write_text('max-series = 3\n')
    scene.odd.end()
    wait("TcpwatchAgentDown", lambda: any(
        alert["alertname"] == "TcpwatchAgentDown" and alert["instance"] == ODD
        for alert in scene.prometheus.fired()))
    started = [before]
    for _ in range(3):
        scene.odd.end()
        scene.odd.start()
        started.append(scene.odd.values("process_start_time_seconds"))
        expect(started[-1] > started[-2], "a later start time", started)
        wait("a scrape of it", lambda: scene.prometheus.query(
            f'process_start_time_seconds{{instance="{ODD}"}} == {started[-1][0]}'))
    wait("TcpwatchAgentRestarts", lambda: any(
        alert["alertname"] == "TcpwatchAgentRestarts" for alert in scene.prometheus.fired()))


ACTS = [healthy, counters, scrapers, federation, drills, restart]


def play(build, wanted):
    failed = 0
    with tempfile.TemporaryDirectory() as folder, \
            tempfile.TemporaryDirectory() as inner, Stage(inner, build) as stage:
        scene = Scene(build, folder)
        try:
            scene.link(stage, "10.77.0.1", "10.77.0.2")
            scene.start(stage)
            for act in wanted:
                began = time.monotonic()
                try:
                    act(scene, stage)
                    print(f"ok   alerts {act.__name__} ({time.monotonic() - began:.0f} s)", flush=True)
                except (Failure, subprocess.SubprocessError, OSError, ValueError, LookupError) as error:
                    failed += 1
                    print(f"{type(error).__name__}: {error}\nFAIL alerts {act.__name__} "
                          f"({time.monotonic() - began:.0f} s)", flush=True)
        finally:
            scene.close()
    return failed


def main():
    build = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else "build/release")
    wanted = [act for act in ACTS if len(sys.argv) < 3 or act.__name__ in sys.argv[2:]]
    if os.geteuid() != 0:
        print("SKIP alerts: needs root\n0 passed, 0 failed, 1 skipped")
        return 0
    if not os.environ.get("TCPWATCH_ALERTS_INSIDE"):
        os.environ["TCPWATCH_ALERTS_INSIDE"] = "1"
        os.execvp("unshare", ["unshare", "--net", sys.executable, "-B", *sys.argv])
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    try:
        failed = play(build, wanted)
    except (Failure, subprocess.SubprocessError, OSError) as error:
        print(f"{error}\nFAIL alerts: its scene")
        failed = len(wanted)
    print(f"{len(wanted) - failed} passed, {failed} failed, 0 skipped")
    return 1 if failed or not wanted else 0


if __name__ == "__main__":
    sys.exit(main())

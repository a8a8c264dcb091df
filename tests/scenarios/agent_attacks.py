#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`tcpwatch agent` among hostile neighbours: names, files, disks, peers and clients that mean harm.
usage: agent_attacks.py BUILD-FOLDER [NAME-PART]   (as root)
Ends with `N passed, N failed, N skipped`."""
import contextlib
import ctypes
import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time

from agent import run_all
from agent_service import (Agent, Collector, Shipper, expect, total, wait)

PR_SET_NAME = 15
NAMES = [b'a"b\\c', b'x\ny="1"} 9', b"\xff\xfe\x80bad", b"\x1b[2J\x1b]0;p\x07", b"<script>x",
         b"';{}#=,\r\t", "\u202eevil".encode(), b'le="0.1",', b"", b"\xf0\x9f\x98\x80\xf0\x9f\x98", b"%s%n"]
LINE = re.compile(r'# (HELP|TYPE) [a-z_]+ .*|# EOF|[a-z_]+'
                  r'(\{([a-z_]+="([^"\\\x00-\x1f\x7f]|\\[\\"n])*",?)*\})? [0-9.eE+-]+')


def open_fds(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def reloads(agent):
    return total(agent.metrics(), "tcpwatch_reloads_total")


@contextlib.contextmanager
def neighbours():
    """A process of each name, in a control group of that name, that connects and is refused."""
    groups, pids = [], []
    unified = next(line.split()[1] for line in pathlib.Path("/proc/mounts").read_text().splitlines()
                   if line.split()[2] == "cgroup2")
    try:
        for name in NAMES:
            pid = os.fork()
            if pid == 0:
                ctypes.CDLL(None).prctl(PR_SET_NAME, ctypes.c_char_p(name), 0, 0, 0)
                with socket.create_server(("127.0.0.1", 0)) as server, \
                        socket.create_connection(server.getsockname()):
                    while True:
                        with contextlib.suppress(OSError):
                            socket.create_connection(("127.0.0.1", 1))
                        time.sleep(0.2)
            pids.append(pid)
            group = os.fsencode(unified) + b"/tcpwatch-" + re.sub(b"[\n/]", b"", name)
            os.mkdir(group)
            groups.append(group)
            with open(group + b"/cgroup.procs", "w", encoding="ascii") as members:
                members.write(str(pid))
        yield pids
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        for group in groups:
            os.rmdir(group)


def clean(what, raw):
    text = raw.decode()
    expect(not re.search("[\x00-\x09\x0b-\x1f\x7f\u202e]", text), f"{what} without raw bytes", text)
    return text


def no_name_breaks_an_output(build, folder):
    config, textfile = folder / "tcpwatch.toml", folder / "m.prom"
    config.write_text('[capture]\ndirectory = "%s"\non = "warning"\nafter = "1s"\n[thresholds]\nhold = 1\n'
                      % (folder / "captures"))
    shipper = Shipper(folder / "shipper.sock")
    with neighbours() as pids, Collector() as collector, Agent(
            build, folder, "--config", config, "--textfile", textfile, "--push.interval", "300ms",
            "--push.otlp", collector.url(), "--jsonl", f"unix:{shipper.path}") as agent:
        def seen():
            _, text = agent.get("/metrics")
            return all(f'pid="{pid}"' in text for pid in pids)
        wait("all of them", seen)
        wait("a finding about them", lambda: agent.said("capture "))
        plain = agent.get("/metrics")[1]
        openmetrics = agent.get("/metrics", {"Accept": "application/openmetrics-text"})[1]
        expect(openmetrics.endswith("\n# EOF\n"), "OpenMetrics' end", openmetrics[-100:])
        wait("the text file", textfile.exists)
        for text in (plain, openmetrics, textfile.read_text()):
            bad = [line for line in text.splitlines() if not LINE.fullmatch(line)]
            expect(not bad, "lines of the format", bad[:5])
        for text in (plain, textfile.read_text()):
            checked = subprocess.run(["promtool", "check", "metrics"], input=text.encode(),
                                     capture_output=True)
            expect(checked.returncode == 0, "promtool's agreement", checked)
        view = json.loads(agent.get("/api/v1/view")[1])
        told = {worker["pid"]: worker["comm"] for worker in view["workers"]}
        expect(told[pids[1]] == 'x\\x0ay="1"} 9' and told[pids[4]] == "<script>x", "names", told)
        json.loads(agent.get("/api/v1/findings")[1])
        expect("script" not in agent.get("/")[1], "the front page")
        wait("pushes and lines", lambda: collector.taken and shipper.lines)
        clean("the log", agent.log_path.read_bytes())
        agent.log()
        for command in (["top", "--batch", "--duration", "1s"], ["doctor", "--duration", "1s"],
                        ["sockets", "--by", "process"], ["trace", "--duration", "500ms"]):
            done = subprocess.run([f"{build}/tcpwatch", *command], capture_output=True)
            expect(clean(command, done.stdout + done.stderr), "some output", done)
        agent.stop()
        capture = next((folder / "captures").iterdir())
        page = folder / "report.html"
        for command in (["report", capture], ["export", "--format", "jsonl", capture],
                        ["report", "--html", page, capture]):
            done = subprocess.run([f"{build}/tcpwatch", *command], capture_output=True)
            expect(done.returncode == 0, "exit code 0", done)
            clean(command, done.stdout)
        expect("<script>x" not in page.read_text(), "a name in the report that is markup")


HOSTILE_FILES = {
    "mistakes": lambda path: path.write_text("".join(f"k{i} = 1\n" for i in range(20_000))),
    "large": lambda path: path.write_bytes(b"#\n" * (1 << 20)),
    "binary": lambda path: path.write_bytes(os.urandom(500_000)),
    "deep": lambda path: path.write_text("a" + ".a" * 400_000 + " = 1\n"),
    "nested": lambda path: path.write_text("a = " + "[" * 500_000),
    "port": lambda path: path.write_text('[[nginx]]\nstatus_url = "http://127.0.0.1:99999999999/"\n'),
    "folder": lambda path: path.mkdir(),
    "pipe": os.mkfifo,
    "terminal": lambda path: path.symlink_to("/dev/ptmx"),
    "endless": lambda path: path.symlink_to("/dev/zero"),
    "gone": lambda path: path.symlink_to("nowhere"),
    "itself": lambda path: path.symlink_to(path),
}


def a_storm_of_hangups_with_hostile_files_changes_nothing(build, folder):
    config = folder / "tcpwatch.toml"
    good = '[capture]\ndirectory = "%s"\n' % (folder / "captures")
    config.write_text(good)
    taken, refused = "settings were read again", "the old settings stay"
    with Agent(build, folder, "--config", config, "--interval", "100ms") as agent:
        def storm(answer):
            before = len(agent.said(answer))
            for _ in range(20):
                agent.signal(signal.SIGHUP)
                time.sleep(0.002)  # several hundred a second; the kernel keeps one at a time
            wait(answer, lambda: len(agent.said(answer)) > before)
        storm(taken)
        held = open_fds(agent.pid)
        for name, make in HOSTILE_FILES.items():
            if config.is_dir() and not config.is_symlink():
                config.rmdir()
            else:
                config.unlink()
            make(config)
            storm(refused)
            before = len(agent.said(taken))
            storm(refused)
            expect(len(agent.said(taken)) == before, "a refusal of", name)
        config.unlink()
        config.write_text(good)
        storm(taken)
        wait("all of them, counted", lambda: reloads(agent) == len(agent.said(taken) + agent.said(refused)))
        expect(all(len(json.dumps(line)) < 1000 for line in agent.log()), "short lines of JSON")
        wait("no descriptor more", lambda: open_fds(agent.pid) <= held)
        agent.stop()


def a_disk_that_fills_up_vanishes_or_is_a_link_is_told(build, folder):
    disk = folder / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "none", disk], check=True)
    try:
        captures, textfile = disk / "captures", disk / "m.prom"
        with Agent(build, folder, "--capture.directory", captures, "--capture.after", "6s",
                   "--interval", "200ms", "--textfile", textfile, "--push.interval", "100ms") as agent:
            def count(result):
                return agent.metrics()['tcpwatch_captures_total{result="%s"}' % result]

            def ask():
                agent.signal(signal.SIGUSR1)
            wait("a text file", textfile.exists)
            held = open_fds(agent.pid)
            ask()
            wait("a capture under way", lambda: count("written") == 1)
            # At once: the capture ends after 6 s, and then it is whole.
            with open(disk / "fill", "wb", buffering=0) as fill, contextlib.suppress(OSError):
                while True:
                    fill.write(bytes(4096))

            def told():
                for _ in range(100):  # stories, of which a file has more than the rest of its page
                    with contextlib.suppress(OSError):
                        socket.create_connection(("127.0.0.1", 1))
                return count("failed") == 1
            wait("its end", told)
            expect(agent.said("cannot go on"), "why", agent.log())
            expect(subprocess.run([f"{build}/tcpwatch", "capture", "verify", next(captures.iterdir())],
                                  stdout=subprocess.DEVNULL).returncode in (0, 1), "what came before")
            ask()
            wait("a refusal", lambda: count("failed") == 2)
            expect(len(list(captures.iterdir())) == 1, "no half file", list(captures.iterdir()))
            wait("the text file's error", lambda: agent.said(f"cannot write {textfile}"))
            (disk / "fill").unlink()
            shutil.rmtree(captures)
            captures.symlink_to("/nowhere/at/all")
            textfile.unlink()
            textfile.symlink_to(folder / "victim")
            (folder / "victim").write_text("mine")
            wait("a file instead of the link", lambda: not textfile.is_symlink())
            expect((folder / "victim").read_text() == "mine", "the file of somebody else")
            ask()
            wait("another refusal", lambda: count("failed") == 3)
            captures.unlink()
            ask()
            wait("a capture again", lambda: count("written") == 2)
            wait("no descriptor more than its own", lambda: open_fds(agent.pid) <= held + 1)
            agent.stop()
    finally:
        subprocess.run(["umount", "-l", disk], check=True)


class Mute:
    """Takes connections and whatever is sent, and never says a word."""

    def __init__(self):
        self.server = socket.create_server(("127.0.0.1", 0))
        self.taken = []
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        with contextlib.suppress(OSError):
            while True:
                self.taken.append(self.server.accept()[0])

    def url(self):
        return "http://127.0.0.1:%d/" % self.server.getsockname()[1]


def a_reload_waits_for_nobody_and_keeps_the_counts(build, folder):
    config, mute = folder / "tcpwatch.toml", Mute()

    def settings(collector, page):
        config.write_text('[capture]\ndirectory = "%s"\n[push]\notlp = "%s"\ninterval = "100ms"\n'
                          '[[nginx]]\nstatus_url = "%s"\ntimeout = "60s"\n'
                          % (folder / "captures", collector, page))
    with Collector() as collector:
        settings(collector.url(), mute.url())
        with Agent(build, folder, "--config", config) as agent:
            def pushes():
                return agent.metrics()['tcpwatch_pushes_total{result="taken"}']
            wait("pushes, and a page that says nothing", lambda: pushes() >= 3 and mute.taken)
            before, asked = pushes(), len(mute.taken)
            settings(mute.url(), mute.url() + "other")
            begin = time.monotonic()
            agent.signal(signal.SIGHUP)
            wait("the collector and the page to hang",
                 lambda: reloads(agent) == 1 and len(mute.taken) >= asked + 2)
            expect(pushes() >= before, "counts that only grow", (before, pushes()))
            settings(collector.url(), mute.url())
            agent.signal(signal.SIGHUP)
            wait("pushes again", lambda: pushes() > before + 1)
            agent.stop()
            expect(time.monotonic() - begin < 20, "no waiting for the page's 60 s")


def a_name_server_that_is_gone_costs_no_reload_and_no_stop(build, folder):
    resolver, config = folder / "resolv.conf", folder / "tcpwatch.toml"
    resolver.write_text("nameserver 192.0.2.1\noptions timeout:30 attempts:5\n")
    # What is sent there comes back by the loopback device, and is thrown away.
    within = ["unshare", "--net", "--mount", "sh", "-c",
              'ip link set lo up && ip route add 192.0.2.0/24 dev lo && '
              'mount --bind "$0" /etc/resolv.conf && exec "$@"', resolver]

    def settings(host):
        config.write_text('[push]\notlp = "http://%s.example:4318/"\ninterval = "100ms"\n'
                          '[[nginx]]\nstatus_url = "http://%s.example/"\ntimeout = "1s"\n'
                          '[capture]\ndirectory = "%s"\n' % (host, host, folder / "captures"))
    settings("one")
    with Agent(build, folder, "--config", config, within=within) as agent:
        wait("both to give up the name", lambda: agent.said("address of one.example")
             and agent.metrics()['tcpwatch_pushes_total{result="failed"}'] >= 1)
        settings("another")
        agent.signal(signal.SIGHUP)
        wait("a reload", lambda: reloads(agent) == 1)
        wait("the other name", lambda: agent.said("address of another.example"))
        agent.stop()


def each_address_of_a_name_is_tried(build, folder):
    hosts = folder / "hosts"
    hosts.write_text("::1 both.example\n127.0.0.1 both.example\n")
    within = ["unshare", "--mount", "sh", "-c", 'mount --bind "$0" /etc/hosts && exec "$@"', hosts]
    with Collector() as collector:  # not at ::1
        url = collector.url().replace("127.0.0.1", "both.example")
        with Agent(build, folder, "--push.otlp", url, "--push.interval", "100ms",
                   within=within) as agent:
            wait("pushes", lambda: len(collector.taken) >= 2)
            agent.stop()


def tls_files(folder):
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key, "-out", certificate,
                    "-subj", "/CN=localhost", "-days", "2"], check=True, capture_output=True)
    return ["--web.listen-address", "127.0.0.1:0", "--web.tls-certificate", certificate,
            "--web.tls-key", key]


class TlsAgent(Agent):
    def get(self, path, headers=None):
        trusting = ssl.create_default_context()
        trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
        connection = http.client.HTTPSConnection(self.address, timeout=30, context=trusting)
        with contextlib.closing(connection):
            connection.request("GET", path, headers=headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read().decode()


def a_crowd_at_the_door(agent):
    words = [b"GET /metrics HTT", os.urandom(300), b"\x16\x03\x01\x02\x00\x01", b"",
             b"GET /api/v1/view HTTP/1.1\r\n\r\n" * 400]
    held = open_fds(agent.pid)
    with contextlib.ExitStack() as crowd:
        for number in range(1000):
            path = agent.address.startswith("unix:")
            one = crowd.enter_context(socket.socket(socket.AF_UNIX if path else socket.AF_INET))
            one.setblocking(False)
            host, _, port = agent.address.rpartition(":")
            with contextlib.suppress(OSError):
                one.connect_ex(agent.address[5:] if path else (host, int(port)))
                one.send(words[number % len(words)])
                if number % 2:
                    one.shutdown(socket.SHUT_WR)
        with socket.create_server(("127.0.0.1", 0)) as server:
            for _ in range(500):
                with socket.create_connection(server.getsockname()):
                    server.accept()[0].close()
            mine, listener = f'pid="{os.getpid()}"', '"127.0.0.1:%d"' % server.getsockname()[1]
        wait("every connection of the traced ones", lambda: total(
            agent.metrics(), "tcpwatch_accepts_total", mine, listener) == 500)
        expect(agent.metrics()["tcpwatch_lost_events_total"] == 0, "nothing lost")
    wait("no descriptor more", lambda: open_fds(agent.pid) <= held)
    agent.stop()


def a_crowd_at_the_tls_door_does_no_harm(build, folder):
    with TlsAgent(build, folder, *tls_files(folder)) as agent:
        a_crowd_at_the_door(agent)


def a_crowd_at_the_socket_file_does_no_harm(build, folder):
    with Agent(build, folder) as agent:
        a_crowd_at_the_door(agent)


SCENARIOS = [no_name_breaks_an_output, a_storm_of_hangups_with_hostile_files_changes_nothing,
             a_disk_that_fills_up_vanishes_or_is_a_link_is_told,
             a_reload_waits_for_nobody_and_keeps_the_counts,
             a_name_server_that_is_gone_costs_no_reload_and_no_stop,
             each_address_of_a_name_is_tried, a_crowd_at_the_tls_door_does_no_harm,
             a_crowd_at_the_socket_file_does_no_harm]

if __name__ == "__main__":
    sys.exit(run_all(SCENARIOS))

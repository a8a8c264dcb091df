#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Real incidents, what `tcpwatch top` shows of them (SVG), live and replayed, and the report. See scripts/pictures.

usage: pictures.py BUILD-FOLDER OUTPUT-FOLDER [NAME-PART]
"""

import contextlib
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
for tests in ("terminal", "page"):
    sys.path.insert(0, str(HERE.parent.parent / "tests" / tests))
from browser import Browser  # noqa: E402
from pane import Pane  # noqa: E402
from terminal_svg import svg  # noqa: E402

NGINX = """
daemon off; worker_processes 4; pid {folder}/pid; error_log {folder}/error.log;
events {{ worker_connections 256; }}
http {{
  access_log off;
  client_body_temp_path {folder}/1; proxy_temp_path {folder}/2; fastcgi_temp_path {folder}/3;
  uwsgi_temp_path {folder}/4; scgi_temp_path {folder}/5;
  server {{ listen 127.0.0.1:80 backlog=4; location / {{ return 200 "ok"; }} }}
}}
"""

# Clients that open a connection for each request: NAME PORT PROCESSES CONNECTIONS-PER-SECOND.
CLIENTS = """
import os, socket, sys, time
name, port, processes, rate = sys.argv[1], *map(int, sys.argv[2:])
for _ in range(processes):
    if os.fork() == 0:
        break
else:
    while True:
        time.sleep(3600)
open("/proc/self/comm", "w").write(name)
began, done = time.monotonic(), 0
while True:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=0.5) as s:
            s.sendall(b"GET / HTTP/1.0\\r\\n\\r\\n" if port == 80 else b"PING\\r\\n")
            s.recv(64)
    except OSError:
        pass
    done += 1
    time.sleep(max(0, began + done / rate - time.monotonic()))
"""


@contextlib.contextmanager
def namespace(script, folder):
    """A shell script in a network namespace of its own, and all that it started, until the end."""
    child = subprocess.Popen(["unshare", "--net", "--pid", "--fork", "--kill-child", "--mount-proc",
                              "sh", "-ec", "ip link set lo up\n" + script], cwd=folder,
                             stdout=subprocess.DEVNULL)
    try:
        own = os.readlink("/proc/self/ns/net")
        while os.readlink(f"/proc/{child.pid}/ns/net") == own:
            time.sleep(0.01)
        yield f"/proc/{child.pid}/ns/net"
    finally:
        child.kill()
        child.wait()


def workers_of_nginx(folder):
    """As seen from outside of the namespace: by the folder in the command line of their master."""
    for entry in pathlib.Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if str(folder) in (entry / "cmdline").read_bytes().decode(errors="replace"):
                children = (entry / "task" / entry.name / "children").read_text().split()
                if (entry / "comm").read_text() == "nginx\n" and children:
                    return [int(pid) for pid in children]
    return []


@contextlib.contextmanager
def small_backlog(folder):
    """nginx with backlog=4, all of whose workers stop after some seconds."""
    pathlib.Path(folder, "nginx.conf").write_text(NGINX.format(folder=folder))
    pathlib.Path(folder, "clients.py").write_text(CLIENTS)
    script = (f"nginx -p {folder} -c {folder}/nginx.conf &\n"
              f"exec python3 clients.py browser 80 10 40")
    with namespace(script, folder) as netns:
        def act():
            time.sleep(25)
            for pid in workers_of_nginx(folder):
                os.kill(pid, signal.SIGSTOP)
            time.sleep(14)
        yield netns, act


@contextlib.contextmanager
def out_of_ports(folder):
    """redis, to which four workers open a connection per request, until no source port is left."""
    pathlib.Path(folder, "clients.py").write_text(CLIENTS)
    # On loopback TIME_WAIT would be used again after a second, which no network between hosts does.
    script = ("sysctl -qw net.ipv4.ip_local_port_range='32768 36767' net.ipv4.tcp_tw_reuse=0\n"
              "redis-server --port 6379 --save '' --dir . >/dev/null &\n"
              "exec python3 clients.py app-worker 6379 4 30")
    with namespace(script, folder) as netns:
        yield netns, lambda: time.sleep(54)


@contextlib.contextmanager
def recorded(build, output):
    """Records what happens meanwhile; then the upper part of the HTML report is the picture."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        child = subprocess.Popen([f"{build}/tcpwatch", "record", "-o", "incident.tcpw"], cwd=folder,
                                 stderr=subprocess.DEVNULL)
        yield
        child.send_signal(signal.SIGINT)
        child.wait()
        subprocess.run([f"{build}/tcpwatch", "report", "--html", "page.html", "incident.tcpw"],
                       cwd=folder, check=True)
        with Browser(f"{folder}/profile") as browser:
            browser.call("Emulation.setScrollbarsHidden", hidden=True)
            browser.open(f"{folder}/page.html", 1280, 1720)
            browser.picture(f"{folder}/page.png")
        subprocess.run(["convert", f"{folder}/page.png", "-strip", "+dither", "-colors", "160",
                        f"png8:{output}/report.png"], check=True)


def main():
    build, output = (os.path.abspath(path) for path in sys.argv[1:3])
    wanted = sys.argv[3] if len(sys.argv) > 3 else ""
    with recorded(build, output) if wanted in "report" else contextlib.nullcontext():
        pictures_of_top(build, output, "" if wanted in "report" else wanted)
    pictures_of_replays(build, output, wanted)


def pictures_of_top(build, output, wanted):
    for name, incident, keys in (("top-accept-queue", small_backlog, "2"),
                                 ("top-out-of-ports", out_of_ports, "3")):
        if wanted not in name:
            continue
        with tempfile.TemporaryDirectory() as folder, \
                Pane(folder, width=118, height=22) as pane, incident(folder) as (netns, act):
            # Rows of that namespace alone; the header is of the whole machine all the same.
            pane.run(f"{build}/tcpwatch top --netns {netns}")
            pane.wait_for("[1 workers")
            act()
            pane.keys(keys)
            pane.wait_for(f"[{keys} ")
            pane.keys("Down")
            take(pane, output, name)


def take(pane, output, name):
    # -N: with the spaces at the ends of lines, which have a colour as well.
    pathlib.Path(output, name + ".svg").write_text(svg(pane.text("-e", "-N"), 118))
    for line in pane.text().splitlines():
        print(line)
    pane.keys("q")
    pane.result()


def pictures_of_replays(build, output, wanted):
    """The same program on a capture of the first incident: OpenResty, redis, and no source port left."""
    capture = HERE.parent.parent / "tests" / "data" / "incident-ports.tcpw"
    for name, key, there in (("top-findings", "5", "[5 findings"), ("top-worker", "Enter", "(Esc: back)")):
        if wanted not in name:
            continue
        with tempfile.TemporaryDirectory() as folder, Pane(folder, width=118, height=26) as pane:
            pane.run(f"{build}/tcpwatch top --replay {capture} --speed 0.001")
            pane.wait_for("REPLAY 1 of")
            pane.keys("G")
            pane.wait_for("paused")
            pane.keys(key)
            pane.wait_for(there)
            take(pane, output, name)


if __name__ == "__main__":
    main()

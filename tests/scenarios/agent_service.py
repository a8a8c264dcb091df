# SPDX-License-Identifier: Apache-2.0
"""One running `tcpwatch agent`, and the services around it that a test plays: a collector, a log
shipper, systemd's notify socket."""
import contextlib
import http.client
import http.server
import json
import os
import queue
import signal
import socket
import struct
import subprocess
import threading
import time

PATIENCE = 30


class Failure(Exception):
    pass


def expect(condition, what, seen=""):
    if not condition:
        raise Failure(f"not as expected: {what}; {str(seen)[:2000]}")


def wait(what, met, patience=PATIENCE):
    end = time.monotonic() + patience
    while not (result := met()):
        if time.monotonic() > end:
            raise Failure(f"waited in vain for {what}")
        time.sleep(0.02)
    return result


def parse(text):
    """Series of Prometheus' text format: {'name{labels}': value}."""
    series = {}
    for line in text.splitlines():
        if line and not line.startswith("#"):
            key, _, value = line.rpartition(" ")
            expect(key not in series, "each series once", key)
            series[key] = float(value)
    return series


def total(series, name, *labels):
    return sum(value for key, value in series.items()
               if (key == name or key.startswith(name + "{")) and all(one in key for one in labels))


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("agent", timeout=PATIENCE)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        # Behind a crowd one waits for a place in the queue; a socket with a time-out of Python's
        # own does not block in the kernel and would be refused at once.
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO,
                             struct.pack("ll", PATIENCE, 0))
        self.sock.connect(self.path)
        self.sock.settimeout(PATIENCE)


class Agent:
    def __init__(self, build, folder, *arguments, environment=None, ready=True, within=()):
        self.log_path = folder / f"agent-{time.monotonic_ns()}.log"
        self.address = f"unix:{folder}/agent.sock"
        given = " ".join(map(str, arguments))
        web = [] if "--web.listen-address" in given else ["--web.listen-address", self.address]
        if "--capture.directory" not in given and "--config" not in given:
            web += ["--capture.directory", folder / "captures"]
        with open(self.log_path, "wb") as log:
            command = [*within, f"{build}/tcpwatch", "agent", *web, *arguments]
            self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=log,
                                            env=dict(os.environ, **(environment or {})))
        self.pid = self.process.pid
        if not ready:
            return
        try:
            # Attaching takes a second of CPU, which a busy machine gives in half a minute.
            wait("the agent", self.ready, 4 * PATIENCE)
        except BaseException:
            self.__exit__()  # nobody else would end it
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()

    def ready(self):
        expect(self.process.poll() is None, "a running agent", self.log_path.read_text())
        serving = [line for line in self.log() if "serving on" in line.get("message", "")]
        if not serving:
            return False
        self.address = serving[0]["message"].rpartition(" ")[2]
        return self.get("/readyz")[0] == 200

    def get(self, path, headers=None):
        if self.address.startswith("unix:"):
            connection = UnixConnection(self.address[5:])
        else:
            connection = http.client.HTTPConnection(self.address, timeout=PATIENCE)
        with contextlib.closing(connection):
            connection.request("GET", path, headers=headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read().decode()

    def metrics(self):
        status, text = self.get("/metrics")
        expect(status == 200, "metrics", text)
        return parse(text)

    def log(self):
        """What it said, all of it JSON Lines; a line that is being written is left out."""
        text = self.log_path.read_text()
        return [json.loads(line) for line in text[:text.rfind("\n") + 1].splitlines()]

    def said(self, part):
        return [line for line in self.log() if part in line.get("message", "")]

    def signal(self, number):
        os.kill(self.pid, number)

    def stop(self):
        self.signal(signal.SIGTERM)
        expect(self.process.wait(PATIENCE) == 0, "exit code 0", self.log_path.read_text())


class Collector(http.server.ThreadingHTTPServer):
    """Takes pushes; refuses the first `refusals` of them with 503."""

    def __init__(self, refusals=0):
        collector = self
        self.refusals = refusals
        self.taken = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if collector.refusals > 0:
                    collector.refusals -= 1
                    self.send_response(503)
                else:
                    collector.taken.append(json.loads(body))
                    self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()

    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}/v1/metrics"


class Shipper:
    """Listens on a Unix socket and keeps the lines that come."""

    def __init__(self, path):
        self.path = str(path)
        self.lines = []
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.path)
        self.listener.listen()
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                with connection, connection.makefile() as lines:
                    for line in lines:
                        self.lines.append(json.loads(line))


class NotifySocket:
    """What systemd would hear, which always listens: the kernel keeps ten words, and drops the next one."""

    def __init__(self, path):
        self.path = str(path)
        self.heard = queue.SimpleQueue()
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            self.heard.put(self.socket.recv(4096).decode())

    def hear(self, word):
        end = time.monotonic() + PATIENCE
        with contextlib.suppress(queue.Empty):
            while True:
                heard = self.heard.get(timeout=max(0, end - time.monotonic()))
                if word in heard:
                    return heard
        raise Failure(f"waited in vain for {word}")

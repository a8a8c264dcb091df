# SPDX-License-Identifier: Apache-2.0
"""A network and process namespace with real servers in it, and doctor looking at it from outside."""
import contextlib
import datetime
import json
import os
import pathlib
import signal
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
PATIENCE = 30
LOOK = "8s"
PERIOD = 500_000  # of a limit of CPU time, microseconds
# For a server of nginx whose requests are counted: when each ended, and how.
TOLD = "access_log requests.log told;"
TOLD_FORMAT = "log_format told '$msec $status';"

NGINX = """
{modules} daemon off; worker_processes {workers}; pid {folder}/pid; error_log {folder}/error.log; {main}
events {{ worker_connections {slots}; }}
http {{
  access_log off; {http}
  client_body_temp_path {folder}/1; proxy_temp_path {folder}/2; fastcgi_temp_path {folder}/3;
  uwsgi_temp_path {folder}/4; scgi_temp_path {folder}/5;
  server {{ {server} }}
}}
"""


class Failure(Exception):
    pass


def expect(condition, what, seen=""):
    if not condition:
        raise Failure(f"not as expected: {what}; {seen}")


def evidence(finding, name):
    return next(one["value"] for one in finding["evidence"] if one["name"] == name)


def near(told, logged, what):
    expect(abs(told - logged) <= max(1, 0.05 * logged), f"{what} within 5 % of {logged}", told)


def children_of(pid):
    children = []
    with contextlib.suppress(OSError):
        for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
            children += [int(child) for child in (task / "children").read_text().split()]
    return children


class Client:
    """doctor_client.py: some processes that log each failed connect with its time."""

    def __init__(self, child, log):
        self.child = child
        self.log = log

    def pids(self):
        return [self.child, *children_of(self.child)]

    def failures(self):
        with contextlib.suppress(OSError):
            return [float(line) for line in self.log.read_text().split("\n")[:-1]]
        return []

    def failures_between(self, begin, end):
        return sum(begin <= when <= end for when in self.failures())


class Stage:
    def __init__(self, folder, build):
        self.folder = pathlib.Path(folder)
        self.build = build
        self.nginx_pid = None
        self.report = None
        self.count = 0
        self.started = []
        self.cgroup = None

    def __enter__(self):
        self.holder = subprocess.Popen(
            ["unshare", "--net", "--pid", "--fork", "--kill-child", "sleep", "1800"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        own = os.readlink("/proc/self/ns/net")
        self.wait("the namespace", lambda: children_of(self.holder.pid))
        self.init = children_of(self.holder.pid)[0]
        self.wait("the namespace", lambda: os.readlink(f"/proc/{self.init}/ns/net") != own)
        self.run("ip", "link", "set", "lo", "up")
        return self

    def __exit__(self, *_):
        for child in self.started:
            child.send_signal(signal.SIGCONT)  # nsenter stops when what it started does
        os.kill(self.init, signal.SIGKILL)  # and all that runs in its process namespace
        self.holder.wait()
        if self.cgroup:
            self.wait("the end of all in it", lambda: not (self.cgroup / "cgroup.procs").read_text())
            self.cgroup.rmdir()

    def wait(self, what, met, patience=PATIENCE):
        end = time.monotonic() + patience
        while not met():
            if time.monotonic() > end:
                raise Failure(f"waited in vain for {what}")
            time.sleep(0.02)

    def inside(self, *command):
        return ["nsenter", f"--target={self.init}", "--net", "--pid", *map(str, command)]

    def run(self, *command):
        subprocess.run(self.inside(*command), check=True, stdout=subprocess.DEVNULL)

    def sysctl(self, *settings):
        self.run("sysctl", "-qw", *settings)

    def start(self, *command, inside=None):
        """Its pid as seen from here; None of what has ended already."""
        whole = [*inside, *map(str, command)] if inside else self.inside(*command)
        child = subprocess.Popen(whole, stdout=subprocess.DEVNULL,
                                 stderr=subprocess.DEVNULL, cwd=self.folder)
        self.started.append(child)
        begun = []  # nsenter forks into the namespace, and goes when what it forked does
        self.wait(command[0], lambda: begun.extend(children_of(child.pid)) or begun or child.poll() is not None)
        return begun[0] if begun else None

    def listens(self, port):
        with contextlib.suppress(OSError):
            lines = pathlib.Path(f"/proc/{self.init}/net/tcp").read_text().splitlines()
            return any(f":{port:04X} 00000000:0000 0A" in line for line in lines)
        return False

    def nginx(self, server, workers, main="", slots=1024, http="", modules=""):
        config = self.folder / "nginx.conf"
        config.write_text(NGINX.format(folder=self.folder, server=server, workers=workers, main=main,
                                       slots=slots, http=http, modules=modules))
        self.folder.chmod(0o755)
        self.nginx_pid = self.start("nginx", "-p", self.folder, "-c", config)
        self.wait("nginx", lambda: self.listens(8080) and len(self.workers()) == workers)

    def cpu_limit(self, pids, cpus):
        """These processes in a control group of their own that allows them so much of a CPU."""
        name = f"tcpwatch-doctor-{os.getpid()}-{self.init}"
        unified = pathlib.Path("/sys/fs/cgroup/cgroup.controllers")
        self.cgroup = pathlib.Path("/sys/fs/cgroup", "" if unified.exists() else "cpu", name)
        self.cgroup.mkdir()
        if unified.exists():
            (self.cgroup / "cpu.max").write_text(f"{int(cpus * PERIOD)} {PERIOD}")
        else:
            (self.cgroup / "cpu.cfs_period_us").write_text(str(PERIOD))
            (self.cgroup / "cpu.cfs_quota_us").write_text(str(int(cpus * PERIOD)))
        for pid in pids:
            (self.cgroup / "cgroup.procs").write_text(str(pid))
        return f"/{name}"

    def master(self):
        return self.nginx_pid

    def workers(self):
        return sorted(children_of(self.nginx_pid))

    def error_log(self):
        with contextlib.suppress(OSError):
            return (self.folder / "error.log").read_text()
        return ""

    def has_sockets(self, pid):
        """Besides its listener, its master's channel and the like: connections."""
        links = []
        with contextlib.suppress(OSError):
            for fd in os.scandir(f"/proc/{pid}/fd"):
                with contextlib.suppress(OSError):
                    links.append(os.readlink(fd.path))
        self.sockets_before = getattr(self, "sockets_before", None) or len(links)
        return len(links) > self.sockets_before or sum("socket" in link for link in links) > 5

    def second_nginx(self, server, port):
        """The pid of its only worker."""
        folder = self.folder / "second"
        folder.mkdir()
        config = folder / "nginx.conf"
        config.write_text(NGINX.format(folder=folder, server=server, workers=1, main="", slots=1024,
                                       http="", modules=""))
        pid = self.start("nginx", "-p", folder, "-c", config)
        self.wait("the second nginx", lambda: self.listens(port) and children_of(pid))
        return children_of(pid)[0]

    def redis(self, port, *options):
        self.redis_pid = self.start("redis-server", "--port", port, "--save", "", "--dir", self.folder,
                                    *options)
        self.wait("redis", lambda: self.listens(port))

    def sockets_in(self, state, peer_port):
        lines = pathlib.Path(f"/proc/{self.init}/net/tcp").read_text().splitlines()
        lines += pathlib.Path(f"/proc/{self.init}/net/tcp6").read_text().splitlines()
        return sum(f":{peer_port:04X} {state} " in line for line in lines)

    def haproxy(self, backend, maxconn=200):
        config = self.folder / "haproxy.cfg"
        config.write_text(f"global\n maxconn {maxconn}\ndefaults\n mode tcp\n timeout client 60s\n"
                          f" timeout server 60s\nfrontend in\n bind 127.0.0.1:8080\n default_backend out\n"
                          f"backend out\n{backend}\n")
        pid = self.start("haproxy", "-db", "-f", config)
        self.wait("haproxy", lambda: self.listens(8080))
        return pid

    def established(self, pid, port):
        """How many connections of a process lead to or from a port, by /proc."""
        inodes = set()
        for fd in os.scandir(f"/proc/{pid}/fd"):
            with contextlib.suppress(OSError):
                inodes.add(os.readlink(fd.path))
        count = 0
        for line in pathlib.Path(f"/proc/{pid}/net/tcp").read_text().splitlines()[1:]:
            field = line.split()
            ports = (field[1].split(":")[1], field[2].split(":")[1])
            count += field[3] == "01" and f"{port:04X}" in ports and f"socket:[{field[9]}]" in inodes
        return count

    def other_namespace(self, link):
        """A network namespace that the other end of a cable is put into: what runs a command there."""
        there = self.start("unshare", "--net", "sleep", "1800")
        own = os.readlink(f"/proc/{self.init}/ns/net")
        self.wait("the other namespace", lambda: os.readlink(f"/proc/{there}/ns/net") != own)
        subprocess.run(["nsenter", f"--target={self.init}", "--net", "ip", "link", "set", link,
                        "netns", str(there)], check=True)
        into = ["nsenter", f"--net=/proc/{there}/ns/net", f"--pid=/proc/{self.init}/ns/pid_for_children"]
        for command in (["addr", "add", "192.0.2.2/24", "dev", link], ["link", "set", link, "up"]):
            subprocess.run([*into, "ip", *command], check=True)
        return into

    def client(self, kind, port, processes, rate, inside=None):
        self.count += 1
        log = self.folder / f"client{self.count}.log"
        return Client(self.start(sys.executable, HERE / "doctor_client.py", kind, port, processes,
                                 rate, log, inside=inside), log)

    def upstream(self, port):
        self.client("upstream", port, 1, 0)
        self.wait("the upstream", lambda: self.listens(port))

    def closing_server(self, port):
        self.client("closing", port, 1, 0)
        self.wait("the server", lambda: self.listens(port))
        return port

    def logged(self, status):
        """Requests that ended so during the look, by nginx's own log (TOLD)."""
        end = self.report_end()
        lines = [line.split() for line in (self.folder / "requests.log").read_text().split("\n")[:-1]]
        return sum(got == status and end - self.report["duration"] <= float(when) <= end
                   for when, got in lines)

    def look(self, meanwhile=None, nginx_status=None, only=None, prefix=(), duration=LOOK,
             deny=""):
        """`only` these processes, or else all of the namespace; `prefix`: a command that starts it."""
        chosen = ["--pid", *map(str, only)] if only else ["--netns", f"/proc/{self.init}/ns/net"]
        command = [*prefix, f"{self.build}/tcpwatch", "doctor", "--json", "--duration", duration, *chosen]
        command += ["--deny", deny] if deny else []
        if nginx_status:  # the page is of that namespace
            command = ["nsenter", f"--net=/proc/{self.init}/ns/net", *command, "--nginx-status",
                       nginx_status]
        look = subprocess.Popen(command, stdout=subprocess.PIPE)
        if meanwhile:
            meanwhile()
        out, _ = look.communicate(timeout=PATIENCE + 100)
        self.report = json.loads(out)
        return look.returncode

    def all_to_one_cpu(self, port):
        """A server with a worker for each CPU, and clients elsewhere whose packets all go to CPU 0."""
        self.run("ip", "link", "add", "here", "type", "veth", "peer", "name", "there")
        other = self.other_namespace("there")
        self.run("ip", "addr", "add", "192.0.2.1/24", "dev", "here")
        self.run("ip", "link", "set", "here", "up")
        self.run("unshare", "--mount", "sh", "-c",
                  "mount -t sysfs sysfs /sys && echo 1 > /sys/class/net/here/queues/rx-0/rps_cpus")
        server = self.client("by_cpu", port, 1, 0)
        self.wait("the server", lambda: self.listens(port) and len(server.pids()) == 2)
        self.client("far", port, 1, 50, inside=other)
        return other

    def replayed(self, arguments=("--duration", LOOK)):
        """What doctor says of a capture that is made now."""
        capture = self.folder / "incident.tcpw"
        subprocess.run([f"{self.build}/tcpwatch", "record", "-o", capture, *arguments], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        netns = os.stat(f"/proc/{self.init}/ns/net").st_ino
        done = subprocess.run([f"{self.build}/tcpwatch", "doctor", "--json", "--replay", capture,
                               "--netns", str(netns)], stdout=subprocess.PIPE)
        return done.returncode, json.loads(done.stdout)

    def same_from_a_capture(self, finding):
        """What a capture that is made now says of it, once it says the same."""
        _, replayed = self.replayed()
        expect(replayed["root_cause"] == finding["id"], "the same from a capture", replayed["findings"])
        again = next(one for one in replayed["findings"] if one["id"] == finding["id"])
        for at in ("pid", "listener", "netns"):
            expect(again["subject"][at] == finding["subject"][at], f"the same {at}", again)
        return again

    def grew_no_more(self, told, now, rate, what):
        """`now` was counted after the look, and grows by so many a second; doctor's is of up to a second before its end."""
        most = 0.05 * now + rate * (1 + time.time() - self.report_end())
        expect(0 <= now - told <= most, f"{what}: {now} by now, at most {most:.0f} of them new", told)

    def report_end(self):
        text = self.report["time"]
        whole = datetime.datetime.strptime(text[:19] + "+0000", "%Y-%m-%dT%H:%M:%S%z")
        return whole.timestamp() + float("0" + text[19:-1])

    def doctor(self, root, verdict=None, **how):
        """Its findings by id, once the root cause and the verdict are what they should be."""
        code = self.look(**how)
        told = json.dumps(self.report["findings"], indent=1)
        expect(self.report["root_cause"] == root, f"root cause {root}",
               f"{self.report['root_cause']} {told}")
        if verdict:
            expect(self.report["verdict"] == verdict, f"verdict {verdict}", told)
        codes = {"healthy": 0, "warning": 1, "critical": 2}
        expect(code == codes[self.report["verdict"]], "exit code", code)
        found = {}
        for finding in self.report["findings"]:
            found.setdefault(finding["id"], finding)
        for finding in self.report["findings"]:
            end, chain = finding, {finding["id"]}
            for _ in range(8):
                if not end["caused_by"]:
                    break
                end = self.finding(end["caused_by"], **end["caused_by_subject"])
                chain.add(end["id"])
            expect(finding["severity"] != "critical" or root in chain,
                   "no critical finding beside the chain", told)
        return found

    def finding(self, name, **subject):
        """The one of that id about that subject."""
        for finding in self.report["findings"]:
            if finding["id"] == name and subject.items() <= finding["subject"].items():
                return finding
        raise Failure(f"no {name} about {subject}; {json.dumps(self.report['findings'], indent=1)}")

    def healthy(self, meanwhile=None):
        code = self.look(meanwhile)
        expect(self.report["verdict"] == "healthy" and code == 0, "healthy",
               json.dumps(self.report["findings"], indent=1))

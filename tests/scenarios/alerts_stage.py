# SPDX-License-Identifier: Apache-2.0
"""Agents and the packaged Prometheus, in a network namespace of the test's own."""
import contextlib
import json
import os
import pathlib
import re
import signal
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request

import yaml

from doctor_stage import Failure
from metric_names import samples

DEPLOYING = pathlib.Path(__file__).resolve().parents[2] / "docs/deploy.md"
RULES = pathlib.Path(__file__).resolve().parents[2] / "deploy/prometheus/tcpwatch.rules.yml"
FASTER = 10  # times: the rules that are tested have a tenth of each duration
PROMETHEUS = "127.0.0.1:9090"
UPPER = "127.0.0.1:9091"


def wait(what, met, patience=30):
    """What `met` gives, once it is something."""
    end = time.monotonic() + patience
    while True:
        got = met()
        if got:
            return got
        if time.monotonic() > end:
            raise Failure(f"waited in vain for {what() if callable(what) else what}")
        time.sleep(0.1)


def fetch(url):
    with urllib.request.urlopen(url, timeout=10) as answer:
        return answer.read().decode()


def quick_rules(text):
    """`for: 5m` and `[1m]` become 30 s and 6 s, and what is waited for in seconds a tenth too."""
    def tenth(match):
        seconds = int(match[2]) * {"s": 1, "m": 60}[match[3]]
        return f"{match[1]}{seconds * 1000 // FASTER}ms{match[4]}"
    text = re.sub(r"(for: )(\d+)([sm])()$", tenth, text, flags=re.M)
    text = re.sub(r"(\[)(\d+)([sm])(\])", tenth, text)
    return text.replace("oldest_seconds > 60", f"oldest_seconds > {60 // FASTER}")


class Running:
    """A child that is ended by its pid."""

    def __init__(self, command, **options):
        self.child = subprocess.Popen(list(map(str, command)), **options)

    def end(self, how=signal.SIGTERM):
        if self.child.poll() is None:
            self.child.send_signal(how)
        with contextlib.suppress(subprocess.TimeoutExpired):
            return self.child.wait(timeout=20)
        self.child.kill()
        return self.child.wait()


class Agent:
    def __init__(self, build, folder, address, config="", prefix=()):
        self.address, self.prefix = address, list(prefix)
        self.config = pathlib.Path(folder) / f"{address}.toml"
        self.config.write_text(f'[capture]\ndirectory = "{folder}"\n' + config)
        self.log = self.config.with_suffix(".log")
        self.command = [f"{build}/tcpwatch", "agent", "--config", self.config,
                        "--web.listen-address", address]
        self.running = None

    def start(self):
        with open(self.log, "ab") as log:
            self.running = Running(self.prefix + self.command, stderr=log)
        wait(lambda: f"the agent at {self.address}: {self.log.read_text()}", self.ready, 120)
        return self

    def ready(self):
        with contextlib.suppress(OSError):
            return fetch(f"http://{self.address}/readyz")
        return None

    def metrics(self):
        return fetch(f"http://{self.address}/metrics")

    def values(self, name, **labels):
        return [value for told, has, value in samples(self.metrics())
                if told == name and labels.items() <= has.items()]

    def end(self):
        if self.running:
            self.running.end()


class Prometheus:
    """One that scrapes agents and has the rules."""

    def __init__(self, folder, targets):
        folder = pathlib.Path(folder)
        (folder / "rules.yml").write_text(quick_rules(RULES.read_text()))
        self.start(folder, PROMETHEUS, {"job_name": "tcpwatch", "static_configs": [
            {"targets": targets}]}, [str(folder / "rules.yml")])

    def start(self, folder, address, scrape, rules):
        self.address = address
        (folder / "prometheus.yml").write_text(json.dumps({  # JSON is YAML
            "global": {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"},
            "rule_files": rules, "scrape_configs": [scrape]}))
        self.log = folder / "prometheus.log"
        with open(self.log, "wb") as log:
            self.running = Running(
                ["prometheus", f"--config.file={folder}/prometheus.yml",
                 f"--storage.tsdb.path={folder}/data", f"--web.listen-address={address}"],
                stderr=log, stdout=log)
        wait(lambda: "Prometheus: " + self.log.read_text()[-2000:], self.ready)

    def ready(self):
        with contextlib.suppress(OSError):
            return fetch(f"http://{self.address}/-/ready")
        return None

    def query(self, expression):
        """[(labels, value)]"""
        try:
            answer = json.loads(fetch(f"http://{self.address}/api/v1/query?query="
                                      + urllib.parse.quote(expression)))
        except urllib.error.HTTPError as error:
            raise Failure(f"{expression}: {error.read().decode()}") from error
        return [(one["metric"], float(one["value"][1])) for one in answer["data"]["result"]]

    def fired(self):
        """The labels of all alerts that fired so far."""
        return [labels for labels, _ in
                self.query('last_over_time(ALERTS{alertstate="firing"}[10m])')]

    def end(self):
        self.running.end()


class UpperPrometheus(Prometheus):
    """One that takes from the other what the page on deploying says."""

    def __init__(self, folder):  # pylint: disable=super-init-not-called
        folder = pathlib.Path(folder) / "upper"
        folder.mkdir()
        told = re.search(r"```yaml\n(  - job_name: federate\n.*?)```", DEPLOYING.read_text(), re.S)[1]
        [scrape] = yaml.safe_load(told)
        self.start(folder, UPPER, {**scrape, "static_configs": [{"targets": [PROMETHEUS]}]}, [])


class Drill:
    """A running `tcpwatch drill`."""

    def __init__(self, build, name):
        self.name = name
        self.running = Running([f"{build}/tcpwatch", "drill", name, "--duration", "10m"],
                               stdout=subprocess.PIPE, text=True)
        told = ""
        for line in self.running.child.stdout:
            told += line
            if "judge:" in line:
                break
        found = re.search(r"/proc/\d+/ns/net", told)
        if not found:
            raise Failure(f"drill {name}: {told}")
        self.netns = os.stat(found[0]).st_ino

    def is_about(self, labels):
        """An alert of this drill, as far as its labels say where."""
        if "netns" in labels:
            return labels["netns"] == str(self.netns)
        if "pid" in labels:
            with contextlib.suppress(OSError):
                return os.stat(f"/proc/{labels['pid']}/ns/net").st_ino == self.netns
            return False
        return labels.get("process", "drill").startswith("drill")  # or before it is named: "drill"

    def end(self):
        self.running.end()

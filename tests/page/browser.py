# SPDX-License-Identifier: Apache-2.0
"""A real, headless Chromium: told what to do through a pipe (Chrome DevTools Protocol), no port."""
import base64
import json
import os
import select
import shutil
import subprocess
import tempfile
import time

PATIENCE = 60


class Failure(Exception):
    pass


class Browser:
    """One page. What it said on its console, and what it asked a network for, is kept."""

    def __init__(self, folder):
        self.problems, self.requests, self.last, self.left = [], [], 0, b""
        self.loaded = set()  # which navigations have come to their end
        command_read, self.to = os.pipe()
        self.back, answer_write = os.pipe()
        program = shutil.which("chromium") or shutil.which("chromium-browser")
        if not program:
            raise Failure("no chromium: scripts/bootstrap test installs it")

        def place_pipes():  # descriptors 3 and 4 of the child, whatever they were here
            read, write = os.dup(command_read), os.dup(answer_write)
            os.dup2(read, 3)
            os.dup2(write, 4)

        self.log = tempfile.TemporaryFile()
        self.child = subprocess.Popen(
            [program, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
             "--no-first-run", "--disable-extensions", "--disable-background-networking",
             "--disable-component-update", "--disable-sync", "--force-device-scale-factor=1",
             f"--user-data-dir={folder}", "--remote-debugging-pipe", "about:blank"],
            preexec_fn=place_pipes, close_fds=False, stdout=self.log, stderr=self.log)
        os.close(command_read)
        os.close(answer_write)
        # A page of our own: it answers commands before it has its first one.
        self.session = None
        page = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=page, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(domain + ".enable")
        self.call("Page.setLifecycleEventsEnabled", enabled=True)

    session = None

    def close(self):
        try:
            self.session = None
            self.call("Browser.close")
        except (Failure, OSError):
            self.child.kill()
        self.child.wait()
        os.close(self.to)
        os.close(self.back)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def message(self, deadline):
        while b"\0" not in self.left:
            ready, _, _ = select.select([self.back], [], [], max(0, deadline - time.monotonic()))
            piece = os.read(self.back, 1 << 20) if ready else b""
            if not piece:
                self.log.seek(0)
                raise Failure(f"the browser says no more: {self.log.read()[-800:]!r}")
            self.left += piece
        text, self.left = self.left.split(b"\0", 1)
        return json.loads(text)

    def note(self, event):
        about = event.get("params", {})
        if event["method"] == "Runtime.exceptionThrown":
            details = about["exceptionDetails"]
            self.problems.append(details.get("exception", {}).get("description", details["text"]))
        elif event["method"] == "Runtime.consoleAPICalled" and about["type"] in ("error", "warning"):
            self.problems.append(str([a.get("value", a.get("description")) for a in about["args"]]))
        elif event["method"] == "Log.entryAdded" and about["entry"]["level"] in ("error", "warning"):
            self.problems.append(about["entry"]["text"])
        elif event["method"] == "Network.requestWillBeSent":
            self.requests.append(about["request"]["url"])
        elif event["method"] == "Page.lifecycleEvent" and about["name"] == "load":
            self.loaded.add(about["loaderId"])

    def until(self, wanted):
        deadline = time.monotonic() + PATIENCE
        while True:
            message = self.message(deadline)
            if "method" in message:
                self.note(message)
            if wanted(message):
                return message

    def call(self, method, **parameters):
        self.last += 1
        number = self.last
        message = {"id": number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self.to, data):]
        answer = self.until(lambda told: told.get("id") == number)
        if "error" in answer:
            raise Failure(f"{method}: {answer['error']}")
        return answer["result"]

    def run(self, script):
        """The value of an expression in the page."""
        answer = self.call("Runtime.evaluate", expression=script, returnByValue=True,
                           awaitPromise=True)
        if "exceptionDetails" in answer:
            raise Failure(f"{script}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def open(self, path, width=1400, height=900, dark=False):
        self.problems.clear()
        self.requests.clear()
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height,
                  deviceScaleFactor=1, mobile=width < 600)
        self.call("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])
        self.navigate("file://" + os.path.abspath(path))
        self.settle()

    def navigate(self, url):
        """Until all of it is loaded, which may be told before the answer to the command."""
        answer = self.call("Page.navigate", url=url)
        if "errorText" in answer:
            raise Failure(f"{url}: {answer['errorText']}")
        while answer["loaderId"] not in self.loaded:
            self.until(lambda told: "method" in told)

    def settle(self):
        """Two frames: what was asked for is drawn."""
        self.run("new Promise(d => requestAnimationFrame(() => requestAnimationFrame(() => d(1))))")

    def picture(self, path, whole=False):
        data = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)["data"]
        with open(path, "wb") as file:
            file.write(base64.b64decode(data))

    def paper(self):
        return base64.b64decode(self.call("Page.printToPDF", printBackground=True)["data"])

# SPDX-License-Identifier: Apache-2.0
"""A shell in a terminal of its own: tmux on a private socket, which nothing else uses. What a test
waits for is looked for again and again, up to a deadline; nothing sleeps and hopes."""

import os
import pathlib
import subprocess
import time

DEADLINE = float(os.environ.get("TCPWATCH_TERMINAL_DEADLINE", "30"))


class Failure(Exception):
    pass


class Pane:
    def __init__(self, folder, width=100, height=30, environment=()):
        self.socket = os.path.join(folder, "tmux")
        self.folder = folder
        self.tmux("-f", "/dev/null", "new-session", "-d", "-x", str(width), "-y", str(height),
                  *[word for pair in environment for word in ("-e", pair)],
                  "env PS1='$ ' bash --norc --noprofile")
        self.wait("a prompt", lambda: self.text().startswith("$"))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        subprocess.run(["tmux", "-S", self.socket, "kill-server"], check=False,
                       stderr=subprocess.DEVNULL)

    def tmux(self, *words):
        return subprocess.run(["tmux", "-S", self.socket, *words], check=True, text=True,
                              stdout=subprocess.PIPE).stdout

    def text(self, *options):
        return self.tmux("capture-pane", "-p", *options)

    def flag(self, name):
        return self.tmux("display-message", "-p", "#{%s}" % name).strip()

    def keys(self, *keys):
        self.tmux("send-keys", *keys)

    def type(self, text):
        self.tmux("send-keys", "-l", text)

    def resize(self, width, height):
        self.tmux("resize-window", "-x", str(width), "-y", str(height))

    def wait(self, what, condition):
        end = time.monotonic() + DEADLINE
        while time.monotonic() < end:
            found = condition()
            if found:
                return found
            time.sleep(0.02)
        raise Failure(f"no {what} within {DEADLINE:g} s; the screen:\n{self.text()}")

    def wait_for(self, *parts):
        self.wait(" and ".join(map(repr, parts)), lambda: all(p in self.text() for p in parts))

    def child(self):
        """The process that the shell runs."""
        shell = self.flag("pane_pid")
        path = pathlib.Path(f"/proc/{shell}/task/{shell}/children")
        return self.wait("child of the shell", lambda: path.read_text().split())[-1]

    def run(self, command):
        """A shell command line; result() waits for its end."""
        for name in ("before", "after", "status"):
            pathlib.Path(self.folder, name).unlink(missing_ok=True)
        self.type(f"cd {self.folder}; clear; stty -g >before; {command}; echo $? >st; "
                  "stty -g >after; mv st status")
        self.keys("Enter")

    def result(self):
        status = pathlib.Path(self.folder, "status")
        self.wait("end of the program", status.exists)
        return int(status.read_text())

    def expect_sane(self):
        """The terminal is what it was: modes of the line and of the screen."""
        before, after = (pathlib.Path(self.folder, name).read_text() for name in ("before", "after"))
        if before != after:
            raise Failure(f"stty before {before.strip()} after {after.strip()}")
        wanted = {"alternate_on": "0", "cursor_flag": "1", "mouse_any_flag": "0",
                  "keypad_cursor_flag": "0", "keypad_flag": "0"}
        self.wait(f"terminal with {wanted}",
                  lambda: all(self.flag(name) == value for name, value in wanted.items()))

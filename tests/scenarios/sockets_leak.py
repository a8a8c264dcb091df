#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Real leaks: a Python client and a Java pool that do not close after their server did, in a network
namespace of its own, as `tcpwatch sockets` shows them; and what it shows with fewer privileges.
usage: sockets_leak.py [BUILD-FOLDER]   (as root)
Ends with `N passed, N failed, N skipped`."""
import ctypes
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent

LEAKED, CLOSED = 23, 5
CLONE_NEWNET = 0x40000000
CLIENT = f"""
import socket, sys
held = []
for n in range({LEAKED} + {CLOSED}):
    connection = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
    while connection.recv(100):
        pass
    if n < {LEAKED}:
        held.append(connection)  # the bug
    else:
        connection.close()
print("leaked", flush=True)
sys.stdin.read()
"""


def enter_own_namespace():
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNET) != 0:
        sys.exit("sockets_leak.py: needs root (a network namespace of its own)")
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)


def start_leak():
    """(client process, server's port, when the first and the last of them was leaked)"""
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    client = subprocess.Popen([sys.executable, "-c", CLIENT, str(port)], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE)
    begin = time.monotonic()
    for _ in range(LEAKED + CLOSED):
        connection, _ = listener.accept()
        connection.sendall(b"answer")
        connection.close()
    client.stdout.readline()
    return client, listener, port, begin


def ask(tcpwatch, *arguments):
    done = subprocess.run([tcpwatch, "sockets", "--json", "--netns", "/proc/self/ns/net",
                           *arguments], check=True, stdout=subprocess.PIPE)
    return json.loads(done.stdout)


def leak_of_java(tcpwatch):
    """A pool of Java's: its sockets are IPv6 ones with mapped addresses."""
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]

    def serve():
        while True:
            try:
                listener.accept()[0].close()
            except OSError:
                return
    threading.Thread(target=serve, daemon=True).start()
    begin = time.monotonic()
    pool = subprocess.Popen(["java", "-Xmx64m", "-XX:TieredStopAtLevel=1", str(HERE / "LeakingPool.java"),
                             str(port), "50"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        counts, deadline = [0], time.monotonic() + 60
        while counts[-1] < 20 and time.monotonic() < deadline:
            rows = ask(tcpwatch, "--by", "process", "--pid", str(pool.pid))["rows"]
            row = rows[0] if rows else {}
            counts.append(row.get("states", {}).get("CLOSE_WAIT", 0))
        lived = time.monotonic() - begin
    finally:
        pool.kill()
        pool.wait()
        listener.close()
    return {
        "java: its count grows": counts[-1] >= 20 and counts == sorted(counts),
        "java: its pid": row.get("pid") == pool.pid and row.get("comm") == "java",
        "java: the age of the oldest": 0 < (row.get("oldest_close_wait") or 0) <= lived + 0.1,
        "java: the peer": row.get("close_wait_peer") == f"127.0.0.1:{port}",
    }


NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
SOME = (*NOBODY, "--inh-caps=+bpf,+perfmon", "--ambient-caps=+bpf,+perfmon")


def with_fewer_privileges(tcpwatch):
    """Without any: a clear line. With some: what may be seen, and what is missing."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)  # the build folder may be nobody's business
        program = shutil.copy(tcpwatch, folder)
        none = subprocess.run([*NOBODY, program, "sockets", "--by", "process"], capture_output=True, text=True,
                              check=False)
        some = subprocess.run([*SOME, program, "sockets", "--by", "state", "--json"], capture_output=True, text=True,
                              check=False)
        other = subprocess.run([*SOME, program, "sockets", "--netns", "/proc/1/ns/net"], capture_output=True,
                               text=True, check=False)
    seen = json.loads(some.stdout) if some.returncode == 0 else {}
    return {
        "none: exit code": none.returncode == 3 and not none.stdout,
        "none: the reason and the remedy": "Operation not permitted" in none.stderr and "CAP_BPF" in none.stderr,
        "some: its own namespace": seen.get("namespaces") == 1 and seen.get("total", 0) >= 1,
        "some: says that it is not all": seen.get("complete") is False,
        "some: what is missing, and why": any("CAP_SYS_ADMIN" in note for note in seen.get("notes", [])),
        "some: not another's namespace": other.returncode == 3 and "/proc/1/ns/net" in other.stderr,
    }


def main():
    build = sys.argv[1] if len(sys.argv) > 1 else "build/release"
    tcpwatch = os.path.join(os.path.abspath(build), "tcpwatch")
    if os.geteuid() != 0:
        print("SKIP leaks as sockets shows them: needs root")
        print("0 passed, 0 failed, 1 skipped")
        return 0
    enter_own_namespace()
    client, listener, port, begin = start_leak()
    peer = f"127.0.0.1:{port}"
    by_process = ask(tcpwatch, "--by", "process", "--state", "CLOSE_WAIT")
    by_destination = ask(tcpwatch, "--by", "destination")
    listed = ask(tcpwatch, "--list", "--pid", str(client.pid), "--state", "close-wait")
    oldest = time.monotonic() - begin
    fewer = with_fewer_privileges(tcpwatch)  # while there are sockets
    client.stdin.close()
    client.wait()
    listener.close()

    row = by_process["rows"][0] if by_process["rows"] else {}
    destination = by_destination["rows"][0] if by_destination["rows"] else {}
    checks = {
        "one process leaks": len(by_process["rows"]) == 1,
        "its pid": row.get("pid") == client.pid,
        "its name": row.get("comm", "").startswith("python"),
        "its command line": "held = []" in (row.get("cmdline") or ""),
        "its count": row.get("states") == {"CLOSE_WAIT": LEAKED},
        "the age of the oldest": 0 <= row.get("oldest_close_wait", -1) <= oldest + 0.1,
        "the peer": row.get("close_wait_peer") == peer,
        "descriptors against the limit": LEAKED <= row["fds"]["open"] <= row["fds"]["limit"],
        "the destination": destination.get("key") == peer,
        "its process": destination.get("workers") == [client.pid],
        "its states": destination.get("states", {}).get("CLOSE_WAIT") == LEAKED,
        "a row for each": len(listed["rows"]) == LEAKED,
        "the holder of each": all(one["holders"][0]["pid"] == client.pid
                                  for one in listed["rows"]),
        "the peer of each": all(one["remote"] == peer for one in listed["rows"]),
    }
    checks |= fewer | leak_of_java(tcpwatch)
    for name, held in checks.items():
        if not held:
            print(f"FAIL {name}: {row} {destination}")
    failed = sum(not held for held in checks.values())
    print(f"{len(checks) - failed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    os.environ["LC_ALL"] = "C"
    sys.exit(main())

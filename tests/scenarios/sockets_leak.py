#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A real leak: a Python client that does not close after its server did, in a network namespace of
its own, as `tcpwatch sockets` shows it. usage: sockets_leak.py [TCPWATCH]   (as root)
Ends with `N passed, N failed, N skipped`."""
import ctypes
import json
import os
import socket
import subprocess
import sys
import time

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


def main():
    tcpwatch = sys.argv[1] if len(sys.argv) > 1 else "build/release/tcpwatch"
    enter_own_namespace()
    client, listener, port, begin = start_leak()
    peer = f"127.0.0.1:{port}"
    by_process = ask(tcpwatch, "--by", "process", "--state", "CLOSE_WAIT")
    by_destination = ask(tcpwatch, "--by", "destination")
    listed = ask(tcpwatch, "--list", "--pid", str(client.pid), "--state", "close-wait")
    oldest = time.monotonic() - begin
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
    for name, held in checks.items():
        if not held:
            print(f"FAIL {name}: {row} {destination}")
    failed = sum(not held for held in checks.values())
    print(f"{len(checks) - failed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    os.environ["LC_ALL"] = "C"
    sys.exit(main())

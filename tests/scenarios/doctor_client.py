# SPDX-License-Identifier: Apache-2.0
"""Clients and servers of the doctor's scenarios. usage: doctor_client.py KIND PORT PROCESSES RATE LOG.
RATE is per process and second; each failed connect is a line with its time in LOG."""
import os
import socket
import sys
import time

KIND, PORT, PROCESSES, RATE, LOG = sys.argv[1], *map(int, sys.argv[2:5]), sys.argv[5]
REQUEST = b"PING\r\n" if PORT == 6379 else b"GET / HTTP/1.0\r\n\r\n"
KEEPALIVE = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"


def connect(timeout=2.0):
    made = socket.socket()
    made.settimeout(timeout)
    try:
        made.connect(("127.0.0.1", PORT))
    except OSError:
        with open(LOG, "a", encoding="ascii") as log:
            log.write(f"{time.time()}\n")
        made.close()
        return None
    return made


def request():
    made = connect()
    if not made:
        return
    with made:
        try:
            made.sendall(REQUEST)
            made.recv(1000)
        except OSError:
            pass


def requests():
    began, done = time.monotonic(), 0
    while True:
        request()
        done += 1
        time.sleep(max(0, began + done / RATE - time.monotonic()))


def burst():
    """Many at once, several times a second: more than a small backlog, little for a worker."""
    while True:
        at_once = []
        for _ in range(RATE):
            made = socket.socket()
            made.setblocking(False)
            made.connect_ex(("127.0.0.1", PORT))
            at_once.append(made)
        time.sleep(0.1)
        for made in at_once:
            made.close()


def hold():
    held = []
    while True:
        held.append(connect())
        time.sleep(1 / RATE)


def leak():
    """Reads to the end, and forgets to close."""
    held = []
    while True:
        made = connect()
        if made:
            while made.recv(100):
                pass
            held.append(made)
        time.sleep(1 / RATE)


def keepalive():
    many = [connect() for _ in range(20)]
    while True:
        for made in many:
            made.sendall(KEEPALIVE)
        for made in many:
            made.recv(4096)


def paced():
    made = connect()
    while True:
        made.sendall(KEEPALIVE)
        made.recv(4096)
        time.sleep(1 / RATE)


def serve(answer):
    with socket.create_server(("127.0.0.1", PORT), backlog=512) as listener:
        while True:
            made, _ = listener.accept()
            with made:
                answer(made)


def upstream(made):
    """Leaves it to the other side to close first."""
    made.settimeout(5)
    try:
        made.recv(4096)
        made.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        made.recv(100)
    except OSError:
        pass


KINDS = {"requests": requests, "burst": burst, "hold": hold, "leak": leak, "keepalive": keepalive, "paced": paced,
         "once": request, "upstream": lambda: serve(upstream),
         "closing": lambda: serve(lambda made: made.sendall(b"answer"))}

for _ in range(PROCESSES - 1):
    if os.fork() == 0:
        break
KINDS[KIND]()

# SPDX-License-Identifier: Apache-2.0
"""Clients and servers of the doctor's scenarios. usage: doctor_client.py KIND PORT PROCESSES RATE LOG.
RATE is per process and second; each failed connect is a line with its time in LOG."""
import contextlib
import ctypes
import os
import selectors
import socket
import struct
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


def waves():
    """RATE connections that begin a request each, and go after a while; then for as long nobody."""
    while True:
        held = []
        for _ in range(RATE):
            held.append(held_socket())
            time.sleep(0.002)  # else nginx takes back the slots of who has sent nothing so far
            with contextlib.suppress(OSError):
                held[-1].sendall(b"GET / HTTP/1.1\r\nHost: a\r\n")
        time.sleep(0.3)
        for made in held:
            made.close()
        time.sleep(0.7)


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


def held_socket():
    made = socket.socket()
    made.setblocking(False)
    made.connect_ex(("127.0.0.1", PORT))
    return made


def slowloris():
    """RATE connections; a header line a second on each, and never the last one. Whoever is thrown out comes again."""
    held = []
    while True:
        for made in list(held):
            try:
                made.sendall(b"X: y\r\n")
            except OSError:
                made.close()
                held.remove(made)
        begun = [held_socket() for _ in range(RATE - len(held))]
        time.sleep(0.5)
        for made in begun:
            try:
                made.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n")
                held.append(made)
            except OSError:
                made.close()
        time.sleep(0.5)


def pressure():
    """RATE requests at a time, each over a connection of its own, and the next as soon as one is through."""
    waiting = selectors.DefaultSelector()
    for _ in range(RATE):
        waiting.register(held_socket(), selectors.EVENT_WRITE)
    while True:
        for key, event in waiting.select():
            made = key.fileobj
            try:
                if event & selectors.EVENT_WRITE:
                    made.sendall(REQUEST)
                    waiting.modify(made, selectors.EVENT_READ)
                    continue
                if made.recv(4096):
                    continue
            except OSError:
                pass
            waiting.unregister(made)
            made.close()
            waiting.register(held_socket(), selectors.EVENT_WRITE)


def asked():
    """RATE requests a second that are never answered; the connections are kept."""
    held = []
    while True:
        made = connect()
        if made:
            made.sendall(REQUEST)
            held.append(made)
        time.sleep(1 / RATE)


def flood():
    """RATE SYNs a second from addresses that do not exist."""
    raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    for number in range(1 << 30):
        source = socket.inet_aton(f"10.1.{number >> 8 & 255}.{number & 255}")
        to = socket.inet_aton("127.0.0.1")
        tcp = struct.pack("!HHIIBBHHH", 1024 + number % 60000, PORT, number * 7919 & 0xffffffff, 0, 5 << 4, 2,
                          65535, 0, 0)
        words = struct.unpack("!16H", source + to + struct.pack("!HH", 6, len(tcp)) + tcp)
        total = sum(words)
        total = (total & 0xffff) + (total >> 16)
        total = ~((total & 0xffff) + (total >> 16)) & 0xffff
        ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 40, 0, 0, 64, 6, 0, source, to)
        raw.sendto(ip + tcp[:16] + struct.pack("!H", total) + tcp[18:], ("127.0.0.1", 0))
        time.sleep(1 / RATE)


def kept():
    """RATE connections, a request on each, and then nothing."""
    held = [connect() for _ in range(RATE)]
    for made in held:
        made.sendall(KEEPALIVE)
        made.recv(4096)
    while True:
        time.sleep(1)


def ready():
    """RATE connections that are kept, and ask now and then."""
    held = [connect() for _ in range(RATE)]
    while True:
        for made in held:
            made.sendall(REQUEST)
            made.recv(4096)
        time.sleep(1)


def slow():
    """RATE long answers, read as they come."""
    waiting = selectors.DefaultSelector()
    for _ in range(RATE):
        made = connect()
        made.sendall(b"GET /slow HTTP/1.0\r\n\r\n")
        waiting.register(made, selectors.EVENT_READ)
    while True:
        for key, _ in waiting.select():
            if not key.fileobj.recv(4096):
                waiting.unregister(key.fileobj)


CPU, RANDOM = 36, 56  # what a classic BPF program may ask for


def group(members, by, ways, keep):
    """Workers that listen together; `by` modulo `ways` chooses among them (SO_ATTACH_REUSEPORT_CBPF)."""
    code = (ctypes.c_uint64 * 3)(*(struct.unpack("Q", struct.pack("HBBI", *line))[0] for line in (
        (0x20, 0, 0, 0xfffff000 + by), (0x94, 0, 0, ways), (0x16, 0, 0, 0))))
    program = struct.pack("HxxxxxxQ", 3, ctypes.addressof(code))
    listeners = []
    for _ in range(members):
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        listener.bind(("0.0.0.0", PORT))
        listener.listen(128)
        listener.setsockopt(socket.SOL_SOCKET, 51, program)
        listeners.append(listener)
    number = next((n for n in range(1, members) if os.fork() == 0), 0)
    mine = listeners[number]
    held = []
    while True:
        held.append(mine.accept()[0])
        held = held[-keep:] if keep else []


def far():
    """RATE connections a second to the other end of the cable; the last hundred are open."""
    held = []
    while True:
        held = held[-100:] + [socket.create_connection(("192.0.2.1", PORT))]
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


def mute():
    """Accepts, and answers nobody."""
    with socket.create_server(("127.0.0.1", PORT), backlog=512) as listener:
        held = []
        while True:
            held.append(listener.accept())


def upstream(made):
    """Leaves it to the other side to close first."""
    made.settimeout(5)
    try:
        made.recv(4096)
        made.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        made.recv(100)
    except OSError:
        pass


KINDS = {"slowloris": slowloris, "pressure": pressure, "asked": asked, "flood": flood, "far": far, "mute": mute,
         "by_cpu": lambda: group(2, CPU, 2, 100), "left_out": lambda: group(3, RANDOM, 2, 0), "kept": kept, "slow": slow,
         "ready": ready, "requests": requests, "burst": burst, "waves": waves, "hold": hold, "leak": leak, "keepalive": keepalive,
         "paced": paced, "once": request, "upstream": lambda: serve(upstream),
         "closing": lambda: serve(lambda made: made.sendall(b"answer"))}

for _ in range(PROCESSES - 1):
    if os.fork() == 0:
        break
KINDS[KIND]()

# SPDX-License-Identifier: Apache-2.0
"""What no drill makes. usage: alerts_client.py timeout | ports | half-open | crowd PORT COUNT"""
import socket
import struct
import subprocess
import sys
import time


def timeout():
    """Into a network that swallows everything."""
    subprocess.run(["ip", "route", "add", "10.9.0.0/16", "dev", "lo"], check=True)
    while True:
        made = socket.socket()
        try:
            made.connect(("10.9.0.1", 9))
        except OSError:
            pass
        made.close()


def ports():
    """A connection per request, 40 a second of 1,000 ports: half of them are used after 13 s."""
    listener = socket.create_server(("127.0.0.1", 7000), backlog=64)
    while True:
        client = socket.create_connection(("127.0.0.1", 7000))
        served, _ = listener.accept()
        client.close()
        served.recv(1)
        served.close()
        time.sleep(1 / 40)


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    total = (total >> 16) + (total & 0xFFFF)
    return ~(total + (total >> 16)) & 0xFFFF


def half_open():
    """SYNs from addresses that do not exist, to a listener without cookies."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 7001))
    listener.listen(60000)
    for name in ("all", "lo"):
        subprocess.run(["sysctl", "-qw", f"net.ipv4.conf.{name}.rp_filter=0"], check=True)
    raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    target = socket.inet_aton("127.0.0.1")
    for number in range(1, 1 << 16):
        source = socket.inet_aton(f"10.9.{number >> 8}.{number & 255}")
        tcp = struct.pack("!HHLLBBHHH", 1024 + number % 60000, 7001, number, 0, 5 << 4, 2, 64000, 0, 0)
        pseudo = source + target + struct.pack("!BBH", 0, 6, len(tcp))
        tcp = tcp[:16] + struct.pack("!H", checksum(pseudo + tcp)) + tcp[18:]
        header = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 40, number, 0, 64, 6, 0, source, target)
        raw.sendto(header + tcp, ("127.0.0.1", 0))
        if number % 10 == 0:
            time.sleep(0.05)


def crowd():
    """Requests that do not end keep most of nginx's slots; every now and then come too many."""
    held = [begin_request() for _ in range(int(sys.argv[3]))]
    while True:
        come = []
        for _ in held:
            come.append(begin_request())
            time.sleep(0.02)
        for made in come:
            made.close()
        time.sleep(0.3)


def begin_request():
    made = socket.create_connection(("127.0.0.1", int(sys.argv[2])))
    made.sendall(b"GET / HTTP/1.1\r\n")
    return made


{"timeout": timeout, "ports": ports, "half-open": half_open, "crowd": crowd}[sys.argv[1]]()
time.sleep(600)

# SPDX-License-Identifier: Apache-2.0
"""Scenarios of doctor.py in which it may not see everything: it says so, and never guesses."""
from doctor_stage import expect

PORT = 8080


# Root without the right to look into other processes.
BLIND = ["setpriv", "--bounding-set", "-sys_ptrace,-dac_override,-dac_read_search,-sys_admin"]


def nginx_out_of_descriptors_to_who_may_not_look(stage):
    """The same root cause; in what its worker sleeps is not known, which is told and makes it less sure."""
    stage.nginx("listen 127.0.0.1:8080 backlog=8; location / { limit_rate 20; return 200 "
                + "x" * 3000 + "; }", workers=1, main="worker_rlimit_nofile 60;")
    stage.client("asked", PORT, 2, 30)
    found = stage.doctor("fd-exhaustion", "critical", only=[stage.master(), *stage.workers()],
                         prefix=BLIND)
    idle = found["worker-not-accepting"]
    expect("wchan" in idle["unseen"] and idle["confidence"] < 0.95, "less sure, and why", idle)
    expect("(state S)" in idle["summary"] and "epoll" not in idle["summary"], "no guess", idle)
    expect(idle["unseen"] in stage.report["unseen"], "told as a whole", stage.report["unseen"])


RESTS_ON = {"accept-queue-overflow": ("overflow_syn", "overflow_ack", "listener_queues"),
            "backlog-capped": ("listener_queues", "accepts"),
            "connect-abandoned": ("listener_queues", "owners"),
            "connect-timeout": ("listener_queues", "owners")}


def nginx_with_each_mechanism_denied(stage):
    """Less is seen, or by another hook: what is told is the same, less sure and why, or not told."""
    stage.nginx("listen 127.0.0.1:8080 backlog=4; location / { return 200 ok; }", workers=2)
    stage.client("burst", PORT, 5, 7)  # too few for a storm
    stage.doctor("backlog-capped", "critical")
    for mechanism in ("fentry", "kprobe", "tp_btf", "raw_tp", "cgroup", "iter", "field", "poll"):
        stage.look(deny=mechanism, duration="5s")
        hooks = {signal: seen["hook"] or "" for signal, seen in stage.report["coverage"].items()}
        expect(not any(hook.startswith(mechanism + ":") for hook in hooks.values()), mechanism, hooks)
        lost = {signal: f"{signal} is not watched on this kernel" for signal in hooks if not hooks[signal]}
        expect(set(lost.values()) <= set(stage.report["unseen"]), f"what is lost without {mechanism}",
               stage.report["unseen"])
        told = {one["id"]: one for one in stage.report["findings"] if one["severity"] != "info"}
        expect(told.keys() <= RESTS_ON.keys(), f"without {mechanism}: no other", told)
        expect("accept-queue-overflow" in told or {"listener_queues", "owners", "overflow_syn"} & set(lost),
               f"without {mechanism}: it is seen", told)
        for name in RESTS_ON.keys() & told.keys():
            blind = [lost[signal] for signal in RESTS_ON[name] if signal in lost]
            expect(all(phrase in (told[name]["unseen"] or "") for phrase in blind)
                   and told[name]["confidence"] <= 0.6 ** len(blind) + 1e-9,
                   f"without {mechanism}: less sure", told[name])

# SPDX-License-Identifier: Apache-2.0
"""Scenarios of doctor.py about CPUs: workers that get none, and packets that all go to one."""
from doctor_stage import evidence, expect

PORT = 8080


def nginx_whose_cgroup_has_used_up_its_time(stage):
    """Runnable and throttled: neither stopped, nor slow for a reason of its own."""
    stage.nginx("listen 127.0.0.1:8080 backlog=64; location / { return 200 ok; }", workers=1)
    worker = stage.workers()[0]
    group = stage.cpu_limit([worker], 0.004)  # 1 % is enough for those that a busy machine sends
    stage.client("burst", PORT, 8, 12)
    found = stage.doctor("accept-queue-overflow", "critical")
    starved = found["accept-queue-overflow"]
    again = stage.same_from_a_capture(starved)
    for one in (starved, again):
        expect(one["subject"]["pid"] == worker, f"pid {worker}", one)
        expect("is runnable but got" in one["summary"], "it is starved", one)
        expect(f"the limit of cgroup {group} (0.4% of a CPU)" in one["summary"], "and why", one)
        expect(evidence(one, "cpu_got") < 0.1 and evidence(one, "throttled_periods") > 0.8,
               "the numbers", one)
        expect(group in one["next_step"], "what to do", one)


def nginx_whose_cpu_another_takes(stage):
    """Pinned to one CPU as worker_cpu_affinity does, beside one that has more of a right to it."""
    stage.nginx("listen 127.0.0.1:8080; location / { return 200 ok; }", workers=1,
                main="worker_cpu_affinity 10; worker_priority 19;")
    worker = stage.workers()[0]
    hog = stage.start("taskset", "-c", "1", "nice", "-n", "-19", "sh", "-c", "while :; do :; done")
    stage.client("requests", PORT, 20, 10)
    found = stage.doctor("worker-not-accepting")
    starved = found["worker-not-accepting"]
    again = stage.same_from_a_capture(starved)
    for one in (starved, again):
        expect(one["subject"]["pid"] == worker, f"pid {worker}", one)
        expect("is runnable but got" in one["summary"], "it is starved", one)
        expect(f"CPU 1 is taken by sh {hog} " in one["summary"], "by whom", one)
        expect(evidence(one, "cpu_got") < 0.1 and evidence(one, "rival_cpu") > 0.5, "the numbers", one)
        expect(f"-p {hog} " in one["next_step"], "what to do", one)


def python_whose_packets_go_to_one_cpu(stage):
    stage.all_to_one_cpu(PORT)
    found = stage.doctor("cpu-steering", "warning")
    steered = found["cpu-steering"]
    expect(steered["subject"]["listener"] == "0.0.0.0:8080", "listener", steered)
    expect(evidence(steered, "cpu") == 0, "the CPU of the mask", steered)
    expect(found["accept-imbalance"]["caused_by"] == "cpu-steering", "one chain", found)
    expect("1 of 1 receive queues is steered to that CPU alone (here rx-0)" in steered["summary"],
           "the mask", steered)
    expect("/sys/class/net/here/queues/rx-0/rps_cpus" in steered["next_step"], "where it is", steered)
    expect(evidence(steered, "packets_on_cpu") > 0, "packets of CPU 0", steered)
    again = stage.same_from_a_capture(steered)
    expect("(here rx-0)" in again["summary"], "the mask from a capture", again)

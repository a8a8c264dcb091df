CREATE TABLE tcpwatch_connect (
  "time" TIMESTAMP_NS,
  "pid" UBIGINT,
  "start_ticks" UBIGINT,
  "comm" VARCHAR,
  "local" VARCHAR,
  "remote" VARCHAR,
  "netns" UBIGINT,
  "reason" VARCHAR,
  "error" UBIGINT,
  "duration_ns" UBIGINT,
  "kernel_ns" UBIGINT
);

CREATE TABLE tcpwatch_closed (
  "time" TIMESTAMP_NS,
  "pid" UBIGINT,
  "start_ticks" UBIGINT,
  "comm" VARCHAR,
  "role" VARCHAR,
  "local" VARCHAR,
  "remote" VARCHAR,
  "netns" UBIGINT,
  "last_state" VARCHAR,
  "error" UBIGINT,
  "lifetime_ns" UBIGINT,
  "bytes_in" UBIGINT,
  "bytes_out" UBIGINT,
  "srtt_us" UBIGINT,
  "retransmits" UBIGINT
);

CREATE TABLE tcpwatch_drops (
  "time" TIMESTAMP_NS,
  "listener" VARCHAR,
  "netns" UBIGINT,
  "pid" UBIGINT,
  "start_ticks" UBIGINT,
  "comm" VARCHAR,
  "overflows_syn" UBIGINT,
  "overflows_ack" UBIGINT,
  "queue_now" UBIGINT,
  "queue_limit" UBIGINT
);

CREATE TABLE tcpwatch_step (
  "time" TIMESTAMP_NS,
  "pid" UBIGINT,
  "start_ticks" UBIGINT,
  "role" VARCHAR,
  "local" VARCHAR,
  "remote" VARCHAR,
  "netns" UBIGINT,
  "from_state" VARCHAR,
  "to_state" VARCHAR,
  "error" UBIGINT,
  "socket" UBIGINT
);

CREATE TABLE tcpwatch_flow (
  "time" TIMESTAMP_NS,
  "slot" UBIGINT,
  "pid" UBIGINT,
  "start_ticks" UBIGINT,
  "comm" VARCHAR,
  "role" VARCHAR,
  "peer" VARCHAR,
  "netns" UBIGINT,
  "attempts" UBIGINT,
  "accepts" UBIGINT,
  "failed_eaddrnotavail" UBIGINT,
  "failed_etimedout" UBIGINT,
  "failed_econnrefused" UBIGINT,
  "failed_ehostunreach" UBIGINT,
  "failed_enetunreach" UBIGINT,
  "failed_econnreset" UBIGINT,
  "failed_abandoned" UBIGINT,
  "failed_eperm" UBIGINT,
  "failed_eacces" UBIGINT,
  "failed_einval" UBIGINT,
  "failed_enobufs" UBIGINT,
  "failed_eaddrinuse" UBIGINT,
  "failed_unknown" UBIGINT,
  "failed_other" UBIGINT,
  "connect_or_wait_ns" UBIGINT,
  "kernel_ns" UBIGINT,
  "failed_ns" UBIGINT
);

CREATE TABLE tcpwatch_listener (
  "time" TIMESTAMP_NS,
  "slot" UBIGINT,
  "address" VARCHAR,
  "netns" UBIGINT,
  "pid" UBIGINT,
  "start_ticks" UBIGINT,
  "comm" VARCHAR,
  "queue_now" UBIGINT,
  "queue_peak" UBIGINT,
  "queue_limit" UBIGINT,
  "syn_queue" UBIGINT,
  "children" UBIGINT,
  "overflows_syn" UBIGINT,
  "overflows_ack" UBIGINT,
  "drops" UBIGINT,
  "somaxconn" UBIGINT
);

CREATE TABLE tcpwatch_netns (
  "time" TIMESTAMP_NS,
  "netns" UBIGINT,
  "time_wait" UBIGINT,
  "active_opens" UBIGINT,
  "passive_opens" UBIGINT,
  "attempt_fails" UBIGINT,
  "estab_resets" UBIGINT,
  "listen_overflows" UBIGINT,
  "listen_drops" UBIGINT,
  "syn_queue_drops" UBIGINT,
  "cookies_sent" UBIGINT,
  "cookies_received" UBIGINT,
  "cookies_failed" UBIGINT
);

CREATE TABLE tcpwatch_process (
  "time" TIMESTAMP_NS,
  "pid" UBIGINT,
  "start_ticks" UBIGINT,
  "comm" VARCHAR,
  "cmdline" VARCHAR,
  "cgroup" VARCHAR,
  "alive" UBIGINT,
  "fds_open" UBIGINT,
  "fds_limit" UBIGINT
);

CREATE TABLE tcpwatch_loss (
  "time" TIMESTAMP_NS,
  "events" UBIGINT,
  "untold" UBIGINT,
  "folded" UBIGINT,
  "untracked" UBIGINT
);

CREATE TABLE tcpwatch_host (
  "time" TIMESTAMP_NS,
  "host" VARCHAR,
  "kernel" VARCHAR,
  "version" VARCHAR,
  "cpus" UBIGINT
);

CREATE TABLE tcpwatch_hook (
  "time" TIMESTAMP_NS,
  "signal" VARCHAR,
  "mechanism" VARCHAR,
  "target" VARCHAR,
  "note" VARCHAR,
  "chosen" UBIGINT,
  "exact" UBIGINT,
  "skipped" UBIGINT
);

CREATE TABLE tcpwatch_tick (
  "time" TIMESTAMP_NS
);

CREATE TABLE tcpwatch_sample (
  "time" TIMESTAMP_NS,
  "cost_ns" UBIGINT,
  "interval_ns" UBIGINT,
  "sockets" UBIGINT,
  "time_waits" UBIGINT,
  "strangers" UBIGINT,
  "fin_waits" UBIGINT,
  "partial" UBIGINT
);

CREATE TABLE tcpwatch_sockets (
  "time" TIMESTAMP_NS,
  "pid" UBIGINT,
  "start_ticks" UBIGINT,
  "role" VARCHAR,
  "peer" VARCHAR,
  "netns" UBIGINT,
  "active" UBIGINT,
  "idle" UBIGINT,
  "waiting" UBIGINT,
  "waiting_ns" UBIGINT,
  "time_waits" UBIGINT,
  "fin_waits" UBIGINT
);

CREATE TABLE tcpwatch_close_waits (
  "time" TIMESTAMP_NS,
  "pid" UBIGINT,
  "start_ticks" UBIGINT,
  "role" VARCHAR,
  "peer" VARCHAR,
  "netns" UBIGINT,
  "sockets" UBIGINT,
  "dated" UBIGINT,
  "oldest_ns" UBIGINT,
  "oldest_dated" UBIGINT,
  "oldest_peer" VARCHAR
);

CREATE TABLE tcpwatch_ports (
  "time" TIMESTAMP_NS,
  "destination" VARCHAR,
  "netns" UBIGINT,
  "used" UBIGINT,
  "available" UBIGINT,
  "reusable" UBIGINT,
  "time_waits" UBIGINT,
  "sources" UBIGINT
);

CREATE TABLE tcpwatch_inbound (
  "time" TIMESTAMP_NS,
  "pid" UBIGINT,
  "start_ticks" UBIGINT,
  "role" VARCHAR,
  "peer" VARCHAR,
  "netns" UBIGINT,
  "slow" UBIGINT,
  "slow_ns" UBIGINT,
  "arrived" UBIGINT,
  "cpu" UBIGINT,
  "on_cpu" UBIGINT
);

CREATE TABLE tcpwatch_conntrack (
  "time" TIMESTAMP_NS,
  "netns" UBIGINT,
  "count" UBIGINT,
  "max" UBIGINT,
  "dropped" UBIGINT,
  "early_dropped" UBIGINT
);

CREATE TABLE tcpwatch_nginx (
  "time" TIMESTAMP_NS,
  "server" VARCHAR,
  "accepts" UBIGINT,
  "handled" UBIGINT,
  "requests" UBIGINT,
  "active" UBIGINT,
  "reading" UBIGINT,
  "writing" UBIGINT,
  "waiting" UBIGINT
);

CREATE TABLE tcpwatch_activity (
  "time" TIMESTAMP_NS,
  "pid" UBIGINT,
  "parent" UBIGINT,
  "state" VARCHAR,
  "wait_channel" VARCHAR,
  "looked_ns" UBIGINT,
  "ran_ns" UBIGINT,
  "waited_ns" UBIGINT,
  "group" VARCHAR,
  "limit" UBIGINT,
  "periods" UBIGINT,
  "throttled" UBIGINT,
  "cpu" UBIGINT,
  "cpus" UBIGINT,
  "runnable" UBIGINT,
  "rival" UBIGINT,
  "rival_comm" VARCHAR,
  "rival_share" UBIGINT,
  "rival_realtime" UBIGINT
);

CREATE TABLE tcpwatch_steering (
  "time" TIMESTAMP_NS,
  "netns" UBIGINT,
  "cpu" UBIGINT,
  "packets" UBIGINT,
  "packets_cpu" UBIGINT,
  "queues" UBIGINT,
  "unspread" UBIGINT,
  "to_cpu" UBIGINT,
  "queue" VARCHAR
);

CREATE TABLE tcpwatch_connect (
  "time" DateTime64(9, 'UTC'),
  "pid" UInt64,
  "start_ticks" UInt64,
  "comm" String,
  "local" String,
  "remote" String,
  "netns" UInt64,
  "reason" String,
  "error" UInt64,
  "duration_ns" UInt64,
  "kernel_ns" UInt64
) ENGINE = MergeTree ORDER BY time;

CREATE TABLE tcpwatch_closed (
  "time" DateTime64(9, 'UTC'),
  "pid" UInt64,
  "start_ticks" UInt64,
  "comm" String,
  "role" String,
  "local" String,
  "remote" String,
  "netns" UInt64,
  "last_state" String,
  "error" UInt64,
  "lifetime_ns" UInt64,
  "bytes_in" UInt64,
  "bytes_out" UInt64,
  "srtt_us" UInt64,
  "retransmits" UInt64
) ENGINE = MergeTree ORDER BY time;

CREATE TABLE tcpwatch_drops (
  "time" DateTime64(9, 'UTC'),
  "listener" String,
  "netns" UInt64,
  "pid" UInt64,
  "start_ticks" UInt64,
  "comm" String,
  "overflows_syn" UInt64,
  "overflows_ack" UInt64,
  "queue_now" UInt64,
  "queue_limit" UInt64
) ENGINE = MergeTree ORDER BY time;

CREATE TABLE tcpwatch_step (
  "time" DateTime64(9, 'UTC'),
  "pid" UInt64,
  "start_ticks" UInt64,
  "role" String,
  "local" String,
  "remote" String,
  "netns" UInt64,
  "from_state" String,
  "to_state" String,
  "error" UInt64,
  "socket" UInt64
) ENGINE = MergeTree ORDER BY time;

CREATE TABLE tcpwatch_flow (
  "time" DateTime64(9, 'UTC'),
  "slot" UInt64,
  "pid" UInt64,
  "start_ticks" UInt64,
  "comm" String,
  "role" String,
  "peer" String,
  "netns" UInt64,
  "attempts" UInt64,
  "accepts" UInt64,
  "failed_eaddrnotavail" UInt64,
  "failed_etimedout" UInt64,
  "failed_econnrefused" UInt64,
  "failed_ehostunreach" UInt64,
  "failed_enetunreach" UInt64,
  "failed_econnreset" UInt64,
  "failed_abandoned" UInt64,
  "failed_eperm" UInt64,
  "failed_eacces" UInt64,
  "failed_einval" UInt64,
  "failed_enobufs" UInt64,
  "failed_eaddrinuse" UInt64,
  "failed_unknown" UInt64,
  "failed_other" UInt64,
  "connect_or_wait_ns" UInt64,
  "kernel_ns" UInt64,
  "failed_ns" UInt64
) ENGINE = MergeTree ORDER BY time;

CREATE TABLE tcpwatch_listener (
  "time" DateTime64(9, 'UTC'),
  "slot" UInt64,
  "address" String,
  "netns" UInt64,
  "pid" UInt64,
  "start_ticks" UInt64,
  "comm" String,
  "queue_now" UInt64,
  "queue_peak" UInt64,
  "queue_limit" UInt64,
  "syn_queue" UInt64,
  "children" UInt64,
  "overflows_syn" UInt64,
  "overflows_ack" UInt64,
  "drops" UInt64,
  "somaxconn" UInt64
) ENGINE = MergeTree ORDER BY time;

CREATE TABLE tcpwatch_netns (
  "time" DateTime64(9, 'UTC'),
  "netns" UInt64,
  "time_wait" UInt64,
  "active_opens" UInt64,
  "passive_opens" UInt64,
  "attempt_fails" UInt64,
  "estab_resets" UInt64,
  "listen_overflows" UInt64,
  "listen_drops" UInt64,
  "syn_queue_drops" UInt64,
  "cookies_sent" UInt64,
  "cookies_received" UInt64,
  "cookies_failed" UInt64
) ENGINE = MergeTree ORDER BY time;

CREATE TABLE tcpwatch_process (
  "time" DateTime64(9, 'UTC'),
  "pid" UInt64,
  "start_ticks" UInt64,
  "comm" String,
  "cmdline" String,
  "cgroup" String,
  "alive" UInt64,
  "fds_open" Nullable(UInt64),
  "fds_limit" Nullable(UInt64)
) ENGINE = MergeTree ORDER BY time;

CREATE TABLE tcpwatch_loss (
  "time" DateTime64(9, 'UTC'),
  "events" UInt64,
  "untold" UInt64,
  "folded" UInt64,
  "untracked" UInt64
) ENGINE = MergeTree ORDER BY time;

CREATE TABLE tcpwatch_host (
  "time" DateTime64(9, 'UTC'),
  "host" String,
  "kernel" String,
  "version" String,
  "cpus" UInt64
) ENGINE = MergeTree ORDER BY time;

CREATE TABLE tcpwatch_hook (
  "time" DateTime64(9, 'UTC'),
  "signal" String,
  "mechanism" String,
  "target" String,
  "note" String,
  "chosen" UInt64,
  "exact" UInt64,
  "skipped" UInt64
) ENGINE = MergeTree ORDER BY time;

CREATE TABLE tcpwatch_tick (
  "time" DateTime64(9, 'UTC')
) ENGINE = MergeTree ORDER BY time;

CREATE TABLE tcpwatch_sample (
  "time" DateTime64(9, 'UTC'),
  "cost_ns" UInt64,
  "interval_ns" UInt64,
  "sockets" UInt64,
  "time_waits" UInt64,
  "strangers" UInt64,
  "fin_waits" UInt64,
  "partial" UInt64
) ENGINE = MergeTree ORDER BY time;

CREATE TABLE tcpwatch_sockets (
  "time" DateTime64(9, 'UTC'),
  "pid" UInt64,
  "start_ticks" UInt64,
  "role" String,
  "peer" String,
  "netns" UInt64,
  "active" UInt64,
  "idle" UInt64,
  "waiting" UInt64,
  "waiting_ns" UInt64,
  "time_waits" UInt64,
  "fin_waits" UInt64
) ENGINE = MergeTree ORDER BY time;

CREATE TABLE tcpwatch_close_waits (
  "time" DateTime64(9, 'UTC'),
  "pid" UInt64,
  "start_ticks" UInt64,
  "role" String,
  "peer" String,
  "netns" UInt64,
  "sockets" UInt64,
  "dated" UInt64,
  "oldest_ns" UInt64,
  "oldest_dated" UInt64,
  "oldest_peer" String
) ENGINE = MergeTree ORDER BY time;

CREATE TABLE tcpwatch_ports (
  "time" DateTime64(9, 'UTC'),
  "destination" String,
  "netns" UInt64,
  "used" UInt64,
  "available" Nullable(UInt64),
  "reusable" UInt64,
  "time_waits" UInt64,
  "sources" UInt64
) ENGINE = MergeTree ORDER BY time;

CREATE TABLE tcpwatch_inbound (
  "time" DateTime64(9, 'UTC'),
  "pid" UInt64,
  "start_ticks" UInt64,
  "role" String,
  "peer" String,
  "netns" UInt64,
  "slow" UInt64,
  "slow_ns" UInt64,
  "arrived" UInt64,
  "cpu" UInt64,
  "on_cpu" UInt64
) ENGINE = MergeTree ORDER BY time;

CREATE TABLE tcpwatch_conntrack (
  "time" DateTime64(9, 'UTC'),
  "netns" UInt64,
  "count" UInt64,
  "max" UInt64,
  "dropped" UInt64,
  "early_dropped" UInt64
) ENGINE = MergeTree ORDER BY time;

CREATE TABLE tcpwatch_nginx (
  "time" DateTime64(9, 'UTC'),
  "server" String,
  "accepts" UInt64,
  "handled" UInt64,
  "requests" UInt64,
  "active" UInt64,
  "reading" UInt64,
  "writing" UInt64,
  "waiting" UInt64
) ENGINE = MergeTree ORDER BY time;

CREATE TABLE tcpwatch_activity (
  "time" DateTime64(9, 'UTC'),
  "pid" UInt64,
  "parent" UInt64,
  "state" String,
  "wait_channel" String,
  "looked_ns" UInt64,
  "ran_ns" UInt64,
  "waited_ns" Nullable(UInt64),
  "group" String,
  "limit" UInt64,
  "periods" UInt64,
  "throttled" UInt64,
  "cpu" UInt64,
  "cpus" UInt64,
  "runnable" UInt64,
  "rival" UInt64,
  "rival_comm" String,
  "rival_share" UInt64,
  "rival_realtime" UInt64
) ENGINE = MergeTree ORDER BY time;

CREATE TABLE tcpwatch_steering (
  "time" DateTime64(9, 'UTC'),
  "netns" UInt64,
  "cpu" UInt64,
  "packets" UInt64,
  "packets_cpu" UInt64,
  "queues" UInt64,
  "unspread" UInt64,
  "to_cpu" UInt64,
  "queue" String
) ENGINE = MergeTree ORDER BY time;

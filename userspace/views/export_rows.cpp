// SPDX-License-Identifier: Apache-2.0
#include "views/export_rows.h"

#include <fmt/format.h>

#include <cctype>
#include <numeric>
#include <string>

#include "base/address.h"
#include "base/fixed_text.h"
#include "base/names.h"
#include "base/worker.h"

namespace tcpwatch {
namespace {

std::string lower(std::string_view name) {
  std::string text(name);
  for (char& letter : text) letter = static_cast<char>(std::tolower(letter));
  return text;
}

std::optional<std::uint64_t> known(std::uint32_t value) {
  return value == TW_UNKNOWN ? std::nullopt : std::optional<std::uint64_t>(value);
}

struct Teller {
  RowWriter& row;

  void worker(tw_worker worker) const {
    row.number("pid", worker_pid(worker));
    row.number("start_ticks", worker_start_ticks(worker));
  }
  void flow(const tw_flow_key& key) const {
    worker(key.worker);
    row.text("role", role_name(key.role));
    row.text("peer", format_endpoint(key.peer));
    row.number("netns", key.peer.netns);
  }
  void ends(const tw_endpoint& local, const tw_endpoint& remote) const {
    row.text("local", format_endpoint(local));
    row.text("remote", format_endpoint(remote));
    row.number("netns", remote.netns);
  }

  bool operator()(const tw_connect* record) const {
    row.time("time", record->header.time);
    worker(record->worker);
    row.text("comm", text_of(record->comm));
    ends(record->local, record->remote);
    row.text("reason", reason_name(record->reason));
    row.number("error", record->error);
    row.number("duration_ns", record->duration_ns);
    row.number("kernel_ns", record->kernel_ns);
    return true;
  }
  bool operator()(const tw_closed* record) const {
    row.time("time", record->header.time);
    worker(record->worker);
    row.text("comm", text_of(record->comm));
    row.text("role", role_name(record->role));
    ends(record->local, record->remote);
    row.text("last_state", state_name(record->last_state));
    row.number("error", record->error);
    row.number("lifetime_ns", record->lifetime_ns);
    row.number("bytes_in", record->bytes_in);
    row.number("bytes_out", record->bytes_out);
    row.number("srtt_us", record->srtt_us);
    row.number("retransmits", record->retransmits);
    return true;
  }
  bool operator()(const tw_drops* record) const {
    row.time("time", record->header.time);
    row.text("listener", format_endpoint(record->listener));
    row.number("netns", record->listener.netns);
    worker(record->owner);
    row.text("comm", text_of(record->comm));
    row.number("overflows_syn", record->overflows_syn);
    row.number("overflows_ack", record->overflows_ack);
    row.number("queue_now", record->queue_now);
    row.number("queue_limit", record->queue_limit);
    return true;
  }
  bool operator()(const tw_step_record* record) const {
    row.time("time", record->header.time);
    worker(record->worker);
    row.text("role", role_name(record->role));
    ends(record->local, record->remote);
    row.text("from_state", state_name(record->from));
    row.text("to_state", state_name(record->to));
    row.number("error", record->error);
    row.number("socket", record->sk);
    return true;
  }
  bool operator()(const tw_flow_record* record) const {
    const tw_flow& flow = record->flow;
    row.time("time", record->header.time);
    row.number("slot", record->slot);
    worker(flow.key.worker);
    row.text("comm", text_of(flow.comm));
    row.text("role", role_name(flow.key.role));
    row.text("peer", format_endpoint(flow.key.peer));
    row.number("netns", flow.key.peer.netns);
    row.number("attempts", flow.attempts);
    row.number("accepts", flow.accepts);
    for (std::uint32_t reason = TW_REASON_NONE + 1; reason <= TW_REASON_OTHER; ++reason)
      row.number("failed_" + lower(reason_name(reason)), flow.failures[reason]);
    row.number("connect_or_wait_ns", flow.sum_ns[0]);
    row.number("kernel_ns", flow.sum_ns[1]);
    row.number("failed_ns", flow.sum_ns[2]);
    return true;
  }
  bool operator()(const tw_listener_record* record) const {
    const tw_listener& listener = record->listener;
    row.time("time", record->header.time);
    row.number("slot", record->slot);
    row.text("address", format_endpoint(listener.address));
    row.number("netns", listener.address.netns);
    worker(listener.owner);
    row.text("comm", text_of(listener.comm));
    row.number("queue_now", listener.queue_now);
    row.number("queue_peak", listener.queue_peak);
    row.number("queue_limit", listener.queue_limit);
    row.number("syn_queue", listener.syn_queue);
    row.number("children", listener.children);
    row.number("overflows_syn", listener.overflows_syn);
    row.number("overflows_ack", listener.overflows_ack);
    row.number("drops", listener.drops);
    row.number("somaxconn", record->somaxconn);
    return true;
  }
  bool operator()(const tw_netns* record) const {
    row.time("time", record->header.time);
    row.number("netns", record->netns);
    row.number("time_wait", record->time_wait);
    row.number("active_opens", record->active_opens);
    row.number("passive_opens", record->passive_opens);
    row.number("attempt_fails", record->attempt_fails);
    row.number("estab_resets", record->estab_resets);
    row.number("listen_overflows", record->listen_overflows);
    row.number("listen_drops", record->listen_drops);
    row.number("syn_queue_drops", record->reqq_full_drop);
    row.number("cookies_sent", record->cookies_sent);
    row.number("cookies_received", record->cookies_received);
    row.number("cookies_failed", record->cookies_failed);
    return true;
  }
  bool operator()(const tw_process* record) const {
    row.time("time", record->header.time);
    worker(record->worker);
    row.text("comm", text_of(record->comm));
    row.text("cmdline", text_of(record->cmdline));
    row.text("cgroup", text_of(record->cgroup));
    row.number("alive", record->alive);
    row.known_number("fds_open", known(record->fds_open));
    row.known_number("fds_limit", known(record->fds_limit));
    return true;
  }
  bool operator()(const tw_loss* record) const {
    row.time("time", record->header.time);
    row.number("events",
               std::accumulate(std::begin(record->lost), std::end(record->lost), std::uint64_t{0}));
    row.number("untold", record->untold);
    row.number("folded", record->folded);
    row.number("untracked", record->untracked);
    return true;
  }
  bool operator()(const tw_host* record) const {
    row.time("time", record->header.time);
    row.text("host", text_of(record->hostname));
    row.text("kernel", text_of(record->kernel));
    row.text("version", text_of(record->version));
    row.number("cpus", record->cpus);
    return true;
  }
  bool operator()(const tw_hook* record) const {
    row.time("time", record->header.time);
    row.text("signal", text_of(record->signal));
    row.text("mechanism", text_of(record->mechanism));
    row.text("target", text_of(record->target));
    row.text("note", text_of(record->note));
    row.number("chosen", record->chosen);
    row.number("exact", record->exact);
    row.number("skipped", record->skipped);
    return true;
  }
  bool operator()(const tw_tick* record) const {
    row.time("time", record->header.time);
    return true;
  }
  bool operator()(const tw_sample* record) const {
    row.time("time", record->header.time);
    row.number("cost_ns", record->cost_ns);
    row.number("interval_ns", record->interval_ns);
    row.number("sockets", record->sockets);
    row.number("time_waits", record->time_waits);
    row.number("strangers", record->strangers);
    row.number("fin_waits", record->fin_waits);
    row.number("partial", record->partial);
    return true;
  }
  bool operator()(const tw_sockets* record) const {
    row.time("time", record->header.time);
    flow(record->key);
    row.number("active", record->active);
    row.number("idle", record->idle);
    row.number("waiting", record->waiting);
    row.number("waiting_ns", record->waiting_ns);
    row.number("time_waits", record->time_waits);
    row.number("fin_waits", record->fin_waits);
    return true;
  }
  bool operator()(const tw_close_waits* record) const {
    row.time("time", record->header.time);
    flow(record->key);
    row.number("sockets", record->sockets);
    row.number("dated", record->dated);
    row.number("oldest_ns", record->oldest_ns);
    row.number("oldest_dated", record->oldest_dated);
    row.text("oldest_peer", format_endpoint(record->oldest_peer));
    return true;
  }
  bool operator()(const tw_ports* record) const {
    row.time("time", record->header.time);
    row.text("destination", format_endpoint(record->destination));
    row.number("netns", record->destination.netns);
    row.number("used", record->used);
    row.known_number("available", known(record->available));
    row.number("reusable", record->reusable);
    row.number("time_waits", record->time_waits);
    row.number("sources", record->sources);
    return true;
  }
  bool operator()(const tw_inbound* record) const {
    row.time("time", record->header.time);
    flow(record->key);
    row.number("slow", record->slow);
    row.number("slow_ns", record->slow_ns);
    row.number("arrived", record->arrived);
    row.number("cpu", record->cpu);
    row.number("on_cpu", record->on_cpu);
    return true;
  }
  bool operator()(const tw_conntrack* record) const {
    row.time("time", record->header.time);
    row.number("netns", record->netns);
    row.number("count", record->count);
    row.number("max", record->max);
    row.number("dropped", record->dropped);
    row.number("early_dropped", record->early_dropped);
    return true;
  }
  bool operator()(const tw_nginx* record) const {
    row.time("time", record->header.time);
    row.text("server", format_endpoint(record->server));
    row.number("accepts", record->accepts);
    row.number("handled", record->handled);
    row.number("requests", record->requests);
    row.number("active", record->active);
    row.number("reading", record->reading);
    row.number("writing", record->writing);
    row.number("waiting", record->waiting);
    return true;
  }
  bool operator()(const tw_activity* record) const {
    row.time("time", record->header.time);
    row.number("pid", record->pid);
    row.number("parent", record->parent);
    const char state = static_cast<char>(record->state);
    row.text("state", std::string_view(&state, 1));
    row.text("wait_channel", text_of(record->wait_channel));
    row.number("looked_ns", record->looked_ns);
    row.number("ran_ns", record->ran_ns);
    row.known_number("waited_ns", record->waited_ns == TW_UNKNOWN_NS
                                      ? std::nullopt
                                      : std::optional<std::uint64_t>(record->waited_ns));
    row.text("group", text_of(record->group));
    row.number("limit", record->limit);
    row.number("periods", record->periods);
    row.number("throttled", record->throttled);
    row.number("cpu", record->cpu);
    row.number("cpus", record->cpus);
    row.number("runnable", record->runnable);
    row.number("rival", record->rival);
    row.text("rival_comm", text_of(record->rival_comm));
    row.number("rival_share", record->rival_share);
    row.number("rival_realtime", record->rival_realtime);
    return true;
  }
  bool operator()(const tw_steering* record) const {
    row.time("time", record->header.time);
    row.number("netns", record->netns);
    row.number("cpu", record->cpu);
    row.number("packets", record->packets);
    row.number("packets_cpu", record->packets_cpu);
    row.number("queues", record->queues);
    row.number("unspread", record->unspread);
    row.number("to_cpu", record->to_cpu);
    row.text("queue", text_of(record->queue));
    return true;
  }
  template <typename T>
  bool operator()(const T*) const {
    return false;
  }
};

}  // namespace

bool tell_row(const Record& record, RowWriter& row) { return std::visit(Teller{row}, record); }

}  // namespace tcpwatch

// SPDX-License-Identifier: Apache-2.0
//
// From a capture of a whole machine to one for tests/data: what happened in some network
// namespaces, under a made-up host's name and without anybody's paths. See captures.py.
// usage: tcpwatch_one_namespace IN OUT NETNS...
#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string>

#include "base/fixed_text.h"
#include "base/worker.h"
#include "capture/replay.h"
#include "capture/writer.h"
#include "events/batch.h"

namespace {

using namespace tcpwatch;

// "/usr/bin/python3 /home/me/client.py" becomes "python3 client.py".
std::string without_paths(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(text.size(), word.size() + 1));
    const std::size_t slash = word.starts_with('/') ? word.rfind('/') + 1 : 0;
    out += (out.empty() ? "" : " ") + std::string(word.substr(slash));
  }
  return out;
}

struct Keeper : RecordSink {
  std::set<std::uint32_t> namespaces;
  std::set<tw_worker> workers;
  std::set<std::uint32_t> flows, listeners;
  RecordBatch all;

  bool here(const tw_endpoint& end) const { return namespaces.contains(end.netns); }

  // First to the batch, since a process may be told of before its first connection.
  void on_record(const Record& record) override {
    std::visit([this](const auto* typed) { all.append(*typed); }, record);
    if (const auto* const* flow = std::get_if<const tw_flow_record*>(&record))
      if (here((*flow)->flow.key.peer)) workers.insert((*flow)->flow.key.worker);
    if (const auto* const* listener = std::get_if<const tw_listener_record*>(&record))
      if (here((*listener)->listener.address)) workers.insert((*listener)->listener.owner);
  }

  bool keep(const tw_flow_record& record) { return slot(flows, record.slot, record.flow.key.peer); }
  bool keep(const tw_listener_record& record) {
    return slot(listeners, record.slot, record.listener.address);
  }
  bool slot(std::set<std::uint32_t>& slots, std::uint32_t number, const tw_endpoint& end) const {
    if (here(end)) slots.insert(number);
    return here(end);
  }
  bool keep(const tw_gone& gone) {
    return (gone.header.kind == TW_KIND_FLOW_GONE ? flows : listeners).erase(gone.slot) != 0;
  }
  bool keep(const tw_connect& story) const { return here(story.remote); }
  bool keep(const tw_closed& story) const { return here(story.remote); }
  bool keep(const tw_step_record& story) const { return here(story.remote); }
  bool keep(const tw_drops& story) const { return here(story.listener); }
  bool keep(const tw_netns& record) const { return namespaces.contains(record.netns); }
  bool keep(const tw_conntrack& record) const { return namespaces.contains(record.netns); }
  bool keep(const tw_process& record) const { return workers.contains(record.worker); }
  bool keep(const tw_sockets& record) const { return here(record.key.peer); }
  bool keep(const tw_close_waits& record) const { return here(record.key.peer); }
  bool keep(const tw_inbound& record) const { return here(record.key.peer); }
  bool keep(const tw_ports& record) const { return here(record.destination); }
  bool keep(const tw_nginx& record) const { return here(record.server); }
  bool keep(const tw_steering& record) const { return namespaces.contains(record.netns); }
  // A worker, or the child of one.
  bool keep(const tw_activity& record) const {
    return std::ranges::any_of(workers, [&](tw_worker worker) {
      return worker_pid(worker) == record.pid || worker_pid(worker) == record.parent;
    });
  }
  static bool keep(const auto&) { return true; }  // of the machine

  static void change(auto&) {}
  static void change(tw_activity& activity) {
    if (activity.group[0] != 0) set_text(activity.group, "/system.slice");
  }
  static void change(tw_host& host) {
    set_text(host.hostname, "web-7");
    set_text(host.kernel, "6.18.0");
  }
  static void change(tw_process& process) {
    set_text(process.cmdline, without_paths(std::string(text_of(process.cmdline))));
    set_text(process.cgroup, fmt::format("/system.slice/{}.service", text_of(process.comm)));
  }
};

Result<> convert(const std::string& from, const std::string& to, Keeper& keeper) {
  const std::vector<std::string> paths{from};
  auto captures = CaptureSet::open_one(paths);
  if (!captures) return captures.error();
  if (const auto read = replay(*captures, {}, keeper); !read) return read.error();
  Recording recording;
  recording.session = 1;
  CaptureWriter writer(recording, {}, [&](std::uint32_t) { return to; });
  auto done = writer.open();
  keeper.all.for_each([&](const Record& record) {
    std::visit(
        [&](const auto* typed) {
          auto copy = *typed;
          Keeper::change(copy);
          if (done && keeper.keep(copy)) done = writer.append(std::as_bytes(std::span(&copy, 1)));
        },
        record);
  });
  return done ? writer.close() : done;
}

}  // namespace

int main(int count, char** words) {
  if (count < 4) return 64;
  Keeper keeper;
  for (int i = 3; i < count; ++i)
    keeper.namespaces.insert(static_cast<std::uint32_t>(std::stoul(words[i])));
  const auto done = convert(words[1], words[2], keeper);
  if (!done) fmt::print(stderr, "{}\n", done.error().message);
  return done ? 0 : 1;
}

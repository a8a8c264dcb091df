// SPDX-License-Identifier: Apache-2.0
#include "kernel/tracer.h"

#include <bpf/libbpf.h>
#include <malloc.h>
#include <poll.h>

#include <algorithm>

#include "base/clock.h"
#include "events/batch.h"
#include "events/make.h"
#include "kernel/flow_table.h"
#include "kernel/hook_report.h"
#include "kernel/listener_table.h"
#include "kernel/story_ring.h"
#include "kernel/sweeper.h"

namespace tcpwatch {
namespace {

// As struct tw_lost in bpf/maps.h.
struct Lost {
  std::uint64_t by_kind[TW_KIND_LIMIT - 1];
  std::uint64_t folded;
  std::uint64_t untracked;
  std::uint64_t caught;
  std::uint64_t untold;
};

Error nothing_to_watch(const std::vector<Trial>& trials) {
  for (const Trial& trial : trials)
    if (trial.signal->name == "states" && trial.refusal && trial.refusal->remedy.size() > 0)
      return {ErrorKind::kCannotTell,
              "no hook for TCP state changes: " + trial.refusal->reason + " (" +
                  std::string(trial.candidate->mechanism) + ")",
              trial.refusal->remedy};
  return {ErrorKind::kCannotTell, "no hook for TCP state changes could be attached",
          "a kernel from 5.10 on with CONFIG_DEBUG_INFO_BTF (/sys/kernel/btf/vmlinux)"};
}

// Keeps the stories of all namespaces but the self-test's.
class OthersStories : public RecordSink {
 public:
  OthersStories(std::uint32_t netns, RecordBatch& kept) : netns_(netns), kept_(kept) {}

  void on_record(const Record& record) override {
    std::visit(
        [&](const auto* story) {
          using Story = std::decay_t<decltype(*story)>;
          if constexpr (std::is_same_v<Story, tw_drops>) {
            if (story->listener.netns != netns_) kept_.append(*story);
          } else if constexpr (requires { story->remote; }) {
            if (story->remote.netns != netns_) kept_.append(*story);
          }
        },
        record);
  }

 private:
  std::uint32_t netns_;
  RecordBatch& kept_;
};

}  // namespace

struct Tracer::Parts {
  explicit Parts(const TracerOptions& options)
      : objects(options.sizes, {options.detail, options.most_closes}),
        sweeper(objects),
        sockets(objects, flows) {}

  Result<> open_tables(const TableSizes& sizes);
  void begin(const TracerOptions& options);

  BpfObjects objects;
  Sweeper sweeper;
  HookReport hooks;
  FlowTable flows;
  ListenerTable listeners;
  MappedArray<Lost> lost;
  SocketSampler sockets;
  std::unique_ptr<StoryRing> ring;
  RecordBatch early;  // stories that came while the self-test ran
};

Tracer::Tracer(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Tracer::~Tracer() = default;

Result<std::unique_ptr<Tracer>> Tracer::start(const TracerOptions& options) {
  auto parts = std::make_unique<Parts>(options);
  Result<> tables = Ok{};
  // Between load and attach: the first event must already find free slots.
  parts->objects.on_first_load([&] { tables = parts->open_tables(options.sizes); });
  parts->hooks.set(choose_hooks(*options.plan, parts->objects, options.denied));
  if (!parts->hooks.chosen("states")) return nothing_to_watch(parts->hooks.trials());
  if (!tables) return tables.error();
  const auto sampling = parts->sockets.open(options.sizes);
  if (!sampling) return sampling.error();
  parts->begin(options);
  return std::unique_ptr<Tracer>(new Tracer(std::move(parts)));
}

Result<> Tracer::Parts::open_tables(const TableSizes& sizes) {
  auto flow_table = FlowTable::open(objects, sizes);
  if (!flow_table) return flow_table.error();
  auto listener_table = ListenerTable::open(objects, sizes.listeners);
  if (!listener_table) return listener_table.error();
  flows = std::move(*flow_table);
  listeners = std::move(*listener_table);
  lost = MappedArray<Lost>(objects.map_fd("lost"), 1);
  if (!lost.reach(1)) return Error{ErrorKind::kCannotTell, "cannot map the loss counters", ""};
  ring = std::make_unique<StoryRing>(objects.map_fd("stories"));
  if (!ring->ok()) return Error{ErrorKind::kCannotTell, "cannot map the ring buffer", ""};
  return Ok{};
}

void Tracer::Parts::begin(const TracerOptions& options) {
  if (hooks.chosen("connect_errors")) objects.expect_connect_exit_hook();
  if (hooks.chosen("connect_kernel_time")) objects.measure_kernel_time();
  if (options.look_again)
    for (const Trial& trial : hooks.trials())
      if (!trial.refusal && !trial.candidate->second_look.empty())
        objects.look_again(trial.candidate->second_look);
  if (const bpf_program* reader = objects.program("read_listeners"))
    listeners.read_with(bpf_program__fd(reader));
  if (options.self_test) {
    const SelfTest test = self_test(hooks.trials(), flows, listeners);
    hooks.set_silent(test.silent);
    OthersStories others(test.netns, early);
    ring->drain(others);
  }
  sweeper.sweep_all(monotonic_ns());
  ::malloc_trim(0);  // the kernel's BTF, parsed for the load, was most of our memory
}

bool Tracer::wait_until(std::uint64_t until, int wake_fd) {
  const std::uint64_t now = monotonic_ns();
  if (until <= now) return false;
  pollfd fds[2] = {{parts_->ring->wake_fd(), POLLIN, 0}, {wake_fd, POLLIN, 0}};
  const std::uint64_t left = until - now;
  const timespec timeout{static_cast<time_t>(left / 1'000'000'000),
                         static_cast<long>(left % 1'000'000'000)};
  return ::ppoll(fds, 2, &timeout, nullptr) > 0 && (fds[1].revents & POLLIN) != 0;
}

bool Tracer::drain(RecordSink& sink) {
  const bool early = !parts_->early.empty();
  parts_->sockets.keep_up();
  parts_->early.send_to(sink);
  parts_->early.clear();
  return parts_->ring->drain(sink) > 0 || early;
}

void Tracer::read_counters(RecordSink& sink, std::uint64_t now) {
  if (parts_->listeners.unattributed() > 0) parts_->sweeper.sweep_if_due(now);
  parts_->listeners.read(sink, now);
  std::set<std::uint32_t> in_use = parts_->listeners.flows_in_use();
  in_use.insert(parts_->sockets.flows_in_use().begin(), parts_->sockets.flows_in_use().end());
  parts_->flows.read(sink, now, in_use, parts_->sockets.seen_until());
  const Lost& lost = parts_->lost[0];
  auto loss = new_record<tw_loss>(now);
  std::ranges::copy(lost.by_kind, loss.lost);
  loss.lost[0] = parts_->ring->refused();
  loss.untold = lost.untold;
  loss.folded = lost.folded;
  loss.untracked = lost.untracked;
  sink.on_record(&loss);
  parts_->hooks.check(sink, parts_->objects, lost.caught, now);
}

void Tracer::describe_hooks(RecordSink& sink, std::uint64_t now) const {
  parts_->hooks.tell_all(sink, now);
}

SocketSampler& Tracer::sockets() { return parts_->sockets; }

std::vector<RunStatistics> Tracer::costs() const { return parts_->objects.costs(); }

}  // namespace tcpwatch

// SPDX-License-Identifier: Apache-2.0
//
// What the agent keeps of processes that come, make one connection and end, hour after hour: as
// much after the first two hundred intervals as after the last. Counted to the byte by the
// allocator, not by what the kernel has resident: rows are kept for two minutes and their histories
// fill meanwhile, so that a short run of a real agent grows by design. Here hours pass in a second.
#include <gtest/gtest.h>
#include <malloc.h>

#include <memory>

#include "app/agent/publisher.h"
#include "app/judged_stream.h"
#include "capture/flight_recorder.h"
#include "unit/model_stream.h"

namespace tcpwatch::test {
namespace {

constexpr std::uint64_t kInterval = 5 * kSecond;
constexpr std::uint32_t kLivesEach = 80;

class Service {
 public:
  Service() : recorder_(Recording{}, small()) { tell(new_record<tw_host>(now_)); }

  // An interval in which processes make a connection and end, and the flows of those before go.
  void live() {
    for (std::uint32_t i = 0; i < kLivesEach; ++i) {
      const tw_worker worker = (std::uint64_t{1000} + ++lives_) << 32 | 7;
      const std::uint32_t slot = 1 + lives_ % (2 * kLivesEach);
      if (lives_ > 2 * kLivesEach) tell(new_gone(now_, TW_KIND_FLOW_GONE, slot));
      Slot flow(slot, flow_key(TW_ROLE_OUT, worker, "10.0.0.5:6379"), "job");
      auto record = new_record<tw_flow_record>(now_);
      record.slot = slot;
      record.flow = flow.connect().step(TW_ESTABLISHED, TW_CLOSE).flow;
      tell(record);
      auto process = new_record<tw_process>(now_);
      process.worker = worker;
      process.fds_open = process.fds_limit = TW_UNKNOWN;
      set_text(process.comm, "job");
      tell(process);
    }
    now_ += kInterval;
    tell(new_record<tw_tick>(now_));
    publisher_.publish(stream_.shared_snapshot(), stream_.findings(), {});
  }

  std::size_t rows() const { return stream_.snapshot().workers.size(); }
  std::size_t kept() const { return recorder_.bytes(); }

 private:
  static FlightLimits small() {
    FlightLimits limits;
    limits.bytes = 64 << 10;
    limits.span_ns = 20 * kInterval;
    return limits;
  }
  template <typename T>
  void tell(const T& record) {
    recorder_.on_record(&record);
    stream_.on_record(&record);
  }

  std::uint64_t now_ = 100 * kSecond;
  std::uint32_t lives_ = 0;
  JudgedStream stream_{Thresholds{}, Filter{}};
  Publisher publisher_{MetricsOptions{}, kSecond};
  FlightRecorder recorder_;
};

TEST(AgentMemory, IsFlatHoweverManyProcessesCameAndWent) {
  Service service;
  const auto after = [&](int intervals) {
    for (int i = 0; i < intervals; ++i) service.live();
    return ::mallinfo2().uordblks + ::mallinfo2().hblkhd;
  };
  // Names of series that found no room are remembered up to ten thousand: those are there by then.
  const std::size_t filled = after(200);
  const std::size_t rows = service.rows();
  const std::size_t end = after(200);
  EXPECT_LT(rows, 2500U) << "rows of those that ended go";
  EXPECT_EQ(service.rows(), rows);
  EXPECT_LE(service.kept(), 64U << 10);
  // What the recorder has not packed yet comes and goes; 17 bytes for each of the others.
  EXPECT_LT(end, filled + FlightLimits{}.block_bytes) << 200 * kLivesEach << " processes more";
}

}  // namespace
}  // namespace tcpwatch::test

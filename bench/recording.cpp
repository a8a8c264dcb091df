// SPDX-License-Identifier: Apache-2.0
// A capture as a busy host would have made it, in seconds instead of hours: counters of 40 flows
// and 8 processes each second, and the ends of so many connections, as unlike each other as the
// real ones of many clients; a tenth of the stories are failed connects.
//
//   bench_recording PATH SECONDS STORIES-PER-SECOND [FLOWS]
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <vector>

#include "base/fixed_text.h"
#include "base/worker.h"
#include "capture/writer.h"
#include "events/batch.h"
#include "events/make.h"

namespace {

using namespace tcpwatch;

constexpr std::uint64_t kSecond = 1'000'000'000;
constexpr std::uint64_t kBegin = 5000 * kSecond;
constexpr std::uint32_t kWorkers = 8;

tw_endpoint endpoint(std::uint32_t address, std::uint32_t port) {
  tw_endpoint end{};
  end.address[10] = end.address[11] = 0xff;
  for (std::size_t i = 0; i < 4; ++i)
    end.address[12 + i] = static_cast<unsigned char>(address >> (24 - 8 * i));
  end.port = static_cast<std::uint16_t>(port);
  end.netns = 4026531840;
  return end;
}

struct Host {
  std::mt19937_64 random{1};
  std::uint64_t stories;
  std::uint32_t flows = 40;
  RecordBatch batch;
  std::vector<std::uint64_t> accepts = std::vector<std::uint64_t>(flows);

  void facts() {
    auto host = new_record<tw_host>(kBegin);
    host.realtime_ns = 1'763'689'512 * kSecond;
    host.abi_version = TW_ABI_VERSION;
    host.cpus = 48;
    set_text(host.hostname, "gateway-1");
    set_text(host.kernel, "6.12.0");
    set_text(host.version, "0.1.0");
    batch.append(host);
  }

  void counters(std::uint64_t now) {
    for (std::uint32_t at = 0; at < flows; ++at) {
      auto record = new_record<tw_flow_record>(now);
      record.slot = at;
      record.flow.key.worker = make_worker(100 + at % kWorkers, 1);
      record.flow.key.peer = endpoint(0x0a000000 + at, 443);
      record.flow.key.role = at < kWorkers ? TW_ROLE_IN : TW_ROLE_OUT;
      set_text(record.flow.comm, "nginx");
      accepts[at] += stories / flows + random() % 20;
      record.flow.attempts = record.flow.accepts = accepts[at];
      batch.append(record);
    }
    for (std::uint32_t at = 0; at < kWorkers; ++at) {
      auto process = new_record<tw_process>(now);
      process.worker = make_worker(100 + at, 1);
      process.fds_open = 1000 + static_cast<std::uint32_t>(random() % 50);
      process.fds_limit = 65536;
      process.alive = 1;
      set_text(process.comm, "nginx");
      batch.append(process);
    }
    batch.append(new_record<tw_loss>(now));
    batch.append(new_record<tw_tick>(now));
  }

  void failure(std::uint64_t time) {
    auto story = new_record<tw_connect>(time);
    story.worker = make_worker(100 + static_cast<std::uint32_t>(random() % kWorkers), 1);
    story.local = endpoint(0x0a000001, 0);
    story.remote = endpoint(0x0a000000 + static_cast<std::uint32_t>(random() % 40), 443);
    story.duration_ns = random() % kSecond;
    story.reason = random() % 4 == 0 ? TW_REASON_ETIMEDOUT : TW_REASON_EADDRNOTAVAIL;
    set_text(story.comm, "nginx");
    batch.append(story);
  }

  void ends(std::uint64_t now) {
    for (std::uint64_t i = 0; i < stories; ++i) {
      const std::uint64_t time = now + i * kSecond / stories + random() % 1000;
      if (i % 10 == 9) {
        failure(time);
        continue;
      }
      auto story = new_record<tw_closed>(time);
      const auto worker = static_cast<std::uint32_t>(random() % kWorkers);
      story.worker = make_worker(100 + worker, 1);
      story.role = TW_ROLE_IN;
      story.last_state = TW_LAST_ACK;
      story.local = endpoint(0x0a000001, random() % 4 == 0 ? 80 : 443);
      story.remote = endpoint(static_cast<std::uint32_t>(0xc0000200 + random() % 250),
                              1024 + static_cast<std::uint32_t>(random() % 64000));
      story.lifetime_ns = random() % (4 * kSecond);
      story.bytes_in = random() % 2000;
      story.bytes_out = random() % 200'000;
      story.srtt_us = static_cast<std::uint32_t>(500 + random() % 90'000);
      set_text(story.comm, "nginx");
      batch.append(story);
    }
  }
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4 && argc != 5) {
    std::fputs("usage: bench_recording PATH SECONDS STORIES-PER-SECOND [FLOWS]\n", stderr);
    return 64;
  }
  const std::uint64_t seconds = std::strtoull(argv[2], nullptr, 10);
  const auto flows =
      argc == 5 ? static_cast<std::uint32_t>(std::strtoul(argv[4], nullptr, 10)) : 40;
  Host host{.stories = std::max(1ULL, std::strtoull(argv[3], nullptr, 10)), .flows = flows};
  CaptureWriter writer({}, {}, [&](std::uint32_t) { return std::string(argv[1]); });
  bool good = static_cast<bool>(writer.open());
  host.facts();
  for (std::uint64_t second = 0; second < seconds && good; ++second) {
    host.ends(kBegin + second * kSecond);
    host.counters(kBegin + (second + 1) * kSecond);
    good = static_cast<bool>(writer.append(host.batch.bytes()));
    host.batch.clear();
  }
  if (!good || !writer.close()) {
    std::fprintf(stderr, "bench_recording: cannot write %s\n", argv[1]);
    return 74;
  }
  std::printf("{\"records\":%llu,\"bytes\":%llu}\n",
              static_cast<unsigned long long>(writer.records()),
              static_cast<unsigned long long>(writer.bytes()));
  return 0;
}

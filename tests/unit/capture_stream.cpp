// SPDX-License-Identifier: Apache-2.0
#include "unit/capture_stream.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <random>

#include "base/fixed_text.h"
#include "base/worker.h"
#include "events/make.h"
#include "unit/model_generator.h"

namespace tcpwatch::test {
namespace {

constexpr std::uint64_t kStart = 5000 * kSecond;

struct Both {
  tw_endpoint client = endpoint("127.0.0.1:32768", 7);
  tw_endpoint server = endpoint("127.0.0.1:6379", 7);
};

template <typename Story>
void set_ends(Story& story, const tw_endpoint& local, const tw_endpoint& remote) {
  story.local = local;
  story.remote = remote;
}

tw_closed closed(std::uint64_t time, const Both& ends, bool client, std::mt19937& random) {
  auto story = new_record<tw_closed>(time);
  set_ends(story, client ? ends.client : ends.server, client ? ends.server : ends.client);
  story.worker = make_worker(client ? 100 : 200, 1);
  story.role = client ? TW_ROLE_OUT : TW_ROLE_IN;
  story.last_state = client ? TW_FIN_WAIT2 : TW_LAST_ACK;
  story.lifetime_ns = 35'000 + random() % 4'000;
  story.bytes_in = story.bytes_out = 1;
  story.srtt_us = 10 + random() % 8;
  set_text(story.comm, client ? "client" : "server");
  return story;
}

tw_step_record step(std::uint64_t time, const Both& ends, bool client, std::uint64_t sk,
                    tw_state from, tw_state to) {
  auto story = new_record<tw_step_record>(time);
  set_ends(story, client ? ends.client : ends.server, client ? ends.server : ends.client);
  story.sk = sk;
  story.worker = make_worker(client ? 100 : 200, 1);
  story.role = client ? TW_ROLE_OUT : TW_ROLE_IN;
  story.from = from;
  story.to = to;
  return story;
}

struct Change {
  bool client;
  tw_state from;
  tw_state to;
};
constexpr Change kLife[] = {
    {true, TW_CLOSE, TW_SYN_SENT},        {false, TW_LISTEN, TW_SYN_RECV},
    {true, TW_SYN_SENT, TW_ESTABLISHED},  {false, TW_SYN_RECV, TW_ESTABLISHED},
    {true, TW_ESTABLISHED, TW_FIN_WAIT1}, {false, TW_ESTABLISHED, TW_CLOSE_WAIT},
    {false, TW_CLOSE_WAIT, TW_LAST_ACK},  {true, TW_FIN_WAIT1, TW_FIN_WAIT2},
    {true, TW_FIN_WAIT2, TW_CLOSE},       {false, TW_LAST_ACK, TW_CLOSE},
};

// One story of each kind, and a record of a kind that no version has.
void add_others(RecordBatch& batch, std::uint64_t now, std::mt19937& random) {
  auto connect = new_record<tw_connect>(now);
  connect.worker = make_worker(random() % 9, 1);
  connect.remote = endpoint("10.0.0.1:443");
  connect.reason = random() % TW_REASONS;
  connect.duration_ns = random();
  batch.append(connect);
  auto drops = new_record<tw_drops>(now + 5);
  drops.listener = endpoint("0.0.0.0:80");
  drops.overflows_syn = random() % 100;
  batch.append(drops);
  struct Unknown {
    tw_header header;
    std::uint64_t words[7];
  };
  Unknown unknown{{sizeof(Unknown), 63, 0, now + 7}, {random(), 0, 0, random() % 3, 0, 0, 1}};
  batch.append(unknown);
  auto self = new_record<tw_self>(now + 9);
  self.cpu_ns = now / 100;
  batch.append(self);
}

}  // namespace

RecordBatch closes(std::uint32_t connections, std::uint32_t seed, std::uint16_t listeners) {
  std::mt19937 random(seed);
  RecordBatch batch;
  Both ends;
  std::uint64_t now = kStart;
  for (std::uint32_t i = 0; i < connections; ++i) {
    now += 30'000 + random() % 9'000;
    ends.client.port =
        static_cast<std::uint16_t>(32768 + (ends.client.port + 2 * (random() % 8)) % 28000);
    ends.server.port = static_cast<std::uint16_t>(8000 + i % listeners);
    batch.append(closed(now, ends, true, random));
    batch.append(closed(now + 3'000 + random() % 2'000, ends, false, random));
  }
  return batch;
}

RecordBatch steps(std::uint32_t connections, std::uint32_t seed) {
  std::mt19937 random(seed);
  RecordBatch batch;
  Both ends;
  std::uint64_t now = kStart;
  for (std::uint32_t i = 0; i < connections; ++i) {
    ends.client.port = static_cast<std::uint16_t>(32768 + random() % 28000);
    const std::uint64_t sk = 0xffff888100000000 + 0xa40 * (random() % 40);
    for (const Change& change : kLife) {
      now += 3'000 + random() % 900;
      batch.append(step(now, ends, change.client, sk + (change.client ? 0 : 0x80000), change.from,
                        change.to));
    }
  }
  return batch;
}

RecordBatch mixed(int records, std::uint32_t seed) {
  std::mt19937 random(seed);
  const RecordBatch counters = Generator(seed).stream(records);
  RecordBatch batch;
  auto host = new_record<tw_host>(1000 * kSecond);
  host.realtime_ns = 1'700'000'000 * kSecond;
  set_text(host.hostname, "web-7");
  set_text(host.kernel, "6.18.44");
  batch.append(host);
  each_record(counters.bytes(), [&](std::span<const std::byte> record) {
    batch.append_bytes(record);
    if (random() % 4 == 0)
      add_others(batch, reinterpret_cast<const tw_header*>(record.data())->time, random);
  });
  return batch;
}

std::vector<std::string> write_capture(const std::string& path, const RecordBatch& records,
                                       const WriterLimits& limits) {
  std::vector<std::string> paths;
  Recording recording;
  recording.session = 42;
  recording.boot_id[0] = 1;
  CaptureWriter writer(recording, limits, [&](std::uint32_t part) {
    paths.push_back(part == 1 ? path : path + "." + std::to_string(part));
    return paths.back();
  });
  if (!writer.open() || !writer.append(records.bytes()) || !writer.close()) paths.clear();
  return paths;
}

std::string bytes_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

RecordBatch read_capture(FileReader& file) {
  RecordBatch all;
  for (const IndexEntry& entry : file.blocks())
    if (entry.block.type == BlockType::kRecords) file.read(entry, Kinds::all(), all);
  return all;
}

bool same(const RecordBatch& a, const RecordBatch& b) {
  return std::ranges::equal(a.bytes(), b.bytes());
}

}  // namespace tcpwatch::test

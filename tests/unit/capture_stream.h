// SPDX-License-Identifier: Apache-2.0
//
// For the tests of captures: streams with every kind of record, a file written from one, and what
// can be read from a file again.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "capture/file_reader.h"
#include "capture/writer.h"
#include "events/batch.h"

namespace tcpwatch::test {

// Short connections of one client and one server on one host, both ends told: `each` adds what is
// told of one. Times in ns, increasing. The client takes the server's listeners in turn.
RecordBatch closes(std::uint32_t connections, std::uint32_t seed, std::uint16_t listeners = 1);
// All ten steps of each connection, some connections under way at once.
RecordBatch steps(std::uint32_t connections, std::uint32_t seed);
// Counters, facts, stories of all kinds, ticks, and a kind that nobody knows.
RecordBatch mixed(int records, std::uint32_t seed);

// Writes one file (or numbered parts of it where the limits ask for them) and closes it.
std::vector<std::string> write_capture(const std::string& path, const RecordBatch& records,
                                       const WriterLimits& limits = {});

std::string bytes_of(const std::string& path);
// All records of a file, those of its states left out.
RecordBatch read_capture(FileReader& file);
bool same(const RecordBatch& a, const RecordBatch& b);

// Goes from record to record.
template <typename OnRecord>
void each_record(std::span<const std::byte> bytes, OnRecord&& on_record) {
  while (const std::size_t size = record_size(bytes)) {
    on_record(bytes.first(size));
    bytes = bytes.subspan(size);
  }
}

}  // namespace tcpwatch::test

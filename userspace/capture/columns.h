// SPDX-License-Identifier: Apache-2.0
//
// Stories of one kind as columns. What repeats (worker, addresses, names, states) is a template,
// told once; a record then is the number of its template and the few numbers that are its own:
// time, ports, durations, bytes. Each column is a stream of its own, compressed for itself.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "capture/bytes.h"
#include "capture/column_streams.h"
#include "capture/pack.h"
#include "capture/recent_ports.h"
#include "capture/shapes.h"
#include "capture/templates.h"

namespace tcpwatch {

inline constexpr std::size_t kMostColumns = 16;

class ColumnsEncoder {
 public:
  ColumnsEncoder(std::size_t size, std::span<const Column> columns);

  void add(const std::byte* record);
  // Appends the section, and is empty again; memory is kept.
  void finish(Packer& packer, Bytes& out);

 private:
  std::size_t size_;
  std::span<const Column> columns_;
  Templates templates_;
  Contexts contexts_;
  WrittenPorts ports_;
  std::vector<ColumnWriter> writers_;
  Bytes indexes_;
  std::uint64_t time_ = 0;
};

// As decode_rows(). `most` limits what a stream may unpack to.
bool decode_columns(ByteReader in, std::size_t size, std::size_t most, Unpacker& unpacker,
                    std::span<std::byte* const> records);

}  // namespace tcpwatch

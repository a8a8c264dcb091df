// SPDX-License-Identifier: Apache-2.0
//
// Stories of one kind as columns. What repeats (worker, addresses, names, states) is a template,
// told once; a record then is the number of its template and the few numbers that are its own:
// time, ports, durations, bytes. Each column is a stream of its own, compressed for itself.
#pragma once

#include <cstddef>
#include <span>

#include "capture/bytes.h"
#include "capture/pack.h"
#include "capture/recent_ports.h"
#include "capture/shapes.h"

namespace tcpwatch {

inline constexpr std::size_t kMostColumns = 16;

// `ports`: room that is kept from one section to the next.
void encode_columns(std::span<const std::byte* const> records, std::size_t size,
                    std::span<const Column> columns, WrittenPorts& ports, Packer& packer,
                    Bytes& out);

// As decode_rows(). `most` limits what a stream may unpack to.
bool decode_columns(ByteReader in, std::size_t size, std::size_t most, Unpacker& unpacker,
                    std::span<std::byte* const> records);

}  // namespace tcpwatch

// SPDX-License-Identifier: Apache-2.0
//
// One stream of bytes, compressed with zstd where that helps, with its length in front: what the
// sections of a block are made of. Contexts are kept, so that a stream costs no allocation. An
// Unpacker gives no more bytes than it was allowed, whatever the stream claims. One thread each.
#pragma once

#include <memory>
#include <span>

#include "capture/bytes.h"

namespace tcpwatch {

class Packer {
 public:
  explicit Packer(int level = kLevel);
  void pack(std::span<const std::byte> stream, Bytes& out);
  // As it is: for what does not compress.
  static void store(std::span<const std::byte> stream, Bytes& out);

  // The bytes of a capture against the time they take: bench/capture.py.
  static constexpr int kLevel = 3;

 private:
  struct Free {
    void operator()(void* context) const;
  };
  std::unique_ptr<void, Free> context_;
  Bytes room_;
};

class Unpacker {
 public:
  Unpacker();
  // The stream at the reader's place, in memory that holds until the next call for the same `room`
  // or in the reader's own bytes. A reader that has failed gives nothing.
  std::span<const std::byte> unpack(ByteReader& in, std::size_t most, Bytes& room);

 private:
  struct Free {
    void operator()(void* context) const;
  };
  std::unique_ptr<void, Free> context_;
};

}  // namespace tcpwatch

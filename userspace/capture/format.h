// SPDX-License-Identifier: Apache-2.0
//
// The fixed structures of a capture file (.tcpw), as they stand on disk: little-endian, no padding.
// docs/capture-format.md tells the whole format; a change here is a change of kFormatVersion.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace tcpwatch {

inline constexpr std::uint16_t kFormatVersion = 1;

// As PNG's: a transfer that changes line ends or strips the eighth bit damages it.
inline constexpr std::array<unsigned char, 8> kFileMagic{0x89, 'T',  'C',  'P',
                                                         'W',  '\r', '\n', 0x1a};
inline constexpr std::array<char, 8> kEndMagic{'T', 'C', 'P', 'W', 'E', 'N', 'D', '\n'};
inline constexpr std::uint32_t kBlockMagic = 0x4b425754;  // "TWBK"

// No block is larger, whatever it says: what a hostile file can make a reader hold.
inline constexpr std::size_t kMostRaw = std::size_t{8} << 20;      // its records
inline constexpr std::size_t kMostStored = std::size_t{12} << 20;  // its bytes in the file

struct FileHeader {
  std::array<unsigned char, 8> magic;
  std::uint32_t size;  // of this header; a later version's may be longer
  std::uint16_t version;
  std::uint16_t zero;
  std::uint32_t abi_version;
  std::uint32_t cpus;
  std::uint64_t session;       // random; the same in all parts of one recording
  std::uint32_t part;          // of the recording, from 1
  std::uint32_t detail;        // TW_DETAIL_… bits: which stories were asked for
  std::uint64_t monotonic_ns;  // one moment on both clocks
  std::uint64_t realtime_ns;
  std::array<unsigned char, 16> boot_id;  // files of one boot share the monotonic clock
  char host[64];
  char kernel[64];
  char tool[32];  // version of tcpwatch
  std::array<std::uint64_t, 2> reserved;
  std::uint64_t checksum;  // XXH3-64 of all before it
};
static_assert(sizeof(FileHeader) == 256);

enum class BlockType : std::uint16_t {
  kRecords = 1,
  kState = 2,  // the latest counters and facts, for readers that begin here
  kIndex = 3,
};

struct BlockHeader {
  std::uint32_t magic;
  BlockType type;
  std::uint16_t zero;
  std::uint32_t stored;  // bytes of payload behind this header
  std::uint32_t raw;     // bytes of its records
  std::uint32_t records;
  std::uint32_t zero32;
  std::uint64_t kinds;       // bit 1 << kind; 1: kinds from 64 on
  std::uint64_t first_time;  // records' times, CLOCK_MONOTONIC ns
  std::uint64_t last_time;
  std::uint64_t payload_checksum;  // XXH3-64
  std::uint64_t checksum;          // XXH3-64 of all before it
};
static_assert(sizeof(BlockHeader) == 64);

// The payload of the index block: one for each block before it. Its magic number is left out (0),
// so that whoever looks for blocks in a damaged file does not take the index for them.
struct IndexEntry {
  std::uint64_t offset;
  BlockHeader block;
};
static_assert(sizeof(IndexEntry) == 72);

// The last bytes of a file that was closed in good order.
struct Trailer {
  std::uint64_t index_offset;
  std::array<char, 8> magic;
};
static_assert(sizeof(Trailer) == 16);

}  // namespace tcpwatch

// SPDX-License-Identifier: Apache-2.0
#include "capture/pack.h"

#include <zstd.h>

#include <new>

namespace tcpwatch {
namespace {

constexpr std::size_t kTooSmall = 32;  // a frame has some 12 bytes of its own

}  // namespace

Packer::Packer(int level) : context_(ZSTD_createCCtx()) {
  if (!context_) throw std::bad_alloc();
  auto* context = static_cast<ZSTD_CCtx*>(context_.get());
  ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, level);
  // The block has a checksum, and the stream its length.
  ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, 0);
}

void Packer::Free::operator()(void* context) const {
  ZSTD_freeCCtx(static_cast<ZSTD_CCtx*>(context));
}

void Packer::store(std::span<const std::byte> stream, Bytes& out) {
  put_varint(out, stream.size());
  put_varint(out, 0);
  out.insert(out.end(), stream.begin(), stream.end());
}

void Packer::pack(std::span<const std::byte> stream, Bytes& out) {
  if (stream.size() < kTooSmall) return store(stream, out);
  const std::size_t most = ZSTD_compressBound(stream.size());
  if (room_.size() < most) room_.resize(most);
  const std::size_t packed = ZSTD_compress2(static_cast<ZSTD_CCtx*>(context_.get()), room_.data(),
                                            room_.size(), stream.data(), stream.size());
  if (ZSTD_isError(packed) || packed >= stream.size()) return store(stream, out);
  put_varint(out, stream.size());
  put_varint(out, packed);
  out.insert(out.end(), room_.begin(), room_.begin() + static_cast<std::ptrdiff_t>(packed));
}

Unpacker::Unpacker() : context_(ZSTD_createDCtx()) {
  if (!context_) throw std::bad_alloc();
}

void Unpacker::Free::operator()(void* context) const {
  ZSTD_freeDCtx(static_cast<ZSTD_DCtx*>(context));
}

std::span<const std::byte> Unpacker::unpack(ByteReader& in, std::size_t most, Bytes& room) {
  const auto size = static_cast<std::size_t>(in.varint(most));
  const auto packed = static_cast<std::size_t>(in.varint(size));
  if (in.failed()) return {};
  if (packed == 0) return in.take(size);
  const auto stream = in.take(packed);
  if (in.failed()) return {};
  if (room.size() < size) room.resize(size);
  const std::size_t got = ZSTD_decompressDCtx(static_cast<ZSTD_DCtx*>(context_.get()), room.data(),
                                              size, stream.data(), stream.size());
  if (ZSTD_isError(got) || got != size) {
    in.fail();
    return {};
  }
  return std::span(room).first(size);
}

}  // namespace tcpwatch

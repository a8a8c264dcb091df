// SPDX-License-Identifier: Apache-2.0
//
// A BPF array map (BPF_F_MMAPABLE) as plain memory: reading counters costs no system call, and
// only pages in use become resident. The kernel writes concurrently; each field is read whole.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <utility>

#include "base/result.h"

namespace tcpwatch {

template <typename T>
class MappedArray {
 public:
  static_assert(sizeof(T) % 8 == 0, "the kernel rounds elements up to 8 bytes");

  MappedArray() = default;
  MappedArray(MappedArray&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  MappedArray& operator=(MappedArray&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~MappedArray() {
    if (data_) ::munmap(data_, bytes(size_));
  }

  static Result<MappedArray> map(int fd, std::size_t size) {
    void* data = ::mmap(nullptr, bytes(size), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (data == MAP_FAILED)
      return Error{ErrorKind::kCannotTell,
                   std::string("cannot map a BPF array: ") + std::strerror(errno), ""};
    MappedArray array;
    array.data_ = static_cast<T*>(data);
    array.size_ = size;
    return array;
  }

  T& operator[](std::size_t index) { return data_[index]; }
  std::size_t size() const { return size_; }

 private:
  static std::size_t bytes(std::size_t size) {
    const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    return (size * sizeof(T) + page - 1) / page * page;
  }

  T* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace tcpwatch

// SPDX-License-Identifier: Apache-2.0
//
// A BPF array map (BPF_F_MMAPABLE) as plain memory: reading counters costs no system call. Only the
// part in use is mapped, since the kernel makes every page of a mapping resident at once.
// The kernel writes concurrently; each field is read whole. reach() invalidates references.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <utility>

namespace tcpwatch {

template <typename T>
class MappedArray {
 public:
  static_assert(sizeof(T) % 8 == 0, "the kernel rounds elements up to 8 bytes");

  MappedArray() = default;
  // `fd` belongs to the loaded object; `capacity` is the map's max_entries.
  MappedArray(int fd, std::size_t capacity) : fd_(fd), capacity_(capacity) {}
  MappedArray(MappedArray&& other) noexcept { swap(other); }
  MappedArray& operator=(MappedArray&& other) noexcept {
    swap(other);
    return *this;
  }
  ~MappedArray() {
    if (data_) ::munmap(data_, mapped_);
  }

  // Makes elements [0, count) readable. False: the kernel refused, or there are not so many.
  bool reach(std::size_t count) {
    if (count * sizeof(T) <= mapped_) return true;
    if (count > capacity_) return false;
    const std::size_t whole = round_up(capacity_ * sizeof(T), page());
    const std::size_t wanted = std::min(whole, round_up(count * sizeof(T), kStep));
    void* data = ::mmap(nullptr, wanted, PROT_READ | PROT_WRITE, MAP_SHARED, fd_, 0);
    if (data == MAP_FAILED) return false;
    if (data_) ::munmap(data_, mapped_);
    data_ = static_cast<T*>(data);
    mapped_ = wanted;
    return true;
  }

  T& operator[](std::size_t index) { return data_[index]; }
  std::size_t capacity() const { return capacity_; }

 private:
  static constexpr std::size_t kStep = 64 * 1024;

  static std::size_t page() { return static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)); }
  static std::size_t round_up(std::size_t bytes, std::size_t unit) {
    return (bytes + unit - 1) / unit * unit;
  }
  void swap(MappedArray& other) noexcept {
    std::swap(fd_, other.fd_);
    std::swap(capacity_, other.capacity_);
    std::swap(data_, other.data_);
    std::swap(mapped_, other.mapped_);
  }

  int fd_ = -1;
  std::size_t capacity_ = 0;
  T* data_ = nullptr;
  std::size_t mapped_ = 0;
};

}  // namespace tcpwatch

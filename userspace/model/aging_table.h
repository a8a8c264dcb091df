// SPDX-License-Identifier: Apache-2.0
//
// Rows that flows refer to, by key: bounded in number, and gone some time after the last reference.
// When the table is full the rows that have been idle longest make room; only where none is idle
// is a newcomer turned away. Times are record times. One thread; rows keep their address.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <tuple>
#include <vector>

namespace tcpwatch {

// What a row of an AgingTable has as its member `tenure`.
struct Tenure {
  std::uint32_t flows = 0;       // references; while there are any, the row stays
  std::uint64_t idle_since = 0;  // since when there are none
  bool alive = false;            // known to live on without flows: leaves only for want of room

  bool over(std::uint64_t now, std::uint64_t grace_ns) const {
    return flows == 0 && !alive && now >= idle_since && now - idle_since >= grace_ns;
  }
};

// When somebody's grace is over at the earliest, so that a table is not searched in vain.
class NextExpiry {
 public:
  void note(std::uint64_t idle_since) { earliest_ = std::min(earliest_, idle_since); }
  // If so the table has to be searched, and all that stay idle be noted again.
  bool due(std::uint64_t now, std::uint64_t grace_ns) {
    if (earliest_ > now || now - earliest_ < grace_ns) return false;
    earliest_ = kNever;
    return true;
  }

 private:
  static constexpr std::uint64_t kNever = ~std::uint64_t{0};
  std::uint64_t earliest_ = kNever;
};

template <typename Key, typename Row, typename Less = std::less<Key>>
class AgingTable {
 public:
  AgingTable(std::size_t capacity, std::uint64_t grace_ns)
      : capacity_(capacity), grace_ns_(grace_ns) {}

  Row* find(const Key& key) {
    const auto found = rows_.find(key);
    return found == rows_.end() ? nullptr : &found->second;
  }

  // Finds or makes the row. `on_leave(Row&)` is called for rows that make room for it. Nothing
  // where there is no room.
  template <typename OnLeave>
  Row* get(const Key& key, std::uint64_t now, OnLeave&& on_leave) {
    if (Row* row = find(key)) return row;
    if (rows_.size() >= capacity_ && !make_room(on_leave)) return nullptr;
    Row& row = rows_[key];
    idle(row.tenure, now);
    return &row;
  }

  static void hold(Row& row) { ++row.tenure.flows; }
  void release(Row& row, std::uint64_t now) {
    --row.tenure.flows;
    idle(row.tenure, now);
  }
  // The row may have become idle: from when on its grace counts.
  void idle(Tenure& tenure, std::uint64_t now) {
    tenure.idle_since = now;
    next_expiry_.note(now);
    exhausted_ = false;
  }

  // Lets rows go whose grace is over.
  template <typename OnLeave>
  void expire(std::uint64_t now, OnLeave&& on_leave) {
    exhausted_ = false;
    if (!next_expiry_.due(now, grace_ns_)) return;
    for (auto place = rows_.begin(); place != rows_.end();) {
      const Tenure& tenure = place->second.tenure;
      const bool over = tenure.over(now, grace_ns_);
      if (over)
        on_leave(place->second);
      else if (tenure.flows == 0 && !tenure.alive)
        next_expiry_.note(tenure.idle_since);
      place = over ? rows_.erase(place) : std::next(place);
    }
  }

  std::size_t size() const { return rows_.size(); }
  // The first row whose key is not less.
  auto from(const Key& key) { return rows_.lower_bound(key); }
  auto begin() { return rows_.begin(); }
  auto end() { return rows_.end(); }

 private:
  using Rows = std::map<Key, Row, Less>;

  // A sixteenth at once, so that a storm of newcomers does not scan the table for each of them.
  template <typename OnLeave>
  bool make_room(OnLeave&& on_leave) {
    if (exhausted_) return false;
    std::vector<typename Rows::iterator> idle;
    for (auto place = rows_.begin(); place != rows_.end(); ++place)
      if (place->second.tenure.flows == 0) idle.push_back(place);
    std::ranges::sort(idle, {}, [](const auto& place) {
      const Tenure& tenure = place->second.tenure;
      return std::tie(tenure.alive, tenure.idle_since);
    });
    idle.resize(std::min(idle.size(), std::max<std::size_t>(capacity_ / 16, 1)));
    for (const auto& place : idle) {
      on_leave(place->second);
      rows_.erase(place);
    }
    exhausted_ = idle.empty();
    return !exhausted_;
  }

  std::size_t capacity_;
  std::uint64_t grace_ns_;
  NextExpiry next_expiry_;
  bool exhausted_ = false;  // nothing is idle: not looked for again until that can have changed
  Rows rows_;
};

}  // namespace tcpwatch

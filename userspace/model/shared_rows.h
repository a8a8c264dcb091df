// SPDX-License-Identifier: Apache-2.0
//
// A list of immutable rows, read like a vector of them. Snapshots share the rows that did not
// change in between: 20,000 idle destinations cost a snapshot 20,000 pointers, not 20,000 copies.
#pragma once

#include <cstddef>
#include <iterator>
#include <memory>
#include <utility>
#include <vector>

namespace tcpwatch {

template <typename T>
class SharedRows {
 public:
  class Iterator {
   public:
    using iterator_category = std::forward_iterator_tag;
    using value_type = T;
    using difference_type = std::ptrdiff_t;
    using reference = const T&;
    using pointer = const T*;

    Iterator() = default;
    explicit Iterator(const std::shared_ptr<const T>* place) : place_(place) {}
    const T& operator*() const { return **place_; }
    const T* operator->() const { return place_->get(); }
    Iterator& operator++() { return ++place_, *this; }
    Iterator operator++(int) { return Iterator(place_++); }
    bool operator==(const Iterator&) const = default;

   private:
    const std::shared_ptr<const T>* place_ = nullptr;
  };
  using value_type = T;
  using const_iterator = Iterator;

  void reserve(std::size_t rows) { rows_.reserve(rows); }
  void push_back(T row) { rows_.push_back(std::make_shared<const T>(std::move(row))); }
  void push_back(std::shared_ptr<const T> row) { rows_.push_back(std::move(row)); }

  // Drops all other rows; those kept stay shared.
  template <typename Predicate>
  void keep_if(Predicate kept) {
    std::erase_if(rows_, [&](const auto& row) { return !kept(*row); });
  }

  std::size_t size() const { return rows_.size(); }
  bool empty() const { return rows_.empty(); }
  const T& operator[](std::size_t row) const { return *rows_[row]; }
  const T& at(std::size_t row) const { return *rows_.at(row); }
  const T& back() const { return *rows_.back(); }
  Iterator begin() const { return Iterator(rows_.data()); }
  Iterator end() const { return Iterator(rows_.data() + rows_.size()); }

 private:
  std::vector<std::shared_ptr<const T>> rows_;
};

}  // namespace tcpwatch

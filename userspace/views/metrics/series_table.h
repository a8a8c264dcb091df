// SPDX-License-Identifier: Apache-2.0
//
// The series of one metric by their labels, at most so many: what comes when the table is full is
// added to a series that stands for all others, and counted. A series knows whose it is, so that it
// can vanish with them. Not thread-safe.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "model/snapshot.h"

namespace tcpwatch {

// Whom a series is about. What does not apply is pid 0 or empty.
struct SeriesOwner {
  WorkerId worker;
  std::string_view process;
  std::string_view place;  // a listener or a destination, as labelled
};

// Label sets that found no room, over all tables.
class FoldedSeries {
 public:
  void note(std::string_view table, std::string_view labels) {
    if (told_.size() < kMostRemembered &&
        told_.insert(std::hash<std::string_view>{}(labels) ^ std::hash<std::string_view>{}(table))
            .second)
      ++count_;
  }
  std::size_t count() const { return count_; }

 private:
  // So many different labels are enough to know that there are too many.
  static constexpr std::size_t kMostRemembered = 10'000;
  std::unordered_set<std::size_t> told_;
  std::size_t count_ = 0;
};

template <typename Value>
class SeriesTable {
 public:
  struct Series {
    Value value{};
    WorkerId worker;
    std::string process;
    std::string place;
  };

  SeriesTable(std::string_view name, std::size_t most, FoldedSeries& folded)
      : name_(name), most_(most), folded_(&folded) {}

  // `others`: the labels of the series that takes what has no room.
  Value& at(std::string labels, const SeriesOwner& owner, std::string_view others) {
    if (const auto found = series_.find(labels); found != series_.end()) return found->second.value;
    if (series_.size() >= most_) {
      folded_->note(name_, labels);
      return others_[std::string(others)];
    }
    Series& made = series_[std::move(labels)];
    made.worker = owner.worker;
    made.process = owner.process;
    made.place = owner.place;
    return made.value;
  }

  // A series that may count later begins at 0, so that increase() sees its first step. Half of the
  // table is for these, and no more: what happens needs room before what might.
  bool takes_early() const { return series_.size() < most_ / 2; }
  void begin(std::string labels, const SeriesOwner& owner) {
    const auto [place, made] = series_.try_emplace(std::move(labels));
    if (made)
      place->second = {{}, owner.worker, std::string(owner.process), std::string(owner.place)};
  }

  template <typename Stays>
  void keep_if(const Stays& stays) {
    std::erase_if(series_, [&](const auto& entry) { return !stays(entry.second); });
  }

  // Calls each(labels, value), the others last.
  template <typename Each>
  void each(const Each& each) const {
    for (const auto& [labels, series] : series_) each(labels, series.value);
    for (const auto& [labels, value] : others_) each(labels, value);
  }

 private:
  std::string_view name_;
  std::size_t most_;
  FoldedSeries* folded_;
  std::map<std::string, Series, std::less<>> series_;
  std::map<std::string, Value, std::less<>> others_;
};

}  // namespace tcpwatch

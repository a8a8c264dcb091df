// SPDX-License-Identifier: Apache-2.0
//
// Who loses connections now, and since when: the listeners that drop and the destinations that
// connects fail to, remembered from snapshot to snapshot. Not a diagnosis: it says what is seen.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "model/snapshot.h"

namespace tcpwatch {

class TroubleLog {
 public:
  void add(const Snapshot& snapshot);

  // The worst listener and the worst destination of the last snapshot, as sentences.
  const std::vector<std::string>& sentences() const { return sentences_; }

 private:
  struct Span {
    std::uint64_t since_ns;
    std::uint64_t last_ns;
  };
  using Key = std::pair<std::uint32_t, std::string>;  // namespace, address
  using Spans = std::map<Key, Span>;

  // Seconds that it has lasted.
  static double note(Spans& spans, const Key& key, const Snapshot& snapshot);
  static void forget(Spans& spans, std::uint64_t now_ns);
  void add_listeners(const Snapshot& snapshot);
  void add_destinations(const Snapshot& snapshot);

  Spans listeners_;
  Spans destinations_;
  std::vector<std::string> sentences_;
};

}  // namespace tcpwatch

// SPDX-License-Identifier: Apache-2.0
//
// Randomness of property tests: another seed in each run, always printed, and given back by
// TCPWATCH_SEED=N to repeat a run.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <random>
#include <string>

namespace tcpwatch::test {

class Random {
 public:
  Random() : seed_(choose_seed()), engine_(seed_) {
    std::cout << "seed: TCPWATCH_SEED=" << seed_ << std::endl;
  }

  // Both ends included.
  std::uint64_t number(std::uint64_t low, std::uint64_t high) {
    return std::uniform_int_distribution<std::uint64_t>(low, high)(engine_);
  }
  double real(double low, double high) {
    return std::uniform_real_distribution<double>(low, high)(engine_);
  }
  std::string bytes(std::size_t count) {
    std::string text(count, '\0');
    for (char& byte : text) byte = static_cast<char>(number(0, 255));
    return text;
  }

 private:
  static std::uint64_t choose_seed() {
    const char* given = std::getenv("TCPWATCH_SEED");
    return given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device{}();
  }

  std::uint64_t seed_;
  std::mt19937_64 engine_;
};

}  // namespace tcpwatch::test

// SPDX-License-Identifier: Apache-2.0
#include "app/agent/otlp_push.h"

#include <algorithm>
#include <chrono>
#include <random>

#include "app/agent/quiet_thread.h"

namespace tcpwatch {
namespace {

constexpr double kTimeout = 5;
constexpr double kFirstPause = 1;
constexpr double kLongestPause = 60;

// 429, 502, 503, 504: the collector wants it again; others refuse what they were sent.
bool worth_a_retry(int status) {
  return status == 429 || (status >= 502 && status <= 504) || status == 0;
}

}  // namespace

OtlpPush::OtlpPush(HttpUrl url, double interval, std::function<std::string()> payload)
    : url_(std::move(url)), interval_(interval), payload_(std::move(payload)) {
  thread_ = start_quiet_thread([this] { run(); });
}

OtlpPush::~OtlpPush() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  wake_.notify_all();
  caller_.cancel();
  thread_.join();
}

bool OtlpPush::sleep(double seconds) {
  std::unique_lock lock(mutex_);
  return !wake_.wait_for(lock, std::chrono::duration<double>(seconds), [this] { return ending_; });
}

void OtlpPush::run() {
  std::mt19937 random{std::random_device{}()};
  std::uniform_real_distribution<double> jitter(0.5, 1);
  double pause = interval_;
  double growing = kFirstPause;
  double missed = 0;  // seconds
  while (sleep(pause)) {
    pause = interval_;
    const std::string payload = payload_();
    if (payload.empty()) continue;
    const auto answer = caller_.post_json(url_, payload, kTimeout);
    const int status = answer ? answer->status : 0;
    if (status >= 200 && status < 300) {
      ++pushed_;
      dropped_ += static_cast<std::uint64_t>(missed / interval_);
      missed = 0;
      growing = kFirstPause;
      continue;
    }
    ++failed_;
    {
      const std::lock_guard lock(mutex_);
      error_ = answer ? url_.origin + url_.path + ": status " + std::to_string(status)
                      : answer.error().message;
    }
    if (!worth_a_retry(status)) continue;
    pause = std::max(growing * jitter(random), answer ? answer->retry_after : 0);
    pause = std::min(pause, kLongestPause);
    growing = std::min(growing * 2, kLongestPause);
    missed += pause;
  }
}

OtlpPush::Counts OtlpPush::counts() const { return {pushed_, failed_, dropped_}; }

std::string OtlpPush::last_error() {
  const std::lock_guard lock(mutex_);
  return std::exchange(error_, "");
}

}  // namespace tcpwatch

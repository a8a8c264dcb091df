// SPDX-License-Identifier: Apache-2.0
#include "app/agent/name_lookup.h"

#include <netdb.h>
#include <sys/socket.h>

#include <array>
#include <system_error>
#include <utility>

#include "app/agent/quiet_thread.h"

namespace tcpwatch {
namespace {

using Found = std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)>;

Found find(const std::string& host, int flags, int& status) {
  addrinfo hints{};
  hints.ai_flags = flags;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  status = ::getaddrinfo(host.c_str(), nullptr, &hints, &found);
  return {found, &::freeaddrinfo};
}

bool is_address(const std::string& host) {
  int status = 0;
  return find(host, AI_NUMERICHOST, status) != nullptr;
}

}  // namespace

NameLookup::Answer NameLookup::ask(const std::string& host) {
  Answer answer;
  int status = 0;
  const Found found = find(host, 0, status);
  for (const addrinfo* one = found.get(); one != nullptr; one = one->ai_next) {
    std::array<char, NI_MAXHOST> text{};
    if (::getnameinfo(one->ai_addr, one->ai_addrlen, text.data(), text.size(), nullptr, 0,
                      NI_NUMERICHOST) == 0)
      answer.addresses.emplace_back(text.data());
  }
  if (answer.addresses.empty())
    answer.error = host + ": " + (status != 0 ? ::gai_strerror(status) : "has no address");
  return answer;
}

// False where no more threads may be (a limit of the service).
bool NameLookup::start_asking(const std::string& host) try {
  start_quiet_thread([host, shared = questions_] {
    auto answer = std::make_unique<Answer>(ask(host));
    const std::lock_guard lock(shared->mutex);
    shared->by_host[host] = std::move(answer);
    shared->changed.notify_all();
  }).detach();
  return true;
} catch (const std::system_error&) {
  return false;
}

Result<std::vector<std::string>> NameLookup::addresses_of(
    const std::string& host, std::chrono::steady_clock::time_point end) {
  const auto failed = [](std::string why) {
    return Error{ErrorKind::kInputOutput, std::move(why), ""};
  };
  if (is_address(host)) return std::vector{host};
  std::unique_lock lock(questions_->mutex);
  auto& questions = *questions_;
  if (questions.by_host.try_emplace(host).second && !start_asking(host)) {
    questions.by_host.erase(host);
    return failed("no thread to look up " + host);
  }
  const auto answered = [&] {
    return questions.cancelled || questions.by_host.at(host) != nullptr;
  };
  if (!questions.changed.wait_until(lock, end, answered))
    return failed("no answer to the question for the address of " + host);
  if (questions.cancelled) return failed("cancelled");
  const auto answer = std::move(questions.by_host.extract(host).mapped());
  if (answer->addresses.empty()) return failed(std::move(answer->error));
  return std::move(answer->addresses);
}

void NameLookup::cancel() {
  const std::lock_guard lock(questions_->mutex);
  questions_->cancelled = true;
  questions_->changed.notify_all();
}

}  // namespace tcpwatch

// SPDX-License-Identifier: Apache-2.0
#include "app/agent/nginx_status.h"

#include <sys/stat.h>

#include <chrono>
#include <utility>

#include "app/agent/quiet_thread.h"
#include "base/address.h"
#include "base/clock.h"
#include "events/make.h"
#include "host/proc_file.h"

namespace tcpwatch {
namespace {

// Cuts `word` off the front of the text, blanks before it as well.
bool take_text(std::string_view& text, std::string_view word) {
  text.remove_prefix(std::min(text.find_first_not_of(" \r\n\t"), text.size()));
  if (!text.starts_with(word)) return false;
  text.remove_prefix(word.size());
  return true;
}

template <typename Number>
bool take_number(std::string_view& text, Number& number) {
  if (!take_text(text, "")) return false;
  const std::size_t end = std::min(text.find_first_not_of("0123456789"), text.size());
  const auto value = to_number<Number>(text.substr(0, end));
  text.remove_prefix(end);
  number = value.value_or(0);
  return value.has_value();
}

// Of the page's address; what is a name has none, and is known by its port.
tw_endpoint endpoint_of(const HttpUrl& url) {
  const std::string authority = url.origin.substr(url.origin.find("://") + 3);
  tw_endpoint server{};
  if (const auto parsed = parse_endpoint(authority))
    server = *parsed;
  else if (const auto at_80 = parse_endpoint(authority + ":80"))
    server = *at_80;
  else
    server.port = to_number<std::uint16_t>(authority.substr(authority.rfind(':') + 1)).value_or(80);
  struct stat about{};
  if (::stat("/proc/self/ns/net", &about) == 0)
    server.netns = static_cast<std::uint32_t>(about.st_ino);
  return server;
}

}  // namespace

// Active connections: 291
// server accepts handled requests
//  16630948 16630948 31070465
// Reading: 6 Writing: 179 Waiting: 106
std::optional<tw_nginx> parse_stub_status(std::string_view page, std::uint64_t now_ns) {
  auto record = new_record<tw_nginx>(now_ns);
  const bool whole = take_text(page, "Active connections:") && take_number(page, record.active) &&
                     take_text(page, "server accepts handled requests") &&
                     take_number(page, record.accepts) && take_number(page, record.handled) &&
                     take_number(page, record.requests) && take_text(page, "Reading:") &&
                     take_number(page, record.reading) && take_text(page, "Writing:") &&
                     take_number(page, record.writing) && take_text(page, "Waiting:") &&
                     take_number(page, record.waiting);
  return whole ? std::optional(record) : std::nullopt;
}

NginxStatus::NginxStatus(const std::vector<NginxSettings>& pages, double interval)
    : interval_(interval) {
  for (const NginxSettings& page : pages)
    if (auto url = parse_http_url(page.status_url))
      sources_.push_back({.page = {.url = page.status_url},
                          .url = *url,
                          .server = endpoint_of(*url),
                          .timeout = page.timeout});
  if (!sources_.empty()) thread_ = start_quiet_thread([this] { run(); });
}

NginxStatus::~NginxStatus() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  wake_.notify_all();
  caller_.cancel();
  if (thread_.joinable()) thread_.join();
}

void NginxStatus::read(std::size_t number) {
  Source& source = sources_[number];
  const auto answer = caller_.get(source.url, source.timeout);
  std::optional<tw_nginx> record;
  std::string error;
  if (!answer)
    error = answer.error().message;
  else if (answer->status != 200)
    error = source.page.url + ": status " + std::to_string(answer->status);
  else if (record = parse_stub_status(answer->body, monotonic_ns()); !record)
    error = source.page.url + ": no stub_status page";
  if (record) record->server = source.server;
  const std::lock_guard lock(mutex_);
  ++(record ? source.page.reads : source.page.failures);
  source.page.error = std::move(error);
  if (record && fresh_.size() < 2 * sources_.size()) fresh_.push_back(*record);
}

void NginxStatus::run() {
  for (;;) {
    for (std::size_t i = 0; i < sources_.size(); ++i) read(i);
    std::unique_lock lock(mutex_);
    if (wake_.wait_for(lock, std::chrono::duration<double>(interval_), [this] { return ending_; }))
      return;
  }
}

std::vector<tw_nginx> NginxStatus::take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(fresh_, {});
}

std::vector<NginxStatus::Page> NginxStatus::pages() {
  const std::lock_guard lock(mutex_);
  std::vector<Page> pages;
  for (const Source& source : sources_) pages.push_back(source.page);
  return pages;
}

}  // namespace tcpwatch

// SPDX-License-Identifier: Apache-2.0
#include "host/process_activity.h"

#include <sched.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <system_error>

#include "host/proc_file.h"

namespace tcpwatch {

namespace {

constexpr std::size_t kMostThreads = 64;
constexpr std::uint64_t kDeadline = 6;  // SCHED_DEADLINE: not in every <sched.h>

// Of a process with several threads: the sum over them. Their own files: the process's has the
// first thread's alone.
std::optional<std::uint64_t> waited_by_threads(const std::string& folder) {
  std::uint64_t waited = 0;
  std::size_t threads = 0;
  std::string text;
  std::error_code gone;
  for (const auto& thread : std::filesystem::directory_iterator(folder + "/task", gone)) {
    if (++threads > kMostThreads) return std::nullopt;
    if (!read_file(thread.path() / "schedstat", text)) continue;
    const auto delay = parse_schedstat(text);
    if (!delay) return std::nullopt;
    waited += delay->waited_ns;
  }
  return threads != 0 ? std::optional(waited) : std::nullopt;
}

}  // namespace

std::optional<ProcessLoad> parse_process_load(std::string_view text) {
  // The name may hold anything, parentheses too: the last one ends it.
  const std::size_t open = text.find('(');
  const std::size_t close = text.rfind(')');
  if (close == std::string_view::npos || open > close) return std::nullopt;
  constexpr std::size_t kFirst = 3, kUser = 14, kSystem = 15, kThreads = 20, kCpu = 39,
                        kPolicy = 41;
  std::string_view rest = text.substr(close + 1);
  std::array<std::string_view, kPolicy + 1 - kFirst> fields;
  for (std::string_view& field : fields) field = take_word(rest);
  const auto user = to_number(fields[kUser - kFirst]);
  const auto system = to_number(fields[kSystem - kFirst]);
  const auto threads = to_number(fields[kThreads - kFirst]);
  if (!user || !system || !threads || fields[0].size() != 1) return std::nullopt;
  const auto policy = to_number(fields[kPolicy - kFirst]).value_or(0);
  return ProcessLoad{text.substr(open + 1, close - open - 1),
                     fields[0].front(),
                     *threads,
                     *user + *system,
                     to_number<std::uint32_t>(fields[kCpu - kFirst]).value_or(0),
                     policy == SCHED_FIFO || policy == SCHED_RR || policy == kDeadline};
}

std::uint64_t ticks_to_ns(std::uint64_t ticks) {
  constexpr std::uint64_t kSecond = 1'000'000'000;
  return ticks * (kSecond / static_cast<std::uint64_t>(::sysconf(_SC_CLK_TCK)));
}

std::optional<RunDelay> parse_schedstat(std::string_view text) {
  std::string_view line = take_until(text, '\n');
  const auto ran = to_number(take_word(line));
  const auto waited = to_number(take_word(line));
  const auto turns = to_number(take_word(line));
  if (!ran || !waited || turns.value_or(0) == 0) return std::nullopt;
  return RunDelay{*ran, *waited};
}

std::optional<ProcessActivity> read_activity(std::uint32_t pid, const std::string& proc) {
  const std::string folder = proc + "/" + std::to_string(pid);
  std::string text;
  if (!read_file(folder + "/stat", text)) return std::nullopt;
  const auto load = parse_process_load(text);
  if (!load) return std::nullopt;
  ProcessActivity activity;
  activity.comm = load->comm;
  activity.threads = load->threads;
  activity.cpu = load->cpu;
  activity.ran_ns = ticks_to_ns(load->ticks);
  const bool stopped = load->state == 'T' || load->state == 't';
  if (load->threads > 1) {
    activity.waited_ns = waited_by_threads(folder);
  } else if (read_file(folder + "/schedstat", text)) {
    if (const auto delay = parse_schedstat(text)) {
      activity.ran_ns = delay->ran_ns;
      activity.waited_ns = delay->waited_ns;
    }
  }
  // The state is the first thread's: of several, it tells only of what stops all.
  if (load->threads > 1 && !stopped) return activity;
  activity.state = load->state;
  if (read_file(folder + "/wchan", text) && text != "0") activity.wait_channel = text;
  return activity;
}

std::vector<std::uint32_t> children_of(std::uint32_t pid, const std::string& proc) {
  std::vector<std::uint32_t> children;
  const std::string id = std::to_string(pid);
  std::string text;
  if (!read_file(proc + "/" + id + "/task/" + id + "/children", text)) return children;
  std::string_view rest = text;
  while (!rest.empty()) {
    const auto child = to_number<std::uint32_t>(take_word(rest));
    if (!child) break;
    children.push_back(*child);
  }
  return children;
}

}  // namespace tcpwatch

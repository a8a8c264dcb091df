// SPDX-License-Identifier: Apache-2.0
#include "host/process_activity.h"

#include <unistd.h>

#include <array>

#include "host/proc_file.h"

namespace tcpwatch {

std::optional<ProcessLoad> parse_process_load(std::string_view text) {
  // The name may hold anything, parentheses too: the last one ends it.
  const std::size_t open = text.find('(');
  const std::size_t close = text.rfind(')');
  if (close == std::string_view::npos || open > close) return std::nullopt;
  constexpr std::size_t kFirst = 3, kUser = 14, kSystem = 15, kThreads = 20;
  std::string_view rest = text.substr(close + 1);
  std::array<std::string_view, kThreads + 1 - kFirst> fields;
  for (std::string_view& field : fields) field = take_word(rest);
  const auto user = to_number(fields[kUser - kFirst]);
  const auto system = to_number(fields[kSystem - kFirst]);
  const auto threads = to_number(fields[kThreads - kFirst]);
  if (!user || !system || !threads || fields[0].size() != 1) return std::nullopt;
  return ProcessLoad{text.substr(open + 1, close - open - 1), fields[0].front(), *threads,
                     *user + *system};
}

std::optional<ProcessActivity> read_activity(std::uint32_t pid, const std::string& proc) {
  const std::string folder = proc + "/" + std::to_string(pid);
  std::string text;
  if (!read_file(folder + "/stat", text)) return std::nullopt;
  const auto load = parse_process_load(text);
  if (!load) return std::nullopt;
  ProcessActivity activity;
  activity.comm = load->comm;
  activity.cpu_seconds =
      static_cast<double>(load->ticks) / static_cast<double>(::sysconf(_SC_CLK_TCK));
  const bool stopped = load->state == 'T' || load->state == 't';
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

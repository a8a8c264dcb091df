// SPDX-License-Identifier: Apache-2.0
#include "host/nginx_config.h"

#include "host/proc_file.h"

namespace tcpwatch {
namespace {

bool is_blank(char byte) { return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n'; }

}  // namespace

std::optional<std::uint32_t> nginx_number(std::string_view config, std::string_view name) {
  while (!config.empty()) {
    std::string_view line = take_until(config, '\n');
    line = line.substr(0, line.find('#'));
    for (std::size_t at = line.find(name); at != std::string_view::npos;
         at = line.find(name, at + 1)) {
      const bool begins =
          at == 0 || is_blank(line[at - 1]) || line[at - 1] == '{' || line[at - 1] == ';';
      std::string_view rest = line.substr(at + name.size());
      if (!begins || rest.empty() || !is_blank(rest.front())) continue;
      rest = rest.substr(0, rest.find(';'));
      return to_number<std::uint32_t>(take_word(rest));
    }
  }
  return std::nullopt;
}

std::string nginx_config_path(std::string_view cmdline) {
  std::string prefix;
  std::string file;
  while (!cmdline.empty()) {
    const std::string_view word = take_word(cmdline);
    if (word == "-c") file = take_word(cmdline);
    if (word == "-p") prefix = take_word(cmdline);
  }
  if (file.empty()) file = prefix.empty() ? "/etc/nginx/nginx.conf" : prefix + "/conf/nginx.conf";
  if (file.front() != '/') file = (prefix.empty() ? "/etc/nginx" : prefix) + "/" + file;
  return file;
}

}  // namespace tcpwatch

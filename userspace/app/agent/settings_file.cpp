// SPDX-License-Identifier: Apache-2.0
//
// The TOML file: every key is one of the table of settings, a threshold, or belongs to a
// [[trigger]] or an [[nginx]]. Whatever is wrong is told with its line and key.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include "app/agent/toml_text.h"

#include <algorithm>

#include "app/agent/http_call.h"
#include "app/agent/settings.h"
#include "base/duration.h"
#include "base/text.h"
#include "base/unique_fd.h"
#include "diagnosis/finding_ids.h"
#include "diagnosis/threshold_names.h"
#include "host/proc_file.h"

namespace tcpwatch {
namespace {

constexpr std::size_t kMostBytes = std::size_t{1} << 20;
constexpr std::size_t kMostMistakes = 100;  // nobody reads more
constexpr std::size_t kLongestKey = 100;    // columns
constexpr std::size_t kLongestText = 300;   // likewise
constexpr double kLongestTimeout = 60;      // seconds

class Reader {
 public:
  explicit Reader(Settings& settings) : settings_(settings) {}

  void read(const toml::table& file) { read_table(file, ""); }
  std::vector<FileMistake> take() {
    std::ranges::stable_sort(mistakes_, {}, &FileMistake::line);
    return std::move(mistakes_);
  }

 private:
  bool full() const { return mistakes_.size() >= kMostMistakes; }

  void complain(const toml::node& at, std::string key, std::string what) {
    if (full()) return;
    mistakes_.push_back({at.source().begin.line, std::move(key), std::move(what)});
  }

  void unknown(const toml::node& at, const std::string& key,
               const std::vector<std::string_view>& known) {
    if (full()) return;  // comparing names is most of the work
    const std::string near = nearest(key, known);
    complain(at, key, near.empty() ? "no such key" : "no such key; did you mean " + near + "?");
  }

  // A value as the table of settings takes it.
  std::optional<std::string> text_of(const toml::node& node) {
    if (const auto* text = node.as_string()) return text->get();
    if (const auto* number = node.as_integer()) return std::to_string(number->get());
    if (const auto* number = node.as_floating_point()) return fmt::format("{}", number->get());
    if (const auto* flag = node.as_boolean()) return flag->get() ? "true" : "false";
    const auto* list = node.as_array();
    if (!list) return std::nullopt;
    std::string joined;
    for (const toml::node& entry : *list) {
      const auto* text = entry.as_string();
      if (!text) return std::nullopt;
      joined += (joined.empty() ? "" : ",") + text->get();
    }
    return joined;
  }

  void read_table(const toml::table& table, const std::string& prefix) {
    for (const auto& [name, node] : table) {
      const std::string key = prefix + std::string(name.str());
      if (prefix.empty() && key == "thresholds")
        read_thresholds(node);
      else if (prefix.empty() && (key == "trigger" || key == "nginx"))
        read_list(key, node);
      else if (const auto* inner = node.as_table(); inner && prefix.empty())
        read_table(*inner, key + ".");
      else
        read_setting(key, node);
    }
  }

  void read_setting(const std::string& key, const toml::node& node) {
    const Setting* setting = find_setting(key);
    if (!setting) {
      std::vector<std::string_view> known{"thresholds", "trigger", "nginx"};
      for (const Setting& one : setting_table()) known.push_back(one.name);
      return unknown(node, key, known);
    }
    const auto text = text_of(node);
    if (!text)
      return complain(node, key, "a value is wanted, such as a number or a text in quotes");
    const auto done = setting->set(settings_, *text);
    if (done) return;
    const Error& error = done.error();
    complain(node, key,
             error.hint.empty() ? error.message : error.message + " (" + error.hint + ")");
  }

  void read_thresholds(const toml::node& node) {
    const auto* table = node.as_table();
    if (!table) return complain(node, "thresholds", "a table is wanted: [thresholds]");
    for (const auto& [name, value] : *table) {
      const std::string key = "thresholds." + std::string(name.str());
      const auto number = value.value<double>();
      if (!number) {
        complain(value, key, "a number is wanted");
        continue;
      }
      switch (set_threshold(settings_.thresholds, name.str(), *number)) {
        case ThresholdSet::kDone:
          break;
        case ThresholdSet::kNegative:
          complain(value, key, "a number from 0 on is wanted");
          break;
        case ThresholdSet::kNotWhole:
          complain(value, key, "a whole number is wanted");
          break;
        case ThresholdSet::kUnknown: {
          std::vector<std::string_view> known;
          for (const ThresholdName& one : threshold_names()) known.push_back(one.name);
          const std::string near = nearest(name.str(), known);
          complain(
              value, key,
              near.empty() ? "no such threshold" : "no such threshold; did you mean " + near + "?");
        }
      }
    }
  }

  void read_list(const std::string& key, const toml::node& node) {
    const auto* list = node.as_array();
    if (!list) return complain(node, key, fmt::format("a list of tables is wanted: [[{}]]", key));
    for (const toml::node& entry : *list) {
      const auto* table = entry.as_table();
      if (!table)
        complain(entry, key, fmt::format("a table is wanted: [[{}]]", key));
      else if (key == "trigger")
        read_trigger(*table);
      else
        read_nginx(*table);
    }
  }

  // A value of a table in a list.
  bool take_text(const toml::node& node, const std::string& key, std::string& place) {
    const auto* text = node.as_string();
    if (!text) return complain(node, key, "a text in quotes is wanted"), false;
    place = text->get();
    return true;
  }
  void take_seconds(const toml::node& node, const std::string& key, double& place) {
    const auto* text = node.as_string();
    const auto duration = parse_duration(text ? text->get() : "");
    if (!duration) return complain(node, key, "a duration is wanted, such as \"30s\"");
    place = std::chrono::duration<double>(*duration).count();
  }

  void read_trigger(const toml::table& table) {
    TriggerSettings trigger;
    for (const auto& [name, node] : table) {
      const std::string key = "trigger." + std::string(name.str());
      if (name == "finding") {
        if (take_text(node, key, trigger.finding) && !is_finding_id(trigger.finding))
          complain(node, key,
                   "there is no finding " + trigger.finding + "; did you mean " +
                       nearest(trigger.finding, finding_ids()) + "?");
      } else if (name == "severity") {
        if (take_text(node, key, trigger.severity) && trigger.severity != "critical" &&
            trigger.severity != "warning" && trigger.severity != "info")
          complain(node, key, "critical, warning or info is wanted");
      } else if (name == "metric") {
        take_text(node, key, trigger.metric);
      } else if (name == "process") {
        take_text(node, key, trigger.process);
      } else if (name == "above") {
        const auto number = node.value<double>();
        if (number)
          trigger.above = *number;
        else
          complain(node, key, "a number is wanted");
      } else if (name == "for") {
        take_seconds(node, key, trigger.hold);
      } else {
        unknown(node, key,
                {"trigger.finding", "trigger.severity", "trigger.metric", "trigger.process",
                 "trigger.above", "trigger.for"});
      }
    }
    settings_.triggers.push_back(std::move(trigger));
  }

  void read_nginx(const toml::table& table) {
    NginxSettings nginx;
    for (const auto& [name, node] : table) {
      const std::string key = "nginx." + std::string(name.str());
      if (name == "status_url" || name == "status-url") {
        if (take_text(node, key, nginx.status_url) &&
            (!nginx.status_url.starts_with("http://") || !parse_http_url(nginx.status_url)))
          complain(node, key, "an http:// URL is wanted");
      } else if (name == "timeout") {
        take_seconds(node, key, nginx.timeout);
        if (!(nginx.timeout > 0 && nginx.timeout <= kLongestTimeout))
          complain(node, key, "more than 0s is wanted, and at most 60s");
      } else {
        unknown(node, key, {"nginx.status_url", "nginx.timeout"});
      }
    }
    if (nginx.status_url.empty())
      complain(table, "nginx.status_url", "is missing");
    else
      settings_.nginx.push_back(std::move(nginx));
  }

  Settings& settings_;
  std::vector<FileMistake> mistakes_;
};

}  // namespace

std::vector<FileMistake> apply_text(Settings& settings, std::string_view text) {
  const TomlText toml = parse_toml(text);
  if (toml.wrong) return {{toml.wrong->line, "", toml.wrong->what}};
  Reader reader(settings);
  reader.read(toml.table);
  return reader.take();
}

std::vector<FileMistake> apply_file(Settings& settings, const std::string& path, Reading reading) {
  const bool again = reading == Reading::kAgain;
  std::string text;
  const UniqueFd file(
      ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | (again ? O_NONBLOCK : 0)));
  struct stat about{};
  if (again && file && ::fstat(file.get(), &about) == 0 && S_ISFIFO(about.st_mode))
    return {{0, "", "is a pipe, that cannot be read again"}};
  if (!file || !read_descriptor(file.get(), text, kMostBytes + 1))
    return {{0, "", "cannot be read"}};
  if (text.size() > kMostBytes) return {{0, "", "is larger than 1 MiB: no configuration"}};
  return apply_text(settings, text);
}

std::string mistake_text(const std::string& path, const FileMistake& mistake) {
  std::string text = path;
  if (mistake.line != 0) text += fmt::format(":{}", mistake.line);
  text += ": ";
  if (!mistake.key.empty()) text += cut(sanitize(mistake.key), kLongestKey) + ": ";
  return sanitize(text) + cut(sanitize(mistake.what), kLongestText);
}

}  // namespace tcpwatch

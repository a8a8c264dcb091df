// SPDX-License-Identifier: Apache-2.0
//
// What can be set of the agent: one table says each setting's name, kind, default and meaning, and
// makes the flags (--NAME), the environment (TCPWATCH_NAME) and the keys of the TOML file. Flags
// win over the environment, which wins over the file. Values only.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "diagnosis/thresholds.h"

namespace tcpwatch {

// [[trigger]]: when a capture is written.
struct TriggerSettings {
  std::string finding;  // its id; empty: any
  std::string severity = "critical";
  std::string metric;  // instead of a finding
  std::string process;
  double above = 0;
  double hold = 0;  // seconds; `for` in the file

  bool operator==(const TriggerSettings&) const = default;
};

// [[nginx]]: a stub_status page that is read at every interval.
struct NginxSettings {
  std::string status_url;
  double timeout = 0.5;  // seconds

  bool operator==(const NginxSettings&) const = default;
};

struct Settings {
  std::chrono::nanoseconds interval{std::chrono::seconds(1)};
  std::vector<std::string> deny;
  std::uint64_t max_series = 1000;
  bool pid_label = true;

  std::string web_address = "127.0.0.1:9717";
  std::string web_user;
  std::string web_password_file;
  std::string web_certificate;
  std::string web_key;

  std::string textfile;
  std::string jsonl;
  std::string push_otlp;
  std::chrono::nanoseconds push_interval{std::chrono::seconds(15)};

  std::string capture_directory = "/var/lib/tcpwatch";
  std::string capture_detail = "connections";  // or failures
  std::uint64_t capture_closes = 500;          // by each CPU in a second; 0: all
  std::string capture_on = "critical";
  std::chrono::nanoseconds capture_before{std::chrono::seconds(120)};
  std::chrono::nanoseconds capture_after{std::chrono::seconds(30)};
  std::uint64_t capture_memory = std::uint64_t{32} << 20;
  std::chrono::nanoseconds capture_gap{std::chrono::minutes(10)};
  std::uint64_t capture_files = 20;
  std::uint64_t capture_bytes = std::uint64_t{1} << 30;
  std::chrono::nanoseconds capture_age{std::chrono::hours(14 * 24)};

  Thresholds thresholds;
  std::vector<TriggerSettings> triggers;
  std::vector<NginxSettings> nginx;
};

struct Setting {
  std::string_view name;  // "web.listen-address"
  std::string_view type;  // "DUR", as help shows it
  std::string_view help;
  // The message of an error is what is wrong with the value; the caller says where.
  Result<> (*set)(Settings&, const std::string&);
  std::string (*shown)(const Settings&);
  bool on_reload = true;  // SIGHUP is enough
};

std::span<const Setting> setting_table();
const Setting* find_setting(std::string_view name);

// "TCPWATCH_WEB_LISTEN_ADDRESS"
std::string environment_name(const Setting& setting);
Result<> apply_environment(Settings& settings);

// The nearest of some names, for "did you mean"; empty: none is near.
std::string nearest(std::string_view name, std::span<const std::string_view> names);

struct FileMistake {
  unsigned line = 0;
  std::string key;
  std::string what;
};
// Whoever starts a program waits for a pipe's end. A service that runs, and is told to read again,
// waits for nothing.
enum class Reading { kFirst, kAgain };
// All that is wrong with it, in the order of the lines; settings that are right are taken.
std::vector<FileMistake> apply_file(Settings& settings, const std::string& path,
                                    Reading reading = Reading::kFirst);
std::vector<FileMistake> apply_text(Settings& settings, std::string_view toml);

// "tcpwatch.toml:12: web.listen-adress: no such key; did you mean web.listen-address?"
std::string mistake_text(const std::string& path, const FileMistake& mistake);

}  // namespace tcpwatch

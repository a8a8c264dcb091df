// SPDX-License-Identifier: Apache-2.0
#include "app/agent/settings.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>

#include "app/agent/http_call.h"
#include "base/duration.h"
#include "base/size.h"

namespace tcpwatch {
namespace {

constexpr std::uint64_t kMostCloses = 1'000'000;
// Shorter ones are nothing but work, and longer ones no watching.
constexpr std::chrono::nanoseconds kLeastInterval = std::chrono::milliseconds(10);
constexpr std::chrono::nanoseconds kMostInterval = std::chrono::hours(1);

Error wrong(std::string what, std::string hint = "") {
  return {ErrorKind::kUsage, std::move(what), std::move(hint)};
}

Result<> put(std::string& place, const std::string& text) {
  place = text;
  return Ok{};
}

Result<> put(bool& place, const std::string& text) {
  if (text != "true" && text != "false") return wrong("true or false is wanted, not " + text);
  place = text == "true";
  return Ok{};
}

Result<> put(std::chrono::nanoseconds& place, const std::string& text) {
  const auto duration = parse_duration(text);
  if (!duration) return wrong(duration.error().message, duration.error().hint);
  if (duration->count() <= 0) return wrong("must be more than 0");
  place = *duration;
  return Ok{};
}

Result<> put(std::vector<std::string>& place, const std::string& text) {
  place.clear();
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    place.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return Ok{};
}

Result<> put_count(std::uint64_t& place, const std::string& text) {
  const char* end = text.data() + text.size();
  std::uint64_t number = 0;
  const auto [last, error] = std::from_chars(text.data(), end, number);
  if (error == std::errc::result_out_of_range) return wrong("is too large a number: " + text);
  if (error != std::errc() || last != end) return wrong("a whole number is wanted, not " + text);
  place = number;
  return Ok{};
}

Result<> put_size(std::uint64_t& place, const std::string& text) {
  const auto size = parse_size(text);
  if (!size) return wrong(size.error().message, size.error().hint);
  place = *size;
  return Ok{};
}

std::string text_of(const std::string& value) { return value; }
std::string text_of(bool value) { return value ? "true" : "false"; }
std::string text_of(std::uint64_t value) { return std::to_string(value); }
std::string text_of(std::chrono::nanoseconds value) { return duration_text(value); }
std::string text_of(const std::vector<std::string>& value) {
  return fmt::format("{}", fmt::join(value, ","));
}

template <auto Member>
Result<> set(Settings& settings, const std::string& text) {
  return put(settings.*Member, text);
}
template <auto Member>
Result<> set_interval(Settings& settings, const std::string& text) {
  std::chrono::nanoseconds wanted{};
  if (const auto done = put(wanted, text); !done) return done;
  if (wanted < kLeastInterval || wanted > kMostInterval)
    return wrong("10ms to 1h is wanted, not " + text);
  settings.*Member = wanted;
  return Ok{};
}
template <auto Member>
Result<> set_count(Settings& settings, const std::string& text) {
  return put_count(settings.*Member, text);
}
template <auto Member>
Result<> set_size(Settings& settings, const std::string& text) {
  return put_size(settings.*Member, text);
}
template <auto Member>
std::string shown(const Settings& settings) {
  return text_of(settings.*Member);
}

Result<> set_capture_detail(Settings& settings, const std::string& text) {
  if (text != "failures" && text != "connections")
    return wrong("failures or connections is wanted, not " + text);
  return put(settings.capture_detail, text);
}

Result<> set_capture_closes(Settings& settings, const std::string& text) {
  const auto done = put_count(settings.capture_closes, text);
  if (done && settings.capture_closes > kMostCloses)
    return wrong("at most a million; 0: all of them");
  return done;
}

Result<> set_capture_on(Settings& settings, const std::string& text) {
  if (text != "critical" && text != "warning" && text != "never")
    return wrong("critical, warning or never is wanted, not " + text);
  return put(settings.capture_on, text);
}

Result<> set_push_otlp(Settings& settings, const std::string& text) {
  if (const auto url = parse_http_url(text); !text.empty() && !url)
    return wrong(url.error().message, url.error().hint);
  return put(settings.push_otlp, text);
}

using S = Settings;
constexpr bool kRestart = false;

constexpr auto kSettings = std::to_array<Setting>({
    {"interval", "DUR", "time between two looks", set_interval<&S::interval>, shown<&S::interval>,
     kRestart},
    {"deny", "MECH,…", "refuse a hook mechanism, to force a fallback", set<&S::deny>,
     shown<&S::deny>, kRestart},
    {"max-series", "N", "label sets of one metric; the rest is added to process=\"other\"",
     set_count<&S::max_series>, shown<&S::max_series>, kRestart},
    {"pid-label", "BOOL", "label workers with their pid", set<&S::pid_label>, shown<&S::pid_label>,
     kRestart},
    {"web.listen-address", "ADDR", "where metrics are served; unix:PATH is a socket file",
     set<&S::web_address>, shown<&S::web_address>, kRestart},
    {"web.user", "NAME", "ask for this user (basic authentication)", set<&S::web_user>,
     shown<&S::web_user>, kRestart},
    {"web.password-file", "FILE", "and for the password in this file", set<&S::web_password_file>,
     shown<&S::web_password_file>, kRestart},
    {"web.tls-certificate", "FILE", "serve HTTPS with this certificate chain (PEM)",
     set<&S::web_certificate>, shown<&S::web_certificate>, kRestart},
    {"web.tls-key", "FILE", "and this key (PEM)", set<&S::web_key>, shown<&S::web_key>, kRestart},
    {"textfile", "FILE", "write the metrics here at every push.interval, for a node exporter",
     set<&S::textfile>, shown<&S::textfile>},
    {"jsonl", "WHERE", "write findings and intervals as JSON Lines: - (standard output), unix:PATH",
     set<&S::jsonl>, shown<&S::jsonl>, kRestart},
    {"push.otlp", "URL", "push the metrics to a collector: OTLP over HTTP, JSON", set_push_otlp,
     shown<&S::push_otlp>},
    {"push.interval", "DUR", "time between two pushes", set_interval<&S::push_interval>,
     shown<&S::push_interval>},
    {"capture.directory", "DIR", "where captures of incidents are written",
     set<&S::capture_directory>, shown<&S::capture_directory>},
    {"capture.detail", "WHAT",
     "stories in it: failures (and drops), or connections: their ends as well", set_capture_detail,
     shown<&S::capture_detail>, kRestart},
    {"capture.max-closes", "N", "ends of connections by each CPU in a second, at most; 0: all",
     set_capture_closes, shown<&S::capture_closes>, kRestart},
    {"capture.on", "WHEN", "a finding that writes one: critical, warning, never", set_capture_on,
     shown<&S::capture_on>},
    {"capture.before", "DUR", "of what came before, it holds so much", set<&S::capture_before>,
     shown<&S::capture_before>, kRestart},
    {"capture.after", "DUR", "and goes on for so long", set<&S::capture_after>,
     shown<&S::capture_after>, kRestart},
    {"capture.memory", "SIZE", "memory for what came before, at most", set_size<&S::capture_memory>,
     shown<&S::capture_memory>, kRestart},
    {"capture.min-gap", "DUR", "between two captures, at least", set<&S::capture_gap>,
     shown<&S::capture_gap>},
    {"capture.max-files", "N", "keep so many; the oldest goes", set_count<&S::capture_files>,
     shown<&S::capture_files>},
    {"capture.max-size", "SIZE", "of all of them together", set_size<&S::capture_bytes>,
     shown<&S::capture_bytes>},
    {"capture.max-age", "DUR", "and none older than this", set<&S::capture_age>,
     shown<&S::capture_age>},
});

// How many letters have to change (Levenshtein).
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j < row.size(); ++j) row[j] = j;
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t corner = row[0]++;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t kept = corner + (a[i] == b[j] ? 0 : 1);
      corner = row[j + 1];
      row[j + 1] = std::min({kept, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

std::span<const Setting> setting_table() { return kSettings; }

const Setting* find_setting(std::string_view name) {
  const auto found = std::ranges::find(kSettings, name, &Setting::name);
  return found == kSettings.end() ? nullptr : &*found;
}

std::string environment_name(const Setting& setting) {
  std::string name = "TCPWATCH_";
  for (const char letter : setting.name)
    name += letter == '.' || letter == '-'   ? '_'
            : letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 'a' + 'A')
                                             : letter;
  return name;
}

Result<> apply_environment(Settings& settings) {
  for (const Setting& setting : kSettings) {
    const std::string name = environment_name(setting);
    const char* value = std::getenv(name.c_str());
    if (!value || !*value) continue;
    const auto done = setting.set(settings, value);
    if (!done) return wrong(name + ": " + done.error().message, done.error().hint);
  }
  return Ok{};
}

std::string nearest(std::string_view name, std::span<const std::string_view> names) {
  std::string_view best;
  std::size_t least = std::max<std::size_t>(2, name.size() / 3) + 1;
  for (const std::string_view candidate : names) {
    if (candidate.size() > 64 || name.size() > 64) continue;
    const std::size_t changes = distance(name, candidate);
    if (changes < least) {
      least = changes;
      best = candidate;
    }
  }
  return std::string(best);
}

}  // namespace tcpwatch

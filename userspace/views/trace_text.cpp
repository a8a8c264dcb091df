// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "base/address.h"
#include "base/clock.h"
#include "base/fixed_text.h"
#include "base/human.h"
#include "base/names.h"
#include "base/text.h"
#include "base/worker.h"
#include "views/trace.h"

namespace tcpwatch {
namespace {

constexpr double kNs = 1e-9;
constexpr std::size_t kWide = 120;

// The columns of one line. Addresses may be longer than theirs: they are never cut.
struct Line {
  std::string time;
  std::string event;
  std::string pid;
  std::string comm;
  std::string local;
  std::string arrow;  // which way: > connected to, < accepted from
  std::string remote;
  std::string outcome;
  std::string took;
  std::string details;
  Tone tone = Tone::kNormal;
};

// Wide enough for any IPv4 address, or for most of them in 80 columns.
std::string laid_out(const Line& line, const TraceStyle& style) {
  const bool wide = style.width >= kWide;
  const std::string gap(wide ? 2 : 1, ' ');
  const std::size_t address = wide ? 21 : 18;
  std::string text = line.time + gap + align_left(line.event, 7) + " " + align_right(line.pid, 7) +
                     gap + align_left(line.comm, wide ? 15 : 8);
  if (wide) text += gap + fmt::format("{:<{}}", line.local, address);
  text += fmt::format(" {:1} {:<{}}  ", line.arrow, line.remote, address);
  text += paint(align_left(line.outcome, 13), line.tone, style.palette);
  text += " " + align_right(line.took, wide ? 7 : 6);
  if (wide && !line.details.empty()) text += "  " + line.details;
  text.resize(text.find_last_not_of(' ') + 1);
  return text;
}

std::string clock_text(std::uint64_t realtime_ns, const TraceStyle& style) {
  const std::string text = format_rfc3339(realtime_ns);
  // Microseconds where there is room, else milliseconds.
  return text.substr(text.find('T') + 1, style.width >= kWide ? 15 : 12);
}

Line begun(std::string_view event, std::uint64_t realtime_ns, std::uint32_t pid,
           std::string_view comm, const TraceStyle& style) {
  Line line;
  line.time = clock_text(realtime_ns, style);
  line.event = event;
  line.pid = pid != 0 ? std::to_string(pid) : "-";
  line.comm = comm.empty() ? "-" : sanitize(comm);
  return line;
}

Line begun(std::string_view event, std::uint64_t time, tw_worker worker, std::string_view comm,
           const WallClock& clock, const TraceStyle& style) {
  return begun(event, clock.at(time), worker_pid(worker), comm, style);
}

std::string known_endpoint(const tw_endpoint& endpoint) {
  return endpoint.port != 0 ? format_endpoint(endpoint) : "-";
}

Line connect_line(const tw_connect& story, const WallClock& clock, const TraceStyle& style) {
  Line line = begun("connect", story.header.time, story.worker, text_of(story.comm), clock, style);
  const bool failed = story.reason != TW_REASON_NONE;
  line.local = known_endpoint(story.local);
  line.arrow = ">";
  line.remote = format_endpoint(story.remote);
  line.outcome = trace_outcome(story);
  line.took = format_seconds(static_cast<double>(story.duration_ns) * kNs);
  line.tone = failed ? Tone::kBad : Tone::kGood;
  if (story.kernel_ns != 0)
    line.details = "kernel " + format_seconds(static_cast<double>(story.kernel_ns) * kNs);
  return line;
}

Line closed_line(const tw_closed& story, const WallClock& clock, const TraceStyle& style) {
  Line line = begun("closed", story.header.time, story.worker, text_of(story.comm), clock, style);
  line.local = known_endpoint(story.local);
  line.arrow = story.role == TW_ROLE_OUT ? ">" : "<";
  line.remote = format_endpoint(story.remote);
  line.outcome = story.error != 0 ? error_name(story.error) : "ok";
  line.tone = story.error != 0 ? Tone::kWarning : Tone::kNormal;
  line.took =
      story.lifetime_ns != 0 ? format_seconds(static_cast<double>(story.lifetime_ns) * kNs) : "-";
  line.details = fmt::format(
      "{} in, {} out, rtt {}", format_bytes(static_cast<double>(story.bytes_in)),
      format_bytes(static_cast<double>(story.bytes_out)), format_seconds(story.srtt_us * 1e-6));
  if (story.retransmits != 0) line.details += fmt::format(", {} retransmits", story.retransmits);
  return line;
}

void name_listener(Line& line, const std::string& address, const TraceStyle& style) {
  line.local = address;
  line.remote = style.width >= kWide ? "" : address;
}

Line drops_line(const tw_drops& story, const WallClock& clock, const TraceStyle& style) {
  Line line = begun("drops", story.header.time, story.owner, text_of(story.comm), clock, style);
  name_listener(line, format_endpoint(story.listener), style);
  line.outcome = fmt::format("queue {}/{}", story.queue_now, story.queue_limit);
  line.tone = Tone::kBad;
  line.details = fmt::format("in total {} syn, {} ack", story.overflows_syn, story.overflows_ack);
  return line;
}

Line polled_line(const Listener& dropping, const Snapshot& snapshot, const TraceStyle& style) {
  const std::uint32_t owner = dropping.owners.empty() ? 0 : dropping.owners.front();
  Line line = begun("drops", snapshot.realtime_ns, owner, dropping.comm, style);
  name_listener(line, dropping.address, style);
  const std::string_view about = dropping.overflows_exact ? "" : "~";
  line.outcome = fmt::format("{}{} syn", about, format_count(dropping.overflows_delta.syn));
  line.took = format_seconds(snapshot.interval);
  line.tone = Tone::kBad;
  line.details = fmt::format("polled; queue {}/{}, in total {}{} syn, {} ack", dropping.queue_now,
                             dropping.queue_limit, about, dropping.overflows_total.syn,
                             dropping.overflows_total.ack);
  return line;
}

}  // namespace

std::string trace_heading(const TraceStyle& style) {
  Line line;
  line.time = align_left("TIME (UTC)", style.width >= kWide ? 15 : 12);
  line.event = "EVENT";
  line.pid = "PID";
  line.comm = "COMM";
  line.local = "LOCAL";
  line.remote = "REMOTE";
  line.outcome = "OUTCOME";
  line.took = "TOOK";
  line.details = "DETAILS";
  return paint(laid_out(line, {.width = style.width}), Tone::kTitle, style.palette);
}

std::optional<std::string> trace_text(const Record& record, const WallClock& clock,
                                      const TraceStyle& style) {
  if (const auto* const* story = std::get_if<const tw_connect*>(&record))
    return laid_out(connect_line(**story, clock, style), style);
  if (const auto* const* story = std::get_if<const tw_closed*>(&record))
    return laid_out(closed_line(**story, clock, style), style);
  if (const auto* const* story = std::get_if<const tw_drops*>(&record))
    return laid_out(drops_line(**story, clock, style), style);
  return std::nullopt;
}

std::string trace_text(const Listener& dropping, const Snapshot& snapshot,
                       const TraceStyle& style) {
  return laid_out(polled_line(dropping, snapshot, style), style);
}

}  // namespace tcpwatch

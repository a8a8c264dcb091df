// SPDX-License-Identifier: Apache-2.0
#include "base/names.h"

#include <fmt/format.h>
#include <string.h>

#include <algorithm>
#include <span>
#include <utility>

namespace tcpwatch {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view kOther = "OTHER";

constexpr std::array kStates = {"OUTSIDE"sv,     "ESTABLISHED"sv, "SYN_SENT"sv,  "SYN_RECV"sv,
                                "FIN_WAIT1"sv,   "FIN_WAIT2"sv,   "TIME_WAIT"sv, "CLOSE"sv,
                                "CLOSE_WAIT"sv,  "LAST_ACK"sv,    "LISTEN"sv,    "CLOSING"sv,
                                "NEW_SYN_RECV"sv};
static_assert(kStates.size() == TW_STATES);

// The one number without a name is kept for a reason to come.
constexpr std::array kReasons = {
    "NONE"sv,        "EADDRNOTAVAIL"sv, "ETIMEDOUT"sv,  "ECONNREFUSED"sv, "EHOSTUNREACH"sv,
    "ENETUNREACH"sv, "ECONNRESET"sv,    "ABANDONED"sv,  "EPERM"sv,        "EACCES"sv,
    "EINVAL"sv,      "ENOBUFS"sv,       "EADDRINUSE"sv, "UNKNOWN"sv,      "OTHER"sv};
static_assert(kReasons.size() == TW_REASON_OTHER + 1);

constexpr std::array kRoles = {"OTHER"sv,  "out"sv,   "in"sv,         "queue"sv,
                               "listen"sv, "other"sv, "descriptors"sv};
static_assert(kRoles.size() == TW_ROLES);

constexpr std::array<std::pair<tw_kind, std::string_view>, 24> kKinds{
    {{TW_KIND_CONNECT, "connect"},     {TW_KIND_CLOSED, "closed"},
     {TW_KIND_DROPS, "drops"},         {TW_KIND_STEP, "step"},
     {TW_KIND_HOST, "host"},           {TW_KIND_HOOK, "hook"},
     {TW_KIND_FLOW, "flow"},           {TW_KIND_FLOW_GONE, "flow-gone"},
     {TW_KIND_LISTENER, "listener"},   {TW_KIND_LISTENER_GONE, "listener-gone"},
     {TW_KIND_NETNS, "netns"},         {TW_KIND_PROCESS, "process"},
     {TW_KIND_LOSS, "loss"},           {TW_KIND_TICK, "tick"},
     {TW_KIND_SELF, "self"},           {TW_KIND_SAMPLE, "sample"},
     {TW_KIND_SOCKETS, "sockets"},     {TW_KIND_CLOSE_WAITS, "close-waits"},
     {TW_KIND_PORTS, "ports"},         {TW_KIND_INBOUND, "inbound"},
     {TW_KIND_CONNTRACK, "conntrack"}, {TW_KIND_NGINX, "nginx"},
     {TW_KIND_ACTIVITY, "activity"},   {TW_KIND_STEERING, "steering"}}};

#define STEP_NAME(from, to) #from ">" #to ""sv,
constexpr std::array kStepNames = {TW_STEPS(STEP_NAME)};
#undef STEP_NAME
static_assert(kStepNames.size() == TW_STEP_OTHER);

// Other spellings of states: those of ss.
constexpr std::array<std::pair<std::string_view, tw_state>, 4> kStateAliases{
    {{"ESTAB", TW_ESTABLISHED},
     {"FIN_WAIT_1", TW_FIN_WAIT1},
     {"FIN_WAIT_2", TW_FIN_WAIT2},
     {"CLOSED", TW_CLOSE}}};

char folded(char letter) {
  if (letter == '-') return '_';
  return letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 'a' + 'A') : letter;
}

bool same_name(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, folded, folded);
}

std::string_view name_in(std::span<const std::string_view> names, std::uint32_t number) {
  return number < names.size() ? names[number] : kOther;
}

template <typename T>
std::optional<T> number_in(std::span<const std::string_view> names, std::string_view name,
                           std::size_t first) {
  for (std::size_t i = first; i < names.size(); ++i) {
    if (same_name(names[i], name)) return static_cast<T>(i);
  }
  return std::nullopt;
}

}  // namespace

std::string_view state_name(std::uint32_t state) { return name_in(kStates, state); }
std::string_view reason_name(std::uint32_t reason) { return name_in(kReasons, reason); }
std::string_view role_name(std::uint32_t role) { return name_in(kRoles, role); }
std::string_view step_name(std::uint32_t step) { return name_in(kStepNames, step); }

std::string_view kind_name(std::uint32_t kind) {
  const auto found = std::ranges::find(
      kKinds, kind, [](const auto& entry) { return static_cast<std::uint32_t>(entry.first); });
  return found == kKinds.end() ? kOther : found->second;
}

std::string error_name(std::uint32_t error) {
  const char* name = ::strerrorname_np(static_cast<int>(error));
  return name != nullptr && error != 0 ? name : fmt::format("errno {}", error);
}

std::optional<tw_state> state_by_name(std::string_view name) {
  for (const auto& [alias, state] : kStateAliases) {
    if (same_name(alias, name)) return state;
  }
  return number_in<tw_state>(kStates, name, TW_ESTABLISHED);
}

std::optional<tw_reason> reason_by_name(std::string_view name) {
  return number_in<tw_reason>(kReasons, name, TW_REASON_NONE);
}

std::optional<tw_role> role_by_name(std::string_view name) {
  return number_in<tw_role>(kRoles, name, TW_ROLE_OUT);
}

tw_step step_of(std::uint32_t from, std::uint32_t to) {
  const auto found = std::ranges::find_if(
      kSteps, [&](const Step& step) { return step.from == from && step.to == to; });
  return static_cast<tw_step>(found - kSteps.begin());  // not found: TW_STEP_OTHER, the next number
}

}  // namespace tcpwatch

// SPDX-License-Identifier: Apache-2.0
//
// The words of the contract for the numbers of the ABI, and back. Names are static strings that
// never need freeing; a number that has no name prints as "OTHER". Look-ups ignore case and take
// `-` for `_`. Pure functions.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tcpwatch/abi.h"

namespace tcpwatch {

std::string_view state_name(std::uint32_t state);    // ESTABLISHED, CLOSE_WAIT, ...
std::string_view reason_name(std::uint32_t reason);  // EADDRNOTAVAIL, ABANDONED, ..., NONE
std::string_view role_name(std::uint32_t role);      // out, in, queue, listen, other
std::string_view kind_name(std::uint32_t kind);      // connect, closed, drops, ... (enum tw_kind)
std::string_view step_name(std::uint32_t step);      // ESTABLISHED>CLOSE_WAIT
std::string error_name(std::uint32_t error);         // ECONNREFUSED; "errno 515" if it has no name

// Takes the names of ss as well: estab, fin-wait-1, syn-recv, closed.
std::optional<tw_state> state_by_name(std::string_view name);
std::optional<tw_reason> reason_by_name(std::string_view name);
std::optional<tw_role> role_by_name(std::string_view name);

struct Step {
  tw_state from;
  tw_state to;
};

// The states of every step but TW_STEP_OTHER, indexed by enum tw_step.
#define TCPWATCH_STEP(from, to) Step{TW_##from, TW_##to},
inline constexpr std::array<Step, TW_STEP_OTHER> kSteps{{TW_STEPS(TCPWATCH_STEP)}};
#undef TCPWATCH_STEP

// TW_STEP_OTHER where Linux makes no such step.
tw_step step_of(std::uint32_t from, std::uint32_t to);

}  // namespace tcpwatch

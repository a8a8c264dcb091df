// SPDX-License-Identifier: Apache-2.0
//
// Records made by user space: polled counters, host facts, ticks, and whatever a test wants. Pure.
#pragma once

#include <cstdint>

#include "tcpwatch/abi.h"

namespace tcpwatch {

// The kind that a structure has; tw_gone has two, so none here (see new_gone).
template <typename T>
inline constexpr tw_kind kKindOf = TW_KIND_LIMIT;
template <>
inline constexpr tw_kind kKindOf<tw_connect> = TW_KIND_CONNECT;
template <>
inline constexpr tw_kind kKindOf<tw_closed> = TW_KIND_CLOSED;
template <>
inline constexpr tw_kind kKindOf<tw_drops> = TW_KIND_DROPS;
template <>
inline constexpr tw_kind kKindOf<tw_step_record> = TW_KIND_STEP;
template <>
inline constexpr tw_kind kKindOf<tw_host> = TW_KIND_HOST;
template <>
inline constexpr tw_kind kKindOf<tw_hook> = TW_KIND_HOOK;
template <>
inline constexpr tw_kind kKindOf<tw_flow_record> = TW_KIND_FLOW;
template <>
inline constexpr tw_kind kKindOf<tw_listener_record> = TW_KIND_LISTENER;
template <>
inline constexpr tw_kind kKindOf<tw_netns> = TW_KIND_NETNS;
template <>
inline constexpr tw_kind kKindOf<tw_process> = TW_KIND_PROCESS;
template <>
inline constexpr tw_kind kKindOf<tw_loss> = TW_KIND_LOSS;
template <>
inline constexpr tw_kind kKindOf<tw_tick> = TW_KIND_TICK;
template <>
inline constexpr tw_kind kKindOf<tw_self> = TW_KIND_SELF;
template <>
inline constexpr tw_kind kKindOf<tw_sample> = TW_KIND_SAMPLE;
template <>
inline constexpr tw_kind kKindOf<tw_sockets> = TW_KIND_SOCKETS;
template <>
inline constexpr tw_kind kKindOf<tw_close_waits> = TW_KIND_CLOSE_WAITS;
template <>
inline constexpr tw_kind kKindOf<tw_ports> = TW_KIND_PORTS;
template <>
inline constexpr tw_kind kKindOf<tw_inbound> = TW_KIND_INBOUND;
template <>
inline constexpr tw_kind kKindOf<tw_conntrack> = TW_KIND_CONNTRACK;
template <>
inline constexpr tw_kind kKindOf<tw_nginx> = TW_KIND_NGINX;
template <>
inline constexpr tw_kind kKindOf<tw_activity> = TW_KIND_ACTIVITY;
template <>
inline constexpr tw_kind kKindOf<tw_steering> = TW_KIND_STEERING;

// All zero but the header.
template <typename T>
T new_record(std::uint64_t time_ns, tw_kind kind = kKindOf<T>) {
  T record{};
  record.header.size = sizeof(T);
  record.header.kind = static_cast<__u16>(kind);
  record.header.time = time_ns;
  return record;
}

// `kind` is TW_KIND_FLOW_GONE or TW_KIND_LISTENER_GONE.
inline tw_gone new_gone(std::uint64_t time_ns, tw_kind kind, std::uint32_t slot) {
  auto record = new_record<tw_gone>(time_ns, kind);
  record.slot = slot;
  return record;
}

}  // namespace tcpwatch

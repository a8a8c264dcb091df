// SPDX-License-Identifier: Apache-2.0
#include "capture/state_keeper.h"

#include <cstring>
#include <optional>

#include "capture/checksum.h"
#include "events/decode.h"
#include "events/make.h"
#include "tcpwatch/abi.h"

namespace tcpwatch {
namespace {

template <typename T>
const T* as(std::span<const std::byte> record) {
  return record.size() == sizeof(T) ? reinterpret_cast<const T*>(record.data()) : nullptr;
}

// A row of the hook plan is told again when its verdict changes: signal, place and mechanism stay.
std::uint64_t hook_key(const tw_hook& hook) {
  Bytes name;
  put_bytes(name, hook.signal, sizeof hook.signal);
  put_bytes(name, hook.mechanism, sizeof hook.mechanism);
  put_bytes(name, hook.target, sizeof hook.target);
  put_bytes(name, &hook.order, sizeof hook.order);
  return checksum_of(name);
}

std::uint64_t endpoint_key(const tw_endpoint& end) {
  Bytes whole;
  put_bytes(whole, &end, sizeof end);
  return checksum_of(whole);
}

// What tells a record from others of its kind; nothing: it is not kept.
std::optional<std::uint64_t> key_of(std::uint32_t kind, std::span<const std::byte> record) {
  if (kind == TW_KIND_HOST || kind == TW_KIND_LOSS || kind == TW_KIND_SELF ||
      kind == TW_KIND_SAMPLE)
    return 0;
  if (kind == TW_KIND_FLOW)
    if (const auto* flow = as<tw_flow_record>(record)) return flow->slot;
  if (kind == TW_KIND_LISTENER)
    if (const auto* listener = as<tw_listener_record>(record)) return listener->slot;
  if (kind == TW_KIND_NETNS)
    if (const auto* netns = as<tw_netns>(record)) return netns->netns;
  if (kind == TW_KIND_CONNTRACK)
    if (const auto* conntrack = as<tw_conntrack>(record)) return conntrack->netns;
  if (kind == TW_KIND_NGINX)
    if (const auto* nginx = as<tw_nginx>(record)) return endpoint_key(nginx->server);
  if (kind == TW_KIND_PROCESS)
    if (const auto* process = as<tw_process>(record)) return process->worker;
  if (kind == TW_KIND_HOOK)
    if (const auto* hook = as<tw_hook>(record)) return hook_key(*hook);
  return std::nullopt;
}

constexpr std::size_t kMostParts = std::size_t{32} << 20;  // bytes: only a hostile file has more

bool is_part_of_sample(std::uint32_t kind) {
  return kind == TW_KIND_SOCKETS || kind == TW_KIND_CLOSE_WAITS || kind == TW_KIND_PORTS ||
         kind == TW_KIND_INBOUND;
}

}  // namespace

void StateKeeper::note(std::span<const std::byte> record) {
  const std::uint32_t kind = reinterpret_cast<const tw_header*>(record.data())->kind;
  if (kind < TW_KIND_HOST) return;
  if (const auto* gone = as<tw_gone>(record);
      gone && (kind == TW_KIND_FLOW_GONE || kind == TW_KIND_LISTENER_GONE)) {
    latest_.erase({kind == TW_KIND_FLOW_GONE ? TW_KIND_FLOW : TW_KIND_LISTENER, gone->slot});
    return;
  }
  if (kind == TW_KIND_SAMPLE) sample_parts_.clear();  // a sample replaces the one before, all of it
  if (is_part_of_sample(kind)) {
    if (sample_parts_.bytes().size() < kMostParts) sample_parts_.append_bytes(record);
    return;
  }
  const auto key = key_of(kind, record);
  if (!key) return;
  if (const auto* process = as<tw_process>(record);
      process && kind == TW_KIND_PROCESS && process->alive == 0) {
    latest_.erase({kind, *key});
    return;
  }
  latest_[{kind, *key}].assign(record.begin(), record.end());
}

void StateKeeper::tell(std::uint64_t now,
                       const std::function<void(std::span<const std::byte>)>& take) const {
  for (const auto& [key, record] : latest_) take(record);
  auto parts = sample_parts_.bytes();
  for (; const std::size_t size = record_size(parts); parts = parts.subspan(size))
    take(parts.first(size));
  // What it tells belongs to no later interval; nor, by the second one, does what the model holds
  // over from one interval to the next.
  const auto tick = new_record<tw_tick>(now);
  for (int twice = 0; twice < 2; ++twice) take(std::as_bytes(std::span(&tick, 1)));
}

}  // namespace tcpwatch

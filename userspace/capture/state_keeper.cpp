// SPDX-License-Identifier: Apache-2.0
#include "capture/state_keeper.h"

#include <cstring>
#include <optional>

#include "capture/checksum.h"
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

// Parts of a look through the socket table: whose sockets they tell of.
template <typename Key>
std::uint64_t part_key(const Key& key) {
  Bytes bytes;
  put_bytes(bytes, &key, sizeof key);
  return checksum_of(bytes);
}

bool is_part_of_sample(std::uint32_t kind) {
  return kind == TW_KIND_SOCKETS || kind == TW_KIND_CLOSE_WAITS || kind == TW_KIND_PORTS;
}

// What tells a record from others of its kind; nothing: it is not kept.
std::optional<std::uint64_t> key_of(std::uint32_t kind, std::span<const std::byte> record) {
  if (kind == TW_KIND_HOST || kind == TW_KIND_LOSS || kind == TW_KIND_SELF) return 0;
  if (kind == TW_KIND_SAMPLE) return 0;
  if (kind == TW_KIND_FLOW)
    if (const auto* flow = as<tw_flow_record>(record)) return flow->slot;
  if (kind == TW_KIND_LISTENER)
    if (const auto* listener = as<tw_listener_record>(record)) return listener->slot;
  if (kind == TW_KIND_NETNS)
    if (const auto* netns = as<tw_netns>(record)) return netns->netns;
  if (kind == TW_KIND_PROCESS)
    if (const auto* process = as<tw_process>(record)) return process->worker;
  if (kind == TW_KIND_HOOK)
    if (const auto* hook = as<tw_hook>(record)) return hook_key(*hook);
  if (kind == TW_KIND_SOCKETS)
    if (const auto* sockets = as<tw_sockets>(record)) return part_key(sockets->key);
  if (kind == TW_KIND_CLOSE_WAITS)
    if (const auto* leak = as<tw_close_waits>(record)) return part_key(leak->key);
  if (kind == TW_KIND_PORTS)
    if (const auto* ports = as<tw_ports>(record)) return part_key(ports->destination);
  return std::nullopt;
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
  const auto key = key_of(kind, record);
  if (!key) return;
  // It replaces the look before with all its parts; told by kind, it comes before its own.
  if (kind == TW_KIND_SAMPLE)
    std::erase_if(latest_, [](const auto& kept) { return is_part_of_sample(kept.first.first); });
  if (const auto* process = as<tw_process>(record);
      process && kind == TW_KIND_PROCESS && process->alive == 0) {
    latest_.erase({kind, *key});
    return;
  }
  latest_[{kind, *key}].assign(record.begin(), record.end());
}

void StateKeeper::tell(RecordBatch& out) const {
  for (const auto& [key, record] : latest_) out.append_bytes(record);
}

}  // namespace tcpwatch

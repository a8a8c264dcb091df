// SPDX-License-Identifier: Apache-2.0
#include "events/layout.h"

#include <array>

namespace tcpwatch {
namespace {

#define TEXT(record, field) \
  TextField { offsetof(record, field), sizeof(record{}.field), #field }
#define BOUNDED(record, field, low, high) \
  BoundedField { offsetof(record, field), sizeof(record{}.field), low, high, #field }
#define ROLE(record, field) BOUNDED(record, field, TW_ROLE_OUT, TW_ROLES - 1)
#define STATE(record, field) BOUNDED(record, field, 0, TW_STATES - 1)

constexpr std::array kConnectTexts{TEXT(tw_connect, comm)};
constexpr std::array kConnectBounds{BOUNDED(tw_connect, reason, 0, TW_REASONS - 1)};
constexpr std::array kClosedTexts{TEXT(tw_closed, comm)};
constexpr std::array kClosedBounds{ROLE(tw_closed, role), STATE(tw_closed, last_state)};
constexpr std::array kDropsTexts{TEXT(tw_drops, comm)};
constexpr std::array kStepBounds{STATE(tw_step_record, from), STATE(tw_step_record, to),
                                 ROLE(tw_step_record, role)};
constexpr std::array kHostTexts{TEXT(tw_host, hostname), TEXT(tw_host, kernel),
                                TEXT(tw_host, version)};
constexpr std::array kHookTexts{TEXT(tw_hook, signal), TEXT(tw_hook, mechanism),
                                TEXT(tw_hook, target), TEXT(tw_hook, note)};
constexpr std::array kFlowTexts{TEXT(tw_flow_record, flow.comm)};
constexpr std::array kFlowBounds{ROLE(tw_flow_record, flow.key.role)};
constexpr std::array kListenerTexts{TEXT(tw_listener_record, listener.comm)};
constexpr std::array kSocketsBounds{ROLE(tw_sockets, key.role)};
constexpr std::array kCloseWaitsBounds{ROLE(tw_close_waits, key.role)};
constexpr std::array kInboundBounds{ROLE(tw_inbound, key.role)};
constexpr std::array kProcessTexts{TEXT(tw_process, comm), TEXT(tw_process, cmdline),
                                   TEXT(tw_process, cgroup)};

constexpr std::array kActivityTexts{TEXT(tw_activity, rival_comm), TEXT(tw_activity, wait_channel),
                                    TEXT(tw_activity, group)};

constexpr std::array kSteeringTexts{TEXT(tw_steering, queue)};

#undef TEXT
#undef BOUNDED
#undef ROLE
#undef STATE

template <typename T>
Record view_as(const std::byte* bytes) {
  return reinterpret_cast<const T*>(bytes);
}

template <typename T>
constexpr Layout layout(std::span<const TextField> texts = {},
                        std::span<const BoundedField> bounds = {}) {
  static_assert(sizeof(T) % 8 == 0 && alignof(T) == 8);
  return {sizeof(T), texts, bounds, view_as<T>};
}

constexpr std::array<Layout, TW_KIND_LIMIT> kLayouts = [] {
  std::array<Layout, TW_KIND_LIMIT> table{};
  table[TW_KIND_CONNECT] = layout<tw_connect>(kConnectTexts, kConnectBounds);
  table[TW_KIND_CLOSED] = layout<tw_closed>(kClosedTexts, kClosedBounds);
  table[TW_KIND_DROPS] = layout<tw_drops>(kDropsTexts);
  table[TW_KIND_STEP] = layout<tw_step_record>({}, kStepBounds);
  table[TW_KIND_HOST] = layout<tw_host>(kHostTexts);
  table[TW_KIND_HOOK] = layout<tw_hook>(kHookTexts);
  table[TW_KIND_FLOW] = layout<tw_flow_record>(kFlowTexts, kFlowBounds);
  table[TW_KIND_FLOW_GONE] = layout<tw_gone>();
  table[TW_KIND_LISTENER] = layout<tw_listener_record>(kListenerTexts);
  table[TW_KIND_LISTENER_GONE] = layout<tw_gone>();
  table[TW_KIND_NETNS] = layout<tw_netns>();
  table[TW_KIND_PROCESS] = layout<tw_process>(kProcessTexts);
  table[TW_KIND_LOSS] = layout<tw_loss>();
  table[TW_KIND_TICK] = layout<tw_tick>();
  table[TW_KIND_SELF] = layout<tw_self>();
  table[TW_KIND_SAMPLE] = layout<tw_sample>();
  table[TW_KIND_SOCKETS] = layout<tw_sockets>({}, kSocketsBounds);
  table[TW_KIND_CLOSE_WAITS] = layout<tw_close_waits>({}, kCloseWaitsBounds);
  table[TW_KIND_PORTS] = layout<tw_ports>();
  table[TW_KIND_INBOUND] = layout<tw_inbound>({}, kInboundBounds);
  table[TW_KIND_CONNTRACK] = layout<tw_conntrack>();
  table[TW_KIND_NGINX] = layout<tw_nginx>();
  table[TW_KIND_ACTIVITY] = layout<tw_activity>(kActivityTexts);
  table[TW_KIND_STEERING] = layout<tw_steering>(kSteeringTexts);
  return table;
}();

}  // namespace

const Layout* layout_of(std::uint32_t kind) {
  if (kind >= kLayouts.size() || kLayouts[kind].size == 0) return nullptr;
  return &kLayouts[kind];
}

}  // namespace tcpwatch

// SPDX-License-Identifier: Apache-2.0
#include "model/flows.h"

#include <algorithm>
#include <cstring>

#include "base/fixed_text.h"

namespace tcpwatch {
namespace {

bool same_key(const tw_flow_key& a, const tw_flow_key& b) {
  return std::memcmp(&a, &b, sizeof a) == 0;  // no padding: asserted in abi.h
}

}  // namespace

void Flows::retire(std::uint32_t slot, std::uint64_t now) {
  Flow& flow = *flows_[slot];
  ledger_.close(flow.account, flow.key, flow.last.states(), now);
  flows_[slot].reset();
  --used_;
}

Flows::Flow& Flows::flow_in(const tw_flow_record& record) {
  if (record.slot >= flows_.size()) flows_.resize(record.slot + 1);
  auto& place = flows_[record.slot];
  if (place && !same_key(place->key, record.flow.key)) retire(record.slot, record.header.time);
  if (!place) {
    place = std::make_unique<Flow>();
    place->key = record.flow.key;
    ++used_;
  }
  return *place;
}

bool Flows::advance(Flow& flow, const tw_flow_record& record) {
  if (!flow.account.complete) {
    ledger_.open(flow.account, flow.key, text_of(record.flow.comm), flow.last.states(),
                 record.header.time);
  }
  grown_.clear();
  return flow.last.advance(record.flow, grown_);
}

void Flows::on_flow(const tw_flow_record& record) {
  if (record.slot >= slots_) {
    ledger_.count_fold();
    return;
  }
  Flow* flow = &flow_in(record);
  if (!advance(*flow, record)) {
    retire(record.slot, record.header.time);
    flow = &flow_in(record);
    // From zero nothing can fall, so this one holds.
    if (!advance(*flow, record)) return;
  }
  if (grown_.empty()) return;
  const auto role = static_cast<tw_role>(flow->key.role);
  gain_.read(grown_, role);
  ledger_.post(flow->account, role, gain_);
}

void Flows::on_gone(const tw_gone& record) {
  if (record.slot < flows_.size() && flows_[record.slot]) retire(record.slot, record.header.time);
}

}  // namespace tcpwatch

// SPDX-License-Identifier: Apache-2.0
#include "events/decode.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <new>

#include "base/fixed_text.h"
#include "events/batch.h"
#include "events/record.h"

namespace {
// How often the heap was used, by this thread: decode() must not.
thread_local std::size_t allocations = 0;
}  // namespace

// Not inlined: GCC would see malloc() and delete, and call them mismatched.
[[gnu::noinline]] void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size != 0 ? size : 1)) return memory;
  throw std::bad_alloc();
}
// What std::stable_sort asks for: without it memory of the one would be freed by the other.
[[gnu::noinline]] void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  ++allocations;
  return std::malloc(size != 0 ? size : 1);
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace tcpwatch {
namespace {

using ::testing::HasSubstr;

template <typename T>
std::span<const std::byte> bytes_of(const T& record) {
  return std::as_bytes(std::span(&record, 1));
}

template <typename T>
T valid_record() {
  return new_record<T>(123);
}
template <>
tw_closed valid_record() {
  auto record = new_record<tw_closed>(123);
  record.role = TW_ROLE_OUT;
  return record;
}
template <>
tw_step_record valid_record() {
  auto record = new_record<tw_step_record>(123);
  record.role = TW_ROLE_IN;
  return record;
}
template <>
tw_flow_record valid_record() {
  auto record = new_record<tw_flow_record>(123);
  record.flow.key.role = TW_ROLE_QUEUE;
  return record;
}
template <>
tw_sockets valid_record() {
  auto record = new_record<tw_sockets>(123);
  record.key.role = TW_ROLE_IN;
  return record;
}
template <>
tw_close_waits valid_record() {
  auto record = new_record<tw_close_waits>(123);
  record.key.role = TW_ROLE_OUT;
  return record;
}
template <>
tw_inbound valid_record() {
  auto record = new_record<tw_inbound>(123);
  record.key.role = TW_ROLE_IN;
  return record;
}
template <>
tw_gone valid_record() {
  return new_gone(123, TW_KIND_LISTENER_GONE, 7);
}

template <typename T>
std::string refusal(const T& record) {
  const auto decoded = decode(bytes_of(record));
  if (decoded) return "(accepted)";
  EXPECT_EQ(decoded.error().kind, ErrorKind::kBadInput);
  EXPECT_FALSE(decoded.error().hint.empty());
  return decoded.error().message;
}

template <typename T>
class DecodeEach : public ::testing::Test {};
using Records =
    ::testing::Types<tw_connect, tw_closed, tw_drops, tw_step_record, tw_host, tw_hook,
                     tw_flow_record, tw_gone, tw_listener_record, tw_netns, tw_process, tw_loss,
                     tw_tick, tw_self, tw_sample, tw_sockets, tw_close_waits, tw_ports, tw_inbound,
                     tw_conntrack, tw_nginx, tw_activity, tw_steering>;
TYPED_TEST_SUITE(DecodeEach, Records);

TYPED_TEST(DecodeEach, AcceptsAndDoesNotCopy) {
  const auto record = valid_record<TypeParam>();
  const auto decoded = decode(bytes_of(record));
  ASSERT_TRUE(decoded) << decoded.error().message;
  ASSERT_TRUE(std::holds_alternative<const TypeParam*>(*decoded));
  EXPECT_EQ(std::get<const TypeParam*>(*decoded), &record);
}

TYPED_TEST(DecodeEach, AllocatesNothing) {
  const auto record = valid_record<TypeParam>();
  const std::size_t before = allocations;
  const bool good = static_cast<bool>(decode(bytes_of(record)));
  EXPECT_EQ(allocations, before);
  EXPECT_TRUE(good);
}

TYPED_TEST(DecodeEach, RefusesEveryCut) {
  const auto record = valid_record<TypeParam>();
  for (std::size_t size = 0; size < sizeof record; ++size) {
    EXPECT_FALSE(decode(bytes_of(record).first(size))) << size;
  }
}

TYPED_TEST(DecodeEach, RefusesEveryOtherSize) {
  RecordBatch room;
  room.append(valid_record<TypeParam>());
  room.append_bytes(std::vector<std::byte>(64));
  std::vector<std::uint64_t> copy(room.bytes().size() / 8);
  std::memcpy(copy.data(), room.bytes().data(), room.bytes().size());
  for (std::uint32_t size = 0; size < copy.size() * 8 + 16; ++size) {
    std::memcpy(copy.data(), &size, sizeof size);
    EXPECT_EQ(static_cast<bool>(decode(std::as_bytes(std::span(copy)))), size == sizeof(TypeParam));
  }
}

TYPED_TEST(DecodeEach, IgnoresWhatFollows) {
  RecordBatch batch;
  batch.append(valid_record<TypeParam>());
  batch.append_bytes(std::as_bytes(std::span("junk")));
  EXPECT_TRUE(decode(batch.bytes()));
}

TEST(Decode, RefusesMisaligned) {
  alignas(8) std::byte bytes[sizeof(tw_tick) + 8] = {};
  const auto tick = new_record<tw_tick>(1);
  std::memcpy(bytes + 4, &tick, sizeof tick);
  const auto decoded = decode(std::span(bytes + 4, sizeof tick));
  ASSERT_FALSE(decoded);
  EXPECT_THAT(decoded.error().message, HasSubstr("aligned"));
}

TEST(Decode, RefusesNothing) {
  EXPECT_FALSE(decode({}));
  EXPECT_EQ(record_size({}), 0u);
}

TEST(Decode, RefusesUnknownKindsButTheyCanBeSkipped) {
  for (const int kind : {0, 5, 15, 36, 63, 64, 65535}) {
    auto record = new_record<tw_gone>(1, static_cast<tw_kind>(kind));
    EXPECT_THAT(refusal(record), HasSubstr("unknown kind " + std::to_string(kind)));
    EXPECT_EQ(record_size(bytes_of(record)), sizeof record);
  }
}

TEST(Decode, NamesTheSize) {
  auto connect = valid_record<tw_connect>();
  connect.header.size = 104;
  EXPECT_EQ(refusal(connect), "connect record has 104 bytes instead of 112");
  connect.header.size = 120;
  EXPECT_EQ(refusal(connect), "record says it has 120 bytes, of 112 that there are");
  connect.header.size = 12;
  EXPECT_THAT(refusal(connect), HasSubstr("12 bytes"));
  EXPECT_EQ(record_size(bytes_of(connect)), 0u);
  connect.header.size = 20;
  EXPECT_EQ(record_size(bytes_of(connect)), 0u);
}

TEST(Decode, ChecksReasons) {
  auto connect = valid_record<tw_connect>();
  connect.reason = TW_REASONS - 1;
  EXPECT_EQ(refusal(connect), "(accepted)");
  connect.reason = TW_REASONS;
  EXPECT_EQ(refusal(connect), "connect record: reason is 16, not in 0 to 15");
}

TEST(Decode, ChecksStatesAndRoles) {
  auto closed = valid_record<tw_closed>();
  closed.last_state = TW_STATES;
  EXPECT_EQ(refusal(closed), "closed record: last_state is 13, not in 0 to 12");
  closed = valid_record<tw_closed>();
  closed.role = 0;
  EXPECT_EQ(refusal(closed), "closed record: role is 0, not in 1 to 6");
  closed.role = 7;
  EXPECT_THAT(refusal(closed), HasSubstr("role is 7"));

  auto step = valid_record<tw_step_record>();
  step.from = 255;
  EXPECT_THAT(refusal(step), HasSubstr("from is 255"));
  step = valid_record<tw_step_record>();
  step.to = 13;
  EXPECT_THAT(refusal(step), HasSubstr("to is 13"));
  step = valid_record<tw_step_record>();
  step.role = 0;
  EXPECT_THAT(refusal(step), HasSubstr("role is 0"));

  auto flow = valid_record<tw_flow_record>();
  flow.flow.key.role = 0x10001;  // all four bytes count
  EXPECT_THAT(refusal(flow), HasSubstr("flow.key.role is 65537"));
}

template <std::size_t N>
void fill(char (&field)[N]) {
  std::memset(field, 'x', N);
}

TEST(Decode, ChecksThatTextsEnd) {
  auto connect = valid_record<tw_connect>();
  fill(connect.comm);
  EXPECT_EQ(refusal(connect), "connect record: comm does not end");
  connect.comm[15] = 0;
  EXPECT_EQ(refusal(connect), "(accepted)");

  auto closed = valid_record<tw_closed>();
  fill(closed.comm);
  EXPECT_THAT(refusal(closed), HasSubstr("comm does not end"));
  auto drops = valid_record<tw_drops>();
  fill(drops.comm);
  EXPECT_THAT(refusal(drops), HasSubstr("comm does not end"));
  auto flow = valid_record<tw_flow_record>();
  fill(flow.flow.comm);
  EXPECT_THAT(refusal(flow), HasSubstr("flow.comm does not end"));
  auto listener = valid_record<tw_listener_record>();
  fill(listener.listener.comm);
  EXPECT_THAT(refusal(listener), HasSubstr("listener.comm does not end"));
}

TEST(Decode, ChecksEveryTextOfFacts) {
  const auto check = [](auto record, auto field, const std::string& name) {
    fill(record.*field);
    EXPECT_THAT(refusal(record), HasSubstr(name + " does not end"));
  };
  check(valid_record<tw_host>(), &tw_host::hostname, "hostname");
  check(valid_record<tw_host>(), &tw_host::kernel, "kernel");
  check(valid_record<tw_host>(), &tw_host::version, "version");
  check(valid_record<tw_hook>(), &tw_hook::signal, "signal");
  check(valid_record<tw_hook>(), &tw_hook::mechanism, "mechanism");
  check(valid_record<tw_hook>(), &tw_hook::target, "target");
  check(valid_record<tw_hook>(), &tw_hook::note, "note");
  check(valid_record<tw_process>(), &tw_process::comm, "comm");
  check(valid_record<tw_process>(), &tw_process::cmdline, "cmdline");
  check(valid_record<tw_process>(), &tw_process::cgroup, "cgroup");
}

TEST(Decode, LooksAtNoFieldNamedZero) {
  auto connect = valid_record<tw_connect>();
  connect.header.zero = 1;
  connect.local.zero = 2;
  EXPECT_EQ(refusal(connect), "(accepted)");
  auto step = valid_record<tw_step_record>();
  step.zero8 = 3;
  EXPECT_EQ(refusal(step), "(accepted)");
}

}  // namespace
}  // namespace tcpwatch

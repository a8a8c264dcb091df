// SPDX-License-Identifier: Apache-2.0
#include "kernel/socket_table.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "base/unique_fd.h"
#include "kernel/jiffies.h"
#include "kernel/kernel_symbol.h"
#include "kernel/libbpf_log.h"
#include "kernel/run_program.h"
#include "kernel/table_skeleton.h"
#include "kernel/take_all.h"

namespace tcpwatch {

struct SocketTable::Object {
  table_bpf* skeleton = nullptr;
  bpf_link* files = nullptr;
  bpf_link* sockets = nullptr;
  int walk_fd =
      -1;  // the program that walks the table of connections; -1: the iterator does it all
  TableLimits limits;

  Object() = default;
  Object(const Object&) = delete;
  Object& operator=(const Object&) = delete;
  ~Object() {
    bpf_link__destroy(files);
    bpf_link__destroy(sockets);
    table_bpf__destroy(skeleton);
  }
  bpf_map* counts() const { return skeleton->maps.table_counts; }
};

namespace {

constexpr std::uint32_t kHoldersInOnePiece = 1 << 17;  // some 8 MB

// A table of holders need not be larger than all files that are open on the machine.
std::uint32_t room_for_holders(std::uint32_t most) {
  std::ifstream file("/proc/sys/fs/file-nr");
  std::uint64_t open = 0;
  if (!(file >> open)) return most;
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(open + open / 4 + 1024, most));
}

void tell_query(tw_table_query& told, const TableQuery& query, bool old_kernel) {
  told.by = query.by;
  told.states = query.states;
  told.port = query.port;
  told.netns = query.netns;
  told.pids = !query.pids.empty();
  told.owners = query.needs_owners();
  told.held = query.of_processes();
  told.idle = static_cast<std::uint64_t>(query.idle * jiffies_per_second());
  query.comm.copy(told.comm, sizeof(told.comm) - 1);
  if (old_kernel) told.socket_file_ops = kernel_symbol("socket_file_ops");
}

// How a query is answered, best first. The first variant that the kernel loads is taken.
struct Variant {
  bool walk;        // listeners by the iterator, connections by a walk: 5.17 on, no lockdown
  bool old_kernel;  // 5.10 has no helper that tells sockets from other files
};
constexpr std::array kVariants{Variant{true, false}, Variant{false, false}, Variant{false, true}};

bool fits(const Variant& variant, const TableQuery& query) {
  const bool counts_only = query.by == TW_BY_STATE || query.by == TW_BY_PROCESS;
  return (!variant.walk || (query.walk && counts_only)) &&
         (!variant.old_kernel || query.needs_owners());
}

bpf_program* sweep_of(const table_bpf& skeleton, const Variant& variant) {
  return variant.old_kernel ? skeleton.progs.table_files_old : skeleton.progs.table_files;
}

bpf_program* reader_of(const table_bpf& skeleton, const Variant& variant) {
  return variant.walk ? skeleton.progs.table_listeners : skeleton.progs.table_sockets;
}

int load_object(table_bpf& skeleton, const TableQuery& query, const TableLimits& limits,
                const Variant& variant) {
  tell_query(skeleton.rodata->query, query, variant.old_kernel);
  bpf_program__set_autoload(reader_of(skeleton, variant), true);
  bpf_program__set_autoload(skeleton.progs.table_walk, variant.walk);
  bpf_program__set_autoload(sweep_of(skeleton, variant), query.needs_owners());
  if (query.needs_owners()) {
    const std::uint32_t room = room_for_holders(limits.holders);
    bpf_map__set_max_entries(skeleton.maps.socket_holders, room);
    // Made in one piece it is quicker to fill and to free; a large one grows as it is needed.
    if (room <= kHoldersInOnePiece) bpf_map__set_map_flags(skeleton.maps.socket_holders, 0);
  }
  if (query.by != TW_BY_STATE && query.by != TW_BY_SOCKET)
    bpf_map__set_max_entries(skeleton.maps.table_counts, limits.rows);
  if (!query.pids.empty())
    bpf_map__set_max_entries(skeleton.maps.wanted_pids,
                             static_cast<std::uint32_t>(query.pids.size()));
  if (const int result = table_bpf__load(&skeleton)) return -result;
  const std::uint8_t wanted = 1;
  for (const std::uint32_t pid : query.pids)
    bpf_map_update_elem(bpf_map__fd(skeleton.maps.wanted_pids), &pid, &wanted, BPF_ANY);
  return 0;
}

// Reads whole rows until the iterator ends, or `enough` says so. A read without rows (EAGAIN, after
// a million objects) covered only a part.
template <typename Row, typename OnRow, typename Enough>
Result<> read_all(const bpf_link* link, const OnRow& on_row, const Enough& enough) {
  const UniqueFd iterator(bpf_iter_create(bpf_link__fd(link)));
  if (!iterator) return refused_program("cannot open a BPF iterator", errno);
  std::array<Row, 512> rows;
  std::size_t have = 0;  // bytes; a read may end within a row
  auto* const bytes = reinterpret_cast<char*>(rows.data());
  while (!enough()) {
    const ssize_t size = ::read(iterator.get(), bytes + have, sizeof(rows) - have);
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (size < 0) return refused_program("cannot read a BPF iterator", errno);
    if (size == 0) break;
    have += static_cast<std::size_t>(size);
    const std::size_t whole = have / sizeof(Row);
    for (std::size_t i = 0; i < whole; ++i) on_row(rows[i]);
    have -= whole * sizeof(Row);
    std::memmove(bytes, bytes + whole * sizeof(Row), have);
  }
  return Ok{};
}

template <typename Key, typename Value, typename OnEntry>
void take(const bpf_map* map, const OnEntry& on_entry) {
  if (bpf_map__max_entries(map) != 1)  // in use
    take_all<Key, Value>(bpf_map__fd(map), on_entry);
}

}  // namespace

SocketTable::SocketTable(std::unique_ptr<Object> object) : object_(std::move(object)) {}
SocketTable::~SocketTable() = default;

Result<std::unique_ptr<SocketTable>> SocketTable::load(const TableQuery& query,
                                                       const TableLimits& limits) {
  LibbpfLog log;
  int error = 0;
  for (const Variant& variant : kVariants) {
    if (!fits(variant, query)) continue;
    auto object = std::make_unique<Object>();
    object->limits = limits;
    object->skeleton = table_bpf__open();
    if (!object->skeleton) return refused_program("cannot open the BPF object", errno);
    error = load_object(*object->skeleton, query, limits, variant);
    if (error == EPERM) break;
    if (error) continue;
    if (variant.walk) object->walk_fd = bpf_program__fd(object->skeleton->progs.table_walk);
    object->sockets = bpf_program__attach_iter(reader_of(*object->skeleton, variant), nullptr);
    if (object->sockets && query.needs_owners())
      object->files = bpf_program__attach_iter(sweep_of(*object->skeleton, variant), nullptr);
    if (!object->sockets || (query.needs_owners() && !object->files))
      return refused_program("cannot attach a BPF iterator", errno);
    return std::unique_ptr<SocketTable>(new SocketTable(std::move(object)));
  }
  return refused_program("the kernel refuses to load the BPF iterators", error);
}

void SocketTable::restart() {
  auto& bss = *object_->skeleton->bss;
  bss.run = {};
  bss.run.give_up = object_->limits.files;
  bss.run.minute = static_cast<std::uint32_t>(60 * jiffies_per_second());
  bss.at_hand.task = 0;
  using Ends = std::array<tw_worker, 2>;  // struct socket_holder
  take<std::uint64_t, Ends>(object_->skeleton->maps.socket_holders, [](auto&, auto&) {});
  take<tw_table_key, tw_table_count>(object_->counts(), [](auto&, auto&) {});
}

Result<bool> SocketTable::sweep_files(const OnHolder& on_holder) {
  if (!object_->files) return true;
  const auto enough = [&] { return run().files > run().give_up; };
  const auto swept = read_all<tw_table_holder>(object_->files, on_holder, enough);
  if (!swept) return swept.error();
  return !enough() && run().lost == 0;
}

Result<> SocketTable::read_namespace(std::uint32_t low, std::uint32_t high,
                                     const OnSocket& on_socket) {
  auto& bss = *object_->skeleton->bss;
  std::memset(bss.listening, 0, sizeof(bss.listening));
  bss.run.port_low = low;
  bss.run.port_high = high;
  bss.run.listeners_done = 0;
  const auto read = read_all<tw_table_socket>(object_->sockets, on_socket,
                                              [&] { return bss.run.listeners_done != 0; });
  if (!read || object_->walk_fd < 0) return read;
  const auto found = walk_buckets(object_->walk_fd, 0, 0);
  return found ? walk_all(object_->walk_fd, bss.run.buckets) : found;
}

const tw_table_run& SocketTable::run() const { return object_->skeleton->bss->run; }

SocketTable::Rows SocketTable::take_rows() {
  Rows rows;
  take<tw_table_key, tw_table_count>(object_->counts(), [&](const auto& key, const auto& count) {
    rows.emplace_back(key, count);
  });
  return rows;
}

}  // namespace tcpwatch

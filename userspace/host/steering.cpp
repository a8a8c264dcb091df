// SPDX-License-Identifier: Apache-2.0
#include "host/steering.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mount.h>
#include <unistd.h>

#include <bit>
#include <charconv>
#include <filesystem>
#include <system_error>

#include "base/fixed_text.h"
#include "base/unique_fd.h"
#include "host/netns_enter.h"
#include "host/proc_file.h"

namespace tcpwatch {
namespace {

constexpr std::uint32_t kMostQueues = 1024;
constexpr int kHex = 16;

std::optional<std::uint64_t> hex_number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, kHex);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// It goes with the descriptor.
UniqueFd own_sysfs() {
  UniqueFd context(::fsopen("sysfs", FSOPEN_CLOEXEC));
  if (!context || ::fsconfig(context.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0)) return {};
  return UniqueFd(::fsmount(context.get(), FSMOUNT_CLOEXEC, 0));
}

void add_queue(tw_steering& record, const std::string& device, const std::string& queue,
               const CpuMask& mask) {
  ++record.queues;
  if (mask.cpus == 0) ++record.unspread;
  if (mask.cpus != 1 || mask.last != record.cpu) return;
  if (record.to_cpu++ == 0) set_text(record.queue, device + " " + queue);
}

}  // namespace

void parse_softnet(std::string_view text, tw_steering& record) {
  constexpr int kCpuColumn = 12;  // since 5.10; before that CPUs that are offline shift the rest
  std::uint64_t line_number = 0;
  for (; !text.empty(); ++line_number) {
    std::string_view line = take_until(text, '\n');
    const std::uint64_t packets = hex_number(take_word(line)).value_or(0);
    for (int column = 1; column < kCpuColumn; ++column) take_word(line);
    const std::uint64_t cpu = hex_number(take_word(line)).value_or(line_number);
    record.packets += packets;
    if (cpu == record.cpu) record.packets_cpu += packets;
  }
}

std::optional<CpuMask> parse_cpu_mask(std::string_view text) {
  constexpr std::uint32_t kGroup = 32;  // bits between commas, the highest first
  std::string_view line = take_until(text, '\n');
  if (line.empty()) return std::nullopt;
  CpuMask mask;
  while (!line.empty()) {
    const auto bits = hex_number(take_until(line, ','));
    if (!bits || *bits > ~std::uint32_t{0}) return std::nullopt;
    const auto group = static_cast<std::uint32_t>(*bits);
    if (mask.cpus != 0) mask.last += kGroup;
    if (mask.cpus == 0 && group != 0)
      mask.last = kGroup - 1 - static_cast<std::uint32_t>(std::countl_zero(group));
    mask.cpus += static_cast<std::uint32_t>(std::popcount(group));
  }
  return mask;
}

void add_masks(tw_steering& record, const std::string& devices) {
  std::error_code gone;
  std::string text;
  for (const auto& device : std::filesystem::directory_iterator(devices, gone)) {
    const std::string name = device.path().filename();
    if (name == "lo") continue;
    std::error_code none;
    for (const auto& queue : std::filesystem::directory_iterator(device.path() / "queues", none)) {
      const std::string queue_name = queue.path().filename();
      if (!queue_name.starts_with("rx-") || record.queues >= kMostQueues) continue;
      if (!read_file(queue.path() / "rps_cpus", text)) continue;
      if (const auto mask = parse_cpu_mask(text)) add_queue(record, name, queue_name, *mask);
    }
  }
}

void read_packets(tw_steering& record, const std::string& proc) {
  std::string text;
  if (read_file(proc + "/net/softnet_stat", text)) parse_softnet(text, record);
}

void read_masks(tw_steering& record, const NetnsRef& netns) {
  if (netns.inode == netns_of_process(static_cast<std::uint32_t>(::getpid())))
    return add_masks(record, "/sys/class/net");
  // A namespace that is gone, or that may not be entered, tells of no queue.
  (void)in_netns(netns, [&] {
    if (const UniqueFd sysfs = own_sysfs())
      add_masks(record, fmt::format("/proc/self/fd/{}/class/net", sysfs.get()));
  });
}

}  // namespace tcpwatch

// SPDX-License-Identifier: Apache-2.0
#include "host/sysctl.h"

#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "base/fixed_text.h"
#include "events/make.h"
#include "host/netns_enter.h"
#include "host/proc_file.h"

namespace tcpwatch {
namespace {

struct Setting {
  const char* file;  // below sys/net
  std::optional<std::uint32_t> NetSysctls::* field;
};

constexpr std::array<Setting, 10> kSettings{{
    {"core/somaxconn", &NetSysctls::somaxconn},
    {"ipv4/tcp_max_syn_backlog", &NetSysctls::tcp_max_syn_backlog},
    {"ipv4/tcp_syncookies", &NetSysctls::tcp_syncookies},
    {"ipv4/tcp_abort_on_overflow", &NetSysctls::tcp_abort_on_overflow},
    {"ipv4/tcp_tw_reuse", &NetSysctls::tcp_tw_reuse},
    {"ipv4/tcp_timestamps", &NetSysctls::tcp_timestamps},
    {"ipv4/tcp_fin_timeout", &NetSysctls::tcp_fin_timeout},
    {"ipv4/tcp_max_tw_buckets", &NetSysctls::tcp_max_tw_buckets},
    // Negative where the first namespace's is shared: no number, for us.
    {"ipv4/tcp_ehash_entries", &NetSysctls::tcp_ehash_entries},
    {"netfilter/nf_conntrack_max", &NetSysctls::conntrack_max},
}};

// "8080,9000-9010", sorted and without overlap as the kernel prints it: how many lie in the range.
std::uint32_t count_reserved(std::string_view list, std::uint32_t low, std::uint32_t high) {
  std::uint32_t count = 0;
  while (!list.empty()) {
    std::string_view part = take_until(list, ',');
    const auto first = to_number<std::uint32_t>(take_until(part, '-'));
    const auto last = part.empty() ? first : to_number<std::uint32_t>(part);
    if (!first || !last) continue;
    const std::uint32_t from = std::max(*first, low), to = std::min(*last, high);
    if (from <= to) count += to - from + 1;
  }
  return count;
}

std::string_view without_line_end(std::string_view text) { return take_until(text, '\n'); }

void read_ports(const std::string& net, std::string& buffer, NetSysctls& sysctls) {
  if (!read_file(net + "ipv4/ip_local_port_range", buffer)) return;
  std::string_view range = without_line_end(buffer);
  sysctls.port_low = to_number<std::uint32_t>(take_word(range));
  sysctls.port_high = to_number<std::uint32_t>(take_word(range));
  if (!sysctls.port_low || !sysctls.port_high) return;
  if (!read_file(net + "ipv4/ip_local_reserved_ports", buffer)) return;
  sysctls.ports_reserved =
      count_reserved(without_line_end(buffer), *sysctls.port_low, *sysctls.port_high);
}

}  // namespace

std::optional<std::uint32_t> NetSysctls::ports_available() const {
  if (!port_low || !port_high || *port_high < *port_low) return std::nullopt;
  return *port_high - *port_low + 1 - ports_reserved;
}

NetSysctls read_net_sysctls(const std::string& proc) {
  NetSysctls sysctls;
  const std::string net = proc + "/sys/net/";
  std::string buffer;
  for (const Setting& setting : kSettings) {
    if (!read_file(net + setting.file, buffer)) continue;
    sysctls.*setting.field = to_number<std::uint32_t>(without_line_end(buffer));
  }
  read_ports(net, buffer, sysctls);
  return sysctls;
}

Result<NetSysctls> read_net_sysctls(const NetnsRef& netns, const std::string& proc) {
  NetSysctls sysctls;
  const Result<> entered = in_netns(netns, [&] { sysctls = read_net_sysctls(proc); }, proc);
  if (!entered) return entered.error();
  return sysctls;
}

tw_host host_record(std::uint64_t time_ns, std::uint64_t realtime_ns, std::string_view version) {
  auto host = new_record<tw_host>(time_ns);
  host.realtime_ns = realtime_ns;
  host.abi_version = TW_ABI_VERSION;
  host.cpus = static_cast<std::uint32_t>(std::max(1L, ::sysconf(_SC_NPROCESSORS_ONLN)));
  utsname names{};
  ::uname(&names);
  set_text(host.hostname, names.nodename);
  set_text(host.kernel, names.release);
  set_text(host.version, version);
  return host;
}

}  // namespace tcpwatch

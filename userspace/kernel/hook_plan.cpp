// SPDX-License-Identifier: Apache-2.0
#include "kernel/hook_plan.h"

namespace tcpwatch {
namespace {

constexpr std::string_view kState = "inet_sock_set_state";
constexpr std::string_view kNoPeak =
    "without compare-and-swap two CPUs may lose one update of a queue's peak";
constexpr std::string_view kNested =
    "a step is not counted when an interrupt makes it inside another BPF program of that CPU; "
    "kernels from 6.3 on tell how many";

}  // namespace

const std::vector<Signal>& hook_plan() {
  static const std::vector<Signal> plan = {
      {"states",
       {{"tp_btf", kState, {"state_tp_btf"}, true, "", "state_tp_btf_again"},
        {"tp_btf", kState, {"state_tp_btf_old"}, true, kNoPeak},
        {"raw_tp", kState, {"state_raw_tp"}, true, kNoPeak, "state_raw_tp_again"},
        {"tp", "sock:inet_sock_set_state", {"state_tp"}, false, kNested}}},
      {"accepts",
       {{"fentry", "security_sock_graft", {"accept_fentry"}, true, ""},
        {"kprobe", "security_sock_graft", {"accept_kprobe"}, true, ""},
        {"cgroup",
         "getpeername4, getpeername6",
         {"accept_getpeername4", "accept_getpeername6"},
         true,
         "an accept() that asks for no address gets its worker at the next sweep or at close(), "
         "and its wait is not measured"}}},
      {"connect_errors",
       {{"fentry",
         "tcp_v4_connect, tcp_v6_connect (exit)",
         {"connect4_fexit", "connect6_fexit"},
         true,
         ""},
        {"kprobe",
         "tcp_v4_connect, tcp_v6_connect (return)",
         {"connect4_kprobe", "connect6_kprobe", "connect4_kretprobe", "connect6_kretprobe"},
         true,
         ""}}},
      {"connect_kernel_time",
       {{"field",
         "tcp_sock.tcp_wstamp_ns",
         {},
         true,
         "where a SYN was sent again: to the millisecond below"}}},
      {"overflow_syn",
       {{"fentry", "tcp_conn_request", {"syn_fentry"}, true, ""},
        {"kprobe", "tcp_conn_request", {"syn_kprobe"}, true, ""},
        {"poll",
         "sk_drops of each listener",
         {},
         true,
         "per interval, within the namespace's ListenOverflows; marked ~ where that cannot tell "
         "the listeners apart; no stories"}}},
      {"overflow_ack",
       {{"fentry",
         "tcp_v4_syn_recv_sock, tcp_v6_syn_recv_sock",
         {"ack4_fentry", "ack6_fentry"},
         true,
         ""},
        {"kprobe",
         "tcp_v4_syn_recv_sock, tcp_v6_syn_recv_sock",
         {"ack4_kprobe", "ack6_kprobe"},
         true,
         ""},
        {"tp_btf",
         "kfree_skb TCP_LISTEN_OVERFLOW",
         {"ack_kfree_skb"},
         true,
         "",
         "ack_kfree_skb_again"}}},
      {"fd_refusals",
       {{"fentry",
         "__sys_accept4, __sys_socket (exit)",
         {"refused_accept_fexit", "refused_socket_fexit"},
         true,
         "what io_uring accepts is not seen"},
        {"kprobe",
         "__sys_accept4, __sys_socket (return)",
         {"refused_accept_kretprobe", "refused_socket_kretprobe"},
         true,
         "what io_uring accepts is not seen"}}},
      {"listener_queues",
       {{"raw_tp", "test run over all listeners", {"read_listeners"}, true, ""}}},
      {"socket_table",
       {{"raw_tp", "test run over all connections", {"sample_walk", "sort_notes"}, true, ""},
        {"iter",
         "tcp",
         {"sample_iterate", "sort_notes"},
         true,
         "each network namespace is entered for it"}}},
      {"owners",
       {{"iter", "task_file", {"sweep_files"}, true, ""},
        {"iter", "task_file", {"sweep_files_old"}, true, ""}}},
  };
  return plan;
}

const std::vector<std::string_view>& deniable_mechanisms() {
  static const std::vector<std::string_view> mechanisms = {
      "fentry",     "kprobe", "tp_btf", "raw_tp", "tp",
      "syscall_tp", "cgroup", "iter",   "field",  "poll"};
  return mechanisms;
}

}  // namespace tcpwatch

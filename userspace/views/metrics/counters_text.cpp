// SPDX-License-Identifier: Apache-2.0
//
// The names and words of the counters.
#include "views/metrics/counters.h"

namespace tcpwatch {

void Counters::write(MetricWriter& out) const {
  const auto tell = [&](std::string_view name, std::string_view help, const auto& table,
                        MetricType type = MetricType::kCounter) {
    out.family(name, type, help);
    table.each([&](const std::string& labels, const auto& value) { out.sample(labels, value); });
  };
  const auto times = MetricType::kHistogram;
  tell("tcpwatch_accepts", "Connections taken by accept(), by worker and listening address.",
       accepts_);
  tell("tcpwatch_connects", "Calls of connect() that began, whatever their outcome.", connects_);
  tell("tcpwatch_connect_failures",
       "Connects that failed, by the kernel's errno; ABANDONED: closed by the program while the "
       "handshake was under way.",
       connect_failures_);
  tell("tcpwatch_closes", "Connections that ended after they had been established.", closes_);
  tell("tcpwatch_descriptor_refusals",
       "Calls of accept() and socket() refused for want of a descriptor.", refusals_);
  tell("tcpwatch_state_transitions", "State changes of sockets in the kernel.", transitions_);
  tell("tcpwatch_accept_queue_overflows",
       "Handshakes dropped because the accept queue was full: at the SYN, or at the last ACK.",
       overflows_);
  tell("tcpwatch_connect_duration_seconds", "From connect() to its outcome.", connect_duration_,
       times);
  tell("tcpwatch_connect_kernel_seconds",
       "Time that the kernel spent inside connect(): the search for a source port.",
       connect_kernel_, times);
  tell("tcpwatch_accept_wait_seconds", "From the end of the handshake to accept().", accept_wait_,
       times);
  out.family("tcpwatch_syn_cookies", MetricType::kCounter,
             "SYN cookies of all network namespaces, by the kernel's own counters.");
  out.sample(R"(kind="sent")", cookies_sent_);
  out.sample(R"(kind="received")", cookies_received_);
  out.sample(R"(kind="failed")", cookies_failed_);
}

}  // namespace tcpwatch

// SPDX-License-Identifier: Apache-2.0
#include "unit/diagnosis_disaster.h"

namespace tcpwatch::test {
namespace {

void fails(Ward& ward, const std::string& address, tw_reason reason, double after) {
  Traffic& delta = ward.destination(address, {1}).delta;
  delta.connects = delta.failures[reason] = 10;
  timed(delta.failed, after, 10);
}

void accepting(Ward& ward) {
  Listener& bursts = ward.listener("0.0.0.0:1", {1}, 4);
  bursts.queue_peak = 5;
  bursts.accepts_delta = 100;
  bursts.overflows_delta = {20, 1};
  bursts.syn_queue = 10;
  ward.listener("0.0.0.0:2", {2}).queue_now = 7;
  for (std::uint32_t pid = 3; pid <= 4; ++pid) {
    Listener& member = ward.listener("0.0.0.0:3", {pid});
    member.reuseport_group = 1;
    member.accepts_delta = pid == 3 ? 40 : 0;
    member.sockets.emplace().arrivals = {50, 0, 50};
  }
  Listener& storm = ward.listener("0.0.0.0:4", {5});
  storm.accepts_delta = 400;
  storm.sockets.emplace().active = 5;
  ward.netns.delta.cookies_sent = 100;
}

void connecting(Ward& ward) {
  fails(ward, "10.0.0.1:1", TW_REASON_EADDRNOTAVAIL, 0.01);
  fails(ward, "10.0.0.2:1", TW_REASON_ECONNREFUSED, 0.01);
  fails(ward, "10.0.0.3:1", TW_REASON_EHOSTUNREACH, 3);
  fails(ward, "10.0.0.4:1", TW_REASON_ETIMEDOUT, 30);
  fails(ward, "10.0.0.5:1", TW_REASON_ABANDONED, 0.1);
  Destination& searched = ward.destination("10.0.0.6:1", {1});
  searched.delta.connects = searched.delta.established_out = 100;
  searched.states[TW_ESTABLISHED] = 1000;
  timed(searched.delta.kernel, 0.004, 100);
  Destination& mute = ward.destination("10.0.0.7:1", {1});
  mute.delta.connects = mute.delta.established_out = 10;
  mute.states[TW_ESTABLISHED] = 40;
  mute.sockets.emplace().waiting = 40;
  mute.sockets->waiting_since = 5;
}

void holding(Ward& ward) {
  ward.worker(10).states[TW_CLOSE_WAIT] = 2000;
  ward.worker(11).states[TW_FIN_WAIT2] = 900;
  ward.worker(12).states[TW_ESTABLISHED] = 950;
  ward.worker(12).fds = Fds{960, 1000};
  ward.worker(13).fds = Fds{300, 1000};
  Worker& slots = ward.worker(14);
  slots.states[TW_ESTABLISHED] = 60;
  slots.delta.turned_away = slots.delta.accepts = 5;
  Worker& idle = ward.worker(15);
  idle.fds = Fds{700, 1024};
  idle.states[TW_ESTABLISHED] = 650;
  idle.sockets.emplace().idle = 600;
  idle.sockets->active = 50;
  Worker& slow = ward.worker(16);
  slow.fds = Fds{70, 100};
  slow.states[TW_ESTABLISHED] = 60;
  slow.sockets.emplace().slow = 60;
  slow.sockets->active = 60;
}

}  // namespace

void prepare_disaster(Ward& ward) {
  for (std::uint32_t pid = 1; pid <= 5; ++pid) ward.worker(pid);
  accepting(ward);
  connecting(ward);
  holding(ward);
}

void strike(Ward& ward) {
  ward.pass(8, [&](int look) {
    Worker& rising = ward.worker(13);
    rising.delta.accepts = 20;
    rising.states[TW_ESTABLISHED] = 100 + 20 * look;
  });
}

}  // namespace tcpwatch::test

/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * TCP states and the compact numbering of the steps between them.
 *
 * A flow counts each step (from, to) of its sockets in one array. The state "outside" (0) stands
 * for sockets that a flow takes over or hands on (found at start, accepted by a worker), so that
 * "sockets now in a state" is always steps into it minus steps out of it: no second counter.
 */
#ifndef TCPWATCH_TRANSITIONS_H
#define TCPWATCH_TRANSITIONS_H

#include <linux/types.h>

enum tw_state {
	TW_OUTSIDE = 0,
	TW_ESTABLISHED = 1,
	TW_SYN_SENT = 2,
	TW_SYN_RECV = 3,
	TW_FIN_WAIT1 = 4,
	TW_FIN_WAIT2 = 5,
	TW_TIME_WAIT = 6,
	TW_CLOSE = 7,
	TW_CLOSE_WAIT = 8,
	TW_LAST_ACK = 9,
	TW_LISTEN = 10,
	TW_CLOSING = 11,
	TW_NEW_SYN_RECV = 12,
	TW_STATES = 13,
};

/*
 * X(from, to): every step that Linux makes, in the order of their numbers. Those of an ordinary
 * connection come first, eight to a cache line: the ones that its own ends make, then those of its
 * way through the accept queue. Both ends of a connection often run on two CPUs, and each line that
 * both write is carried to and fro.
 */
/* clang-format off */
#define TW_STEPS(X) \
	X(CLOSE, SYN_SENT) X(SYN_SENT, ESTABLISHED) X(ESTABLISHED, FIN_WAIT1) X(FIN_WAIT1, FIN_WAIT2) \
	X(FIN_WAIT2, CLOSE) X(ESTABLISHED, CLOSE_WAIT) X(CLOSE_WAIT, LAST_ACK) X(LAST_ACK, CLOSE) \
	X(LISTEN, SYN_RECV) X(SYN_RECV, ESTABLISHED) X(ESTABLISHED, OUTSIDE) X(OUTSIDE, ESTABLISHED) \
	X(CLOSE_WAIT, OUTSIDE) X(OUTSIDE, CLOSE_WAIT) X(FIN_WAIT1, CLOSING) X(CLOSING, CLOSE) \
	X(SYN_SENT, CLOSE) X(ESTABLISHED, CLOSE) X(FIN_WAIT1, CLOSE) X(CLOSE_WAIT, CLOSE) \
	X(SYN_RECV, CLOSE) X(SYN_RECV, FIN_WAIT1) X(SYN_RECV, CLOSE_WAIT) X(SYN_SENT, SYN_RECV) \
	X(CLOSE, LISTEN) X(LISTEN, CLOSE) X(CLOSE, ESTABLISHED) \
	X(OUTSIDE, SYN_SENT) X(OUTSIDE, SYN_RECV) X(OUTSIDE, FIN_WAIT1) X(OUTSIDE, FIN_WAIT2) \
	X(OUTSIDE, LAST_ACK) X(OUTSIDE, LISTEN) X(OUTSIDE, CLOSING) X(OUTSIDE, CLOSE) \
	X(SYN_SENT, OUTSIDE) X(SYN_RECV, OUTSIDE) X(FIN_WAIT1, OUTSIDE) X(FIN_WAIT2, OUTSIDE) \
	X(LAST_ACK, OUTSIDE) X(LISTEN, OUTSIDE) X(CLOSING, OUTSIDE) X(CLOSE, OUTSIDE)
/* clang-format on */

/* Every other step (none is known) is counted under TW_STEP_OTHER rather than lost. */
#define TW_STEP_ENUM(from, to) TW_STEP_##from##_##to,
enum tw_step { TW_STEPS(TW_STEP_ENUM) TW_STEP_OTHER, TW_STEP_COUNT };
#undef TW_STEP_ENUM

#define TW_STEP_CASE(from, to) [TW_##from][TW_##to] = TW_STEP_##from##_##to + 1,

#endif

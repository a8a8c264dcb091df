// SPDX-License-Identifier: Apache-2.0
//
// Scenarios about sockets that stay: in CLOSE_WAIT, open when their process ends, waiting in an
// accept queue, or older than the tracer. The objects go in steps, so that a test can look between
// them; each step returns with the namespace quiet.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "kernel/workload/outcome.h"
#include "kernel/workload/roles.h"

namespace tcpwatch::workload {

struct CloseWaitOptions {
  Family family = Family::v4;
  std::size_t leaked = 5;  // the server read the peer's end and does not close
  std::size_t closed = 3;  // … and does
};

// Roles "server" (parked with `leaked` sockets in CLOSE_WAIT), "client". release() closes them.
Outcome close_wait(const Netns& netns, const CloseWaitOptions& options = {});

struct LeavingOptions {
  Family family = Family::v4;
  std::size_t accepted = 3;  // connections that "leaver" accepted
  std::size_t outgoing = 2;  // … that it made to "peer"
  std::size_t queued = 4;    // … that wait in its accept queue: reset when it ends
};

// Returns with "leaver" alive, all of that open, and a listener each. Then the test ends it:
// outcome.party("leaver").release() (exit) or .kill() (SIGKILL); then outcome.settle().
Outcome exit_with_open_sockets(const Netns& netns, const LeavingOptions& options = {});

struct WaitBracket {  // the true wait in the queue lies between; nanoseconds
  std::int64_t at_least = 0;
  std::int64_t at_most = 0;
};

// Connections wait in the accept queue from construction until accept_all(). The client then
// closes first. Roles "server", "client". `waits` in the order of arrival, at most 16.
class AcceptWait {
 public:
  AcceptWait(const Netns& netns, Family family, std::size_t connections);
  void accept_all();

  Outcome outcome;
  std::vector<WaitBracket> waits;

 private:
  Words connected_{};
};

struct OlderOptions {
  Family family = Family::v4;
  std::size_t accepted = 3;    // established when the tracer comes
  std::size_t close_wait = 2;  // accepted, and their client has closed
  std::size_t queued = 2;      // not yet accepted
  std::size_t more = 4;        // new ones after it came
};

// Roles "server", "client"; "sleeper" listens on its own and is blocked in accept4 from the start.
// Construct; attach the tracer; open_more(); look; close_all(). Counts of the parties and the
// outcome's delta are of the time after construction; `earlier` holds those before, by role.
class OlderThanTracer {
 public:
  explicit OlderThanTracer(const Netns& netns, const OlderOptions& options = {});
  void open_more();  // accepts the queued, opens and accepts `more`; wakes the sleeper
  void close_all();  // the client first, then the server, which also closes its CLOSE_WAIT ones

  Outcome outcome;
  std::map<std::string, Counts> earlier;
};

}  // namespace tcpwatch::workload

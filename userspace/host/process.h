// SPDX-License-Identifier: Apache-2.0
//
// What /proc says of a process, as a tw_process record. A process that has ended, or whose pid
// belongs to another one by now, is no error. Needs no privilege but for other users' descriptor
// counts. One thread per reader; reads no clock (the caller gives the time of the record).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "host/process_text.h"
#include "tcpwatch/abi.h"

namespace tcpwatch {

class ProcessReader {
 public:
  explicit ProcessReader(std::string proc = "/proc");

  // All of it: about 35 us. Nothing when there is no such process.
  std::optional<tw_process> read(std::uint32_t pid, std::uint64_t time_ns);
  // The same for a known worker; when it has ended, `alive` is 0 and descriptors are TW_UNKNOWN.
  tw_process read_worker(tw_worker worker, std::uint64_t time_ns);
  // Only what changes: alive, descriptors, the name (and then the command line): about 20 us.
  void refresh(tw_process& process, std::uint64_t time_ns);

  // The very process, not a later one with its pid. A zombie is not alive.
  bool alive(tw_worker worker);

 private:
  std::optional<ProcessStat> read_stat(int directory);
  void read_names(int directory, tw_process& process);
  void read_descriptors(int directory, tw_process& process);

  std::string proc_;
  std::string buffer_;       // reused
  bool directory_has_size_;  // procfs: st_size of /proc/PID/fd counts descriptors (since 6.2)
};

}  // namespace tcpwatch

// SPDX-License-Identifier: Apache-2.0
//
// Workers put together by cgroup, container or name: a row of a group is a worker that no process
// is, with its members' counters added up and the descriptors of the fullest. Pure.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/snapshot.h"
#include "views/field.h"
#include "views/screen/view_state.h"

namespace tcpwatch {

// Process 0 is nobody; the count of members stands where a worker has its start.
inline bool is_group(const Worker& row) { return row.id.pid == 0; }

// To which group a worker belongs; never empty.
std::string group_of(const Worker& row, Group group);
std::string_view group_name(Group group);

std::shared_ptr<const std::vector<Worker>> grouped(std::span<const Worker* const> workers,
                                                   Group group);

// Those of workers, where process and name are count and name of the group.
std::span<const Field<Worker>> group_fields(Group group);
// What has no meaning for more than one process.
bool is_of_one_process(std::string_view field);

}  // namespace tcpwatch

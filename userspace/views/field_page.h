// SPDX-License-Identifier: Apache-2.0
//
// The tables of fields as a page of the documentation (docs/fields.md): every column of `top` and
// `sockets` with its name in JSON, its unit and its meaning, so that the page cannot say anything
// else than the screen. Pure.
#pragma once

#include <string>

namespace tcpwatch {

std::string field_page();

}  // namespace tcpwatch

// SPDX-License-Identifier: GPL-2.0-only
/* The one definition of every shared map. */
#define TW_DEFINE_MAPS
#include "maps.h"

char _license[] SEC("license") = "GPL";

/* SPDX-License-Identifier: MIT */
/* memthin, to be run by a fuzz target. */
#include "fuzz.h"

#define main memthin_main
#include "../../cmd/memthin.c"

/* SPDX-License-Identifier: MIT */
/* memjoin, to be run by a fuzz target. */
#include "fuzz.h"

#define main memjoin_main
#include "../../cmd/memjoin.c"

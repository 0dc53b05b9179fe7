/* SPDX-License-Identifier: MIT */
/* memlimit, to be run by a fuzz target. */
#include "fuzz.h"

#define main memlimit_main
#include "../../cmd/memlimit.c"

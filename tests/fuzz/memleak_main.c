/* SPDX-License-Identifier: MIT */
/* memleak, to be run by a fuzz target. */
#include "fuzz.h"

#define main memleak_main
#include "../../cmd/memleak.c"

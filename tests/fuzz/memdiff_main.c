/* SPDX-License-Identifier: MIT */
/* memdiff, to be run by a fuzz target. */
#include "fuzz.h"

#define main memdiff_main
#include "../../cmd/memdiff.c"

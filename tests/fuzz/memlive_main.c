/* SPDX-License-Identifier: MIT */
/* memlive, to be run by a fuzz target. */
#include "fuzz.h"

#define main memlive_main
#include "../../cmd/memlive.c"

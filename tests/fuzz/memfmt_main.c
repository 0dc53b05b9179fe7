/* SPDX-License-Identifier: MIT */
/* memfmt, to be run by a fuzz target. */
#include "fuzz.h"

#define main memfmt_main
#include "../../cmd/memfmt.c"

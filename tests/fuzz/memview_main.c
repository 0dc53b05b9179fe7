/* SPDX-License-Identifier: MIT */
/* memview, to be run by a fuzz target. */
#include "fuzz.h"

#define main memview_main
#include "../../cmd/memview.c"

/* SPDX-License-Identifier: MIT */
/* memtree, to be run by a fuzz target. */
#include "fuzz.h"

#define main memtree_main
#include "../../cmd/memtree.c"

/* SPDX-License-Identifier: MIT */
/* mempeak, to be run by a fuzz target. */
#include "fuzz.h"

#define main mempeak_main
#include "../../cmd/mempeak.c"

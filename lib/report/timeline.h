/* SPDX-License-Identifier: MIT */
/*
 * The RSS of the total over time as CSV: one record for each tick of samples, or for each span of
 * peaks.
 */
#ifndef TIMELINE_H
#define TIMELINE_H

#include "stream/output.h"
#include "stream/stage.h"

/* Read samples or peaks, and write CSV to TO. Report invalid lines and skip them. Return the exit
 * status. */
int timeline_csv(const struct stage_input *input, struct output *to);

#endif

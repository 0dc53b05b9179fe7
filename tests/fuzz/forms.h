/* SPDX-License-Identifier: MIT */
/* Peaks in every format of memfmt. */
#ifndef FORMS_H
#define FORMS_H

#include "base/slice.h"
#include "stream/lines.h"

/* Check each format of PEAKS. If GOOD, memfmt must accept them. */
void forms_check(struct slice peaks, int good);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * The machine that runs were measured on: its kernel, CPUs, transparent huge pages and swap, and
 * the version of mempipe. membench adds them to each run, because the peaks of a command can differ
 * where they do.
 */
#ifndef MACHINE_H
#define MACHINE_H

#include "base/buf.h"
#include "report/report.h"

/* Append what is known about the machine of R as a JSON object, or null. */
void machine_json(const struct report *r, struct buf *out);

/* Append a line `PROPERTY A, not B` to OUT for each property that is known of both runs and
 * differs. Its texts are made visible. */
void machine_differences(const struct report *a, const struct report *b, struct buf *out);

/* Append the members of the JSON schema. */
void machine_schema(struct buf *out);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Reading a report that report_json wrote.
 */
#ifndef REPORT_JSON_READ_H
#define REPORT_JSON_READ_H

#include "report/report.h"
#include "stream/json_reader.h"

/* Called for each member of the object that is not of a report. Return NULL, or the reason why it
 * is invalid. */
typedef const char *report_json_other(void *context, struct json_reader *j, enum json_kind kind);

/*
 * Read the members of an object, of which J has returned the start, into R, which is new. Pass
 * other members to OTHER with CONTEXT, or skip them if it is NULL. Return NULL, or the reason why
 * the object is invalid. The peak may be missing: see report_total.
 */
const char *report_json_read(
    struct report *r, struct json_reader *j, report_json_other *other, void *context);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Writing the strings of JSON.
 */
#ifndef JSON_STRING_H
#define JSON_STRING_H

#include "base/buf.h"
#include "base/slice.h"

/* Append RAW, any bytes, as a JSON string. A byte that is not UTF-8 becomes U+FFFD. Control
 * characters are escaped. */
void json_string(struct buf *out, struct slice raw);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Texts in the Markdown of GitHub.
 */
#ifndef REPORT_MARKDOWN_H
#define REPORT_MARKDOWN_H

#include "base/buf.h"
#include "base/slice.h"

/* Append TEXT, or a dash if it is empty, so that it is shown as it is: it contains no markup, HTML,
 * link or cell. Within <code>, an @name notifies no user. */
void report_markdown_code(struct buf *out, struct slice text);

#endif

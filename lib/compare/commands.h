/* SPDX-License-Identifier: MIT */
/*
 * Runs by command: what differs between the commands of one set of runs, or for each command
 * between two sets.
 */
#ifndef COMMANDS_H
#define COMMANDS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/slice.h"
#include "compare/compare.h"
#include "compare/runs.h"

struct command {
	struct slice text;     /* as people write it: any bytes */
	struct runs base, new; /* a part of all runs; NEW has none if there is one set */
	struct compare compare;
	double ratio; /* the median peak of BASE as a multiple of the least; 0: unknown */
};

struct commands {
	struct command *v; /* in order of appearance; at least one */
	size_t n;
	const struct command *least; /* the smallest median peak */
	bool has_new;
	size_t base_only, new_only; /* commands that only one set has; they are not in V */

	/* All runs of both sets were compared, because they have no command in common. */
	bool different;

	/* private to commands.c */
	struct buf *text;
};

/*
 * Sort BASE and NEW so that the runs of a command are together, in their order, and compare them.
 * Each has at least one run; NEW may be NULL. C refers to both until commands_free.
 */
void commands_make(struct commands *c, const struct compare_threshold *threshold, struct runs *base,
    struct runs *new);
void commands_free(struct commands *c);

/* ---- printing */

/* Append the commands, or the differences, as a text to read. */
void commands_text(const struct commands *c, const struct compare_style *style, struct buf *out);

/* Append the rows of compare.h as TSV or CSV, or a table of Markdown with a row for each command.
 */
void commands_tsv(const struct commands *c, const struct compare_style *style, struct buf *out);
void commands_csv(const struct commands *c, const struct compare_style *style, struct buf *out);
void commands_markdown(
    const struct commands *c, const struct compare_style *style, struct buf *out);

/* Append the runs and their statistics as JSON, in a form of this project or that of hyperfine; or
 * the medians for services (report/report_results.h). There is one set of runs. */
void commands_json(const struct commands *c, const struct compare_style *style, struct buf *out);
void commands_hyperfine(
    const struct commands *c, const struct compare_style *style, struct buf *out);
void commands_bmf(const struct commands *c, const struct compare_style *style, struct buf *out);
void commands_benchmark(
    const struct commands *c, const struct compare_style *style, struct buf *out);

/* Append the JSON schema of commands_json. */
void commands_schema(struct buf *out);

#endif

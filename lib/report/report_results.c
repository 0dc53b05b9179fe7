/* SPDX-License-Identifier: MIT */
/* Results for services that follow figures from commit to commit. */
#include "report/report_results.h"

#include <inttypes.h>
#include <string.h>

#include "base/format.h"
#include "report/report_command.h"
#include "stream/json_string.h"

#define BYTES_PER_KIB 1024

void report_results_bmf(const struct report_result *v, size_t n, struct buf *out)
{
	buf_char(out, '{');
	for (size_t i = 0; i < n; i++) {
		buf_str(out, i == 0 ? "\n  " : ",\n  ");
		json_string(out, v[i].name);
		buf_printf(out,
		    ": {\n    \"peak-memory\": {\n      \"value\": %" PRId64
		    ",\n      \"lower_value\": %" PRId64 ",\n      \"upper_value\": %" PRId64
		    "\n    }\n  }",
		    v[i].kib * BYTES_PER_KIB, v[i].lowest_kib * BYTES_PER_KIB,
		    v[i].highest_kib * BYTES_PER_KIB);
	}
	buf_str(out, "\n}\n");
}

/* Append a member that is a string, as the last one of its object if LAST. */
static void put_text(struct buf *out, const char *key, struct slice text, bool last)
{
	buf_printf(out, "    \"%s\": ", key);
	json_string(out, text);
	buf_str(out, last ? "\n" : ",\n");
}

static void put_range(struct buf *out, const struct report_result *v)
{
	char from[FORMAT_SIZE], to[FORMAT_SIZE];
	struct buf text = {0};
	buf_printf(&text, "%s to %s", format_size(from, (uint64_t)v->lowest_kib),
	    format_size(to, (uint64_t)v->highest_kib));
	put_text(out, "range", (struct slice){text.p, text.n}, false);
	buf_free(&text);
}

static void put_extra(struct buf *out, const struct report_result *v)
{
	struct buf text = {0};
	buf_printf(&text, "%zu run%s", v->runs, v->runs == 1 ? "" : "s");
	if (v->us.known) {
		buf_str(&text, ", ");
		format_duration(&text, v->us.value);
	}
	put_text(out, "extra", (struct slice){text.p, text.n}, true);
	buf_free(&text);
}

void report_results_benchmark(const struct report_result *v, size_t n, struct buf *out)
{
	buf_char(out, '[');
	for (size_t i = 0; i < n; i++) {
		buf_str(out, i == 0 ? "\n  {\n" : ",\n  {\n");
		put_text(out, "name", v[i].name, false);
		put_text(out, "unit", slice_of("MiB"), false);
		buf_printf(out, "    \"value\": %.3f,\n", (double)v[i].kib / 1024);
		put_range(out, &v[i]);
		put_extra(out, &v[i]);
		buf_str(out, "  }");
	}
	buf_str(out, "\n]\n");
}

/* ---- one run */

static void put_run(const struct report *r, struct buf *out,
    void (*put)(const struct report_result *, size_t, struct buf *))
{
	const struct report_row *t = report_total(r);
	int64_t us = report_length_us(r), peak = t->rss_kib.value;
	struct buf name = {0};
	report_command(r, &name);
	struct report_result result = {
	    .name = {name.p, name.n},
	    .runs = 1,
	    .kib = peak,
	    .lowest_kib = peak,
	    .highest_kib = t->bound_kib.known ? t->bound_kib.value : peak,
	    .us = {us, us > 0},
	};
	put(&result, 1, out);
	buf_free(&name);
}

void report_bmf(const struct report *r, const struct report_style *style, struct buf *out)
{
	(void)style;
	put_run(r, out, report_results_bmf);
}

void report_benchmark(const struct report *r, const struct report_style *style, struct buf *out)
{
	(void)style;
	put_run(r, out, report_results_benchmark);
}

/* SPDX-License-Identifier: MIT */
/* Parse a template, and print a report with it. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "base/slice.h"
#include "fuzz.h"
#include "report/report.h"
#include "stream/tsv.h"

static const char peaks[] =
    "#command\tmake {name} \\x1B[2J\n#exit_code\t2\n#started\t1763677863.5\n"
    "scope\tname\trss_kib\tbound_kib\tfirst\tlast\ttime\tcpu_ms\n"
    "total\t{peak_rss}\\n#end\t6624768\t6631000\t1763677863.6\t1763677870\t\t1500\n";

static void read_report(struct report *r)
{
	struct buf text = {0};
	struct tsv t;
	buf_str(&text, peaks);
	tsv_init(&t, -1, report_columns, REPORT_REQUIRED);
	for (char *line = text.p, *next; line < text.p + text.n; line = next + 1) {
		next = memchr(line, '\n', (size_t)(text.p + text.n - line));
		enum tsv_kind kind = tsv_line(&t, (struct slice){line, (size_t)(next - line)});
		if (kind == TSV_META)
			report_meta(r, t.line);
		if (kind == TSV_HEADER)
			report_header(r, &t);
		if (kind == TSV_ROW)
			MUST(report_row(r, &t) == NULL);
	}
	report_end(r);
	tsv_free(&t);
	buf_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct report r;
	struct report_template t = {0};
	struct report_style style = {.template = &t};
	struct buf out = {0};
	char *text = malloc(size + 1);
	MUST(text != NULL);
	for (size_t i = 0; i < size; i++)
		text[i] = (char)data[i];
	text[size] = '\0';
	report_init(&r);
	read_report(&r);
	const char *why = report_template_parse(&t, text);
	if (why == NULL) {
		report_template(&r, &style, &out);
		/* A name in the report is neither a field nor a line. */
		if (strcmp(text, "{name}") == 0)
			MUST(memcmp(out.p, "{peak_rss}\\n#end", out.n) == 0);
		if (strcmp(text, "{command}") == 0)
			MUST(memcmp(out.p, "make {name} \\x1B[2J", out.n) == 0);
		MUST(memchr(text, 27, size) != NULL || out.n == 0 ||
		     memchr(out.p, 27, out.n) == NULL);
	} else {
		MUST(strlen(why) > 0);
	}
	buf_free(&out);
	report_template_free(&t);
	report_free(&r);
	free(text);
	return 0;
}

/* SPDX-License-Identifier: MIT */
/* Print peaks in every format of memfmt. */
#include "forms.h"

#include <string.h>

#include "base/slice.h"
#include "fuzz.h"

static void check_text(const struct buf *out)
{
	fuzz_check_visible(out, "");
}

static void check_csv(const struct buf *out)
{
	fuzz_check_csv(out);
	fuzz_check_visible(out, "\r");
}

static const struct form {
	const char *args[6];
	void (*check)(const struct buf *out);
	int is_report; /* prints peaks only */
} forms[] = {
    {{"-G", NULL}, check_text, 1},
    {{"-G", "-u", "B", NULL}, check_text, 1},
    {{"-jt", NULL}, fuzz_check_json, 1},
    {{"--csv", NULL}, check_csv, 0},
    {{"-f", "process-csv", NULL}, check_csv, 1},
    {{"-f", "timeline-csv", NULL}, check_csv, 0},
    {{"-f", "markdown", NULL}, fuzz_check_markdown, 1},
    {{"-f", "openmetrics", NULL}, fuzz_check_openmetrics, 1},
    {{"-f", "prometheus", NULL}, check_text, 1},
    {{"-f", "run-csv", NULL}, check_csv, 1},
    {{"-f", "folded", NULL}, fuzz_check_folded, 1},
    {{"-q", NULL}, check_text, 1},
    {{"-T", "{command} {name} {peak_rss} {peak_rss:B} {duration:ms} {ended_at} {schedule}\\n",
	 NULL},
	check_text, 1},
};

void forms_check(struct slice peaks, int good)
{
	struct buf out = {0};
	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
		int status = fuzz_run(memfmt_main, forms[i].args, peaks, &out);
		if (good && forms[i].is_report)
			MUST(status == 0 || strstr(fuzz_message(), ": out of range") != NULL ||
			     strstr(fuzz_message(), "the peak is unknown") != NULL);
		if (out.n > 0)
			forms[i].check(&out);
		else
			MUST(status != 0);
	}
	buf_free(&out);
}

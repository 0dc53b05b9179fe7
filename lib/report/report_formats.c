/* SPDX-License-Identifier: MIT */
/* The formats that peaks can be written in. */
#include "report/report_formats.h"

#include <string.h>
#include <strings.h>

#include "report/timeline.h"
#include "stream/csv.h"

/* Copy peaks. */
static int copy(const struct stage_input *input, struct output *to)
{
	struct buf text = {0};
	buf_put(&text, input->text.p, input->text.n);
	output_write(to, &text);
	buf_free(&text);
	return STATUS_OK;
}

static const struct report_format formats[] = {
    {"text", ".txt", .print = report_text, .shows_incomplete = true},
    {"json", ".json", .print = report_json, .shows_incomplete = true},
    {"csv", ".csv", .convert = csv_convert},
    {"tsv", ".tsv", .convert = copy, .from_peaks = true},
    {"run-csv", NULL, .print = report_run_csv},
    {"process-csv", NULL, .print = report_process_csv},
    {"timeline-csv", NULL, .convert = timeline_csv},
    {"markdown", ".md", .print = report_markdown, .shows_incomplete = true},
    {"prometheus", ".prom", .print = report_prometheus},
    {"openmetrics", NULL, .print = report_openmetrics},
    {"folded", ".folded", .print = report_folded},
    {"bytes", NULL, .print = report_bytes},
    {"bmf", NULL, .print = report_bmf},
    {"benchmark", NULL, .print = report_benchmark},
    {"schema", NULL, .constant = report_schema},
    {"html", ".html", .maker = "memview"},
    {"trace", ".trace.json", .maker = "memview"},
    {"svg", ".svg", .maker = "memplot"},
    {"png", ".png", .maker = "memplot"},
    {"pdf", ".pdf", .maker = "memplot"},
};

#define FORMATS (sizeof formats / sizeof *formats)

const struct report_format *report_format_find(const char *name)
{
	for (size_t i = 0; i < FORMATS; i++)
		if (strcmp(name, formats[i].name) == 0)
			return &formats[i];
	return NULL;
}

static bool has_suffix(const char *file, const char *suffix)
{
	size_t n = strlen(file), length = strlen(suffix);
	return n > length && strcasecmp(file + n - length, suffix) == 0;
}

const struct report_format *report_format_of_file(const char *file)
{
	const struct report_format *found = &formats[0];
	size_t longest = 0;
	for (size_t i = 0; i < FORMATS; i++) {
		const char *suffix = formats[i].suffix;
		if (suffix == NULL || !has_suffix(file, suffix) || strlen(suffix) <= longest)
			continue;
		longest = strlen(suffix);
		found = &formats[i];
	}
	return found;
}

void report_format_names(struct buf *out)
{
	for (size_t i = 0; i < FORMATS; i++)
		if (formats[i].maker == NULL)
			buf_printf(out, "%s%s", i > 0 ? " " : "", formats[i].name);
}

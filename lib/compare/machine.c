/* SPDX-License-Identifier: MIT */
/* The machine that runs were measured on. */
#include "compare/machine.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"
#include "base/utf8.h"
#include "stream/json_string.h"

#define RUN(member) offsetof(struct report, member)

/* The keys are those of the `#` lines too. */
static const struct property {
	const char *key, *name;
	bool text;
	size_t at; /* a slice or a report_number */
} properties[] = {
    {"kernel", "kernel", true, RUN(kernel)},
    {"cpus", "number of CPUs", false, RUN(cpus)},
    {"transparent_huge_pages", "transparent huge pages", true, RUN(huge_pages)},
    {"swap_total_kib", "KiB of swap", false, RUN(swap_total_kib)},
    {"mempipe_version", "version of mempipe", true, RUN(version)},
};

#define PROPERTIES (sizeof properties / sizeof *properties)

static struct slice text_of(const struct report *r, const struct property *p)
{
	return *(const struct slice *)(const void *)((const char *)r + p->at);
}

static struct report_number number_of(const struct report *r, const struct property *p)
{
	return *(const struct report_number *)(const void *)((const char *)r + p->at);
}

static bool is_known(const struct report *r, const struct property *p)
{
	return p->text ? text_of(r, p).n > 0 : number_of(r, p).known;
}

static bool is_equal(const struct report *a, const struct report *b, const struct property *p)
{
	return p->text ? slice_equal(text_of(a, p), text_of(b, p))
		       : number_of(a, p).value == number_of(b, p).value;
}

void machine_json(const struct report *r, struct buf *out)
{
	bool any = false;
	for (size_t i = 0; i < PROPERTIES; i++) {
		const struct property *p = &properties[i];
		if (!is_known(r, p))
			continue;
		buf_printf(out, "%s\n    \"%s\": ", any ? "," : "{", p->key);
		if (p->text)
			json_string(out, text_of(r, p));
		else
			buf_printf(out, "%" PRId64, number_of(r, p).value);
		any = true;
	}
	buf_str(out, any ? "\n  }" : "null");
}

static void put_visible(const struct report *r, const struct property *p, struct buf *out)
{
	if (p->text)
		utf8_visible(out, text_of(r, p).p, text_of(r, p).n);
	else
		buf_printf(out, "%" PRId64, number_of(r, p).value);
}

void machine_differences(const struct report *a, const struct report *b, struct buf *out)
{
	for (size_t i = 0; i < PROPERTIES; i++) {
		const struct property *p = &properties[i];
		if (!is_known(a, p) || !is_known(b, p) || is_equal(a, b, p))
			continue;
		buf_printf(out, "%s ", p->name);
		put_visible(a, p, out);
		buf_str(out, ", not ");
		put_visible(b, p, out);
		buf_char(out, '\n');
	}
}

void machine_schema(struct buf *out)
{
	for (size_t i = 0; i < PROPERTIES; i++)
		buf_printf(out, "%s\n        \"%s\": {\"description\": \"%s\", \"type\": \"%s\"}",
		    i == 0 ? "" : ",", properties[i].key, properties[i].name,
		    properties[i].text ? "string" : "integer");
}

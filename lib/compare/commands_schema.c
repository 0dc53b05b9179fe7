/* SPDX-License-Identifier: MIT */
/* The JSON schema of the runs and their statistics. */
#include "compare/commands.h"
#include "compare/machine.h"

/* Append the definition of the statistics of a value, whose type is TYPE. */
static void put_statistics(struct buf *out, const char *name, const char *type)
{
	static const char *const always[] = {"median", "mean", "min", "max"};
	static const char *const several[] = {"stddev", "spread", "noise"};
	buf_printf(out,
	    "    \"%s\": {\n      \"description\": \"null: unknown\",\n"
	    "      \"type\": [\"object\", \"null\"],\n      \"additionalProperties\": false,\n"
	    "      \"required\": [\"median\", \"mean\", \"min\", \"max\", \"stddev\", \"spread\", "
	    "\"noise\"],\n      \"properties\": {\n",
	    name);
	for (size_t i = 0; i < sizeof always / sizeof *always; i++)
		buf_printf(
		    out, "        \"%s\": {\"type\": \"%s\", \"minimum\": 0},\n", always[i], type);
	for (size_t i = 0; i < sizeof several / sizeof *several; i++)
		buf_printf(out,
		    "%s        \"%s\": {\"description\": \"null: one run only\", "
		    "\"type\": [\"%s\", \"null\"], \"minimum\": 0}",
		    i == 0 ? "" : ",\n", several[i], type);
	buf_str(out, "\n      }\n    }");
}

static const char result[] =
    "  \"required\": [\"schema_version\", \"machine\", \"runs\", \"results\"],\n"
    "  \"properties\": {\n"
    "    \"schema_version\": {\"description\": \"version of this schema\", \"const\": 1},\n"
    "    \"runs\": {\"description\": \"the report of each run\", \"type\": \"array\", "
    "\"minItems\": 1,\n      \"items\": {\"$ref\": \"report.schema.json\"}},\n"
    "    \"results\": {\"description\": \"the statistics of each command\", "
    "\"type\": \"array\", \"minItems\": 1, \"items\": {\n"
    "      \"type\": \"object\",\n"
    "      \"additionalProperties\": false,\n"
    "      \"required\": [\"command\", \"parameters\", \"runs\", \"peak_rss_kib\", "
    "\"peak_rss_bound_kib\", \"duration_seconds\", \"ratio\"],\n"
    "      \"properties\": {\n"
    "        \"command\": {\"description\": \"the command as it was given\", "
    "\"type\": \"string\"},\n"
    "        \"parameters\": {\"description\": \"the values of membench -L\", "
    "\"type\": \"object\", \"additionalProperties\": {\"type\": \"string\"}},\n"
    "        \"runs\": {\"description\": \"number of runs\", \"type\": \"integer\", "
    "\"minimum\": 1},\n"
    "        \"peak_rss_kib\": {\"$ref\": \"#/definitions/kib\"},\n"
    "        \"peak_rss_bound_kib\": {\"$ref\": \"#/definitions/kib\"},\n"
    "        \"duration_seconds\": {\"$ref\": \"#/definitions/seconds\"},\n"
    "        \"ratio\": {\"description\": \"median peak as a multiple of the least; "
    "null: unknown\", \"type\": [\"number\", \"null\"], \"minimum\": 1}\n"
    "      }\n"
    "    }},\n";

void commands_schema(struct buf *out)
{
	buf_str(out, "{\n  \"$schema\": \"http://json-schema.org/draft-07/schema#\",\n"
		     "  \"title\": \"The runs of membench or memdiff -f json\",\n"
		     "  \"type\": \"object\",\n  \"additionalProperties\": false,\n"
		     "  \"definitions\": {\n");
	put_statistics(out, "kib", "integer");
	buf_str(out, ",\n");
	put_statistics(out, "seconds", "number");
	buf_str(out, "\n  },\n");
	buf_str(out, result);
	buf_str(out, "    \"machine\": {\n      \"description\": \"null: unknown\",\n"
		     "      \"type\": [\"object\", \"null\"],\n"
		     "      \"additionalProperties\": false,\n      \"properties\": {");
	machine_schema(out);
	buf_str(out, "\n      }\n    }\n  }\n}\n");
}

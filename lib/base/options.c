/* SPDX-License-Identifier: MIT */
/* Command-line options, described by one table per command. */
#include "base/options.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/program.h"
#include "base/status.h"
#include "base/version.h"
#include "base/warn.h"

#define ROWS_MAX 48
#define USAGE_WIDTH 80
#define HELP_COLUMN 28

enum { KEY_CHECK = OPTIONS_LONG + 1000 };

/* The options of every command. */
static const struct options_row standard[] = {
    {KEY_CHECK, "check", NULL, "validate the options and operands, then exit"},
    {'h', "help", NULL, "print this help"},
    {'V', "version", NULL, "print the version"},
    {0, NULL, NULL, NULL},
};

static bool has_letter(const struct options_row *r)
{
	return r->key < OPTIONS_LONG;
}

static bool is_optional(const struct options_row *r)
{
	return r->argument != NULL && r->argument[0] == '[';
}

static void default_sigpipe(void)
{
	const struct sigaction by_default = {.sa_handler = SIG_DFL};
	sigaction(SIGPIPE, &by_default, NULL);
}

struct options options_start(const struct options_table *table, int argc, char **argv)
{
	if (!table->runs_command)
		default_sigpipe();
	program_set_name(argc > 0 ? argv[0] : NULL);
	opterr = 0;
	optind = 1;
	return (struct options){.table = table, .argc = argc, .argv = argv};
}

static int error_status(const struct options_table *t)
{
	return t->error_status != 0 ? t->error_status : STATUS_ERROR;
}

/* ---- the usage and the help */

/* Append WORD to the usage, on a new line if it does not fit. *LINE is where the present line
  * begins. */
static void put_word(struct buf *b, size_t *line, size_t indent, const char *word)
{
	if (b->n - *line + 1 + strlen(word) >= USAGE_WIDTH) {
		buf_char(b, '\n');
		*line = b->n;
		buf_printf(b, "%*s", (int)indent, "");
	}
	buf_char(b, ' ');
	buf_str(b, word);
}

/* The options without an argument as one word, `[-CHPx]`. */
static void put_flags(struct buf *b, size_t *line, size_t indent, const struct options_row *rows)
{
	char word[ROWS_MAX + 8] = "[-";
	size_t n = strlen(word);
	for (const struct options_row *r = rows; r->key != 0; r++)
		if (has_letter(r) && r->argument == NULL)
			word[n++] = (char)r->key;
	memcpy(word + n, "]", 2);
	if (n > strlen("[-"))
		put_word(b, line, indent, word);
}

static void put_option(struct buf *b, const struct options_row *r)
{
	if (has_letter(r))
		buf_printf(b, "-%c", r->key);
	else
		buf_printf(b, "--%s", r->name);
	if (r->argument != NULL)
		buf_printf(b, "%s%s", is_optional(r) ? "" : " ", r->argument);
}

/* Append the words of TEXT. A blank in brackets does not end a word. */
static void put_words(struct buf *b, size_t *line, size_t indent, const char *text)
{
	int depth = 0;
	struct buf word = {0};
	for (const char *p = text;; p++) {
		depth += (*p == '[') - (*p == ']');
		if (*p == '\0' || (*p == ' ' && depth == 0)) {
			buf_char(&word, '\0');
			put_word(b, line, indent, word.p);
			word.n = 0;
		} else {
			buf_char(&word, *p);
		}
		if (*p == '\0')
			break;
	}
	buf_free(&word);
}

/* Append one form of the usage: the options, then OPERANDS; or OPERANDS alone if they start with `=`. */
static void put_form(
    struct buf *b, const struct options_row *rows, const char *operands, const char *lead)
{
	size_t line = b->n;
	buf_printf(b, "%s%s", lead, program_name());
	size_t indent = b->n - line;
	if (operands != NULL && *operands == '=') {
		put_words(b, &line, indent, operands + 1);
		buf_char(b, '\n');
		return;
	}
	put_flags(b, &line, indent, rows);
	for (const struct options_row *r = rows; r->key != 0; r++) {
		if (has_letter(r) && r->argument == NULL)
			continue;
		struct buf word = {0};
		buf_char(&word, '[');
		put_option(&word, r);
		buf_str(&word, "]");
		buf_char(&word, '\0');
		put_word(b, &line, indent, word.p);
		buf_free(&word);
	}
	if (operands != NULL && *operands != '\0')
		put_word(b, &line, indent, operands);
	buf_char(b, '\n');
}

static void put_usage(struct buf *b, const struct options_table *t)
{
	for (size_t i = 0; i < OPTIONS_FORMS && (i == 0 || t->operands[i] != NULL); i++)
		put_form(b, t->rows, t->operands[i], i == 0 ? "usage: " : "       ");
}

/* `  -i, --interval interval     sample at least every interval` */
static void put_help_row(struct buf *b, const struct options_row *r)
{
	size_t line = b->n;
	if (has_letter(r))
		buf_printf(b, "  -%c, --%s", r->key, r->name);
	else
		buf_printf(b, "      --%s", r->name);
	if (is_optional(r))
		buf_printf(b, "[=%s", r->argument + 1);
	else if (r->argument != NULL)
		buf_printf(b, " %s", r->argument);
	if (b->n - line + 2 > HELP_COLUMN) {
		buf_char(b, '\n');
		line = b->n;
	}
	buf_printf(b, "%*s%s\n", (int)(HELP_COLUMN - (b->n - line)), "", r->help);
}

static _Noreturn void print_and_exit(struct buf *b)
{
	default_sigpipe();
	if (buf_write(b, STDOUT_FILENO) != 0)
		warn_exit(STATUS_ERROR, "standard output: %s", strerror(errno));
	exit(STATUS_OK);
}

static _Noreturn void print_help(const struct options_table *t)
{
	struct buf b = {0};
	put_usage(&b, t);
	buf_printf(&b, "\n%s: %s\n\n", program_name(), t->purpose);
	for (const struct options_row *r = t->rows; r->key != 0; r++)
		put_help_row(&b, r);
	for (const struct options_row *r = standard; r->key != 0; r++)
		put_help_row(&b, r);
	buf_printf(&b, "\nThe manual is %s(1).\n", program_name());
	print_and_exit(&b);
}

static _Noreturn void print_version(void)
{
	struct buf b = {0};
	buf_printf(&b, "%s (mempipe) %s\n", program_name(), VERSION);
	print_and_exit(&b);
}

void options_usage(const struct options *o)
{
	struct buf b = {0};
	put_usage(&b, o->table);
	(void)buf_write(&b, STDERR_FILENO);
	exit(error_status(o->table));
}

/* ---- parsing */

/* The arguments of getopt_long(3). */
struct getopt_table {
	struct option longs[ROWS_MAX];
	char shorts[ROWS_MAX * 3];
	size_t n;
};

static void add_rows(struct getopt_table *g, const struct options_row *rows)
{
	char *p = g->shorts + strlen(g->shorts);
	for (const struct options_row *r = rows; r->key != 0 && g->n < ROWS_MAX - 1; r++) {
		int takes = is_optional(r)	  ? optional_argument
			    : r->argument != NULL ? required_argument
						  : no_argument;
		g->longs[g->n++] = (struct option){r->name, takes, NULL, r->key};
		if (!has_letter(r))
			continue;
		*p++ = (char)r->key;
		for (int colons = takes == optional_argument ? 2 : takes == required_argument;
		     colons > 0; colons--)
			*p++ = ':';
	}
	*p = '\0';
}

/* Note how the user wrote the option with KEY: `-i`, or `--interval`. WORD is the argument of the
 * command line that it was in. */
static void note_given(struct options *o, int key, const char *word)
{
	if (word != NULL && word[0] == '-' && word[1] == '-') {
		for (const struct options_row *r = o->table->rows; r->key != 0; r++)
			if (r->key == key) {
				o->given = r->name;
				o->letter[0] = '\0';
				return;
			}
	}
	o->letter[0] = '-';
	o->letter[1] = (char)key;
	o->given = NULL;
}

static _Noreturn void refuse(const struct options *o, const char *word, bool missing)
{
	const char *reason = missing ? "missing argument" : "invalid option";
	const char *equals = strncmp(word, "--", 2) == 0 ? strchr(word, '=') : NULL;
	if (strncmp(word, "--", 2) != 0)
		warn_print("-%c: %s", optopt, reason);
	else if (optopt != 0 && equals != NULL)
		warn_print("%.*s: no argument allowed", (int)(equals - word), word);
	else
		warn_print("%s: %s", word, reason);
	options_usage(o);
}

int options_next(struct options *o)
{
	struct getopt_table g = {.shorts = "+:"};
	add_rows(&g, o->table->rows);
	add_rows(&g, standard);
	int at = optind;
	int key = getopt_long(o->argc, o->argv, g.shorts, g.longs, NULL);
	o->argument = optarg;
	o->operands = optind;
	switch (key) {
	case -1:
		return OPTIONS_END;
	case '?':
	case ':':
		refuse(o, o->argv[at < o->argc ? at : o->argc - 1], key == ':');
	case 'h':
		print_help(o->table);
	case 'V':
		print_version();
	case KEY_CHECK:
		o->check = true;
		return options_next(o);
	default:
		note_given(o, key, o->argv[at]);
		return key;
	}
}

void options_check(const struct options *o, const char *reason)
{
	if (reason == NULL)
		return;
	const char *dashes = o->given != NULL ? "--" : "",
		   *name = o->given != NULL ? o->given : o->letter;
	if (o->argument != NULL)
		warn_exit(
		    error_status(o->table), "%s%s: %s: %s", dashes, name, o->argument, reason);
	warn_exit(error_status(o->table), "%s%s: %s", dashes, name, reason);
}

/* SPDX-License-Identifier: MIT */
/*
 * Command-line options, described by one table per command.
 *
 * The table yields what getopt_long(3) needs, the usage line, --help, --version and the
 *completions. Every command also has the three standard options -h (--help), -V (--version) and
 *--check.
 *
 *	static const struct options_row rows[] = {
 *		{'i', "interval", "interval", "sample at least every interval"},
 *		{'x', "no-children", NULL, "leave out descendants"},
 *		{KEY_HERTZ, "hertz", "n", "sample n times a second"},
 *		{0},
 *	};
 *	static const struct options_table table = {"read the memory of processes over time", {"[pid
 *...]"}, rows};
 *
 *	struct options o = options_start(&table, argc, argv);
 *	for (int key; (key = options_next(&o)) != OPTIONS_END;)
 *		switch (key) {
 *		case 'i':
 *			options_check(&o, parse_interval(o.argument, &interval_ns));
 *			break;
 *		...
 *		}
 *	argv += o.operands;
 *	... checks that concern several options or the operands ...
 *	if (o.check)
 *		return STATUS_OK;
 */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdbool.h>

#define OPTIONS_END (-1)
#define OPTIONS_LONG 256 /* keys from here on have no letter */
#define OPTIONS_FORMS 5

struct options_row {
	int key;	      /* the letter, or OPTIONS_LONG and above; 0 ends the table */
	const char *name;     /* without the dashes */
	const char *argument; /* its name; NULL: none; in brackets, as "[signal]": optional */
	const char *help;     /* one line, without a period */
};

struct options_table {
	const char *purpose; /* one line, without a period */
	/* For each form of the usage, what follows the options. A form that does not have all of
	 * them starts with `=` and includes those that it has: "=-s script [argument ...]". */
	const char *operands[OPTIONS_FORMS];
	const struct options_row *rows;
	int error_status;  /* for wrong usage; 0: STATUS_ERROR */
	bool runs_command; /* leave the action of SIGPIPE as it is, for the command */
};

struct options {
	const char *argument; /* of the option just returned; NULL if it has none */
	int operands; /* index in argv of what follows the option; of the first operand, after
			 OPTIONS_END */
	bool check;   /* --check: validate everything, then exit with STATUS_OK */

	/* private to options.c */
	const struct options_table *table;
	int argc;
	char **argv;
	const char *given; /* the option as the user wrote it */
	char letter[3];
};

/* Begin to parse ARGV, and set the program's name (base/program.h) from it. Give SIGPIPE its
 * default action: services start with it ignored, and a reader that leaves early would be an error.
 */
struct options options_start(const struct options_table *table, int argc, char **argv);

/*
 * Return the key of the next option, or OPTIONS_END at the first operand. Print the help or version
 * and exit if that is asked for. For an invalid option, print a message and the usage, and exit
 * with the table's error status.
 */
int options_next(struct options *o);

/* Unless REASON is NULL, print `program: OPTION: ARGUMENT: REASON` about the option just returned,
 * and exit with the table's error status. REASON is what a parser returned. */
void options_check(const struct options *o, const char *reason);

/* Print the usage on standard error and exit with the table's error status. */
void options_usage(const struct options *o) __attribute__((noreturn));

#endif

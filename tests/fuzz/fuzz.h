/* SPDX-License-Identifier: MIT */
/*
 * Functions for the fuzz targets: run whole programs in this process, and check their output.
 *
 * A target is a file with LLVMFuzzerTestOneInput. libFuzzer (make fuzz) calls it with inputs that
 * it makes up; replay.c (make test) with those of the corpus.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/slice.h"
#include "stream/lines.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Abort unless CONDITION is true; the input is then the finding. */
#define MUST(condition) ((condition) ? (void)0 : fuzz_wrong(__FILE__, __LINE__, #condition))
void fuzz_wrong(const char *file, int line, const char *what) __attribute__((noreturn));

/* The main functions of the programs. */
int memdiff_main(int argc, char **argv);
int memfmt_main(int argc, char **argv);
int memjoin_main(int argc, char **argv);
int memleak_main(int argc, char **argv);
int memlimit_main(int argc, char **argv);
int memlive_main(int argc, char **argv);
int mempeak_main(int argc, char **argv);
int memthin_main(int argc, char **argv);
int memtree_main(int argc, char **argv);
int memview_main(int argc, char **argv);

/*
 * Run a program with IN as its input and up to seven ARGS, ended by NULL. Store its output in OUT.
 * Return the exit status: 0, 1 or 2. With 2, there is a message.
 */
int fuzz_run(
    int (*program)(int, char **), const char *const args[], struct slice in, struct buf *out);

/* Return the first message of the last run, or "". */
const char *fuzz_message(void);

/* Return a descriptor from which IN can be read. */
int fuzz_file(struct slice in);

/* Set PART to the lines of IN between the line `@NAME` and the next such line. Return 1, or 0 if
 * there is none. So an input can hold several files. */
int fuzz_part(struct slice in, const char *name, struct slice *part);

/* Return IN up to the first MARK, and set REST to what follows it. */
struct slice fuzz_split(struct slice in, const char *mark, struct slice *rest);

/* Check that OUT is UTF-8 without control characters, except newlines and those in ALSO. */
void fuzz_check_visible(const struct buf *out, const char *also);

/* Check that each row has as many fields as the header. Skip `#` lines. */
void fuzz_check_tsv(const struct buf *out);

/* Check for RFC 4180, and that each record has as many fields as the first. */
void fuzz_check_csv(const struct buf *out);

/* Check for one JSON value (RFC 8259), in UTF-8. */
void fuzz_check_json(const struct buf *out);

void fuzz_check_openmetrics(const struct buf *out);
void fuzz_check_folded(const struct buf *out);
void fuzz_check_markdown(const struct buf *out);

#endif

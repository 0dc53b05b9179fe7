/*
 * What the fuzz targets share: whole programs run in this process, and what must
 * be true of all that they write.
 *
 * A target is a file with LLVMFuzzerTestOneInput. With libFuzzer (make fuzz) it is
 * given inputs without end; with replay.c (make test), those of its corpus.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/slice.h"
#include "stream/lines.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Anything that isn't true ends the run, with this input as the finding. */
#define MUST(condition) ((condition) ? (void)0 : fuzz_wrong(__FILE__, __LINE__, #condition))
void fuzz_wrong(const char *file, int line, const char *what) __attribute__((noreturn));

/* The mains of the programs, each compiled with another name. */
int memdiff_main(int argc, char **argv);
int memfmt_main(int argc, char **argv);
int memleak_main(int argc, char **argv);
int memlimit_main(int argc, char **argv);
int memlive_main(int argc, char **argv);
int mempeak_main(int argc, char **argv);
int memtree_main(int argc, char **argv);

/*
 * Runs a program on IN, with up to seven ARGS, ended by NULL. What it writes comes
 * in place of what is in OUT. Returns the exit status, which is 0, 1 or 2; a 2
 * was explained.
 */
int fuzz_run(
    int (*program)(int, char **), const char *const args[], struct slice in, struct buf *out);

/* The first line that was said on stderr in the last run. */
const char *fuzz_said(void);

/* A descriptor from which IN can be read. */
int fuzz_file(struct slice in);

/* The part of IN that follows the line `@NAME`, up to the next such line; 1 if there is
 * one. So an input can be several files. */
int fuzz_part(struct slice in, const char *name, struct slice *part);

/* IN up to the first N bytes of it that are MARK, and what follows. */
struct slice fuzz_split(struct slice in, const char *mark, struct slice *rest);

/* Valid UTF-8 without control characters but newlines, and those in ALSO. */
void fuzz_check_visible(const struct buf *out, const char *also);

/* A table: each row has as many fields as the header; `#` lines pass. */
void fuzz_check_tsv(const struct buf *out);

/* RFC 4180: each record has as many fields as the first. */
void fuzz_check_csv(const struct buf *out);

/* One JSON value (RFC 8259), in UTF-8. */
void fuzz_check_json(const struct buf *out);

void fuzz_check_openmetrics(const struct buf *out);
void fuzz_check_markdown(const struct buf *out);

#endif

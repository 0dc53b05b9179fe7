/* SPDX-License-Identifier: MIT */
/*
 * The data files of share/.
 */
#ifndef SHARE_FILE_H
#define SHARE_FILE_H

#include <stdbool.h>

#include "base/buf.h"

/* The reason for a message if a file is missing. */
#define SHARE_FILE_MISSING "not found in " DATADIR " (run make install)"

#ifndef DATADIR /* the Makefile sets it */
#define DATADIR "/usr/local/share/mempipe"
#endif

/* Append the file NAME of share/: of this installation, of the build folder, or of the folder that
 * was set when it was built. Return false, with nothing appended, if it cannot be read. */
bool share_file_read(struct buf *b, const char *name);

#endif

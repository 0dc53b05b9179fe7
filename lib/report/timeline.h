/*
 * The RSS of the total over time as CSV: one record for each tick of samples, or for each span of
 * peaks.
 */
#ifndef TIMELINE_H
#define TIMELINE_H

/* Read samples or peaks from FD, called NAME in messages, and write CSV to standard output. If a
 * line is invalid, write nothing, because a sum that lacks a row would be wrong. Return the exit
 * status. */
int timeline_csv(int fd, const char *name);

#endif

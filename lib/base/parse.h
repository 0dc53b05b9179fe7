/*
 * Numbers from outside: bounded, and saying what they were.
 *
 * Each function sets its result and returns NULL, or leaves it alone and
 * returns the reason in words ("not a number"), for `what: why`.
 */
#ifndef PARSE_H
#define PARSE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* N digits and nothing else, no larger than MAX. */
const char *parse_u64(const char *s, size_t n, uint64_t max, uint64_t *value);

/* A process ID: 1 up to what a pid_t holds. */
const char *parse_pid(const char *s, size_t n, pid_t *pid);

/* Seconds with up to six decimals, as streams have them, in microseconds: no
 * later than the year 3111, so that 256 times as much fits too. */
const char *parse_time_us(const char *s, size_t n, int64_t *us);

/* `250`, `100ms`, `1.5s`, `2m`, `10hz`: a bare number is milliseconds.
 * 0.1 ms to a day. */
const char *parse_interval(const char *s, int64_t *ns);

/* How often a second, `10`, `0.5` or `10hz`, as the interval that this makes. */
const char *parse_hertz(const char *s, int64_t *ns);

/* `10`, `1.5s`, `500ms`, `2m`, `1h`, `1d`: a bare number is seconds, as for
 * sleep(1) and timeout(1). Above 0, up to 10,000 days. */
const char *parse_duration(const char *s, int64_t *ns);

/* A unit of memory: B or nothing, K or KiB (1024), kB (1000), and so on to P; in
 * either case. */
const char *parse_unit(const char *s, uint64_t *bytes);

/* A size with its unit: 512M, 1.5GiB, 200MB; a bare number is bytes. */
const char *parse_size(const char *s, uint64_t *bytes);

#endif

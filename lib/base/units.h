/*
 * Units of memory: their names, and sizes in one that was chosen.
 */
#ifndef UNITS_H
#define UNITS_H

#include <stddef.h>
#include <stdint.h>

#define UNITS_SIZE 40 /* bytes for units_size and units_number */

/* As parse_unit, but it has to be written as units_name writes it. */
const char *units_name(uint64_t unit);

/* KIB as a number of UNIT bytes each, with as many decimals as make sense; exact
 * for bytes. Returns TEXT. */
const char *units_number(char text[UNITS_SIZE], int64_t kib, uint64_t unit);

/* The same with its unit behind, `412.3 MiB`; 0: in the unit that suits it. */
const char *units_size(char text[UNITS_SIZE], int64_t kib, uint64_t unit);

/* The unit in which two sizes are told apart: UNIT, or KiB where they look the same. */
uint64_t units_apart(int64_t a_kib, int64_t b_kib, uint64_t unit);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Eight bytes at once.
 *
 * A row of samples is some dozens of bytes, most fields are two to ten. Taking eight bytes at a
 * time finds the tabs and reads the numbers of a row in half the time of loops over characters,
 * which the processor also cannot predict.
 *
 * The first byte is the lowest in the word, on every machine.
 */
#ifndef WORD_H
#define WORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WORD_SIZE 8
#define WORD_EACH UINT64_C(0x0101010101010101) /* times a byte: that byte in each place */

/* Return the eight bytes at P. Compilers make one load of it. */
static inline uint64_t word_load(const char *p)
{
	const unsigned char *b = (const unsigned char *)p;
	return (uint64_t)b[0] | (uint64_t)b[1] << 8 | (uint64_t)b[2] << 16 | (uint64_t)b[3] << 24 |
	       (uint64_t)b[4] << 32 | (uint64_t)b[5] << 40 | (uint64_t)b[6] << 48 |
	       (uint64_t)b[7] << 56;
}

/* Return the last N bytes of a text of SIZE bytes, N below 8, then zeros. */
static inline uint64_t word_load_last(const char *text, size_t size, size_t n)
{
	uint64_t w = 0;
	if (size >= WORD_SIZE)
		return word_load(text + size - WORD_SIZE) >> (WORD_SIZE - n) * 8;
	for (size_t i = 0; i < n; i++)
		w |= (uint64_t)(unsigned char)text[size - n + i] << i * 8;
	return w;
}

/* Return the set of bytes of W that are C, an ASCII character: bit I is byte I. */
static inline uint64_t word_find(uint64_t w, char c)
{
	uint64_t x = w ^ WORD_EACH * (unsigned char)c, low = WORD_EACH * 0x7f;
	uint64_t found = ~(((x & low) + low) | x | low); /* the top bit of each */
	return (found >> 7) * UINT64_C(0x0102040810204080) >> 56;
}

/* Return the lowest element of SET, which is not empty. */
static inline size_t word_first(uint64_t set)
{
	return (size_t)__builtin_ctzll(set);
}

/* Set *VALUE to the number that the last N bytes of W are, N from 1 to 8. Return false if one of
 * them is no digit. */
static inline bool word_decimal(uint64_t w, size_t n, uint64_t *value)
{
	uint64_t digits = (w ^ WORD_EACH * '0') & ~UINT64_C(0) << (WORD_SIZE - n) * 8;
	if (((digits + WORD_EACH * (0x80 - 10)) | digits) & WORD_EACH * 0x80)
		return false;
	/* Add up neighbours: 8 digits, 4 numbers of two digits, 2 of four, 1 of eight. */
	uint64_t pairs = digits * 10 + (digits >> 8), every_fourth = UINT64_C(0x000000ff000000ff);
	*value = ((pairs & every_fourth) * (100 + (UINT64_C(1000000) << 32)) +
		     (pairs >> 16 & every_fourth) * (1 + (UINT64_C(10000) << 32))) >>
		 32;
	return true;
}

#endif

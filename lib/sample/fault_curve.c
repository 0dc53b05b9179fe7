/* SPDX-License-Identifier: MIT */
/* How much memory comes with page faults. */
#include "sample/fault_curve.h"

#include <stddef.h>
#include <unistd.h>

/* The kernel maps up to 16 pages around a fault on a cached file. More at once come from huge
 * pages. */
#define PAGES_AROUND_FAULT 16

/* Until a process has been sampled that took as many faults, an exited one is taken to have had no
 * more than this, which is what a large shared library and a little memory of its own need. */
#define UNKNOWN_MOST_KIB (1 << 20)

/* Processes with up to a class fewer faults are compared, so that the largest of some counts. */
#define CLASSES_COMPARED 4

static uint64_t page_kib(void)
{
	return (uint64_t)sysconf(_SC_PAGESIZE) / 1024;
}

uint64_t fault_curve_most_kib(void)
{
	return PAGES_AROUND_FAULT * page_kib();
}

static size_t class_of(uint64_t faults)
{
	unsigned log = 0;
	while (log < 63 && faults >> (log + 1) != 0)
		log++;
	size_t quarter = log >= 2 ? faults >> (log - 2) & 3 : 0;
	size_t class = (size_t)log * 4 + quarter;
	return class < FAULT_CURVE_CLASSES ? class : FAULT_CURVE_CLASSES - 1;
}

/* Return the fewest faults of a process in CLASS. */
static uint64_t fewest_of(size_t class)
{
	uint64_t quarters = 4 + class % 4;
	return class / 4 >= 2 ? quarters << (class / 4 - 2) : quarters << class / 4 >> 2;
}

void fault_curve_learn(struct fault_curve *c, uint64_t faults, uint64_t mark_kib)
{
	uint64_t *kib = &c->kib[class_of(faults)];
	*kib = mark_kib > *kib ? mark_kib : *kib;
}

uint64_t fault_curve_kib(const struct fault_curve *c, uint64_t faults)
{
	size_t class = class_of(faults);
	uint64_t most = 0, all_kib = faults * fault_curve_most_kib();
	for (size_t i = class + 1; i-- > 0 && i + CLASSES_COMPARED > class;)
		most = c->kib[i] > most ? c->kib[i] : most;
	if (most > 0)
		return most;
	/* Take the process with the most faults so far. Each further fault brings a page. */
	for (size_t i = class + 1; i-- > 0;)
		if (c->kib[i] > 0)
			return c->kib[i] + (faults - fewest_of(i + 1)) * page_kib();
	return all_kib < UNKNOWN_MOST_KIB ? all_kib : UNKNOWN_MOST_KIB;
}

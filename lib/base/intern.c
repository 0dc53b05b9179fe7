/* SPDX-License-Identifier: MIT */
/* From a name to a small number. */
#include "base/intern.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

/* Return the FNV-1a hash, folded for small tables. */
static uint64_t hash(const char *s, size_t n)
{
	uint64_t h = 14695981039346656037u;
	for (size_t i = 0; i < n; i++)
		h = (h ^ (unsigned char)s[i]) * 1099511628211u;
	return h ^ h >> 32;
}

/* Return the slot of the name S, or the free slot that it would get. */
static uint32_t *seek(const struct intern *t, const char *s, size_t n)
{
	size_t i = (size_t)hash(s, n) & (t->slots - 1);
	for (; t->slot[i] != 0; i = (i + 1) & (t->slots - 1)) {
		const struct intern_entry *e = &t->v[t->slot[i] - 1];
		if (e->len == n && memcmp(e->text, s, n) == 0)
			break;
	}
	return &t->slot[i];
}

static void grow(struct intern *t)
{
	t->cap = t->cap == 0 ? 8 : t->cap * 2;
	t->v = alloc_resize(t->v, t->cap, sizeof *t->v);
	t->slots = t->cap * 2;
	t->slot = alloc_resize(t->slot, t->slots, sizeof *t->slot);
	memset(t->slot, 0, t->slots * sizeof *t->slot);
	for (size_t i = 0; i < t->n; i++)
		*seek(t, t->v[i].text, t->v[i].len) = (uint32_t)i + 1;
}

uint32_t intern_number(struct intern *t, struct slice name)
{
	if (t->n == t->cap)
		grow(t);
	uint32_t *slot = seek(t, name.p, name.n);
	if (*slot == 0) {
		char *text = alloc_resize(NULL, name.n + 1, 1);
		memcpy(text, name.p, name.n);
		text[name.n] = '\0';
		t->v[t->n] = (struct intern_entry){text, name.n};
		*slot = (uint32_t)++t->n;
	}
	return *slot - 1;
}

uint32_t intern_find(const struct intern *t, struct slice name)
{
	uint32_t slot = t->n > 0 ? *seek(t, name.p, name.n) : 0;
	return slot != 0 ? slot - 1 : INTERN_NONE;
}

void intern_free(struct intern *t)
{
	for (size_t i = 0; i < t->n; i++)
		free(t->v[i].text);
	free(t->v);
	free(t->slot);
	*t = (struct intern){0};
}

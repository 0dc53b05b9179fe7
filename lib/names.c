/* From a name to a small number. */
#include "names.h"

#include <stdlib.h>
#include <string.h>

#include "err.h"

/* FNV-1a. */
static uint64_t hash(const char *s, size_t n)
{
	uint64_t h = 14695981039346656037u;
	for (size_t i = 0; i < n; i++)
		h = (h ^ (unsigned char)s[i]) * 1099511628211u;
	return h ^ h >> 32;
}

static uint32_t *seek(const struct names *t, const char *s, size_t n)
{
	size_t i = (size_t)hash(s, n) & (t->slots - 1);
	for (; t->slot[i] != 0; i = (i + 1) & (t->slots - 1)) {
		const struct names_entry *e = &t->v[t->slot[i] - 1];
		if (e->len == n && memcmp(e->text, s, n) == 0)
			break;
	}
	return &t->slot[i];
}

static void grow(struct names *t)
{
	t->cap = t->cap == 0 ? 8 : t->cap * 2;
	t->v = err_realloc(t->v, t->cap, sizeof *t->v);
	t->slots = t->cap * 2;
	t->slot = err_realloc(t->slot, t->slots, sizeof *t->slot);
	memset(t->slot, 0, t->slots * sizeof *t->slot);
	for (size_t i = 0; i < t->n; i++)
		*seek(t, t->v[i].text, t->v[i].len) = (uint32_t)i + 1;
}

uint32_t names_number(struct names *t, struct slice name)
{
	if (t->n == t->cap)
		grow(t);
	uint32_t *slot = seek(t, name.p, name.n);
	if (*slot == 0) {
		char *text = err_realloc(NULL, name.n + 1, 1);
		memcpy(text, name.p, name.n);
		text[name.n] = '\0';
		t->v[t->n] = (struct names_entry){text, name.n};
		*slot = (uint32_t)++t->n;
	}
	return *slot - 1;
}

uint32_t names_find(const struct names *t, struct slice name)
{
	uint32_t slot = t->n > 0 ? *seek(t, name.p, name.n) : 0;
	return slot != 0 ? slot - 1 : NAMES_NONE;
}

void names_free(struct names *t)
{
	for (size_t i = 0; i < t->n; i++)
		free(t->v[i].text);
	free(t->v);
	free(t->slot);
	*t = (struct names){0};
}

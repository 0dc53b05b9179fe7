/* Which names are wanted. */
#include "base/slice.h"
#include "peak/name_filter.h"
#include "stream/escape.h"

const char *name_filter_set(struct name_filter *p, enum name_filter_which which, const char *pattern)
{
	regex_t *regex = &p->regex[which];
	if (p->given[which])
		regfree(regex);
	p->given[which] = 0;
	int error = regcomp(regex, pattern, REG_EXTENDED | REG_NOSUB);
	if (error != 0) {
		regerror(error, regex, p->why, sizeof p->why);
		return p->why;
	}
	p->given[which] = 1;
	return NULL;
}

int name_filter_chooses(const struct name_filter *p)
{
	return p->given[NAME_FILTER_INCLUDE] || p->given[NAME_FILTER_EXCLUDE];
}

static int matches(const struct name_filter *p, enum name_filter_which which, const char *text)
{
	return regexec(&p->regex[which], text, 0, NULL, 0) == 0;
}

static char try(const struct name_filter *p, struct slice name)
{
	struct buf text = {0};
	escape_decode(&text, name.p, name.n);
	buf_char(&text, '\0');
	int wanted = (!p->given[NAME_FILTER_INCLUDE] || matches(p, NAME_FILTER_INCLUDE, text.p)) &&
		     (!p->given[NAME_FILTER_EXCLUDE] || !matches(p, NAME_FILTER_EXCLUDE, text.p));
	buf_free(&text);
	return (char)wanted;
}

int name_filter_wants(struct name_filter *p, struct slice name)
{
	if (!name_filter_chooses(p))
		return 1;
	uint32_t i = intern_number(&p->names, name);
	if (i == p->wanted.n)
		buf_char(&p->wanted, try(p, name));
	return p->wanted.p[i];
}

void name_filter_free(struct name_filter *p)
{
	for (int i = NAME_FILTER_INCLUDE; i <= NAME_FILTER_EXCLUDE; i++)
		if (p->given[i])
			regfree(&p->regex[i]);
	intern_free(&p->names);
	buf_free(&p->wanted);
	*p = (struct name_filter){0};
}

/* Which names are wanted. */
#include "pick.h"

const char *pick_set(struct pick *p, enum pick_which which, const char *pattern)
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

int pick_chooses(const struct pick *p)
{
	return p->given[PICK_INCLUDE] || p->given[PICK_EXCLUDE];
}

static int matches(const struct pick *p, enum pick_which which, const char *text)
{
	return regexec(&p->regex[which], text, 0, NULL, 0) == 0;
}

static char try(const struct pick *p, struct slice name)
{
	struct buf text = {0};
	buf_unescape(&text, name.p, name.n);
	buf_char(&text, '\0');
	int wanted = (!p->given[PICK_INCLUDE] || matches(p, PICK_INCLUDE, text.p)) &&
		     (!p->given[PICK_EXCLUDE] || !matches(p, PICK_EXCLUDE, text.p));
	buf_free(&text);
	return (char)wanted;
}

int pick_wants(struct pick *p, struct slice name)
{
	if (!pick_chooses(p))
		return 1;
	uint32_t i = names_number(&p->names, name);
	if (i == p->wanted.n)
		buf_char(&p->wanted, try(p, name));
	return p->wanted.p[i];
}

void pick_free(struct pick *p)
{
	for (int i = PICK_INCLUDE; i <= PICK_EXCLUDE; i++)
		if (p->given[i])
			regfree(&p->regex[i]);
	names_free(&p->names);
	buf_free(&p->wanted);
	*p = (struct pick){0};
}

/* Every form that memfmt has. */
#ifndef FORMS_H
#define FORMS_H

#include "base/slice.h"
#include "stream/lines.h"

/* Each form of PEAKS is what it should be; GOOD: none may be refused. */
void forms_check(struct slice peaks, int good);

#endif

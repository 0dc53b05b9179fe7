/* SPDX-License-Identifier: MIT */
/* Print any peaks in every format. */
#include "base/slice.h"
#include "forms.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	forms_check((struct slice){(const char *)data, size}, 0);
	return 0;
}

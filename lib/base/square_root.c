/* SPDX-License-Identifier: MIT */
/* The square root, by Newton's method. */
#include "base/square_root.h"

double square_root(double square)
{
	double r = square > 1 ? square : 1;
	for (int i = 0; i < 64; i++)
		r = (r + square / r) / 2;
	return r;
}

/* SPDX-License-Identifier: MIT */
/*
 * The square root. With sqrt(3), every program would depend on libm.
 */
#ifndef SQUARE_ROOT_H
#define SQUARE_ROOT_H

/* Return the square root of SQUARE, which is not negative. */
double square_root(double square);

#endif

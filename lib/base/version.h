/* SPDX-License-Identifier: MIT */
/*
 * The version of all programs.
 */
#ifndef VERSION_H
#define VERSION_H

#define VERSION "0.1.0"

#endif

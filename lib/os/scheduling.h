/* SPDX-License-Identifier: MIT */
/*
 * How the system schedules this program.
 */
#ifndef SCHEDULING_H
#define SCHEDULING_H

/*
 * Ask for short turns on the CPU soon after each wait, instead of long turns later. This gives the
 * program no more CPU time. A system that cannot do it ignores the request.
 */
void scheduling_prefer_short_turns(void);

/*
 * Prefer the programs of the present session to those of others, where the system schedules by
 * session and this user may ask for it. To be called in a new session only.
 */
void scheduling_prefer_session(void);

#endif

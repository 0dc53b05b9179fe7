/* SPDX-License-Identifier: MIT */
/* How the system schedules this program: no choice. */
#include "os/scheduling.h"

void scheduling_prefer_short_turns(void)
{
}

void scheduling_prefer_session(void)
{
}

/*
 * When to read next: at a fixed interval, or as often as memory moves, and
 * never at more than a share of one CPU.
 */
#ifndef BUDGET_H
#define BUDGET_H

#include <stdint.h>

enum budget_mode {
	BUDGET_FIXED,    /* at the interval, on a grid */
	BUDGET_ADAPTIVE, /* nobody tells: look often, and oftener while it moves */
	BUDGET_WOKEN,    /* somebody tells when memory grows */
};

struct budget {
	enum budget_mode mode;
	int64_t interval_ns;
	double budget; /* the share of one CPU */

	/* pace.c's own */
	int64_t last_ns;    /* the last reading; 0: none yet */
	int64_t gap_ns;	    /* to the next, as things stand */
	int64_t cost_ns;    /* of a reading, lately */
	int64_t spent_ns;   /* of the budget, not yet paid back; */
	int64_t paid_ns;    /* as of then */
	int64_t first_ns;   /* the first reading; */
	int64_t used_ns;    /* all CPU time since */
	int64_t saved_ns;   /* since when the savings grow, for what is beside the readings */
	uint64_t total_kib; /* at the last reading */
	uint64_t grown_kib; /* what may have come since */
};

void budget_init(struct budget *p, enum budget_mode mode, int64_t interval_ns, double budget);

/* Memory may have grown by as much. */
void budget_grown(struct budget *p, uint64_t kib);

/* When the next reading is due, of the monotonic clock. */
int64_t budget_due_ns(const struct budget *p);

/* When the budget allows the next, however much memory grows. */
int64_t budget_affordable_ns(const struct budget *p);

/* A reading began at NOW_NS, COST_NS of CPU were used since the one before, and it found TOTAL_KIB;
 * MOVED: somebody was born or ended, or a high-water mark rose. */
void budget_read(struct budget *p, int64_t now_ns, int64_t cost_ns, uint64_t total_kib, int moved);

/*
 * How much CPU the budget has at NOW_NS for something beside the readings: at once, in
 * competition with them; and saved for it, from what they left over since that was last
 * used.
 */
int64_t budget_left_ns(const struct budget *p, int64_t now_ns);
int64_t budget_saved_ns(const struct budget *p, int64_t now_ns);

/* As much was used: of the savings if it is more than was left. */
void budget_use(struct budget *p, int64_t now_ns, int64_t cost_ns);

/* How much growth is worth a reading at once. */
uint64_t budget_step_kib(const struct budget *p);

#endif

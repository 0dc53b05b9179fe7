# SPDX-License-Identifier: MIT
# Write samples of a server, as `memsample -a fixed -i INTERVAL` would: PROCESSES that work by day and
# rest at night, workers that are replaced, jobs of each minute, a backup at three, and spikes.
# Usage: awk -v seconds=86400 -v interval=1 -v processes=100 -f day.awk

function start(i, t) {
	pid[i] = next_pid++
	size[i] = base[i] * (0.5 + 0.2 * rand())
	mark[i] = size[i]
	until[i] = t + life[i] * (0.5 + rand())
}

# Write the row of a process that holds KIB.
function row(i, kib) {
	kib = int(kib / 4) * 4
	if (kib > mark[i])
		mark[i] = kib
	rows = rows sprintf("%.6f\t%d\t1\t%d\t%d\t%d\t%s\t0\t0\t%d\t0\n",
	    1795700000 + t + 0.000123, pid[i], kib, mark[i], base[i] * 3, name[i], file[i])
	sum += kib
}

# Write the row of process I, which is a job that runs for some ticks.
function job(i, what, kib) {
	if (last[i] != t - interval) {
		pid[i] = next_pid++
		mark[i] = 0
	}
	last[i] = t
	name[i] = what
	base[i] = kib
	file[i] = 1800
	row(i, kib * (0.9 + 0.1 * rand()))
}

BEGIN {
	srand(1)
	next_pid = 1000
	split("systemd sshd nginx nginx nginx postgres postgres postgres php-fpm php-fpm redis java node python3 cron", names, " ")
	for (i = 0; i < processes; i++) {
		name[i] = names[i % 15 + 1]
		base[i] = 2000 * (1 + int(200 * rand() ^ 4))
		life[i] = i % 3 == 0 ? 900 : seconds * 3
		file[i] = int(base[i] * 0.2)
		start(i, 0)
	}
	printf "#interval_ms\t%d\n#schedule\tfixed\n#mark_error_kib\t256\n", interval * 1000
	print "time\tpid\tppid\trss_kib\thwm_kib\tvsz_kib\tcomm\tswap_kib\thugetlb_kib\tfile_kib\tshmem_kib"
	for (t = 0; t < seconds; t += interval) {
		rows = lines = ""
		sum = 0
		load = 0.6 - 0.4 * cos(t / seconds * 6.2832)
		for (i = 0; i < processes; i++) {
			if (t >= until[i]) {
				lines = lines sprintf("#exited\t%d\t%.6f\n", pid[i], 1795700000 + t - interval / 2)
				start(i, t)
				lines = lines sprintf("#created\t%d\t%.6f\n", pid[i], 1795700000 + t - interval / 3)
			}
			if (rand() < 0.3)
				size[i] += (base[i] * load - size[i]) * 0.05 + base[i] * 0.02 * (rand() - 0.5)
			row(i, size[i] < 400 ? 400 : rand() < 0.0001 ? base[i] * 2 : size[i])
		}
		if (t % 60 < interval)
			job(processes, "logrotate", 9000)
		if (t > seconds / 8 && t < seconds / 8 + seconds / 72)
			job(processes + 1, "backup", 800000)
		if (t > 0)
			printf "#bound_kib\t%d\t%d\n", sum * 1.01, lines != ""
		printf "%s%s", lines, rows
	}
}

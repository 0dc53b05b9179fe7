#!/bin/sh
# SPDX-License-Identifier: MIT
# Run the filters on the same samples and print what they print. The output is the same on every
# machine, whatever its byte order, its word size and the size of its pages.
set -eu
TZ=UTC0 LC_ALL=C COLUMNS=80
export TZ LC_ALL COLUMNS
folder=$(mktemp -d)
trap 'rm -rf "${folder}"' EXIT
cd "${folder}"

# samples RUN: print a run of 30 s. A worker grows, others start and exit.
samples() {
	awk -v run="$1" 'BEGIN {
		OFS = "\t"
		start = 1700000000 + 1000 * run
		print "#command", "make -j" run; print "#started", start ".000000"
		print "time", "pid", "ppid", "rss_kib", "hwm_kib", "vsz_kib", "comm", "swap_kib", "hugetlb_kib",
			"file_kib", "shmem_kib"
		for (i = 0; i < 300; i++) {
			time = start + int(i / 10) "." i % 10 "00000"
			leak = 4000 + 150 * i
			print time, 10, 1, 3000, 3000 + run, 9000, "make", 0, 0, 2000, 0
			print time, 11, 10, leak, leak, 90000, "worker", i % 7, 0, 1500, 64
			for (j = 0; j < 1 + i % 3; j++)
				print time, 100 + i - i % 5 + j, 10, 1000 * (j + 1) + 37 * (i % 11) * run,
					2000 * (j + 1) + 37 * 11, 70000, "cc\303\251" j, 0, 2048 * (i == 77), 700, 0
		}
		print "#exit_code", 0; print "#user_seconds", "12.25"; print "#duration_seconds", "30.000000"
		print "#end", start + 30 ".000000"
	}'
}

# show COMMAND...: print a command, its output and its exit status.
show() {
	printf '$ %s\n' "$*"
	status=0
	"$@" 2>&1 || status=$?
	echo "status ${status}"
}

samples 1 >one.tsv
samples 2 >two.tsv
show mempeak one.tsv two.tsv
show mempeak -s 30 -g parent one.tsv
mempeak -s 400 one.tsv >one.peaks
mempeak -s 400 two.tsv >two.peaks
show memfmt -v -G one.peaks
for format in text json csv tsv run-csv process-csv timeline-csv markdown prometheus openmetrics folded schema; do
	show memfmt -f "${format}" one.peaks
done
show memfmt -T '{name} {peak_rss:MiB} {duration:ms} {rss.median:kB}\n' one.peaks
show memdiff -g -f text one.peaks two.peaks
show memleak -f text one.tsv
show memleak -a one.tsv
show memtree one.tsv
show memthin -n 20 one.tsv
show memlimit -t 30M one.tsv
show memview -f trace one.tsv
for format in html trace; do
	memview -f "${format}" -o "view.${format}" one.tsv
	show cat "view.${format}"
done

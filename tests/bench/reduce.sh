#!/bin/sh
# SPDX-License-Identifier: MIT
# Compare the user time of mempeak with that of awk that only sums one column, and its memory with
# that for ten times the rows. Usage: reduce.sh BUILD
set -eu
build=$(cd "${1:-build}" && pwd)
PATH=${build}:${PATH}
dir=$(mktemp -d)
trap 'rm -rf "${dir}"' EXIT

# samples PROCESSES TICKS [wide]: print samples in which a third of the processes change at each
# tick, with the default columns or with most of the others too.
samples() {
	awk -v procs="$1" -v ticks="$2" -v wide="${3-}" 'BEGIN {
		srand(7)
		kinds = split("cc1 as sh make ld postgres node kworker/u8:1 python3 Web\\x20Content", name, " ")
		OFS = "\t"
		header = "time\tpid\tppid\trss_kib\thwm_kib\tvsz_kib\tcomm\tswap_kib\thugetlb_kib\tfile_kib\tshmem_kib"
		print header (wide == "" ? "" : "\tshared_kib\tthreads\tcpu_ms\tstart\tuser\texe\tcmd")
		for (i = 0; i < procs; i++)
			rss[i] = hwm[i] = int(exp(rand() * 14)) + 300
		for (t = 0; t < ticks; t++) {
			time = 1795244096 + int(t / 10) "." (t % 10) sprintf("%05d", rand() * 99999)
			for (i = 0; i < procs; i++) {
				if ((t + i) % 3 == 0)
					rss[i] = int(rss[i] * (0.9 + rand() * 0.2)) + 4
				if (rss[i] > hwm[i])
					hwm[i] = rss[i]
				comm = name[i % kinds + 1]
				row = time OFS 1000 + i * 7 OFS 1000 OFS rss[i] OFS hwm[i] OFS rss[i] * 3 + 10000 OFS comm OFS 0 OFS 0 OFS 200 + int(rss[i] / 8) OFS 0
				if (wide != "")
					row = row OFS 1234 OFS 1 + i % 5 OFS t * 3 OFS \
					    "17952440" (10 + i % 90) ".120000" OFS "root" OFS "/usr/bin/" comm OFS \
					    comm "\\x20-O2\\x20-c\\x20file" i ".c\\x20-o\\x20file" i ".o"
				print row
			}
		}
	}'
}

# compare NAME FILE: print how many times as fast as awk mempeak is.
compare() {
	size=$(wc -c <"$2")
	for awk in mawk gawk; do
		command -v "${awk}" >/dev/null || continue
		versus -u 9 "mempeak $2" "${awk} -F\\t {s+=\$4}END{print(s)} $2" |
			awk -v awk="${awk}" -v name="$1" -v bytes="${size}" '{
				for (i = 2; i <= NF; i++)
					if ($i ~ /^ms/)
						ms[++n] = $(i - 1)
				printf "%s columns: mempeak %.0f MB/s, the sum of a column with %s %.0f MB/s: %.2f times as fast\n",
				    name, bytes / 1000 / ms[1], awk, bytes / 1000 / ms[2], ms[2] / ms[1]
			}'
	done
}

peak_kib() {
	memrun -qo "${dir}/peak" mempeak "$1" >/dev/null
	read -r bytes <"${dir}/peak"
	echo "$((bytes / 1024))"
}

samples 100 2000 >"${dir}/1x"
samples 100 20000 >"${dir}/10x"
samples 100 6000 wide >"${dir}/wide"
compare default "${dir}/10x"
compare more "${dir}/wide"
once=$(peak_kib "${dir}/1x")
tenfold=$(peak_kib "${dir}/10x")
echo "peak memory: ${once} KiB, for ten times the rows ${tenfold} KiB"

#!/bin/sh
# Compare the speed of mempeak with awk that only sums each tick, and its memory with that for ten
# times the rows. Usage: reduce.sh BUILD
set -eu
build=$(cd "${1:-build}" && pwd)
PATH=${build}:${PATH}
dir=$(mktemp -d)
trap 'rm -rf "${dir}"' EXIT

# samples PROCESSES TICKS: print samples in which a third of the processes change at each tick.
samples() {
	awk -v procs="$1" -v ticks="$2" 'BEGIN {
		srand(7)
		kinds = split("cc1 as sh make ld postgres node kworker/u8:1 python3 Web\\x20Content", name, " ")
		OFS = "\t"
		print "time", "pid", "ppid", "rss_kib", "hwm_kib", "vsz_kib", "comm"
		for (i = 0; i < procs; i++)
			rss[i] = hwm[i] = int(exp(rand() * 14)) + 300
		for (t = 0; t < ticks; t++) {
			time = 1795244096 + int(t / 10) "." (t % 10) sprintf("%05d", rand() * 99999)
			for (i = 0; i < procs; i++) {
				if ((t + i) % 3 == 0)
					rss[i] = int(rss[i] * (0.9 + rand() * 0.2)) + 4
				if (rss[i] > hwm[i])
					hwm[i] = rss[i]
				print time, 1000 + i * 7, 1000, rss[i], hwm[i], rss[i] * 3 + 10000, name[i % kinds + 1]
			}
		}
	}'
}

samples 100 4000 >"${dir}/1x"
samples 100 40000 >"${dir}/10x"
size=$(wc -c <"${dir}/10x")
cat >"${dir}/sum.awk" <<'EOF'
BEGIN { FS = "\t" }
{ sum[$1] += $4 }
END { for (t in sum) if (sum[t] > most) most = sum[t]; print most }
EOF

for awk in mawk gawk; do
	command -v "${awk}" >/dev/null || continue
	versus 7 "mempeak ${dir}/10x" "${awk} -f ${dir}/sum.awk ${dir}/10x" |
		awk -v awk="${awk}" -v bytes="${size}" '{
			for (i = 2; i <= NF; i++)
				if ($i ~ /^ms/)
					ms[++n] = $(i - 1)
			printf "mempeak %.0f MB/s, the sum alone with %s %.0f MB/s: %.2f times as fast\n",
			    bytes / 1000 / ms[1], awk, bytes / 1000 / ms[2], ms[2] / ms[1]
		}'
done

peak_kib() {
	memrun -qo "${dir}/peak" mempeak "$1" >/dev/null
	read -r bytes <"${dir}/peak"
	echo "$((bytes / 1024))"
}
once=$(peak_kib "${dir}/1x")
tenfold=$(peak_kib "${dir}/10x")
echo "peak memory: ${once} KiB, for ten times the rows ${tenfold} KiB"

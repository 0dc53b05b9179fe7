#!/bin/sh
# SPDX-License-Identifier: MIT
# Measure memjoin on 10, 100 and 1000 streams, with TICKS ticks each, ten streams on each host.
# Usage: join.sh BUILD [TICKS [STREAMS...]]
set -eu
build=$(cd "${1:-build}" && pwd)
ticks=${2:-1000}
if [ "$#" -gt 2 ]; then
	shift 2
else
	set -- 10 100 1000
fi
dir=$(mktemp -d)
trap 'rm -rf "${dir}"' EXIT
cd "${dir}"

for streams; do
	awk -v streams="${streams}" -v ticks="${ticks}" 'BEGIN {
		for (s = 0; s < streams; s++) {
			file = s ".tsv"
			print "#started\t1000\n#host\tn" int(s / 10) "\ntime\tpid\tppid\trss_kib\thwm_kib\tvsz_kib\tcomm\tswap_kib\thugetlb_kib\tfile_kib\tshmem_kib\trank" >file
			for (t = 0; t < ticks; t++)
				printf "#bound_kib\t90000\t0\n%.6f\t%d\t1\t%d\t50000\t60000\tsimulate\t0\t0\t1000\t0\t%d\n",
				    1000 + t / 10 + s / 20000, 100 + s, 1000 + (t * 7919 + s * 104729) % 40009, s >file
			print "#end\t" 1000 + ticks / 10 >file
			close(file)
		}
	}'
	bytes=$(cat ./*.tsv | wc -c)
	"${build}/memrun" -q -f bytes -o peak -f json -o run.json "${build}/memjoin" ./*.tsv >joined
	awk -v streams="${streams}" -v ticks="${ticks}" -v bytes="${bytes}" '
		FNR == NR { peak = $1; next }
		match($0, /"(user|system)_seconds": *[0-9.]+/) {
			split(substr($0, RSTART, RLENGTH), part, /: */)
			cpu += part[2]
		}
		END { printf "%d streams of %d ticks, %.0f MiB: %.2f s of CPU, %.1f M samples/s, peak RSS %.1f MiB\n",
			streams, ticks, bytes / 1048576, cpu, streams * ticks / (cpu + 1e-6) / 1e6, peak / 1048576 }
	' peak run.json
	rm -f ./*
done

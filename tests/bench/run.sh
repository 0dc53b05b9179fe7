#!/bin/sh
# SPDX-License-Identifier: MIT
# Measure the cost of measuring, and print the figures with their limits in parentheses. This takes
# about four minutes. Usage: run.sh BUILD
set -eu
build=$(cd "${1:-build}" && pwd)
here=$(cd "$(dirname "$0")" && pwd)
source=$(cd "${here}/../.." && pwd)
unset MAKEFLAGS MFLAGS MAKELEVEL
dir=$(mktemp -d)
trap 'rm -rf "${dir}"' EXIT

title() { printf '\n%s\n' "$1"; }

uptime
title 'CPU of memsample per process and tick, and of a bare pread loop (ratio at most 1.40)'
"${build}/tick-cost" "${build}/memsample" 100 5 3

title 'CPU of the command unmeasured and measured, in turn, and of the sampler'
cat >"${dir}/build" <<EOF
#!/bin/sh
rm -rf "${dir}/built" && exec make -s -j2 -C "${source}" BUILD="${dir}/built"
EOF
chmod 755 "${dir}/build"
printf 'at most 1.01: '
"${build}/cost" "${build}" 15 "${build}/shapes" faults
printf 'at most 1.03: '
"${build}/cost" "${build}" 11 "${build}/shapes" forks
printf 'at most 1.01: '
"${build}/cost" "${build}" 3 "${dir}/build" | sed "s|^${dir}/||"

title 'CPU of memsample on an idle tree of 100 processes, 10 s (at most 0.1 %)'
"${build}/many" 100 60 >/dev/null &
tree=$!
sleep 1
"${build}/memsample" -d 12 "${tree}" >/dev/null &
sampler=$!
# Print the CPU nanoseconds of the sampler.
cpu() {
	cut -d ' ' -f 1 "/proc/${sampler}/schedstat"
}
sleep 1
before=$(cpu)
sleep 10
after=$(cpu)
awk -v ns="$((after - before))" 'BEGIN { printf "%.3f %% of one CPU\n", ns / 10e9 * 100 }'
wait "${sampler}"
kill "${tree}"
wait "${tree}" 2>/dev/null || true

title 'start-up: memrun true and true (difference at most 6 ms)'
"${build}/versus" 201 "${build}/memrun true" "true"

title 'a tree of many processes'
"${here}/many.sh" "${build}"

title 'reducing samples (at least 2.5 times as fast as mawk with the default columns)'
"${here}/reduce.sh" "${build}"

title 'joining streams'
"${here}/join.sh" "${build}"

title 'size of each program, stripped, in bytes'
for program in memdiff memexec memfmt memjoin memleak memlimit memlive mempeak memplot memsample memtree pstree-pids; do
	strip -o "${dir}/${program}" "${build}/${program}"
	size=$(wc -c <"${dir}/${program}")
	printf '%8d  %s\n' "${size}" "${program}"
done

title 'resident memory of the measuring side, in KiB (RSS, PSS)'
"${build}/memrun" -o /dev/null sleep 2 &
run=$!
sleep 1
"${build}/pstree-pids" -l "${run}" | while IFS='	' read -r pid _ _ comm; do
	case ${comm} in
	comm | sleep) continue ;;
	*) ;;
	esac
	rss=$(awk '/^Rss:/ { print $2 }' "/proc/${pid}/smaps_rollup")
	pss=$(awk '/^Pss:/ { print $2 }' "/proc/${pid}/smaps_rollup")
	printf '%8d %8d  %s\n' "${rss}" "${pss}" "${comm}"
done | awk '{ rss += $1; pss += $2; print } END { printf "%8d %8d  total\n", rss, pss }'
wait "${run}"

#!/bin/sh
# Measure the cost of measuring, and print the figures. Usage: run.sh BUILD
set -eu
build=$(cd "${1:-build}" && pwd)
here=$(cd "$(dirname "$0")" && pwd)

echo "CPU of memsample per process and tick, and of a bare pread loop"
"${build}/tick-cost" "${build}/memsample" 100 10 5

echo
echo "CPU of the command unmeasured and measured, and of the sampler"
"${build}/cost" "${build}" 21 "${build}/shapes" faults
"${build}/cost" "${build}" 11 "${build}/shapes" forks

echo
echo "CPU of memsample on an idle tree of 100 processes, 20 s at 100 ms"
sh -c 'i=0; while [ "$i" -lt 100 ]; do sleep 60 & i=$((i + 1)); done; wait' &
tree=$!
sleep 1
"${build}/memsample" -d 22 "${tree}" >/dev/null &
sampler=$!
# Print the CPU nanoseconds of the sampler.
cpu() {
	cut -d ' ' -f 1 "/proc/${sampler}/schedstat"
}
sleep 1
before=$(cpu)
sleep 20
after=$(cpu)
awk -v ns="$((after - before))" 'BEGIN { printf "%.3f %% of one CPU\n", ns / 20e9 * 100 }'
wait "${sampler}"
"${build}/pstree-pids" "${tree}" | xargs kill
wait "${tree}" || true

echo
echo "start-up: memrun true and true"
"${build}/versus" 101 "${build}/memrun true" "true"

echo
echo "reducing samples"
"${here}/reduce.sh" "${build}"

echo
echo "size of each program, stripped, in bytes"
dir=$(mktemp -d)
trap 'rm -rf "${dir}"' EXIT
for program in memdiff memexec memfmt memleak memlimit memlive mempeak memplot memsample memtree pstree-pids; do
	strip -o "${dir}/${program}" "${build}/${program}"
	size=$(wc -c <"${dir}/${program}")
	printf '%8d  %s\n' "${size}" "${program}"
done

echo
echo "resident memory of the measuring side, in KiB (RSS, PSS)"
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

#!/bin/sh
# What mempipe costs: prints figures, judges nothing. Usage: run.sh BUILD
set -eu
build=$(cd "${1:-build}" && pwd)

echo "CPU of memsample per process and tick, against a bare pread loop"
"${build}/tick-cost" "${build}/memsample" 100 5 5

echo
echo "start-up: memrun true, against true"
"${build}/versus" 101 "${build}/memrun true" "true"

echo
echo "size of each program, stripped, in bytes"
dir=$(mktemp -d)
trap 'rm -rf "${dir}"' EXIT
for program in memexec memfmt mempeak memsample pstree-pids; do
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
done | awk '{ rss += $1; pss += $2; print } END { printf "%8d %8d  in all\n", rss, pss }'
wait "${run}"

#!/bin/sh
# SPDX-License-Identifier: MIT
# Measure memsample, mempeak and memfmt on a tree of many sleeping processes.
# Usage: many.sh BUILD [PROCESSES]
set -eu
build=$(cd "${1:-build}" && pwd)
processes=${2:-10000}
dir=$(mktemp -d)
mkfifo "${dir}/ready"
"${build}/many" "${processes}" 120 >"${dir}/ready" &
root=$!
trap 'kill "${root}" 2>/dev/null || :; rm -rf "${dir}"' EXIT
read -r _ <"${dir}/ready"

# cpu_ms COMMAND...: print the milliseconds of CPU that it takes.
cpu_ms() {
	"${build}/versus" -c 1 "$*" true | awk '{ for (i = 2; i <= NF; i++) if ($i ~ /^ms/) { print $(i - 1); exit } }'
}

"${build}/memsample" -a fixed -i 300 -n 5 "${root}" >"${dir}/samples" # the kernel's caches are warm then
first=$(cpu_ms "${build}/memsample" -a fixed -n 1 "${root}")
eleven=$(cpu_ms "${build}/memsample" -a fixed -i 300 -n 11 "${root}")
awk -v n="${processes}" -v a="${first}" -v b="${eleven}" 'BEGIN {
	printf "%d processes: first tick %.0f ms of CPU (at most 300), each later one %.1f ms (at most 30)\n",
	    n, a, (b - a) / 10
}'
"${build}/memrun" -qo "${dir}/peak" "${build}/memsample" -a fixed -i 300 -n 5 "${root}" >/dev/null
awk '{ printf "memsample: peak RSS %.1f MiB (at most 20)\n", $1 / 1048576 }' "${dir}/peak"
"${build}/memrun" -qo "${dir}/peak" "${build}/mempeak" "${dir}/samples" >"${dir}/peaks"
awk '{ printf "mempeak: peak RSS %.1f MiB\n", $1 / 1048576 }' "${dir}/peak"
"${build}/memrun" -qo "${dir}/peak" "${build}/memfmt" -j "${dir}/peaks" >/dev/null
awk '{ printf "memfmt -j: peak RSS %.1f MiB\n", $1 / 1048576 }' "${dir}/peak"

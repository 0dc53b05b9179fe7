#!/bin/sh
# SPDX-License-Identifier: MIT
# Try the programs in BIN for a few seconds: each of them starts, and together they measure.
# Usage: smoke.sh [-e EMULATOR] BIN [MANUALS]
#
# Each manual in MANUALS (default: BIN/../share/man/man1) has a program. With -e, run the programs under
# EMULATOR, and leave out those that read processes, which it cannot imitate.
# shellcheck disable=SC2310,SC2312 # statuses that are compared
set -eu

emulator=
if [ "$1" = -e ]; then
	emulator=$2
	shift 2
fi
bin=$(cd "$1" && pwd)
manuals=${2-${bin}/../share/man/man1}
tab=$(printf '\t')
PATH=${bin}:${PATH}
export PATH
folder=$(mktemp -d)
trap 'rm -rf "${folder}"' EXIT
trap 'exit 129' HUP INT TERM

# is WHAT ACTUAL EXPECTED: exit unless both are equal.
is() {
	[ "$2" = "$3" ] || { printf 'smoke: %s: "%s", expected "%s"\n' "$1" "$2" "$3" >&2 && exit 1; }
}

# run PROGRAM ARGUMENT...: run a program of BIN.
run() {
	program=$1
	shift
	if [ -n "${emulator}" ]; then
		"${emulator}" "${bin}/${program}" "$@"
	else
		"${bin}/${program}" "$@"
	fi
}

# status COMMAND...: print the exit status of COMMAND.
status() {
	"$@" >/dev/null 2>&1 && echo 0 || echo "$?"
}

# Every program prints its help and the same version.
start_all() {
	release=$(run mempeak --version)
	release=${release##* }
	count=0
	for page in "${manuals}"/*.1*; do
		name=${page##*/} name=${name%.1*}
		start=$(head -c 2 "${bin}/${name}")
		[ -z "${emulator}" ] || [ "${start}" != '#!' ] || continue # the emulator runs no scripts
		version=$(run "${name}" --version)
		is "${name} --version" "${version}" "${name} (mempipe) ${release}"
		help=$(run "${name}" --help)
		is "${name} --help" "${help%%: *}" usage
		count=$((count + 1))
	done
	[ "${count}" -gt 8 ] || is "programs in ${bin}" "${count}" 'more than 8'
}

# Print samples of one process that grows from 10 to 20 MiB.
samples() {
	echo "time pid ppid rss_kib hwm_kib vsz_kib comm" | tr ' ' "${tab}"
	for second in 1 2 3 4 5 6 7 8 9 10; do
		echo "${second} 7 1 $((second * 1024 + 10240)) $((second * 1024 + 10240)) 40000 sh" | tr ' ' "${tab}"
	done
}

# Programs that only read and write streams.
reduce() {
	peak=$(samples | run mempeak | run memfmt -f bytes)
	is 'peak of a table' "${peak}" 20971520
	if command -v gnuplot >/dev/null; then
		chart=$(samples | run memplot -s 60x10 | grep -c sh) || :
		[ "${chart}" -gt 0 ] || is 'lines with the process in a chart' "${chart}" 'more than 0'
	fi
	tree=$(samples | run memtree | grep -c 'sh') || :
	[ "${tree}" -gt 0 ] || is 'lines with the process in a tree' "${tree}" 'more than 0'
	code=$(samples | status run memlimit -t 15M)
	is 'status of a limit' "${code}" 10
	copied=$(samples | run memlive 2>/dev/null | wc -l)
	is 'lines that memlive copies' "${copied}" 11
	header=$(samples | run memleak 2>/dev/null | head -n 1 | cut -f 1)
	is 'header of memleak' "${header}" scope
	samples | run mempeak >"${folder}/peaks"
	verdict=$(run memdiff "${folder}/peaks" "${folder}/peaks" | sed -n 2p | cut -f 10)
	is 'verdict of memdiff on the same peaks' "${verdict}" same
}

# Programs that measure.
measure() {
	peak=$(memrun -qo - true)
	[ "${peak}" -gt 100000 ] || is 'peak of true' "${peak}" 'more than 100000'
	# shellcheck disable=SC2016 # the inner shell expands it
	peak=$(memrun -qo - sh -c 'x=$(head -c 30000000 /dev/zero | tr "\\0" x); : "${x}"')
	[ "${peak}" -gt 30000000 ] || is 'peak of a shell with 30 MB' "${peak}" 'more than 30000000'
	code=$(status memrun sh -c 'exit 7')
	is 'status of the command' "${code}" 7
	code=$(status memrun -t 1k true)
	is 'status of memrun -t' "${code}" 10
	found=$(pstree-pids "$$" | head -n 1)
	is 'pstree-pids' "${found}" "$$"
	lines=$(memps "$$" | grep -c "$$") || :
	[ "${lines}" -gt 0 ] || is 'lines of memps' "${lines}" 'more than 0'
	runs=$(membench -n 2 -f tsv -o - true 2>/dev/null | wc -l)
	[ "${runs}" -gt 1 ] || is 'lines of membench' "${runs}" 'more than 1'
}

start_all
reduce
[ -n "${emulator}" ] || measure
echo "smoke: ${count} programs of mempipe ${release} work"

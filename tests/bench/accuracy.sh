#!/bin/sh
# SPDX-License-Identifier: MIT
# Compare reported peaks with true ones, on programs that print their own.
#
#	accuracy.sh BUILD [RUNS [MODE...]]
#
# Print for each shape and mode the medians, the ratio reported/true (median and worst), and how
# often the true peak was between the reported peak and the bound.
set -eu
build=$(cd "${1:-build}" && pwd)
runs=${2:-20}
[ "$#" -lt 2 ] || shift
[ "$#" -lt 1 ] || shift
[ "$#" -gt 0 ] || set -- events unprivileged adaptive fixed
dir=$(mktemp -d)
trap 'rm -rf "${dir}"' EXIT
chmod 755 "${dir}"
uid=$(id -u)

measure() {
	case $1 in
	events) set -- "$2" auto ;;
	unprivileged) set -- "$2" auto setpriv --reuid=65534 --regid=65534 --clear-groups ;;
	*) set -- "$2" "$1" ;;
	esac
	shape=$1 schedule=$2
	shift 2
	"$@" "${build}/memrun" -a "${schedule}" --csv -o - "${build}/shapes" "${shape}"
}

printf '%-13s %-9s %9s %9s %9s %7s %7s %8s\n' mode shape true reported bound median worst bracket
for mode in "$@"; do
	if [ "${mode}" = unprivileged ] && [ "${uid}" -ne 0 ]; then
		echo "unprivileged: skipped, needs root"
		continue
	fi
	"${build}/shapes" list | while read -r shape; do
		run=0
		while [ "${run}" -lt "${runs}" ]; do
			# The first line is the shape's own peak.
			measure "${mode}" "${shape}" | tr -d '\r' |
				awk -F, 'NR == 1 { true_kib = $1 } $1 == "total" { print true_kib, $6, $7 }'
			run=$((run + 1))
		done >"${dir}/figures"
		awk -v mode="${mode}" -v shape="${shape}" '
			function median(v, n) { return n % 2 ? v[(n + 1) / 2] : (v[n / 2] + v[n / 2 + 1]) / 2 }
			function sorted(from, to, n,   i, j, x) {
				for (i = 1; i <= n; i++) {
					x = from[i]
					for (j = i - 1; j > 0 && to[j] > x; j--) to[j + 1] = to[j]
					to[j + 1] = x
				}
			}
			{
				n++; t[n] = $1; r[n] = $2; b[n] = $3; q[n] = $2 / $1
				# counters of the kernel may be off by some pages
				ok += $2 <= $1 * 1.01 + 300 && $3 >= $1 - 300
			}
			END {
				if (n == 0) { print mode, shape, "no figures"; exit }
				sorted(t, st, n); sorted(r, sr, n); sorted(b, sb, n); sorted(q, sq, n)
				far = 1 - sq[1] > sq[n] - 1 ? sq[1] : sq[n]
				printf "%-13s %-9s %9d %9d %9d %7.3f %7.3f %4d/%d\n", mode, shape, median(st, n),
					median(sr, n), median(sb, n), median(sq, n), far, ok, n
			}' "${dir}/figures"
	done
done

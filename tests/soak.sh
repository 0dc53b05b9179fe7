#!/bin/sh
# SPDX-License-Identifier: MIT
# Check that a long run changes no stage: its memory, open descriptors and clock.
# Usage: soak.sh BUILD SECONDS
#
# memrun's pipeline with every filter measures a tree of 1,000 forks a second. Another memsample
# samples that tree at fixed intervals. Compare the largest memory of each stage in the second
# quarter of the time with that in the last quarter. Exit 1 if memory grew, descriptors leaked or
# the clock drifted.
set -eu
build=$(cd "${1:-build}" && pwd)
seconds=${2:-3600}
rate=${SOAK_RATE:-1000}
PATH=${build}:${PATH}

dir=$(mktemp -d "${TMPDIR:-/tmp}/soak.XXXXXX")
mine=''
trap 'kill ${mine} 2>/dev/null || :; rm -rf -- "${dir}"' EXIT
trap 'exit 129' HUP INT TERM

step=$((seconds / 60))
[ "${step}" -ge 2 ] || step=2

# Read a stream. Print the ticks, the first and last time, the clock at its end, and the smallest
# delay of the last 100 ticks on the grid of 100 ms that starts at the first. A busy machine delays
# or drops some ticks; only a drift delays all.
watch_clock() {
	awk -F '\t' '
		/^[0-9]/ && $1 != last {
			last = $1
			if (!ticks++) first = $1
			late[ticks % 100] = (last - first + 0.0005) % 0.1 - 0.0005
		}
		END {
			"date +%s.%N" | getline now
			least = 0.1
			for (i in late) if (late[i] < least) least = late[i]
			printf "%d %.6f %.6f %.6f %.6f\n", ticks, first, last, now, least
		}' >"$1"
}

# Print a line for each stage: seconds, name, RSS, PSS, descriptors, CPU in clock ticks.
read_stages() {
	for pid in "${root}" $(cat "/proc/${root}/task/${root}/children") "${fixed}"; do
		name=$(cat "/proc/${pid}/comm" 2>/dev/null) || continue
		case ${name} in
		mem* | tee) ;;
		*) continue ;;
		esac
		[ "${pid}" != "${fixed}" ] || name=fixed
		rss=$(awk '/^VmRSS/ { print $2 }' "/proc/${pid}/status" 2>/dev/null) || continue
		pss=$(awk '/^Pss:/ { print $2 }' "/proc/${pid}/smaps_rollup" 2>/dev/null) || pss=0
		fds=$(find "/proc/${pid}/fd" -type l 2>/dev/null | wc -l)
		cpu=$(sed 's/.*) //' "/proc/${pid}/stat" 2>/dev/null | awk '{ print $12 + $13 }')
		printf '%s\t%s\t%s\t%s\t%s\t%s\n' "$1" "${name}" "${rss:-0}" "${pss}" "${fds}" "${cpu:-0}"
	done
}

mkfifo "${dir}/samples"
watch_clock "${dir}/clock" <"${dir}/samples" &
mine="${mine} $!"
memrun -i 20 -w -t 1000G -s "${dir}/samples" -o "${dir}/report" \
	"${build}/churn" "${rate}" "${seconds}" >"${dir}/forks" 2>"${dir}/live" &
root=$!
mine="${mine} ${root}"

churn=''
until [ -n "${churn}" ]; do
	sleep 0.1
	kill -0 "${root}"
	churn=$(pstree-pids -n churn "${root}" 2>/dev/null | head -n 1) || :
done
mkfifo "${dir}/fixed"
watch_clock "${dir}/clock-fixed" <"${dir}/fixed" &
mine="${mine} $!"
memsample -i 100 -a fixed "${churn}" >"${dir}/fixed" &
fixed=$!
mine="${mine} ${fixed}"

start=$(date +%s)
now=0
while [ "$((now + step))" -lt "${seconds}" ]; do
	sleep "${step}"
	now=$(($(date +%s) - start))
	read_stages "${now}" >>"${dir}/stages"
done
status=0
wait "${root}" || status=$?
mine=''
wait

read -r forks <"${dir}/forks" || forks=nothing
echo "churn: ${forks}; memrun: exit status ${status}"
echo
bad=0
hz=$(getconf CLK_TCK)
awk -F '\t' -v seconds="${seconds}" -v hz="${hz}" '
	function most(a, b) { return a > b ? a : b }
	{
		if (!($2 in seen)) { seen[$2] = 1; order[++n] = $2; first[$2] = $5 }
		quarter = int($1 * 4 / seconds)
		rss[$2, quarter] = most(rss[$2, quarter], $3)
		pss[$2] = most(pss[$2], $4)
		fds[$2, quarter] = most(fds[$2, quarter], $5)
		cpu[$2] = $6; last[$2] = $1
	}
	END {
		printf "%-10s %29s %8s %17s %8s\n", "", "largest RSS, KiB, by quarter", "PSS", "descriptors", "CPU %"
		for (i = 1; i <= n; i++) {
			s = order[i]
			printf "%-10s", s
			for (q = 0; q < 4; q++) printf " %6d", rss[s, q]
			printf "  %8d    %5d to %5d %8.2f", pss[s], fds[s, 1], fds[s, 3], cpu[s] / hz / last[s] * 100
			grown = rss[s, 3] - rss[s, 1]
			if (grown > 256 + rss[s, 1] / 50) { printf "  GREW by %d KiB", grown; bad = 1 }
			if (fds[s, 3] > fds[s, 1] + 110) { printf "  LEAKS descriptors"; bad = 1 }
			print ""
		}
		exit bad
	}' "${dir}/stages" || bad=1
echo

# Compare the stream's last time with the clock at its end, and fixed ticks with the interval.
read -r ticks first last clock late <"${dir}/clock"
awk -v t="${ticks}" -v a="${first}" -v b="${last}" -v c="${clock}" 'BEGIN {
	printf "%d ticks in %.3f s; the clock was %.3f s ahead at the end\n", t, b - a, c - b
	exit c - b > 2 || c - b < -0.1 }' || bad=1
read -r ticks first last clock late <"${dir}/clock-fixed"
awk -v t="${ticks}" -v a="${first}" -v b="${last}" -v c="${clock}" -v late="${late}" 'BEGIN {
	due = (b - a) / 0.1 + 1
	printf "every 100 ms: %d of %.0f ticks in %.3f s, at the end %.1f ms late; the clock was %.3f s ahead\n",
		t, due, b - a, late * 1e3, c - b
	exit c - b > 2 || c - b < -0.1 || t > due + 1 || late > 0.01 }' || bad=1
echo
sed -n 1,40p "${dir}/report"
[ "${status}" -eq 0 ] || bad=1
[ "${bad}" -eq 0 ] && echo "soak: flat" || echo "soak: NOT flat"
exit "${bad}"

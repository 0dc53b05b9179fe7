#!/bin/sh
# SPDX-License-Identifier: MIT
# Measure process trees that are hard to measure, and that print their own peaks. Print for each the
# true and the reported peak, the bound, the ticks, the CPU of memsample and the processes that
# remain. Exit 1 if a row is wrong. Usage: fight.sh BUILD [SECONDS]
set -eu
build=$(cd "${1:-build}" && pwd)
seconds=${2:-20}
minute=60
[ "${seconds}" -ge 20 ] || minute=${seconds}
PATH=${build}:${PATH}
dir=$(mktemp -d "${TMPDIR:-/tmp}/fight.XXXXXX")
trap 'rm -rf -- "${dir}"' EXIT
trap 'exit 129' HUP INT TERM
bad=0
hz=$(getconf CLK_TCK)
uid=$(id -u)

# Store the CPU ticks of memsample while memrun, process $1, runs.
watch_cost() {
	while kill -0 "$1" 2>/dev/null; do
		children=$(cat "/proc/$1/task/$1/children" 2>/dev/null) || break
		for pid in ${children}; do
			stage=$(cat "/proc/${pid}/comm" 2>/dev/null) || continue
			[ "${stage}" = memsample ] || continue
			used=$(sed 's/.*) //' "/proc/${pid}/stat" 2>/dev/null | awk '{ print $12 + $13 }') || continue
			[ -z "${used}" ] || echo "${used}" >"${dir}/cost"
		done
		sleep 0.2
	done
}

# fight NAME COMMAND...: measure COMMAND, which prints its peak in KiB and a count.
fight() {
	name=$1
	shift
	echo 0 >"${dir}/cost"
	status=0
	memrun -f csv -s "${dir}/samples" -o "${dir}/peaks" "$@" >"${dir}/true" 2>"${dir}/errors" &
	root=$!
	start=$(date +%s.%N)
	watch_cost "${root}"
	wait "${root}" || status=$?
	end=$(date +%s.%N)
	all=$*
	count_left "${all##*brawl }"
	verdict "${name}"
}

# Count the processes of `brawl NAME COUNT SECONDS` that remain after at most five seconds.
count_left() {
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		left=$(pgrep -c -f "^(.*/)?brawl $*" || :)
		[ "${left}" -ne 0 ] || break
		sleep 0.5
	done
}

# Print a row. The kernel's counters may be off by some pages.
verdict() {
	read -r peak count <"${dir}/true" || :
	read -r cost <"${dir}/cost"
	awk -F, -v name="$1" -v status="${status}" -v peak="${peak:-0}" -v count="${count:-0}" \
		-v cost="${cost}" -v hz="${hz}" -v left="${left}" -v wall="${start} ${end}" '
		$1 == "total" {
			kib = $6; bound = $7; ticks = $13
			split(wall, time, " ")
			cpu = cost / hz / (time[2] - time[1]) * 100
		}
		END {
			ok = status == 0 && left == 0 && peak > 0
			ok = ok && kib <= peak * 1.03 + 300 && bound * 1.01 + 300 >= peak
			printf "%-30s %8d %10d %10d %10d %6.3f %7d %6.2f %5d  %s\n", name, count, peak, kib,
				bound, peak ? kib / peak : 0, ticks, cpu, left, ok ? "ok" : "NOT ok, status " status
			exit !ok
		}' "${dir}/peaks" || bad=1
	cat "${dir}/errors"
}

free=$(awk '/^MemAvailable/ { print int($2 / 1024) }' /proc/meminfo)

printf '%-30s %8s %10s %10s %10s %6s %7s %6s %5s\n' tree count true reported bound ratio ticks 'CPU %' left
if [ "${uid}" -eq 0 ]; then
	fight 'bomb, ulimit -u 1000' setpriv --reuid="$((70000 + $$ % 10000))" --clear-groups \
		bash -c 'ulimit -u 1000; exec "$@"' bash brawl bomb 8000 "${seconds}"
else
	echo "bomb: skipped, needs root"
fi
if [ "${free}" -ge 4000 ]; then
	fight '5,000 that wait' brawl idle 5000 10
else
	echo "5,000 that wait: skipped, less than 4 GB of memory are free"
fi
fight "100,000 forks in a minute" brawl births 1667 "${minute}"
if unshare --pid --fork --mount-proc sh -c 'echo 400 >/proc/sys/kernel/pid_max' 2>/dev/null; then
	# Inside, a PID is reused within a second. The CPU of memsample is not measured.
	status=0
	start=0 end=1
	unshare --pid --fork --mount-proc sh -c 'echo 400 >/proc/sys/kernel/pid_max; exec "$@"' sh \
		memrun -f csv -o "${dir}/peaks" brawl births 1500 "${seconds}" >"${dir}/true" 2>"${dir}/errors" || status=$?
	echo 0 >"${dir}/cost"
	count_left births 1500 "${seconds}"
	verdict 'only 400 PIDs'
else
	echo "only 400 PIDs: skipped, needs a PID namespace"
fi
fight '1,000 killed in a second' brawl killed 1000 "${seconds}"
fight '1,000 execs in a second' brawl exec 1000 "${seconds}"
fight '1,000 names in a second' brawl rename 1000 "${seconds}"
fight '1,000 threads in a second' brawl threads 1000 "${seconds}"
fight '1,000 zombies' brawl zombies 1000 5
fight '200 that are stopped' brawl stopped 200 5
exit "${bad}"

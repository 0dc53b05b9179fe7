#!/bin/sh
# SPDX-License-Identifier: MIT
# The tests inside an emulated machine without a disk: every program runs, the filters print what
# they print elsewhere, and reported peaks are compared with true ones. See rows.sh for the output.
# shellcheck disable=SC1091,SC2013,SC2034,SC2154,SC2310,SC2312 # rows.sh shares variables; words;
# a failure shows in the row
. /rows.sh

page=$(awk '/^KernelPageSize:/ { print $2; exit }' /proc/self/smaps)
# Before Linux 6.2, each thread keeps the changes of up to 64 pages to itself: the true peaks of two
# processes are up to twice as much too low. The kernel counts pages of a control group by 64, too,
# for each CPU.
slack=$((page * 64))
[ "${slack}" -ge 300 ] || slack=300

kernel() {
	release=$(uname -r)
	row kernel ok "${release%%-*}"
	row 'page size' ok "${page} KiB"
}

# Every program prints its options and its version.
programs() {
	ran=0 missing=
	for program in $(cat /programs); do
		if "${program}" --help >help && grep -q "^usage: ${program} " help && "${program}" -V >version &&
			grep -q "^${program} .*[0-9]" version; then
			ran=$((ran + 1))
		else
			missing="${missing} ${program}"
		fi
	done
	try 'programs run' "${ran}${missing:+, not${missing}}" [ -z "${missing}" ]
}

# The filters print the same bytes as on the machine that built them.
filters() {
	sh /reference.sh >printed 2>&1
	if cmp -s printed /reference; then
		row 'filters agree' ok "$(grep -c '^\$ ' printed) runs"
	else
		row 'filters agree' failed differ
		diff /reference printed | head -n 20
	fi
}

# accuracy NAME PERCENT ARGUMENT...: measure the shapes with memrun's arguments. Print the worst
# difference and how often the true peak was at most the bound. An emulated machine is many times
# slower than its host, but a shape holds its peak for as long: so a tick may use more time.
accuracy() {
	what=$1 limit=$2
	shift 2
	worst=0 found=0 held=0 shapes=0 far=
	for shape in ${list}; do
		measure -b 50 "$@" shapes "${shape}"
		shapes=$((shapes + 1))
		if near "${reported}" "${true}" "${limit}" "$((slack * 2))"; then
			found=$((found + 1))
		else
			far="${far} ${shape}"
		fi
		! bound_holds "${slack}" || held=$((held + 1))
		worst=$(awk -v r="${reported}" -v t="${true}" -v worst="${worst}" 'BEGIN {
			d = t > 0 ? (r / t - 1) * 100 : -100
			print (d * d > worst * worst ? d : worst) }' </dev/null)
		echo "${what} ${shape}: true ${true}, reported ${reported}, bound ${bound}, status ${status}"
	done
	worst=$(printf '%+.1f %%' "${worst}")
	try "${what}: worst" "${worst}${far}" [ "${found}" -eq "${shapes}" ]
	try "${what}: bound" "${held} of ${shapes}" [ "${held}" -eq "${shapes}" ]
}

# Page-fault events as root.
events() {
	measure spike 8
	schedule=$(meta schedule samples)
	try events "${schedule}" [ "${schedule}" = events ]
}

# An ordinary user, without events.
refused() {
	as='nsenter -t 1 -G 1000 -S 1000'
	echo 4 >/proc/sys/kernel/perf_event_paranoid
	chmod 1777 /tmp
	mkdir -p /tmp/user
	chown 1000:1000 /tmp/user
	cd /tmp/user || return
	measure spike 8
	try 'user: refused' "$(meta events_refused samples)" [ "$(meta schedule samples)" = adaptive ]
	list='spike32 held20 ramp chain kernel'
	accuracy user 5
	cd /tmp || return
	as=
	echo 2 >/proc/sys/kernel/perf_event_paranoid
}

options() {
	measure -b 50 --pss-budget 50 -P shapes pss 4
	close_to -P "$(total pss_kib peaks)" "${true}" 3 "${slack}"

	measure -g spike -t 50 100
	close_to -g "$(meta cgroup_peak_kib samples)" "${true}" 5 "$((4096 + slack * 2))"
	group=$(meta cgroup samples)
	try '-g: removed' "${group##*/}" [ -n "${group}" -a ! -e "${group}" ]

	measure -k -t 40M shapes stay
	try '-k -t' "status ${status}" [ "${status}" -eq 10 ]

	memrun -f json -o json -f bytes -o bytes spike 20 >true
	kib=$(sed -n 's/.*"peak_rss_kib": *\([0-9]*\).*/\1/p' json | head -n 1)
	try -j "${kib} KiB" [ "${kib:-0}" -gt 20000 -a "$((kib * 1024))" -eq "$(cat bytes)" ]
}

rss_of() { awk -v page="${page}" '{ print $2 * page }' "/proc/$1/statm"; }

# Running processes, a control group, and processes that outlive the command.
others() {
	spike -t 120000 60 >true &
	pid=$!
	polls=0
	until [ "$(rss_of "${pid}")" -gt $((60 * 1024 - slack)) ] || [ "${polls}" -ge 100 ]; do
		polls=$((polls + 1))
		sleep 0.1
	done
	rss=$(rss_of "${pid}")
	memrun -d 1 -f tsv -o peaks -p "${pid}"
	close_to -p "$(total rss_kib peaks)" "${rss}" 1 "${slack}"
	memps "${pid}" >tree
	try memps "$(awk -v pid="${pid}" '$0 ~ pid { print $1, $2 }' tree)" grep -q "${pid}  *spike" tree
	mkdir /sys/fs/cgroup/some
	echo "${pid}" >/sys/fs/cgroup/some/cgroup.procs
	memrun -d 1 -f tsv -o peaks -c some
	close_to -c "$(total rss_kib peaks)" "${rss}" 1 "${slack}"
	kill "${pid}"

	memrun -A -f tsv -o peaks sh -c 'spike -b 200 -t 100 50 >true & exit 0'
	close_to -A "$(total rss_kib peaks)" "$(cat true)" 2 3000

	membench -n 2 -o report -- spike 20 >true
	try membench "$(grep -c . report) lines" grep -q '2 runs' report
}

kernel
programs
filters
events
list=$(cat /shapes)
accuracy root 5
options
others
refused

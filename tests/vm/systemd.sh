#!/bin/sh
# SPDX-License-Identifier: MIT
# The tests inside an emulated machine with systemd and control groups of version 2. Root runs them
# in a service. A row names what holds; figures are compared with true peaks. See rows.sh.
# shellcheck disable=SC1091,SC2154,SC2310,SC2312 # rows.sh sets variables; a failure shows in the row
. /job/rows.sh
PATH=/job/bin:${PATH}
export PATH
mkdir -p /tmp/work
chmod 777 /tmp/work
cd /tmp/work || exit

# Before Linux 6.2, each thread keeps the changes of up to 64 pages to itself.
slack=600
transient='systemd-run --quiet --wait --pipe -p WorkingDirectory=/tmp/work -E PATH'

# Set ${as} for measure().
as_unit() { as="${transient} $* --"; }
as_user() { as="${transient} -p User=user -p PAMName=login --"; }
in_scope() {
	as_user
	as="${as} systemd-run --quiet --user --scope -p Delegate=yes $*"
}

# Print what explains a failed row.
explain() {
	echo "  ${as-}: status ${status}, true ${true}, reported ${reported}, bound ${bound}"
	sed 's/^/  /' err
}

# figures NAME PERCENT: print a row with the difference of the last measurement. The true peak must
# not be above the bound.
figures() {
	state=failed
	! near "${reported}" "${true}" "$2" "${slack}" || ! bound_holds "${slack}" || state=ok
	difference=$(percent "${reported}" "${true}")
	row "$1" "${state}" "${difference}"
	[ "${state}" = ok ] || explain
}

# metric NAME KEY PERCENT: print a row for another metric of the last measurement.
metric() {
	value=$(total "$2" peaks)
	close_to "$1" "${value}" "${true}" "$3"
	[ "${state}" = ok ] || explain
}

# polled COMMAND...: return 0 once COMMAND succeeds, or 1 after a minute.
polled() {
	polls=0
	until "$@"; do
		polls=$((polls + 1))
		[ "${polls}" -lt 300 ] || return 1
		sleep 0.2
	done
}

# ---- control groups

# group_peak NAME: compare the kernel's peak of the group with the RSS of the command.
group_peak() {
	peak=$(meta cgroup_peak_kib samples)
	close_to "$1" "${peak}" "${true}" 4 4096
	[ "${state}" = ok ] || explain
	group=$(meta cgroup samples)
	case ${group} in
	*/mempipe-*) [ ! -e "${group}" ] || row "$1: the group is removed" failed "${group}" ;;
	*) ;;
	esac
}

# refused: return 0 if memrun refused to start the command, in one line.
refused() {
	lines=$(grep -c '^mem[a-z]*: ' err)
	[ "${status}" -eq 125 ] && [ "${lines}" -eq 1 ] && [ -z "${true}" ]
}

own_group() {
	as_unit
	measure -g spike -t 100 100
	group_peak 'root in a service: -g'
	as_unit -p Delegate=yes
	measure -g spike -t 100 100
	group_peak 'root in a delegated service: -g'
	in_scope
	measure -g spike -t 100 100
	group_peak 'user in systemd-run --user --scope -p Delegate=yes: -g'
	as_user
	measure -g spike -t 100 100
	if [ "${status}" -eq 0 ]; then
		group_peak 'user in a session: -g'
	else
		try 'user in a session: -g' 'refused in one line' refused
	fi
}

# limited NAME: the unit has 60 MiB, the command takes 200. Either -g is refused or the kernel kills
# the command.
limited() {
	figure="status ${status}"
	! refused || figure=refused
	[ -z "${true}" ] || figure="not limited: ${true} KiB"
	try "$1" "${figure}" [ "${status}" -ne 0 -a -z "${true}" ]
	[ "${state}" = ok ] || explain
}

limits() {
	limit='-p MemoryMax=60M -p MemorySwapMax=0'
	as_unit "${limit}"
	measure spike -t 100 200
	limited 'MemoryMax of a service'
	measure -g spike -t 100 200
	limited 'MemoryMax of a service, with -g'
	as_unit "${limit} -p Delegate=yes"
	measure -g spike -t 100 200
	limited 'MemoryMax of a delegated service, with -g'
	as="systemd-run --quiet --scope -p Delegate=yes ${limit}"
	measure -g spike -t 100 200
	limited 'MemoryMax of a delegated scope, with -g'
	in_scope "${limit}"
	measure -g spike -t 100 200
	limited 'MemoryMax of a delegated scope of a user, with -g'
}

holds_120() {
	current=$(systemctl show -P MemoryCurrent holder)
	[ "${current}" -gt $((120 << 20)) ] 2>/dev/null
}

service() {
	systemd-run --quiet --unit=holder -E PATH spike -t 120000 120
	polled holds_120 || :
	pid=$(systemctl show -P MainPID holder)
	rss=$(awk '/^VmRSS:/ { print $2 }' "/proc/${pid}/status")
	as=
	measure -c system.slice/holder.service -d 2
	true=${rss}
	figures '-c on a service' 1
	group_peak '-c on a service: the peak of the kernel'
	measure -d 1 -p "${pid}"
	true=${rss}
	figures '-p on the process of a service' 1
	systemctl stop holder
}

has_peak() { grep -q '^mempipe_cgroup_peak_bytes{service="web"} ' web.prom 2>/dev/null; }

# The units of share/examples, with shorter times.
timer() {
	folder=/var/lib/prometheus/node-exporter
	mkdir -p "${folder}"
	for unit in service timer; do
		sed 's| memrun| /job/bin/memrun|; s/-d 50/-d 2/; s/=minutely/=*:*:0\/5/' "/job/mempipe@.${unit}" \
			>"/run/systemd/system/mempipe@.${unit}"
	done
	systemctl daemon-reload
	systemd-run --quiet --unit=web --slice=odd -E PATH spike -t 120000 40
	systemctl start mempipe@web.timer
	cd "${folder}" || exit
	try 'a timer writes the file of a service for the textfile collector' '' polled has_peak
	systemctl stop web
	try '... and removes it when the service has ended' '' polled [ ! -e web.prom ]
	unit=$(systemctl is-failed mempipe@web.service)
	try '... and its unit has not failed' "${unit}" [ "${unit}" != failed ]
	systemctl stop mempipe@web.timer
	cd - >/dev/null || exit
}

# ---- events

# shapes NAME SCHEDULE: measure some shapes, and print a row with the difference of each.
shapes() {
	differences='' far=''
	for shape in spike32 held20 eight kernel; do
		measure -b 50 shapes "${shape}"
		difference=$(percent "${reported}" "${true}")
		differences="${differences} ${difference% %}"
		schedule=$(meta schedule samples)
		if ! near "${reported}" "${true}" 5 "${slack}" || ! bound_holds "${slack}" || [ "${schedule}" != "$2" ]; then
			far="${far} ${shape}"
			explain
		fi
	done
	try "$1" "${schedule}${differences}${far:+; not${far}}" [ -z "${far}" ]
}

events() {
	for paranoid in 2 3 4; do
		echo "${paranoid}" >/proc/sys/kernel/perf_event_paranoid
		as_user
		# Debian has added 3: events need CAP_PERFMON.
		schedule=adaptive
		[ "${paranoid}" -gt 2 ] || schedule=events-user
		shapes "user with perf_event_paranoid ${paranoid}" "${schedule}"
	done
	as_unit -p SystemCallFilter=~perf_event_open -p SystemCallErrorNumber=EPERM
	shapes 'root, events refused by seccomp' adaptive
	reason=$(meta events_refused samples)
	try 'the reason is in the samples' "${reason}" [ "${reason}" = 'Operation not permitted' ]
	as_unit -p SystemCallFilter=~perf_event_open -p SystemCallErrorNumber=ENOSYS
	shapes 'root, a kernel without events' adaptive
}

hardened() {
	as_unit -p ProtectSystem=strict -p ProtectControlGroups=yes -p PrivateDevices=yes \
		-p ProtectKernelTunables=yes -p ProtectKernelLogs=yes -p ReadWritePaths=/tmp/work
	shapes 'root in a hardened service' events
	measure -g spike 20
	try 'root in a hardened service: -g' 'refused in one line' refused
	[ "${state}" = ok ] || explain
}

# ---- what the kernel hides

hidden() {
	mount -o remount,hidepid=2 /proc
	as_user
	measure -b 50 shapes eight
	figures 'user, /proc with hidepid=2' 5
	measure -b 50 --pss-budget 50 -P shapes pss 4
	metric 'user, /proc with hidepid=2: PSS' pss_kib 6
	mount -o remount,hidepid=0 /proc
	for scope in 1 2 3; do
		# 3 stays until the machine is switched off.
		echo "${scope}" >/proc/sys/kernel/yama/ptrace_scope
		measure -b 50 --pss-budget 50 -P shapes pss 4
		metric "user with ptrace_scope ${scope}: PSS" pss_kib 6
	done
}

namespaces() {
	as_user
	as="${as} unshare -Ur"
	measure -b 50 shapes eight
	figures 'in a user namespace' 5
	as_user
	as="${as} unshare -Urpf --mount-proc"
	measure -b 50 shapes eight
	figures 'in a PID namespace with its own /proc' 5
	measure -b 50 --pss-budget 50 -P shapes pss 4
	metric 'in a PID namespace with its own /proc: PSS' pss_kib 6
	as_user
	as="${as} unshare -Urpf"
	measure spike 20
	lines=$(grep -c . err)
	try 'in a PID namespace without its own /proc' "no figure, ${lines} line, status ${status}" \
		[ "${lines}" -ge 1 -a -z "${reported}" ]
	sed 's/^/  /' err
}

# ---- memory that is not in RSS

swap() {
	dd if=/dev/zero of=swap bs=1M count=200 2>dd.log
	chmod 600 swap
	if ! mkswap swap >mkswap.log 2>&1 || ! swapon swap; then
		row swap absent 'no swap'
		return
	fi
	as_unit -p MemoryMax=48M -p MemorySwapMax=infinity
	measure spike -t 300 120
	true=$((120 * 1024 + 700))
	metric 'swapped memory is in the footprint' footprint_kib 3
	try '... and not in the RSS' "${reported} KiB" [ "${reported}" -lt $((50 * 1024)) ]
	swapoff swap
}

hugetlb() {
	echo 20 >/proc/sys/vm/nr_hugepages
	as=
	measure -b 50 shapes hugetlb
	metric 'hugetlb pages are in the footprint' footprint_kib 3
	held=$(total hugetlb_kib peaks)
	try '... and in hugetlb_kib' "${held} KiB" [ "${held}" -eq 40960 ]
	echo 0 >/proc/sys/vm/nr_hugepages
}

release=$(uname -r)
row kernel ok "${release%%-*}"
[ "$#" -gt 0 ] || set -- own_group limits service timer events hardened swap hugetlb hidden namespaces
for part; do
	"${part}"
done
uptime=$(cut -d . -f 1 /proc/uptime)
row end ok "${uptime} s"

#!/bin/sh
# SPDX-License-Identifier: MIT
# memdoctor - print what can be measured here, and what each refusal costs.
#
# Each check tries what it is about, by the programs of mempipe where they have a part in it. The
# settings of the kernel only explain a refusal.
# shellcheck disable=SC2310 # a check that fails in a condition is a refusal
set -eu
self=$(command -v -- "$0" || printf %s "$0")
self=$(readlink -f -- "${self}")
folder=${self%/*}
PATH=${folder}:${PATH}

help() {
	cat <<'HELP'
usage: memdoctor [-t]

memdoctor: print what can be measured here, and what each refusal costs

  -t, --tsv                 print a table of tab-separated values
      --check               validate the options and operands, then exit
  -h, --help                print this help
  -V, --version             print the version

The manual is memdoctor(1).
HELP
}

# Print a message without control characters and the usage; exit.
die() {
	{ printf 'memdoctor: %s' "$1" | LC_ALL=C tr '\001-\037\177' '?'; echo; help | sed -n 1p; } >&2
	exit 2
}

tsv='' check=''
while [ "$#" -gt 0 ]; do
	case $1 in
	-t | --tsv) tsv=1 ;;
	--check) check=1 ;;
	-h | --help) help; exit ;;
	-V | --version) version=$(memexec -V); echo "memdoctor ${version#* }"; exit ;;
	--) shift; break ;;
	--tsv=* | --check=* | --help=* | --version=*) die "${1%%=*}: no argument allowed" ;;
	-?*) die "$1: invalid option" ;;
	*) break ;;
	esac
	shift
done
[ "$#" -eq 0 ] || die "$1: no operand allowed"
[ -z "${check}" ] || exit 0

# ---- helpers

tab=$(printf '\t')
newline='
'
me=$(id -u)
sudo='sudo '
[ "${me}" -ne 0 ] || sudo=''
rows='' status=0

# row CHECK STATE NEEDED-FOR [DETAIL [COST [REMEDY]]]: add one to the table. Those that are always needed
# decide the exit status.
row() {
	rows="${rows}$1${tab}$2${tab}$3${tab}${4-}${tab}${5-}${tab}${6-}${newline}"
	[ "$2" = yes ] || [ "$3" != always ] || status=1
}

# Print the value of the line #$1 of the samples.
value() { printf '%s\n' "${samples}" | sed -n "s/^#$1${tab}//p" | head -n 1; }

# Print the content of a file, or nothing.
content() { cat "$1" 2>/dev/null || :; }

# Print the size of the line $1 of /proc/meminfo.
meminfo() { awk -v key="$1:" '$1 == key { print $2 }' /proc/meminfo; }

has_line() { grep -q "^$1" /proc/self/status; }

# ---- checks of what memrun always needs

# The shell itself opens the file, so that the process is this one.
check_proc() {
	pid=''
	{ read -r pid rest </proc/self/stat; } 2>/dev/null || :
	if [ "${pid}" = "$$" ]; then
		row /proc yes always
		return 0
	fi
	detail='it is of another PID namespace' remedy='unshare --mount-proc memrun ...'
	[ -e /proc/stat ] || { detail='it is not mounted' remedy='mount -t proc proc /proc'; }
	row /proc no always "${detail}" 'Nothing can be measured. Commands run unmeasured.' "${remedy}"
	return 1
}

check_children() {
	if cat "/proc/$$/task/$$/children" >/dev/null 2>&1; then
		row 'lists of children' yes always
		return
	fi
	row 'lists of children' no always 'the kernel has none' \
		'All processes of the machine are searched for new ones, which takes longer where there are many.' \
		'use a kernel with CONFIG_PROC_CHILDREN'
}

# Set $detail and $remedy for events that are refused. The setting refuses them with EACCES, and filters
# usually with another error.
explain_events() {
	paranoid=$(content /proc/sys/kernel/perf_event_paranoid)
	filter=$(sed -n 's/^Seccomp:[[:space:]]*//p' /proc/self/status)
	refusal=$(value events_refused)
	[ "${refusal}" != 'Permission denied' ] || filter=0
	if [ -z "${paranoid}" ]; then
		detail='the kernel has no perf events' remedy='use a kernel with CONFIG_PERF_EVENTS'
	elif [ "${paranoid}" -gt 2 ] && [ "${filter:-0}" -ne 2 ]; then
		detail="kernel.perf_event_paranoid is ${paranoid}" remedy="${sudo}sysctl kernel.perf_event_paranoid=1"
	elif [ "${filter:-0}" -eq 2 ]; then
		detail='a seccomp filter refuses perf_event_open(2)'
		remedy='start the container with --cap-add PERFMON'
	else
		detail="perf_event_open(2): ${refusal:-not available}" remedy="${sudo}setcap cap_perfmon+ep ${folder}/memsample"
	fi
}

check_fault_events() {
	schedule=$(value schedule)
	case ${schedule} in
	events) row 'page-fault events' yes always ;;
	events-user)
		paranoid=$(content /proc/sys/kernel/perf_event_paranoid)
		row 'page-fault events' part always "kernel.perf_event_paranoid is ${paranoid}: none inside system calls" \
			'Page faults inside system calls, and CPU time, cause no event. The CPU time of the tree is read every 16 ms instead.' \
			"${sudo}sysctl kernel.perf_event_paranoid=1" ;;
	*)
		explain_events
		row 'page-fault events' no always "${detail}" \
			'At rest, ticks are 10 to 100 ms apart, and CPU time is read every 16 ms. Memory that is held for less is in the high-water marks and in the bound only.' \
			"${remedy}" ;;
	esac
}

check_process_events() {
	refusal=$(value process_events_refused)
	if [ -n "${samples}" ] && [ -z "${refusal}" ]; then
		row 'process events' yes always
		return
	fi
	remedy="${sudo}setcap cap_net_admin,cap_perfmon+ep ${folder}/memsample"
	# The numbers that the kernel gives to the first user and PID namespace.
	case $(readlink /proc/self/ns/user || :)$(readlink /proc/self/ns/pid || :) in
	user:\[4026531837\]pid:\[4026531836\]) [ "${me}" -ne 0 ] || remedy='start memrun outside of the container' ;;
	*) remedy='start memrun outside of the container' ;;
	esac
	row 'process events' no always "${refusal:-no samples}" \
		'At rest, new processes are searched for every 20 to 200 ms. Those that exit before are in the bound only.' "${remedy}"
}

check_pss() {
	pss=$(memsample -1 -xH -o pss "$$" 2>/dev/null || :)
	if [ "${pss:-0}" -gt 0 ]; then
		row PSS yes always
	else
		row PSS no always 'the kernel has none' \
			'The report does not have how much is shared, and -P has no figures.' 'use Linux 4.14 or later with CONFIG_PROC_PAGE_MONITOR'
	fi
}

# ---- checks of what some options need

# Set $other to a process of another user that has memory, or to nothing.
find_other() {
	other=''
	found=$(find /proc/[0-9]* -prune ! -user "${me}" 2>/dev/null) || :
	for dir in ${found}; do
		! grep -q '^VmRSS' "${dir}/status" 2>/dev/null || { other=${dir#/proc/}; return; }
	done
}

check_others() {
	if [ ! -r /proc/1/stat ] || ! cat /proc/1/stat >/dev/null 2>&1; then
		hidden=$(sed -n 's/.* \/proc proc .*\(hidepid=[a-z0-9]*\).*/\1/p' /proc/mounts | head -n 1)
		row 'other users' no '-p -N -m -c' "/proc is mounted with ${hidden:-another hidepid}" \
			'Their processes are not found.' "${sudo}mount -o remount,hidepid=0 /proc"
		return
	fi
	row 'other users' yes '-p -N -m -c'
	find_other
	[ -n "${other}" ] || { row 'PSS of other users' none -P 'no process to try it with'; return; }
	pss=$(memsample -1 -xH -o pss "${other}" 2>/dev/null || :)
	if [ "${pss:-0}" -gt 0 ]; then
		row 'PSS of other users' yes -P
	else
		row 'PSS of other users' no -P 'only root may read it' \
			'-P leaves out the PSS of their processes.' 'sudo memrun -P ...'
	fi
}

check_cgroups() {
	if ! groups=$(memexec -g --to 'memsample -C >/dev/null' cat /proc/self/cgroup 2>&1 </dev/null); then
		groups=${groups%%"${newline}"*} remedy=$(cgroup_remedy)
		row 'control groups' no -g "${groups##*: }" \
			'memrun -g is refused: there is no peak of the kernel with the page cache.' \
			"${remedy}"
		return
	fi
	made=$(printf '%s\n' "${groups}" | grep '/mempipe-[0-9]*$' | head -n 1)
	own=$(sed -n 's/^0:://p' /proc/self/cgroup)
	case ${made} in
	0::"${own%/}"/*) row 'control groups' yes -g 'version 2' ;;
	0::*) row 'control groups' yes -g 'version 2, through systemd-run' ;;
	*) row 'control groups' yes -g 'version 1' ;;
	esac
}

cgroup_remedy() {
	if ! grep -qE '^[^ ]+ [^ ]+ cgroup2? ' /proc/mounts; then
		echo "${sudo}mount -t cgroup2 cgroup2 /sys/fs/cgroup"
	elif [ -d /run/systemd/system ] && [ "${me}" -ne 0 ]; then
		echo 'systemd-run --user --scope -p Delegate=yes memrun -g ...'
	elif [ "${me}" -ne 0 ]; then
		echo 'sudo memrun -g ...'
	else
		echo 'start memrun in a control group of its own'
	fi
}

check_swap() {
	has_line VmSwap || { row swap no always 'the kernel was built without it' 'Swap is not in the footprint.'; return; }
	kib=$(meminfo SwapTotal)
	[ "${kib:-0}" -gt 0 ] || { row swap none footprint 'there is no swap space'; return; }
	row swap yes footprint "$((kib / 1024)) MiB of swap space"
}

check_huge_pages() {
	modes=$(content /sys/kernel/mm/transparent_hugepage/enabled)
	mode=${modes#*[}
	pages=$(meminfo HugePages_Total)
	detail="transparent: ${mode%]*}; hugetlb: ${pages:-0} pages"
	[ -n "${modes}" ] || detail="hugetlb: ${pages:-0} pages"
	if has_line HugetlbPages; then
		row 'huge pages' yes footprint "${detail}"
	else
		row 'huge pages' none footprint 'the kernel was built without hugetlb pages'
	fi
}

check_tracefs() {
	for dir in /sys/kernel/tracing /sys/kernel/debug/tracing; do
		! cat "${dir}/trace_clock" >/dev/null 2>&1 || { row tracefs yes 'make truth'; return; }
	done
	detail='it is not mounted' remedy='mount -t tracefs tracefs /sys/kernel/tracing'
	[ "${me}" -eq 0 ] || { detail='only root may read it' remedy='sudo make truth'; }
	row tracefs no 'make truth' "${detail}" 'Reports cannot be compared with the trace of the kernel.' "${remedy}"
}

# ---- other systems than Linux, by what the programs report

# Print what a program of mempipe writes to standard error, without its name.
message() { "$@" 2>&1 >/dev/null </dev/null | sed -n '1s/^[^:]*: //p'; }

# check_refusal CHECK KEY COST: it is there unless the samples have the line #KEY, with the reason.
check_refusal() {
	refusal=$(value "$2")
	[ -n "${refusal}" ] || { row "$1" yes always; return; }
	row "$1" no always "${refusal}" "$3"
}

# Print the value of the column $1 for this shell.
column() { memsample -1 -xH -o "$1" "$$" 2>/dev/null || :; }

check_other_system() {
	if [ -z "${samples}" ]; then
		detail=$(message memexec --to 'memsample -C' true)
		row measuring no always "${detail}" 'Nothing can be measured. Commands run unmeasured.'
		return
	fi
	row measuring yes always
	check_refusal 'page-fault events' events_refused \
		'At rest, ticks are 10 to 100 ms apart, and CPU time is read every 16 ms. Memory that is held for less is in the high-water marks only.'
	check_refusal 'process events' process_events_refused \
		'At rest, new processes are searched for every 20 to 200 ms. Those that exit before are not found.'
	check_refusal bound bound_refused 'The report does not limit what can have been held between two ticks.'
	pss=$(column pss)
	swap=$(column swap)
	footprint=$(column phys_footprint)
	if [ -n "${pss}" ]; then
		row PSS yes always
	else
		row PSS no always 'not supported on this system' \
			'The report does not have how much is shared, and -P has no figures.'
	fi
	detail=$(message memexec -g --to 'memsample -C >/dev/null' true)
	if [ -z "${detail}" ]; then
		row 'control groups' yes -g
	else
		row 'control groups' no -g "${detail##*: }" 'memrun -g is refused.'
	fi
	if [ -n "${swap}" ]; then
		row swap yes footprint
	elif [ -n "${footprint}" ]; then
		row swap yes footprint 'in the footprint that the kernel counts'
	else
		row swap no footprint 'not reported of a process' 'The report has no footprint.'
	fi
}

# ---- printing

# Fold the details into their column, and print costs and remedies below the table.
print_text() {
	awk -F '\t' '
		function fold(text, width, margin,    n, i, word, line) {
			n = split(text, word, " ")
			for (i = 1; i <= n; i++) {
				if (line != "" && length(line) + 1 + length(word[i]) > width) {
					print line
					printf "%" margin "s", ""
					line = ""
				}
				line = line (line == "" ? "" : " ") word[i]
			}
			print line
		}
		BEGIN { printf "%-19s %-5s %-11s %s\n", "CHECK", "STATE", "NEEDED FOR", "DETAIL" }
		{
			if ($4 == "")
				printf "%-19s %-5s %s\n", $1, $2, $3
			else {
				printf "%-19s %-5s %-11s ", $1, $2, $3
				fold($4, 42, 38)
			}
			if ($5 != "")
				note[++notes] = $1 ": " $5 "\n" $6
		}
		END {
			for (i = 1; i <= notes; i++) {
				split(note[i], part, "\n")
				print ""
				fold(part[1], 78, 2)
				if (part[2] != "")
					print "    " part[2]
			}
		}'
}

take_samples() { samples=$(memexec --to 'memsample -C' true 2>/dev/null </dev/null) || :; }

samples='' system=$(uname -s)
if [ "${system}" != Linux ]; then
	take_samples
	check_other_system
elif check_proc; then
	take_samples
	check_children
	check_fault_events
	check_process_events
	check_pss
	check_others
	check_cgroups
	check_swap
	check_huge_pages
	check_tracefs
fi
if [ -n "${tsv}" ]; then
	text="check${tab}state${tab}needed_for${tab}detail${tab}cost${tab}remedy${newline}${rows%"${newline}"}"
else
	text=$(printf %s "${rows}" | print_text)
fi
printf '%s\n' "${text}" || exit 2
exit "${status}"

#!/bin/sh
# Puts the usual pipeline together: run a command, or attach to processes, and
# report how much memory they needed. All the measuring is in the stages.
#
# It is asked by memrun.c what to run, and says that on descriptor 3.
# shellcheck disable=SC2310 # the functions in conditions end it themselves, or say yes or no
set -eu
version=0.1.0

usage() {
	cat <<'USAGE'
usage: memrun [option ...] [--] command [argument ...]
       memrun [option ...] -p pid | -N name | -m text | -c cgroup ...
       memrun [--baseline-dir dir] --list-baselines | --delete-baseline name
USAGE
}

# One line, that drives no terminal.
say() {
	case $1 in
	*[[:cntrl:]]*) printf 'memrun: %s' "$1" | LC_ALL=C tr '\001-\037\177' '?' && echo ;;
	*) printf 'memrun: %s\n' "$1" ;;
	esac >&2
}

wrong() {
	[ -z "${1-}" ] || say "$1"
	usage >&2
	exit 125
}

help() {
	usage
	cat <<'HELP'

What to measure:
  -p, --pid PID          a process that runs already; and what it starts, as always
  -N, --name NAME        the processes of this name
  -m, --match TEXT       those with TEXT in their command line
  -c DIR, --of-cgroup    those in a control group
  -x, --no-children      leave out what they start
  -A, --wait-all         also wait for what outlives the command
  -g, --cgroup           run the command in a control group of its own
  -d, --duration TIME    watch for so long
  -r, --repeat RUNS      run the command RUNS times: median and spread
  --silent, -O, --stdout FILE, -E, --stderr FILE    where its output goes
How to read:
  -i, --interval TIME, --hertz N, -a, --adapt PACE, -b, --budget PERCENT
  -P, --pss              PSS and USS too, as far as the budget allows
  --columns LIST         further columns, as memsample -o has them
  -L, --label KEY=VALUE  a column of one's own
Limits:
  -t, --total SIZE, --max-proc SIZE    of all together, and of each process
  -k[SIGNAL], --kill     end the tree when one is exceeded; --grace TIME, then KILL
The report:
  -o, --output FILE      its file; - is standard output
  -j, --json, -c, --csv, -q, --quiet (bytes), -f, --format FORMAT, -T, --template TEXT
  -u, --unit UNIT, -G, --graph, --timeline
  --group-by KEY         groups by comm, exe, parent, user, a label or any column
  --include REGEX, --exclude REGEX    of process names
  -w, --watch            the present state on the terminal meanwhile
  -1, --once             one reading of what runs, as a tree (with -w: again and again)
  -s, --samples FILE     keep the samples
  --chart FILE           a picture: .png, .svg or .pdf
  --then TEXT            a shell command afterwards; the report is $MEMPIPE_REPORT
Comparing:
  --save-baseline NAME, --compare-baseline NAME, --regression-threshold CHANGE,
  --list-baselines, --delete-baseline NAME, --baseline-dir DIR
  -h, --help, -V, --version
HELP
	exit
}

die() {
	say "$1"
	exit 125
}

# Ended by the shell itself, as when it can't fork, it would leave with 2.
tmp=''
at_end() {
	[ -z "${tmp}" ] || rm -rf -- "${tmp}"
	[ "$1" -ne 2 ] || exit 125
}
trap 'at_end "$?"' EXIT

# What memrun becomes: the words from $2 on, and its own last $1 arguments.
become() {
	trap '' PIPE # should memrun have been killed meanwhile
	printf '%s\0' "$@" >&3 || exit 125
	trap - EXIT
	exit 0
}

# The stages stand beside memrun, or beside what a link to it points to.
bin=''
case $0 in
*/*) bin=${0%/*} ;;
*) ;;
esac
if [ -z "${bin}" ] || [ ! -x "${bin}/memexec" ]; then
	bin=$(command -v -- "$0") || die "$0: where is it?"
	bin=$(readlink -f -- "${bin}") || die "$0: where is it?"
	bin=${bin%/*}
fi
[ -x "${bin}/memexec" ] || die "${bin}/memexec: not found"

# Any string as one word of shell text.
quote() {
	case $1 in
	*[!A-Za-z0-9_./:=@%+,-]* | '')
		printf '%sX' "$1" | sed -e "s/'/'\\\\''/g" -e "1s/^/'/" -e "\$s/X\$/'/" ;;
	*)
		printf '%s' "$1" ;;
	esac
}

# A file that can be written. What it holds is given up only when all is well.
claim() {
	case $1 in
	*/) die "$1: Is a directory" ;;
	*) ;;
	esac
	[ ! -d "$1" ] || die "$1: Is a directory"
	[ -p "$1" ] || [ -c "$1" ] || (: >>"$1") 2>/dev/null || die "$1: can't be written"
}

need() {
	[ -n "${2-}" ] || wrong "$1: its argument is missing"
}

# What pstree-pids finds joins the PIDs; if nothing is, that is the answer.
find() {
	attach=1
	found=$("${bin}/pstree-pids" -x "$@") || { [ "$?" -ne 1 ] || exit 1; exit 125; }
	for pid in ${found}; do
		pids="${pids} ${pid}"
	done
}

# -c is followed by a control group, or means CSV: a directory is no command, and
# neither is a name that only a group has, though it be mistyped.
is_group() {
	case $1 in
	/sys/fs/cgroup/* | *.service | *.slice | *.scope) [ -x "$1" ] || return 0 ;;
	*) ;;
	esac
	for folder in "$1" "/sys/fs/cgroup/$1" "/sys/fs/cgroup/memory/$1"; do
		[ -z "$1" ] || [ ! -e "${folder}/cgroup.procs" ] || return 0
	done
	return 1
}

of_group() {
	[ -z "${group}" ] || die "$1: one control group at a time"
	group=$1
	find -c "$1"
}

# ---- options: each adds its words to those of the stage that it is for

sample='' limit='' peak='' fmt='' start='' attach='' pids='' group=''
once='' watch='' spans='' format=text further='' labels=' '
duration='' out='' keep='' chart='' after='' runs=1
save='' compare='' threshold='' directory=.mempipe baselines='' delete=''
unset key # no group is asked for

while [ "$#" -gt 0 ]; do
	case $1 in
	--kill=*)
		limit="${limit} -k$(quote "${1#*=}")"; shift; continue ;;
	--cgroup=* | --csv=* | --graph=* | --help=* | --json=* | --list-baselines=* | --no-children=* | \
	--once=* | --pss=* | --quiet=* | --silent=* | --timeline=* | --version=* | --wait-all=* | --watch=*)
		die "$1: it takes no argument" ;;
	--*=*)
		word=$1; shift
		set -- "${word%%=*}" "${word#*=}" "$@" ;;
	-[1AcGgjPqwx][!-]*)
		word=$1; shift
		set -- "${word%"${word#??}"}" "-${word#??}" "$@" ;;
	-[abdEfiLmNoOprsTtu]?*)
		word=$1; shift
		set -- "${word%"${word#??}"}" "${word#??}" "$@" ;;
	*) ;;
	esac
	case $1 in
	-1 | --once) once=1 ;;
	-A | --wait-all) start="${start} -A" ;;
	-c | --csv)
		if [ "$1" = -c ] && is_group "${2-}"; then
			of_group "$2"; shift
		else
			format=csv
		fi ;;
	-G | --graph) fmt="${fmt} -G" ;;
	-g | --cgroup) start="${start} -g" ;;
	-j | --json) format=json ;;
	-P | --pss) sample="${sample} -P" ;;
	-q | --quiet) format=bytes ;;
	-w | --watch) watch=1 ;;
	-x | --no-children) sample="${sample} -x" ;;
	-k*) limit="${limit} $(quote "$1")" ;;
	--kill) limit="${limit} -k" ;;
	--silent) start="${start} -O /dev/null -E /dev/null" ;;
	--timeline) fmt="${fmt} -t"; spans=1000 ;;
	--list-baselines) baselines=1 ;;
	-a | --adapt) need "$@"; sample="${sample} -a $(quote "$2")"; shift ;;
	-b | --budget) need "$@"; sample="${sample} -b $(quote "$2")"; shift ;;
	-d | --duration) need "$@"; duration=$2; sample="${sample} -d $(quote "$2")"; shift ;;
	-i | --interval) need "$@"; sample="${sample} -i $(quote "$2")"; shift ;;
	--hertz) need "$@"; sample="${sample} --hertz $(quote "$2")"; shift ;;
	-L | --label)
		need "$@"; sample="${sample} -L $(quote "$2")"; labels="${labels}${2%%=*} "; shift ;;
	--columns) need "$@"; further="${further},$2"; shift ;;
	-t | --total) need "$@"; limit="${limit} -t $(quote "$2")"; shift ;;
	--max-proc) need "$@"; limit="${limit} -m $(quote "$2")"; shift ;;
	--grace) need "$@"; limit="${limit} -g $(quote "$2")"; shift ;;
	--group-by) need "$@"; peak="${peak} -g $(quote "$2")"; key=$2; shift ;;
	--include) need "$@"; peak="${peak} --include $(quote "$2")"; shift ;;
	--exclude) need "$@"; peak="${peak} --exclude $(quote "$2")"; shift ;;
	-f | --format) need "$@"; format=$2; shift ;;
	-T | --template) need "$@"; format=template; fmt="${fmt} -T $(quote "$2")"; shift ;;
	-u | --unit) need "$@"; fmt="${fmt} -u $(quote "$2")"; shift ;;
	-E | --stderr) need "$@"; claim "$2"; start="${start} -E $(quote "$2")"; shift ;;
	-O | --stdout) need "$@"; claim "$2"; start="${start} -O $(quote "$2")"; shift ;;
	-r | --repeat) need "$@"; runs=$2; shift ;;
	-o | --output) need "$@"; out=$2; shift ;;
	-s | --samples) need "$@"; keep=$2; shift ;;
	--chart) need "$@"; chart=$2; shift ;;
	--then) need "$@"; after=$2; shift ;;
	--save-baseline) need "$@"; save=$2; shift ;;
	--compare-baseline) need "$@"; compare=$2; shift ;;
	--delete-baseline) need "$@"; delete=$2; shift ;;
	--regression-threshold) need "$@"; threshold=$2; shift ;;
	--baseline-dir) need "$@"; directory=$2; shift ;;
	-p | --pid) need "$@"; find -- "$2"; shift ;;
	-N | --name) need "$@"; find -n "$2"; shift ;;
	-m | --match) need "$@"; find -m "$2"; shift ;;
	--of-cgroup) need "$@"; of_group "$2"; shift ;;
	--) shift; break ;;
	-h | --help) help ;;
	-V | --version) echo "mempipe ${version}"; exit ;;
	-?*) wrong "$1: no such option" ;;
	*) break ;;
	esac
	shift
done

# ---- baselines: peaks files of one folder

baseline() {
	case $1 in
	.* | -* | *[!A-Za-z0-9._-]*) die "$1: a baseline's name is of letters, digits and . _ -" ;;
	*) printf '%s/%s.tsv' "${directory}" "$1" ;;
	esac
}

list_baselines() {
	printf 'name\truns\trss_kib\tcommand\n'
	for file in "${directory}"/*.tsv; do
		[ -e "${file}" ] || continue
		name=${file##*/}
		awk -F '\t' -v OFS='\t' -v name="${name%.tsv}" '
			$1 == "#command" { command = $2 }
			$1 == "scope" { for (i = 1; i <= NF; i++) if ($i == "rss_kib") at = i }
			$1 == "total" && $at + 0 >= peak { peak = $at }
			$1 == "total" { runs++ }
			END { print name, runs + 0, peak, command }' <"${file}"
	done
}

if [ -n "${baselines}" ]; then
	list_baselines
	exit
fi
if [ -n "${delete}" ]; then
	file=$(baseline "${delete}") || exit
	[ -e "${file}" ] || die "${file}: no such baseline"
	rm -- "${file}"
	exit
fi

# ---- wrong options fail here, before the command starts

if [ -n "${attach}" ]; then
	[ "$#" -eq 0 ] || die "$1: a command and -p, -N, -m or -c don't go together"
	[ -z "${start}" ] || die "${start# }: only for a command"
	[ "${runs}" = 1 ] || die "-r: only for a command"
else
	[ "$#" -gt 0 ] || wrong
	[ -z "${duration}" ] || die "-d goes with -p, -N, -m or -c"
	[ -z "${once}" ] || die "-1 goes with -p, -N, -m or -c"
fi
if [ -n "${attach}" ] && [ -n "${once}${watch}" ]; then # a tree, and no more
	[ -z "${limit}" ] || die "-t, -k and --max-proc don't go with -1 or -w of what runs"
	[ "${format}" != text ] || [ -z "${peak}${fmt}" ] ||
		die "--include, --exclude, --group-by, -u, -G and --timeline don't go with -1 or -w of what runs"
	[ -z "${keep}${chart}${after}${save}${compare}" ] ||
		die "-s, --chart, --then and baselines don't go with -1 or -w of what runs"
fi
case ${runs} in
0* | *[!0-9]* | ???????*) die "${runs}: not a number of runs" ;;
*) ;;
esac
if [ -n "${after}" ]; then
	[ "${out:--}" != - ] || die "--then: needs the file of -o"
	why=$(/bin/sh -n -c "${after}" 2>&1) || die "--then: ${why##*: }"
fi

# Columns beside the usual: what to group by, and who is who for memlimit.
case ${key-comm} in
comm | ppid | parent) ;;
*)
	case "${labels},time,pid,rss,hwm,vsz,rss_kib,hwm_kib,vsz_kib${further}," in
	*" ${key} "* | *",${key},"* | *",${key%_kib},"*) ;;
	*) further="${further},${key}" ;;
	esac ;;
esac
case "${limit}:${further}," in
*" -k"*:*,start,*) ;;
*" -k"*) further="${further},start" ;;
*) ;;
esac
[ -z "${further}" ] || sample="${sample} -o $(quote "time,pid,ppid,rss,hwm,vsz,comm${further}")"

# Each stage that has options gets one reading to show that it takes them.
b=$(quote "${bin}")
[ -z "${sample}" ] || eval "${b}/memsample -1${sample} $$ >/dev/null" || exit 125
[ -z "${limit}" ] || printf 'time\tpid\trss_kib\n1\t1\t0\n' |
	eval "${b}/memlimit${limit} >/dev/null" || exit 125
[ -z "${peak}" ] || printf 'time\tpid\trss_kib\tppid\tcomm\t%s\n1\t1\t0\t0\tx\tx\n' "${key-x}" |
	{ why=$(eval "${b}/mempeak${peak} 2>&1 >/dev/null") || [ "$?" -eq 1 ] || # no such name there
		{ printf '%s\n' "${why}" >&2; exit 125; }; } || exit
case ${format} in
template) ;;
*) fmt="${fmt} -f $(quote "${format}")" ;;
esac
[ "${fmt}" = ' -f text' ] ||
	printf '%s\ttime\tfirst\tlast\trss_kib\tbound_kib\tprocs\tname\n' scope |
	sed 'p; s/.*/total\t1\t1\t1\t1\t1\t1\tx/; p; s/total/span/' |
	eval "${b}/memfmt${fmt} >/dev/null" || exit 125
for file in "${keep}" "${out}"; do
	case ${file} in
	'' | - | /dev/fd/[012] | /proc/self/fd/[012]) ;;
	/dev/fd/* | /proc/self/fd/*) die "${file}: the stages don't have it; take a file or a FIFO" ;;
	*) claim "${file}" ;;
	esac
done
[ -n "${compare}" ] || [ -z "${threshold}" ] ||
	die "--regression-threshold goes with --compare-baseline"
threshold=${threshold:-10%}
if [ -n "${compare}" ]; then
	compare=$(baseline "${compare}") || exit
	[ -e "${compare}" ] || die "${compare}: no such baseline"
	"${bin}/memdiff" -- "${compare}" >/dev/null || exit 125
	"${bin}/memdiff" -t "${threshold}" -- "${compare}" "${compare}" >/dev/null || exit 125
fi
case ${keep} in
- | /dev/stdin | /dev/stdout | /dev/fd/[01] | /proc/self/fd/[01])
	die "-s: ${keep}: samples need a file; in the pipeline this is another stage" ;;
*) ;;
esac
[ ! -d "${chart}" ] || die "${chart}: Is a directory"
case ${chart} in
*/*) [ -w "${chart%/*}" ] || die "${chart}: can't be written" ;;
*) [ -z "${chart}" ] || [ -w . ] || die "${chart}: can't be written" ;;
esac
if [ -n "${save}" ]; then
	save=$(baseline "${save}") || exit
	[ ! -d "${save}" ] || die "${save}: Is a directory"
	mkdir -p -- "${directory}" 2>/dev/null || die "${directory}: can't be made"
	[ -w "${directory}" ] || die "${directory}: can't be written"
fi

# ---- one reading, or one after the other, as a tree

if [ -n "${attach}" ] && [ -n "${once}${watch}" ]; then
	tree="${b}/memtree"
	[ -z "${watch}" ] || tree="${tree} -w"
	[ "${format}" = text ] || tree="${b}/mempeak${peak} | ${b}/memfmt${fmt}"
	case ${out} in
	'' | -) ;;
	*) tree="exec >$(quote "${out}"); ${tree}" ;;
	esac
	[ -n "${watch}" ] || become 0 /bin/sh -c "${b}/memsample -1${sample} ${pids} | { ${tree}; }"
	tree="${b}/memsample -i 1s -a fixed${sample} | { ${tree}; }"
	eval "become 0 \"\${bin}/memexec\" --to \"\${tree}\" -p ${pids}" # which ends it on a signal
fi

# ---- what is kept until the report is out, and what is done with it then

nl='
'
todo='' peaks='' more=''
if [ "${runs}" != 1 ] || [ -n "${save}${compare}${chart}" ]; then
	# Until memexec takes over; it has the folder removed when all is done.
	trap 'exit 129' HUP
	trap 'exit 130' INT
	trap 'exit 143' TERM
	tmp=$(mktemp -d "${TMPDIR:-/tmp}/memrun.XXXXXX" 2>/dev/null) ||
		die "${TMPDIR:-/tmp}: no temporary folder can be made there"
	peaks=$(quote "${tmp}/peaks")
	if [ -n "${chart}" ]; then
		trial=${tmp}/trial${chart##*/}
		why=$(printf 'time\tpid\trss_kib\n1\t1\t1\n2\t1\t1\n' |
			"${bin}/memplot" -o "${trial}" - 2>&1) || {
			why=${why#*"${trial}: "}
			die "${chart}: ${why#memplot: }"
		}
		keep=${keep:-${tmp}/samples}
	fi
	# What was asked for can't be done: of that, a comparison must not pass.
	s=0
	[ -z "${save}${compare}" ] || s=125
	todo="[ \"\$#\" -eq 0 ] && [ -s ${peaks} ] || { rm -rf -- $(quote "${tmp}"); exit ${s}; }${nl}"
fi
todo="${todo}s=0"
case ${format}:${runs}${compare}:${out} in # where a report in text goes on
text:1:*) ;;
text:*:-) start="${start} --after-out" ;;
*) ;;
esac
case ${format}:${out} in
text:-) ;;
text:?*) more=" >>$(quote "${out}")" ;;
*) ;;
esac
[ "${runs}" = 1 ] || todo="${todo}${nl}${b}/memdiff -f text - <${peaks}${more} || :"
if [ -n "${compare}" ]; then
	change=$(quote "${threshold}")
	file=$(quote "${compare}")
	[ "${format}" != text ] || todo="${todo}${nl}echo${more}"
	todo="${todo}${nl}${b}/memdiff -f text -t ${change} ${file} - <${peaks}${more} || s=\$?"
fi
if [ -n "${save}" ]; then
	file=$(quote "${save}")
	todo="${todo}${nl}cp ${peaks} ${file}.new && mv -f ${file}.new ${file} || s=125"
fi
if [ -n "${chart}" ]; then
	file=$(quote "${keep}")
	chart=$(quote "${chart}")
	todo="${todo}${nl}${b}/memplot -o ${chart} ${file} || :"
fi
[ -z "${tmp}" ] || todo="${todo}${nl}rm -rf -- $(quote "${tmp}")"
if [ -n "${after}" ]; then
	out=$(readlink -f -- "${out}") || die "${out}: where is it?"
	after="(MEMPIPE_REPORT=$(quote "${out}"); export MEMPIPE_REPORT${nl}${after}${nl})"
	todo="${todo}${nl}[ \"\$#\" -ne 0 ] || ${after} || s=\$?"
fi
[ "${todo}" = 's=0' ] || start="${start} --after $(quote "${todo}${nl}exit \$s")"
[ "${runs}" = 1 ] || start="${start} -r $(quote "${runs}")"

for file in "${keep}" "${out}"; do
	case ${file} in
	/dev/* | /proc/* | -) ;; # what the caller has opened is the caller's
	*) [ ! -f "${file}" ] || : >"${file}" ;;
	esac
done

# ---- the pipeline. Its shell would only wait, so it leaves the stages to memexec;
# in the background they would lose their stdin, hence descriptor 3.

case ${out} in
-) to='exec 3<&0; ' ;;
'') to='exec 3<&0 >&2; ' ;;
*) to="exec 3<&0 >>$(quote "${out}"); " ;;
esac
stage() {
	to="${to} | $1 3<&-"
}
# A copy to file $1; what happens to that doesn't end the measuring. $2 if it failed.
copy() {
	stage "(trap '' PIPE; tee -a -- $1 || { s=\$?; $2; [ \$s -gt 128 ] || s=2; exit \$s; })"
}
[ -n "${attach}" ] || sample=" -C${sample}"
to="${to}${b}/memsample${sample} <&3 3<&-"
[ -z "${limit}" ] || stage "${b}/memlimit${limit}"
file=$(quote "${keep}")
[ -z "${keep}" ] || copy "${file}" :
[ -z "${watch}" ] || stage "${b}/memlive"
case ${format} in
text) stage "${b}/mempeak -s ${spans:-128}${peak}" ;;
timeline-csv) stage "${b}/mempeak -s ${spans:-1000}${peak}" ;;
*) stage "${b}/mempeak${spans:+ -s ${spans}}${peak}" ;;
esac
[ -z "${peaks}" ] || copy "${peaks}" "rm -f -- ${peaks}"
if [ "${format}:${runs}" = text:1 ] || [ "${format}" != text ]; then
	stage "${b}/memfmt${fmt}"
else
	to="${to} >/dev/null"
fi
to="${to} &"

if [ -z "${attach}" ]; then
	eval "become \"\$#\" \"\${bin}/memexec\" --to \"\${to}\"${start} --"
fi
[ -z "${group}" ] || start="${start} -c $(quote "${group}")"
eval "become 0 \"\${bin}/memexec\" --to \"\${to}\"${start} -p ${pids}"

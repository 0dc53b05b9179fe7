#!/usr/local/bin/memexec -s
# SPDX-License-Identifier: MIT
# memrun - measure the memory of a command, or of running processes.
#
# memexec(1) interprets this script: sh decides what to run, memexec runs it. So the command's
# environment and signals are untouched. `sh memrun ...` works too, with the changes a shell makes.
# shellcheck shell=sh disable=SC2310 # functions in conditions exit by themselves
set -eu
command -v become >/dev/null || {
	become() { exec "$@"; }
	self=$(command -v -- "$0" || printf %s "$0")
	self=$(readlink -f -- "${self}")
	PATH=${self%/*}:${PATH}
}

help() {
	cat <<'HELP'
usage: memrun [option ...] [--] command [argument ...]
       memrun [option ...] -p pid | -N name | -m text | -c cgroup ...

memrun: measure the memory of a command, or of running processes

  -p, --pid pid             measure this process and its descendants
  -N, --name name           measure the processes of this name
  -m, --match text          measure the processes with text in their command line
  -c, --cgroup cgroup       measure the processes in a control group
  -x, --no-children         leave out descendants
  -A, --wait-all            also wait for processes that outlive the command
  -g, --own-cgroup          run the command in a control group of its own
  -d, --duration time       stop measuring after this time
  -O, --stdout file         write the command's standard output to file
  -E, --stderr file         write the command's standard error to file
      --silent              discard the command's output
  -i, --interval time       sample at least every time
      --hertz n             sample n times a second
  -a, --adapt auto|adaptive|fixed
                            choose the schedule
  -b, --budget percent      use at most percent of one CPU
  -P, --pss                 also read PSS and USS
      --pss-budget percent  use at most percent of one CPU for PSS
      --columns list        sample these columns too
  -L, --label key=value     add a column with this value
  -t, --total size          limit the total
      --max-proc size       limit each process
      --metric metric       limit rss, footprint, pss or the memory of the cgroup
  -k, --kill[=signal]       end the processes when a limit is exceeded
      --grace time          wait before SIGKILL
  -o, --output file         write the report to file; - is standard output
  -f, --format format       choose the format of the next -o, or of the report
      --append              add to what the file of the next -o holds
  -j, --json                the same as -f json
      --csv                 the same as -f csv
  -q, --quiet               print only the peak, in bytes
  -T, --template text       print text with its fields filled in
  -u, --unit unit           print sizes in this unit
  -G, --graph               draw the chart on any output
      --timeline            add the memory over time to JSON
      --group-by key        group processes by comm, exe, user, parent or a column
      --include regex       report only the processes with matching names
      --exclude regex       leave out the processes with matching names
  -v, --verbose             add further figures, all groups and processes to the report
  -w, --watch               show the present state while measuring
  -s, --samples file        keep the samples; {host} and {rank} in file are filled in
      --check               validate the options and operands, then exit
  -h, --help                print this help
  -V, --version             print the version

The manual is memrun(1).
HELP
}

# Print a message without control characters; print the usage if $2 is given; exit.
die() {
	[ -z "$1" ] || { printf 'memrun: %s' "$1" | LC_ALL=C tr '\001-\037\177' '?'; echo; } >&2
	[ -z "${2-}" ] || help | sed -n 1,2p >&2
	exit 125
}

# Set $quoted to $1 as one word of shell text.
quote() {
	quoted='' rest=$1
	while [ "${rest#*\'}" != "${rest}" ]; do
		quoted="${quoted}${rest%%\'*}'\\''"
		rest=${rest#*\'}
	done
	quoted="'${quoted}${rest}'"
}

need() { [ -n "${2-}" ] || die "$1: missing argument" usage; joined=''; }

# Set $file to the argument of an option, with {host} and {rank} filled in.
fill() { need "$@"; file=$2; case $2 in *'{host}'* | *'{rank}'*) file=$(memexec --fill "$2") || exit 125 ;; *) ;; esac; }

# take STAGE OPTION ARGUMENT: add both to the options of STAGE.
take() { need "$2" "${3-}"; quote "$3"; eval "$1=\"\${$1} \$2 \${quoted}\""; }

# Exit unless the file $1 can be written. In a shared folder, only this user may have made it.
claim() {
	[ ! -d "$1" ] || die "$1: Is a directory"
	[ -e "$1" ] || [ -L "$1" ] || (set -C; : >"$1") 2>/dev/null || :
	user=$(id -u) at=${1%"${1##*/}"}.
	shared=$(command find "${at}" -prune -perm -1002 2>/dev/null) || :
	mine=$(command find "${at}/${1##*/}" -prune -user "${user}" \( ! -type f -o -links 1 \) 2>/dev/null) || :
	[ -n "${mine}" ] || [ -z "${shared}" ] || die "$1: not allowed: another user's, or with another name, in a shared folder"
	[ -p "$1" ] || { true >>"$1"; } 2>/dev/null || die "$1: cannot be written"
}

# Add the processes that pstree-pids finds, except this shell.
find() {
	attach=1
	found=$(pstree-pids -x "$@") || { [ "$?" -ne 1 ] || exit 1; exit 125; }
	for pid in ${found}; do [ "${pid}" = "$$" ] || pids="${pids} ${pid}"; done
}

# Add a stage $1 that copies the samples and writes the file $2 from them.
view() { quote "$2"; views="${views} | $1 -o ${quoted} ${in}<&-" checks="${checks} && $1 --check -o ${quoted}"; }

# Exit unless the stage $1 accepts its options.
check() { [ -z "$2" ] || eval "$1 --check $2" || exit 125; }

sample='' limit='' keep='' watch='' peak='' fmt='' form='' start='' out='' views='' checks=:
pids='' attach='' group='' own='' check='' metric='' in=3
while case $* in */fd/"${in}"*) ;; *) false ;; esac; do in=$((in + 1)); done
while [ "$#" -gt 0 ]; do
	joined=''
	case $1 in # split -xN, -iTIME and --interval=TIME
	--[!k]*=*) joined=$1; shift; set -- "${joined%%=*}" "${joined#*=}" "$@" ;;
	-[AGgjPqvwx][!-]*) word=$1; shift; set -- "${word%"${word#??}"}" "-${word#??}" "$@" ;;
	-[abcdEfiLmNOopsTtu]?*) word=$1; shift; set -- "${word%"${word#??}"}" "${word#??}" "$@" ;;
	*) ;;
	esac
	case $1 in
	-[abdiL] | --adapt | --budget | --duration | --interval | --label | --hertz | --columns | --pss-budget) take sample "$@"; shift ;;
	-[Px] | --pss | --no-children) sample="${sample} $1" ;;
	-t | --total | --max-proc | --grace) take limit "$@"; shift ;;
	--metric) take limit "$@"; metric=$2; shift ;;
	-k* | --kill | --kill=*) quote "$1"; limit="${limit} ${quoted}"; sample="${sample} --columns start" ;;
	-s | --samples) fill "$@"; keep=${file}; shift ;;
	-w | --watch) watch=1 ;; --check) check=1 ;;
	--group-by) take peak "$@"; take sample --columns "$2"; shift ;;
	--include | --exclude) take peak "$@"; shift ;;
	-f | --format) need "$@"; form=$2; shift ;;
	-j | --json) form=json ;; --csv) form=csv ;; -q | --quiet) form=bytes ;;
	-[Tu] | --template | --unit) take fmt "$@"; shift ;;
	-[Gv] | --append | --graph | --timeline | --verbose) fmt="${fmt} $1" ;;
	-o | --output) fill "$@"
		case ${form}:${file} in
		:*.html | :*.trace.json | html:* | trace:*) view "memview${form:+ -f ${form}}" "${file}" ;;
		:*.svg | :*.png | :*.pdf | svg:* | png:* | pdf:*) view memplot "${file}" ;;
		*) [ -z "${form}" ] || take fmt -f "${form}"; take fmt -o "${file}"; out=1 ;;
		esac; form=''; shift ;;
	-[EO] | --stderr | --stdout) fill "$@"; take start "$1" "${file}"; shift ;;
	-g | --own-cgroup) start="${start} $1"; own=1 ;; -A | --wait-all | --silent) start="${start} $1" ;;
	-N | --name) need "$@"; find -n "$2"; take sample --name "$2"; shift ;;
	-p | --pid) need "$@"; find -- "$2"; shift ;; -m | --match) need "$@"; find -m "$2"; shift ;;
	-c | --cgroup) [ -z "${group}" ] || die "-c: ${2-}: only one control group is allowed"
		take group "$@"; find -c "$2"; shift ;;
	-h | --help) help; exit ;; -V | --version) version=$(memexec -V); echo "memrun ${version#* }"; exit ;;
	--) shift; break ;; -?*) die "$1: invalid option" usage ;; *) break ;;
	esac
	[ -z "${joined}" ] || die "${joined%%=*}: no argument allowed" usage
	shift
done

# ---- the stages validate their options before the command starts
case ${attach}:$# in
1:0) [ -n "${pids}" ] || { echo 'memrun: no such process' >&2; exit 1; }
	[ -z "${start}" ] || die "${start# }: not allowed with -p, -N, -m or -c" ;;
1:*) die "$1: a command is not allowed with -p, -N, -m or -c" ;;
:0) die '' usage ;; *) ;;
esac
case ${keep} in '') ;;
- | /dev/stdin | /dev/stdout | /dev/fd/[01] | /proc/self/fd/[01])
	die "-s: ${keep}: not allowed: samples need a file" ;;
*) claim "${keep}" ;;
esac
[ "${metric}:${group}${own}" != cgroup: ] || die '--metric cgroup: not allowed without -g or -c'
[ "${metric}" != pss ] || sample="${sample} -P"
check memsample "${sample}"; check memlimit "${limit}"; eval "${checks}" || exit 125
[ -z "${form}" ] || take fmt -f "${form}"; check mempeak "${peak}"; check memfmt "${fmt}"
check memexec "${start:+ --to :${start} true}"
[ -z "${check}" ] || exit 0

# ---- the pipeline, in the background, so that its shell exits: descriptor ${in} is its input
stage() { to="${to} | $1 ${in}<&-"; }
to='>&2'; [ -z "${out}" ] || to=''
case ${keep} in /dev/* | /proc/*) tee='tee -a' ;; *) tee='tee' ;; esac # do not truncate what is open
case ${fmt} in *timeline*) spans=1000 ;; *) spans=400 ;; esac
[ -n "${attach}" ] || sample=" -C${sample}"; to="exec ${in}<&0 ${to}; memsample${sample} <&${in} ${in}<&-"
[ -z "${limit}" ] || stage "memlimit${limit}"
quote "${keep}" # a failure of tee does not end the measuring
[ -z "${keep}" ] || stage "(trap '' PIPE
	${tee} -- ${quoted} || { s=\$?; [ \$s -gt 128 ] || s=2; exit \$s; })"
[ -z "${watch}" ] || stage memlive; to="${to}${views}"
stage "mempeak -s ${spans}${peak}"; stage "memfmt${fmt}"
case ${attach}:${form} in :* | 1:bytes) ;;
*) eval "set -- ${pids}"; [ "$#" -eq 1 ] && what="process $1" || what="$# processes"
	[ ! -t 2 ] || echo "memrun: measuring ${what}; press Ctrl-C for the report" >&2 ;; esac
[ -z "${attach}" ] || eval "become memexec --to \"\${to} &\"${group} -p ${pids}"
eval "become memexec --to \"\${to} &\"${start} -- \"\$@\""

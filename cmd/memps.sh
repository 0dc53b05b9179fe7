#!/bin/sh
# SPDX-License-Identifier: MIT
# memps - print what processes hold now, as a tree.
set -eu
self=$(command -v -- "$0" || printf %s "$0")
self=$(readlink -f -- "${self}")
PATH=${self%/*}:${PATH}

help() {
	cat <<'HELP'
usage: memps [-Pwx] [-c cgroup] [-m text] [-N name] [pid ...]

memps: print what processes hold now, as a tree; by default those of the user

  -c, --cgroup cgroup       print the processes in a control group
  -m, --match text          print the processes with text in their command line
  -N, --name name           print the processes of this name
  -P, --pss                 also read PSS
  -w, --watch               print again every second until a signal
  -x, --no-children         leave out descendants
      --check               validate the options and operands, then exit
  -h, --help                print this help
  -V, --version             print the version

The manual is memps(1).
HELP
}

# Print a message without control characters; print the usage if $2 is given; exit.
die() {
	[ -z "$1" ] || { printf 'memps: %s' "$1" | LC_ALL=C tr '\001-\037\177' '?'; echo; } >&2
	[ -z "${2-}" ] || help | sed -n 1p >&2
	exit 2
}

# Run a command that prints. That the reader has closed a pipe is no error to report.
print() {
	"$@" 2>/dev/null || { [ -p /dev/fd/1 ] || die 'standard output: cannot be written'; exit 2; }
}

# Add the processes that pstree-pids finds.
add() {
	found=$(pstree-pids -x "$@")
	for pid in ${found}; do pids="${pids} ${pid}"; done
}

need() {
	[ -n "${2-}" ] || die "$1: missing argument" usage
	joined=''
}

pids='' sample='' watch='' check='' quiet=''

while [ "$#" -gt 0 ]; do
	joined=''
	case $1 in # split -Px, -NNAME and --name=NAME
	--*=*) joined=$1; shift; set -- "${joined%%=*}" "${joined#*=}" "$@" ;;
	-[Pwx][!-]*) word=$1; shift; set -- "${word%"${word#??}"}" "-${word#??}" "$@" ;;
	-[cmN]?*) word=$1; shift; set -- "${word%"${word#??}"}" "${word#??}" "$@" ;;
	*) ;;
	esac
	case $1 in
	-c | --cgroup) need "$@"; add -c "$2"; shift ;;
	-m | --match) need "$@"; add -m "$2"; shift ;;
	-N | --name) need "$@"; add -n "$2"; shift ;;
	-[Px] | --pss | --no-children) sample="${sample} $1" ;;
	-w | --watch) watch=1 ;;
	--check) check=1 ;;
	-h | --help) print help; exit ;;
	-V | --version) version=$(memexec -V); print echo "memps ${version#* }"; exit ;;
	--) shift; break ;;
	-?*) die "$1: invalid option" usage ;;
	*) break ;;
	esac
	[ -z "${joined}" ] || die "${joined%%=*}: no argument allowed" usage
	shift
done

[ "$#" -eq 0 ] || add -- "$@"
if [ -z "${pids}" ]; then # the processes of the user, without kernel threads
	user=$(id -u)
	if [ -d /proc/self ]; then # ps(1) need not be there
		found=$(find /proc/[0-9]* -prune -user "${user}" 2>/dev/null) || :
		for dir in ${found}; do
			[ ! -e "${dir}/exe" ] || pids="${pids} ${dir#/proc/}"
		done
	else
		pids=$(ps -U "${user}" -o pid= | tr '\n' ' ')
	fi
	quiet=' 2>/dev/null' # some have exited since
fi
[ -z "${check}" ] || exit 0

if [ -n "${watch}" ]; then # memexec ends the pipeline on a signal
	eval "exec memexec --to 'memsample -i 1s -a fixed${sample}${quiet} | memtree -w' -p ${pids}"
fi
# The line leaves out this shell.
eval "printf '#launcher\t%s\n' $$; printf '%s\n' ${pids}" | eval "memsample -1${sample}${quiet}" | memtree

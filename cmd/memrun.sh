#!/bin/sh
# Puts the usual pipeline together: run a command, or attach to processes, and
# report how much memory they needed. All the measuring is in the stages.
set -eu

usage() {
	cat >&2 <<'EOF'
usage: memrun [-cGjqx] [-a pace] [-b percent] [-i interval] [-o file] [-s file]
              [--] command [argument ...]
       memrun [-cGjqx] [-a pace] [-b percent] [-d duration] [-i interval] [-o file]
              [-s file] -p pid | -N name ...
EOF
	exit 125
}

die() {
	printf 'memrun: %s\n' "$1" >&2
	exit 125
}

# The stages stand beside this script, or beside what a link to it points to.
bin=${0%/*}
if [ ! -x "${bin}/memexec" ]; then
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

# A file that can be written; its content, if there is any, is given up.
claim() {
	case $1 in
	*/) die "$1: Is a directory" ;;
	*) ;;
	esac
	[ ! -d "$1" ] || die "$1: Is a directory"
	[ -p "$1" ] || [ -c "$1" ] || (: >"$1") 2>/dev/null || die "$1: can't be written"
}

alone='' flags='' format=text pace='' interval='' duration='' out='' keep='' attach='' pids=''

need() {
	[ -n "${2-}" ] || { printf 'memrun: %s: its argument is missing\n' "$1" >&2; usage; }
}

# What pstree-pids finds joins the PIDs; if nothing is, that is the answer.
find() {
	pids="${pids} $("${bin}/pstree-pids" -x "$@")" && return
	[ "$?" -eq 1 ] && exit 1
	exit 125
}

while [ "$#" -gt 0 ]; do
	case $1 in
	--adapt=* | --budget=* | --duration=* | --interval=* | --name=* | --output=* | --pid=* | --samples=*)
		word=$1; shift
		set -- "${word%%=*}" "${word#*=}" "$@" ;;
	-[cGjqx][!-]*)
		word=$1; shift
		set -- "${word%"${word#??}"}" "-${word#??}" "$@" ;;
	-[abdiNops]?*)
		word=$1; shift
		set -- "${word%"${word#??}"}" "${word#??}" "$@" ;;
	*) ;;
	esac
	case $1 in
	-c | --csv) format=csv ;;
	-G | --graph) flags=" -G" ;;
	-j | --json) format=json ;;
	-q | --quiet) format=bytes ;;
	-x | --no-children) alone=" -x" ;;
	-a | --adapt) need "$@"; pace="${pace} -a $(quote "$2")"; shift ;;
	-b | --budget) need "$@"; pace="${pace} -b $(quote "$2")"; shift ;;
	-d | --duration) need "$@"; duration=$2; shift ;;
	-i | --interval) need "$@"; interval=$2; shift ;;
	-o | --output) need "$@"; out=$2; shift ;;
	-s | --samples) need "$@"; keep=$2; shift ;;
	-p | --pid)
		need "$@"; attach=1
		find -- "$2"; shift ;;
	-N | --name)
		need "$@"; attach=1
		find -n "$2"; shift ;;
	--) shift; break ;;
	-?*) printf 'memrun: %s: no such option\n' "$1" >&2; usage ;;
	*) break ;;
	esac
	shift
done

if [ -n "${attach}" ]; then
	[ "$#" -eq 0 ] || die "$1: a command and -p or -N don't go together"
else
	[ "$#" -gt 0 ] || usage
	[ -z "${duration}" ] || die "-d goes with -p or -N"
fi

# Wrong options fail here, before the command starts.
[ -z "${interval}" ] || pace="${pace} -i $(quote "${interval}")"
[ -z "${duration}" ] || pace="${pace} -d $(quote "${duration}")"
[ -z "${pace}" ] || eval "\"\${bin}/memsample\" -1${pace} $$ >/dev/null" || exit 125
sample=${alone}${pace}
[ -z "${keep}" ] || claim "${keep}"
[ -z "${out}" ] || [ "${out}" = - ] || claim "${out}"

# The pipeline. Its shell would only wait, so it leaves the stages to memexec;
# in the background they would lose their stdin, hence descriptor 3.
b=$(quote "${bin}")
case ${out} in
-) to='exec 3<&0; ' ;;
'') to='exec 3<&0 >&2; ' ;;
*) to="exec 3<&0 >$(quote "${out}"); " ;;
esac
[ -z "${keep}" ] || keep=" | tee -- $(quote "${keep}") 3<&-"
spans=''
[ "${format}" != text ] || spans=' -s 128'
report=" | ${b}/mempeak${spans} 3<&- | ${b}/memfmt -f ${format}${flags} 3<&- &"

if [ -z "${attach}" ]; then
	exec "${bin}/memexec" --to "${to}${b}/memsample -C${sample} <&3 3<&-${keep}${report}" -- "$@"
fi
# shellcheck disable=SC2086 # numbers
exec "${bin}/memexec" --to "${to}${b}/memsample${sample} <&3 3<&-${keep}${report}" -p ${pids}

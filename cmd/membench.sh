#!/bin/sh
# membench - measure a command several times, keep the peaks as a baseline, compare them with one.
#
# memrun(1) measures each run, memdiff(1) summarizes and compares. A baseline is a file of peaks.
# shellcheck disable=SC2310 # functions in conditions exit by themselves
set -eu
self=$(command -v -- "$0" || printf %s "$0")
self=$(readlink -f -- "${self}")
bin=${self%/*}

help() {
	cat <<'HELP'
usage: membench [option ...] [--] command [argument ...]
       membench [--dir dir] --list | --delete baseline

membench: measure a command several times and compare the peaks with a baseline

  -n, --runs runs           run the command this many times; the default is 5
      --save baseline       keep the peaks as a baseline
      --against baseline    compare with a baseline; exit 1 on a regression
      --threshold change    allow this percentage or size more; the default is 10%
      --list                list the baselines
      --delete baseline     delete a baseline
      --dir dir             keep baselines in dir; the default is .mempipe
  -o, --output file         write the report to file; - is standard output
  -a, --adapt auto|adaptive|fixed
                            choose the schedule
  -A, --wait-all            also wait for processes that outlive the command
  -b, --budget percent      use at most percent of one CPU
  -E, --stderr file         write the command's standard error to file
  -g, --own-cgroup          run the command in a control group of its own
  -i, --interval time       sample at least every time
  -L, --label key=value     add a column with this value
  -O, --stdout file         write the command's standard output to file
  -P, --pss                 also read PSS and USS
  -x, --no-children         leave out descendants
      --columns list        sample these columns too
      --exclude regex       leave out the processes with matching names
      --group-by key        group processes by comm, exe, user, parent or a column
      --hertz n             sample n times a second
      --include regex       report only the processes with matching names
      --silent              discard the command's output
      --check               validate the options and operands, then exit
  -h, --help                print this help
  -V, --version             print the version

The manual is membench(1).
HELP
}

# Print a message without control characters.
warn() { { printf 'membench: %s' "$1" | LC_ALL=C tr '\001-\037\177' '?'; echo; } >&2; }

# Print the message $1 unless it is empty; print the usage if $2 is given; exit.
die() {
	[ -z "$1" ] || warn "$1"
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

need() {
	[ -n "${2-}" ] || die "$1: missing argument" usage
	joined=''
}

# Add an option for memrun.
pass() {
	need "$@"
	quote "$2"
	options="${options} $1 ${quoted}"
}

# Set $file to the path of the baseline that OPTION names.
baseline() {
	case $2 in
	.* | -* | *[!A-Za-z0-9._-]*) die "$1: $2: a name may hold letters, digits, '.', '_' and '-'" ;;
	*) file=${dir}/$2.tsv ;;
	esac
}

existing() {
	baseline "$@"
	[ -e "${file}" ] || die "${file}: not found"
}

list_baselines() {
	printf 'name\truns\trss_kib\tcommand\n'
	for file in "${dir}"/*.tsv; do
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

options='' runs=5 save='' against='' threshold='' list='' delete='' dir=.mempipe out='' check='' tmp=''

while [ "$#" -gt 0 ]; do
	joined=''
	case $1 in # split -xN, -iTIME and --interval=TIME
	--*=*) joined=$1; shift; set -- "${joined%%=*}" "${joined#*=}" "$@" ;;
	-[AgPx][!-]*) word=$1; shift; set -- "${word%"${word#??}"}" "-${word#??}" "$@" ;;
	-[abEiLnOo]?*) word=$1; shift; set -- "${word%"${word#??}"}" "${word#??}" "$@" ;;
	*) ;;
	esac
	case $1 in
	-n | --runs) need "$@"; runs=$2; shift ;;
	--save) need "$@"; save=$2; shift ;;
	--against) need "$@"; against=$2; shift ;;
	--threshold) need "$@"; threshold=$2; shift ;;
	--list) list=1 ;;
	--delete) need "$@"; delete=$2; shift ;;
	--dir) need "$@"; dir=$2; shift ;;
	-o | --output) need "$@"; out=$2; shift ;;
	-[abEiLO] | --adapt | --budget | --stderr | --interval | --label | --stdout) pass "$@"; shift ;;
	--columns | --exclude | --group-by | --hertz | --include) pass "$@"; shift ;;
	-[AgPx] | --wait-all | --own-cgroup | --pss | --no-children | --silent) options="${options} $1" ;;
	--check) check=1 ;;
	-h | --help) help; exit ;;
	-V | --version) version=$("${bin}/memexec" -V); echo "membench ${version#* }"; exit ;;
	--) shift; break ;;
	-?*) die "$1: invalid option" usage ;;
	*) break ;;
	esac
	[ -z "${joined}" ] || die "${joined%%=*}: no argument allowed" usage
	shift
done

# ---- everything is validated before the first run

case ${list}${delete:+2}:$# in
:0) die '' usage ;;
1:0) [ -n "${check}" ] || list_baselines; exit ;;
2:0)
	existing --delete "${delete}"
	[ -n "${check}" ] || rm -- "${file}"
	exit ;;
:*) ;;
*) die '--list, --delete: not allowed with each other or with a command' ;;
esac
case ${runs} in
0* | *[!0-9]* | ???????*) die "-n: ${runs}: the number of runs must be from 1 to 999999" ;;
*) ;;
esac
if [ -n "${against}" ]; then
	existing --against "${against}"
	against=${file}
	"${bin}/memdiff" --check -t "${threshold:=10%}" -- "${against}" "${against}" || exit 125
	"${bin}/memdiff" -- "${against}" >/dev/null || exit 125
fi
[ -n "${against}" ] || [ -z "${threshold}" ] || die '--threshold: only allowed with --against'
eval "\"\${bin}/memrun\" --check${options} -- \"\$@\"" || exit 125
case ${out} in
'') exec 3>&2 ;;
-) exec 3>&1 ;;
*)
	[ ! -d "${out}" ] || die "${out}: Is a directory"
	{ true >>"${out}"; } 2>/dev/null || die "${out}: cannot be written" ;;
esac
if [ -n "${save}" ]; then
	baseline --save "${save}"
	save=${file}
	[ ! -d "${save}" ] || die "${save}: Is a directory"
	[ -n "${check}" ] || mkdir -p -- "${dir}" 2>/dev/null || die "${dir}: cannot be created"
	[ -n "${check}" ] || [ -w "${dir}" ] || die "${dir}: cannot be written"
fi
[ -z "${check}" ] || exit 0

# ---- the runs, then the report

# Remove the temporary files, then end by the signal $1.
# shellcheck disable=SC2317 # called by traps
end() {
	trap - EXIT "$1"
	rm -rf -- "${tmp}"
	kill -s "$1" "$$"
}
trap 'rm -rf -- "${tmp}"' EXIT
for signal in HUP INT TERM; do
	# shellcheck disable=SC2064 # the signal's name is expanded now
	trap "end ${signal}" "${signal}"
done
tmp=$(mktemp -d "${TMPDIR:-/tmp}/membench.XXXXXX" 2>/dev/null) ||
	die "${TMPDIR:-/tmp}: no temporary folder can be created"

status=0 run=1
while [ "${run}" -le "${runs}" ] && [ "${status}" -eq 0 ]; do
	eval "\"\${bin}/memrun\"${options} -f tsv -o \"\${tmp}/run\" -- \"\$@\"" 3>&- || status=$?
	[ ! -s "${tmp}/run" ] || grep -v '^span' "${tmp}/run" >>"${tmp}/peaks"
	run=$((run + 1))
done
[ -s "${tmp}/peaks" ] || exit "$((status > 0 ? status : 125))"
[ "${status}" -eq 0 ] ||
	warn "run $((run - 1)) of ${runs} failed with status ${status}: it is the last${save:+; no baseline is saved}"

case ${out} in '' | -) ;; *) exec 3>"${out}" ;; esac
"${bin}/memdiff" -f text -- - <"${tmp}/peaks" >&3 || status=$((status > 0 ? status : 125))
verdict=0
if [ -n "${against}" ]; then
	echo >&3
	"${bin}/memdiff" -f text -t "${threshold}" -- "${against}" - <"${tmp}/peaks" >&3 || verdict=$?
	[ "${verdict}" -lt 2 ] || verdict=125
fi
if [ -n "${save}" ] && [ "${status}" -eq 0 ]; then
	{ cp -- "${tmp}/peaks" "${save}.new" && mv -f -- "${save}.new" "${save}"; } || status=125
fi
exit "$((status > 0 ? status : verdict))"

#!/bin/sh
# SPDX-License-Identifier: MIT
# membench - measure commands several times, compare the peaks with each other and with a baseline.
#
# memrun(1) measures each run, memdiff(1) summarizes and compares. A baseline is a file of peaks.
# shellcheck disable=SC2310 # functions in conditions exit by themselves
set -eu
self=$(command -v -- "$0" || printf %s "$0")
self=$(readlink -f -- "${self}")
bin=${self%/*}

help() {
	cat <<'HELP'
usage: membench [option ...] command ...
       membench [option ...] -- command [argument ...]
       membench [--dir dir] --list | --delete baseline

membench: measure commands several times and compare the peaks

  -n, --runs runs           run each command this many times; the default is 5
  -w, --warmup runs         first run each command this many times unmeasured
  -p, --prepare command     run this command before each run
  -L, --parameter name=value,...
                            replace {name} in the commands by each value
  -i, --ignore-failure      continue after a run that fails
      --save baseline       keep the peaks as a baseline
      --against baseline    compare with a baseline; exit 1 on a regression
      --threshold change    allow this percentage or size more; the default is 10%
      --list                list the baselines
      --delete baseline     delete a baseline
      --dir dir             keep baselines in dir; the default is .mempipe
  -o, --output file         write a report to file; - is standard output
  -f, --format format       choose the format of the next -o
      --append              add to the file of the next -o
  -a, --adapt auto|adaptive|fixed
                            choose the schedule
  -A, --wait-all            also wait for processes that outlive the command
  -b, --budget percent      use at most percent of one CPU
  -E, --stderr file         write the command's standard error to file
  -g, --own-cgroup          run the command in a control group of its own
      --interval time       sample at least every time
      --label key=value     add a column with this value
  -O, --stdout file         write the command's standard output to file
  -P, --pss                 also read PSS and USS
      --pss-budget percent  use at most percent of one CPU for PSS
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
	[ -z "${2-}" ] || help | sed -n 1,3p >&2
	exit 125
}

# Run a command that prints. That the reader has closed a pipe is no error to report.
print() {
	"$@" 2>/dev/null || { [ -p /dev/fd/1 ] || die 'standard output: cannot be written'; exit 125; }
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

# Return 0 if another user can have made the file $1, or a link in its place, in a shared folder.
is_foreign() {
	user=$(id -u) at=${1%"${1##*/}"}.
	shared=$(find "${at}" -prune -perm -1002 2>/dev/null) || :
	mine=$(find "${at}/${1##*/}" -prune -user "${user}" \( ! -type f -o -links 1 \) 2>/dev/null) || :
	[ -n "${shared}" ] && [ -z "${mine}" ]
}

# Create the file $1 unless it exists. Exit unless it can be written.
claim() {
	[ ! -d "$1" ] || die "$1: Is a directory"
	[ -e "$1" ] || [ -L "$1" ] || (set -C; : >"$1") 2>/dev/null || :
	! is_foreign "$1" || die "$1: ${foreign}"
	[ -p "$1" ] || [ -c "$1" ] || { true >>"$1"; } 2>/dev/null || die "$1: cannot be written"
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

# count OPTION NUMBER LEAST: exit unless NUMBER is a number of runs, LEAST or more.
count() {
	case $2 in
	0[0-9]* | *[!0-9]* | ???????*) ;;
	*) [ "$2" -lt "$3" ] || return 0 ;;
	esac
	die "$1: $2: the number of runs must be from $3 to 999999"
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

# Print a row for each command of each baseline.
# shellcheck disable=SC2317 # called by print
list_baselines() {
	printf 'name\truns\trss_kib\tcommand\n' || return 1
	for file in "${dir}"/*.tsv; do
		[ -e "${file}" ] || continue
		name=${file##*/}
		{ "${bin}/memdiff" -- "${file}" 2>/dev/null || :; } |
			awk -F '\t' -v OFS='\t' -v name="${name%.tsv}" '
				NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i }
				$1 == "total" { print name, $at["runs"], $at["max_kib"], $at["command"] }
				END { if (NR == 0) print name, 0, "", "" }' || return 1
	done
}

# ---- outputs

# Add a report to be written to $1, in ${format} or that of its suffix. An empty $1 is standard error.
add_output() {
	[ -n "${format}" ] || case $1 in
	*.json) format=json ;;
	*.csv) format=csv ;;
	*.tsv) format=tsv ;;
	*.md) format=markdown ;;
	*.html | *.svg | *.png | *.pdf | *.prom | *.folded)
		die "-o: $1: invalid suffix: use .json, .csv, .tsv, .md, .txt, or -f" ;;
	*) format=text ;;
	esac
	outputs=$((outputs + 1))
	eval "out_${outputs}=\$1 format_${outputs}=\${format} append_${outputs}=\${append}"
	format='' append=''
}

# Make the peaks the baseline ${save}. It appears when it is complete.
save_baseline() {
	new=$(mktemp -d -- "${dir}/.membench.XXXXXX") &&
		cp -- "${tmp}/peaks" "${new}/peaks" && mv -f -- "${new}/peaks" "${save}"
}

# Set ${out}, ${format} and ${append} to those of output $1.
get_output() { eval "out=\${out_$1} format=\${format_$1} append=\${append_$1}"; }

# Print the report in ${format}. Only the first that reads the runs prints warnings about them.
print_report() {
	if [ -n "${warned}" ]; then
		"${bin}/memdiff" -f "${format}" -- - <"${tmp}/peaks" 2>"${tmp}/errors" ||
			{ cat <"${tmp}/errors" >&2; return 125; }
	else
		"${bin}/memdiff" -f "${format}" -- - <"${tmp}/peaks" || return 125
	fi
	case ${against:+${format}} in
	text | markdown) ;;
	*) return 0 ;;
	esac
	echo
	"${bin}/memdiff" -f "${format}" -t "${threshold}" -- "${against}" - \
		<"${tmp}/peaks" 2>"${tmp}/errors" || [ "$?" -eq 1 ] ||
		{ cat <"${tmp}/errors" >&2; return 125; }
}

# Write the report in ${format} to ${out}. Do not truncate what a device or a descriptor refers to.
write_report() {
	case ${append}:${out} in
	:) print_report >&2 ;;
	*:-) print_report ;;
	add:* | *:/dev/* | *:/proc/*) print_report >>"${out}" ;;
	*) print_report >"${out}" ;;
	esac
}

# ---- commands

# Set $text to $3 with each {$1} replaced by $2.
substitute() {
	text='' rest=$3 field="{$1}"
	while [ "${rest#*"${field}"}" != "${rest}" ]; do
		text="${text}${rest%%"${field}"*}$2"
		rest=${rest#*"${field}"}
	done
	text="${text}${rest}"
}

# Return 0 if $1 is a program with its arguments and redirections, which can replace the shell.
is_simple() {
	case ${1%%[[:space:]]*} in
	'' | *[!A-Za-z0-9_./+-]*) return 1 ;;
	*) ;;
	esac
	case $(command -v "${1%%[[:space:]]*}") in
	*/*) ;;
	*) return 1 ;;
	esac
	printf '%s\n' "$1" 2>/dev/null | LC_ALL=C awk '
		NR > 1 { exit 1 }
		{
			for (i = 1; i <= length($0); i++) {
				c = substr($0, i, 1)
				if (quote == "\047") {
					if (c == quote) quote = ""
				} else if (c == "\\") {
					i++
				} else if (c == "`" || substr($0, i, 2) == "$(") {
					exit 1
				} else if (quote == "\"") {
					if (c == quote) quote = ""
				} else if (c == "\047" || c == "\"") {
					quote = c
				} else if (index(";&|()", c) && !(c == "&" && substr($0, i - 1, 1) == ">")) {
					exit 1
				}
			}
			if (quote != "") exit 1
		}'
}

# scan I VALUES LINES PREPARE WORDS: add a command for each of the VALUES of parameter I and each
# combination of those after it. LINES are about the parameters before it. PREPARE and WORDS are
# shell text, with the fields within single quotes.
scan() {
	if [ "$1" -gt "${parameters}" ]; then
		commands=$((commands + 1))
		words=$5
		if [ -z "${vector}" ]; then
			eval "line=$5"
			words="sh -c $5"
			# shellcheck disable=SC2016 # for that shell
			! is_simple "${line}" || words="sh -c 'eval \"exec \$0\"' $5"
		fi
		eval "lines_${commands}=\$3 prepare_${commands}=\$4 words_${commands}=\${words}"
		return
	fi
	eval "name=\${name_$1} next=\${values_$(($1 + 1))-}"
	quote "${2%%,*}"
	value=${quoted#\'}
	value=${value%\'}
	substitute "${name}" "${value}" "$4"
	prepared=${text}
	substitute "${name}" "${value}" "$5"
	line=$(printf '#parameter\t%s\t%s' "${name}" "${2%%,*}" | sed 's/\\/\\\\/g')
	scan "$(($1 + 1))" "${next}" "$3${line}${newline}" "${prepared}" "${text}"
	case $2 in
	*,*) scan "$1" "${2#*,}" "$3" "$4" "$5" ;;
	*) ;;
	esac
}

# Add a parameter, NAME=VALUE,... .
add_parameter() {
	case ${1%%=*} in
	'' | [!A-Za-z_]* | *[!A-Za-z0-9_-]* | "$1")
		die "-L: $1: a parameter is name=value,... with letters, digits, '_' and '-' in its name" ;;
	*) ;;
	esac
	case ${1#*=} in
	'' | ,* | *, | *,,*) die "-L: $1: a value is empty" ;;
	*[[:cntrl:]]*) die "-L: $1: a value may not hold control characters" ;;
	*) ;;
	esac
	parameters=$((parameters + 1))
	eval "name_${parameters}=\${1%%=*} values_${parameters}=\${1#*=}"
}

# Exit unless each parameter is in a command.
check_parameters() {
	i=1
	while [ "${i}" -le "${parameters}" ]; do
		eval "name=\${name_${i}}"
		case " $*" in
		*"{${name}}"*) ;;
		*) die "-L: ${name}: no command has {${name}}" ;;
		esac
		i=$((i + 1))
	done
}

# ---- runs

# Print `#` lines about the machine.
describe_machine() {
	version=$("${bin}/memexec" -V)
	kernel=$(uname -sr)
	cpus=$(getconf _NPROCESSORS_ONLN 2>/dev/null || nproc 2>/dev/null || :)
	pages=$(sed -n 's/.*\[\(.*\)\].*/\1/p' /sys/kernel/mm/transparent_hugepage/enabled 2>/dev/null || :)
	swap=$(sed -n 's/^SwapTotal: *\([0-9]*\) kB$/\1/p' /proc/meminfo 2>/dev/null || :)
	printf '#kernel\t%s\n#cpus\t%s\n#transparent_huge_pages\t%s\n' "${kernel}" "${cpus}" "${pages}"
	printf '#swap_total_kib\t%s\n#mempipe_version\t%s\n' "${swap}" "${version##* }"
}

progress() { [ -z "${show}" ] || printf '\r\033[K%s' "$1" >&2; }

# measure WORDS: run them by memrun. The peaks are in run.
measure() {
	rm -f -- "${tmp}/run"
	eval "\"\${bin}/memrun\"${options} -f tsv -o \"\${tmp}/run\" -- $1"
}

# Run command ${c}. Keep the peaks if ${run} is above 0. Set ${status}.
run_command() {
	eval "lines=\${lines_${c}} prepare=\${prepare_${c}} words=\${words_${c}}"
	if [ -n "${prepare}" ]; then
		eval "${prepare}" </dev/null >&2 || {
			failed=$?
			progress ''
			die "-p: the command failed with status ${failed}"
		}
	fi
	measure "${words}" || status=$?
	[ -s "${tmp}/run" ] || { status=$((status > 0 ? status : 125)); ignore=''; return; }
	[ "${run}" -gt 0 ] || return 0
	{ printf '%s\n%s' "${machine}" "${lines}"; grep -v '^span' "${tmp}/run"; } >>"${tmp}/peaks"
}

# Run command ${c} for all its runs, until one fails. Set ${status}, and ${what} to the last one. The
# runs up to 0 warm up.
run_all() {
	run=$((1 - warmup))
	while :; do
		what="run ${run} of ${runs}"
		[ "${run}" -gt 0 ] || what="warmup run $((run + warmup)) of ${warmup}"
		progress "membench: command ${c} of ${commands}, ${what}"
		run_command
		[ -z "${ignore}" ] || status=0
		[ "${status}" -eq 0 ] || break
		[ "${run}" -lt "${runs}" ] || break
		run=$((run + 1))
	done
}

newline='
'
foreign="not allowed: another user's, or with another name, in a shared folder"
options='' runs=5 warmup=0 prepare='' ignore='' save='' against='' threshold='' list='' delete=''
dir=.mempipe format='' append='' outputs=0 parameters=0 commands=0 check='' tmp='' silent=''
out='' name='' next='' words='' lines='' line='' text='' vector='' warned='' new=''

while [ "$#" -gt 0 ]; do
	joined=''
	case $1 in # split -xN, -nRUNS and --runs=RUNS
	--*=*) joined=$1; shift; set -- "${joined%%=*}" "${joined#*=}" "$@" ;;
	-[AgiPx][!-]*) word=$1; shift; set -- "${word%"${word#??}"}" "-${word#??}" "$@" ;;
	-[abEfLnOopw]?*) word=$1; shift; set -- "${word%"${word#??}"}" "${word#??}" "$@" ;;
	*) ;;
	esac
	case $1 in
	-n | --runs) need "$@"; runs=$2; shift ;;
	-w | --warmup) need "$@"; warmup=$2; shift ;;
	-p | --prepare) need "$@"; prepare=$2; shift ;;
	-L | --parameter) need "$@"; add_parameter "$2"; shift ;;
	-i | --ignore-failure) ignore=1 ;;
	--save) need "$@"; save=$2; shift ;;
	--against) need "$@"; against=$2; shift ;;
	--threshold) need "$@"; threshold=$2; shift ;;
	--list) list=1 ;;
	--delete) need "$@"; delete=$2; shift ;;
	--dir) need "$@"; dir=$2; shift ;;
	-o | --output) need "$@"; add_output "$2"; shift ;;
	-f | --format) need "$@"; format=$2; shift
		[ "${format}" != schema ] || die '-f: schema: not allowed (use memdiff)'
		"${bin}/memdiff" --check -f "${format}" - || exit 125 ;;
	--append) append=add ;;
	-[EO] | --stderr | --stdout) pass "$@"; silent="${silent}1"; shift ;;
	-[ab] | --adapt | --budget | --interval | --label | --pss-budget) pass "$@"; shift ;;
	--columns | --exclude | --group-by | --hertz | --include) pass "$@"; shift ;;
	-[AgPx] | --wait-all | --own-cgroup | --pss | --no-children) options="${options} $1" ;;
	--silent) options="${options} $1"; silent=11 ;;
	--check) check=1 ;;
	-h | --help) print help; exit ;;
	-V | --version) version=$("${bin}/memexec" -V); print echo "membench ${version#* }"; exit ;;
	--) vector=1; shift; break ;;
	-?*) die "$1: invalid option" usage ;;
	*) break ;;
	esac
	[ -z "${joined}" ] || die "${joined%%=*}: no argument allowed" usage
	shift
done

# ---- everything is validated before the first run

case ${list}${delete:+2}:$# in
:0) die '' usage ;;
1:0) [ -n "${check}" ] || print list_baselines; exit ;;
2:0)
	existing --delete "${delete}"
	[ -n "${check}" ] || rm -- "${file}"
	exit ;;
:*) ;;
*) die '--list, --delete: not allowed with each other or with a command' ;;
esac
count -n "${runs}" 1
count -w "${warmup}" 0
if [ -n "${against}" ]; then
	existing --against "${against}"
	against=${file}
	"${bin}/memdiff" --check -t "${threshold:=10%}" -- "${against}" "${against}" || exit 125
	"${bin}/memdiff" -- "${against}" >/dev/null || exit 125
fi
[ -n "${against}" ] || [ -z "${threshold}" ] || die '--threshold: only allowed with --against'

check_parameters "$@"
eval "next=\${values_1-}"
[ -z "${prepare}" ] || { quote "${prepare}"; prepare="sh -c ${quoted}"; }
if [ -n "${vector}" ]; then
	for word; do quote "${word}"; words="${words} ${quoted}"; done
	scan 1 "${next}" '' "${prepare}" "${words}"
else
	for word; do
		case ${word} in
		-*) die "${word}: not allowed after a command: options come first, arguments follow --" ;;
		*[![:space:]]*) ;;
		*) die 'a command is empty' ;;
		esac
		quote "${word}"
		eval "next=\${values_1-}"
		scan 1 "${next}" '' "${prepare}" "${quoted}"
	done
fi
eval "\"\${bin}/memrun\" --check${options} -- ${words_1-}" || exit 125

[ -z "${append}" ] || die '--append: only allowed before -o'
[ -z "${format}" ] || add_output ''
has_text='' i=1
while [ "${i}" -le "${outputs}" ]; do
	get_output "${i}"
	case ${format}:${out} in text:* | *:) has_text=1 ;; *) ;; esac
	case ${out} in
	'' | -) ;;
	*) claim "${out}" ;;
	esac
	i=$((i + 1))
done
format='' append=''
[ -n "${has_text}" ] || add_output ''
if [ -n "${save}" ]; then
	baseline --save "${save}"
	save=${file}
	[ ! -d "${save}" ] || die "${save}: Is a directory"
	[ -n "${check}" ] || mkdir -p -- "${dir}" 2>/dev/null || die "${dir}: cannot be created"
	[ -n "${check}" ] || [ -w "${dir}" ] || die "${dir}: cannot be written"
	[ -n "${check}" ] || ! is_foreign "${dir%/}" || die "${dir}: ${foreign}"
fi
[ -z "${check}" ] || exit 0

# ---- the runs, then the reports

# Remove the temporary folders.
# shellcheck disable=SC2317 # called by traps
clean_up() { rm -rf -- "${tmp}" "${new:-${tmp}}"; }

# Remove them, then end by the signal $1.
# shellcheck disable=SC2317 # called by traps
end() {
	trap - EXIT "$1"
	clean_up
	kill -s "$1" "$$"
}
trap clean_up EXIT
for signal in HUP INT TERM; do
	# shellcheck disable=SC2064 # the signal's name is expanded now
	trap "end ${signal}" "${signal}"
done
tmp=$(mktemp -d "${TMPDIR:-/tmp}/membench.XXXXXX" 2>/dev/null) ||
	die "${TMPDIR:-/tmp}: no temporary folder can be created"
machine=$(describe_machine)

# The progress is shown on a terminal that the commands do not write to.
show=''
if [ -t 2 ] && [ "${TERM:-dumb}" != dumb ]; then
	[ -t 1 ] || show=1
	[ "${#silent}" -lt 2 ] || show=1
fi

status=0 c=1 what=''
while :; do
	run_all
	[ "${status}" -eq 0 ] || break
	[ "${c}" -lt "${commands}" ] || break
	c=$((c + 1))
done
progress ''
reported=''
[ ! -s "${tmp}/run" ] || reported=1
[ ! -s "${tmp}/peaks" ] || reported=1
if [ "${status}" -ne 0 ] && [ -n "${reported}" ]; then
	[ "${commands}" -eq 1 ] || what="${what} of command ${c}"
	warn "${what} failed with status ${status}: it is the last${save:+; no baseline is saved}"
fi
[ -s "${tmp}/peaks" ] || exit "$((status > 0 ? status : 125))"

verdict=0
if [ -n "${against}" ]; then
	"${bin}/memdiff" -t "${threshold}" -- "${against}" - <"${tmp}/peaks" >/dev/null || verdict=$?
	[ "${verdict}" -lt 2 ] || verdict=125
	warned=1
fi
i=1
while [ "${i}" -le "${outputs}" ]; do
	get_output "${i}"
	write_report || status=$((status > 0 ? status : 125))
	warned=1
	i=$((i + 1))
done
if [ -n "${save}" ] && [ "${status}" -eq 0 ]; then
	save_baseline || status=125
fi
exit "$((status > 0 ? status : verdict))"

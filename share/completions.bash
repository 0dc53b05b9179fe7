# bash completion for the programs of mempipe.
# shellcheck shell=bash

# Into COMPREPLY: the words of $1 that begin with the word at the cursor.
_mempipe_words() {
	mapfile -t COMPREPLY < <(compgen -W "$1" -- "$_mempipe_cur")
}

_mempipe_files() {
	compopt -o filenames 2>/dev/null
	mapfile -t COMPREPLY < <(compgen -f -- "$_mempipe_cur")
}

_mempipe_pids() {
	local dir pids=''
	for dir in /proc/[0-9]*; do
		pids+="${dir#/proc/} "
	done
	_mempipe_words "$pids"
}

# Names may hold blanks and worse: they are compared, not expanded.
_mempipe_names() {
	local file name
	local -A seen=()
	COMPREPLY=()
	for file in /proc/[0-9]*/comm; do
		{ IFS= read -r name <"$file"; } 2>/dev/null || continue
		[[ -n $name && $name == "$_mempipe_cur"* && -z ${seen[x$name]-} ]] || continue
		seen[x$name]=1
		COMPREPLY+=("$(printf %q "$name")")
	done
}

# The last of a list with commas; what stands before it stays.
_mempipe_columns() {
	local before='' word
	local columns="time pid ppid rss hwm vsz pss uss swap shared regions threads
		cpu_ms read write start exe user cmd comm"
	[[ $_mempipe_cur != *,* ]] || before=${_mempipe_cur%,*},
	compopt -o nospace 2>/dev/null
	COMPREPLY=()
	for word in $columns; do
		[[ ,$before != *",$word,"* && $before$word == "$_mempipe_cur"* ]] &&
			COMPREPLY+=("$before$word")
	done
}

# The command that stands from word $1 on.
_mempipe_command() {
	if declare -F _comp_command_offset >/dev/null; then
		_comp_command_offset "$1"
	elif declare -F _command_offset >/dev/null; then
		_command_offset "$1"
	elif ((COMP_CWORD == $1)); then
		compopt -o filenames 2>/dev/null
		mapfile -t COMPREPLY < <(compgen -c -- "$_mempipe_cur")
	else
		_mempipe_files
	fi
}

# What option $2 of program $1 takes: a kind of argument, or nothing.
_mempipe_takes() {
	case $1:$2 in
	memexec:--to | memexec:--after) echo command-text ;;
	memexec:-r | memexec:--repeat) echo number ;;
	memexec:-[cEO] | memexec:--of-cgroup | memexec:--stderr | memexec:--stdout) echo file ;;
	memdiff:-f | memdiff:--format) echo diff-format ;;
	memdiff:-t | memdiff:--threshold) echo number ;;
	memfmt:-f | memfmt:--format) echo format ;;
	memleak:-f | memleak:--format) echo leak-format ;;
	memleak:-[lp] | memleak:--length | memleak:--part) echo number ;;
	mempeak:-g | mempeak:--group) echo key ;;
	mempeak:-[IX] | mempeak:--include | mempeak:--exclude) echo name ;;
	memlimit:-[gmt] | memlimit:--grace | memlimit:--max-proc | memlimit:--total) echo number ;;
	memlive:-n | memlive:--every | mempeak:-[ns] | mempeak:--processes | mempeak:--spans) echo number ;;
	memplot:-[nsT] | memplot:--number | memplot:--size | memplot:--title) echo number ;;
	memfmt:-T | memfmt:--template) echo text ;;
	memfmt:-u | memfmt:--unit) echo unit ;;
	memrun:-a | memrun:--adapt | memsample:-a | memsample:--adapt) echo pace ;;
	memrun:-[bdiLmrtTu] | memrun:--budget | memrun:--duration | memrun:--interval | memrun:--label) echo number ;;
	memrun:--match | memrun:--repeat | memrun:--total | memrun:--template | memrun:--unit) echo number ;;
	memrun:--hertz | memrun:--grace | memrun:--max-proc | memrun:--regression-threshold) echo number ;;
	memrun:-[EOos] | memrun:--output | memrun:--samples | memrun:--std* | memrun:--chart) echo file ;;
	memrun:--baseline-dir | memrun:--of-cgroup) echo file ;;
	memrun:--*-baseline) echo baseline ;;
	memrun:--columns) echo columns ;;
	memrun:-f | memrun:--format) echo format ;;
	memrun:--group-by) echo key ;;
	memrun:--then) echo command-text ;;
	memrun:--include | memrun:--exclude) echo name ;;
	memrun:-p | memrun:--pid) echo pid ;;
	memrun:-N | memrun:--name | pstree-pids:-n | pstree-pids:--name) echo name ;;
	pstree-pids:-c | pstree-pids:--cgroup) echo file ;;
	pstree-pids:-m | pstree-pids:--match) echo text ;;
	memsample:-[bdinL] | memsample:--budget | memsample:--duration) echo number ;;
	memsample:--interval | memsample:--hertz | memsample:--label | memsample:--count) echo number ;;
	memsample:-o | memsample:--columns) echo columns ;;
	esac
}

_mempipe_options() {
	case $1 in
	memdiff) echo "-f --format -g --groups -t --threshold" ;;
	memexec) echo "-A --wait-all --after --after-out -c --of-cgroup -E --stderr -g --cgroup -O --stdout -p --pids -r --repeat --to" ;;
	memfmt) echo "-G --graph -f --format -T --template -t --timeline -u --unit" ;;
	memleak) echo "-a --all -f --format -l --length -p --part" ;;
	memlimit) echo "-g --grace -k --kill -m --max-proc -t --total" ;;
	memlive) echo "-n --every" ;;
	mempeak) echo "-g --group -I --include -n --processes -s --spans -X --exclude" ;;
	memplot) echo "-g --groups -n --number -o --output -p --processes -s --size -t --total -T --title" ;;
	memrun) echo "-1 --once -A --wait-all -a --adapt -b --budget --baseline-dir -c --csv --chart --columns
		--compare-baseline -d --duration --delete-baseline -E --stderr --exclude -f --format -G --graph
		-g --cgroup --grace --group-by -h --help --hertz -i --interval --include -j --json -k --kill
		-L --label --list-baselines -m --match --max-proc -N --name -O --stdout -o --output
		--of-cgroup -P --pss -p --pid -q --quiet -r --repeat --regression-threshold -s --samples
		--save-baseline --silent -T --template -t --total --then --timeline -u --unit -V --version
		-w --watch -x --no-children" ;;
	memsample) echo "-1 --once -a --adapt -b --budget -C --continue -d --duration -H --no-header
		--hertz -i --interval -L --label -n --count -o --columns -P --pss -x --no-children" ;;
	memtree) echo "-w --watch" ;;
	pstree-pids) echo "-c --cgroup -l --long -m --match -n --name -x --no-children" ;;
	esac
}

_mempipe_argument() {
	case $1 in
	diff-format) _mempipe_words "text tsv" ;;
	leak-format) _mempipe_words "tsv text" ;;
	format) _mempipe_words "text json csv process-csv timeline-csv markdown openmetrics bytes" ;;
	unit) _mempipe_words "B kB KiB MB MiB GB GiB" ;;
	pace) _mempipe_words "auto adaptive fixed" ;;
	baseline) _mempipe_words "$(memrun --list-baselines 2>/dev/null | sed 1d | cut -f1)" ;;
	file) _mempipe_files ;;
	pid) _mempipe_pids ;;
	name) _mempipe_names ;;
	columns) _mempipe_columns ;;
	key) _mempipe_words "comm exe user cmd parent pid" ;;
	command-text) mapfile -t COMPREPLY < <(compgen -c -- "$_mempipe_cur") ;;
	*) COMPREPLY=() ;;
	esac
}

# The kind of argument that WORD of PROGRAM leaves open for the next word: that
# of a long option, or of the last letter of a group of short ones.
_mempipe_open() {
	local program=$1 word=$2 i
	case $word in
	--*=*) ;;
	--*) _mempipe_takes "$program" "$word" ;;
	-?*)
		for ((i = 1; i < ${#word}; i++)); do
			if [[ -n $(_mempipe_takes "$program" "-${word:i:1}") ]]; then
				((i + 1 < ${#word})) || _mempipe_takes "$program" "-${word:i:1}"
				return
			fi
		done ;;
	esac
}

# Where the operands begin: sets _mempipe_operand to that word, or leaves it
# empty; _mempipe_kind to what the word at the cursor is an argument of; and
# _mempipe_attach if the processes are named.
_mempipe_scan() {
	local program=$1 i word
	_mempipe_operand='' _mempipe_kind='' _mempipe_attach=''
	for ((i = 1; i < COMP_CWORD; i++)); do
		word=${COMP_WORDS[i]}
		if [[ $word == -- ]]; then
			_mempipe_operand=$((i + 1))
			return
		elif [[ $word != -?* ]]; then
			_mempipe_operand=$i
			return
		fi
		case $program:$word in
		memrun:-[pNm]* | memrun:--pid* | memrun:--name* | memrun:--match* | memrun:--of-cgroup* | memexec:-p | memexec:--pids)
			_mempipe_attach=1 ;;
		esac
		_mempipe_kind=$(_mempipe_open "$program" "$word")
		[[ -n $_mempipe_kind ]] || continue
		# Where bash splits words at "=", that is one more.
		if [[ ${COMP_WORDS[i + 1]-} == "=" ]]; then
			((i++))
			((i < COMP_CWORD)) || return
		fi
		((++i < COMP_CWORD)) || return
		_mempipe_kind=''
	done
	_mempipe_kind=''
}

_mempipe() {
	local program=${1##*/}
	local _mempipe_cur=${COMP_WORDS[COMP_CWORD]} _mempipe_operand _mempipe_kind _mempipe_attach
	COMPREPLY=()
	_mempipe_scan "$program"
	[[ $_mempipe_cur != "=" || -z $_mempipe_kind ]] || _mempipe_cur=''
	if [[ -n $_mempipe_kind ]]; then
		_mempipe_argument "$_mempipe_kind"
	elif [[ -z $_mempipe_operand && $_mempipe_cur == -* ]]; then
		_mempipe_words "$(_mempipe_options "$program")"
	else
		_mempipe_operand_at "$program" "${_mempipe_operand:-$COMP_CWORD}"
	fi
}

_mempipe_operand_at() {
	case $1 in
	memexec | memrun)
		if [[ -z $_mempipe_attach ]]; then
			_mempipe_command "$2"
		elif [[ $1 == memexec ]]; then
			_mempipe_pids
		fi ;;
	memsample | pstree-pids) _mempipe_pids ;;
	*) _mempipe_files ;;
	esac
}

complete -F _mempipe memdiff memexec memfmt memleak memlimit memlive mempeak memplot memrun memsample memtree pstree-pids

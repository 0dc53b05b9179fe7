# SPDX-License-Identifier: MIT
load helper

# hostile KIND: print a malformed or excessive file.
hostile() {
	local header=$'time\tpid\tppid\trss_kib\thwm_kib\tvsz_kib\tcomm'
	local peaks=$'scope\tname\trss_kib\tbound_kib\tfirst\tlast\ttime'
	case $1 in
	empty) ;;
	noise) head -c 100000 "$build/memfmt" ;;
	blank) head -c 100000 /dev/zero | tr '\0' '\n' ;;
	zeros) head -c 1000000 /dev/zero ;;
	nul) printf '%s\n1\t5\t1\t10\0\t\t\tx\n1\t6\t1\t10\t\t\tx\0y\n\0\n' "$header" ;;
	cut) printf '%s\n1\t5\t1\t10\t1\t1\tx' "$header" ;;
	huge) printf '%s\n1\t5\t1\t18446744073709551616\t\t\tx\n1\t99999999999999999999\t1\t1\t\t\tx\n%s\t5\t1\t1\t\t\tx\n' "$header" 999999999999999999999999 ;;
	most) printf '%s\n0.000001\t5\t1\t%s\t%s\t%s\tx\n9223372036854.775807\t6\t1\t%s\t%s\t%s\ty\n' "$header" 17592186044415{,,,,,} ;;
	back) echo "$header"; seq 1000 -1 1 | sed 's/$/\t5\t1\t7\t7\t7\tx/' ;;
	field) printf '%s\n1\t5\t1\t1\t\t\t' "$header"; head -c 1000000 /dev/zero | tr '\0' A
		printf '\n2\t'; head -c 1000000 /dev/zero | tr '\0' 1; printf '\t1\t1\t\t\tx\n' ;;
	columns) printf 'time\tpid\trss_kib'; seq -s "$tab" -f "${tab}c%.0f" 10000
		printf '1\t5\t1'; seq -s "$tab" -f "$tab%.0f" 10000 ;;
	peaks-field) printf '%s\ntotal\t' "$peaks"; head -c 200000 /dev/zero | tr "\0" "\t" ;;
	peaks-columns) printf '%s\t' "$peaks"; seq -s "$tab" 50000
		printf 'total\tx\t1\t1\t1\t1\t1\t'; seq -s "$tab" 50000
		printf 'process\tx\t1\t1\t1\t1\t1\t'; seq -s "$tab" 50000 ;;
	peaks-runs) seq 1000 | sed "s/.*/#command\tx\n$peaks\ntotal\tx\t1\t1\t1\t1\t1\ngroup\tg&\t1\t1\t1\t1\t1/" ;;
	peaks-facts) yes $'#limit_exceeded\tprocess\t1\t1\t1\t\x1b[2J' | head -n 5000; printf '%s\ntotal\tx\t1\t1\t1\t1\t1\n#signal\t99999\n' "$peaks" ;;
	headers) yes "$header" | head -n 5000 ;;
	pids) echo "$header"; seq 5000 | sed 's/.*/1\t&\t5\t1\t1\t1\tn&/' ;;
	chain) echo "$header"; seq 2 5000 | awk -v OFS='\t' '{ print 1, $1, $1 - 1, 1, 1, 1, "x" }' ;;
	births) echo "$header"; seq 5000 | sed 's/.*/&\t&\t1\t1\t1\t1\tx/' ;;
	esac
}

hostiles='empty noise blank zeros nul cut huge most back field columns peaks-field peaks-columns peaks-runs
	peaks-facts headers pids chain births'

# ends_well FILE COMMAND...: COMMAND exits in time, with a defined status, and prints at most
# three lines of errors, without control characters.
ends_well() {
	local file=$1 status=0 line errors
	shift
	timeout $patience "$@" <"$file" >out 2>err || status=$?
	case $status in
	0 | 1 | 2 | 10 | 11) ;;
	*) echo "$file: $*: status $status"; cat err; return 1 ;;
	esac
	mapfile -t errors <err
	[ "$status" -ne 2 ] || [ "${#errors[@]}" -gt 0 ] || { echo "$file: $*: status 2 without an error"; return 1; }
	for line in "${errors[@]}"; do
		if [ "${#errors[@]}" -gt 3 ] || [[ $line != "$1: "* || $line == *[[:cntrl:]]* ]]; then
			echo "$file: $*:"; head -c 1000 err | cat -v; return 1
		fi
	done
}

readers=('mempeak' 'mempeak -s 64 -g parent' 'mempeak -X x' 'memfmt -G' 'memfmt -f json -t' 'memfmt -f csv'
	'memfmt -f process-csv' 'memfmt -f timeline-csv' 'memfmt -f markdown' 'memfmt -f openmetrics' 'memfmt -f folded' 'memfmt -f run-csv'
	'memfmt -f bmf' 'memfmt -f benchmark' 'memdiff -f text -' 'memdiff -f json -' 'memleak -a' 'memleak -f text -l 1' 'memlimit -t 1T' 'memtree'
	'memthin' 'memthin -n 10' 'memview' 'memview -f trace')

@test "each reader of a hostile file exits in time, with a status and an error message" {
	for file in $hostiles; do
		hostile "$file" >file
		for reader in "${readers[@]}"; do
			ends_well file $reader
		done
	done
}

@test "memlive and memlimit copy hostile files without a change" {
	for file in $hostiles; do
		hostile "$file" >file
		ends_well file memlive
		cmp file out
		ends_well file memlive -n 0.001
		cmp file out
		ends_well file memlimit -m 1000P
		tail -n +2 out | cmp file -
	done
}

@test "memsample and pstree-pids exit after a hostile stream of PIDs" {
	printf '5000001\n-1\n' >minus
	printf '18446744073709551617\n' >huge
	printf '\0005\n' >nul
	head -c 1000000 /dev/zero | tr '\0' 1 >long
	printf '#reaper\t%s\n#end\n' 99999999999 >reaper
	printf '1 \x1b[2J' >rest
	printf '\x1b[2J\n' >escape
	head -c 100000 "$build/memfmt" >noise
	seq 5000001 5000100 >none
	for file in minus huge nul long reaper rest escape noise none; do
		for reader in 'memsample -1x' 'pstree-pids -x'; do
			timeout $patience $reader <"$file" >out 2>err && status=0 || status=$?
			compare "$status" -le 2
			run ! env LC_ALL=C grep -qa $'[\x01-\x08\x0b-\x1f]' err
			run ! grep -qva "^${reader%% *}: " err
		done
	done
}

@test "a file may be named like an option" {
	samples '1 5 1 10 10 10 x' '2 5 1 20 20 20 x' | tee -- -x --to -- --help >/dev/null
	mempeak -s 4 -- -x | tee -- -p >/dev/null
	for name in -x --to -- --help; do
		run -0 mempeak -- "$name"
		run -0 memfmt -f csv -- "$name"
		run -0 memleak -a -- "$name"
		run -0 memlimit -t 1G -- "$name"
		run -0 memlive -- "$name"
		run -0 memtree -- "$name"
		run -0 memthin -- "$name"
		run -0 memview -- "$name"
		run -2 memfmt -- "$name$name"
	done
	run -0 memfmt -- -p
	run -0 memdiff -- -p -p
	if command -v gnuplot >/dev/null; then
		run -0 memplot -o -x.svg -- -x
		[ -s ./-x.svg ]
	fi
}

@test "an error message of memrun and membench is one line without control characters" {
	local evil=$'x\x1b[2J\n\ty'
	for args in "--$evil" "-s/none/$evil" "-o/none/$evil" "-o/none/$evil.svg"; do
		run -125 --separate-stderr memrun -q "$args" true
		one_line "$(grep -v -e '^usage' -e '^   ' <<<"$stderr")" '^mem(run|fmt|plot): .*x.*\[2J.*y'
		[[ $stderr != *$'\x1b'* ]]
	done
	for args in "--against=$evil" "-n$evil" "--save=$evil" "-o/none/$evil"; do
		run -125 --separate-stderr membench "$args" true
		one_line "$stderr" '^membench: .*x\?\[2J\?\?y'
	done
	TMPDIR=/none/$evil run -125 membench -n 2 true
	one_line "$output" '^membench: .*: no temporary folder can be created$'
}

@test "the largest numbers that samples can hold are reported" {
	hostile most | tail -n +2 | sed "1i time\\tpid\\tppid\\trss_kib\\thwm_kib\\tvsz_kib\\tcomm" | sed '$d' >s
	run -0 sh -c 'mempeak s | memfmt -f bytes'
	is "$output" 18014398509480960
	for format in text json markdown prometheus openmetrics folded run-csv process-csv; do
		run -0 sh -c "mempeak s | memfmt -f $format"
	done
	# Processor time of almost three hundred years.
	printf 'time\tpid\trss_kib\tcpu_ms\n1\t5\t1\t31536000003600\n' >s
	run -2 sh -c 'mempeak s | memfmt -f json'
	sed -i 's/31536000003600/31536000003/' s
	run -0 sh -c 'mempeak s | memfmt -T "{cpu_seconds}"'
	is "$output" 31536000.003000
}

@test "mempeak rejects a start time that is not a time" {
	printf 'time\tpid\trss_kib\tstart\n1\t5\t1\t/bin/x\n' >s
	run -2 mempeak s
	one_line "$output" '^mempeak: s: line 2: invalid start time$'
}

@test "a report has at most 64 labels, whatever the columns of its table" {
	hostile peaks-columns | memfmt -f json >out
	is "$(grep -c '^        "' out)" 64
}

@test "the memory for thousands of runs with a group each is not their square" {
	needs plain # sanitizers use all of the address space
	seq 6000 | sed "s/.*/$(hostile peaks-runs | sed -n 2p)\ntotal\tx\t1\t1\t1\t1\t1\ngroup\tg&\t1\t1\t1\t1\t1/" >p
	run -0 bash -c 'ulimit -v 150000; memdiff -g p p | tail -n +2 | wc -l'
	is "$output" 6001
}

# ---- processes with hostile names

measure() { # SAMPLES [OPTION...]
	local samples=$1 args=()
	shift
	rm -f "$samples"
	while IFS= read -r -d '' arg; do
		args+=("$arg")
	done < <("$python" "$top/tests/hostile.py" args)
	timeout 30 memrun -s "$samples" --columns "${columns-cmd,exe}" -i 10 "$@" -- "$python" "$top/tests/hostile.py" run "$samples" "${args[@]}"
}

check() { "$python" "$top/tests/hostile.py" check "$@"; }

# Set $python to the interpreter itself; python3 may be a script that starts it.
needs_python() {
	needs python3
	python=$(python3 -c 'import sys; print(sys.executable)')
}

@test "process names and arguments cannot forge or break a report" {
	needs_python
	export LC_ALL=C.UTF-8
	for format in text json timeline-csv markdown openmetrics; do
		measure s -f "$format" -o "$format"
		check "${format//-/_}" "$format"
	done
	columns=exe measure s -f process-csv -o process-csv
	check process_csv process-csv
	measure s -f process-csv -o commands
	check csv commands
	measure s -T '{command} {name} {schedule}\n' -o out
	check text out
	is "$(wc -l <out)" 1
	[ ! -e hacked ]
}

@test "process names cannot forge or break the output of any stage" {
	needs_python
	export LC_ALL=C.UTF-8
	measure s -q -o /dev/null
	check tsv s
	mempeak -s 16 s >p
	check tsv p
	mempeak -g parent s >out
	check tsv out
	memfmt -f csv s >out
	check csv out
	memtree s >out
	check text out
	memthin -n 10 s >out
	check tsv out
	memlive -n 0.001 s 2>err | cmp - s
	check text err
	memlimit -m 1K s 2>err | memfmt -f csv >/dev/null || true
	check text err
	for reader in 'memdiff -g -f text p p' 'memdiff -f text p' 'memleak -a -f text s' 'memfmt -G p'; do
		run -0 --separate-stderr $reader
		printf '%s\n' "$output" >out
		check text out
	done
	if command -v gnuplot >/dev/null; then
		memplot -g -o out.svg s
		check svg out.svg
	fi
}

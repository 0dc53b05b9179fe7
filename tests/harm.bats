# SPDX-License-Identifier: MIT
load helper

# The command and the report when the measuring side fails.

# stage PID NAME: set $stage to the PID of a stage of the pipeline of memexec PID.
stage() {
	local own group
	own=$(ps -o pgid= -p "$1")
	group=$(ps -e -o ppid=,pgid= | awk -v m="$1" -v own="$own" '$1 == m && $2 != own + 0 { print $2; exit }')
	[ -n "$group" ] && stage=$(pgrep -x -g "$group" "$2")
}

state() { ps -o stat= -p "$1" | cut -c1; }

# ends_with STATUS: wait for $pid; its exit status is STATUS.
ends_with() {
	status=0
	wait "$pid" || status=$?
	is "$status" "$1"
}

# complete FILE: FILE is a complete report in JSON, whose bracket holds the number in the file `true`.
complete() {
	python3 - "$1" "${2-true}" <<-'EOF'
		import json, sys
		r, true = json.load(open(sys.argv[1])), int(open(sys.argv[2]).read())
		assert r["complete"], r
		assert true - 300 <= r["peak_rss_kib"] <= true + 4096 and r["peak_rss_bound_kib"] + 300 >= true, (r, true)
	EOF
}

# Write a command that runs until the file `go` exists.
waits() {
	cat >command <<-'EOF'
		echo begin
		: >running
		until [ -e go ]; do sleep 0.02; done
		spike 20 >true
		echo end
		exit 42
	EOF
}

@test "whichever stage is killed, the command continues, and memrun warns" {
	waits
	for kill in KILL:memsample TRAP:memlimit KILL:tee ABRT:mempeak KILL:memfmt; do
		rm -f go running
		start memrun -t 1G -s samples -o report sh command >out 2>err
		until_true [ -e running ]
		until_true stage "$pid" "${kill#*:}"
		kill -"${kill%:*}" "$stage"
		touch go
		ends_with 42
		is "$(tr '\n' ' ' <out)" 'begin end '
		grep -qE '(missing or partial|ended before the command did|runs unmeasured)$' err || { echo "$kill: $(cat err)"; return 1; }
	done
}

@test "stopped stages are continued when the command has exited, and the report is complete" {
	needs python3
	waits
	for name in memsample mempeak memfmt; do
		rm -f go running
		start memrun -j -o report sh command >out
		until_true [ -e running ]
		until_true stage "$pid" "$name"
		kill -STOP "$stage"
		touch go
		ends_with 42
		complete report
		has_line report '"exit_code": 42'
	done
}

@test "a pipeline that is stopped at its start holds the command for two seconds" {
	run -5 timeout $patience memexec --to 'kill -STOP $$; memsample -C | mempeak | memfmt' sh -c 'exit 5'
	[[ $output == *"no sampler came within 2 s: the command runs unmeasured"* ]]
}

@test "a sampler that is stopped for a second loses samples but not the peak" {
	waits
	sed -i 's/^spike/spike 60 >hidden; kill -CONT "$(cat stage)"; &/' command
	start memrun -j -s samples -o report sh command
	until_true [ -e running ]
	until_true stage "$pid" memsample
	until_true has_line samples '^[0-9]'
	echo "$stage" >stage
	kill -STOP "$stage"
	sleep 1 # a second without samples is what is tested
	touch go
	ends_with 42
	rows samples | cut -f1 | sort -c -n
	complete report hidden
	python3 -c 'import json; assert json.load(open("report"))["duration_seconds"] >= 1'
}

# Return 0 if a stage runs in this folder.
stages_here() {
	local process
	for process in /proc/[0-9]*; do
		[ "$(readlink "$process/cwd")" = "$PWD" ] && [[ $(cat "$process/comm") == mem* ]] && return
	done 2>/dev/null
	return 1
}

@test "when memexec is killed, the command continues, and the report is marked incomplete" {
	waits
	start memrun -o report sh command >out
	until_true [ -e running ]
	kill -KILL "$pid"
	wait "$pid" || true
	touch go
	until_true has_line out end
	until_true has_line report 'INCOMPLETE: the end of the command was not recorded'
	until_true eval '! stages_here'
}

@test "for formats without a mark, memfmt warns that the report is incomplete" {
	samples '1.5 10 1 2048 2048 4096 a' >s
	sed -i '1i #command\ta' s
	for format in bytes run-csv process-csv prometheus openmetrics folded bmf; do
		run -0 --separate-stderr sh -c "mempeak s | memfmt -f $format"
		[ -n "$output" ]
		one_line "$stderr" '^memfmt: standard input: incomplete: the end of the command was not recorded$'
	done
}

@test "when memexec is killed while it holds the command, the command starts" {
	start memexec --to 'cat >/dev/null' sh -c 'touch ran; exit 0'
	until_true pgrep -P "$pid" -r T
	kill -KILL "$pid"
	wait "$pid" || true
	until_true [ -e ran ]
}

@test "a signal that memexec reads after the command has exited does not end the report" {
	cat >command <<-'EOF'
		trap '' TERM
		echo $$ >running
		until [ -e go ]; do sleep 0.02; done
	EOF
	start memexec --to 'memsample -C >out; sleep 0.3; echo complete >report' sh command
	until_true [ -s running ]
	kill -STOP "$pid"
	until_true [ "$(state "$pid")" = T ]
	kill -TERM "$pid"
	touch go
	until_true eval '[ "$(state "$(cat running)")" = Z ]'
	kill -CONT "$pid"
	wait "$pid"
	is "$(cat report)" complete
}

@test "a signal ends the wait for the report, and no folder remains" {
	start memexec --to 'memsample -C >out; touch ended; sleep 2' true
	until_true [ -e ended ]
	kill -TERM "$pid"
	wait "$pid"
	mkdir tmp
	run -42 env TMPDIR="$PWD/tmp" membench -n 2 'exit 42'
	run -125 env TMPDIR="$PWD/tmp" membench -n 9999999 true
	run -125 env TMPDIR="$PWD/tmp" membench -n 2 --interval 0 true
	run -125 env TMPDIR="$PWD/tmp" membench --save it -o report -O /nosuch/x true
	is "$(ls tmp)" ''
}

@test "a full disk affects only the file on it" {
	needs root unshare
	mkdir small
	cat >inside <<-'EOF'
		mount -t tmpfs -o size=4k none small || exit 99
		memrun -j -i 1 -a fixed -b 100 -s small/samples -o report spike -t 400 30 >true
		echo $? >status
		membench -n 2 -o small/report 'exit 42'
		echo $? >>status
	EOF
	run -0 unshare -m sh ./inside
	is "$(tr '\n' ' ' <status)" '0 42 '
	[[ $output == *'tee: small/samples: No space left on device'* ]]
	[[ $output == *': No space left on device'*': No space left on device'* ]]
	python3 -c 'import json
r = json.load(open("report"))
assert r["complete"] and r["peak_rss_kib"] >= int(open("true").read()), r'
}

@test "samples that cannot be written cause a warning, status 2 for running processes, and a report" {
	start sleep 30
	run -2 memrun -d 100ms -j -o report -s /dev/full -p "$pid"
	one_line "$output" 'No space left on device$'
	grep -q '"complete": true' report
	run -42 memrun -j -o report -s /dev/full sh -c 'exit 42'
	grep -q '"exit_code": 42' report
}

@test "the report is written when the reader of the samples exits early" {
	mkfifo fifo
	start sh -c 'head -n 3 <fifo >head'
	run -42 timeout $patience memrun -j -o report -s fifo sh -c 'spike 10 >/dev/null; spike -t 100 30 >true; exit 42'
	python3 -c 'import json
r = json.load(open("report"))
assert r["complete"] and r["peak_rss_kib"] >= int(open("true").read()), r'
}

@test "the exit status is the command's when the reader of the report exits early" {
	set +e
	memrun -o - sh -c 'exec >&-; spike -t 100 10 >true; exit 42' | true
	status=${PIPESTATUS[0]}
	set -e
	is "$status" 42
}

# The command of the next test wrote `ran` and exited with 42, or there is only an error.
normal_or_not_started() {
	case $status:$(ls ran 2>&1) in
	42:ran) ;;
	12[5-9]:*cannot* | 1[34]?:*cannot*) [ -s err ] ;;
	*) echo "status $status"; ls; cat err; return 1 ;;
	esac
}

@test "with little memory, the command runs normally, or an error comes before it starts" {
	for kib in 2600 3000 4000 6000 10000; do
		rm -f ran
		( ulimit -v "$kib"; memexec --to 'memsample -C | mempeak | memfmt >report' sh -c 'echo >ran; exit 42' ) 2>err && status=0 || status=$?
		normal_or_not_started
		rm -f ran
		( ulimit -v "$kib"; memrun -o report sh -c 'echo >ran; exit 42' ) 2>err && status=0 || status=$?
		normal_or_not_started
	done
}

# Print the pattern of memrun's status if it cannot start. Where the first line of memrun cannot name
# memexec, a shell interprets it, which exits with 2.
failure_of_memrun() { grep -q '^#!.*/memexec -s$' "$build/memrun" && echo 125 || echo '(2|125)'; }

@test "with few descriptors, the command runs normally, and no figure is wrong" {
	export ASAN_OPTIONS=detect_leaks=0 # finding leaks takes descriptors
	for n in 4 5 6 7 8 9 10 12 16; do
		rm -f report
		( exec 3>&- 4>&-; ulimit -n "$n"; exec memexec --to 'memsample -C | mempeak | memfmt -f bytes >report' sh -c 'spike 20; exit 42' ) >true 2>err && status=0 || status=$?
		is "$status" 42
		[ -s report ] || [ -s err ]
		[ ! -s report ] || [ "$(cat report)" -ge "$((($(cat true) - 300) * 1024))" ] || [ -s err ] || { echo "$n: $(cat report true)"; return 1; }
	done
	for n in $(seq 7 14); do # memrun needs about twelve
		( exec 3>&- 4>&-; ulimit -n "$n"; exec memrun -q -o report sh -c 'exit 42' ) 2>err && status=0 || status=$?
		[ "$status" -eq 42 ] || [[ $status =~ ^$(failure_of_memrun)$ && -s err ]] || { echo "$n: status $status"; cat err; return 1; }
	done
	( ulimit -n 20; memrun -q -o report sh -c 'for i in 1 2 3 4 5 6 7 8; do spike -t 300 10 >true.$i & done; wait; exit 42' ) && status=0 || status=$?
	is "$status" 42
	compare "$(cat report)" -ge "$(cat true.* | awk '{ s += $1 } END { printf "%d", s * 1024 * 0.98 }')"
}

@test "where no process can be started, memexec executes the command, with a warning" {
	needs user
	run -42 as_user bash -c 'ulimit -u 0; exec memexec --to "memsample -C" -O out sh -c "echo ran; exec python3 -c \"import sys; sys.exit(42)\""'
	[[ $output == *"memexec: cannot start a process: "*": the command runs unmeasured" ]]
	is "$(cat out)" ran
	ASAN_OPTIONS=detect_leaks=0 run as_user bash -c 'ulimit -u 0; exec memrun touch begun'
	[[ $status =~ ^$(failure_of_memrun)$ ]]
	[ ! -e begun ]
}

@test "with /proc mounted hidepid=2, a user's own processes are measured" {
	needs user unshare
	share_programs
	cat >inside <<-EOF
		mount -t proc -o hidepid=2 proc /proc || exit 99
		PATH=$user_build:\$PATH exec setpriv --reuid=61203 --regid=61203 --clear-groups "\$@"
	EOF
	chmod a+rwx . .. "$BATS_RUN_TMPDIR"
	run -42 unshare -m sh ./inside memrun -j -o report sh -c 'spike -t 200 30 >a & spike -t 200 20 >b; wait; exit 42'
	python3 -c 'import json
r = json.load(open("report"))
assert r["complete"] and r["peak_rss_kib"] >= 0.98 * (int(open("a").read()) + int(open("b").read())), r'
	run -1 unshare -m sh ./inside memrun -p "$$"
	one_line "$output" "^pstree-pids: $$: not shown in /proc$"
}

@test "without /proc, the command runs, with a warning that it is not measured" {
	needs root unshare
	echo 'mount -t tmpfs none /proc || exit 99; "$@"' >inside
	needs plain # the leak checker needs /proc
	run -42 unshare -m sh ./inside memrun -o report sh -c 'echo ran; exit 42'
	[[ $output == *ran* ]]
	[[ $output =~ 'memsample: '[0-9]+': /proc is not mounted: run mount -t proc proc /proc' ]]
	[[ $output =~ 'mem'(run|exec)': the sampler ended before the start: the command runs unmeasured' ]]
	[ ! -s report ]
}

@test "a /proc of another PID namespace is rejected: its PIDs are of other processes" {
	needs root pidns
	for option in -q -A; do
		run -42 timeout $patience unshare -pf memrun "$option" -s samples -o report sh -c 'echo ran; exit 42'
		[[ $output == *ran* ]]
		[[ $output =~ 'memsample: '[0-9]+': /proc is of another PID namespace: start with unshare --mount-proc' ]]
		[[ $output =~ 'mem'(run|exec)': the sampler ended before the start: the command runs unmeasured' ]]
		[ ! -s report ]
		is "$(grep -vc '^#' samples)" 0
	done
	run -2 unshare -pf pstree-pids 1
	one_line "$output" '^pstree-pids: /proc is of another PID namespace: start with unshare --mount-proc$'
	run -42 unshare -pf unshare --mount-proc memrun -q -o report sh -c 'exit 42'
	compare "$(cat report)" -gt 0
	is "$output" ''
}

@test "the clock may jump by an hour, and back" {
	needs cc
	cat >jump.c <<-'EOF'
		#define _GNU_SOURCE
		#include <sys/syscall.h>
		#include <time.h>
		#include <unistd.h>
		int clock_gettime(clockid_t id, struct timespec *t)
		{
			long failed = syscall(SYS_clock_gettime, id, t);
			if (id == CLOCK_REALTIME && access("forth", F_OK) == 0)
				t->tv_sec += 3600;
			if (id == CLOCK_REALTIME && access("back", F_OK) == 0)
				t->tv_sec -= 3600;
			return (int)failed;
		}
	EOF
	cc -shared -fPIC -o jump.so jump.c 2>/dev/null || skip "no shared object can be built"
	LD_PRELOAD=$PWD/jump.so memsample -1 $$ >/dev/null 2>&1 || skip "LD_PRELOAD does not work with these programs"
	run -0 env LD_PRELOAD="$PWD/jump.so" memrun -j -s samples -o report sh -c '
		touch forth; spike -t 50 10; mv forth back; spike -t 50 20; rm back; spike -t 50 10'
	awk -F'\t' '/^[0-9]/ { if ($1 < last || (last && $1 > last + 60)) exit 1; last = $1 }' samples
	run -0 env LD_PRELOAD="$PWD/jump.so" memrun -j -o report sh -c '
		touch forth; spike -t 50 10; mv forth back; spike -t 50 20; rm back'
	python3 -c 'import json
r = json.load(open("report"))
assert r["complete"] and 0.1 < r["duration_seconds"] < 30 and 0 < r["peak_after_seconds"] < 30, r'
}

@test "stages are killed and stopped at random moments" {
	needs plain # sanitizers catch some of the signals
	run python3 "$top/tests/abuse.py" -s 5 8
	[[ $status -eq 0 && $output == *"8 runs, 0 failed" && $output != *"8 none"* ]] || { echo "$output"; return 1; }
}

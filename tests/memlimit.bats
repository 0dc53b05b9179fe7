# SPDX-License-Identifier: MIT
load helper

# start_of PID: print the start time of a process in the form of the column `start`.
start_of() {
	memsample -1 -x -H -o start "$1"
}

# start_sleep: start sleep(1), and wait until the process has executed it.
start_sleep() {
	start sleep 60
	until_true has_line "/proc/$pid/comm" sleep
}

# open_input COMMAND...: start a command that reads what is written to descriptor 9.
open_input() {
	mkfifo in
	start sh -c 'exec "$@" <in' sh "$@"
	exec 9>in
}

# ended_with STATUS PID: wait for a child of this shell and check its status.
ended_with() {
	local status=0
	wait "$2" || status=$?
	is "$status" "$1"
}

# ended_all FILE: succeed if every process of a samples stream has exited.
ended_all() {
	local one
	for one in $(rows "$1" | cut -f2 | sort -u); do
		exited "$one" || grep -q '^State:.Z' "/proc/$one/status" || return 1
	done
}

@test "below its limits a stream is copied byte for byte, with status 0" {
	(echo '#a'; samples '1.000000 10 1 600 600 0 a' '1.000000 11 1 424  0 b'; echo "#x${tab}"; echo
	samples '2.000000 10 1  10 0 a\tb' '2.000000 10 1 1024 10 0 #x') >s
	memlimit -t 1M -m 1M s >out
	printf '#limit_total_kib\t1024\n#limit_process_kib\t1024\n' | cat - s | cmp - out
	memlimit --total 2M <s >out
	(echo "#limit_total_kib${tab}2048"; cat s) | cmp - out
	memlimit -m 1M </dev/null >out
	is "$(cat out)" "#limit_process_kib${tab}1024"
}

@test "the total limit applies to the sum of a tick: status 10, one message and one note in the stream" {
	samples '1.000000 10 1 600 0 0 a' '1.000000 11 1 424 0 0 b' '2.000000 10 1 600 0 0 a' \
		'2.000000 11 1 424 0 0 b' '2.000000 12 1 1 0 0 c' '3.000000 10 1 9999 0 0 a' >s
	run -10 --separate-stderr memlimit -t 1M s
	one_line "$stderr" '^memlimit: total of 3 processes 1025 KiB exceeds 1024 KiB$'
	(echo "#limit_total_kib${tab}1024"; cat s; printf '#limit_exceeded\ttotal\t1025\t2.000000\t\t\n') >expected
	is "$output" "$(cat expected)"
}

@test "the process limit applies to each process: status 11, reported once per process" {
	samples '1.000000 10 1 1024 0 0 a' '1.000000 11 1 2048 0 0 b\tc' '2.000000 11 1 3072 0 0 b\tc' \
		'3.000000 10 1 1025 0 0 a' '4.000000 11 1 2048 0 0 d' >s
	run -11 --separate-stderr memlimit -m 1M s
	is "$stderr" 'memlimit: b\tc (11) 2.0 MiB exceeds 1.0 MiB
memlimit: a (10) 1025 KiB exceeds 1024 KiB
memlimit: d (11) 2.0 MiB exceeds 1.0 MiB'
	is "$(grep '^#limit_ex' <<<"$output" | cut -f2-)" "process${tab}2048${tab}1.000000${tab}11${tab}b\\tc
process${tab}1025${tab}3.000000${tab}10${tab}a
process${tab}2048${tab}4.000000${tab}11${tab}d"
}

@test "the limit that is exceeded first decides the status; in one tick, the total limit" {
	samples '1.000000 10 1 2048 0 0 a' '2.000000 10 1 9999 0 0 a' >s
	run -11 memlimit -m 1M -t 4M s
	run -10 memlimit -m 4M -t 1M s
	run -10 memlimit -m 1M -t 1M s
	is "$(grep -c '^#limit_exceeded' <<<"$output")" 2
	samples '1.000000 10 1 2048 0 0 a' '1.000000 11 1 3072 0 0 b' >s
	run -10 memlimit -m 1M -t 4M s
}

@test "a high-water mark that proves a peak between two ticks exceeds a limit, and an older one does not" {
	samples '1.000000 10 1 100 9999 0 a' '2.000000 10 1 100 9999 0 a' '2.000000 11 10 100 100 0 b' \
		'3.000000 10 1 100 9999 0 a' '3.000000 11 10 100 1000 0 b' '4.000000 11 10 1 1000 0 b' >s
	run -0 memlimit -t 1100K -m 1000K s
	run -10 --separate-stderr memlimit -t 1M s
	is "$stderr" 'memlimit: total of 2 processes 1.1 MiB exceeds 1.0 MiB'
	is "$(grep '^#limit_ex' <<<"$output")" "#limit_exceeded${tab}total${tab}1100${tab}3.000000$tab$tab"
	is "$(total rss_kib <(mempeak s))" 1100
	run -11 --separate-stderr memlimit -m 999K s
	is "$stderr" 'memlimit: b (11) 1000 KiB exceeds 999 KiB'
}

@test "the peak that wait4(2) reports exceeds a limit, at no known time" {
	(samples '1.000000 10 1 100 100 0 a' '1.000000 11 10 100 100 0 b'; echo "#maxrss_kib${tab}5000") >s
	run -0 memlimit -t 5000K -m 5000K s
	run -10 --separate-stderr memlimit -t 1M s
	is "$stderr" 'memlimit: total of 1 process 4.9 MiB exceeds 1.0 MiB'
	is "$(tail -n 1 <<<"$output")" "#limit_exceeded${tab}total${tab}5000$tab$tab$tab"
	run -11 --separate-stderr memlimit -m 1M s
	is "$stderr" 'memlimit: a process 4.9 MiB exceeds 1.0 MiB'
	is "$(tail -n 1 <<<"$output")" "#limit_exceeded${tab}process${tab}5000$tab$tab$tab"
	memlimit -m 1M s 2>/dev/null | mempeak | memfmt | grep -q '^  LIMIT EXCEEDED: a process 4.9 MiB of 1.0 MiB$'
}

@test "--metric footprint adds swapped memory and hugetlb pages, where the samples have them" {
	printf 'time\tpid\trss_kib\tswap_kib\thugetlb_kib\tcomm\n1.0\t10\t500\t300\t\ta\n1.0\t11\t100\t\t200\tb\n' >s
	run -0 memlimit --metric footprint -t 1100K -m 800K s
	run -10 --separate-stderr memlimit --metric footprint -t 1M s
	is "$stderr" 'memlimit: total footprint of 2 processes 1.1 MiB exceeds 1.0 MiB'
	is "$(head -n 2 <<<"$output" | tr '\t' ' ')" $'#limit_metric footprint\n#limit_total_kib 1024'
	run -11 --separate-stderr memlimit --metric=footprint -m 799K s
	is "$stderr" 'memlimit: footprint of a (10) 800 KiB exceeds 799 KiB'
	run -0 memlimit --metric rss -t 600K -m 500K s
	samples '1.000000 10 1 600 600 0 a' >s
	run -0 memlimit --metric footprint -t 600K s
	run -10 memlimit --metric footprint -t 599K s
	run -2 memlimit --metric footprint -t 1M <<<$'time\tpid\trss_kib\thugetlb_kib\n1.0\t10\t1\tx'
}

@test "--metric pss limits the PSS, in the ticks that have it" {
	printf 'time\tpid\trss_kib\tpss_kib\tcomm\n1.0\t10\t900\t\ta\n1.0\t11\t900\t\tb\n2.0\t10\t900\t450\ta\n2.0\t11\t900\t500\tb\n' >s
	run -0 memlimit --metric pss -t 950K -m 500K s
	run -10 --separate-stderr memlimit --metric pss -t 949K s
	is "$stderr" 'memlimit: total PSS of 2 processes 950 KiB exceeds 949 KiB'
	run -11 --separate-stderr memlimit --metric pss -m 499K s
	is "$stderr" 'memlimit: PSS of b (11) 500 KiB exceeds 499 KiB'
	samples '1.000000 10 1 9999 0 0 a' >s
	run -2 --separate-stderr memlimit --metric pss -t 1K s
	one_line "$stderr" '^memlimit: s: line 1: missing column pss_kib'
	memlimit --metric pss -t 1K s 2>/dev/null | tail -n +3 | cmp - s
}

@test "with -k, --metric pss also reads the PSS of the processes itself" {
	start shapes stay
	held() { [ "$(awk '/^Rss/ { print $2 }' "/proc/$pid/smaps_rollup")" -gt 65536 ]; }
	until_true held
	printf 'time\tpid\tppid\trss_kib\tpss_kib\tcomm\n1.0\t%s\t%s\t70000\t\tshapes\n' "$pid" "$BASHPID" >s
	cat s | (run -0 memlimit --metric pss -k -t 80M)
	cat s | (run -10 memlimit --metric pss -k -t 60M
		grep -q '^memlimit: total PSS of 1 process 6[0-9.]* MiB exceeds 60.0 MiB$' <<<"$output")
	ended_with 143 "$pid"
}

@test "--metric cgroup limits the memory of the control group, which includes the page cache" {
	needs cgroup
	write='head -c 50M /dev/zero >file'
	run -0 memexec -g --to 'memsample -C | memlimit --metric cgroup -t 500M >s 2>err; echo $? >status' sh -c "$write"
	is "$(cat status)" 0
	rm file
	run -0 memexec -g --to 'memsample -C | memlimit --metric cgroup -t 30M >s 2>err; echo $? >status' sh -c "$write"
	is "$(cat status)" 10
	one_line "$(cat err)" '^memlimit: control group [0-9.]* MiB exceeds 30.0 MiB$'
	rm file
	run -143 memexec -g --to 'memsample -C | memlimit --metric cgroup -k -t 30M >s 2>err; echo $? >status' \
		sh -c "$write; exec sleep 60"
	is "$(cat status)" 10
	samples '1.000000 10 1 9999 0 0 a' >s
	cat s | (run -2 memlimit --metric cgroup -t 1K; grep -q 'line 1: missing #cgroup line' <<<"$output")
	run -2 memlimit --metric cgroup -t 1K s
	one_line "$output" '^memlimit: s: a file is not allowed with --metric cgroup$'
}

# fork_program: write a program that holds 64 MiB and starts 4 children. With an argument, they write
# to it, and hold it for longer.
fork_program() {
	cat >forking <<-'EOF'
		import os, sys, time
		b = bytearray(64 << 20)
		def write():
		    for i in range(0, len(b), 4096): b[i] += 1
		write()
		for i in range(4):
		    if os.fork() == 0:
		        if len(sys.argv) > 1: write()
		        time.sleep(60 if len(sys.argv) > 1 else 0.5)
		        os._exit(0)
		for i in range(4): os.wait()
	EOF
}

@test "-k does not end a tree because of memory that is shared by fork, but without -k it is in the sum" {
	needs python3
	fork_program
	python=$(python3 -c 'import sys; print(sys.executable)')
	run -0 --separate-stderr memexec --to 'memsample -C -O start | memlimit -k -t 200M >s; echo $? >status' "$python" forking
	is "$(cat status)" 0
	one_line "$stderr" '^memlimit: total of [345] processes [23][0-9.]* MiB exceeds 200.0 MiB, but is (about|at least) [0-9]*.[0-9] MiB with shared memory counted once: no signal sent$'
	once=$(sed 's/.*but is [a-z ]*\([0-9]*\).*/\1/' <<<"$stderr")
	[[ $once -ge 64 && $once -lt 100 ]]
	run -10 memlimit -t 200M s
}

@test "-k ends a tree whose children have written to the memory that they shared" {
	needs python3
	fork_program
	python=$(python3 -c 'import sys; print(sys.executable)')
	run -143 memexec --to 'memsample -C -O start | memlimit -k -t 200M >s 2>err; echo $? >status' "$python" forking write
	is "$(cat status)" 10
	has_line err '^memlimit: total of [345] processes [23][0-9.]* MiB exceeds 200.0 MiB$'
	until_true ended_all s
}

@test "unknown memory counts as none, and a header begins a tick" {
	(samples '1.000000 10 1   0 a' '1.000000 11 1 1000 0 0 b'; samples '1.000000 12 1 1000 0 0 a') >s
	run -0 memlimit -t 1M s
}

@test "a tick that exceeds a limit is reported before the next tick arrives, and copying continues" {
	open_input memlimit -t 1M >out 2>err
	samples '1.000000 10 1 600 0 0 a' >&9
	until_true has_line out '^1.000000'
	samples '2.000000 10 1 600 0 0 a' '2.000000 11 1 600 0 0 a' >&9
	until_true has_line out "^#limit_exceeded${tab}total${tab}1200${tab}2.000000$tab$tab\$"
	has_line err 'total of 2 processes 1.2 MiB exceeds 1.0 MiB'
	samples '3.000000 10 1 600 0 0 a' >&9
	until_true has_line out '^3.000000'
	exec 9>&-
	ended_with 10 "$pid"
}

@test "-k ends the tree at once, whatever the interval, and no other process" {
	start_sleep
	outsider=$pid
	run -143 memexec --to 'memsample -C -i 1h | memlimit -k -m 30M >s 2>err; echo $? >status' \
		sh -c 'sleep 60 & shapes stay; sleep 60'
	is "$(cat status)" 11
	is "$(rows s | cut -f7 | sort -u | tr '\n' ' ')" 'sh shapes sleep '
	until_true ended_all s
	is "$(sed 's/([0-9]*) .* exceeds .*/(PID) exceeds/' err)" 'memlimit: shapes (PID) exceeds
memlimit: TERM sent to 3 processes'
	is "$(grep -A 1 '^#limit_exceeded' s | cut -f1,2 | tr '\n' ' ')" \
		"#limit_exceeded${tab}process #limit_signal${tab}TERM "
	kill -0 "$outsider"
}

@test "-k sends the signal given by name or number, and a stopped process receives it" {
	shell=$BASHPID
	for signal in -kUSR1 -kSIGUSR1 --kill=usr1 -k10; do
		start_sleep
		kill -STOP "$pid"
		samples "1.000000 $pid $shell 2048 0 0 sleep" | (run -10 memlimit "$signal" -t 1M
			grep -q '^memlimit: USR1 sent to 1 process$' <<<"$output"
			grep -q "^#limit_signal${tab}USR1$" <<<"$output")
		ended_with 138 "$pid"
	done
}

@test "after the grace time the remaining processes get KILL, even if sampling has ended" {
	run -143 memexec --to 'memsample -C | memlimit -k -g 100ms -t 30M >s 2>err; echo $? >status' \
		sh -c '(trap "" TERM; exec shapes stay) & exec sleep 60'
	is "$(cat status)" 10
	until_true ended_all s
	has_line s "^#limit_signal${tab}KILL$"
	has_line err '^memlimit: TERM sent to 2 processes$'
	has_line err '^memlimit: KILL sent to 1 process$'
}

@test "during the grace time samples are copied and no process gets KILL" {
	shell=$BASHPID
	start sh -c 'trap "echo term >>got" TERM; echo ready >got; while :; do sleep 0.02; done'
	target=$pid
	until_true has_line got ready
	open_input memlimit -k -g 1h -t 1M >out 2>err
	samples "1.000000 $target $shell 2048 0 0 sh" >&9
	until_true has_line got term
	samples "2.000000 $target $shell 2048 0 0 sh" >&9
	until_true has_line out '^2.000000'
	kill -0 "$target"
	is "$(grep -c term got)" 1
	kill -KILL "$target"
	wait "$target" || true
	exec 9>&-
	ended_with 10 "$pid"
	run -1 grep KILL out err
}

@test "children that start meanwhile are ended too" {
	cp "$(command -v shapes)" spawning
	run -137 memexec --to 'memsample -C | memlimit -k -g 100ms -t 10M >s 2>err; echo $? >status' ./spawning spawn
	is "$(cat status)" 10
	until_true ended_all s
	none_left() { ! pstree-pids -n spawning >/dev/null 2>&1; }
	until_true none_left
	has_line s "^#limit_signal${tab}KILL$"
}

@test "a later process with the same PID gets no signal" {
	shell=$BASHPID
	start_sleep
	began=$(start_of "$pid")
	row() { printf 'time\tpid\tppid\trss_kib\tstart\tcomm\n1.0\t%s\t%s\t2048\t%s\tsleep\n' "$pid" "$1" "$2"; }
	row "$shell" 1234567.89 | (run -10 memlimit -k -t 1M; grep -q 'TERM sent to 0 processes' <<<"$output")
	row "$shell" "$(awk -v t="$began" 'BEGIN { printf "%.2f", t - 1.5 }')" | (run -10 memlimit -kKILL -t 1M)
	row 1 '' | (run -10 memlimit -kKILL -t 1M)
	row '' '' | (run -10 memlimit -kKILL -t 1M)
	kill -0 "$pid"
	row 1 "$began" | (run -10 memlimit -k -t 1M; grep -q 'TERM sent to 1 process' <<<"$output")
	ended_with 143 "$pid"
}

@test "process 1, memlimit and its parent get no signal" {
	run -10 sh -c 'parent=$$
		(printf "time\tpid\tppid\trss_kib\n"; for p in 1 $parent; do
			printf "1.0\t$p\t$(awk "{ print \$4 }" /proc/$p/stat)\t2048\n"; done) >s
		exec 3<s; cat s | memlimit -kKILL -t 1M; exit $?'
	grep -q 'KILL sent to 0 processes' <<<"$output"
}

@test "all processes are ended even if there are more than descriptors" {
	shell=$BASHPID
	for i in {1..40}; do
		start_sleep
		rows+=("1.000000 $pid $shell 2048 0 0 sleep")
	done
	samples "${rows[@]}" >s # one write
	cat s | (run -10 sh -c 'ulimit -n 24; exec memlimit -k -t 1M'
		grep -q 'TERM sent to 40 processes' <<<"$output")
	for root in "${started[@]}"; do
		ended_with 143 "$root"
	done
}

@test "invalid rows are copied and reported with status 2, but an exceeded limit decides the status" {
	(samples '1.000000 10 1 6x0 0 0 a' '1.000000 11 1 600 0 0 a'; printf '1.000000\t12') >s
	run -2 --separate-stderr memlimit -t 1M s
	is "$stderr" 'memlimit: s: line 2: invalid number
memlimit: 1 more invalid line left out'
	memlimit -t 1M s 2>/dev/null | tail -n +2 | cmp - s
	run -10 memlimit -t 500K s
	memlimit -t 500K s 2>/dev/null | tail -n 2 | cmp - <(printf '#limit_exceeded\ttotal\t600\t1.000000\t\t\n1.000000\t12')
}

@test "input that is no samples stream is copied, with status 2" {
	run -2 --separate-stderr memlimit -t 1M <<<nonsense
	one_line "$stderr" '^memlimit: standard input: line 1: missing header$'
	is "${lines[1]}" nonsense
	run -2 --separate-stderr memlimit -t 1M <<<"time${tab}pid"
	one_line "$stderr" "^memlimit: standard input: line 1: missing column rss_kib$"
	memlimit -t 1M <"$(command -v memlimit)" 2>/dev/null | tail -n +2 | cmp - "$(command -v memlimit)"
	run -2 --separate-stderr memlimit -t 1M nosuch
	one_line "$stderr" '^memlimit: nosuch: No such file or directory$'
	run -2 --separate-stderr sh -c 'memlimit -t 1M <&-'
	one_line "$stderr" '^memlimit: standard input: Bad file descriptor$'
}

@test "--check validates the options and reads nothing" {
	run -0 memlimit --check -t 1G -m 1M -kINT -g 1s nosuch
	is "$output" ''
	run -2 memlimit --check -t 0
	one_line "$output" '^memlimit: -t: 0: limit must be at least 1K$'
	run -2 memlimit --check -g 1s -t 1G
	one_line "$output" '^memlimit: -g: not allowed without -k$'
}

@test "wrong usage is reported, with status 2" {
	samples >s
	for wrong in '' '-k' '-g 2s' '-z' '-t 1M a b' '--max-proc'; do
		run -2 memlimit $wrong
		[[ $output = *'usage: memlimit '* ]] ||
			one_line "$output" '^memlimit: (-g: not allowed without -k|missing limit: give -t or -m)$'
	done
	run -2 memlimit -t 0
	one_line "$output" '^memlimit: -t: 0: limit must be at least 1K$'
	run -2 memlimit -m 5Q
	one_line "$output" '^memlimit: -m: 5Q: '
	run -2 memlimit -t 1M -kNOSUCH
	one_line "$output" '^memlimit: -k: NOSUCH: '
	run -2 memlimit -t 1M -k0
	run -2 memlimit -t 1M -kSTOP
	one_line "$output" '^memlimit: -k: STOP: signal must end a process$'
	run -2 memlimit -t 1M -g 2s
	one_line "$output" '^memlimit: -g: not allowed without -k$'
	run -2 memlimit -t 1M -kKILL -g 2s
	one_line "$output" '^memlimit: -g: not allowed with -kKILL$'
	run -2 memlimit -t 1M -k -g 0
	run -2 memlimit -t 1M --metric vsz
	one_line "$output" '^memlimit: --metric: vsz: metric must be rss, footprint, pss or cgroup$'
	run -2 memlimit --metric cgroup -t 1M -m 1M
	one_line "$output" '^memlimit: -m: not allowed with --metric cgroup$'
	run -2 memlimit -t 1M -k s
	one_line "$output" '^memlimit: s: a file is not allowed with -k$'
}

@test "a full disk, a closed stdout and a reader that leaves end memlimit" {
	samples '1.000000 10 1 10 0 0 a' >s
	run -2 sh -c 'memlimit -t 1M s >/dev/full'
	one_line "$output" '^memlimit: standard output: No space left on device$'
	run -2 sh -c 'memlimit -t 1M s >&-'
	one_line "$output" '^memlimit: standard output: Bad file descriptor$'
	run -0 bash -c 'yes "$(cat s)" | head -n 100000 | memlimit -t 1M | head -n 2'
	is "${#lines[@]}" 2
}

@test "memlimit continues after the first Ctrl-C" {
	mkfifo in
	start python3 -c "import signal, os
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.dup2(os.open('in', os.O_RDONLY), 0)
os.execvp('memlimit', ['memlimit', '-t1M'])" >out
	exec 9>in
	samples '1.000000 10 1 600 0 0 a' >&9
	until_true has_line out '^1.000000'
	kill -INT "$pid"
	samples '2.000000 10 1 600 0 0 a' >&9
	until_true has_line out '^2.000000'
	exec 9>&-
	ended_with 0 "$pid"
}

@test "the examples of the manual work" {
	run -10 --separate-stderr memexec --to 'memsample -C | memlimit -k -t 20M >samples.tsv' \
		sh -c 'seq 9999999 | sort -r -S 1G >/dev/null'
	grep -q '^memlimit: total of 3 processes .* exceeds' <<<"$stderr"
	is "$(grep '^#limit' samples.tsv | cut -f1 | tr '\n' ' ')" '#limit_total_kib #limit_exceeded #limit_signal '
	run -11 memlimit -m 8M samples.tsv
	grep -q '^memlimit: sort ([0-9]*) .* exceeds' <<<"$output"
}

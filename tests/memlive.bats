# SPDX-License-Identifier: MIT
load helper

# on_terminal ROWS COLS: run the script on stdin on a terminal. In it, `feed` starts memlive with
# samples of two processes, and `seen PATTERN` waits until the screen matches. At the end, the file
# `all` has the lines on the terminal and those that scrolled off.
on_terminal() {
	cat >script <<-'EOF'
		feed() {
			mkfifo samples
			"$@" memlive -n 0.2 <samples >passed &
			memlive=$!
			exec 8>samples
			printf '%s\n' "time	pid	ppid	rss_kib	comm" "1.5	10	1	1024	sh" "1.5	11	10	2048	c\\\\x1b[2Jc" >&8
		}
		seen() {
			tries=0
			until tail -n "${2-1}" screen 2>/dev/null | grep -q -- "$1"; do
				tries=$((tries + 1))
				[ "$tries" -lt 500 ] || { echo "not on the screen: $1"; exit 1; }
				sleep 0.02
			done
		}
		finish() {
			exec 8>&-
			wait "$memlive"
		}
	EOF
	cat >>script
	TERM=${term-xterm} on_pty "$1" "$2" sh script >all
}

state='s: 3.0 MiB now, 3.0 MiB peak, 2 processes, largest c.x1b.2Jc (11) 2.0 MiB$'

@test "any input, samples or not, is copied byte for byte" {
	(printf '#command\tx\n'; samples '1.000000 10 1 10 10 0 a'; samples '2.000000 10 1 30 30 0 b'
		printf '#end\t3\n') >s
	memlive s >copy
	cmp s copy
	memlive <s | cmp s -
	seq 100000 | sed 's/$/\t1\t2\t3\t4\t5\ta/' >rows
	(samples; cat rows) >s
	memlive <s | cmp s -
	run -2 --separate-stderr sh -c 'head -c 3000000 /dev/urandom >noise; memlive noise >copy'
	cmp noise copy
	one_line "$stderr" '^memlive: noise: line [0-9]+: missing header$'
	printf 'cut off' >s
	run -2 --separate-stderr memlive s
	is "$output" 'cut off'
	memlive </dev/null | cmp - /dev/null
}

@test "invalid rows are copied, reported once and counted" {
	samples '1.000000 10 1 10 10 0 a' '1.000000 x 1 10 10 0 a' '1.000000 10 1 -5 10 0 a' >s
	run -2 --separate-stderr sh -c 'memlive s >copy'
	cmp s copy
	is "$stderr" "memlive: s: line 3: invalid process ID"$'\n'"memlive: 1 more invalid line left out"
}

@test "without a terminal a line is printed at intervals, with the time that has passed" {
	mkfifo in
	start sh -c 'memlive -n 0.1 <in >out 2>lines'
	exec 8>in
	printf '#started\t99.500000\n' >&8
	samples '100.000000 10 1 1024 0 0 sh' '100.000000 11 10 5120 0 0 cc1' >&8
	until_true has_line lines '^memlive: 0 s: 6.0 MiB now, 6.0 MiB peak, 2 processes, largest cc1 (11) 5.0 MiB$'
	samples '103.900000 10 1 1024 0 0 a\tb' | tail -n 1 >&8
	until_true has_line lines '^memlive: 4 s: 1.0 MiB now, 6.0 MiB peak, 1 process, largest a\\tb (10) 1.0 MiB$'
	until_true has_line lines '^memlive: 5 s: '
	exec 8>&-
	wait "$pid"
	run -1 grep -v '^memlive: ' lines
}

@test "without a terminal, memlive prints a line every ten seconds, without control characters" {
	needs cc plain
	cat >later.c <<-'EOF'
		#define _GNU_SOURCE
		#include <stdlib.h>
		#include <sys/syscall.h>
		#include <time.h>
		#include <unistd.h>
		/* Add the seconds that the link "later" has as its target. */
		int clock_gettime(clockid_t id, struct timespec *t)
		{
			char text[16] = "";
			long failed = syscall(SYS_clock_gettime, id, t);
			if (readlink("later", text, sizeof text - 1) > 0)
				t->tv_sec += atoi(text);
			return (int)failed;
		}
	EOF
	cc -shared -fPIC -o later.so later.c 2>/dev/null || skip "no shared object can be built"
	ln -s 100000 later
	[ "$(LD_PRELOAD=$PWD/later.so memsample -1x $$ | rows - | cut -d. -f1)" -gt $((EPOCHSECONDS + 50000)) ] ||
		skip "LD_PRELOAD does not work with these programs"
	rm later
	mkfifo in
	start env LD_PRELOAD="$PWD/later.so" TERM=xterm sh -c 'exec memlive <in >out 2>lines'
	exec 8>in
	samples >&8
	until_true [ -s out ]
	for later in 8 11 19 22; do
		samples "$((100 + later)).000000 10 1 $((later * 1024)) 0 0 sh" | tail -n 1 >&8
		until_true has_line out "^$((100 + later))"
		ln -sfn "$later" later
		case $later in
		11 | 22) until_true has_line lines ": $later.0 MiB now" ;;
		esac
	done
	exec 8>&-
	wait "$pid"
	is "$(lines_of lines)" 2
	run -1 grep -vE '^memlive: [0-9]+ s: [0-9.]+ MiB now, [0-9.]+ MiB peak, 1 process, largest sh \(10\) [0-9.]+ MiB$' lines
}

@test "another run in the same stream has its own peak and time" {
	mkfifo in
	start sh -c 'memlive -n 0.1 <in >out 2>lines'
	exec 8>in
	samples '100.000000 10 1 4096 0 0 a' >&8
	samples '900.000000 11 1 1024 0 0 b' >&8
	until_true has_line lines '^memlive: 0 s: 1.0 MiB now, 1.0 MiB peak, 1 process, largest b (11) 1.0 MiB$'
	exec 8>&-
	wait "$pid"
}

@test "the output of other programs stays complete, and the line is removed at the end" {
	on_terminal 10 90 <<-'EOF'
		i=0
		feed
		while ! tail -n 1 screen 2>/dev/null | grep -q now; do echo "line $((i += 1))"; sleep 0.01; done
		while [ "$((i += 1))" -lt 1000 ]; do echo "line $i"; done
		printf 'no end of line'
		seen 'no end of line' 2
		cp screen shown
		finish
		echo ", and on"
	EOF
	(seq -f 'line %g' 999; echo 'no end of line, and on') | diff - all
	tail -n 1 shown | grep "^[0-9]* $state"
	is "$(tail -n 2 shown | head -n 1)" 'no end of line'
}

@test "a screen that is not full does not scroll, and the line is cut to the width" {
	on_terminal 8 30 <<-'EOF'
		printf 'one\ntwo'
		feed env LC_ALL=C
		seen ' now'
		cp screen shown
		finish
		echo .
	EOF
	is "$(cat all)" one$'\n'two.
	one_line "$(tail -n 1 shown)" '^[0-9]+ s: 3.0 MiB now, 3.0 MiB \.\.\.$'
	is "$(head -n 2 shown)" one$'\n'two
}

@test "the line follows a change of the terminal's size" {
	on_terminal 10 90 <<-'EOF'
		seq 20
		feed
		seen '2 processes'
		stty rows 6 cols 60
		echo small
		seen 'small' 2
		seen '2 processes'
		stty rows 14 cols 80
		echo large
		seen ' 2.0 MiB$'
		finish
	EOF
	(seq 20; echo small; echo large) | diff - all
}

@test "a program that reads single keys has the terminal for itself" {
	on_terminal 10 90 <<-'EOF'
		feed
		seen '2 processes'
		stty -icanon -echo
		seen '^$'
		echo free
		sleep 0.6 # nothing is printed in three times the interval of -n
		cp screen raw
		stty icanon echo
		seen '2 processes'
		finish
	EOF
	run -1 grep -q now raw
	is "$(cat all)" free
}

@test "a signal that ends memlive removes the line first" {
	on_terminal 10 90 <<-'EOF'
		echo before
		feed
		seen '2 processes'
		kill -TERM "$memlive"
		wait "$memlive"
		echo "status $?"
	EOF
	is "$(grep -v Terminated all)" before$'\n''status 143'
	rm samples
	on_terminal 10 90 <<-'EOF'
		mkfifo samples
		(memlive -n 0.2 <samples; echo "status $?" >status) | seen now &
		printf 'time\tpid\trss_kib\n1.5\t1\t1\n' | (cat; until [ -s status ]; do sleep 0.1; echo '#'; done) >samples
		wait
		echo after
	EOF
	diff <(echo after) all
	is "$(cat status)" 'status 141'
}

@test "on a dumb or tiny terminal plain lines are printed" {
	term=dumb on_terminal 10 90 <<-'EOF'
		feed
		seen '^memlive: 0 s: 3.0 MiB now' 10
		finish
	EOF
	on_terminal 3 90 <<-'EOF'
		feed
		seen '^memlive: 0 s: 3.0 MiB now' 10
		finish
	EOF
	grep -q '^memlive: 0 s: 3.0 MiB now, 3.0 MiB peak, 2 processes, largest ' all
}

@test "bad options, a missing file, a full disk and a closed stdout are reported" {
	run -0 memlive --check -n 2s nosuch
	run -2 memlive -z
	run -2 memlive a b
	run -2 memlive -n x
	one_line "$output" '^memlive: -n: x: invalid number$'
	run -2 memlive nosuch
	one_line "$output" '^memlive: nosuch: No such file or directory$'
	samples '1.000000 10 1 10 10 0 a' >s
	run -2 sh -c 'memlive s >/dev/full'
	one_line "$output" '^memlive: standard output: No space left on device$'
	run -2 sh -c 'memlive s >&-'
	one_line "$output" '^memlive: standard output: Bad file descriptor$'
	run -2 memlive .
	one_line "$output" '^memlive: .: Is a directory$'
}

@test "a line that is too long for a sample is copied, even if stderr is closed" {
	is "$(head -c 70000000 /dev/zero | memlive 2>err | wc -c)" 70000000
	one_line "$(cat err)" '^memlive: standard input: Message too (long|large)$'
	is "$(head -c 70000000 /dev/zero | memlive 2>&- | wc -c)" 70000000
}

@test "memlive ends when its reader leaves" {
	run -141 bash -c 'set -o pipefail; (yes "1.5	1	1	1	1	1	a") | memlive | head -n 1'
}

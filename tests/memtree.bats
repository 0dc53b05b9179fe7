# SPDX-License-Identifier: MIT
load helper

# on_terminal ROWS COLS COMMAND: run a shell command on a terminal and print the lines shown after it.
on_terminal() {
	TERM=xterm LC_ALL=C.UTF-8 on_pty "$1" "$2" sh -c "$3"
}

@test "children are printed below their parent, in the order of the samples" {
	samples '1.000000 10 1 1000 0 0 make' '1.000000 12 10 2048 0 0 cc' '1.000000 11 10 500 0 0 sh' \
		'1.000000 20 7 6 0 0 other' '1.000000 13 12 3145728 0 0 cc1' '1.000000 14 12  0 0 as' >s
	memtree s >tree
	cat >expected <<-'EOF'
		       RSS       PID  NAME
		  1000 KiB        10  make
		   2.0 MiB        12    cc
		  3.00 GiB        13      cc1
		         -        14      as
		   500 KiB        11    sh
		     6 KiB        20  other
		  3.00 GiB         6  processes
	EOF
	diff expected tree
}

@test "the last tick is printed, with all of its processes" {
	(samples '1.000000 10 1 10 0 0 a' '1.000000 11 10 10 0 0 b' '2.000000 10 1 30 0 0 a'
		echo "#end${tab}3") | memtree >tree
	is "$(tail -n 1 tree)" '    30 KiB         1  process'
	is "$(lines_of tree)" 3
	(samples '1.000000 10 1 10 0 0 a'; samples '1.000000 11 1 20 0 0 b') | memtree >tree
	is "$(tail -n 1 tree)" '    20 KiB         1  process'
}

@test "PSS has a column if it is known, and the command line is printed in place of the name" {
	printf '%s\n' "time${tab}pid${tab}ppid${tab}rss_kib${tab}pss_kib${tab}comm${tab}cmd" \
		"1.0${tab}10${tab}1${tab}100${tab}60${tab}sh${tab}sh -c x\\ty" \
		"1.0${tab}11${tab}10${tab}100${tab}40${tab}cat${tab}" >s
	memtree s >tree
	cat >expected <<-'EOF'
		       RSS         PSS       PID  NAME
		   100 KiB      60 KiB        10  sh -c x\ty
		   100 KiB      40 KiB        11    cat
		   200 KiB     100 KiB         2  processes
	EOF
	diff expected tree
	sed 's/60/ /; s/40//' s | tr -d ' ' >none
	memtree none >tree
	run -1 grep PSS tree
}

@test "a name cannot control the terminal and is printed in the character set of the locale" {
	samples '1.000000 10 1 100 0 0 a\x1B[2J' '1.000000 11 1 100 0 0 ä\\b' >s
	LC_ALL=C.UTF-8 memtree s >tree
	grep -q '  a\\x1B\[2J$' tree
	grep -q '  ä\\b$' tree
	LC_ALL=C memtree s | grep -q '  \\xC3\\xA4\\b$'
}

@test "cycles, duplicates and a process that is its own parent are each printed once" {
	samples '1.000000 10 11 1 0 0 a' '1.000000 11 12 1 0 0 b' '1.000000 12 10 1 0 0 c' \
		'1.000000 5 5 1 0 0 self' '1.000000 6 5 1 0 0 child' '1.000000 6 5 1 0 0 double' >s
	memtree s >tree
	is "$(sed '1d;$d' tree | awk '{ print $4 }' | sort | tr '\n' ' ')" 'a b c child double self '
	grep -q ' 5  self$' tree
	grep -q ' 6    child$' tree
}

@test "a chain of 5000 processes is printed with names, each with its depth before it" {
	(samples; seq 5000 | awk '{ printf "1.0\t%d\t%d\t1\t0\t0\tname\n", $1 + 1, $1 }') >s
	memtree s >tree
	is "$(lines_of tree)" 5002
	is "$(grep -c 'name$' tree)" 5000
	compare "$(wc -L <tree)" -lt 110
	grep -q '  5001 .*(4999) name$' tree
}

@test "-w prints every tick with its time" {
	samples '1795244096.127483 10 1 1024 0 0 a' '1795244097.000000 10 1 2048 0 0 a' | memtree --watch >trees
	cat >expected <<-'EOF'
		2026-11-21T06:54:56.127483Z
		       RSS       PID  NAME
		   1.0 MiB        10  a
		   1.0 MiB         1  process

		2026-11-21T06:54:57.000000Z
		       RSS       PID  NAME
		   2.0 MiB        10  a
		   2.0 MiB         1  process
	EOF
	diff expected trees
}

@test "-w keeps the PSS of a process until it is read again" {
	(printf 'time pid ppid rss_kib comm pss_kib\n1.0 10 1 3072 a 2048\n1.0 11 10 1024 b 512\n'
	printf '2.0 10 1 1024 a \n2.0 11 10 2048 b \n3.0 10 1 4096 a 3072\n3.0 11 12 1024 c \n') | tr ' ' "$tab" >s
	memtree -w s >trees
	cat >expected <<-'EOF'
		1970-01-01T00:00:01.000000Z
		       RSS         PSS       PID  NAME
		   3.0 MiB     2.0 MiB        10  a
		   1.0 MiB     512 KiB        11    b
		   4.0 MiB     2.5 MiB         2  processes

		1970-01-01T00:00:02.000000Z
		       RSS         PSS       PID  NAME
		   1.0 MiB     1.0 MiB        10  a
		   2.0 MiB     512 KiB        11    b
		   3.0 MiB     1.5 MiB         2  processes

		1970-01-01T00:00:03.000000Z
		       RSS         PSS       PID  NAME
		   4.0 MiB     3.0 MiB        10  a
		   1.0 MiB           -        11  c
		   5.0 MiB     3.0 MiB         2  processes
	EOF
	diff expected trees
}

@test "-w prints a tick when no more rows arrive" {
	mkfifo in
	start sh -c 'memtree -w <in >trees'
	exec 8>in
	samples '1.000000 10 1 1024 0 0 a' >&8
	until_true has_line trees '1.0 MiB         1  process$'
	exec 8>&-
	wait "$pid"
	is "$(lines_of trees)" 4
}

@test "-w on a terminal draws in place and leaves the last tick" {
	(samples '1.000000 10 1 1024 0 0 a' '1.000000 11 10 1024 0 0 somewhat-longer') >s
	samples '2.000000 10 1 2048 0 0 a' | tail -n 1 >later
	mkfifo in
	on_terminal 12 40 'echo before; memtree -w <in & exec 8>in; cat s >&8
		until grep -qs "2  processes" screen; do sleep 0.02; done
		cat later >&8
		until grep -qs "1  process$" screen; do sleep 0.02; done
		exec 8>&-; wait; echo after' >all
	cat >expected <<-'EOF'
		before
		1970-01-01T00:00:02.000000Z
		       RSS       PID  NAME
		   2.0 MiB        10  a
		   2.0 MiB         1  process
		after
	EOF
	diff expected all
}

@test "-w draws again when the size of the terminal changes" {
	(samples; seq 9 | sed 's/.*/1.0 & 0 1 0 0 a/' | tr ' ' "$tab") >s
	mkfifo in
	on_terminal 20 40 'memtree -w <in & exec 8>in; cat s >&8
		until grep -q processes screen; do sleep 0.02; done
		stty rows 7 cols 50
		until grep -q more screen; do sleep 0.02; done
		exec 8>&-; wait' >all
	cat >expected <<-'EOF'
		1970-01-01T00:00:01.000000Z
		       RSS       PID  NAME
		     1 KiB         1  a
		     1 KiB         2  a
		… and 7 more
		     9 KiB         9  processes
	EOF
	tail -n 6 all | diff expected -
}

@test "-w cuts lines and rows to the size of the terminal and always prints the sum" {
	(samples; seq 20 | awk '{ printf "1.0\t%d\t1\t1\t0\t0\tname-%d-that-is-too-long-to-be-shown\n", $1 + 10, $1 }') >s
	on_terminal 8 40 'memtree -w s' >all
	cat >expected <<-'EOF'
		1970-01-01T00:00:01.000000Z
		       RSS       PID  NAME
		     1 KiB        11  name-1-that-is-t…
		     1 KiB        12  name-2-that-is-t…
		     1 KiB        13  name-3-that-is-t…
		… and 17 more
		    20 KiB        20  processes
	EOF
	diff expected all
	on_terminal 8 40 'memtree s' >all
	is "$(lines_of all)" 22
	grep -q '  name-20-that-is-…$' all
}

@test "invalid rows are reported once, counted and left out" {
	samples '1.000000 10 1 10 10 0 a' '1.000000 x 1 10 10 0 a' '1.000000 11 -1 5 10 0 a' >s
	run -2 --separate-stderr memtree s
	is "$stderr" "memtree: s: line 3: invalid process ID"$'\n'"memtree: 1 more invalid line left out"
	is "$(tail -n 1 <<<"$output")" '    10 KiB         1  process'
}

@test "bad options, no samples, a full disk and a closed stdout are reported" {
	run -0 memtree --check -w nosuch
	run -2 memtree -z
	run -2 memtree a b
	run -2 memtree nosuch
	one_line "$output" '^memtree: nosuch: No such file or directory$'
	run -1 memtree </dev/null
	one_line "$output" '^memtree: no samples$'
	run -1 memtree -w < <(samples)
	one_line "$output" '^memtree: no samples$'
	run -2 memtree <"$(command -v memtree)"
	one_line "$output" '^memtree: standard input: line [0-9]*: missing header$'
	samples '1.000000 10 1 10 10 0 a' >s
	run -2 sh -c 'memtree s >/dev/full'
	one_line "$output" '^memtree: standard output: No space left on device$'
	run -2 sh -c 'memtree s >&-'
	one_line "$output" '^memtree: standard output: Bad file descriptor$'
}

@test "memtree ends when its reader leaves" {
	(samples; seq 50000 | awk '{ printf "%d.0\t1\t1\t1\t0\t0\ta\n", $1 }') >s
	run -141 bash -c 'set -o pipefail; memtree -w s | head -n 1'
}

load helper

# The expected figures are worked out by hand from the rows.

@test "the total is the largest sum over a tick, not the sum of the peaks" {
	samples '1.000000 10 1 100 100 500 a' '1.000000 11 10 50 50 300 b' \
		'2.000000 10 1 40 100 500 a' '2.000000 11 10 130 130 300 b' >s
	mempeak s >p
	[ "$(total rss_kib p)" -eq 170 ]
	[ "$(total time p)" = 2.000000 ]
	[ "$(total procs p)" -eq 2 ]
	[ "$(total vsz_kib p)" -eq 800 ]
	[ "$(total ticks p)" -eq 2 ]
	[ "$(peak_of process a rss_kib p)" -eq 100 ]
	[ "$(peak_of process a at_peak_kib p)" -eq 40 ]
	[ "$(peak_of process b rss_kib p)" -eq 130 ]
	[ "$(peak_of process b first p)" = 1.000000 ]
}

@test "a group's peak is what its processes held at the same time" {
	samples '1.000000 10 1 10 10 0 sh' '1.000000 11 10 70 70 0 cc' '1.000000 12 10 20 20 0 cc' \
		'2.000000 10 1 10 10 0 sh' '2.000000 12 10 60 60 0 cc' >s
	mempeak s >p
	[ "$(peak_of group cc rss_kib p)" -eq 90 ]
	[ "$(peak_of group cc procs p)" -eq 2 ]
	[ "$(peak_of group sh rss_kib p)" -eq 10 ]
	[ "$(cut -f1,2 p | tr '\t\n' ' ;')" = 'scope name;total sh;group cc;group sh;process cc;process cc;process sh;' ]
}

@test "a mark that rose between two ticks counts on top of what the others held at both" {
	samples '1.000000 10 1 100 100 0 a' '1.000000 11 10 50 50 0 b' \
		'2.000000 10 1 100 300 0 a' '2.000000 11 10 60 60 0 b' >s
	mempeak s >p
	[ "$(total rss_kib p)" -eq 350 ]
	[ "$(total time p)" = 2.000000 ]
	[ "$(peak_of process a rss_kib p)" -eq 300 ]
	[ "$(peak_of process a at_peak_kib p)" -eq 300 ]
	[ "$(peak_of process b at_peak_kib p)" -eq 50 ]
	[ "$(peak_of group a at_peak_kib p)" -eq 300 ]
}

@test "memory handed over from one process to the next does not add up" {
	samples '1.000000 10 1 200 200 0 a' '1.000000 11 1 1 1 0 b' \
		'2.000000 10 1 1 200 0 a' '2.000000 11 1 200 200 0 b' >s
	mempeak s >p
	[ "$(total rss_kib p)" -eq 201 ]
	samples '1.000000 10 1 1 1 0 a' '1.000000 11 1 1 1 0 b' \
		'2.000000 10 1 1 200 0 a' '2.000000 11 1 1 200 0 b' >s
	mempeak s >p
	[ "$(total rss_kib p)" -eq 201 ]
	[ "$(total bound_kib p)" -eq 400 ]
}

@test "the bound is the sum of the marks, of who ended since too" {
	samples '1.000000 10 1 10 90 0 a' '1.000000 11 1 20 30 0 b' \
		'2.000000 10 1 15 90 0 a' '2.000000 12 1 5 7 0 c' >s
	mempeak s >p
	[ "$(total bound_kib p)" -eq 127 ]
	[ "$(total rss_kib p)" -eq 30 ]
}

@test "marks from before the stream are no peaks of it, but bound it" {
	samples '1.000000 10 1 10 500 0 a' '2.000000 10 1 20 500 0 a' >s
	mempeak s >p
	[ "$(total rss_kib p)" -eq 20 ]
	[ "$(total bound_kib p)" -eq 500 ]
	(echo "#started${tab}0.9"; cat s) | mempeak >p
	[ "$(total rss_kib p)" -eq 500 ]
	[ "$(peak_of process a rss_kib p)" -eq 500 ]
}

@test "a mark of unknown age stands alone, or for nothing" {
	samples '1.000000 10 1 100 100 0 a' '1.000000 11 1 50 50 0 b' >s
	samples '2.000000 10 1 100 100 0 a' '2.000000 11 1 50 400 0 b' | tail -n +2 >more
	(cat s; printf '#mark_since\t11\t0.500000\n'; cat more) | mempeak >p
	[ "$(total rss_kib p)" -eq 400 ]
	[ "$(total procs p)" -eq 1 ]
	[ "$(peak_of process b at_peak_kib p)" -eq 400 ]
	[ "$(peak_of process a at_peak_kib p)" = '' ]
	(cat s; printf '#mark_since\t11\t0\n'; cat more) | mempeak >p
	[ "$(total rss_kib p)" -eq 150 ]
	[ "$(peak_of process b rss_kib p)" -eq 50 ]
}

@test "alone, a process's peak is what wait4 said" {
	(echo "#started${tab}1"; samples '1.000000 10 1 100 120 0 a'; echo "#maxrss_kib${tab}777") | mempeak >p
	[ "$(total rss_kib p)" -eq 777 ]
	[ "$(total bound_kib p)" -eq 777 ]
	[ "$(peak_of process a rss_kib p)" -eq 777 ]
	[ "$(peak_of group a at_peak_kib p)" -eq 777 ]
}

@test "among others, wait4's figure is a peak of somebody, at no known time" {
	(echo "#started${tab}1"; samples '1.000000 10 1 100 120 0 a' '1.000000 11 10 5 5 0 b'
	echo "#maxrss_kib${tab}777") | mempeak >p
	[ "$(total rss_kib p)" -eq 777 ]
	[ "$(total time p)" = '' ]
	[ "$(total bound_kib p)" -eq $((120 + 5 - 5 + 777)) ]
	[ "$(peak_of process a rss_kib p)" -eq 120 ]
}

@test "a process that ended unread is there, its memory unknown" {
	(samples '1.000000 10 1    a' '1.000000 11 1 5 5 9 b') | mempeak >p
	[ "$(peak_of process a rss_kib p)" = '' ]
	[ "$(peak_of process a ticks p)" -eq 1 ]
	[ "$(total rss_kib p)" -eq 5 ]
}

@test "a new image begins with a mark of its own" {
	samples '1.000000 10 1 100 200 0 sh' '2.000000 10 1 50 60 0 cc' '3.000000 10 1 50 300 0 cc' >s
	mempeak s >p
	[ "$(peak_of process cc rss_kib p)" -eq 300 ]
	[ "$(peak_of group sh rss_kib p)" -eq 100 ]
	[ "$(peak_of group cc rss_kib p)" -eq 300 ]
	[ "$(total procs p)" -eq 1 ]
}

@test "a PID that was away for a tick is another process" {
	samples '1.000000 10 1 10 10 0 a' '1.000000 11 1 10 10 0 a' '2.000000 11 1 10 10 0 a' \
		'3.000000 10 1 30 30 0 a' '3.000000 11 1 10 10 0 a' >s
	[ "$(mempeak s | grep -c "^process${tab}a${tab}10$tab")" -eq 2 ]
}

@test "columns are found by name, in any order; unknown ones are passed over" {
	printf 'comm\tx\trss_kib\tpid\ttime\na\t?\t7\t1\t1.5\na\t?\t9\t1\t2.5\n' | mempeak >p
	[ "$(total rss_kib p)" -eq 9 ]
	[ "$(total vsz_kib p)" = '' ]
}

@test "# lines are passed on in order; logs can be put together" {
	(echo '#a'; samples '1.000000 10 1 10 10 0 a'; echo "#b${tab}1"; samples '2.000000 10 1 30 30 0 a') >s
	mempeak s >p
	[ "$(grep '^#' p)" = "#a"$'\n'"#b${tab}1" ]
	[ "$(total rss_kib p)" -eq 30 ]
	[ "$(peak_of process a ticks p)" -eq 2 ]
	samples '5.000000 12 1 99 99 0 b' >t
	mempeak s t >p
	[ "$(total rss_kib p)" -eq 99 ]
}

@test "a process called like a header or a # line is a process" {
	samples '1.000000 10 1 10 10 0 time' '1.000000 11 1 10 10 0 #x' '1.000000 12 1 10 10 0 a\tb' >s
	mempeak s >p
	grep -qF "process${tab}a\\tb${tab}12$tab" p
	[ "$(peak_of process '#x' pid p)" -eq 11 ]
	[ "$(peak_of process time pid p)" -eq 10 ]
}

@test "-s divides the run into that many spans at most, and keeps the peak" {
	samples >s
	for i in $(seq 1 500); do
		printf '%d.000000\t10\t1\t%d\t%d\t0\ta\n' "$i" $((i % 97 * 10)) 960
	done >>s
	mempeak -s 20 s >p
	n=$(grep -c ^span p)
	[ "$n" -le 20 ]
	[ "$n" -ge 10 ]
	[ "$(grep ^span p | cut -f6 | sort -n | tail -n 1)" -eq "$(total rss_kib p)" ]
	[ "$(mempeak s | grep -c ^span)" -eq 0 ]
}

@test "a stream that is cut off is told, and the broken row counts for nothing" {
	samples '1.000000 10 1 10 10 0 a' '2.000000 10 1 99999 99999 0 a' >s
	head -c -12 s >cut
	run -2 --separate-stderr mempeak cut
	one_line "$stderr" '^mempeak: cut: line 3: cut off$'
	[ "$(total rss_kib <(echo "$output"))" -eq 10 ]
}

@test "broken rows are told once, counted, and left out" {
	samples '1.000000 10 1 10 10 0 a' '1.000000 10 1 10 10 0' '2.000000 x 1 10 10 0 a' \
		'2.000000 10 1 -5 10 0 a' '2.000000 10 1 18446744073709551616 1 0 a' 'later 10 1 5 5 0 a' \
		'3.000000 10 1 12 12 0 a' >s
	run -2 --separate-stderr mempeak s
	[ "$stderr" = "mempeak: s: line 3: fewer fields than the header"$'\n'"mempeak: and 4 more lines left out" ]
	[ "$(total rss_kib <(echo "$output"))" -eq 12 ]
}

@test "what is no samples stream is told in one line, with 2" {
	run -2 mempeak </dev/zero
	run -2 mempeak <"$(command -v mempeak)"
	one_line "$output" '^mempeak: standard input: line [0-9]*: no header$'
	run -2 mempeak <<<'1.0 2 3'
	one_line "$output" '^mempeak: standard input: line 1: no header$'
	run -2 mempeak <<<"time${tab}pid"
	one_line "$output" "^mempeak: standard input: line 1: no column 'rss_kib'$"
	run -2 mempeak nosuch
	one_line "$output" '^mempeak: nosuch: No such file or directory$'
	run -1 mempeak </dev/null
	one_line "$output" '^mempeak: no samples$'
	run -1 --separate-stderr mempeak < <(samples)
	one_line "$stderr" '^mempeak: no samples$'
	run -2 mempeak -z
	run -2 mempeak -s x
}

@test "a full disk and a closed stdout are told" {
	samples '1.000000 10 1 10 10 0 a' >s
	run -2 sh -c 'mempeak s >/dev/full'
	one_line "$output" '^mempeak: standard output: No space left on device$'
	run -2 sh -c 'mempeak s >&-'
	one_line "$output" '^mempeak: standard output: Bad file descriptor$'
}

@test "a Ctrl-C is for the sampler: mempeak goes on to the end of its input" {
	mkfifo in
	start python3 -c "import signal, os
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.dup2(os.open('in', os.O_RDONLY), 0)
os.execvp('mempeak', ['mempeak'])" >p
	exec 8>in
	samples '1.000000 10 1 10 10 0 a' >&8
	until_true eval '[ "$(cat /proc/$pid/comm)" = mempeak ]'
	until_true eval '! grep -q "^SigCgt:.*0000$" /proc/$pid/status'
	kill -INT "$pid"
	samples '2.000000 10 1 40 40 0 a' | tail -n 1 >&8
	exec 8>&-
	wait "$pid"
	[ "$(total rss_kib p)" -eq 40 ]
}

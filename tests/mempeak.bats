# SPDX-License-Identifier: MIT
load helper

# facts FILE: print the `#` lines of peaks, except the figures over time.
facts() { grep '^#' "$1" | grep -v '^#rss_'; }

# The expected values are computed by hand from the rows.

@test "the total is the largest sum over a tick, not the sum of the peaks" {
	samples '1.000000 10 1 100 100 500 a' '1.000000 11 10 50 50 300 b' \
		'2.000000 10 1 40 100 500 a' '2.000000 11 10 130 130 300 b' >s
	mempeak s >p
	is "$(total rss_kib p)" 170
	is "$(total time p)" 2.000000
	is "$(total procs p)" 2
	is "$(total vsz_kib p)" 800
	is "$(total ticks p)" 2
	is "$(peak_of process a rss_kib p)" 100
	is "$(peak_of process a at_peak_kib p)" 40
	is "$(peak_of process b rss_kib p)" 130
	is "$(peak_of process b first p)" 1.000000
}

@test "a group's peak is what its processes held at the same time" {
	samples '1.000000 10 1 10 10 0 sh' '1.000000 11 10 70 70 0 cc' '1.000000 12 10 20 20 0 cc' \
		'2.000000 10 1 10 10 0 sh' '2.000000 12 10 60 60 0 cc' >s
	mempeak s >p
	is "$(peak_of group cc rss_kib p)" 90
	is "$(peak_of group cc procs p)" 2
	is "$(peak_of group sh rss_kib p)" 10
	is "$(grep -v '^#' p | cut -f1,2 | tr '\t\n' ' ;')" 'scope name;total sh;group cc;group sh;process cc;process cc;process sh;'
}

@test "a mark that rose between two ticks adds to what the others held at both" {
	samples '1.000000 10 1 100 100 0 a' '1.000000 11 10 50 50 0 b' \
		'2.000000 10 1 100 300 0 a' '2.000000 11 10 60 60 0 b' >s
	mempeak s >p
	is "$(total rss_kib p)" 350
	is "$(total time p)" 2.000000
	is "$(peak_of process a rss_kib p)" 300
	is "$(peak_of process a at_peak_kib p)" 300
	is "$(peak_of process b at_peak_kib p)" 50
	is "$(peak_of group a at_peak_kib p)" 300
}

@test "memory that moves from one process to another is counted once" {
	samples '1.000000 10 1 200 200 0 a' '1.000000 11 1 1 1 0 b' \
		'2.000000 10 1 1 200 0 a' '2.000000 11 1 200 200 0 b' >s
	mempeak s >p
	is "$(total rss_kib p)" 201
	samples '1.000000 10 1 1 1 0 a' '1.000000 11 1 1 1 0 b' \
		'2.000000 10 1 1 200 0 a' '2.000000 11 1 1 200 0 b' >s
	mempeak s >p
	is "$(total rss_kib p)" 201
	is "$(total bound_kib p)" 400
}

@test "the bound is the sum of the marks, including those of processes that have exited" {
	samples '1.000000 10 1 10 90 0 a' '1.000000 11 1 20 30 0 b' \
		'2.000000 10 1 15 90 0 a' '2.000000 12 1 5 7 0 c' >s
	mempeak s >p
	is "$(total bound_kib p)" 127
	is "$(total rss_kib p)" 30
}

# bounded: print samples of which the marks give the bound 120 in the first tick and 127 in the
# second, with the lines of standard input before the second.
bounded() {
	samples '1.000000 10 1 10 90 0 a' '1.000000 11 1 20 30 0 b'
	cat
	samples '2.000000 10 1 15 90 0 a' '2.000000 12 1 5 7 0 c' | tail -n +2
}

@test "#bound_kib is the bound of its tick, lower or higher than the sum of the marks" {
	for kib in 122 300; do
		printf '#bound_kib\t%s\t3\n' "$kib" | bounded | mempeak >p
		is "$(total bound_kib p)" "$kib"
		is "$(total rss_kib p)" 30
		is "$(facts p)" "#bound_exits${tab}3"
	done
	# The bound of the first tick is larger.
	printf '#bound_kib\t40\t3\n' | bounded | mempeak >p
	is "$(total bound_kib p)" 120
	is "$(facts p)" "#bound_exits${tab}0"
	# The peak is never above the bound.
	(samples '1.000000 10 1 10 10 0 a'; printf '#bound_kib\t40\t0\n1.5\t10\t1\t60\t60\t0\ta\n') | mempeak >p
	is "$(total rss_kib p)" 60
	is "$(total bound_kib p)" 60
}

@test "with #bound_kib, nothing is added for marks and #unseen_kib" {
	printf '#unseen_kib\t5000\n#bound_kib\t300\t1\n' | bounded | mempeak >p
	is "$(total bound_kib p)" 300
	(echo "#mark_error_kib${tab}10"; printf '#bound_kib\t300\t1\n' | bounded) | mempeak >p
	is "$(total bound_kib p)" 300
}

@test "#bound_kib after the last tick counts" {
	(printf '#bound_kib\t300\t1\n' | bounded; printf '#bound_kib\t500\t4\n#end\t3\n') | mempeak >p
	is "$(total bound_kib p)" 500
	has_line p "^#bound_exits${tab}4$"
	(printf '#bound_kib\t300\t1\n' | bounded; printf '#bound_kib\t200\t4\n#end\t3\n') | mempeak >p
	is "$(total bound_kib p)" 300
	has_line p "^#bound_exits${tab}1$"
}

@test "#bound_exits is the number of exits of the largest bound" {
	(printf '#bound_kib\t300\t7\n' | bounded; printf '#bound_kib\t400\t2\n'
	printf '3.000000\t10\t1\t15\t90\t0\ta\n#bound_kib\t350\t9\n4.000000\t10\t1\t15\t90\t0\ta\n') >s
	mempeak s >p
	is "$(total bound_kib p)" 400
	is "$(facts p)" "#bound_exits${tab}2"
}

@test "without #bound_kib, the bound is of marks, the error of a mark and #unseen_kib" {
	bounded </dev/null | mempeak >p
	is "$(total bound_kib p)" 127
	run -1 grep '^#bound_exits' p
	# Three processes: two, and one that has exited.
	(echo "#mark_error_kib${tab}10"; echo "#unseen_kib${tab}1000" | bounded) | mempeak >p
	is "$(total bound_kib p)" $((127 + 1000 + 3 * 10))
	(bounded </dev/null; echo "#unseen_kib${tab}1000") | mempeak >p
	is "$(total bound_kib p)" $((90 + 7 + 1000))
}

@test "in a concatenated log, each stream has bounds of its own kind" {
	printf '#bound_kib\t122\t1\n' | bounded >s
	(bounded </dev/null; echo "#unseen_kib${tab}1000") >t
	for logs in 's t' 't s'; do
		mempeak ${logs% *} "${logs#* }" >p
		is "$(total bound_kib p)" $((90 + 7 + 1000))
		has_line p "^#bound_exits${tab}0$"
	done
	# The process of which wait4(2) reports the size can be one of the last tick.
	(bounded </dev/null; echo "#maxrss_kib${tab}4000") >t
	is "$(total bound_kib <(mempeak s t))" "$(total bound_kib <(mempeak t t))"
}

@test "#bound_kib is of the whole tree and not applied to a selection" {
	printf '#bound_kib\t5000\t3\n' | bounded >s
	for select in '-I a|b|c' '-X d'; do
		mempeak ${select% *} "${select#* }" s >p
		is "$(total bound_kib p)" 127
		run -1 grep '^#bound' p
	done
}

@test "an invalid number in #bound_kib is ignored" {
	for value in '' '\t' '\tx\t3' '\t-5\t3' '\t1.5\t3' '\t300x\t3' '\t99999999999999999999\t3' '\t 300\t3'; do
		printf "#bound_kib$value\\n" | bounded | mempeak >p
		is "$(total bound_kib p)" 127
		run -1 grep '^#bound' p
	done
	for exits in '' '\t' '\tx' '\t-1' '\t99999999999999999999'; do
		printf "#bound_kib\\t300$exits\\n" | bounded | mempeak >p
		is "$(total bound_kib p)" 300
		has_line p "^#bound_exits${tab}0$"
	done
}

@test "a mark that predates the stream is part of the bound but no peak" {
	samples '1.000000 10 1 10 500 0 a' '2.000000 10 1 20 500 0 a' >s
	mempeak s >p
	is "$(total rss_kib p)" 20
	is "$(total bound_kib p)" 500
	(echo "#started${tab}0.9"; cat s) | mempeak >p
	is "$(total rss_kib p)" 500
	is "$(peak_of process a rss_kib p)" 500
}

@test "a mark of unknown age counts alone, and one that predates the stream does not count" {
	samples '1.000000 10 1 100 100 0 a' '1.000000 11 1 50 50 0 b' >s
	samples '2.000000 10 1 100 100 0 a' '2.000000 11 1 50 400 0 b' | tail -n +2 >more
	(cat s; printf '#mark_since\t11\t0.500000\n'; cat more) | mempeak >p
	is "$(total rss_kib p)" 400
	is "$(total procs p)" 1
	is "$(peak_of process b at_peak_kib p)" 400
	is "$(peak_of process a at_peak_kib p)" ''
	(cat s; printf '#mark_since\t11\t0\n'; cat more) | mempeak >p
	is "$(total rss_kib p)" 150
	is "$(peak_of process b rss_kib p)" 50
}

@test "the peak of the command is #command_maxrss_kib, at an unknown time" {
	local lines="#maxrss_kib${tab}777"$'\n'"#command_maxrss_kib${tab}777${tab}10"
	(echo "#started${tab}1"; samples '1.000000 10 1 100 120 0 a'; echo "$lines") | mempeak >p
	is "$(total rss_kib p)" 777
	is "$(total bound_kib p)" 777
	is "$(total time p)" ''
	is "$(peak_of process a rss_kib p)" 777
	is "$(peak_of process a bound_kib p)" 777
	is "$(peak_of process a time p)" ''
	is "$(peak_of group a at_peak_kib p)" 777
	(echo "#started${tab}1"; samples '1.000000 10 1 100 120 0 a' '1.000000 11 10 5 5 0 b'; echo "$lines") | mempeak >p
	is "$(total rss_kib p)" 777
	is "$(peak_of process a at_peak_kib p)" 777
	is "$(peak_of process b at_peak_kib p)" ''
	(echo "#started${tab}1"; samples '1.000000 10 1 100 900 0 a'; echo "$lines") | mempeak >p
	is "$(total rss_kib p)" 900
	is "$(total time p)" 1.000000
	# It is of no other process, and an invalid line is ignored.
	(samples '1.000000 10 1 100 120 0 a'; printf '#command_maxrss_kib\t%s\n' 777 "777${tab}x" "${tab}10"
	echo "#command_maxrss_kib${tab}777${tab}12") | mempeak >p
	is "$(peak_of process a rss_kib p)" 100
}

@test "#maxrss_kib can be of a descendant: it is the peak of no process" {
	(echo "#started${tab}1"; samples '1.000000 10 1 100 120 0 a'; echo "#maxrss_kib${tab}777") | mempeak >p
	is "$(total rss_kib p)" 777
	is "$(total bound_kib p)" 777
	is "$(total time p)" ''
	is "$(peak_of process a rss_kib p)" 120
	is "$(peak_of process a at_peak_kib p)" ''
}

@test "#created and #exited are the first and last times, from #started to #end" {
	(printf '#started\t0.900000\n'; samples
	printf '#created\t10\t0.800000\n1.000000\t10\t1\t100\t100\t0\ta\n'
	printf '#created\t11\t1.500000\n2.000000\t10\t1\t100\t100\t0\ta\n2.000000\t11\t10\t5\t5\t0\tb\n'
	printf '#exited\t11\t2.500000\n3.000000\t10\t1\t100\t100\t0\ta\n'
	printf '#end\t3.400000\n#exited\t10\t3.500000\n#exited\t12\t9.000000\n#created\tx\t1\n#exited\t10\n') >s
	mempeak s >p
	is "$(peak_of process a first p) $(peak_of process a last p)" '0.900000 3.400000'
	is "$(peak_of process b first p) $(peak_of process b last p)" '1.500000 2.500000'
	is "$(peak_of group b first p) $(peak_of group b last p)" '1.500000 2.500000'
	is "$(total first p) $(total last p)" '0.900000 3.400000'
	is "$(total ticks p)" 3
	run ! grep -qE '^#(created|exited)' p
}

@test "with several processes, #maxrss_kib can be the peak, at an unknown time" {
	(echo "#started${tab}1"; samples '1.000000 10 1 100 120 0 a' '1.000000 11 10 5 5 0 b'
	echo "#maxrss_kib${tab}777") | mempeak >p
	is "$(total rss_kib p)" 777
	is "$(total time p)" ''
	is "$(total bound_kib p)" $((120 + 5 - 5 + 777))
	is "$(peak_of process a rss_kib p)" 120
}

@test "a process that exited before it was read has a row with unknown memory" {
	(samples '1.000000 10 1    a' '1.000000 11 1 5 5 9 b') | mempeak >p
	is "$(peak_of process a rss_kib p)" ''
	is "$(peak_of process a ticks p)" 1
	is "$(total rss_kib p)" 5
}

@test "a process that executes another program has a new mark" {
	samples '1.000000 10 1 100 200 0 sh' '2.000000 10 1 50 60 0 cc' '3.000000 10 1 50 300 0 cc' >s
	mempeak s >p
	is "$(peak_of process cc rss_kib p)" 300
	is "$(peak_of group sh rss_kib p)" 100
	is "$(peak_of group cc rss_kib p)" 300
	is "$(total procs p)" 1
}

@test "a process ID that is missing in one tick is another process afterwards" {
	samples '1.000000 10 1 10 10 0 a' '1.000000 11 1 10 10 0 a' '2.000000 11 1 10 10 0 a' \
		'3.000000 10 1 30 30 0 a' '3.000000 11 1 10 10 0 a' >s
	is "$(mempeak s | grep -c "^process${tab}a${tab}10$tab")" 2
}

@test "columns are found by name, in any order" {
	printf 'comm\tx\trss_kib\tpid\ttime\na\t?\t7\t1\t1.5\na\t?\t9\t1\t2.5\n' | mempeak >p
	is "$(total rss_kib p)" 9
	is "$(total vsz_kib p)" ''
}

@test "# lines are passed on in order, and logs can be concatenated" {
	(echo '#a'; samples '1.000000 10 1 10 10 0 a'; echo "#b${tab}1"; samples '2.000000 10 1 30 30 0 a') >s
	mempeak s >p
	is "$(facts p)" "#a"$'\n'"#b${tab}1"
	is "$(total rss_kib p)" 30
	is "$(peak_of process a ticks p)" 2
	samples '5.000000 12 1 99 99 0 b' >t
	mempeak s t >p
	is "$(total rss_kib p)" 99
}

@test "a # line within a tick does not end it" {
	(samples '1.000000 10 1 10 10 0 a'; echo "#unseen_kib${tab}0"; printf '1.000000\t11\t1\t20\t20\t0\tb\n') >s
	is "$(total rss_kib <(mempeak s))" 30
}

@test "a process can have the name of a header or of a # line" {
	samples '1.000000 10 1 10 10 0 time' '1.000000 11 1 10 10 0 #x' '1.000000 12 1 10 10 0 a\tb' >s
	mempeak s >p
	grep -qF "process${tab}a\\tb${tab}12$tab" p
	is "$(peak_of process '#x' pid p)" 11
	is "$(peak_of process time pid p)" 10
}

# Samples with a label, box. The process cc moves from one box to another.
boxed() {
	printf 'time\tpid\tppid\trss_kib\tcomm\tbox\n'
	printf '1.000000\t10\t1\t100\tsh\t\n1.000000\t11\t10\t50\tcc\tweb\n1.000000\t12\t10\t30\tld\tweb\n'
	printf '2.000000\t10\t1\t10\tsh\t\n2.000000\t11\t10\t20\tcc\tdb\n2.000000\t12\t10\t90\tld\tweb\n'
}

@test "-g groups by any column and writes #group_by" {
	boxed >s
	mempeak -g box s >p
	is "$(facts p)" "#group_by${tab}box"
	is "$(grep ^group p | cut -f2,5,6,8 | tr '\t\n' ' ;')" ' 1 100 100;web 1 90 80;db 1 20 0;'
	is "$(peak_of group web time p)" 2.000000
	is "$(peak_of process cc rss_kib p)" 50
	is "$(total name p)" sh
	mempeak -g box -g comm s >p
	mempeak s | cmp - p
}

@test "a process that changes its group while its mark rises is counted in the new group" {
	printf 'time\tpid\trss_kib\thwm_kib\tbox\n1.000000\t10\t100\t100\ta\n2.000000\t10\t90\t400\tb\n' |
		mempeak -g box >p
	is "$(peak_of group b rss_kib p)" 400
	is "$(peak_of group b procs p)" 1
	is "$(total procs p)" 1
}

@test "-g parent groups by the parent and prints its name and process ID" {
	boxed >s
	mempeak --group-by=parent s >p
	is "$(facts p)" "#group_by${tab}parent"
	is "$(peak_of group 'sh (10)' rss_kib p)" 110
	is "$(peak_of group 'sh (10)' procs p)" 2
	is "$(peak_of group 1 rss_kib p)" 100
	is "$(mempeak -g ppid s | grep ^group | cut -f2 | tr '\n' ' ')" '10 1 '
}

@test "-g fails with one line if the column is missing, in a second stream too" {
	boxed >s
	run -2 mempeak -g nosuch s
	one_line "$output" "^mempeak: s: line 1: missing column nosuch$"
	(cat s; samples '9.000000 10 1 999 999 0 a') >t
	run -2 --separate-stderr mempeak -g box t
	one_line "$stderr" "^mempeak: t: line 8: missing column box$"
	is "$(total rss_kib <(echo "$output"))" 180
}

@test "-I and -X select processes by name and write #excluded" {
	samples '1.000000 10 1 100 100 500 make' '1.000000 11 10 50 60 300 cc1' '1.000000 12 10 20 20 100 ld' \
		'2.000000 10 1 40 100 500 make' '2.000000 11 10 30 60 300 cc1' '2.000000 13 10 25 25 100 cc1plus' >s
	mempeak -I '^cc1' s >p
	is "$(facts p)" "#excluded${tab}2${tab}120"
	is "$(total rss_kib p)" 55
	is "$(total bound_kib p)" 85
	is "$(total name p)" cc1
	is "$(total pid p)" 11
	is "$(grep -c ^process p)" 2
	is "$(grep -c ^group p)" 2
	mempeak --include '^(cc1|ld)' --exclude plus s >p
	is "$(total rss_kib p)" 70
	is "$(facts p)" "#excluded${tab}2${tab}100"
	mempeak -X 'c|m' s >p
	is "$(facts p)" "#excluded${tab}3${tab}150"
	is "$(total ticks p)" 1
	is "$(total last p)" 1.000000
}

@test "selected processes have the same peaks as without the rows of others" {
	samples >s
	for i in $(seq 1 60); do
		printf '%d.000000\t10\t1\t%d\t%d\t9\ta\n' "$i" $((i * 37 % 50)) $((i / 20 * 40 + 50))
		printf '%d.000000\t11\t1\t%d\t%d\t9\tb\n' "$i" $((i * 11 % 70)) $((i / 9 * 30 + 70))
		[ $((i % 7)) -eq 0 ] || printf '%d.000000\t12\t1\t%d\t%d\t9\ta\n' "$i" $((i * 13 % 90)) $((i / 7 * 9 + 90))
	done >>s
	mempeak -I a s | grep -v '^#' >p
	grep -v "${tab}b$" s | mempeak | grep -v '^#' | cmp - p
}

@test "a process that changes its name counts while the name matches" {
	samples '1.000000 10 1 100 400 0 sh' '2.000000 10 1 90 400 0 cc' '3.000000 10 1 95 400 0 cc' \
		'4.000000 10 1 500 500 0 sh' '5.000000 10 1 5 500 0 cc' '6.000000 10 1 5 600 0 cc' >s
	head -n 6 s | mempeak -I cc >p
	is "$(total rss_kib p)" 95 # its name was sh when the mark was reached
	is "$(total bound_kib p)" 500
	mempeak -I cc s >p
	is "$(total rss_kib p)" 600
	is "$(total ticks p)" 4
	is "$(facts p)" "#excluded${tab}0${tab}500"
}

@test "facts about the whole tree are not applied to a selection" {
	(echo "#started${tab}1"; samples '1.000000 10 1 100 120 0 a' '1.000000 11 1 5 5 0 b'
	echo "#unseen_kib${tab}4096"; echo "#maxrss_kib${tab}777") >s
	mempeak -X b s >p
	is "$(total rss_kib p)" 120
	is "$(total bound_kib p)" 120
	grep -q '^#maxrss_kib' p
}

@test "a pattern matches the decoded name, and an invalid one fails before anything is read" {
	samples '1.000000 10 1 1 1 0 a\tb' '1.000000 11 1 7 7 0 c\\d' >s
	is "$(total rss_kib <(mempeak -I "a${tab}b" s))" 1
	is "$(total rss_kib <(mempeak -I '^c\\d$' s))" 7
	run -2 mempeak -I '(' /dev/full
	one_line "$output" '^mempeak: -I: \(: invalid regular expression: '
	run -2 mempeak -X x <<<"time${tab}pid${tab}rss_kib"
	one_line "$output" "^mempeak: standard input: line 1: missing column comm$"
	run -1 --separate-stderr mempeak -I nosuch s
	is "$stderr" 'mempeak: no samples with a matching name'
}

@test "an invalid row does not move the rows after it to another tick" {
	for bad in '2.000000' '2.000000 x' '2.000000 x 1 1 1 0 a' '2.000000 10 1 x 1 0 a' '2.0x 10 1 1 1 0 a'; do
		samples '1.000000 10 1 100 100 0 a' "$bad" '2.000000 10 1 200 200 0 a' '2.000000 11 1 50 50 0 b' >s
		run -2 --separate-stderr mempeak s
		is "$(total rss_kib <(echo "$output")) $(total time <(echo "$output"))" '250 2.000000'
		is "$(total ticks <(echo "$output"))" 2
	done
}

# PSS is read at 1.0, 3.0 and 4.0.
rich() {
	tr ' ' '\t' <<-'EOF'
		time pid ppid rss_kib comm tier pss_kib swap_kib shared_kib threads cpu_ms start exe cmd
		1.000000 10 1 100 sh a 80 5 9 1 10 0.5 /bin/sh sh\t-c
		1.000000 11 10 50 cc a 30 0 9 2 5 0.7  cc
		2.000000 10 1 110 sh a  7 9 3 20 0.5 /bin/sh sh
		2.000000 11 10 90 cc a  1 9 1 9 0.7 /bin/cc1 cc
		3.000000 11 10 120 cc a 115 0 9 1 12 0.7  cc
		3.000000 12 10 40 cc b 20 2 9 1 1 2.5 /bin/cc1 
		4.000000 11 10 170 cc a 50  9 1  0.7  cc
	EOF
}

@test "metrics are reduced to the largest sum, the sum of the last values or the last text" {
	rich >s
	mempeak s >p
	is "$(grep '^scope' p | cut -f14- | tr '\t' ' ')" \
		'pss_kib pss_at_peak_kib footprint_kib swap_kib shared_kib threads cpu_ms start exe cmd tier'
	is "$(facts p | tr '\t\n' ' ;')" '#pss_reads 3;#pss_at_rss_kib 160;#pss_bound_kib 270;'
	is "$(grep '^total' p | cut -f14- | tr '\t' ' ')" '135 135 208 8 18 4 33 0.5  sh '
	is "$(grep "^group${tab}cc" p | cut -f14- | tr '\t' ' ')" '135 135 170 2 18 2 13    '
	is "$(grep "^group${tab}sh" p | cut -f14- | tr '\t' ' ')" '80 0 117 7 9 3 20    '
	is "$(grep "^process${tab}cc${tab}11" p | cut -f14- | tr '\t' ' ')" '115 115 170 1 9 2 12 0.7 /bin/cc1 cc a'
	is "$(grep "^process${tab}cc${tab}12" p | cut -f14- | tr '\t' ' ')" '20 20 42 2 9 1 1 2.5 /bin/cc1  b'
	is "$(grep "^process${tab}sh${tab}10" p | cut -f14- | tr '\t' ' ')" '80 0 117 7 9 3 20 0.5 /bin/sh sh a'
	mempeak -s 2 s | grep -v '^#' | awk -F'\t' 'NF != 24 { exit 1 }'
}

@test "each metric of memsample becomes a column of peaks" {
	memsample -1 -o 'time pid rss cmd user exe start write read cpu_ms regions threads shared shmem file anon hugetlb swap footprint uss pss' \
		"$$" | mempeak >p
	is "$(grep '^scope' p | cut -f14- | tr '\t' ' ')" 'pss_kib uss_kib pss_at_peak_kib footprint_kib'$(
		)' swap_kib hugetlb_kib anon_kib file_kib shmem_kib shared_kib threads regions cpu_ms read_kib write_kib start exe user cmd'
	is "$(total shared_kib p)" "$(peak_of group '' shared_kib p)"
	compare "$(total shared_kib p)" -gt 0
}

@test "metrics of excluded processes do not count" {
	rich >s
	mempeak -X sh -g tier s >p
	is "$(facts p | tr '\t\n' ' ;')" '#excluded 1 110;#pss_reads 3;#pss_at_rss_kib 160;#pss_bound_kib 210;#group_by tier;'
	is "$(grep '^total' p | cut -f14- | tr '\t' ' ')" '135 135 170 2 18 2 13 0.7  cc '
	is "$(grep "^group${tab}b" p | cut -f14-20 | tr '\t' ' ')" '20 20 42 2 9 1 1'
}

@test "PSS of a part of the processes is not reported as that of all" {
	(printf 'time\tpid\trss_kib\tpss_kib\tcomm\n'
	printf '1.000000\t1\t990\t90\ta\n1.000000\t2\t10\t\tb\n'
	printf '2.000000\t1\t400\t300\ta\n2.000000\t2\t900\t\tb\n') >s
	mempeak s >p
	is "$(facts p | tr '\t\n' ' ;')" '#pss_reads 1;#pss_at_rss_kib 1000;#pss_bound_kib 1890;'
	is "$(total pss_kib p) $(total pss_at_peak_kib p)" '90 90'
	is "$(peak_of group a pss_kib p) $(peak_of group b pss_kib p)" '300 '
	is "$(peak_of process a pss_kib p) $(peak_of process b pss_kib p)" '300 '
	grep -v '^1' s | mempeak | memfmt >r
	has_line r 'PSS  *-  unknown: '
}

@test "a metric that was never read is empty, and each stream can have its own columns" {
	(samples '1.000000 10 1 100 100 0 a'
	printf 'time\tpid\trss_kib\tpss_kib\tzone\n2.000000\t11\t90\t\teu\n') >s
	mempeak s >p
	is "$(facts p)" "#pss_reads${tab}0"
	is "$(grep '^scope' p | cut -f14- | tr '\t' ' ')" 'pss_kib pss_at_peak_kib zone'
	is "$(grep '^process' p | cut -f2,6,14- | tr '\t\n' ' ;')" 'a 100   ; 90   eu;'
	printf 'time\tpid\trss_kib\tcpu_ms\n1.0\t1\t1\tx\n1.0\t1\t2\t3\n' >t
	run -2 --separate-stderr mempeak t
	is "$stderr" 'mempeak: t: line 2: invalid number'
	is "$(total cpu_ms <(echo "$output"))" 3
}

@test "a header of 10,000 columns and a field of a megabyte are read" {
	(printf 'time\tpid\trss_kib'; seq -f $'\tc%g' 9997 | tr -d '\n'; echo
	printf '1.000000\t10\t7'; seq -f $'\t%g' 9997 | tr -d '\n'; echo) >s
	mempeak s >p
	is "$(total rss_kib p)" 7
	is "$(grep '^scope' p | cut -f14- | tr '\t' ' ')" "$(seq -s ' ' -f 'c%g' 16)"
	is "$(grep '^process' p | cut -f14- | tr '\t' ' ')" "$(seq -s ' ' 16)"
	(printf 'time\tpid\trss_kib\tcomm\tcmd\n1.000000\t10\t7\ta\t'
	head -c 1000000 /dev/zero | tr '\0' x; printf '\n1.000000\t11\t8\tb\0c\tcmd\n') | mempeak >p
	is "$(total rss_kib p)" 15
	is "$(peak_of process a cmd p | wc -c)" 1000001
	is "$(grep -ac "^process${tab}b" p)" 1
}

# over_time FILE: print the figures over time, separated by blanks.
over_time() { grep -E '^#rss_(mean|median|p95|resting)_kib|^#rss_gib_seconds' "$1" | cut -f2 | tr '\n' ' '; }

@test "the figures over time weigh each tick by the time around it" {
	# 100 for 3 s, 200 for 4 s, 300 for 2.5 s, 400 for 2 s up to the end
	(samples '1.000000 10 1 100 0 0 a' '2.000000 10 1 100 0 0 a' '6.000000 10 1 100 0 0 a' \
		'6.000000 11 1 100 0 0 a' '10.000000 10 1 300 0 0 a' '11.000000 10 1 200 0 0 a' \
		'11.000000 11 1 200 0 0 a'; printf '#end\t12.500000\n') >s
	mempeak s >p
	is "$(over_time p)" '230 200 400 400 0.002527 ' # 2650 KiB s in 11.5 s
	(cat s s; samples '50.000000 10 1 9999 0 0 a') | mempeak >p
	is "$(over_time p)" '230 200 400 300 0.005054 '
	samples '1.000000 10 1 100 0 0 a' | mempeak >p
	is "$(over_time p)" ''
	(samples '1.000000 10 1 100 0 0 a'; printf '#end\t2\n') | mempeak >p
	is "$(over_time p)" '100 100 100 100 0.000095 '
	(samples '5.000000 10 1 100 0 0 a' '4.000000 10 1 900 0 0 a' '6.000000 10 1 100 0 0 a') | mempeak >p
	is "$(over_time p)" '100 100 100 100 0.000095 '
}

@test "the figures over time count nothing where no process is included, and ignore unknown memory" {
	samples '1.000000 10 1 100 0 0 a' '2.000000 10 1 100 0 0 a' '2.000000 11 1 400 0 0 b' \
		'3.000000 11 1 400 0 0 b' '4.000000 10 1    a' '5.000000 10 1 100 0 0 a' >s
	is "$(over_time <(mempeak -I b s))" '200 0 400 0 0.000763 '
	is "$(over_time <(mempeak s))" '312 400 500 100 0.001192 '
}

@test "quantiles of endless samples are exact to 0.8 %, and the mean and the sum are exact" {
	needs python3
	python3 - >s 2>true <<-'EOF'
		import random, sys
		random.seed(5)
		print("time\tpid\trss_kib")
		ticks, t, rss = [], 1000.0, 5000
		for i in range(60000):
		    t = round(t + random.choice((0.001, 0.001, 0.002, 0.1)), 6)
		    if random.random() < 0.2: rss = int(random.lognormvariate(11, 1.5)) + 300 + i
		    ticks.append((t, rss))
		    print("%.6f\t1\t%d" % (t, rss))
		mid = [ticks[0][0]] + [(a[0] + b[0]) / 2 for a, b in zip(ticks, ticks[1:])] + [ticks[-1][0]]
		parts = [(r, mid[i], mid[i + 1]) for i, (t, r) in enumerate(ticks)]
		def quantile(parts, q):
		    whole, left = sum(b - a for r, a, b in parts), None
		    left = whole * q
		    for r, a, b in sorted(parts):
		        left -= b - a
		        if left <= 0: return r
		end, start = mid[-1], mid[0]
		cut = start + (end - start) * 0.75
		last = [(r, max(a, cut), b) for r, a, b in parts if b > cut]
		total = sum(r * (b - a) for r, a, b in parts)
		print(total / (end - start), quantile(parts, .5), quantile(parts, .95), quantile(last, .5),
		      total / 2**20, file=sys.stderr)
	EOF
	mempeak s >p
	read -r mean median p95 resting sum <true
	read -r r_mean r_median r_p95 r_resting r_sum <<<"$(over_time p)"
	within "$r_mean" "$mean" 0 1
	within "$r_median" "$median" 0.8
	within "$r_p95" "$p95" 0.8
	within "$r_resting" "$resting" 3
	within "$r_sum" "$sum" 0.001
}

@test "-s divides the time into at most that many spans and keeps the peak" {
	samples >s
	for i in $(seq 1 500); do
		printf '%d.000000\t10\t1\t%d\t%d\t0\ta\n' "$i" $((i % 97 * 10)) 960
	done >>s
	mempeak -s 20 s >p
	n=$(grep -c ^span p)
	compare "$n" -le 20
	compare "$n" -ge 10
	is "$(grep ^span p | cut -f6 | sort -n | tail -n 1)" "$(total rss_kib p)"
	is "$(mempeak s | grep -c ^span)" 0
	for n in 1 3 7; do
		n_spans=$(mempeak -s $n s | grep -c ^span)
		[[ $n_spans -ge 1 && $n_spans -le $n ]]
	done
}

@test "a truncated stream is reported, and its last row does not count" {
	samples '1.000000 10 1 10 10 0 a' '2.000000 10 1 99999 99999 0 a' >s
	head -c -12 s >cut
	run -2 --separate-stderr mempeak cut
	one_line "$stderr" '^mempeak: cut: line 3: incomplete line$'
	is "$(total rss_kib <(echo "$output"))" 10
}

@test "invalid rows are reported once, counted and left out" {
	samples '1.000000 10 1 10 10 0 a' '1.000000 10 1 10 10 0' '2.000000 x 1 10 10 0 a' \
		'2.000000 10 1 -5 10 0 a' '2.000000 10 1 18446744073709551616 1 0 a' 'later 10 1 5 5 0 a' \
		'3.000000 10 1 12 12 0 a' >s
	run -2 --separate-stderr mempeak s
	is "$stderr" "mempeak: s: line 3: fewer fields than the header"$'\n'"mempeak: 4 more invalid lines left out"
	is "$(total rss_kib <(echo "$output"))" 12
}

@test "input that is no samples stream is reported in one line, with status 2" {
	run -2 mempeak </dev/zero
	run -2 mempeak <"$(command -v mempeak)"
	one_line "$output" '^mempeak: standard input: line [0-9]*: missing header$'
	run -2 mempeak <<<'1.0 2 3'
	one_line "$output" '^mempeak: standard input: line 1: missing header$'
	run -2 mempeak <<<"time${tab}pid"
	one_line "$output" "^mempeak: standard input: line 1: missing column rss_kib$"
	samples '1.000000 10 1 10 10 0 a' | mempeak >p
	run -2 mempeak p
	one_line "$output" '^mempeak: p: line 1: these are peaks, not samples$'
	run -2 mempeak nosuch
	one_line "$output" '^mempeak: nosuch: No such file or directory$'
	run -1 mempeak </dev/null
	one_line "$output" '^mempeak: no samples$'
	run -1 --separate-stderr mempeak < <(samples)
	one_line "$stderr" '^mempeak: no samples$'
	run -2 mempeak -z
	is "${lines[0]}" 'mempeak: -z: invalid option'
	run -2 mempeak -s x
	one_line "$output" '^mempeak: -s: x: invalid number$'
	run -2 mempeak -g ''
	one_line "$output" '^mempeak: -g: : missing column name$'
}

@test "--check validates the options and reads nothing" {
	run -0 mempeak --check -g box -I a -X b -n 1 -s 2 nosuch
	is "$output" ''
	run -2 mempeak --check -X '['
	one_line "$output" '^mempeak: -X: \[: invalid regular expression: '
}

@test "a full disk and a closed standard output are reported" {
	samples '1.000000 10 1 10 10 0 a' >s
	run -2 sh -c 'mempeak s >/dev/full'
	one_line "$output" '^mempeak: standard output: No space left on device$'
	run -2 sh -c 'mempeak s >&-'
	one_line "$output" '^mempeak: standard output: Bad file descriptor$'
}

@test "SIGINT does not end mempeak before the end of its input" {
	mkfifo in
	start python3 -c "import signal, os
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.dup2(os.open('in', os.O_RDONLY), 0)
os.execvp('mempeak', ['mempeak'])" >p
	exec 8>in
	samples '1.000000 10 1 10 10 0 a' >&8
	until_true eval '[ "$(cat /proc/$pid/comm)" = mempeak ]'
	until_true catches_int "$pid"
	kill -INT "$pid"
	samples '2.000000 10 1 40 40 0 a' | tail -n 1 >&8
	exec 8>&-
	wait "$pid"
	is "$(total rss_kib p)" 40
}

# many TICKS: print samples of process 1, and of another process in each tick. The largest is in
# tick 500.
many() {
	printf 'time\tpid\tppid\trss_kib\thwm_kib\tcpu_ms\tcmd\tcomm\n'
	awk -v n="$1" 'BEGIN { OFS = "\t"; for (t = 1; t <= n; t++) {
		print t ".000000", 1, 0, 100, 100, t, "first", "first"
		kib = t == 500 ? 9000 : t % 1000
		print t ".000000", 2 + t % 5000, 1, kib, kib, 2, "cmd" t, "n" (t % 3) } }'
}

@test "-n limits the rows to the largest processes, and all processes count" {
	many 6000 >s
	mempeak -n 10000 s >all
	run -1 grep '^#unlisted' all
	for n in 0 1 2 700; do
		mempeak -n $n s >p
		is "$(facts p)" "#unlisted${tab}$((6001 - n))"
		diff <(grep -v '^#' p) <(grep -v -e ^process -e '^#' all; grep ^process all | head -n $n)
	done
	is "$(peak_of process n2 cmd <(mempeak -n 1 s))" cmd500
	is "$(total cpu_ms p)" 18000
	is "$(total name p)" first
	is "$(facts <(mempeak s))" ''
	mempeak -n 3 -X first s >p
	is "$(facts p)" "#excluded${tab}1${tab}100"$'\n'"#unlisted${tab}5997"
	for bad in -1 x '' 1000000001; do
		run -2 mempeak -n "$bad" s
		one_line "$output" "^mempeak: -n: $bad: "
	done
}

@test "processes that are alive are kept, however many there are" {
	printf 'time\tpid\trss_kib\tcomm\n' >s
	awk 'BEGIN { for (t = 1; t < 4; t++) for (p = 1; p <= 3000; p++) print t ".0\t" p "\t" t + p % 7 "\tx" }' >>s
	mempeak -n 5 s >p
	is "$(total procs p)" 3000
	is "$(facts p)" "#unlisted${tab}2995"
	is "$(grep -c '^process' p)" 5
	is "$(peak_of process x ticks p | sort -u)" 3
}

@test "names beyond ten thousand share one group" {
	printf 'time\tpid\trss_kib\tcomm\n' >s
	awk 'BEGIN { for (t = 1; t <= 10500; t++) print t ".0\t1\t" t "\tn" t "\n" t ".0\t2\t1\tn" t + 7 }' >>s
	mempeak s >p
	is "$(grep -c '^group' p)" 10001
	is "$(peak_of group '(other names)' rss_kib p)" 10501
	is "$(peak_of group '(other names)' procs p)" 2
	is "$(peak_of group n9 rss_kib p)" 9
	is "$(peak_of process n10500 rss_kib p)" 10500
}

# A sanitizer keeps memory that was freed.
@test "the memory of mempeak does not depend on the number of processes or names" {
	export ASAN_OPTIONS=quarantine_size_mb=1:thread_local_quarantine_size_kb=64
	for n in 10000 60000; do
		many $n | awk -F'\t' -v OFS='\t' 'NR > 1 && $2 > 1 { $8 = "n" NR } { print }' >s$n
		peak[$n]=$(memrun -q -o - -O /dev/null mempeak -n 100 s$n)
	done
	compare "${peak[60000]}" -lt $((peak[10000] + 8000000))
	is "$(facts <(mempeak -n 100 s60000))" "#unlisted${tab}59901"
}

@test "columns may have any order: rows that differ only in the first one, a PID, are two processes" {
	printf 'pid\ttime\trss_kib\tcomm\n10\t1.000000\t100\ta\n11\t1.000000\t100\ta\n10\t2.000000\t100\ta\n' >s
	run -0 mempeak s
	is "$(grep ^total <<<"$output" | cut -f 5,6)" "2${tab}200"
	is "$(grep -c ^process <<<"$output")" 2
}

@test "a row that repeats one of an earlier tick but for the time counts at its own time" {
	samples '1.000000 10 1 100 100 0 a' '1.000000 11 1 50 50 0 b' '2.000000 10 1 100 100 0 a' \
		'3.000000 11 1 50 50 0 b' '3.000000 10 1 100 100 0 c' '4.000000 10 1 100 100 0 c' >s
	run -0 mempeak s
	is "$(grep ^total <<<"$output" | cut -f 5,6,10-13)" "2${tab}150${tab}1.000000${tab}1.000000${tab}4.000000${tab}4"
	is "$(grep ^process <<<"$output" | cut -f 2,3,10-13 | sort | head -n 1)" "b${tab}11${tab}1.000000${tab}1.000000${tab}1.000000${tab}1"
}

@test "a process that changes its name in a stream without the columns of the one before is counted" {
	printf 'time\tpid\trss_kib\tcomm\tcpu_ms\n1\t5\t10\ta\t70\n' >s
	printf 'time\tpid\trss_kib\tcomm\n2\t5\t20\tb\n' >>s
	mempeak s >p
	is "$(total cpu_ms p)" 70
	is "$(peak_of group b cpu_ms p)" 70
	is "$(peak_of group a rss_kib p)" 10
}

# refused: samples of a system where nothing bounds what a process can have had.
refused() {
	printf '#bound_refused\tnot supported on this system\n'
	samples '1 7 1 100 120 1000 sh' '1 8 7 50 50 1000 cat' '2 7 1 110 120 1000 sh'
	printf '#maxrss_kib\t120\n'
}

@test "where the bound is refused, no row has one, and the reason is passed on" {
	refused | mempeak -s 2 >peaks
	has_line peaks "^#bound_refused${tab}not supported on this system$"
	is "$(grep -v '^#' peaks | cut -f 7 | sort -u)" $'\nbound_kib'
	is "$(total rss_kib peaks)" 150
	refused | memthin | mempeak >thinned
	is "$(total bound_kib thinned)" ''
	refused >a
	refused | sed "s/${tab}7${tab}/${tab}9${tab}/" >b
	memjoin a b >joined
	has_line joined '^#bound_refused'
	run -1 grep '^#bound_kib' joined
	memfmt peaks >report
	has_line report '^  peak RSS     150 KiB  after 0.00 s, in 2 processes$'
	has_line report '^  bound refused: not supported on this system$'
	is "$(memfmt -T '{peak_rss_bound}' peaks)" -
}

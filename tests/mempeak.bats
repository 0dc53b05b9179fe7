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

@test "columns are found by name, in any order" {
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

@test "a # line amid a tick is no end of it" {
	(samples '1.000000 10 1 10 10 0 a'; echo "#unseen_kib${tab}0"; printf '1.000000\t11\t1\t20\t20\t0\tb\n') >s
	[ "$(total rss_kib <(mempeak s))" -eq 30 ]
}

@test "a process called like a header or a # line is a process" {
	samples '1.000000 10 1 10 10 0 time' '1.000000 11 1 10 10 0 #x' '1.000000 12 1 10 10 0 a\tb' >s
	mempeak s >p
	grep -qF "process${tab}a\\tb${tab}12$tab" p
	[ "$(peak_of process '#x' pid p)" -eq 11 ]
	[ "$(peak_of process time pid p)" -eq 10 ]
}

# A box on each row; cc moves from one to another.
boxed() {
	printf 'time\tpid\tppid\trss_kib\tcomm\tbox\n'
	printf '1.000000\t10\t1\t100\tsh\t\n1.000000\t11\t10\t50\tcc\tweb\n1.000000\t12\t10\t30\tld\tweb\n'
	printf '2.000000\t10\t1\t10\tsh\t\n2.000000\t11\t10\t20\tcc\tdb\n2.000000\t12\t10\t90\tld\tweb\n'
}

@test "-g groups by any column, and says so" {
	boxed >s
	mempeak -g box s >p
	[ "$(grep '^#' p)" = "#group_by${tab}box" ]
	[ "$(grep ^group p | cut -f2,5,6,8 | tr '\t\n' ' ;')" = ' 1 100 100;web 1 90 80;db 1 20 0;' ]
	[ "$(peak_of group web time p)" = 2.000000 ]
	[ "$(peak_of process cc rss_kib p)" -eq 50 ]
	[ "$(total name p)" = sh ]
	mempeak -g box -g comm s >p
	mempeak s | cmp - p
}

@test "-g parent groups by who started them, by name and ID" {
	boxed >s
	mempeak --group-by=parent s >p
	[ "$(grep '^#' p)" = "#group_by${tab}parent" ]
	[ "$(peak_of group 'sh (10)' rss_kib p)" -eq 110 ]
	[ "$(peak_of group 'sh (10)' procs p)" -eq 2 ]
	[ "$(peak_of group 1 rss_kib p)" -eq 100 ]
	[ "$(mempeak -g ppid s | grep ^group | cut -f2 | tr '\n' ' ')" = '10 1 ' ]
}

@test "-g fails in one line where there is no such column, in a second run too" {
	boxed >s
	run -2 mempeak -g nosuch s
	one_line "$output" "^mempeak: s: line 1: missing column nosuch$"
	(cat s; samples '9.000000 10 1 999 999 0 a') >t
	run -2 --separate-stderr mempeak -g box t
	one_line "$stderr" "^mempeak: t: line 8: missing column box$"
	[ "$(total rss_kib <(echo "$output"))" -eq 180 ]
}

@test "-I and -X pick processes by name, and say what they left out" {
	samples '1.000000 10 1 100 100 500 make' '1.000000 11 10 50 60 300 cc1' '1.000000 12 10 20 20 100 ld' \
		'2.000000 10 1 40 100 500 make' '2.000000 11 10 30 60 300 cc1' '2.000000 13 10 25 25 100 cc1plus' >s
	mempeak -I '^cc1' s >p
	[ "$(grep '^#' p)" = "#excluded${tab}2${tab}120" ]
	[ "$(total rss_kib p)" -eq 55 ]
	[ "$(total bound_kib p)" -eq 85 ]
	[ "$(total name p)" = cc1 ]
	[ "$(total pid p)" -eq 11 ]
	[ "$(grep -c ^process p)" -eq 2 ]
	[ "$(grep -c ^group p)" -eq 2 ]
	mempeak --include '^(cc1|ld)' --exclude plus s >p
	[ "$(total rss_kib p)" -eq 70 ]
	[ "$(grep '^#' p)" = "#excluded${tab}2${tab}100" ]
	mempeak -X 'c|m' s >p
	[ "$(grep '^#' p)" = "#excluded${tab}3${tab}150" ]
	[ "$(total ticks p)" -eq 1 ]
	[ "$(total last p)" = 1.000000 ]
}

@test "what is picked comes to the same as if there were no other rows" {
	samples >s
	for i in $(seq 1 60); do
		printf '%d.000000\t10\t1\t%d\t%d\t9\ta\n' "$i" $((i * 37 % 50)) $((i / 20 * 40 + 50))
		printf '%d.000000\t11\t1\t%d\t%d\t9\tb\n' "$i" $((i * 11 % 70)) $((i / 9 * 30 + 70))
		[ $((i % 7)) -eq 0 ] || printf '%d.000000\t12\t1\t%d\t%d\t9\ta\n' "$i" $((i * 13 % 90)) $((i / 7 * 9 + 90))
	done >>s
	mempeak -I a s | grep -v '^#' >p
	grep -v "${tab}b$" s | mempeak | cmp - p
}

@test "a process that becomes another by name counts while it is wanted" {
	samples '1.000000 10 1 100 400 0 sh' '2.000000 10 1 90 400 0 cc' '3.000000 10 1 95 400 0 cc' \
		'4.000000 10 1 500 500 0 sh' '5.000000 10 1 5 500 0 cc' '6.000000 10 1 5 600 0 cc' >s
	head -n 6 s | mempeak -I cc >p
	[ "$(total rss_kib p)" -eq 95 ] # the mark is of when it was sh
	[ "$(total bound_kib p)" -eq 500 ]
	mempeak -I cc s >p
	[ "$(total rss_kib p)" -eq 600 ]
	[ "$(total ticks p)" -eq 4 ]
	[ "$(grep '^#' p)" = "#excluded${tab}0${tab}500" ]
}

@test "what is told of the whole tree is not of those that are picked" {
	(echo "#started${tab}1"; samples '1.000000 10 1 100 120 0 a' '1.000000 11 1 5 5 0 b'
	echo "#unseen_kib${tab}4096"; echo "#maxrss_kib${tab}777") >s
	mempeak -X b s >p
	[ "$(total rss_kib p)" -eq 120 ]
	[ "$(total bound_kib p)" -eq 120 ]
	grep -q '^#maxrss_kib' p
}

@test "a pattern is matched against the name itself, and a bad one fails at once" {
	samples '1.000000 10 1 1 1 0 a\tb' '1.000000 11 1 7 7 0 c\\d' >s
	[ "$(total rss_kib <(mempeak -I "a${tab}b" s))" -eq 1 ]
	[ "$(total rss_kib <(mempeak -I '^c\\d$' s))" -eq 7 ]
	run -2 mempeak -I '(' /dev/full
	one_line "$output" '^mempeak: -I: \(: invalid regular expression: '
	run -2 mempeak -X x <<<"time${tab}pid${tab}rss_kib"
	one_line "$output" "^mempeak: standard input: line 1: missing column comm$"
	run -1 --separate-stderr mempeak -I nobody s
	[ "$stderr" = 'mempeak: no samples with a matching name' ]
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

@test "further columns come along: the largest sum, the sum of the last, the last text" {
	rich >s
	mempeak s >p
	[ "$(grep '^scope' p | cut -f14- | tr '\t' ' ')" = \
		'pss_kib pss_at_peak_kib swap_kib shared_kib threads cpu_ms start exe cmd tier' ]
	[ "$(grep '^#' p | tr '\t\n' ' ;')" = '#pss_reads 3;#pss_at_rss_kib 170;' ]
	[ "$(grep '^total' p | cut -f14- | tr '\t' ' ')" = '135 50 8 18 4 33 0.5  sh ' ]
	[ "$(grep "^group${tab}cc" p | cut -f14- | tr '\t' ' ')" = '135 50 2 18 2 13    ' ]
	[ "$(grep "^group${tab}sh" p | cut -f14- | tr '\t' ' ')" = '80 0 7 9 3 20    ' ]
	[ "$(grep "^process${tab}cc${tab}11" p | cut -f14- | tr '\t' ' ')" = '115 50 1 9 2 12 0.7 /bin/cc1 cc a' ]
	[ "$(grep "^process${tab}cc${tab}12" p | cut -f14- | tr '\t' ' ')" = '20 0 2 9 1 1 2.5 /bin/cc1  b' ]
	[ "$(grep "^process${tab}sh${tab}10" p | cut -f14- | tr '\t' ' ')" = '80 0 7 9 3 20 0.5 /bin/sh sh a' ]
	mempeak -s 2 s | grep -v '^#' | awk -F'\t' 'NF != 23 { exit 1 }'
}

@test "further columns of what is left out don't count" {
	rich >s
	mempeak -X sh -g tier s >p
	[ "$(grep '^#' p | tr '\t\n' ' ;')" = '#excluded 1 110;#pss_reads 3;#pss_at_rss_kib 170;#group_by tier;' ]
	[ "$(grep '^total' p | cut -f14- | tr '\t' ' ')" = '135 50 2 18 2 13 0.7  cc ' ]
	[ "$(grep "^group${tab}b" p | cut -f14-19 | tr '\t' ' ')" = '20 0 2 9 1 1' ]
}

@test "PSS that was read of a part only is not told as that of all" {
	(printf 'time\tpid\trss_kib\tpss_kib\tcomm\n'
	printf '1.000000\t1\t990\t90\ta\n1.000000\t2\t10\t\tb\n'
	printf '2.000000\t1\t400\t300\ta\n2.000000\t2\t900\t\tb\n') >s
	mempeak s >p
	[ "$(grep '^#' p | tr '\t\n' ' ;')" = '#pss_reads 1;#pss_at_rss_kib 1000;' ]
	[ "$(total pss_kib p) $(total pss_at_peak_kib p)" = '90 90' ]
	[ "$(peak_of group a pss_kib p) $(peak_of group b pss_kib p)" = '300 ' ]
	[ "$(peak_of process a pss_kib p) $(peak_of process b pss_kib p)" = '300 ' ]
	grep -v '^1' s | mempeak | memfmt >r
	has_line r 'PSS  *unknown'
}

@test "what no run could read is empty, and each run may have columns of its own" {
	(samples '1.000000 10 1 100 100 0 a'
	printf 'time\tpid\trss_kib\tpss_kib\tzone\n2.000000\t11\t90\t\teu\n') >s
	mempeak s >p
	[ "$(grep '^#' p)" = "#pss_reads${tab}0" ]
	[ "$(grep '^scope' p | cut -f14- | tr '\t' ' ')" = 'pss_kib pss_at_peak_kib zone' ]
	[ "$(grep '^process' p | cut -f2,6,14- | tr '\t\n' ' ;')" = 'a 100   ; 90   eu;' ]
	printf 'time\tpid\trss_kib\tcpu_ms\n1.0\t1\t1\tx\n1.0\t1\t2\t3\n' >t
	run -2 --separate-stderr mempeak t
	[ "$stderr" = 'mempeak: t: line 2: invalid number' ]
	[ "$(total cpu_ms <(echo "$output"))" -eq 3 ]
}

@test "a header of 10,000 columns and a field of a megabyte are read" {
	(printf 'time\tpid\trss_kib'; seq -f $'\tc%g' 9997 | tr -d '\n'; echo
	printf '1.000000\t10\t7'; seq -f $'\t%g' 9997 | tr -d '\n'; echo) >s
	mempeak s >p
	[ "$(total rss_kib p)" -eq 7 ]
	[ "$(grep '^scope' p | cut -f14- | tr '\t' ' ')" = "$(seq -s ' ' -f 'c%g' 16)" ]
	[ "$(grep '^process' p | cut -f14- | tr '\t' ' ')" = "$(seq -s ' ' 16)" ]
	(printf 'time\tpid\trss_kib\tcomm\tcmd\n1.000000\t10\t7\ta\t'
	head -c 1000000 /dev/zero | tr '\0' x; printf '\n1.000000\t11\t8\tb\0c\tcmd\n') | mempeak >p
	[ "$(total rss_kib p)" -eq 15 ]
	[ "$(peak_of process a cmd p | wc -c)" -eq 1000001 ]
	[ "$(grep -ac "^process${tab}b" p)" -eq 1 ]
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
	one_line "$stderr" '^mempeak: cut: line 3: incomplete line$'
	[ "$(total rss_kib <(echo "$output"))" -eq 10 ]
}

@test "broken rows are told once, counted, and left out" {
	samples '1.000000 10 1 10 10 0 a' '1.000000 10 1 10 10 0' '2.000000 x 1 10 10 0 a' \
		'2.000000 10 1 -5 10 0 a' '2.000000 10 1 18446744073709551616 1 0 a' 'later 10 1 5 5 0 a' \
		'3.000000 10 1 12 12 0 a' >s
	run -2 --separate-stderr mempeak s
	[ "$stderr" = "mempeak: s: line 3: fewer fields than the header"$'\n'"mempeak: 4 more invalid lines left out" ]
	[ "$(total rss_kib <(echo "$output"))" -eq 12 ]
}

@test "what is no samples stream is told in one line, with 2" {
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
	until_true catches_int "$pid"
	kill -INT "$pid"
	samples '2.000000 10 1 40 40 0 a' | tail -n 1 >&8
	exec 8>&-
	wait "$pid"
	[ "$(total rss_kib p)" -eq 40 ]
}

# Each tick another process beside the first, the one at tick 500 the largest; and
# another name each time.
many() {
	printf 'time\tpid\tppid\trss_kib\thwm_kib\tcpu_ms\tcmd\tcomm\n'
	awk -v n="$1" 'BEGIN { OFS = "\t"; for (t = 1; t <= n; t++) {
		print t ".000000", 1, 0, 100, 100, t, "first", "first"
		kib = t == 500 ? 9000 : t % 1000
		print t ".000000", 2 + t % 5000, 1, kib, kib, 2, "cmd" t, "n" (t % 3) } }'
}

@test "only the largest processes get a row, and all count" {
	many 6000 >s
	mempeak -n 10000 s >all
	run -1 grep '^#unlisted' all
	for n in 0 1 2 700; do
		mempeak -n $n s >p
		[ "$(grep '^#' p)" = "#unlisted${tab}$((6001 - n))" ]
		diff <(grep -v '^#' p) <(grep -v ^process all; grep ^process all | head -n $n)
	done
	[ "$(peak_of process n2 cmd <(mempeak -n 1 s))" = cmd500 ]
	[ "$(total cpu_ms p)" -eq 18000 ]
	[ "$(total name p)" = first ]
	mempeak s | grep -q '^#' && return 1
	mempeak -n 3 -X first s >p
	[ "$(grep '^#' p)" = "#excluded${tab}1${tab}100"$'\n'"#unlisted${tab}5997" ]
	for bad in -1 x '' 1000000001; do
		run -2 mempeak -n "$bad" s
		one_line "$output" "^mempeak: -n: $bad: "
	done
}

@test "who is there stays, however many that is" {
	printf 'time\tpid\trss_kib\tcomm\n' >s
	awk 'BEGIN { for (t = 1; t < 4; t++) for (p = 1; p <= 3000; p++) print t ".0\t" p "\t" t + p % 7 "\tx" }' >>s
	mempeak -n 5 s >p
	[ "$(total procs p)" -eq 3000 ]
	[ "$(grep '^#' p)" = "#unlisted${tab}2995" ]
	[ "$(grep -c '^process' p)" -eq 5 ]
	[ "$(peak_of process x ticks p | sort -u)" -eq 3 ]
}

@test "beyond ten thousand names, groups are one" {
	printf 'time\tpid\trss_kib\tcomm\n' >s
	awk 'BEGIN { for (t = 1; t <= 10500; t++) print t ".0\t1\t" t "\tn" t "\n" t ".0\t2\t1\tn" t + 7 }' >>s
	mempeak s >p
	[ "$(grep -c '^group' p)" -eq 10001 ]
	[ "$(peak_of group '(other names)' rss_kib p)" -eq 10501 ]
	[ "$(peak_of group '(other names)' procs p)" -eq 2 ]
	[ "$(peak_of group n9 rss_kib p)" -eq 9 ]
	[ "$(peak_of process n10500 rss_kib p)" -eq 10500 ]
}

# A sanitizer would keep what was freed.
@test "memory does not grow with the number of processes, nor of names" {
	export ASAN_OPTIONS=quarantine_size_mb=1:thread_local_quarantine_size_kb=64
	for n in 10000 60000; do
		many $n | awk -F'\t' -v OFS='\t' 'NR > 1 && $2 > 1 { $8 = "n" NR } { print }' >s$n
		peak[$n]=$(memrun -q -o - -O /dev/null mempeak -n 100 s$n)
	done
	[ "${peak[60000]}" -lt $((peak[10000] + 8000000)) ]
	[ "$(mempeak -n 100 s60000 | grep '^#')" = "#unlisted${tab}59901" ]
}

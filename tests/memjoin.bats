# SPDX-License-Identifier: MIT
load helper

# stream END ROW...: print samples whose rows are `time pid rss_kib comm`, and END as the last line.
stream() {
	local end=$1
	printf 'time\tpid\trss_kib\tcomm\n'
	printf '%s\n' "${@:2}" | tr ' ' '\t'
	[ -z "$end" ] || printf '%s\n' "$end"
}

# sums FILE: print the time and the sum of the RSS of each tick.
sums() {
	awk -F'\t' '/^#/ { next } !n { for (i = 1; i <= NF; i++) at[$i] = i; n = 1; next }
		$1 != time { if (time) print time, kib; time = $1; kib = 0 } { kib += $at["rss_kib"] }
		END { print time, kib }' "$1"
}

end1="#running${tab}1"

# Two hosts; the sums were worked out by hand:
#	time   1   2   3   4   5   6
#	a     10  10  30  30   2   -
#	b      -   5   5   7   7   7
two_hosts() {
	stream "#end${tab}5.5" '1 10 10 x' '3 10 30 x' '5 10 2 x' >a.tsv
	stream "#end${tab}6" '2 10 5 y' '4 10 7 y' '6 10 7 y' >b.tsv
}

@test "between its ticks a stream holds its last tick, and after its end nothing" {
	two_hosts
	memjoin -i 1ms a.tsv b.tsv >j
	is "$(sums j | tr '\n' ,)" '1.000000 10,2.000000 15,3.000000 35,4.000000 37,5.000000 9,5.500000 7,6.000000 7,'
	is "$(total rss_kib <(mempeak j))" 37
	is "$(total bound_kib <(mempeak j))" 37
	is "$(grep -c "^#joined${tab}2\$" j)" 1
}

@test "steps keep the largest moment of each, and the peak of each stream" {
	two_hosts
	memjoin -i 1h -c host a.tsv b.tsv >j
	# The first moment, the peak of a at 3, that of b and of the total at 4.
	is "$(sums j | tr '\n' ,)" '1.000000 10,3.000000 35,4.000000 37,'
	mempeak -g host j >p
	[[ $(memfmt p) == *"largest       30 KiB  host a, 1.62 times the mean of 2"* ]]
	memfmt -f json p | grep -q '"largest_group_ratio": 1.62'
	is "$(peak_of group a rss_kib p) $(peak_of group b rss_kib p) $(peak_of group a at_peak_kib p)" '30 7 30'
}

@test "a bound is the largest sum of bounds that hold at one moment" {
	# At 2, at most 50 and 5; from 2 to 3, 50 and 6; from 3 to 4, 40 and 6.
	stream "#end${tab}4" '1 10 10 x' '#bound_kib 50 0' '3 10 30 x' '#bound_kib 40 1' '4 11 20 z' >a.tsv
	stream "#end${tab}4" '2 20 5 y' '#bound_kib 6 0' '4 20 6 y' >b.tsv
	memjoin -i 1ms a.tsv b.tsv | grep bound | tr '\t\n' ' ,' >bounds
	is "$(cat bounds)" '#bound_kib 10 0,#bound_kib 55 0,#bound_kib 56 0,#bound_kib 46 1,#bound_kib 26 0,'
	is "$(total bound_kib <(memjoin a.tsv b.tsv | mempeak))" 56
}

@test "the peak of a host with several streams is in the output, wherever it is" {
	#	time     1   2   3   4
	#	n1, a   40  30   5   -
	#	n1, b    1  30  40   -
	#	n2, c  100   1   1  90
	(printf '#host\tn1\n'; stream "#end${tab}3.5" '1 10 40 x' '2 10 30 x' '3 10 5 x') >a.tsv
	(printf '#host\tn1\n'; stream "#end${tab}3.5" '1 11 1 y' '2 11 30 y' '3 11 40 y') >b.tsv
	(printf '#host\tn2\n'; stream "#end${tab}5" '1 10 100 z' '2 10 1 z' '4 10 90 z') >c.tsv
	memjoin -i 1h a.tsv b.tsv c.tsv >j
	is "$(sums j | tr '\n' ,)" '1.000000 141,2.000000 61,3.000000 46,'
	mempeak -g host j >p
	is "$(peak_of group n1 rss_kib p) $(peak_of group n2 rss_kib p)" '60 100'
	# A label is a host, too.
	for file in a b c; do
		awk -v OFS='\t' '/^#host/ { host = $2; next } /^#/ { print; next } { print $0, /^time/ ? "host" : host }' $file.tsv >label.$file
	done
	memjoin -i 1h label.? | mempeak -g host >p
	is "$(peak_of group n1 rss_kib p)" 60
	# The name of a file is a host of its own.
	is "$(memjoin -i 1h -c host a.tsv b.tsv c.tsv | sums /dev/stdin | tr '\n' ,)" '1.000000 141,3.000000 46,'
}

# make_random COUNT SEED: write random streams r0.tsv, r1.tsv, ... of hosts with two streams each, with few PIDs,
# which collide.
make_random() {
	python3 - "$@" <<-'EOF'
		import random, sys
		r = random.Random(int(sys.argv[2]))
		for s in range(int(sys.argv[1])):
		    now, live, serial, before = round(1000 + r.random() * 5, 3), {}, 0, 0
		    bounds, marks = r.random() < 0.7, r.random() < 0.5
		    out = [f"#started\t{now - 0.01:.6f}"] if r.random() < 0.7 else []
		    out += [f"#host\th{s // 2}"]
		    out += ["time\tpid\tppid\trss_kib\thwm_kib\tcomm\trank" if marks else "time\tpid\trss_kib\tcomm\tswap_kib\trank"]
		    for t in range(r.randint(2, 80)):
		        now += r.choice((0.001, 0.25, 0.5))
		        exited = [p for p in live if r.random() < 0.2]
		        for pid in exited:
		            del live[pid]
		        while not live or r.random() < 0.3 and len(live) < 6:
		            pid = r.randint(1, 12) * 2 + s % 2
		            if pid not in live and pid not in exited:
		                serial += 1
		                live[pid] = [0, f"p{s}.{serial}", 0]
		        for p in live.values():
		            p[0] = r.randint(1, r.choice((100, 500)))
		            p[2] = max(p[2], p[0], r.choice((0, 0, r.randint(1, 600))))
		        sum_kib = sum(p[2] for p in live.values())
		        if bounds:
		            out += [f"#bound_kib\t{max(before, sum_kib) + r.randint(0, 200)}\t1"]
		        before = sum_kib
		        for pid, (rss, name, mark) in live.items():
		            out += [f"{now:.6f}\t{pid}\t1\t{rss}\t{mark}\t{name}\t{s}" if marks else f"{now:.6f}\t{pid}\t{rss}\t{name}\t3\t{s}"]
		    out += [r.choice((f"#end\t{now + 0.1:.6f}", "#running\t1"))]
		    open(f"r{s}.tsv", "w").write("\n".join(out) + "\n")
	EOF
}

# check JOINED FILE...: compare with sums that are added up for each time, without any merging.
check() {
	python3 - "$@" <<-'EOF'
		import sys
		def rows(name):
		    for line in open(name):
		        f = line.rstrip("\n").split("\t")
		        if f[0] == "time":
		            columns = f
		        elif f[0][0] == "#":
		            yield f
		        else:
		            yield dict(zip(columns, f))
		streams = []
		for name in sys.argv[2:]:
		    ticks, end = {}, 0
		    for row in rows(name):
		        if isinstance(row, dict):
		            ticks[float(row["time"])] = ticks.get(float(row["time"]), 0) + int(row["rss_kib"])
		        elif row[0] == "#end":
		            end = float(row[1])
		    streams.append((ticks, max(end, max(ticks))))
		def held(stream, time, closed):
		    ticks, end = stream
		    before = [t for t in ticks if t <= time]
		    return ticks[max(before)] if before and (time < end or closed and time == end) else 0
		out, ranks, hosts, names, previous = {}, {}, {}, {}, {}
		for row in rows(sys.argv[1]):
		    if not isinstance(row, dict):
		        previous, names = (names, {}) if row[0] == "#bound_kib" else (previous, names)
		        continue
		    time, kib, pid = float(row["time"]), int(row["rss_kib"]), row["pid"]
		    assert pid not in names, f"PID {pid} twice at {time}"
		    assert previous.get(pid, row["comm"]) == row["comm"], f"PID {pid} is another process at {time}"
		    names[pid] = row["comm"]
		    out[time] = out.get(time, 0) + kib
		    ranks[row["rank"], time] = ranks.get((row["rank"], time), 0) + kib
		    hosts[row["host"], time] = hosts.get((row["host"], time), 0) + kib
		for time, kib in out.items():
		    right = [sum(held(s, time, closed) for s in streams) for closed in (True, False)]
		    assert kib in right, f"{kib} KiB at {time}, not {right}"
		times = sorted(t for ticks, end in streams for t in (*ticks, end))
		assert max(out.values()) == max(sum(held(s, t, True) for s in streams) for t in times)
		for i, (ticks, _) in enumerate(streams):
		    assert max(kib for (rank, _), kib in ranks.items() if rank == str(i)) == max(ticks.values()), f"rank {i}"
		for i in range(0, len(streams), 2):
		    right = max(sum(held(s, t, True) for s in streams[i:i + 2]) for t in times)
		    assert max(kib for (host, _), kib in hosts.items() if host == f"h{i // 2}") == right, f"host {i // 2}"
		assert len(out) <= sum(len(s[0]) for s in streams) / len(streams) + 3 * len(streams) + 2
	EOF
}

processes() { for file in "$@"; do mempeak -n 1000000 "$file"; done | awk -F'\t' '$1 == "process" { print $2, $6 }' | sort; }

@test "the peaks of the total, of each stream and of each process are those of the streams, with random ones" {
	needs python3
	for seed in 1 2 3 4 5 6 7 8 9 10; do
		make_random $((seed % 6 + 1)) "$seed"
		files=$(ls r?.tsv)
		memjoin -g $files >j
		check j $files || { echo "seed $seed"; return 1; }
		mempeak j >p
		compare "$(total rss_kib p)" -le "$(total bound_kib p)"
		diff <(processes $files) <(processes j) || { echo "seed $seed"; return 1; }
		rm r?.tsv
	done
}

@test "a single stream keeps its ticks and its peaks" {
	memrun -qs s sh -c 'seq 100000 | sort -r >/dev/null'
	memjoin s >j
	diff <(rows s | cut -f -5) <(rows j | cut -f -5)
	# Column 12 is the last time. A process that exits some ticks after its last row ends there. Column 20 is the host.
	diff <(mempeak s | grep -v '^#' | cut -f 1-11,13-19) <(mempeak j | grep -v "^#" | cut -f 1-11,13-19)
}

@test "process IDs that collide get numbers above those of a system, children and lines too" {
	{
		printf '#created\t8\t0.9\ntime\tpid\tppid\trss_kib\tcomm\n1\t7\t1\t10\ta\n1\t8\t7\t10\tb\n'
		printf '#exited\t8\t1.9\n2\t7\t1\t10\ta\n#running\t1\n'
	} >a.tsv
	sed 's/10/20/' a.tsv >b.tsv
	memjoin -i 1ms a.tsv b.tsv >j
	is "$(rows j | head -4 | cut -f 2,3 | tr '\t\n' ' ,')" '7 1,8 7,4194305 1,4194306 4194305,'
	is "$(grep -e created -e exited j | tr '\t\n' ' ,')" \
		'#created 8 0.900000,#created 4194306 0.900000,#exited 8 1.900000,#exited 4194306 1.900000,'
}

@test "the columns are those of all streams, by name" {
	printf 'rank\ttime\tpid\trss_kib\n0\t1\t7\t10\n#running\t1\n' >a.tsv
	printf 'time\tpid\trss_kib\tcomm\n1\t8\t20\tx\n#running\t1\n' >rank.1.tsv
	memjoin a.tsv rank.1.tsv | grep -v '^#' >j
	is "$(tr '\t\n' ' ,' <j)" 'time pid ppid rss_kib hwm_kib rank comm,1.000000 7  10 10 0 ,1.000000 8  20 20  x,'
	is "$(memjoin -c rank a.tsv rank.1.tsv | rows /dev/stdin | cut -f 6 | tr '\n' ,)" '0,rank.1,'
}

@test "the lines about host and rank become columns, unless a stream has the column or -c is given" {
	(printf '#host\tn1\n#rank\t0\n'; stream "$end1" '1 7 10 x') >a.tsv
	(printf '#host\tn2\tn3\n'; stream "$end1" '1 8 20 y') >b.tsv
	printf '#host\tn3\ntime\tpid\trss_kib\thost\n1\t9\t30\tmine\n#running\t1\n' >c.tsv
	fields() { memjoin "$@" a.tsv b.tsv c.tsv | grep -v '^#' | cut -f 2,6- | tr '\t\n' ' ,'; }
	is "$(fields)" 'pid comm host rank,7 x n1 0,8 y n2 ,9  mine ,'
	is "$(fields -c host)" 'pid comm host rank,7 x a 0,8 y b ,9  mine ,'
	run ! grep -E '^#(host|rank)' <(memjoin a.tsv b.tsv)
}

@test "mempipe(7): the queries of DuckDB print the peaks that mempeak finds" {
	needs duckdb
	(printf '#host\tn1\n'; stream "$end1" '1 7 1024 x#"y' '3 7 3072 x' '5 7 2048 x') >rank.0.tsv
	(printf '#host\tn2\n'; stream "$end1" '2 8 512 y' '4 8 1024 y' '6 8 512 y') >rank.1.tsv
	sed -n '/DuckDB/,/^\.Ed/s/^\(\$ \|    \)//p' "$top/man/mempipe.7" | sed 's/\\e/\\/g' >commands
	is "$(grep -c duckdb commands)" 3
	run -0 bash -eo pipefail commands
	is "$output" "$(printf '%s\n' mib 4.0 host,mib n1,3.0 n2,1.0)"
	is "$(total rss_kib <(memjoin rank.?.tsv | mempeak))" 4096
}

@test "lines about the run are combined" {
	printf '#command\tx\n#started\t1\n#interval_ms\t5\n#mark_error_kib\t4\n' >head
	tail() { printf '#exit_code\t%s\n#maxrss_kib\t%s\n#user_seconds\t0.5\n#system_seconds\t0.25\n#end\t%s\n#missed_ticks\t2\n' "$@"; }
	(cat head; stream "$(tail 0 12 4)" '1.5 7 10 a') >a.tsv
	(sed 's/command.x/command	y/; s/started.1/started	0.5/; s/4$/9/' head; stream "$(tail 3 11 5)" '1.5 8 10 b') >b.tsv
	memjoin a.tsv b.tsv | grep '^#' >j
	for line in 'joined 2' 'started 0.500000' 'interval_ms 5' 'mark_error_kib 9' 'exit_code 3' 'maxrss_kib 12' \
		'user_seconds 1.000000' 'system_seconds 0.500000' 'duration_seconds 4.500000' 'end 5.000000' 'missed_ticks 4'; do
		grep -qx "#${line/ /$tab}" j || { echo "no $line"; return 1; }
	done
	run ! grep command j
}

@test "-o and -s correct clocks" {
	two_hosts
	memjoin -o b.tsv=-1.5 -i 1ms a.tsv b.tsv >j
	is "$(sums j | tr '\n' ,)" '0.500000 5,1.000000 15,2.500000 17,3.000000 37,4.500000 37,5.000000 2,'
	memjoin --offset=b.tsv=+1 -i 1ms a.tsv b.tsv | grep -q "^#end${tab}7.000000"
	memjoin -s -i 1ms a.tsv b.tsv >j
	is "$(sums j | tr '\n' ,)" '1.000000 15,3.000000 37,5.000000 9,'
}

@test "a stream that stops in the middle is a gap, and its processes are not held on" {
	stream '' '1 7 10 a' '2 7 20 a' >a.tsv
	stream "$end1" '1 8 1 b' '3 8 2 b' >b.tsv
	run -0 --separate-stderr memjoin -i 1ms a.tsv b.tsv
	is "$stderr" 'memjoin: a.tsv: stops in the middle; its processes are not known after its last tick'
	grep -qx "#gap${tab}a.tsv${tab}2.000000" <<<"$output"
	is "$(sums <(echo "$output") | tr '\n' ,)" '1.000000 11,2.000000 21,3.000000 2,'
	# A tick that was not written completely is left out.
	printf '2.5\t7\t90\ta\n2.5\t9' >>a.tsv
	run -0 --separate-stderr memjoin -i 1ms a.tsv b.tsv
	[[ $stderr == *'a.tsv: line 5: incomplete line'*'a.tsv: stops in the middle'* ]]
	is "$(sums <(echo "$output") | tr '\n' ,)" '1.000000 11,2.000000 21,3.000000 2,'
}

# host NAME START END [KIB]: print a stream of a host with one process, 7.
host() {
	printf '#started\t%s\n#host\t%s\n' "$2" "$1"
	stream "#end${tab}$3" "$2.5 7 ${4-10} x" "$(($3 - 1)) 7 ${4-10} x"
}

@test "a host whose clock is an hour wrong is an error, also where the streams overlap" {
	host n1 1000 11000 >a.tsv
	host n2 1001 11001 20 >b.tsv
	host n3 4600 14600 30 >c.tsv
	run -2 memjoin a.tsv b.tsv c.tsv
	is "$output" 'memjoin: c.tsv: begins and ends 3599.0 s after b.tsv, of another host; use -o if a clock is wrong, -s if both began together, or -g'
	is "$(total rss_kib <(memjoin -o c.tsv=-3600 a.tsv b.tsv c.tsv | mempeak))" 60
	memjoin -g a.tsv b.tsv c.tsv >/dev/null
	memjoin -s a.tsv b.tsv c.tsv >/dev/null
	# One that begins later is not wrong, nor one that stops in the middle, nor two on one host.
	host n3 4600 11000 30 >c.tsv
	memjoin a.tsv b.tsv c.tsv >/dev/null
	host n3 4600 14600 30 | grep -v '^#end' >c.tsv
	run -0 --separate-stderr memjoin a.tsv c.tsv
	is "$stderr" 'memjoin: c.tsv: stops in the middle; its processes are not known after its last tick'
	host n1 4600 14600 30 | tr 7 8 >c.tsv
	memjoin a.tsv c.tsv >/dev/null
}

@test "a process that two streams have at one time is an error, and no sum counts it twice" {
	memrun -qs a.tsv sh -c 'sleep 0.1; seq 10000 | sort >/dev/null'
	host other 1000 1010 >b.tsv
	memjoin -g a.tsv b.tsv >joined.tsv
	awk '!/^[0-9]/ || n++' a.tsv >part.tsv # without the first row
	for args in 'a.tsv joined.tsv' '-g joined.tsv a.tsv' '-g joined.tsv b.tsv' 'a.tsv part.tsv'; do
		run -2 --separate-stderr memjoin $args
		one_line "$stderr" '^memjoin: .*\.tsv: process [0-9]* of host .* is in .*\.tsv too, at the same time; use -c host if these are two processes$'
		is "$output" ''
	done
	# Containers can have one name, but process IDs of their own.
	memjoin -c host a.tsv part.tsv >/dev/null
	(printf '#created\t7\t1000.2\n'; host n1 1000 1010) >c.tsv
	(printf '#created\t7\t1000.3\n'; host n1 1000 1010 20) >d.tsv
	memjoin c.tsv d.tsv >/dev/null
	# The same process, one measurement after the other.
	host n1 1000 1010 >c.tsv
	host n1 1012 1020 >d.tsv
	memjoin c.tsv d.tsv >/dev/null
}

@test "pipes can be joined" {
	two_hosts
	memjoin a.tsv b.tsv >expected
	memjoin <(cat a.tsv) <(cat b.tsv) | cmp - expected
	cat a.tsv | TMPDIR=. memjoin - b.tsv | cmp - expected
	memjoin - b.tsv <a.tsv | cmp - expected
	is "$(ls)" "$(printf 'a.tsv\nb.tsv\nexpected')"
	run -2 bash -c 'cat a.tsv | TMPDIR=nosuch memjoin - b.tsv'
	is "$output" 'memjoin: standard input: cannot be copied to a temporary file: No such file or directory'
}

@test "each invalid input is one line, and nothing is written" {
	two_hosts
	cp a.tsv same.tsv
	stream "$end1" '1 7 10 a' '3 7 10 a' '2 7 10 a' >back.tsv
	stream "$end1" '9000 7 10 a' >late.tsv
	stream "$end1" '1 7 x a' >number.tsv
	printf 'time\tpid\n1\t7\n' >column.tsv
	cat b.tsv b.tsv >twice.tsv
	stream "$end1" >empty.tsv
	: >nothing.tsv
	mempeak a.tsv | grep -v '^#' >peaks.tsv
	gzip -k a.tsv
	memfmt -f csv a.tsv >a.csv
	ln a.tsv hard.tsv
	ln -s a.tsv soft.tsv
	head -n 3 a.tsv >part.tsv
	while IFS='|' read -r status args message; do
		run -"$status" --separate-stderr memjoin $args <b.tsv
		is "$stderr" "memjoin: $message"
		is "$output" ''
	done <<-'TABLE'
		2|a.tsv a.tsv|a.tsv: the same stream as a.tsv
		2|a.tsv ./a.tsv|./a.tsv: the same stream as a.tsv
		2|a.tsv same.tsv|same.tsv: the same stream as a.tsv
		2|a.tsv hard.tsv|hard.tsv: the same stream as a.tsv
		2|a.tsv soft.tsv|soft.tsv: the same stream as a.tsv
		2|a.tsv part.tsv|part.tsv: the same stream as a.tsv
		2|b.tsv -|standard input: the same stream as b.tsv
		2|a.tsv a.tsv.gz|a.tsv.gz: line 1: compressed; use gzip -dc first
		2|a.tsv a.csv|a.csv: line 1: separated by commas, not by tabs
		2|a.tsv - -|standard input: given twice
		2|b.tsv back.tsv|back.tsv: line 4: the time is before that of the line above
		2|a.tsv late.tsv|late.tsv: begins 8994.5 s after a.tsv, the last before it, has ended; use -o if a clock is wrong, -s if both began together, or -g
		2|a.tsv number.tsv|number.tsv: line 2: invalid number
		2|a.tsv column.tsv|column.tsv: line 1: missing column rss_kib
		2|a.tsv twice.tsv|twice.tsv: line 6: a second header: a stream of several runs cannot be joined
		2|a.tsv peaks.tsv|peaks.tsv: line 1: these are peaks, not samples
		1|a.tsv empty.tsv|empty.tsv: no samples
		1|nothing.tsv a.tsv|nothing.tsv: no samples
		2|a.tsv missing.tsv|missing.tsv: No such file or directory
		2|a.tsv .|.: Is a directory
		2|-o c.tsv=1 a.tsv|-o: c.tsv: not one of the files
		2|-o a.tsv=-9 a.tsv|-o: a.tsv: a time with this offset is out of range
	TABLE
	memjoin -g a.tsv late.tsv >/dev/null
	memjoin -s a.tsv late.tsv >/dev/null
	memjoin -o late.tsv=-8990 a.tsv late.tsv >/dev/null
}

@test "invalid options, a full disk and a closed output are reported, --check reads nothing" {
	two_hosts
	run -2 memjoin
	is "$output" 'usage: memjoin [-gs] [-c name] [-i interval] [-o file=seconds] file ...'
	for args in -Z '-o a.tsv' '-o =1' '-o a.tsv=x' '-c rss' '-c a=b' '-i 0' -i; do
		run -2 memjoin $args a.tsv
		[[ ${lines[0]} == 'memjoin: '* ]]
	done
	run -0 memjoin --check -c rank -i 5 nothing
	is "$output" ''
	run -2 bash -c 'memjoin a.tsv b.tsv >/dev/full'
	is "$output" 'memjoin: standard output: No space left on device'
	run -2 bash -c 'memjoin a.tsv b.tsv >&-'
}

@test "100 streams of 1000 ticks are joined in little memory" {
	needs plain
	awk 'BEGIN { for (s = 0; s < 100; s++) { f = "s" s ".tsv"
		print "time\tpid\trss_kib\thwm_kib\tcomm\trank" >f
		for (t = 0; t < 1000; t++) print 1 + t / 10 + s / 2000 "\t" 5 "\t" (t * 7919 + s * 104729) % 1009 "\t2000\ta\t" s >f
		print "#running\t1" >f; close(f) } }'
	run -0 bash -c 'ulimit -v 30000; memjoin s*.tsv >j'
	is "$(head -n 1 j)" "#joined${tab}100"
	compare "$(sums j | wc -l)" -le 1202
}

@test "the joint peak of commands side by side is that of their common time" {
	needs plain
	held() { rows "rank.$1.tsv" | awk -F'\t' -v kib=$(($1 * 20 << 10)) '$4 > kib { n = 1 } END { exit !n }'; }
	for i in 1 2 3; do
		start memrun -q -L rank=$i -s "rank.$i.tsv" spike -t 60000 $((i * 20)) >/dev/null
	done
	for i in 1 2 3; do until_true held $i 2>/dev/null; done
	for i in 1 2 3; do kill "$(rows "rank.$i.tsv" | cut -f 2 | tail -n 1)"; done
	for pid in "${started[@]}"; do until_true exited "$pid"; done
	memjoin rank.*.tsv >j
	mempeak -g rank j >p
	within "$(total rss_kib p)" $((120 << 10)) 8
	within "$(peak_of group 3 rss_kib p)" $((60 << 10)) 5
	# One after the other, they do not add up.
	memjoin -g -o rank.2.tsv=100 -o rank.3.tsv=200 rank.*.tsv | mempeak >p
	within "$(total rss_kib p)" $((60 << 10)) 5
}

# SPDX-License-Identifier: MIT
load helper

# many TICKS SEED: print a stream of random processes that start, grow, shrink, execute another
# program and exit, with marks and with lines about ticks as memsample writes them. With a SEED
# above 100 there are several runs, which use the same PIDs.
many() {
	python3 - "$1" "$2" <<-'EOF'
		import random, sys
		ticks, seed = int(sys.argv[1]), int(sys.argv[2])
		r = random.Random(seed)
		runs = r.randint(2, 5) if seed > 100 else 1
		now, serial = 1000.0, 10
		header = "time\tpid\tppid\trss_kib\thwm_kib\tvsz_kib\tcomm\tswap_kib\tcpu_ms"
		for run in range(runs):
		    watched = r.random() < 0.5
		    if watched:
		        print(f"#command\tmake\n#started\t{now:.6f}")
		    print(header)
		    live, serial = {}, 10
		    for tick in range(ticks):
		        now += r.choice((0.001, 0.001, 0.01, 1))
		        lines = []
		        for pid in [p for p in live if r.random() < 0.1]:
		            lines.append(f"#exited\t{pid}\t{now:.6f}")
		            del live[pid]
		        while not live or r.random() < 0.4 and len(live) < 12:
		            serial += 1
		            rss = r.randint(1, 1000) * 4
		            live[serial] = [rss, rss, "abcdef"[r.randrange(6)], 0]
		            if tick or watched:
		                lines.append(f"#created\t{serial}\t{now - 0.0005:.6f}")
		                if r.random() < 0.1:
		                    live[serial][1] += 40 * r.randint(1, 50)
		                    lines.append(f"#mark_since\t{serial}\t0")
		            elif r.random() < 0.5:
		                live[serial][1] += 40 * r.randint(1, 50)
		        for pid, p in live.items():
		            if r.random() < 0.3:
		                p[0] = r.choice((p[0] // 8 * 4, p[0] + 4 * r.randint(0, 200), p[1]))
		                p[1] = max(p[0], p[1])
		            if r.random() < 0.05:
		                p[1] += 4 * r.randint(1, 500)
		                if r.random() < 0.3:
		                    lines.append(f"#mark_since\t{pid}\t{now - 1:.6f}")
		            if r.random() < 0.03:
		                p[0] = p[1] = 4 * r.randint(1, 100)
		                p[2] = "abcdef"[r.randrange(6)]
		            p[3] += r.randint(0, 9)
		        total = sum(p[1] for p in live.values())
		        lines.append(f"#bound_kib\t{total + r.randint(0, 5000)}\t{r.randint(0, 3)}")
		        print("\n".join(lines))
		        for pid, (rss, mark, name, cpu) in live.items():
		            print(f"{now:.6f}\t{pid}\t1\t{rss}\t{mark}\t{mark * 2}\t{name}\t4\t{cpu}")
		    print(f"#exited\t{next(iter(live))}\t{now:.6f}\n#exit_code\t0\n#end\t{now:.6f}\n#bound_kib\t{r.randint(1, 9000)}\t1")
		    now += 100
	EOF
}

# peaks FILE: print the peak, time, processes and bound of the total, then the PID and peak of
# each process, sorted.
peaks() {
	mempeak -n 1000000 "$1" | awk -F'\t' '/^#bound_exits/ || $1 == "total" { print $1, $2, $3, $4, $5, $6, $7, $8, $10 }
		$1 == "process" { print $3, $6 | "sort" }'
}

# names FILE: print the PID and the name of each process, sorted.
names() { mempeak -n 1000000 "$1" | awk -F'\t' '$1 == "process" { print $3, $2 | "sort" }'; }

ticks_of() { rows "$1" | cut -f 1 | uniq | wc -l; }

@test "mempeak finds the same peaks of the total and of each process" {
	for seed in 1 2 3 4 5; do
		many 500 "$seed" >s
		peaks s >expected
		for n in 60 200; do
			memthin -n "$n" s >thin
			compare "$(ticks_of thin)" -le $((n + 2))
			diff expected <(peaks thin) || { echo "seed $seed, -n $n"; return 1; }
			# Only processes that executed another program just before the peak may differ.
			compare "$(diff <(names s) <(names thin) | grep -c '^<')" -le 3
		done
	done
}

@test "several runs in one stream are thinned together, and their peaks are found" {
	for seed in 101 102 103 104; do
		many 150 "$seed" >s
		peaks s >expected
		for n in 40 200; do
			memthin --ticks="$n" s >thin
			is "$(grep -c '^time' thin)" "$(grep -c '^time' s)"
			compare "$(ticks_of thin)" -le $((n + 10))
			diff expected <(peaks thin) || { echo "seed $seed, -n $n"; return 1; }
		done
	done
}

@test "samples without marks get the column, and the same peaks are found" {
	many 400 9 | grep -v '^#' | cut -f 1-4,6- >s
	memthin -n 12 s >thin
	is "$(grep -m 1 '^time' thin)" "$(grep -m 1 '^time' s)${tab}hwm_kib"
	keys() { peaks "$1" | cut -d ' ' -f 1-6; }
	diff <(keys s) <(keys thin)
}

@test "samples with few ticks are copied without a change" {
	for seed in 11 111; do
		many 40 "$seed" >s
		memthin s | cmp s
		memthin <s | cmp s
		memthin - <s | cmp s
	done
	samples '1 7 1 10 10 10 sh' >s
	memthin -n 10 s | cmp s
}

@test "the first and last tick and the largest and smallest of each part of the time are kept whole" {
	awk 'BEGIN { OFS = "\t"; print "time", "pid", "rss_kib", "hwm_kib", "comm"
		for (i = 0; i < 20000; i++) for (p = 5; p < 8; p++)
			print 1 + i / 10 "", p, i == 12345 ? 90000 : i == 7777 ? 10 : 1000 + i % 7, 90000, "a" }' >s
	memthin -n 100 s >thin
	rows thin | cut -f 1 | uniq -c | awk '$1 != 3 { exit 1 }'
	compare "$(ticks_of thin)" -le 102
	compare "$(ticks_of thin)" -gt 20
	rows thin | cut -f 1 >times
	for time in 1 1235.5 778.7 2000.9; do
		grep -qx "$time" times || { echo "no $time"; return 1; }
	done
}

@test "a process between two ticks that are kept is in the next one, with its peak as its mark" {
	{
		samples '1.0 10 1 500 500 900 a'
		for i in 2 3 4 5 6 7 8; do
			[ "$i" != 5 ] || printf '#created\t77\t5.2\n5.5\t10\t1\t400\t500\t900\ta\n5.5\t77\t10\t30\t64\t90\tb\n#exited\t77\t5.7\n'
			printf '%s.0\t10\t1\t%s\t500\t900\ta\n' "$i" $((500 - i)) | sed 's/^\(.\)\.0/\1.9/'
		done
		for i in $(seq 10 99); do printf '%s.0\t10\t1\t300\t500\t900\ta\n' "$i"; done
	} >s
	memthin -n 10 s >thin
	grep -E '77' thin >seen
	is "$(sed 's/^[0-9.]*\t//; s/\t[0-9.]*$//' seen | tr '\t\n' ' ,')" '#created 77,#mark_since 77,77 10 0 64  b,' ||
		{ cat thin; return 1; }
	is "$(peak_of process b rss_kib <(mempeak thin))" 64
	is "$(total rss_kib <(mempeak thin))" "$(total rss_kib <(mempeak s))"
}

@test "a log of single ticks is thinned, and its peak is found" {
	awk 'BEGIN { OFS = "\t"; for (i = 1; i <= 500; i++) {
		print "time", "pid", "rss_kib", "hwm_kib", "comm"
		print i ".0", 10, i == 321 ? 9000 : 100 + i, 9000, "a" } }' >s
	memthin -n 20 s >thin
	compare "$(ticks_of thin)" -le 25
	is "$(grep -c '^time' thin)" "$(ticks_of thin)"
	is "$(total rss_kib <(mempeak thin))" 9000
}

@test "lines about the run are copied, in order" {
	many 500 13 | awk '{ print } NR % 300 == 0 { print "#schedule\t" NR }' >s
	memthin -n 10 s >thin
	about_run() { grep -E '^#(command|started|schedule|exit_code|end)' "$1"; }
	diff <(about_run s) <(about_run thin)
	diff <(tail -n 4 s) <(tail -n 4 thin)
}

@test "memory does not depend on the number of samples" {
	needs plain
	awk 'BEGIN { OFS = "\t"; print "time", "pid", "rss_kib", "hwm_kib", "comm"
		for (i = 0; i < 20000; i++) for (p = 5; p < 25; p++) print 1 + i / 10 "", p, 1000 + i % 7, 90000, "a" }' >s
	run -0 bash -c 'ulimit -v 30000; memthin -n 100 s | mempeak | wc -l'
}

@test "no samples, garbage, peaks, a missing file and a full disk are reported" {
	: >s
	run -1 memthin s
	is "$output" 'memthin: no samples'
	run -2 memthin nothing
	is "$output" 'memthin: nothing: No such file or directory'
	run -2 memthin .
	one_line "$output" 'Is a directory$'
	head -c 3000 "$build/mempeak" >s
	run -2 memthin s
	one_line "$output" 'missing header$'
	samples '1.0 7 1 10 10 10 sh' >good
	mempeak good >p
	run -2 memthin p
	one_line "$output" 'these are peaks, not samples$'
	(cat good; printf '2.0\tx\n3.0\t7\t1\t20\t20\t20\tsh\n4.0\t7') >s
	run -2 --separate-stderr memthin s
	is "$output" "$(cat good; printf '3.0\t7\t1\t20\t20\t20\tsh')"
	[[ $stderr == *'line 3: fewer fields'* ]]
	run -2 bash -c 'memthin good >/dev/full'
	is "$output" 'memthin: standard output: No space left on device'
	run -2 bash -c 'memthin good >&-'
	many 500 14 >s
	run -141 bash -c 'set -o pipefail; memthin -n 400 s s s s | true'
}

@test "invalid options are reported, --check reads nothing" {
	for option in -Z -n --ticks --nosuch; do
		run -2 memthin $option
		[[ $output == *'usage: memthin '* ]]
	done
	for n in 0 9 1000001 x; do
		run -2 memthin -n "$n" s
		is "$output" "memthin: -n: $n: count must be from 10 to 1000000"
	done
	run -0 memthin --check -n 10 nothing
	is "$output" ''
}

@test "the examples of the manual work" {
	many 500 15 >samples.tsv
	memthin -n 200 samples.tsv >thin.tsv
	compare "$(lines_of thin.tsv)" -lt "$(lines_of samples.tsv)"
	memsample -d 0.1 "$$" | memthin -n 500 >thin.tsv
	mempeak thin.tsv | memfmt -f bytes
}

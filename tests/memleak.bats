# SPDX-License-Identifier: MIT
load helper

# Sample real programs in parallel. The tests below state how the memory of each behaves.
setup_file() {
	cd "$BATS_FILE_TMPDIR" || return 1
	command -v python3 >/dev/null || return 0 # the tests that need it are skipped
	real leak 400 python3 -c 'import time
held, start = [], time.time()
while True:
	held.append(b"x" * 262144)
	print(int(len(held) * 256 * 60 / (time.time() - start)), flush=True)
	time.sleep(.008)'
	# The C library returns each block to the system when it is freed.
	export MALLOC_MMAP_THRESHOLD_=65536
	# About eight teeth, whatever the speed of the machine.
	real sawtooth 4000 python3 -c 'import gc, time
gc.set_threshold(500)
while True:
	cycle = [b"x" * 131072]
	cycle.append(cycle)
	print(flush=True)
	time.sleep(.0003)'
	real leak-below-sawtooth 70 python3 -c 'import time
held = []
while True:
	work = []
	for _ in range(16):
		work.append(b"x" * 1048576)
		time.sleep(.003)
	held.append(b"x" * 1048576)
	print(flush=True)'
	real ramp 1 python3 -c 'import time
table = {i: str(i) for i in range(300000)}
print("loaded", flush=True)
while True:
	time.sleep(.05)'
	real plateau 0 sh -c 'while :; do sleep 0.03; done'
	wait
}

# real NAME LINES COMMAND...: sample COMMAND into NAME.tsv, with its output in NAME.out, until it has printed LINES
# lines and for three seconds more. With one line, continue for three times as long as that line took.
real() {
	local name=$1 lines=$2 target sampler began rest
	shift 2
	{
		"$@" >"$name.out" 3>&- 4>&- &
		target=$!
		timeout 50 memsample -i 20 "$target" >"$name.tsv" &
		sampler=$!
		began=${EPOCHREALTIME/./}
		until [ "$(wc -l <"$name.out")" -ge "$lines" ]; do sleep 0.05; done
		rest=$(((${EPOCHREALTIME/./} - began) * 3))
		[ "$lines" -eq 1 ] && [ "$rest" -gt 3000000 ] || rest=3000000
		sleep "$((rest / 1000000)).$((rest % 1000000 / 100000))"
		kill -KILL $(pstree-pids "$target") 2>/dev/null || true
		wait "$target" "$sampler" 2>/dev/null || true
	} 3>&- 4>&- &
}

judge() { memleak -l 1s -p 60% "$@"; }

# of SCOPE KEY: print the value of KEY in the first row of SCOPE of the table on stdin.
of() {
	awk -F'\t' -v scope="$1" -v key="$2" '/^#/ { next }
		!n { for (i = 1; i <= NF; i++) at[$i] = i; n = 1; next }
		$1 == scope { print $at[key]; exit }'
}

# series SECONDS EXPRESSION: print samples of one process, one each second; its RSS is EXPRESSION, in terms of t.
series() {
	awk -v seconds="$1" "BEGIN { srand(3); OFS = \"\\t\"
		print \"time\", \"pid\", \"ppid\", \"rss_kib\", \"comm\"
		for (t = 0; t <= seconds; t++) printf \"%d.5\\t10\\t1\\t%d\\ta\\n\", 1e9 + t, $2 }"
}

@test "a program that never frees memory is a leak, at its own rate" {
	needs python3
	run -1 judge "$BATS_FILE_TMPDIR/leak.tsv"
	is "$(of total verdict <<<"$output")" leak
	is "$(of process name <<<"$output")" python3
	awk -v v="$(of process kib_per_minute <<<"$output")" -v e="$(tail -n 1 "$BATS_FILE_TMPDIR/leak.out")" \
		'BEGIN { print v, e; exit !(v > e * .7 && v < e * 1.4) }'
}

# teeth FILE: print how often the RSS of python3 fell by more than 4 MiB from one tick to the next.
teeth() {
	rows "$1" | awk -F'\t' '$7 == "python3" { n += $4 < last - 4096; last = $4 } END { print n + 0 }'
}

@test "a garbage collector's sawtooth is no leak" {
	needs python3
	compare "$(teeth "$BATS_FILE_TMPDIR/sawtooth.tsv")" -ge 4
	run -0 judge -a "$BATS_FILE_TMPDIR/sawtooth.tsv"
	[[ $(of total verdict <<<"$output") =~ ^(steady|uneven)$ ]]
}

@test "a leak below a sawtooth is found" {
	needs python3
	compare "$(teeth "$BATS_FILE_TMPDIR/leak-below-sawtooth.tsv")" -ge 10
	run -1 judge "$BATS_FILE_TMPDIR/leak-below-sawtooth.tsv"
	is "$(of process name <<<"$output")" python3
}

@test "a program that loads data and then works on it is no leak" {
	needs python3
	run -0 judge -a "$BATS_FILE_TMPDIR/ramp.tsv"
	[[ $(of total verdict <<<"$output") =~ ^(steady|ramp)$ ]]
	[[ $(of process verdict <<<"$output") =~ ^(steady|ramp)$ ]]
}

@test "a program that starts short children is no leak" {
	needs python3
	run -0 judge -a "$BATS_FILE_TMPDIR/plateau.tsv"
	is "$(of process verdict <<<"$output")" steady
}

@test "-g sets the growth from which on a leak is one, as a percentage or a size" {
	series 240 '10000 + t * 50' >s # its judged part grows from 16000 by about 5500 KiB
	run -1 memleak s
	for growth in 30% 5M; do
		run -1 memleak -g "$growth" s
	done
	for growth in 50% 6M; do
		run -0 memleak -a -g "$growth" s
		is "$(of process verdict <<<"$output")" small
	done
	run -0 memleak -g 1% -g 6M s
	run -0 memleak -f text -a -g 6M s
	[[ $output == *'grew steadily by 5.'* ]]
	run -2 memleak -g much s
	one_line "$output" '^memleak: -g: much: growth must be a percentage or a size$'
}

@test "the rate of a steady leak is exact, slow or fast" {
	for rate in 60 600 60000; do
		series 1800 "50000 + t * $rate / 60" >s
		run -1 memleak s
		is "$(of total kib_per_minute <<<"$output")" "$rate.00"
		is "$(of process kib_per_minute <<<"$output")" "$rate.00"
	done
	is "$(of process seconds <<<"$output")" 900.000
	is "$(of process sure_percent <<<"$output")" 99.9
}

@test "neither noise nor outliers change the rate" {
	series 1200 '50000 + t * 10 + rand() * 500 + (t % 50 == 0) * 90000' | memleak >t || [ $? -eq 1 ]
	within "$(of process kib_per_minute <t)" 600 3
	awk -F'\t' '$1 == "process" { exit !($6 < 600 && 600 < $7) }' t
}

@test "a slow leak below a sawtooth is reported at the rate of the leak" {
	series 2400 '50000 + t * 5 + t % 30 * 1000' | memleak >t || [ $? -eq 1 ]
	within "$(of process kib_per_minute <t)" 300 3
}

@test "series that are no leaks get the verdict that describes them" {
	verdict() { series 600 "$1" | memleak -a | of process verdict; }
	is "$(verdict '50000')" steady
	is "$(verdict '50000 + rand() * 400')" steady
	is "$(verdict '50000 + rand() * 20000')" uneven
	is "$(verdict '50000 + t % 20 * 1000')" steady
	for period in 47 90 150 200 290 400; do
		is "$(verdict "50000 + t % $period * 100")" uneven
	done
	is "$(verdict 't < 280 ? t * 100 : 28000')" steady
	is "$(verdict 't < 400 ? t * 100 : 40000')" ramp
	is "$(verdict '90000 - 80000 * exp(-t / 120)')" ramp
	[[ $(verdict '50000 + (t > 470) * 5000') =~ ^(ramp|uneven)$ ]]
	is "$(verdict '90000 - t * 50')" shrinking
	is "$(verdict '50000 + t * .8')" steady
	is "$(verdict 't < 60 ? 200000 : 50000 + t * 50')" leak
}

@test "less than a minute is too short for a verdict, and a warning" {
	series 118 't * 100' >s
	run -0 --separate-stderr memleak s
	one_line "$stderr" '^memleak: too short to judge'
	one_line "$output" '^scope	name	pid	seconds	'
	run -0 --separate-stderr memleak -a s
	is "${lines[2]}" "process${tab}a${tab}10${tab}59.000$tab$tab$tab$tab$tab${tab}short"
	run -1 memleak -l 59s s
	run -1 memleak -p 60 s
	run -1 memleak --length 1 --part 20% s
	run -0 --separate-stderr memleak -p 20% -f text -a s
	is "${lines[1]}" 'a (10) has too few samples to judge: 23.6 s'
}

@test "few readings suffice for the verdict steady but not for leak" {
	series 300 50000 | awk 'NR == 1 || NR % 60 == 2' >s
	is "$(memleak -a s | of process verdict)" steady
	series 300 't * 100' | awk 'NR == 1 || NR % 60 == 2' >s
	is "$(memleak -a s | of process verdict)" short
}

@test "a log with a header before each tick is one series" {
	awk 'BEGIN { for (m = 0; m < 720; m++) {
		print "time\tpid\tppid\trss_kib\tcomm"
		printf "%d.5\t10\t1\t%d\thttpd\n%d.5\t11\t10\t30000\thttpd\n", 1e9 + m * 60, 20000 + m * 4, 1e9 + m * 60 } }' >log
	run -1 memleak log
	within "$(of process kib_per_minute <<<"$output")" 4 3
	within "$(of total kib_per_minute <<<"$output")" 4 3
	is "$(of process pid <<<"$output")" 10
	is "${#lines[@]}" 3
	split -n l/3 log part.
	within "$(memleak part.* | of process kib_per_minute)" 4 3
}

@test "each process is judged until it exits, and the fall while it exits does not count" {
	series 300 't * 100' >s
	series 305 30000 | sed 's/\t10\t1/\t20\t1/' | tail -n +2 | sed -n '302,$p' >>s
	(sed 1q s; tail -n +2 s | sort -n; printf '1000000300.6\t20\t1\t30000\tb\n') >t
	within "$(memleak s | of process kib_per_minute)" 6000 3
	(series 300 't * 100'; printf '1000000300.6\t10\t1\t9000\ta\n1000000300.7\t10\t1\t20\ta\n') >t
	within "$(memleak t | of process kib_per_minute)" 6000 3
}

@test "a PID that was missing for a tick is another process" {
	series 200 't * 100' | awk -F'\t' 'NR > 1 && $1 > 1e9 + 99 && $1 < 1e9 + 101 { sub(/\t10\t/, "\t12\t") } 1' >s
	run -0 --separate-stderr memleak -a s
	is "$(cut -f1,3,4 <<<"$output" | sort | tr '\t\n' ' ;')" \
		'process 10 49.000;process 10 49.500;process 12 0.500;scope pid seconds;total 10 49.000;total 10 49.500;total 12 0.500;'
}

@test "concatenated logs are judged run by run, in any order" {
	series 300 't * 100' >a
	series 300 't * 10' | sed 's/^1/2/; s/\t10\t/\t20\t/' >b
	for order in 'a b' 'b a'; do
		run -1 memleak $order
		is "$(cut -f1,3,5 <<<"$output" | tr '\t\n' ' ;')" \
			'scope pid kib_per_minute;total 10 6000.00;total 20 600.00;process 10 6000.00;process 20 600.00;'
	done
}

@test "growth of the total is found even if no process grows" {
	awk 'BEGIN { OFS = "\t"; print "time", "pid", "rss_kib", "comm"
		for (t = 0; t < 400; t++) for (p = 10; p <= 10 + t / 4; p++) print 1e9 + t, p, 1000, "worker" }' >s
	run -1 memleak s
	is "$(of process verdict <<<"$output")" ''
	within "$(of total kib_per_minute <<<"$output")" 15000 3
}

@test "swapped memory counts" {
	series 300 50000 | awk -F'\t' -v OFS='\t' '{ print $0, NR == 1 ? "swap_kib" : NR * 100 }' >s
	within "$(memleak s | of process kib_per_minute)" 6000 3
}

@test "# lines are passed on, except those about one tick, and names are escaped" {
	(echo '#command	x y'; series 300 't * 100' | sed 's/a$/a\\tb/'; printf '#mark_since\t10\t0\n#unseen_kib\t4\n#bound_kib\t9\t1\n#end\t5\n') >s
	run -1 memleak s
	is "$(grep '^#' <<<"$output" | tr '\t\n' ' ;')" '#command x y;#end 5;'
	is "$(of process name <<<"$output")" 'a\tb'
	run -1 memleak -f text s
	is "${lines[1]}" 'a\tb (10) grows by 5.9 MiB per minute (confidence 99.9 %): 351.6 MiB more in an hour'
	is "${lines[0]}" "total (a\\tb, 10) ${lines[1]#* (10) }"
}

@test "the text reports that there is no steady growth" {
	series 300 50000 >s
	run -0 memleak -f text s
	is "$output" 'no steady growth'
	run -0 memleak -af text s
	is "$output" 'total (a, 10) does not change'$'\n''a (10) does not change'$'\n''no steady growth'
}

@test "invalid rows are reported once, counted and left out" {
	series 300 't * 100' >s
	printf '%s\n' x 1000000301_10_1_-_a 300000000000_10_1_5_a 1000000300.5_10_1_5_a | tr _ "$tab" >>s
	run -2 --separate-stderr memleak s
	is "$stderr" "memleak: s: line 303: fewer fields than the header"$'\n'"memleak: 3 more invalid lines left out"
	within "$(of process kib_per_minute <<<"$output")" 6000 3
	series 300 't * 100' | head -c -2 >s
	run -2 --separate-stderr memleak s
	one_line "$stderr" '^memleak: s: line 302: incomplete line$'
}

@test "input that is no samples stream is reported in one line, with status 2" {
	run -2 memleak <"$(command -v memleak)"
	one_line "$output" '^memleak: standard input: line [0-9]*: missing header$'
	run -2 memleak </dev/zero
	run -2 memleak <<<"time${tab}pid"
	one_line "$output" "^memleak: standard input: line 1: missing column rss_kib$"
	run -2 memleak nosuch
	one_line "$output" '^memleak: nosuch: No such file or directory$'
	for empty in /dev/null <(samples); do
		run -2 --separate-stderr memleak "$empty"
		one_line "$stderr" '^memleak: no samples$'
		is "$output" ''
	done
}

@test "--check validates the options and reads nothing" {
	run -0 memleak --check -a -f text -l 1m -p 20% nosuch
	is "$output" ''
	run -2 memleak --check -p 101
	one_line "$output" '^memleak: -p: 101: part must be 1 to 100 percent$'
}

@test "wrong usage is reported, with status 2" {
	run -2 memleak -z
	for bad in '-p 0' '-p 101' '-p x' '-p %' '-l 0' '-l x' '-f json'; do
		run -2 memleak $bad
		one_line "$output" "^memleak: ${bad% *}: ${bad#* }: "
	done
}

@test "a full disk and a closed stdout are reported, and a reader may leave early" {
	series 300 't * 100' >s
	run -2 sh -c 'memleak s >/dev/full'
	one_line "$output" '^memleak: standard output: No space left on device$'
	run -2 sh -c 'memleak s >&-'
	one_line "$output" '^memleak: standard output: Bad file descriptor$'
	run bash -c 'set -o pipefail; memleak s | true'
	[ "$status" -eq 141 ] || [ "$status" -eq 1 ]
}

@test "memleak continues to the end of its input after the first Ctrl-C" {
	mkfifo in
	start python3 -c "import signal, os
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.dup2(os.open('in', os.O_RDONLY), 0)
os.execvp('memleak', ['memleak'])" >t
	exec 8>in
	series 300 't * 100' >&8
	until_true eval '[ "$(cat /proc/$pid/comm)" = memleak ]'
	until_true catches_int "$pid"
	kill -INT "$pid"
	exec 8>&-
	status=0
	wait "$pid" || status=$?
	is "$status" 1
	within "$(of process kib_per_minute <t)" 6000 3
}

@test "memory use depends neither on the length of the stream nor on the number of exited processes" {
	export ASAN_OPTIONS=quarantine_size_mb=1:thread_local_quarantine_size_kb=64
	needs plain
	awk 'BEGIN { OFS = "\t"; print "time", "pid", "rss_kib", "comm"
		for (t = 0; t < 20000; t++) { print 1e9 + t, 10, 5000, "sh"; print 1e9 + t, 100 + t, 1000, "cc" } }' |
		(ulimit -v 16384 && memleak) >out
	one_line "$(cat out)" '^scope'
}

# A sanitizer keeps freed memory.
@test "memory use does not depend on how often a process changes its name" {
	rows_of() {
		printf 'time\tpid\trss_kib\tcomm\n'
		awk -v n="$1" -v names="$2" 'BEGIN { for (t = 1; t <= n; t++) print t ".0\t1\t5\tn" t % names }'
	}
	rows_of 100000 1 >one
	rows_of 100000 100000 >many
	one=$(memrun -q -o - -O /dev/null memleak one)
	many=$(memrun -q -o - -O /dev/null memleak many)
	compare "$many" -lt $((one + 2000000))
}

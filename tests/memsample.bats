# SPDX-License-Identifier: MIT
load helper

@test "a tick of one process is a row of eleven columns below the header" {
	start sleep 60
	memsample -n 3 -i 20 "$pid" >out
	is "$(sed -n 1p out)" "#interval_ms${tab}20"
	is "$(grep -v '^#' out | head -n 1)" "$(tr ' ' '\t' <<<"time pid ppid rss_kib hwm_kib vsz_kib comm swap_kib hugetlb_kib file_kib shmem_kib")"
	is "$(grep -v '^#' out | wc -l)" 4
	rows out | awk -F'\t' -v pid="$pid" -v ppid="$$" '
		NF != 11 || $1 !~ /^[0-9]+\.[0-9][0-9][0-9][0-9][0-9][0-9]$/ || $2 != pid ||
		$4 <= 0 || $5 < $4 || $6 < $4 || $7 != "sleep" { print; exit 1 }'
}

@test "each value is that of the kernel" {
	start spike -t 60000 40
	until_true eval '[ "$(memsample -1 -H -o rss "$pid")" -gt 40960 ]'
	memsample -1 -H -o pid,ppid,rss,hwm,vsz,shared,swap,threads,comm "$pid" >out
	awk -v page="$(getconf PAGESIZE)" -v pid="$pid" '
		FILENAME ~ /status/ && $1 == "VmRSS:" { rss = $2 }
		FILENAME ~ /status/ && $1 == "VmHWM:" { hwm = $2 }
		FILENAME ~ /status/ && $1 == "VmSize:" { vsz = $2 }
		FILENAME ~ /status/ && $1 == "PPid:" { ppid = $2 }
		FILENAME ~ /status/ && $1 == "VmSwap:" { swap = $2 }
		FILENAME ~ /statm/ { shared = $3 * page / 1024 }
		FILENAME == "out" { ok = $1 == pid && $2 == ppid && $3 == rss && $4 == hwm && $5 == vsz &&
			$6 == shared && $7 == swap && $8 == 1 && $9 == "spike" }
		END { exit !ok }' "/proc/$pid/status" "/proc/$pid/statm" out
}

@test "a process in a thousand groups has a high-water mark and threads" {
	groups=$(seq -s, 2000000000 2000001014)
	needs root setpriv
	setpriv --groups "$groups" true || skip "groups cannot be set"
	start setpriv --groups "$groups" sleep 60
	until_true eval '[ "$(memsample -1 -H -o comm "$pid")" = sleep ]'
	is "$(memsample -1 -H -o hwm,threads "$pid")" "$(awk '/^VmHWM/ { print $2 "\t1" }' "/proc/$pid/status")"
}

@test "a tick has all processes at one time, and times never decrease" {
	start sh -c 'sleep 60 & sleep 60 & sleep 60 & wait'
	until_true eval '[ "$(pstree-pids "$pid" | wc -l)" -eq 4 ]'
	memsample -n 5 -i 10 "$pid" >out
	rows out | awk -F'\t' '{ n[$1]++ } $1 < last { exit 1 } { last = $1 }
		END { for (t in n) { ticks++; if (n[t] != 4) exit 1 } exit ticks != 5 }'
}

@test "descendants are sampled, but not with -x" {
	cat >command <<-'EOF'
		until [ -e go ]; do sleep 0.02; done
		python3 -c 'import time; time.sleep(60)' &
		wait
	EOF
	start sh command
	start memsample -i 10 "$pid"  >out
	start memsample -x -i 10 "${started[0]}" >alone
	until_true has_line alone '^[0-9]'
	until_true has_line out '^[0-9]'
	touch go
	until_true has_line out "${tab}python3${tab}"
	is "$(rows alone | cut -f2 | sort -u)" "${started[0]}"
}

@test "forty children that live for 0.1 seconds are all sampled" {
	# On a busy machine, the sampler may not run for longer than one of them lives.
	cat >command <<-'EOF'
		i=0
		until [ -e ready ]; do sleep 0.02; done
		while [ $i -lt 40 ]; do sleep 0.1; i=$((i + 1)); done
	EOF
	start sh command
	start memsample -i 10 -b 20 "$pid" >out
	until_true has_line out '^[0-9]'
	touch ready
	wait "$pid"
	compare "$(rows out | awk -F'\t' '$7 == "sleep" { print $2 }' | sort -u | wc -l)" -ge 38
}

@test "PIDs are read from standard input at any time, and # lines are copied" {
	mkfifo pids
	start sleep 60
	local first=$pid
	start sleep 60
	local second=$pid
	exec 8<>pids
	start sh -c 'exec memsample -i 10 <pids >out'
	printf '#note\thello\n%s rest\n' "$first" >&8
	until_true has_line out "$tab$first$tab"
	echo "$second" >&8
	until_true has_line out "$tab$second$tab"
	exec 8>&-
	has_line out "^#note${tab}hello$"
	has_line out "^#mark_since$tab$second${tab}0$"
}

@test "memsample exits when the processes have exited" {
	start sleep 60
	local target=$pid
	start memsample -i 20 "$pid" >out
	until_true has_line out '^[0-9]'
	kill "$target"
	wait "$pid"
}

@test "-d stops the sampling, and #running has the number of processes left" {
	start sleep 60
	memsample -d 100ms -i 20 "$pid" >out
	rows out | awk -F'\t' 'NR == 1 { first = $1 } { last = $1 } END { exit last - first < 0.099 }'
	is "$(tail -n 1 out)" "#running${tab}1"
}

@test "SIGINT, SIGTERM and SIGHUP stop the sampling after a last tick, with status 0" {
	start sleep 60
	local target=$pid
	for signal in INT TERM HUP; do
		start python3 -c "import signal, os
signal.signal(signal.SIG$signal, signal.SIG_DFL)
os.execvp('memsample', ['memsample', '-i', '10s', '$target'])" >out
		until_true has_line out '^[0-9]'
		kill -"$signal" "$pid"
		wait "$pid"
		compare "$(rows out | wc -l)" -ge 2
		has_line out "^#running${tab}1$"
	done
}

@test "-1 takes one tick of all PIDs of standard input and leaves out # lines" {
	start sleep 60
	local first=$pid
	mkfifo pids
	exec 8<>pids
	start sh -c 'exec memsample -1 <pids >out 8>&-'
	echo "$first" >&8
	until_true eval 'ls -l "/proc/$pid/fd" | grep -q "/proc/$first/"'
	echo $$ >&8
	exec 8>&-
	wait "$pid"
	is "$(grep -c '^#' out)" 0
	rows out | cut -f2 | grep -qx "$first"
	rows out | cut -f2 | grep -qx "$$"
}

@test "-H leaves out the header, so a log can be appended to" {
	start sleep 60
	memsample -1 "$pid" >log
	for i in 1 2 3; do
		memsample -1 -H "$pid" >>log
	done
	is "$(rows log | wc -l)" 4
	run -0 mempeak log
	[[ $output == *"total${tab}sleep$tab$pid$tab"* ]]
}

@test "-o takes names of columns, separated as for ps, with or without the unit" {
	start sleep 60
	is "$(memsample -1 -o 'pid, rss_kib comm' "$pid" | head -n 1)" "pid${tab}rss_kib${tab}comm"
	run -2 memsample -o pid,nosuch "$pid"
	one_line "$output" '^memsample: -o: pid,nosuch: nosuch: column not found; columns are time pid '
	run -2 memsample -o pid,pid "$pid"
	run -2 memsample -o '' "$pid"
}

@test "a spike between two ticks is in the high-water mark" {
	start spike -b 200 -a 60000 32
	memsample -i 2s -n 2 "$pid" >out
	rows out | awk -F'\t' '{ rss = $4; hwm = $5 } END { exit !(hwm > 32000 && rss < 16000) }'
}

@test "a command name of any bytes cannot forge a row" {
	cp "$(command -v sleep)" $'\n#x\t1\\\e[m'
	start ./$'\n#x\t1\\\e[m' 60
	until_true eval '[ "$(memsample -1 -H -o comm "$pid")" = "\\n#x\\t1\\\\\\x1B[m" ]'
	is "$(memsample -1 "$pid" | awk -F'\t' 'NF != 11' | wc -l)" 0
}

@test "with few descriptors, files are opened for each tick, with the same result" {
	start sh -c 'for i in 1 2 3 4 5 6 7 8 9 10; do sleep 60 & done; : >up; wait'
	until_true [ -e up ]
	(ulimit -n 12; exec memsample -n 3 -i 10 "$pid") >out
	rows out | awk -F'\t' '{ n[$1]++ } END { for (t in n) if (n[t] != 11) exit 1 }'
	start sleep 60
	local target=$pid
	start sh -c "ulimit -n 12; exec memsample -i 10 $pid" >out
	until_true has_line out '^[0-9]'
	kill "$target"
	wait "$pid"
	is "$(rows out | cut -f2 | sort -u)" "$target"
}

@test "a thousand inherited descriptors do not matter" {
	start sleep 60
	run -0 python3 -c 'import os, resource, sys
resource.setrlimit(resource.RLIMIT_NOFILE, (2048, 2048))
for _ in range(1100): os.set_inheritable(os.open("/dev/null", os.O_RDONLY), True)
os.execvp("memsample", ["memsample", "-d", "100ms", sys.argv[1]])' "$pid"
	is "${lines[-1]}" "#running${tab}1"
}

@test "a large tree leaves descriptors for processes that are given later" {
	start brawl idle 60 60 >true
	until_true [ -s true ]
	local large=$pid
	start sleep 60
	local later=$pid
	mkfifo pids
	exec 8<>pids
	start sh -c 'ulimit -n 64; exec memsample <pids >out 2>err'
	echo "$large" >&8
	until_true has_line out "$tab$large$tab"
	echo "$later" >&8
	until_true has_line out "$tab$later$tab"
	is "$(cat err)" ''
}

@test "a process that uses vfork all the time is not counted twice" {
	cat >spawner.py <<-'EOF'
		import os, time
		b = bytearray(64 << 20)
		end = time.time() + 1
		while time.time() < end:
		    os.waitpid(os.posix_spawn("/bin/true", ["true"], os.environ), 0)
	EOF
	run -0 memrun --csv -o out -i 1 python3 spawner.py
	awk -F, '$1 == "total" { if ($6 > 100 * 1024) exit 1 } $1 == "process" && $2 == "true" && $6 > 20 * 1024 { exit 1 }' out
}

@test "a process whose main thread has exited is still sampled" {
	run -0 memrun --csv -o out shapes leaderless
	awk -F, '$1 == "process" && $6 > 32768 && $13 > 3 { ok = 1 } END { exit !ok }' out
	memexec --to 'memsample -C -i 10 >out' shapes leaderless >/dev/null
	rows out | awk -F'\t' '$4 > 65536 { ok = 1 } END { exit !ok }'
}

@test "new processes are found without a usable /proc/loadavg" {
	needs root unshare
	echo '0.00 0.00 0.00 0/0 0' >loadavg
	unshare -m sh -c 'mount --bind loadavg /proc/loadavg 2>/dev/null || { touch refused; exit 0; }
		exec memrun -i 5 -s s -o r sh -c "sleep 0.1; sleep 0.3"'
	[ ! -e refused ] || skip "a mount is refused"
	has_line s "${tab}sleep${tab}"
}

# python_with_cpu: run the Python text on standard input. In it, cpu(OPTION, ...) returns the CPU
# seconds that memsample takes with these options for process $pid.
python_with_cpu() {
	{
		cat <<-'EOF'
			import subprocess, sys
			from resource import RUSAGE_CHILDREN, getrusage
			def cpu(*options):
			    before = getrusage(RUSAGE_CHILDREN)
			    subprocess.run(["memsample", *options, sys.argv[1]], check=True, stdout=subprocess.DEVNULL)
			    after = getrusage(RUSAGE_CHILDREN)
			    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
		EOF
		cat
	} | python3 - "$pid"
}

@test "ticks of a large tree stay inside the budget" {
	needs plain # sanitizers make a tick dearer
	start brawl idle 500 60 >true
	until_true [ -s true ]
	python_with_cpu <<-'EOF'
		once = min(cpu("-1") for _ in range(3))
		used = cpu("-a", "adaptive", "-b", "2", "-d", "3")
		print("once", once, "used", used)
		# The first and the last tick read everything.
		assert used < 0.02 * 3 + once * 4, used
	EOF
}

# grid INTERVAL_MS FILE: print how many intervals from the first tick to the last have no tick at
# or after their beginning, and how many there are.
grid() {
	rows "$2" | awk -F'\t' -v ms="$1" '
		!n++ { first = $1 }
		{ at = int(($1 - first) * 1000 / ms + 0.001); if (!(at in seen)) ticks++; seen[at]; last = at }
		END { print last + 1 - ticks, last + 1 }'
}

@test "-i takes a tick at every interval after the first, also when the budget is used up" {
	start brawl idle 50 60 >true
	until_true [ -s true ]
	for schedule in auto adaptive fixed; do
		memsample -a $schedule -i 50 -b 0.01 -d 1500ms "$pid" >out 2>err
		read -r without intervals <<<"$(grid 50 out)"
		missed=$(awk -F'\t' '$1 == "#missed_ticks" { print $2 }' out)
		echo "$schedule: $without of $intervals without a tick, missed ${missed:-0}"
		compare "$intervals" -ge 29
		compare "$without" -le "${missed:-0}"
		compare "${missed:-0}" -le 10
	done
}

@test "-a fixed takes no tick between those of the interval, and -a auto does when memory moves" {
	for schedule in auto fixed; do
		memexec --to "memsample -C -a $schedule -i 100 >$schedule" shapes ramp >/dev/null
	done
	# A late tick is the only one of its interval. The last tick of all is at the exit.
	rows fixed | awk -F'\t' '!n++ { first = $1 } $1 != last { last = $1; ticks[int(($1 - first) * 10 + 0.001)]++ }
		END { for (i in ticks) if (ticks[i] > 1) twice++; exit twice > 1 }'
	ticks() { rows "$1" | cut -f 1 | uniq | wc -l; }
	compare "$(ticks auto)" -gt "$(($(ticks fixed) * 2))"
}

@test "an interval that cannot be kept is reported, with the number of missed ticks" {
	start brawl idle 500 60 >true
	until_true [ -s true ]
	run -0 --separate-stderr memsample -i 0.1 -d 300ms "$pid"
	one_line "$stderr" '^memsample: interval of 0\.1 ms: [0-9]+ of [0-9]+ ticks were missed: choose a longer interval$'
	[[ $output == *"#missed_ticks$tab"* ]]
	[[ $stderr == *": $(awk -F'\t' '$1 == "#missed_ticks" { print $2 }' <<<"$output") of "* ]]
}

# Return 0 if FILE has not grown for half a second. The time passes without ticks, so there is nothing
# to poll.
settled() {
	local before
	before=$(wc -c <"$1")
	sleep 0.5
	is "$(wc -c <"$1")" "$before" 2>/dev/null
}

@test "time without processes misses no tick of the interval" {
	mkfifo pids
	exec 8<>pids
	start sh -c 'exec memsample -i 5 <pids >out 8>&-'
	local sampler=$pid
	start sleep 60
	echo "$pid" >&8
	until_true has_line out '^[0-9]'
	kill "$pid"
	until_true settled out
	start sleep 60
	echo "$pid" >&8
	until_true has_line out "$tab$pid$tab"
	echo '#end' >&8
	wait "$sampler"
	# Half a second is 100 intervals.
	compare "$(awk -F'\t' '$1 == "#missed_ticks" { print $2 }' out)0" -lt 500
}

@test "a tree that rests is sampled at little cost" {
	start brawl idle 100 60 >true
	until_true [ -s true ]
	python_with_cpu <<-'EOF'
		# Measured: 0.02 % of one CPU. A busy machine and sanitizers take several times as much, and
		# the first tick differs from run to run: one of three is enough.
		for _ in range(3):
		    cost = cpu("-d", "5") - cpu("-d", "2")
		    print("cost", cost)
		    if cost < 3 * 0.01:
		        sys.exit()
		sys.exit(1)
	EOF
}

@test "without processes, memsample waits for input and uses no CPU" {
	mkfifo pids
	exec 8<>pids
	start sh -c 'exec memsample <pids >out 2>err'
	local sampler=$pid before
	start sleep 60
	echo "$pid" >&8
	until_true has_line out '^[0-9]'
	kill "$pid"
	wait "$pid" || true
	before=$(awk '{ print $14 + $15 }' "/proc/$sampler/stat")
	sleep 0.5 # the CPU time that it uses in half a second is tested
	compare "$(awk '{ print $14 + $15 }' "/proc/$sampler/stat")" -lt $((before + 5))
}

@test "the time before a process was given is in no peak, of its descendants neither" {
	cat >command <<-'EOF'
		spike -t 200 -a 60000 60 &
		touch started
		wait
	EOF
	start sh command
	local late=$pid
	until_true eval '[ "$(memsample -H -1 -o hwm,rss,comm "$late" | awk "\$3 == \"spike\" && \$1 > 60000 && \$2 < 30000" | wc -l)" -eq 1 ]'
	start sleep 60
	mkfifo pids
	exec 8<>pids
	local first=$pid
	start sh -c 'exec memsample -i 10 <pids >out'
	echo "$first" >&8
	until_true has_line out '^[0-9]'
	echo "$late" >&8
	until_true has_line out "${tab}spike${tab}"
	echo '#end' >&8
	wait "$pid"
	compare "$(mempeak out | memfmt -f bytes)" -lt $((30 << 20))
}

@test "between vfork and exec, the memory of the parent is counted once" {
	cat >vforker.py <<-'EOF'
		import ctypes, os, time
		b = bytearray(64 << 20)
		libc = ctypes.CDLL(None)
		# CLONE_VM | CLONE_VFORK by a program that takes its time before exec:
		# posix_spawn of a FIFO-bound shell redirection holds the child there.
		os.mkfifo("gate")
		open("spawning", "w").close()
		os.posix_spawn("/bin/true", ["true"], os.environ,
		    file_actions=[(os.POSIX_SPAWN_OPEN, 5, "gate", os.O_RDONLY, 0)])
		open("spawned", "w").close()
		time.sleep(60)
	EOF
	start python3 vforker.py
	until_true [ -e spawning ]
	until_true eval '[ "$(pstree-pids "$pid" | wc -l)" -ge 2 ]'
	memsample -n 5 -i 10 "$pid" >out
	: >gate
	rows out | awk -F'\t' '{ sum[$1] += $4 } END { for (t in sum) if (sum[t] > 110 * 1024) exit 1 }'
}

@test "a process that uses the memory of another is counted once, however it was cloned" {
	memrun --csv -o peaks shapes borrowers >true
	within "$(awk -F, '$1 == "total" { print $6 }' peaks)" "$(head -n 1 true)" 5
}

@test "a missing PID is reported in one line, with status 1, and the others are sampled" {
	start sleep 60
	run -1 --separate-stderr memsample -1 -H 4194305 "$pid"
	one_line "$stderr" '^memsample: 4194305: No such process$'
	one_line "$output" "$tab$pid$tab"
}

@test "an invalid PID is reported in one line, with status 2, before any tick" {
	for bad in 12x '' 0 99999999999 18446744073709551617 1.5 ' 1'; do
		run -2 memsample -1 1 "$bad"
		one_line "$output" '^memsample: .*: (invalid process ID|process ID out of range)$'
	done
	run -2 memsample <<<$'\x7fELF\x01garbage'
	one_line "$output" "^memsample: standard input: line 1: '.*': invalid process ID$"
	run -1 memsample </dev/null
	one_line "$output" '^memsample: standard input: no process IDs$'
}

@test "with -I, a missing process is no error, and nothing is printed about it: no mail from cron" {
	is "$(pstree-pids -I -n mempipe-na | memsample -1 -I 2>&1)" ''
	for count in 1 3; do
		is "$(memsample -I -n "$count" 999999999 2>&1)" ''
		is "$(memsample -I -n "$count" 2>&1 </dev/null)" ''
	done
	start sleep 60
	run -0 --separate-stderr memsample -I -1 999999999 "$pid"
	is "$stderr" ''
	is "$(rows <(echo "$output") | cut -f 2)" "$pid"
	run -2 memsample -I -1 <<<rubbish
	one_line "$output" "line 1: 'rubbish': invalid process ID$"
}

@test "ticks before an invalid line are written" {
	start sleep 60
	run -2 --separate-stderr memsample -i 50 -n 3 <<<"$pid"$'\nrubbish'
	one_line "$stderr" "^memsample: standard input: line 2: 'rubbish': invalid process ID$"
	[[ $output == *"$tab$pid$tab"* ]]
}

@test "invalid intervals, durations and counts are reported, with status 2" {
	for bad in 0 -1 1x nan inf 1e3 '' 99999999999999999999 0x10 1..5 0hz 100000hz 25h; do
		run -2 memsample -i "$bad" 1
		one_line "$output" '^memsample: .*: '
	done
	for bad in 0 -1 10hz 1y ''; do
		run -2 memsample -d "$bad" 1
		one_line "$output" '^memsample: .*: '
	done
	run -2 memsample -n 1x 1
	run -2 memsample -z
}

@test "an interval without a unit is in milliseconds" {
	start sleep 60
	for good in 20=20 20ms=20 0.02s=20 50hz=20 0.5=0.5 1000us=1; do
		memsample -i "${good%=*}" -n 2 "$pid" >out
		is "$(head -n 1 out)" "#interval_ms${tab}${good#*=}"
	done
}

@test "a full disk and closed standard streams are reported; a closed pipe ends memsample" {
	run -2 timeout $patience sh -c 'memsample <&-'
	one_line "$output" '^memsample: standard input: Bad file descriptor$'
	run -2 sh -c 'memsample -1 1 >/dev/full'
	one_line "$output" '^memsample: standard output: No space left on device$'
	run -2 sh -c 'memsample -1 1 >&-'
	one_line "$output" '^memsample: standard output: Bad file descriptor$'
	start sleep 60
	memsample -i 10 "$pid" | head -n 3 >out
	is "$(lines_of out)" 3
}

@test "the largest sum over a tick, computed by awk, is the peak of mempeak" {
	start sh -c 'sleep 60 & sleep 60 & wait'
	until_true eval '[ "$(pstree-pids "$pid" | wc -l)" -eq 3 ]'
	memsample -n 3 -i 10 "$pid" >out
	rows out | awk -F'\t' '{ s[$1] += $4 } END { for (t in s) if (s[t] > m) m = s[t]; print m }' >sum
	mempeak out >peaks
	is "$(total rss_kib peaks)" "$(cat sum)"
}

@test "the parts of the memory of a control group are those of its largest tick" {
	mkdir group
	for f in cgroup.procs cgroup.controllers; do : >group/$f; done
	echo 104857600 >group/memory.current
	printf 'anon 83886080\nfile 10485760\nkernel 5242880\nshmem 8388608\n' >group/memory.stat
	start sleep 60
	(printf '#cgroup\t%s/group\n%s\n' "$PWD" "$pid"; until_true has_line out "^[0-9.]*$tab$pid"
		echo 1 >group/memory.current; kill "$pid") | memsample -i 10 >out
	is "$(grep '^#cgroup_' out | tr '\t\n' ' ;')" '#cgroup_anon_kib 81920;#cgroup_file_kib 2048;#cgroup_shmem_kib 8192;#cgroup_kernel_kib 5120;'
}

@test "the first row is the given process, even if descendants exit before they are read" {
	start sh -c 'while :; do /bin/true; done'
	for ((n = 0; n < 100; n++)); do
		memsample -1 "$pid" >out
		is "$(rows out | head -n 1 | cut -f 2)" "$pid"
	done
}

@test "--check validates options and operands, and samples nothing" {
	is "$(memsample --check -P -L a=b -O a,user -n 2 $$ </dev/null)" ''
	run -2 memsample --check -i 0 $$
	one_line "$output" '^memsample: -i: 0: '
	run -2 memsample --check -O none $$
	run -2 memsample --check $$ none
	one_line "$output" '^memsample: none: invalid process ID$'
}

@test "the bound of the first tick, if it has several processes, follows the header" {
	for _ in $(seq 20); do
		memrun -qs s -o peak sh -c '/bin/true & /bin/true & wait'
		is "$(awk '/^time/ { exit } /^#bound_kib/' s)" ''
	done
}

load helper

# Trees that fight, in small; `make fight` has them large. Each knows its peak. Where
# that is of many processes, the budget is one that a slow machine can do with.

# brawl [MEMRUN-OPTION...] -- NAME COUNT SECONDS: sets $true, $count, $reported, $bound.
brawl() {
	local options=()
	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	shift
	memrun "${options[@]}" -f csv -o peaks "${with[@]}" brawl "$@" >true
	figures
	echo "$*: true $true of $count, reported $reported, bound $bound"
}

figures() {
	read -r true count <true
	reported=$(awk -F, '$1 == "total" { print $6 }' peaks)
	bound=$(awk -F, '$1 == "total" { print $7 }' peaks)
}

# in_bracket [LOW]: the peak was reached, and the bound holds it. The kernel's
# counters are some pages off, for each process.
in_bracket() {
	awk -v t="$true" -v r="$reported" -v b="$bound" -v low="${1:-0.95}" \
		'BEGIN { exit !(r >= t * low && r <= t * 1.03 + 300 && b * 1.01 + 300 >= t) }'
}

with=()

@test "a fork bomb that runs against its limit is measured, and over when it is" {
	# Never another's user: the limit counts all processes of one.
	uid=$((70000 + $$ % 10000))
	[ "$(id -u)" -eq 0 ] || uid=
	[ -z "$uid" ] || setpriv --reuid="$uid" --clear-groups true 2>/dev/null || uid=
	[ -n "$uid" ] || skip "needs root, for a user of its own"
	with=(setpriv --reuid="$uid" --clear-groups bash -c 'ulimit -u 100; exec "$@"' bash)
	brawl -b 50 -- bomb 400 0.6
	[ "$count" -ge 50 ]
	[ "$count" -lt 100 ]
	in_bracket
	run -1 pgrep -U "$uid"
}

@test "a fork bomb is measured by one who may not start a process more either" {
	[ "$(id -u)" -eq 0 ] || skip "needs root, for a user of its own"
	uid=$((80000 + $$ % 10000))
	setpriv --reuid="$uid" --clear-groups "$build/brawl" idle 1 0 >/dev/null 2>&1 ||
		skip "another user can't run programs of this folder"
	chmod 777 .
	setpriv --reuid="$uid" --clear-groups bash -c 'ulimit -u 100; exec "$@"' bash \
		memrun -b 50 -f csv -o peaks brawl bomb 400 0.6 >true
	figures
	echo "true $true of $count, reported $reported, bound $bound"
	in_bracket
	run -1 pgrep -U "$uid"
}

@test "a thousand processes that only wait are a thousand" {
	brawl -b 50 -- idle 1000 0.3
	[ "$(awk -F, '$1 == "total" { print $5 }' peaks)" -ge 1000 ]
	in_bracket
}

@test "a thousand births in a second hide no spike" {
	brawl -- births 1000 0.8
	in_bracket
}

@test "PIDs that come round in a fraction of a second are not mistaken" {
	unshare --pid --fork --mount-proc sh -c 'echo 400 >/proc/sys/kernel/pid_max' 2>/dev/null ||
		skip "no PID namespace with a pid_max of its own"
	before=$(cat /proc/sys/kernel/pid_max)
	unshare --pid --fork --mount-proc sh -c 'echo 400 >/proc/sys/kernel/pid_max; exec "$@"' sh \
		memrun -s samples -f csv -o peaks brawl births 1000 1.2 >true
	figures
	echo "true $true of $count, reported $reported, bound $bound"
	[ "$(cat /proc/sys/kernel/pid_max)" -eq "$before" ]
	in_bracket
	# Only the first held the spike.
	[ "$(rows samples | awk -F'\t' '$2 > 400' | wc -l)" -eq 0 ]
	[ "$(awk -F, '$1 == "process" && $6 > 60000' peaks | wc -l)" -eq 1 ]
}

@test "who was born and ended unread widens the bound, also where the PIDs come round" {
	unshare --pid --fork --mount-proc sh -c 'echo 2000 >/proc/sys/kernel/pid_max' 2>/dev/null ||
		skip "no PID namespace with a pid_max of its own"
	# The second comes round, between two readings that the budget allows.
	unshare --pid --fork --mount-proc sh -c 'echo 2000 >/proc/sys/kernel/pid_max
		brawl idle 1200 0 >burnt && exec "$@"' sh memrun -b 0.01 -f csv -o peaks brawl idle 900 0 >true
	figures
	echo "true $true of $count, reported $reported, bound $bound"
	# Each may have had that much without a sign.
	[ "$bound" -ge $((count * 1024)) ]
}

@test "a process that executes itself again and again is one process" {
	brawl -- exec 1000 0.7
	[ "$count" -gt 10 ]
	in_bracket
	[ "$(grep -c '^process' peaks)" -eq 1 ]
}

@test "a process that renames itself all the time is one process, and forges nothing" {
	brawl -s samples -i 10 -a fixed -- rename 1000 0.7
	in_bracket
	[ "$(grep -c '^process' peaks)" -eq 1 ]
	[ "$(grep -c '^group' peaks)" -gt 3 ]
	[ "$(rows samples | awk -F'\t' 'NF != 7' | wc -l)" -eq 0 ]
	[ "$(grep -c '^#end' samples)" -eq 1 ]
	[ "$(grep -c '^time' samples)" -eq 1 ]
	run -1 grep "$(printf '\033')" samples peaks
}

@test "stopped processes are read, and no end waits for them" {
	brawl -- stopped 10 0.3
	in_bracket
}

@test "frozen processes are read; who measures goes on" {
	group=/sys/fs/cgroup/freezer/mempipe-test-$$ freeze=freezer.state on=FROZEN off=THAWED
	if [ ! -d /sys/fs/cgroup/freezer ]; then
		group=/sys/fs/cgroup/mempipe-test-$$ freeze=cgroup.freeze on=1 off=0
	fi
	mkdir "$group" 2>/dev/null && [ -w "$group/$freeze" ] || skip "no control group can be frozen here"
	start memrun -i 20 -a fixed -s samples -f csv -o peaks \
		sh -c 'echo $$ >"$0/cgroup.procs" && exec brawl idle 5 0.6' "$group" >true
	until_true [ -s true ]
	echo "$on" >"$group/$freeze"
	ticks=$(cut -f 1 samples | uniq | wc -l)
	enough() { [ "$(cut -f 1 samples | uniq | wc -l)" -ge $((ticks + 10)) ]; }
	seen=0
	until_true enough && seen=1
	echo "$off" >"$group/$freeze"
	wait "$pid"
	until_true rmdir "$group"
	[ "$seen" -eq 1 ]
	figures
	in_bracket
}

@test "zombies that nobody reaps hold nothing, and are gone afterwards" {
	brawl -- zombies 500 0.3
	in_bracket
	[ "$(awk -F, '$1 == "process" { n++ } END { print n + 0 }' peaks)" -le 501 ]
}

@test "a thousand threads in a second are no processes" {
	brawl -- threads 1000 0.7
	in_bracket
	[ "$(grep -c '^process' peaks)" -eq 1 ]
}

@test "processes that are killed while they are read are no error" {
	memrun -i 10 -f csv -o peaks brawl killed 1000 0.7 >true 2>errors
	[ ! -s errors ]
	figures
	echo "true $true of $count, reported $reported, bound $bound"
	in_bracket
}

@test "the bound counts those that came and went between two readings" {
	memrun -j -o report true
	grep -q '"wake": "events' report || skip "the kernel refuses page-fault events here"
	brawl -b 0.01 -s samples -- births 1000 0.5
	in_bracket
	unseen=$(awk -F'\t' '$1 == "#unseen_kib" { kib += $2 } END { print kib }' samples)
	[ "$unseen" -ge $((count * 1024 / 10 * 9)) ]
}

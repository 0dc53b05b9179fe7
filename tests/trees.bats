load helper

# Small versions of the hostile trees of `make fight`. Each prints its true peak. If a peak has
# many processes, the budget is large enough for a slow machine.

# brawl [MEMRUN-OPTION...] -- NAME COUNT SECONDS: run a tree, and set $true, $count, $reported and
# $bound.
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

# in_bracket [LOW]: fail unless the true peak is between the reported one and the bound. The
# counters of the kernel are off by some pages for each process.
in_bracket() {
	awk -v t="$true" -v r="$reported" -v b="$bound" -v low="${1:-0.95}" \
		'BEGIN { exit !(r >= t * low && r <= t * 1.03 + 300 && b * 1.01 + 300 >= t) }'
}

with=()

@test "a fork bomb that reaches its limit is measured, and leaves no process" {
	# The limit counts all processes of a user, so this one must have no others.
	needs root setpriv
	uid=$((70000 + $$ % 10000))
	needs user
	share_programs
	export PATH=$user_build:$PATH
	with=(setpriv --reuid="$uid" --clear-groups bash -c 'ulimit -u 100; exec "$@"' bash)
	brawl -b 50 -- bomb 400 0.6
	[ "$count" -ge 50 ] && [ "$count" -lt 100 ] || { echo "$count processes"; return 1; }
	in_bracket
	run -1 pgrep -U "$uid"
}

@test "a fork bomb is measured when memrun cannot start more processes either" {
	needs root setpriv
	uid=$((80000 + $$ % 10000))
	needs user
	share_programs
	export PATH=$user_build:$PATH
	chmod 777 .
	setpriv --reuid="$uid" --clear-groups bash -c 'ulimit -u 100; exec "$@"' bash \
		memrun -b 50 -f csv -o peaks brawl bomb 400 0.6 >true
	figures
	echo "true $true of $count, reported $reported, bound $bound"
	in_bracket
	run -1 pgrep -U "$uid"
}

@test "a thousand waiting processes are a thousand processes" {
	brawl -b 50 -- idle 1000 0.3
	[ "$(awk -F, '$1 == "total" { print $5 }' peaks)" -ge 1000 ]
	in_bracket
}

@test "a thousand new processes in a second hide no spike" {
	brawl -- births 1000 0.8
	in_bracket
}

@test "PIDs that are used again in less than a second are not mixed up" {
	unshare --pid --fork --mount-proc sh -c 'echo 400 >/proc/sys/kernel/pid_max' 2>/dev/null ||
		skip "a PID namespace has no pid_max of its own"
	before=$(cat /proc/sys/kernel/pid_max)
	unshare --pid --fork --mount-proc sh -c 'echo 400 >/proc/sys/kernel/pid_max; exec "$@"' sh \
		memrun -s samples -f csv -o peaks brawl births 1000 1.2 >true
	figures
	echo "true $true of $count, reported $reported, bound $bound"
	is "$(cat /proc/sys/kernel/pid_max)" "$before"
	in_bracket
	# Only the first process held the spike.
	is "$(rows samples | awk -F'\t' '$2 > 400' | wc -l)" 0
	is "$(awk -F, '$1 == "process" && $6 > 60000' peaks | wc -l)" 1
}

@test "processes that exit unread widen the bound, also when PIDs start again" {
	unshare --pid --fork --mount-proc sh -c 'echo 2000 >/proc/sys/kernel/pid_max' 2>/dev/null ||
		skip "a PID namespace has no pid_max of its own"
	# The PIDs of the second tree start again between two ticks that the budget allows.
	unshare --pid --fork --mount-proc sh -c 'echo 2000 >/proc/sys/kernel/pid_max
		brawl idle 1200 0 >burnt && exec "$@"' sh memrun -b 0.01 -f csv -o peaks brawl idle 900 0 >true
	figures
	echo "true $true of $count, reported $reported, bound $bound"
	# Each process may have held this much without an event.
	[ "$bound" -ge $((count * 1024)) ]
}

@test "a process that executes itself repeatedly is one process" {
	brawl -- exec 1000 0.7
	[ "$count" -gt 10 ]
	in_bracket
	is "$(grep -c '^process' peaks)" 1
}

@test "a process that renames itself repeatedly is one process and cannot forge lines" {
	brawl -s samples -i 10 -a fixed -- rename 1000 0.7
	in_bracket
	is "$(grep -c '^process' peaks)" 1
	[ "$(grep -c '^group' peaks)" -gt 3 ]
	is "$(rows samples | awk -F'\t' 'NF != 7' | wc -l)" 0
	is "$(grep -c '^#end' samples)" 1
	is "$(grep -c '^time' samples)" 1
	run -1 grep "$(printf '\033')" samples peaks
}

@test "stopped processes are sampled, and the end does not wait for them" {
	brawl -- stopped 10 0.3
	in_bracket
}

@test "frozen processes are sampled, and sampling goes on" {
	group=/sys/fs/cgroup/freezer/mempipe-test-$$ freeze=freezer.state on=FROZEN off=THAWED
	if [ ! -d /sys/fs/cgroup/freezer ]; then
		group=/sys/fs/cgroup/mempipe-test-$$ freeze=cgroup.freeze on=1 off=0
	fi
	mkdir "$group" 2>/dev/null && [ -w "$group/$freeze" ] || skip "no control group can be frozen"
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
	is "$seen" 1
	figures
	in_bracket
}

@test "zombies hold no memory, and none is left" {
	brawl -- zombies 500 0.3
	in_bracket
	[ "$(awk -F, '$1 == "process" { n++ } END { print n + 0 }' peaks)" -le 501 ]
}

@test "a thousand threads in a second are no processes" {
	brawl -- threads 1000 0.7
	in_bracket
	is "$(grep -c '^process' peaks)" 1
}

@test "processes that are killed while they are read are no error" {
	memrun -i 10 -f csv -o peaks brawl killed 1000 0.7 >true 2>errors
	[ ! -s errors ]
	figures
	echo "true $true of $count, reported $reported, bound $bound"
	in_bracket
}

@test "the bound allows for processes that live between two ticks" {
	needs perf
	brawl -b 0.01 -s samples -- births 1000 0.5
	in_bracket
	unseen=$(awk -F'\t' '$1 == "#unseen_kib" { kib += $2 } END { print kib }' samples)
	[ "$unseen" -ge $((count * 1024 / 10 * 9)) ]
}

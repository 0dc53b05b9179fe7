load helper

# The generous versions of what `make accuracy` measures: they hold on two noisy
# cores. Each shape prints its own true peak.

# measure PACE SHAPE: sets $true, $reported and $bound, in KiB.
measure() {
	memrun -a $1 --csv -o peaks shapes "$2" >true
	true=$(cat true)
	reported=$(awk -F, '$1 == "total" { print $6 }' peaks)
	bound=$(awk -F, '$1 == "total" { print $7 }' peaks)
	echo "$2, $1: true $true, reported $reported, bound $bound"
}

# within LOW HIGH: reported/true, and the bracket holds the truth (which the
# kernel's counters know to some pages, and a process to the moment it looked).
within() {
	awk -v t="$true" -v r="$reported" -v b="$bound" -v low="$1" -v high="$2" 'BEGIN {
		exit !(r >= t * low && r <= t * high + 300 && b * 1.002 >= t) }'
}

needs_events() {
	memrun -j -o report true
	wake=$(sed -n 's/.*"wake": "\(.*\)",/\1/p' report)
	case $wake in
	events*) ;;
	*) skip "the kernel refuses page-fault events here (wake: $wake)" ;;
	esac
}

@test "woken by faults: a spike freed at once is seen, small and large" {
	needs_events
	for shape in spike32 spike256 moment; do
		measure auto $shape
		within 0.95 1.01
	done
}

@test "woken by faults: the readings themselves hold the spike, not the marks alone" {
	needs_events
	memrun -q -s s -o r shapes spike256 >true
	[ "$(rows s | awk -F'\t' -v t="$(cat true)" '$4 >= t * 0.95' | wc -l)" -gt 0 ]
}

@test "woken by faults: children that peak together for 30 ms add up" {
	needs_events
	for shape in eight threads fork shared; do
		measure auto $shape
		within 0.90 1.02
	done
	# Forty processes in a burst can use up the budget of a slow machine.
	measure 'auto -b 50' nested
	within 0.90 1.02
}

@test "woken by faults: what is gone at once is known: a daemon, a suicide, 200 in a row, a root that left" {
	needs_events
	for shape in daemon selfkill sequence rootless leaderless; do
		measure auto $shape
		within 0.90 1.02
	done
}

@test "faults in system calls, populated and huge pages, ramps, chains and churn are no blind spots" {
	for shape in kernel populate huge ramp chain churn steady held20; do
		measure auto $shape
		within 0.93 1.02
	done
}

@test "unprivileged, the same" {
	needs_events
	[ "$(id -u)" -eq 0 ] || skip "not root: the other tests are this one"
	command -v setpriv >/dev/null || skip "setpriv is not installed"
	chmod 755 . "$BATS_RUN_TMPDIR" 2>/dev/null || true
	for shape in spike32 spike256 eight kernel; do
		setpriv --reuid=65534 --regid=65534 --clear-groups "$build/memrun" --csv -o - "$build/shapes" $shape | tr -d '\r' >out ||
			skip "another user can't run the programs in $build"
		true=$(head -n 1 out)
		reported=$(awk -F, '$1 == "total" { print $6 }' out)
		bound=$(awk -F, '$1 == "total" { print $7 }' out)
		within 0.90 1.02
	done
}

@test "memory handed over is not counted twice, in any mode" {
	for pace in auto adaptive fixed; do
		measure $pace handover
		within 0.95 1.02
	done
}

@test "adaptive: one process's spike is exact, several at once are seen" {
	for shape in spike32 spike256 ramp kernel; do
		measure adaptive $shape
		within 0.95 1.01
	done
	for shape in eight daemon threads; do
		measure adaptive $shape
		within 0.80 1.02
	done
}

@test "what woke the readings is said, in the stream and in words" {
	for pace in adaptive fixed; do
		memrun -a $pace -s s -o r true
		has_line s "^#schedule${tab}$pace$"
	done
	has_line r '^  ticks  .* every 100 ms$'
	memrun -a adaptive -o r true
	has_line r '^  ticks  .* every 1 to 100 ms, as memory changed$'
	needs_events
	memrun -o r true
	has_line r '^  ticks  .* triggered by page faults'
}

@test "where events are refused, it is said why, with the remedy" {
	[ "$(id -u)" -eq 0 ] || skip "only root can have them refused"
	python3 - <<-'EOF' || skip "seccomp filters are not available here"
		import ctypes, os, struct, sys
		libc = ctypes.CDLL(None, use_errno=True)
		nr = {"x86_64": 298, "aarch64": 241}.get(os.uname().machine)
		if nr is None: sys.exit(1)
		# a container's rule: perf_event_open gives EPERM
		code = b"".join(struct.pack("HBBI", *i) for i in
		    [(0x20, 0, 0, 0), (0x15, 0, 1, nr), (0x06, 0, 0, 0x00050001), (0x06, 0, 0, 0x7fff0000)])
		text = ctypes.create_string_buffer(code)
		program = ctypes.create_string_buffer(struct.pack("HxxxxxxP", 4, ctypes.addressof(text)))
		if libc.prctl(38, 1, 0, 0, 0) or libc.prctl(22, 2, program, 0, 0): sys.exit(1)
		os.system("memrun -s s -o r shapes spike32 >true; memrun --csv -o c shapes spike32 >true2")
	EOF
	has_line s "^#schedule${tab}adaptive$"
	has_line s "^#events_refused${tab}Operation not permitted$"
	has_line r 'perf_event_paranoid=2'
	true=$(cat true2)
	reported=$(awk -F, '$1 == "total" { print $6 }' c)
	bound=$(awk -F, '$1 == "total" { print $7 }' c)
	within 0.95 1.01
}

@test "where only another user's processes are refused, the advice is what helps with these" {
	needs_events
	[ "$(id -u)" -eq 0 ] || skip "only root can become another user"
	chmod 755 .
	cp "$build/memsample" memsample
	as_nobody() { setpriv --reuid=65534 --clear-groups "$@"; }
	as_nobody ./memsample -Z 2>&1 | grep -q usage || skip "another user can't look into this folder"
	start sleep 60
	as_nobody ./memsample -d 100ms "$pid" >s
	start setpriv --reuid=65534 --clear-groups sleep 60
	until_true grep -qx sleep "/proc/$pid/comm"
	as_nobody ./memsample -d 100ms "$pid" >own
	has_line own "^#schedule${tab}events" || skip "needs kernel.perf_event_paranoid of 2 or less"
	has_line s "^#events_refused${tab}processes of another user$"
	mempeak s | memfmt >r
	has_line r 'as root: setcap'
	run -1 grep perf_event_paranoid r
}

# SPDX-License-Identifier: MIT
load helper
all_need linux

# The code of each system, linked with a simulated kernel (tests/worlds). One expectation is for all
# systems, and for a kernel that reports process events and one that does not.

# every_world SCENARIO: the output of each program is expected on standard input.
every_world() {
	local expected system option
	expected=$(cat)
	for system in linux darwin freebsd; do
		for option in '' -p; do
			"$build/worlds.$system" $option "$1" 2>err >out
			[ "$(cat out)" = "scenario$tab$1"$'\n'"$(tr ' ' '\t' <<<"$expected")" ] ||
				{ echo "$system $option"; cat err; diff out - <<<"$expected"; return 1; }
		done
	done
}

@test "a simulated process: its RSS, and the mark of a spike that was over before the tick" {
	every_world one <<-'EOF'
		tick 1
		process 100 40 root 4096 4096
		tick 2
		process 100 40 root 5000 9000
	EOF
}

@test "simulated children and their children are found, and no other process" {
	every_world children <<-'EOF'
		tick 1
		process 100 40 root 4096 4096
		tick 2
		process 100 40 root 4096 4096
		process 101 100 child 2000 2000
		process 102 101 grandchild 1000 1000
		tick 3
		process 100 40 root 4096 4096
		process 101 100 child 2000 2000
	EOF
}

@test "a simulated process that exits between the list and the read is left out" {
	every_world vanish <<-'EOF'
		tick 1
		process 100 40 root 4096 4096
		tick 2
		process 100 40 root 4096 4096
		process 102 100 second 1000 1000
		tick 3
		process 100 40 root 4096 4096
		process 102 100 second 1000 1000
	EOF
}

@test "a simulated PID that is given to another process is not taken for the same process" {
	every_world reuse <<-'EOF'
		tick 1
		process 100 40 root 4096 4096
		process 101 100 child 2000 2000
		tick 2
		process 100 40 root 4096 4096
		tick 3
		process 100 40 root 4096 4096
	EOF
}

@test "a simulated PID that is given to a new process of the tree belongs to that one" {
	every_world reuse-inside <<-'EOF'
		tick 1
		process 100 40 root 4096 4096
		process 101 100 child 2000 2000
		tick 3
		process 100 40 root 4096 4096
		process 101 100 again 3000 3000
	EOF
}

@test "5,000 simulated processes are found, sampled, and left when they exit" {
	every_world many <<-'EOF'
		tick 1
		sum 5001 20484096
		tick 2
		sum 5001 22744096
		tick 3
		sum 4501 20696096
	EOF
}

@test "simulated processes that the kernel refuses to show are left out, and none that do not exist are added" {
	every_world refused <<-'EOF'
		tick 1
		process 100 40 root 4096 4096
		process 102 100 second 1000 1000
		error 101 refused
		error 999 missing
	EOF
}

@test "a simulated zombie has no memory" {
	every_world zombie <<-'EOF'
		tick 1
		process 100 40 root 4096 4096
		process 101 100 child 2000 2000
		tick 2
		process 100 40 root 4096 4096
		tick 3
		process 100 40 root 4096 4096
	EOF
}

@test "a simulated program that replaces another has a mark of its own" {
	every_world exec <<-'EOF'
		tick 1
		process 100 40 root 8000 8000
		tick 2
		process 100 40 next 1500 1500
	EOF
}

@test "a simulated daemon stays in the tree, and one that was not sampled before is found by its process group" {
	every_world daemon <<-'EOF'
		tick 1
		process 100 40 root 4096 4096
		process 101 100 root 4096 4096
		process 102 101 daemon 3000 3000
		tick 2
		process 100 40 root 4096 4096
		process 102 1 daemon 3000 3000
		tick 4
		process 100 40 root 4096 4096
		process 102 1 daemon 3000 3000
		process 104 1 late 4000 4000
	EOF
}

@test "simulated descendants outlive the root" {
	every_world root-exits <<-'EOF'
		tick 1
		process 100 40 root 4096 4096
		process 101 100 child 2000 2000
		tick 2
		process 101 1 child 2000 2000
		tick 3
	EOF
}

@test "a handle of a simulated process reports its exit, and no signal reaches the next one with its PID" {
	every_world handle <<-'EOF'
		opened 1
		exited 0
		sent 0
		exited 1
		sent -1
		state 0
		opened 0
	EOF
}

# value COLUMN: print the value of the only row of `out`; "-" if it is empty or there is no column.
value() {
	grep -v '^#' out | awk -F'\t' -v name="$1" '$1 == "time" { for (i = 1; i <= NF; i++) at[$i] = i }
		$2 == 100 { print at[name] && $at[name] != "" ? $at[name] : "-" }'
}

@test "a size that a system does not report is empty in its samples" {
	local system column
	for system in linux darwin freebsd; do
		"$build/worlds.$system" columns >out
		is "$(for column in rss_kib hwm_kib vsz_kib threads cpu_ms cmd pss_kib; do value "$column"; done | paste -sd ' ' -)" \
			"4096 5000 16384 3 1230 root --option -"
		is "$(for column in swap_kib phys_footprint_kib footprint_kib read_kib write_kib; do value "$column"; done | paste -sd ' ' -)" \
			"$(case $system in
			linux) echo '300 - 4396 70 80' ;;
			darwin) echo '- 3000 3000 70 80' ;;
			freebsd) echo '- - - - -' ;;
			esac)"
	done
}

@test "the sampler writes the same rows about a simulated tree on each system" {
	local system option
	for system in linux darwin freebsd; do
		for option in '' -p; do
			"$build/worlds.$system" $option sampler 2>err | cut -f 2- | awk '!seen[$0]++' >out
			is "$(tr '\t' ' ' <out)" "sampler
100 40 4096 4096 1 0 root --option root
101 100 6000 6000 1 0 child --option child
101 100 7000 7000 1 0 child --option child
0"
		done
	done
}

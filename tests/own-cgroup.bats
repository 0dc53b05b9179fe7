# SPDX-License-Identifier: MIT
load helper

# Groups below the root of version 2: $unit, in which ./in_unit executes its words, and $scope, to which
# the fake systemd-run moves.

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	started=()
	_need_named
	needs cgroup2
	unit=$(_cgroup2_mount)/mempipe-unit-$$ scope=$(_cgroup2_mount)/mempipe-scope-$$
	mkdir "$unit" "$scope"
	printf '#!/bin/sh\necho $$ >%s/cgroup.procs && exec "$@"\n' "$unit" >in_unit
	chmod +x in_unit
}

teardown() {
	local root group
	[ -n "${unit-}" ] || return 0
	for root in "${started[@]}"; do
		kill -KILL "$root" 2>/dev/null || true
		wait "$root" 2>/dev/null || true
	done
	for group in "$unit" "$scope"; do
		until_true rmdir "$group" 2>/dev/null
	done
}

# fake_systemd_run [GROUP]: make one that moves itself to GROUP, changes the environment as systemd-run
# does and executes the words after `--`. It appends its options to the file `calls`.
fake_systemd_run() {
	mkdir -p fake
	cat >fake/systemd-run <<-EOF
		#!/bin/sh
		while [ "\$1" != -- ]; do printf '%s ' "\$1"; shift; done >>'$PWD/calls'
		echo >>'$PWD/calls'
		shift
		[ -z '$1' ] || echo "\$\$" >'$1/cgroup.procs'
		INVOCATION_ID=0123 exec "\$@"
	EOF
	chmod +x fake/systemd-run
	PATH=$PWD/fake:$PATH
}

# no_systemd_run: let none be found.
no_systemd_run() {
	fake_systemd_run
	printf '#!/bin/sh\nexit 1\n' >fake/systemd-run
}

# crowd: start a process in $unit.
crowd() {
	start ./in_unit sleep 60
	until_true grep -qx "$pid" "$unit/cgroup.procs"
}

group_of_run() { sed -n "s/^#cgroup$tab//p" out; }

@test "the group is below that of memexec, and nothing of it is left" {
	run -0 ./in_unit memexec --to 'memsample -C >out' -g sh -c 'cat /proc/self/cgroup >inside; spike -t 20 24 >peak'
	is "$output" ''
	[[ $(group_of_run) == "$unit"/mempipe-* ]]
	[[ $(sed -n 's/^0:://p' inside) == */mempipe-unit-$$/mempipe-* ]]
	compare "$(sed -n "s/^#cgroup_peak_kib$tab//p" out)" -ge 24576
	is "$(find "$unit" -mindepth 1 -type d)" ''
	is "$(cat "$unit/cgroup.subtree_control")" ''
}

@test "a limit of its group ends the command" {
	echo 60M >"$unit/memory.max"
	[ ! -e "$unit/memory.swap.max" ] || echo 0 >"$unit/memory.swap.max"
	run -137 ./in_unit memexec --to 'memsample -C >out' -g spike 200
	has_line out '^#signal	9$'
	has_line out '^#oom_kills	1$'
	run -0 ./in_unit memexec --to 'memsample -C >out' -g spike 20
}

@test "processes that the command leaves are moved to the group in which memexec was started" {
	run -0 ./in_unit memexec --to 'memsample -C >out' -g sh -c 'sleep 60 >/dev/null 2>&1 & echo $! >left'
	started+=("$(cat left)")
	is "$(cat "$unit/cgroup.procs")" "$(cat left)"
}

@test "-g is refused if other processes are in the group and systemd-run fails" {
	no_systemd_run
	crowd
	run -125 ./in_unit memexec --to 'touch begun' -g touch begun
	is "$output" "memexec: cannot make a control group: $unit: other processes are in this control group"
	[ ! -e begun ]
	is "$(find "$unit" -mindepth 1 -type d)" ''
}

@test "with other processes in the group, memexec restarts through systemd-run, and the command gets all as it was" {
	fake_systemd_run "$scope"
	crowd
	printf 'in\nput\n' >input
	unset INVOCATION_ID
	run -42 ./in_unit memexec -g --to 'memsample -C >out' -- bash -c 'env >environment; cat >copy
		cat /proc/self/cgroup >inside; echo "$1" >word; echo 5 >&5; exit 42' bash '$HOME $$ ${PATH}' <input 5>five
	is "$output" ''
	[[ $(group_of_run) == "$scope"/mempipe-* ]]
	[[ $(sed -n 's/^0:://p' inside) == */mempipe-scope-$$/mempipe-* ]]
	is "$(cat copy)" "$(cat input)"
	is "$(cat word)" '$HOME $$ ${PATH}'
	is "$(cat five)" 5
	is "$(grep -c INVOCATION_ID environment)" 0
	is "$(lines_of calls)" 2
	is "$(tail -n 1 calls)" '--scope --quiet --collect --no-ask-password -p Delegate=yes '
	is "$(find "$unit" "$scope" -mindepth 1 -type d)" ''
}

@test "messages have the name of the script, and a signal reaches the command" {
	fake_systemd_run "$scope"
	crowd
	run -127 ./in_unit memrun -g -o report nosuch-command
	one_line "$output" '^memrun: nosuch-command: No such file or directory$'
	start ./in_unit memrun -g -o report sh -c 'trap "echo got >got; exit 3" TERM; touch ready; while :; do sleep 0.01; done'
	until_true [ -e ready ]
	kill -TERM "$pid"
	local status=0
	wait "$pid" || status=$?
	is "$status" 3
	is "$(cat got)" got
	has_line report '^ *cgroup '
}

@test "wrong options and files fail before systemd-run is called" {
	fake_systemd_run "$scope"
	crowd
	run -125 ./in_unit memrun -g -i 0 true
	run -125 ./in_unit memrun -g -O nosuch/file true
	[ ! -e calls ]
}

@test "a systemd-run that does not move is called once" {
	fake_systemd_run ''
	crowd
	run -125 ./in_unit memexec --to 'touch begun' -g touch begun
	is "$output" "memexec: cannot make a control group: $unit: other processes are in this control group"
	is "$(lines_of calls)" 2 # with true(1) to try it, and with memexec
	[ ! -e begun ]
}

@test "-g is refused if a limit would not hold in the scope" {
	fake_systemd_run "$scope"
	crowd
	echo 500M >"$unit/memory.high"
	run -125 ./in_unit memexec --to 'touch begun' -g touch begun
	is "$output" "memexec: cannot make a control group: $unit: a scope of systemd-run would not have its memory.high"
	[ ! -e begun ]
}

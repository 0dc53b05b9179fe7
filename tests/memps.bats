# SPDX-License-Identifier: MIT
load helper

# nap COUNT: start a shell with COUNT sleeping children; set $pid and $child, its first child.
nap() {
	start sh -c 'i=0; while [ "$i" -lt "$1" ]; do sleep 60.25 & echo $! >>children; i=$((i + 1)); done; wait' sh "$1"
	until_true eval '[ "$(grep -lxs sleep $(sed "s|.*|/proc/&/comm|" children) | wc -l)" -eq '"$1"' ]'
	child=$(head -n 1 children)
}

@test "running processes are printed as a tree" {
	nap 2
	run -0 memps "$pid"
	[[ ${lines[0]} =~ ^\ +RSS\ +PID\ +NAME$ ]]
	[[ ${lines[1]} =~ \ $pid\ \ sh$ ]]
	[[ ${lines[2]} =~ \ $child\ \ \ \ sleep$ ]]
	[[ ${lines[4]} =~ \ 3\ \ processes$ ]]
	is "${#lines[@]}" 5
}

@test "the programs of memps are not printed" {
	cat >watched <<-'EOF'
		memps $$
		: end
	EOF
	for sh in sh bash; do
		run -0 "$sh" watched
		is "${#lines[@]}" 3
		[[ ${lines[1]} =~ \ $sh$ ]]
		[[ ${lines[2]} =~ \ 1\ \ process$ ]]
	done
}

@test "-x leaves out descendants, -P adds the PSS" {
	nap 1
	run -0 memps -x "$pid"
	[[ ${lines[2]} =~ \ 1\ \ process$ ]]
	run -0 memps -P "$pid"
	[[ ${lines[0]} =~ PSS ]]
	run -0 memps -Px -- "$pid"
	[[ ${lines[0]} =~ PSS ]]
	is "${#lines[@]}" 3
}

@test "-N, -m and -c find processes, together with pids" {
	cp "$(command -v sleep)" mempipe-nap
	start ./mempipe-nap 60.5
	local first=$pid
	start ./mempipe-nap 60.5
	until_true eval '[ "$(cat /proc/$first/comm /proc/$pid/comm | sort -u)" = mempipe-nap ]'
	mkdir group
	: >group/cgroup.controllers
	printf '%s\n' "$first" "$pid" >group/cgroup.procs
	for options in '-N mempipe-nap' '--name=mempipe-nap' '-Nmempipe-nap' "-m 'mempipe-nap 60.5'" '-c group' \
		"--cgroup '$PWD/group'" "$first $pid" "-N mempipe-nap $first"; do
		eval "run -0 memps $options"
		is "$(grep -c ' mempipe-nap$' <<<"$output")" 2
		[[ ${lines[3]} =~ \ 2\ \ processes$ ]]
	done
}

@test "without operands, the processes of the user are printed" {
	nap 1
	run -0 memps
	[[ $output =~ \ $pid\ +sh($'\n'|\ ) ]]
	[[ $output =~ \ $child\ +sleep($'\n'|\ ) ]]
	[[ $output != *kthreadd* ]]
	needs user
	start as_user sh -c 'echo $$ >other; exec sleep 60'
	until_true [ -s other ]
	until_true grep -qx sleep "/proc/$(cat other)/comm"
	run -0 as_user memps
	[[ $output =~ \ $(cat other)\ +sleep ]]
	[[ $output != *" $child "* ]]
}

@test "-w prints the tree again and again; a signal ends all of it" {
	nap 1
	local watched=$pid all one
	for signal in TERM INT HUP; do
		start memps -w -P "$watched" >trees
		until_true eval '[ "$(grep -c " processes$" trees)" -ge 2 ]'
		all=$(pstree-pids "$pid")
		kill -s "$signal" "$pid"
		wait "$pid"
		for one in $all; do
			until_true exited "$one"
		done
		compare "$(grep -c '^20.*Z$' trees)" -ge 2
		is "$(grep -c '^  *RSS  *PSS  *PID  NAME$' trees)" "$(grep -c '^20.*Z$' trees)"
	done
}

@test "-w ends when the processes have exited" {
	start sleep 60
	local watched=$pid
	start timeout $patience memps -w "$watched" >trees
	until_true grep -q sleep trees
	kill "$watched"
	wait "$pid"
}

@test "a process that does not exist gives 1, wrong usage 2" {
	run -1 memps 4194305
	one_line "$output" '^pstree-pids: 4194305: '
	run -1 memps -N nosuch-name
	one_line "$output" '^pstree-pids: .*nosuch-name'
	for bad in -Z -N -c '--name=' '--pss=x' 1x '-c nosuch'; do
		run -2 memps $bad
	done
	for bad in -Z -N -c '--name='; do
		run -2 memps $bad
		[[ ${lines[-1]} == 'usage: memps '* ]]
	done
	run -2 memps "$pid" -w
}

@test "--check reads nothing, --help and --version are printed" {
	run -0 memps --check "$$"
	is "$output" ''
	run -2 memps --check -Z
	run -0 memps --help
	is "$output" "$(memps -h)"
	run -0 memps --version
	one_line "$output" '^memps \(mempipe\) [0-9]+\.[0-9]+\.[0-9]+$'
}

@test "an output that cannot be written fails" {
	run -2 sh -c "memps $$ >/dev/full"
	one_line "$output" 'No space left on device$'
}

@test "it works through a link and in any sh" {
	ln -s "$build/memps" link
	run -0 ./link -x "$$"
	for sh in dash bash 'busybox sh'; do
		command -v "${sh%% *}" >/dev/null || continue
		run -0 $sh "$build/memps" -x "$$"
		is "${#lines[@]}" 3
	done
}

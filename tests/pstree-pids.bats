# SPDX-License-Identifier: MIT
load helper

# A tree: a shell, its child shell, and that one's two sleepers.
plant() {
	start sh -c 'sh -c "sleep 60 & sleep 60 & : >planted; wait" & wait'
	until_true [ -e planted ]
}

@test "a process and its descendants are listed once each, parents first" {
	plant
	pstree-pids -l "$pid" >out
	is "$(head -n 1 out)" "pid${tab}ppid${tab}depth${tab}comm"
	is "$(tail -n +2 out | cut -f3,4 | tr '\t\n' ' ;')" "0 sh;1 sh;2 sleep;2 sleep;"
	is "$(cut -f1 out | sort | uniq -d)" ""
	awk -F'\t' 'NR > 2 && !($2 in seen) { exit 1 } { seen[$1] }' out
}

@test "without -l, only PIDs are listed, and a root given twice is listed once" {
	plant
	is "$(pstree-pids "$pid" "$pid" | wc -l)" 4
	pstree-pids "$pid" | grep -qvx '[0-9]*' && return 1
	is "$(pstree-pids -x "$pid")" "$pid"
}

@test "PIDs are read from standard input, and # lines are copied" {
	plant
	printf '#key\tvalue\n  %s rest of it\n' "$pid" | pstree-pids >out
	is "$(head -n 1 out)" "#key${tab}value"
	is "$(lines_of out)" 5
}

@test "-n finds processes by their exact name" {
	cp "$(command -v sleep)" mempipe-nap
	start ./mempipe-nap 60
	until_true eval '[ "$(cat /proc/$pid/comm)" = mempipe-nap ]'
	is "$(pstree-pids -n mempipe-nap)" "$pid"
	run -1 pstree-pids -n mempipe-na
	one_line "$output" '^pstree-pids: mempipe-na: no process of this name$'
}

@test "with -I, what does not exist is no error, and nothing is printed about it" {
	start sleep 60
	for missing in '-n mempipe-na' '-m mempipe-na-na' '999999999' '-x 999999999'; do
		is "$(pstree-pids -I $missing 2>&1)" ''
		is "$(pstree-pids -I -l $missing 2>&1 | grep -v '^pid')" ''
	done
	is "$(pstree-pids -I -n mempipe-na "$pid" 2>&1)" "$pid"
	is "$(pstree-pids -I </dev/null 2>&1)" ''
	run -2 pstree-pids -I <<<rubbish
	one_line "$output" "line 1: 'rubbish': invalid process ID$"
}

@test "with -I, the control group of a service may be missing" {
	needs cgroupfs
	is "$(pstree-pids -I -c system.slice/mempipe-na.service 2>&1)" ''
	run -2 pstree-pids -c system.slice/mempipe-na.service
	one_line "$output" ': control group not found$'
}

@test "a child of a thread that is not the main one is found" {
	start python3 -c 'import subprocess, threading
threading.Thread(target=lambda: subprocess.run(["sleep", "60"])).start()'
	until_true eval '[ "$(pstree-pids -l "$pid" | grep -c sleep)" -eq 1 ]'
}

@test "pstree-pids does not list itself" {
	start sleep 60
	pstree-pids -l $$ | grep -q pstree-pids && return 1
	pstree-pids $$ | grep -qx "$pid"
}

@test "a command name of any bytes cannot forge a line" {
	cp "$(command -v sleep)" $'a\tb\n1\\\e[31m'
	start ./$'a\tb\n1\\\e[31m' 60
	until_true eval '[ "$(pstree-pids -l "$pid" | tail -n 1 | cut -f4)" = "a\\tb\\n1\\\\\\x1B[31m" ]'
}

@test "a missing PID is reported in one line, with status 1, and the others are listed" {
	start sleep 60
	run -1 --separate-stderr pstree-pids 4194305 "$pid"
	one_line "$stderr" '^pstree-pids: 4194305: No such process$'
	is "$output" "$pid"
}

@test "an invalid PID is reported in one line, with status 2" {
	for bad in 12x -- '' 0 -5 99999999999 18446744073709551617 1.5; do
		[ "$bad" != -- ] || continue
		run -2 pstree-pids -- "$bad"
		one_line "$output" '^pstree-pids: .*: (invalid process ID|process ID out of range)$'
	done
	run -2 pstree-pids <<<$'\x7fELF\x01\x00garbage'
	one_line "$output" "^pstree-pids: standard input: line 1: '.*': invalid process ID$"
	run -1 pstree-pids </dev/null
	one_line "$output" '^pstree-pids: standard input: no process IDs$'
}

@test "an invalid option, a full disk and a closed standard output are reported" {
	run -2 pstree-pids -z
	[[ $output == *"usage: pstree-pids"* ]]
	run -2 sh -c 'pstree-pids 1 >/dev/full'
	one_line "$output" '^pstree-pids: standard output: No space left on device$'
	run -2 sh -c 'pstree-pids 1 >&-'
	one_line "$output" '^pstree-pids: standard output: Bad file descriptor$'
}

@test "-m finds processes by a part of their command line, except its own ancestors" {
	start sleep 61.0625
	until_true eval '[ "$(cat /proc/$pid/comm)" = sleep ]'
	is "$(pstree-pids -m 'eep 61.06')" "$pid"
	is "$(sh -c 'pstree-pids --match "sleep 61.0625"; :')" "$pid"
	run -1 pstree-pids -m 'sleep 61.0626'
	one_line "$output" '^pstree-pids: sleep 61.0626: no process with this in its command line$'
}

@test "-c lists a control group and the groups below it" {
	mkdir -p group/below
	start sleep 61
	one=$pid
	start sleep 61
	echo "$one" >group/cgroup.procs
	echo "$pid" >group/below/cgroup.procs
	is "$(pstree-pids -c "$PWD/group" | sort | tr '\n' ' ')" "$(printf '%s\n' "$one" "$pid" | sort | tr '\n' ' ')"
	is "$(pstree-pids --cgroup=group/below)" "$pid"
	: >group/below/cgroup.procs
	run -1 pstree-pids -c group/below
	one_line "$output" '^pstree-pids: group/below: no process in this control group$'
	needs cgroupfs
	run -2 pstree-pids -c no/such/group
	one_line "$output" '^pstree-pids: no/such/group: control group not found$'
}

@test "a real control group contains this process" {
	own=$(sed -n 's/^[0-9]*:memory://p' /proc/self/cgroup)
	[ -n "$own" ] || own=$(sed -n 's/^0:://p' /proc/self/cgroup)
	pstree-pids -c "$own" -x >listed 2>/dev/null || skip "no control group counts memory here"
	grep -qx "$$" listed
}

@test "a zombie is not found" {
	mkfifo go
	start sh -c '(: <go) & echo "$!" >zombie; exec sleep 60'
	until_true grep -qx sleep "/proc/$pid/comm" # it reaps no process now
	: >go
	until_true grep -q '^State:.*Z' "/proc/$(cat zombie)/status"
	run -1 pstree-pids "$(cat zombie)"
	is "$output" "pstree-pids: $(cat zombie): No such process"
}

@test "--check validates options and operands, and lists nothing" {
	is "$(pstree-pids --check -lx -n none -c none $$ </dev/null)" ''
	run -2 pstree-pids --check none
	one_line "$output" '^pstree-pids: none: invalid process ID$'
}

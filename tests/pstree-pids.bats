load helper

# A tree: a shell, its child shell, and that one's two sleepers.
plant() {
	start sh -c 'sh -c "sleep 60 & sleep 60 & touch planted; wait" & wait'
	until_true [ -e planted ]
}

@test "a process and all its descendants are listed, each once, parents first" {
	plant
	pstree-pids -l "$pid" >out
	[ "$(head -n 1 out)" = "pid${tab}ppid${tab}depth${tab}comm" ]
	[ "$(tail -n +2 out | cut -f3,4 | tr '\t\n' ' ;')" = "0 sh;1 sh;2 sleep;2 sleep;" ]
	[ "$(cut -f1 out | sort | uniq -d)" = "" ]
	awk -F'\t' 'NR > 2 && !($2 in seen) { exit 1 } { seen[$1] }' out
}

@test "without -l there are PIDs only, and twice the same root is once" {
	plant
	[ "$(pstree-pids "$pid" "$pid" | wc -l)" -eq 4 ]
	pstree-pids "$pid" | grep -qvx '[0-9]*' && return 1
	[ "$(pstree-pids -x "$pid")" = "$pid" ]
}

@test "PIDs are read from stdin, with the rest of the line and # lines passed on" {
	plant
	printf '#key\tvalue\n  %s rest of it\n' "$pid" | pstree-pids >out
	[ "$(head -n 1 out)" = "#key${tab}value" ]
	[ "$(lines_of out)" -eq 5 ]
}

@test "-n finds processes by their exact name" {
	cp "$(command -v sleep)" mempipe-nap
	start ./mempipe-nap 60
	until_true eval '[ "$(cat /proc/$pid/comm)" = mempipe-nap ]'
	[ "$(pstree-pids -n mempipe-nap)" = "$pid" ]
	run -1 pstree-pids -n mempipe-na
	one_line "$output" '^pstree-pids: mempipe-na: no process of this name$'
}

@test "a child of a thread that is not the main one is found" {
	start python3 -c 'import subprocess, threading
threading.Thread(target=lambda: subprocess.run(["sleep", "60"])).start()'
	until_true eval '[ "$(pstree-pids -l "$pid" | grep -c sleep)" -eq 1 ]'
}

@test "it doesn't list itself" {
	start sleep 60
	pstree-pids -l $$ | grep -q pstree-pids && return 1
	pstree-pids $$ | grep -qx "$pid"
}

@test "a hostile name forges no line" {
	cp "$(command -v sleep)" $'a\tb\n1\\\e[31m'
	start ./$'a\tb\n1\\\e[31m' 60
	until_true eval '[ "$(pstree-pids -l "$pid" | tail -n 1 | cut -f4)" = "a\\tb\\n1\\\\\\x1B[31m" ]'
}

@test "a PID that isn't there is told in one line, with 1, and the others are listed" {
	start sleep 60
	run -1 --separate-stderr pstree-pids 4194305 "$pid"
	one_line "$stderr" '^pstree-pids: 4194305: No such process$'
	[ "$output" = "$pid" ]
}

@test "what is no PID is told in one line, with 2" {
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

@test "a bad option, a full disk and a closed stdout are told" {
	run -2 pstree-pids -z
	[[ $output == *"usage: pstree-pids"* ]]
	run -2 sh -c 'pstree-pids 1 >/dev/full'
	one_line "$output" '^pstree-pids: standard output: No space left on device$'
	run -2 sh -c 'pstree-pids 1 >&-'
	one_line "$output" '^pstree-pids: standard output: Bad file descriptor$'
}

@test "-m finds processes by a part of their command line, but not who looks for it" {
	start sleep 61.0625
	until_true eval '[ "$(cat /proc/$pid/comm)" = sleep ]'
	[ "$(pstree-pids -m 'eep 61.06')" = "$pid" ]
	[ "$(sh -c 'pstree-pids --match "sleep 61.0625"; :')" = "$pid" ]
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
	[ "$(pstree-pids -c "$PWD/group" | sort | tr '\n' ' ')" = "$(printf '%s\n' "$one" "$pid" | sort | tr '\n' ' ')" ]
	[ "$(pstree-pids --cgroup=group/below)" = "$pid" ]
	: >group/below/cgroup.procs
	run -1 pstree-pids -c group/below
	one_line "$output" '^pstree-pids: group/below: no process in this control group$'
	run -2 pstree-pids -c no/such/group
	one_line "$output" '^pstree-pids: no/such/group: control group not found$'
}

@test "a real control group has the processes that the kernel says" {
	own=$(sed -n 's/^[0-9]*:memory://p' /proc/self/cgroup)
	[ -n "$own" ] || own=$(sed -n 's/^0:://p' /proc/self/cgroup)
	pstree-pids -c "$own" -x >listed 2>/dev/null || skip "no control group counts memory here"
	grep -qx "$$" listed
}

@test "a zombie is no process; it is not said to be hidden" {
	mkfifo go
	start sh -c '(: <go) & echo "$!" >zombie; exec sleep 60'
	until_true grep -qx sleep "/proc/$pid/comm" # it reaps nobody now
	: >go
	until_true grep -q '^State:.*Z' "/proc/$(cat zombie)/status"
	run -1 pstree-pids "$(cat zombie)"
	[ "$output" = "pstree-pids: $(cat zombie): No such process" ]
}

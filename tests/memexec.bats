# SPDX-License-Identifier: MIT
load helper

@test "memexec exits with the command's exit status" {
	for status in 0 1 3 126 255; do
		run -"$status" memexec --to 'memsample -C >/dev/null' -- sh -c "exit $status"
	done
}

@test "a shell sees 128+N if signal N ended the command" {
	for signal in TERM:143 KILL:137 SEGV:139 INT:130; do
		run -"${signal#*:}" memexec --to 'memsample -C >/dev/null' -- sh -c "ulimit -c 0; kill -${signal%:*} \$\$"
	done
}

@test "the signal that ended the command ends memexec" {
	run -0 python3 -c 'import subprocess, sys
p = subprocess.run(["memexec", "--to", "memsample -C >/dev/null", "sh", "-c", "kill -TERM $$"])
sys.exit(0 if p.returncode == -15 else 1)'
}

@test "a missing command is an error in one line, status 127, and there is no report" {
	run -127 memexec --to 'memsample -C | mempeak | memfmt' -- ./nosuch
	one_line "$output" '^memexec: \./nosuch: No such file or directory$'
}

@test "a command that cannot be executed is an error in one line, status 126" {
	echo hello >plain
	run -126 memexec --to 'memsample -C | mempeak | memfmt' -- ./plain
	one_line "$output" '^memexec: \./plain: Permission denied$'
	mkdir dir
	run -126 memexec --to 'memsample -C | mempeak | memfmt' -- ./dir
	one_line "$output" '^memexec: \./dir: Permission denied$'
	printf '#!/nosuch/interpreter\n' >script
	chmod +x script
	run -127 memexec --to 'memsample -C | mempeak | memfmt' -- ./script
	one_line "$output" '^memexec: \./script: No such file or directory$'
}

@test "invalid options and operands are errors, status 125, and nothing is started" {
	run -125 memexec touch started
	run -125 memexec --to
	run -125 memexec --to true
	run -125 memexec --bad --to 'memsample -C' touch started
	run -125 memexec -p --to true 12x
	one_line "$output" '^memexec: 12x: invalid process ID$'
	[ ! -e started ]
}

@test "the pipeline reads the PID, the reaper, the start and the end" {
	memexec --to 'memsample -C >out' -- sh -c 'echo $$ >pid; exit 7' || [ $? -eq 7 ]
	has_line out "^#command${tab}sh -c 'echo \$\$ >pid; exit 7'$"
	has_line out "^#reaper${tab}[0-9]*$"
	has_line out "^#started${tab}[0-9]*\.[0-9]\{6\}$"
	has_line out "^#exit_code${tab}7$"
	has_line out "^#maxrss_kib${tab}[0-9]*$"
	has_line out "^#end${tab}[0-9]*\.[0-9]\{6\}$"
	is "$(rows out | cut -f2 | sort -u | head -n 1)" "$(cat pid)"
}

@test "a shell can read the reported command line" {
	memexec --to 'memsample -C >out' -- printf '%s|' "it's" 'a b' '' $'tab\there' plain >/dev/null
	sed -n "s/^#command$tab//p" out | sed 's/\\t/\t/; s/\\\\/\\/g' >line
	is "$(sh ./line)" "$(printf '%s|' "it's" 'a b' '' $'tab\there' plain)"
}

@test "a command line longer than a pipe is cut and does not block" {
	memexec --to 'memsample -C >out' -- true $(seq 20000)
	has_line out '^#exit_code'
	grep '^#command' out | grep -q '\.\.\.$'
}

@test "the command starts after two seconds if no sampler continues it" {
	run -5 memexec --to 'cat >pids' -- sh -c 'exit 5'
	[[ $output == *"no sampler came within 2 s: the command runs unmeasured"* ]]
	has_line pids "^#exit_code${tab}5$"
}

@test "the command starts at once if the pipeline fails to start" {
	run -5 memexec --to 'exit 3' -- sh -c 'exit 5'
	one_line "$output" 'the sampler ended before the start: the command runs unmeasured$'
	run -5 memexec --to '/nosuch/memsample' -- sh -c 'exit 5'
}

@test "the command continues after the sampler was killed" {
	cat >command <<-'EOF'
		touch running
		until [ -e go ]; do sleep 0.02; done
		echo done
		exit 4
	EOF
	start memexec --to 'echo $$ >shell; memsample -C -i 10 >out' -- sh command >printed 2>warned
	until_true [ -e running ]
	until_true has_line out '^[0-9]'
	for p in $(pstree-pids -x -n memsample); do
		[ "$(ps -o ppid= -p "$p" | tr -d ' ')" = "$(cat shell)" ] && kill -KILL "$p"
	done
	until_true exited "$(cat shell)"
	touch go
	wait "$pid" || [ $? -eq 4 ]
	is "$(cat printed)" done
	has_line warned 'the measuring ended before the command did'
}

# Print a script that shows what a command sees of itself, except what differs between runs.
see() {
	cat <<-'EOF'
		umask
		grep -E '^(Sig(Ign|Blk|Cgt)|NoNewPrivs|Seccomp|Cpus_allowed|FDSize):' /proc/self/status
		cat /proc/self/limits
		ls -l /proc/$$/fd >fds
		awk '{ print $9, $10, $11 }' fds | grep -v see
		env | sort
		pwd
		nice
	EOF
}

@test "the command sees the same limits, signals, descriptors and environment" {
	see >see
	( trap '' USR1 HUP; exec 7</dev/null 9>/dev/null; ulimit -c 0; env -u OLDPWD dash see </dev/null >plain 2>/dev/null ) 
	( trap '' USR1 HUP; exec 7</dev/null 9>/dev/null; ulimit -c 0; env -u OLDPWD memexec --to 'memsample -C >/dev/null' dash see </dev/null >measured 2>/dev/null )
	sed -i -e 's/plain/X/' plain
	sed -i -e 's/measured/X/' measured
	diff plain measured
}

@test "the command has the stdin and stdout of memexec" {
	is "$(printf 'a\nb\n' | memexec --to 'memsample -C >/dev/null' -- sed s/^/x/)" $'xa\nxb'
}

@test "a reader of the command's output sees its end when the command closes it" {
	cat >command <<-'EOF'
		echo hello
		exec >&-
		until [ -e read ]; do sleep 0.02; done
	EOF
	memexec --to 'exec >out; memsample -C' -- sh command | { cat >got; touch read; }
	is "$(cat got)" hello
}

@test "every signal sent to memexec reaches the command" {
	cat >command <<-'EOF'
		trap 'echo usr1 >>got' USR1
		trap 'echo term >>got; exit 9' TERM
		touch ready
		while :; do sleep 0.02; done
	EOF
	start memexec --to 'memsample -C >out' -- sh command
	until_true [ -e ready ]
	kill -USR1 "$pid"
	until_true has_line got usr1
	kill -USR1 "$pid"
	until_true eval '[ "$(lines_of got)" -eq 2 ]'
	kill -TERM "$pid"
	local status=0
	wait "$pid" || status=$?
	is "$status" 9
	is "$(cat got)" $'usr1\nusr1\nterm'
	has_line out "^#exit_code${tab}9$"
}

@test "an ignored SIGCHLD does no harm, and the command inherits it" {
	run -6 python3 -c 'import signal, os
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
os.execvp("memexec", ["memexec", "--to", "memsample -C >out", "sh", "-c",
    "exit 6"])'
	python3 -c 'import signal, os
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
os.execvp("memexec", ["memexec", "--to", "memsample -C >out", "grep", "SigIgn", "/proc/self/status"])' >ign
	mask=$(awk '{ print $2 }' ign)
	compare $((0x$mask & 0x10000)) -ne 0
}

@test "memexec stops when the command stops, and continues it when continued" {
	cat >command <<-'EOF'
		kill -TSTP $$
		exit 8
	EOF
	# A process group of its own, with a parent outside: a shell's job.
	start python3 -c 'import os, sys, subprocess
p = subprocess.Popen(["memexec", "--to", "memsample -C >out", "sh", "command"], preexec_fn=os.setpgrp)
open("job", "w").write(str(p.pid))
sys.exit(p.wait())'
	until_true [ -s job ]
	local python=$pid
	pid=$(cat job)
	until_true eval '[ "$(ps -o stat= -p "$pid" | cut -c1)" = T ]'
	kill -CONT "$pid"
	local status=0
	wait "$python" || status=$?
	is "$status" 8
}

@test "memexec does not stop when another process stops and continues the command" {
	cat >command <<-'EOF'
		(sleep 0.2; kill -CONT $$) &
		kill -STOP $$
		exit 8
	EOF
	run -8 timeout $patience memexec --to 'memsample -C >out' -- sh command
}

@test "the command runs with any of stdin, stdout and stderr closed" {
	for closed in '<&-' '>&-' '2>&-' '<&- >&-' '<&- 2>&-' '>&- 2>&-' '<&- >&- 2>&-'; do
		run -3 timeout $patience sh -c "memexec --to 'memsample -C >out' sh -c 'exit 3' $closed"
		has_line out "^#exit_code${tab}3$"
	done
}

@test "memexec keeps no descriptor open that the command closes" {
	run -0 timeout $patience python3 -c 'import os, subprocess
r, w = os.pipe()
p = subprocess.Popen(["memexec", "--to", "memsample -C >out", "sh", "-c",
    "exec %d>&-; until [ -e read ]; do sleep 0.02; done" % w], pass_fds=[w])
os.close(w)
assert os.read(r, 1) == b""
open("read", "w").close()
assert p.wait() == 0'
}

@test "children that memexec has at its start are not measured" {
	run -0 bash -c 'sleep 2 >/dev/null 2>&1 3>&- & sleep 0.05; exec memexec --to "memsample -C >out" sh -c "sleep 0.2"'
	[[ $(rows out | cut -f7 | sort -u | tr '\n' ' ') =~ ^(sh\ )?sleep\ $ ]]
	is "$(rows out | awk -F'\t' '{ n[$1]++ } END { for (t in n) if (n[t] > 2) print }' | wc -l)" 0
}

@test "an orphan of the command stays in the tree" {
	cat >command <<-'EOF'
		(spike -t 600 24 >peak &)
		until [ -s peak ]; do sleep 0.02; done
	EOF
	memexec --to 'memsample -C -i 10 >out' -- sh command
	compare "$(rows out | awk -F'\t' '$7 == "spike" && $4 > 24 * 1024' | wc -l)" -gt 0
	mempeak out >peaks
	compare "$(peak_of process spike rss_kib peaks)" -ge 24576
}

@test "with -p, the pipeline reads the PIDs and ends when the processes exit" {
	start sleep 60
	local target=$pid
	start memexec --to 'memsample -i 20 >out' -p "$target"
	until_true has_line out '^[0-9]'
	kill "$target"
	wait "$pid"
	has_line out '^#all_given$'
	has_line out "^[0-9.]*$tab$target$tab"
}

@test "with -p, a signal ends the measuring and the report is complete" {
	start sleep 60
	local target=$pid
	for signal in TERM INT HUP; do
		rm -f out
		start env -u X memexec --to 'memsample -i 20 >out' -p "$target"
		until_true has_line out '^[0-9]'
		kill -"$signal" "$pid"
		wait "$pid"
		has_line out "^#end$tab"
		has_line out "^#running${tab}1$"
	done
}

@test "-O and -E write the command's output to files, but not that of the pipeline" {
	run -0 memexec --to 'memsample -C >out; echo pipeline >&2' -O o -E e sh -c 'echo to out; echo to err >&2'
	is "$(cat o)" 'to out'
	is "$(cat e)" 'to err'
	is "$output" pipeline
	memexec --to 'memsample -C >out' --stdout=both --stderr=both sh -c 'echo 1; echo 2 >&2; echo 3'
	is "$(tr '\n' ' ' <both)" '1 2 3 '
}

@test "an output file that cannot be written is an error, and nothing is started" {
	run -125 memexec --to 'touch begun' -O no/such/file touch begun
	one_line "$output" '^memexec: no/such/file: No such file or directory$'
	[ ! -e begun ]
}

@test "-A waits for processes that outlive the command, and measures them" {
	memexec --to 'memsample -C -i 10 >out' -A sh -c '(sleep 0.2; spike -t 50 24 >peak) & exit 5' || [ $? -eq 5 ]
	[ -s peak ]
	[ "$(tail -n 1 out | cut -f1)" = '#end' ] || has_line out '^#bound_kib'
	has_line out '^#exit_code	5$'
	compare "$(rows out | awk -F'\t' '$7 == "spike" && $4 > 24 * 1024' | wc -l)" -gt 0
	run ! has_line out '^#running'
}

@test "with -A, a signal ends the wait after the command has exited" {
	start memexec --to 'memsample -C -i 10 >out' -A sh -c 'sleep 60 & echo $! >left'
	until_true [ -s left ]
	until_true eval '[ "$(cut -d" " -f4 /proc/$(cat left)/stat)" = "$pid" ]'
	kill -TERM "$pid"
	wait "$pid"
	started+=("$(cat left)")
	kill -0 "$(cat left)"
	has_line out '^#running	1$'
}

@test "memexec exits with 10 or 11 if a stage does, whatever the command's exit status is" {
	for limit in 10 11; do
		run -$limit memexec --to "memsample -C >out; exit $limit" sh -c 'exit 3'
	done
}

@test "memexec waits for the stages that a shell has left in the background" {
	run -0 memexec --to 'exec 3<&0; { memsample -C <&3 >out; sleep 0.3; : >end; } 3<&- &' -- true
	[ -e end ]
}

@test "the exit status of a stage in the background counts" {
	run -10 memexec --to 'exec 3<&0; { cat <&3 >out; exit 10; } 3<&- &' -- true
}

@test "-g runs the command in a new control group, reports the kernel's peak and removes the group" {
	memexec --to 'memsample -C >out' -g spike -t 20 24 >peak 2>err ||
		skip "no control group can be made here: $(cat err)"
	group=$(sed -n 's/^#cgroup	//p' out)
	[ -n "$group" ]
	[ ! -e "$group" ]
	compare "$(sed -n 's/^#cgroup_peak_kib	//p' out)" -ge 24576
	run -0 memexec --to 'memsample -C >out' -g sh -c 'sleep 60 >/dev/null 2>&1 & echo $! >left; cat /proc/self/cgroup >inside'
	started+=("$(cat left)")
	kill -0 "$(cat left)"
	grep -q "/mempipe-[0-9]*$" inside
	[ ! -e "$(sed -n 's/^#cgroup	//p' out)" ]
}

@test "a control group that cannot be made is an error, and nothing is started" {
	command -v setpriv >/dev/null && [ "$(id -u)" -eq 0 ] || skip "needs root and setpriv"
	chmod 777 .
	run -125 setpriv --reuid=65534 --clear-groups memexec --to 'touch begun' -g touch begun
	one_line "$output" '^memexec: cannot make a control group: '
	[ ! -e begun ]
}

@test "--fill prints a text with the host and the rank, which must be known" {
	is "$(SLURMD_NODENAME=n1 PMI_RANK=3 memexec --fill 'a{host}.{rank}{rank}.{x}{')" 'an1.33.{x}{'
	is "$(env -u SLURMD_NODENAME memexec --fill '{host}')" "$(uname -n)"
	# An MPI launcher that Slurm has started counts more than Slurm, and a text is no rank.
	is "$(SLURM_PROCID=0 OMPI_COMM_WORLD_RANK=2 PMI_RANK=1 memexec --fill '{rank}')" 2
	is "$(SLURM_PROCID=0 PMI_RANK=../x memexec --fill '{rank}')" 0
	run -125 env -u OMPI_COMM_WORLD_RANK -u PMIX_RANK -u PMI_RANK -u SLURM_PROCID memexec --fill 'r.{rank}'
	is "$output" 'memexec: r.{rank}: not a rank of a Slurm or MPI job'
	run -0 memexec --check --fill '{rank}'
	run -125 memexec --fill a b
	run -125 bash -c 'memexec --fill a >/dev/full'
	is "$output" 'memexec: standard output: No space left on device'
}

@test "--resume restores the arguments, the name and the environment" {
	printf '%s\0' /nosuch memrun 8 memexec --to 'memsample -C >out' -- sh -c 'env >environment; echo "$0" >word; exit 42' \
		'$HOME' A=1 'B=two words' "PATH=$PATH" >start
	run -42 memexec --resume 3 3<start
	is "$output" ''
	is "$(grep -c . environment)" "$(grep -cE '^(A=1|B=two words|PATH=.*|PWD=.*|SHLVL=.*|_=.*|OLDPWD.*)$' environment)"
	has_line environment '^B=two words$'
	is "$(cat word)" '$HOME'
	printf '%s\0' /nosuch memrun 5 memexec --to 'memsample -C >out' -- nosuch-command "PATH=$PATH" >start
	run -127 memexec --resume 3 3<start
	is "$output" 'memrun: nosuch-command: No such file or directory'
}

@test "--resume fails with one line if its descriptor is none of -g" {
	printf 'group\0name\0009\0a\0' >short
	for bad in x 99 '0 </dev/null' '3 3<short'; do
		eval "run -125 memexec --resume $bad"
		one_line "$output" '^memexec: --resume: '
	done
	run -125 memexec --resume 3 true
	run -0 memexec --check --resume 3
}

@test "with -p, -c reports the control group to the pipeline" {
	mkdir group
	start sleep 60
	echo "$pid" >group/cgroup.procs
	: >group/cgroup.controllers
	memexec --to 'cat >out' -c group -p "$pid" &
	memexec=$!
	until_true has_line out '^#all_given'
	kill -TERM "$memexec"
	wait "$memexec"
	has_line out '^#cgroup	group$'
	needs cgroupfs
	run -125 memexec --to cat -c nosuch -p "$$"
	one_line "$output" '^memexec: -c: nosuch: control group not found$'
}

# script TEXT: an executable script that memexec interprets, as ./script.
script() {
	printf '#!%s/memexec -s\n%s\n' "$programs_link" "$1" >script
	chmod +x script
}

@test "-s runs a script, and memexec becomes the words that the script passes to become" {
	script 'become memexec --to "memsample -C | mempeak | memfmt -f bytes >report" -- "$@"'
	run -7 ./script sh -c 'echo "$1"; exit 7' sh 'a b'
	is "$output" 'a b'
	compare "$(cat report)" -gt 100000
	run -143 ./script sh -c 'kill $$'
	run -127 ./script ./nosuch
	is "$output" 'script: ./nosuch: No such file or directory'
	run -125 ./script
	is "${lines[0]}" 'script: missing command'
	script 'become memexec -s ./script'
	run -125 ./script
	is "$output" 'script: -s: not allowed in a script'
}

@test "-s executes words that are not a memexec command, any bytes and any number of them" {
	script 'become "$@"'
	words=$(printf "$(printf '\\x%02x' {1..255})")
	run -0 ./script printf '%s|' "$words" '' -x '*' $'\n'
	is "$output" "$words||-x|*|"$'\n|'
	is "$(./script sh -c 'echo $#' sh $(seq 100000))" 100000
	run -127 ./script ./nosuch
	is "$output" 'script: ./nosuch: No such file or directory'
}

@test "a script that does not call become ends memexec with its exit status" {
	for status in 0 1 3 125; do
		script "exit $status"
		run -"$status" ./script
	done
	script 'kill -KILL $$'
	run -125 ./script
	is "$output" 'script: /bin/sh: Killed'
}

@test "a failure of the script's shell is a failure of memexec, not status 2" {
	script 'set -u; echo "$nosuch"; become true'
	run -125 ./script
	script 'if'
	run -125 ./script
}

@test "a script that is missing, a directory or a FIFO is an error in one line" {
	mkfifo fifo
	run -125 timeout 10 memexec -s fifo
	is "$output" 'memexec: fifo: not a regular file'
	run -125 memexec -s nosuch
	is "$output" 'memexec: nosuch: No such file or directory'
	run -125 memexec -s .
	is "$output" 'memexec: .: not a regular file'
	: >script
	run -125 memexec --to true -s script
	is "$output" 'memexec: -s: not allowed with --to or -p'
}

@test "a script without a slash in its name is found in the working directory" {
	echo 'exit 5' >true
	run -5 memexec -s true
}

@test "scripts and pipelines find the stages beside memexec, through links too; the command's PATH is unchanged" {
	mkdir elsewhere
	ln -s "$build/memexec" elsewhere/linked
	script 'command -v memsample >found; become "$0.memexec" --to "command -v mempeak >>found; memsample -C >/dev/null" -- "$@"'
	sed -i "1s,.*,#!$PWD/elsewhere/linked -s," script
	sed -i 's,"$0.memexec",memexec,' script
	is "$(PATH=/usr/bin:/bin ./script sh -c 'echo "$PATH"')" /usr/bin:/bin
	is "$(cat found)" "$build/memsample"$'\n'"$build/mempeak"
	run -0 env -i "$PWD/script" /usr/bin/env
	is "$output" ''
	is "$(tail -n 1 found)" "$build/mempeak"
}

@test "--check validates the options and operands, and starts nothing" {
	run -0 memexec --check --to 'touch begun' -O out touch begun
	run -0 memexec --check -s "$top/tests/run"
	is "$output" ''
	run -125 memexec --check --to 'touch begun' -p 12x
	run -125 memexec --check --to 'touch begun' -g -p 1
	is "$output" 'memexec: -g: not allowed with -p'
	run -125 memexec --check --to 'touch begun' -c group true
	is "$output" 'memexec: -c: not allowed without -p'
	run -125 memexec --check --to 'touch begun' -O nosuch/file touch begun
	is "$output" 'memexec: nosuch/file: No such file or directory'
	run -125 memexec --check --to 'touch begun' -E . touch begun
	is "$output" 'memexec: .: Is a directory'
	run -125 memexec --check --to 'touch begun' -c nosuch -p 1
	[[ ! -e begun && ! -e out ]]
	echo kept >out
	run -0 memexec --check --to 'touch begun' -O out -E out touch begun
	is "$(cat out)" kept
}

@test "--check validates the files that an ordinary user may not write" {
	needs user
	mkdir folder
	touch file
	run -125 as_user memexec --check --to : -O folder/file true
	is "$output" 'memexec: folder/file: Permission denied'
	run -125 as_user memexec --check --to : -E file true
	is "$output" 'memexec: file: Permission denied'
}

@test "-O keeps what its file holds if -E names an invalid file" {
	echo kept >out
	run -125 memexec --to : -O out -E nosuch/file true
	is "$output" 'memexec: nosuch/file: No such file or directory'
	is "$(cat out)" kept
}

@test "--silent discards the command's output, and no other" {
	run -0 memexec --to 'memsample -C >out; echo pipeline' --silent sh -c 'echo out; echo err >&2'
	is "$output" pipeline
}

@test "scripts and pipelines find the stages in a folder with a colon in its name, where PATH cannot name it" {
	mkdir 'a:b c'
	cp "$build"/memexec "$build"/memsample "$build"/mempeak 'a:b c'
	echo 'memsample --help >help; become memexec --to "memsample -C >out; mempeak out >peaks" -- "$@"' >script
	run -0 env -i 'a:b c/memexec' -s script /usr/bin/env
	is "$output" ''
	grep -q '^usage: memsample' help
	grep -q '^total' peaks
}

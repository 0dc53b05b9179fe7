# SPDX-License-Identifier: MIT
load helper

# fault CALL:ERROR[:when=N] [OPTION OF STRACE...] PROGRAM...: run the program and let CALL fail.
fault() {
	timeout $patience strace -qq -o log -e "inject=${1/:/:error=}" "${@:2}"
}

@test "a fault in any system call ends in a correct result, a clear error or a stated gap" {
	tracing
	needs python3
	run "$top/tests/inject/run.py" -q 120 "$build"
	[[ $status -eq 0 && $output == *' 120 faults: '*' 0 failed' ]] || { echo "$output"; return 1; }
}

@test "a command that cannot be measured runs unmeasured" {
	tracing
	for what in signalfd4:EMFILE prctl:EINVAL:when=3; do
		run -7 fault "$what" memexec --to 'memsample -C >out' -- sh -c 'echo ran; exit 7'
		is "${lines[1]}" ran
		[[ ${lines[0]} =~ ^'memexec: signals: '.*': the command runs unmeasured'$ ]]
	done
}

@test "a command is measured without /dev/null" {
	tracing
	run -7 fault openat:ENOENT -P /dev/null memexec --to 'memsample -C >out' -- sh -c 'exit 7'
	is "$output" ''
	has_line out '^#exit_code'
}

@test "memexec does not wait for children that the kernel does not report" {
	tracing
	for what in getpgid:EPERM waitid:EINTR:when=1+2 waitid:EINTR:when=2+2 kill:EPERM; do
		run -7 fault "$what" memexec --to 'exec 3<&0; memsample -C <&3 >out &' -A -- sh -c 'exit 7'
		has_line log INJECTED
		has_line out '^#exit_code'
	done
}

@test "the command's output is written to its file or the command is not run" {
	tracing
	run -7 fault dup2:EINTR:when=1 -f -b execve memexec -O out --to 'memsample -C >/dev/null' -- sh -c 'echo ran; exit 7'
	is "$(cat out)" ran
	run -126 fault dup2:EMFILE:when=1 -f -b execve memexec -O out --to 'memsample -C >/dev/null' -- echo ran
	[[ $output == *'memexec: echo: Too many open files'* ]]
	[ ! -s out ]
}

@test "-p fails if the pipeline cannot be started" {
	tracing
	run -125 fault pipe2:EMFILE memexec --to 'memsample >out' -p $$
	one_line "$output" '^memexec: /bin/sh: Too many open files$'
	[ ! -e out ]
}

@test "a control group that cannot be removed is a warning" {
	tracing
	run fault rmdir:EACCES memexec -g --to 'memsample -C >out' -- true
	[ "$status" -eq 0 ] || skip "no control group can be made"
	one_line "$output" '^memexec: /.*/mempipe-[0-9]*: Permission denied$'
	local group
	group=$(grep -o '/[^ ]*/mempipe-[0-9]*' <<<"$output")
	rmdir "$group" 2>/dev/null || [ ! -d "$group" ] # systemd removes the groups of a scope
}

@test "a process that cannot be read is an error, not a missing process" {
	tracing
	start sh -c 'sleep 99 & wait'
	until_true sh -c "pstree-pids $pid | grep -qv '^$pid\$'"
	child=$(pstree-pids "$pid" | tail -n 1)
	for file in "$child/status" "$pid/task/$pid/children" "$pid/task"; do
		run -2 fault openat:EMFILE -P "/proc/$file" -P "/proc" pstree-pids "$pid"
		one_line "${lines[0]}" '^pstree-pids: /proc: Too many open files$'
	done
	run -2 fault openat:EMFILE -P "/proc/$child/stat" pstree-pids -n sleep
	one_line "$output" '^pstree-pids: sleep: Too many open files$'
	run -2 fault openat:EMFILE -P "/proc/$child/cmdline" pstree-pids -m 'sleep 99'
	one_line "$output" '^pstree-pids: sleep 99: Too many open files$'
	run -2 fault openat:EMFILE -P "/proc/$child/status" memsample -1 "$pid"
	one_line "${lines[0]}" '^memsample: /proc: Too many open files: processes may be missing$'
}

@test "an interrupted read of the children is repeated" {
	tracing
	start sh -c 'sleep 99 & wait'
	until_true sh -c "pstree-pids $pid | grep -qv '^$pid\$'"
	child=$(pstree-pids "$pid" | tail -n 1)
	run -0 fault read:EINTR:when=1 -P "/proc/$pid/task/$pid/children" pstree-pids "$pid"
	is "$output" "$pid"$'\n'"$child"
}

@test "a failed read does not end the sampling of a process" {
	tracing
	start sleep 99
	fault pread64:EIO:when=2 -P "/proc/$pid/statm" memsample -n 3 -i 5ms "$pid" >out
	is "$(rows out | wc -l)" 3
}

@test "a sampler that cannot wait prints an error and exits" {
	tracing
	run -2 fault ppoll:ENOMEM memsample -d 9s $$
	[[ $output == *'memsample: waiting: Cannot allocate memory'* ]]
}

@test "filters read on if poll(2) fails" {
	tracing
	samples '1 7 1 10 10 10 sh' '2 7 1 20 20 20 sh' >in
	for stage in 'memlimit -t 1G' memlive; do
		run -0 $stage <in
		plain=$output
		run -0 fault poll:ENOMEM $stage <in
		is "$output" "$plain"
	done
}

# SPDX-License-Identifier: MIT
load helper
all_need linux

# Measuring where a container, a service or a CI allows less than usual.

# without_reader COMMAND...: run COMMAND with SIGPIPE ignored, and a standard output whose reader has
# exited. Set $status, and $errors to what it prints.
without_reader() {
	[ -p broken ] || mkfifo broken
	exec 8<>broken 9>broken 8>&-
	status=0
	sh -c 'trap "" PIPE; exec "$@"' sh "$@" >&9 2>errors 9>&- || status=$?
	exec 9>&-
	errors=$(cat errors)
}

# silent STATUS COMMAND...: without_reader, COMMAND has this STATUS and prints no error.
silent() {
	without_reader "${@:2}"
	[ "$status $errors" = "$1 " ] || { echo "${*:2}: status $status: $errors"; return 1; }
}

@test "with SIGPIPE ignored, a reader that leaves ends each program as usual, without a message" {
	samples '1 5 1 10 10 10 x' '100 5 1 20 20 20 x' '200 5 1 20 20 20 x' '300 5 1 20 20 20 x' >s
	mempeak s >p
	for program in memdiff memexec memfmt memleak memlimit memlive mempeak memplot memsample memthin \
		memtree memview pstree-pids memrun; do
		silent 141 "$program" --help
		silent 141 "$program" --version
	done
	for command in "memsample -1 $$" "pstree-pids $$" 'mempeak s' 'memfmt p' 'memfmt -f csv s' \
		'memdiff p p' 'memtree s' 'memthin s' 'memview s' 'memleak -a -l 1 s' 'memlive s' "memps -x $$"; do
		silent 141 $command
	done
	silent 0 memrun -o - true
	for command in 'memps --help' 'memps --version'; do silent 2 $command; done
	for command in 'membench --help' 'membench --version' 'membench --list' 'membench -n 1 -o - true'; do
		silent 125 $command
	done
}

@test "the command of memrun inherits an ignored SIGPIPE" {
	sh -c 'trap "" PIPE; exec memrun -q -o report grep SigIgn /proc/self/status' >ignored
	mask=$(awk '{ print $2 }' ignored)
	compare $((0x$mask & 0x1000)) -ne 0
	is "$(memrun -q -o report grep SigIgn /proc/self/status)" "$(grep SigIgn /proc/self/status)"
}

# measured FILE...: the report in JSON has the peak that the files hold, in sum, and up to $shells KiB.
measured() {
	local true
	true=$(cat "$@" | awk '{ sum += $1 } END { print sum }')
	within "$(sed -n 's/^  "peak_rss_kib": \([0-9]*\),$/\1/p' report)" "$true" 2 "${shells-0}"
}

@test "where system calls are refused as by container runtimes, the peak is right" {
	needs seccomp
	for calls in 'perf_event_open kcmp clone3=ENOSYS' 'perf_event_open=ENOSYS kcmp=ENOSYS pidfd_open=ENOSYS' \
		'perf_event_open kcmp pidfd_open pidfd_send_signal rt_sigqueueinfo sched_getattr sched_setattr unshare'; do
		run -0 refuse $calls -- memrun -j -o report shapes fork
		echo "$output" >true
		measured true
	done
}

@test "where kcmp(2) is refused, processes that fork(2) has made are all counted" {
	needs seccomp plain
	refuse kcmp perf_event_open -- memrun -j -o report shapes copies >true
	measured true
}

@test "where pidfds are refused, memrun -k ends the processes all the same" {
	needs seccomp
	for calls in pidfd_open pidfd_send_signal pidfd_open=ENOSYS; do
		run -10 timeout 10 refuse $calls -- memrun -k -t 5M -o report spike -t 60000 20
		[[ $output == *'memlimit: TERM sent to 1 process'* ]]
	done
}

@test "memrun is process 1 of a container without privileges and reaps what the command leaves" {
	needs root pidns setpriv seccomp
	cat >inside <<-'EOF'
		mount --rbind /sys /sys && mount -o remount,bind,ro /sys || exit 99
		exec setpriv --bounding-set=-sys_admin,-sys_ptrace,-sys_resource,-net_admin,-perfmon,-sys_nice \
			refuse perf_event_open kcmp clone3=ENOSYS -- "$@"
	EOF
	contained() { unshare -mpf --mount-proc sh ./inside "$@"; }
	run -42 contained memrun -j -o report sh -c '(spike -t 200 10 >a &); spike -t 300 20 >b; cat /proc/1/comm; exit 42'
	is "$output" memrun
	shells=3000 measured a b
	run -137 contained memrun -o report sh -c 'kill -KILL $$'
	run -7 contained memrun -o report sh -c 'trap "exit 7" TERM; sh -c "kill -TERM 1; sleep 10" & wait'
	run -0 contained sh -c 'memps -x 1; exit $?'
}

@test "a process that exits and is not reaped ends the measuring" {
	needs root pidns python3
	cat >init.py <<-'EOF'
		import os, sys, time
		def spawn(*argv): return os.posix_spawnp(argv[0], argv, os.environ)
		child = spawn("sh", "-c", "exec spike -t 200 20 >true")
		memrun = spawn("memrun", "-j", "-o", "report", "-p", str(child))
		sys.exit(os.waitstatus_to_exitcode(os.waitpid(memrun, 0)[1]))
	EOF
	run -0 timeout 10 unshare -pf --mount-proc python3 init.py
	measured true
}

@test "with /sys read-only, everything but -g works, and -g gives the reason" {
	needs root unshare
	cat >inside <<-'EOF'
		mount -t tmpfs -o ro none /sys || exit 99
		"$@"
	EOF
	run -0 unshare -m sh ./inside memrun -j -o report -P spike -t 100 20
	echo "$output" >true
	measured true
	run -125 unshare -m sh ./inside memrun -g touch started
	one_line "$output" '^memrun: .*control group'
	[ ! -e started ]
}

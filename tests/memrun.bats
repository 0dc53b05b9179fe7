load helper

# near REPORTED TRUE PERCENT: within so much of it, or 300 KiB (the kernel's own
# counters are some pages off)
near() {
	awk -v a="$1" -v b="$2" -v p="$3" 'BEGIN { d = a - b; if (d < 0) d = -d
		exit !(d <= b * p / 100 || d <= 300) }' || { echo "reported $1, true $2"; return 1; }
}

kib() { echo $(($(cat "$1") / 1024)); }

@test "a single process's peak is exact, whatever the interval and however short the spike" {
	for args in '64' '-b 100 -a 100 32' '-t 20 128' '-b 300 32'; do
		for interval in 10 1s 60s; do
			memrun -q -o peak -i "$interval" spike $args >true
			near "$(kib peak)" "$(cat true)" 1
		done
	done
}

@test "processes at once add up" {
	cat >command <<-'EOF'
		for i in 1 2 3 4; do spike -t 700 40 >true.$i & done
		wait
	EOF
	memrun -q -i 20 -o peak sh command
	near "$(($(kib peak) - $(kib peak) % 1))" "$(cat true.* | awk '{ s += $1 } END { print s + 1700 }')" 3
}

@test "processes one after the other don't" {
	memrun -q -i 50 -o peak sh -c 'spike -t 30 100 >a; spike -t 30 100 >b; spike 100 >c'
	near "$(kib peak)" "$(($(cat a) + 1700))" 3
}

@test "the report comes on stderr, the command's output is untouched" {
	run -3 --separate-stderr memrun sh -c 'echo out; echo err >&2; exit 3'
	[ "$output" = out ]
	[ "$(head -n 2 <<<"$stderr")" = err$'\n'"sh -c 'echo out; echo err >&2; exit 3'" ]
	[[ $stderr == *"exit status 3 after "* ]]
	[[ $stderr == *"peak RSS "* ]]
}

@test "-o takes the report, - is stdout; -q, -j, -c choose its form" {
	memrun -o report true
	has_line report '^  peak RSS '
	[ "$(memrun -qo - true)" -gt 100000 ]
	memrun -jo - sh -c 'exit 0' | python3 -c 'import json, sys; assert json.load(sys.stdin)["exit_code"] == 0'
	memrun --csv --output=report.csv true
	[ "$(head -c 6 report.csv)" = scope, ]
	memrun -o "it's a \"file\" \$(touch pwned)" true
	[ -s "it's a \"file\" \$(touch pwned)" ]
	[ ! -e pwned ]
	memrun -qo -x true
	[ -s ./-x ]
}

@test "-s keeps the samples, from which the same report can be made" {
	memrun -q -o peak -s samples.tsv -i 10 spike -t 100 20 >true
	[ "$(mempeak samples.tsv | memfmt -f bytes)" = "$(cat peak)" ]
}

@test "-x measures the command alone" {
	memrun -x -i 10 -s s -o r sh -c 'spike -t 200 30 >t; exit 0'
	[ "$(rows s | cut -f2 | sort -u | wc -l)" -eq 1 ]
	[ "$(rows s | awk -F'\t' '$4 > 20000' | wc -l)" -eq 0 ]
}

@test "options may be written as getopt(3) allows" {
	run -0 --separate-stderr memrun -qi10 true
	run -0 --separate-stderr memrun -q -i 10 -- true
	run -0 --separate-stderr memrun --quiet --interval=10 true
	run -0 --separate-stderr memrun --quiet --interval 10 true
	run -0 --separate-stderr memrun -q echo -q
	[ "$output" = -q ]
}

@test "a wrong option fails with 125 before the command starts" {
	for bad in -Z --nosuch '-i 3x' '-i 0' -i '-d 1' '-o nosuch/file' '-s nosuch/file' '-o .' '-p 1x' \
		'-p 1' '-qjZ' '--csv=x'; do
		run -125 memrun $bad touch started
		[[ $output == *memrun:* || $output == *memsample:* || $output == *pstree-pids:* ]]
	done
	[ ! -e started ]
	for lonely in '' -q -o -i -p; do
		run -125 memrun $lonely
		[[ $output == *"usage: memrun"* ]]
	done
}

@test "a command that isn't there gives 127, one that can't run 126: a line, no report" {
	run -127 memrun nosuch-command
	one_line "$output" '^memexec: nosuch-command: No such file or directory$'
	run -126 memrun /etc/passwd
	one_line "$output" '^memexec: /etc/passwd: Permission denied$'
}

@test "the exit status is the command's, 128+N after signal N, also when the report fails" {
	run -42 memrun sh -c 'exit 42'
	run -143 memrun sh -c 'kill -TERM $$'
	[[ $output == *"killed by signal 15 (Terminated)"* ]]
	run -42 memrun -o /dev/full sh -c 'exit 42'
	one_line "$output" '^memfmt: standard output: No space left on device$'
	run -42 memrun -s /dev/full -q sh -c 'exit 42'
	[[ $output == *"tee: /dev/full: No space left on device"* ]]
	run -42 sh -c 'memrun -o - sh -c "exit 42" >&-'
	run -42 sh -c 'memrun sh -c "exit 42" 2>&-'
}

@test "-p watches until the processes end, with all that they start" {
	start sh -c 'sleep 0.2; spike -t 500 50 >true; sleep 0.2'
	memrun -p "$pid" -i 20 -q -o peak
	gone "$pid"
	near "$(kib peak)" "$(($(cat true) + 1700))" 3
}

@test "-p and -N watch several, for -d, and say that they still run" {
	cp "$(command -v sleep)" mempipe-nap
	start ./mempipe-nap 60
	start sleep 60
	until_true eval 'pstree-pids -n mempipe-nap >/dev/null 2>&1'
	memrun -p "$pid" -N mempipe-nap -d 200ms -j -o report
	python3 -c 'import json
r = json.load(open("report"))
assert sorted(p["name"] for p in r["processes"]) == ["mempipe-nap", "sleep"], r
assert r["processes_left"] == 2 and r["command"] is None and r["complete"], r
assert 0.19 < r["duration_seconds"] < 5, r'
	run -1 memrun -N nosuch-name
	one_line "$output" 'no process of this name$'
	run -1 memrun -p 4194305
	one_line "$output" '^pstree-pids: 4194305: No such process$'
}

@test "Ctrl-C and SIGTERM end the watching, and the report is printed" {
	start sleep 60
	local target=$pid
	for signal in INT TERM; do
		rm -f s
		start python3 -c "import signal, os
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execvp('memrun', ['memrun', '-p', '$target', '-s', 's', '-o', 'report'])"
		until_true has_line s '^[0-9]'
		kill -"$signal" "$pid"
		wait "$pid"
		has_line report '1 process still running'
		has_line report 'peak RSS'
	done
}

@test "a Ctrl-C in the terminal ends the command, and the report still comes" {
	command -v script >/dev/null || skip "script(1) is not installed"
	cat >session <<-'EOF'
		import os, pty, sys, time
		pid, fd = pty.fork()
		if pid == 0:
		    os.execvp("memrun", ["memrun", "sh", "-c", "echo ready; exec sleep 60"])
		seen = b""
		while b"ready" not in seen:
		    seen += os.read(fd, 1000)
		time.sleep(0.3)  # past exec
		os.write(fd, b"\x03")
		try:
		    while True:
		        part = os.read(fd, 1000)
		        if not part:
		            break
		        seen += part
		except OSError:
		    pass
		status = os.waitpid(pid, 0)[1]
		assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == 2, status
		assert b"killed by signal 2" in seen and b"peak RSS" in seen, seen
	EOF
	python3 session
}

@test "a command killed with its whole process group still gets its report" {
	start setsid sh -c 'memrun -i 20 -s s -o report sleep 60; :'
	until_true has_line s '^[0-9]'
	kill -KILL -- "-$pid" # setsid(1) made it the leader
	until_true has_line report 'INCOMPLETE: how the command ended is not known'
	has_line report 'peak RSS'
}

@test "nothing in the environment is taken for an option or for code" {
	run -0 env alone='; touch pwned; true' flags=x pace='; touch pwned' keep=k format=json duration=9 pids=1 \
		attach=1 interval=x out=o key=x memrun -q true
	[ ! -e pwned ]
	[ ! -e o ]
	run -125 memrun -i '' true
	run -125 memrun -o '' true
}

@test "memrun measures memrun" {
	run -7 --separate-stderr memrun -q -i 10 memrun -o inner -q sh -c 'spike -t 100 30 >true; exit 7'
	near "$(kib inner)" "$(($(cat true) + 1700))" 3
	[ "${stderr##*$'\n'}" -ge "$(cat inner)" ]
}

@test "a daemon that detaches stays in the tree while the command runs" {
	memrun -i 10 -s s -o r sh -c '(setsid spike -t 600 40 >true &) ; until [ -s true ]; do sleep 0.02; done'
	mempeak s | memfmt >report
	has_line report '^  spike '
	[ "$(rows s | awk -F'\t' '$7 == "spike" && $4 > 40 * 1024' | wc -l)" -gt 0 ]
}

@test "memrun works through a link, from any folder, and in any sh" {
	ln -s "$(command -v memrun)" mylink
	[ "$(./mylink -qo - true)" -gt 100000 ]
	mkdir bin
	ln -s "$(command -v memrun)" bin/memrun
	[ "$(PATH=$PWD/bin:$PATH memrun -qo - true)" -gt 100000 ]
	for sh in dash bash 'busybox sh'; do
		command -v "${sh%% *}" >/dev/null || continue
		$sh -c "$(cat "$top/cmd/memrun.sh")" "$(command -v memrun)" -qo - -L "k=it's \$x" true 3>words
		tr '\0' '\n' <words >>"$sh.words"
		diff dash.words "$sh.words"
	done
	[ "$(sed -n 1p dash.words)" = 1 ]
	[ "$(sed -n 2p dash.words)" = "$build/memexec" ]
}

@test "nothing is left behind: no process, no file" {
	memrun -q -o peak sh -c 'sleep 0.05'
	[ "$(ls)" = peak ]
	for p in $(pstree-pids $$ | tail -n +2); do
		case $(cat "/proc/$p/comm" 2>/dev/null) in
		mem*) echo "left: $p"; return 1 ;;
		esac
	done
}

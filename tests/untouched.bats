# SPDX-License-Identifier: MIT
load helper

# same TEXT: run TEXT by dash twice, with `memrun -o report` in place of RUN and with nothing in its
# place. Fail unless the output of self(1), standard error and the exit status are the same.
same() {
	local with prefix seen_status
	for with in plain measured; do
		prefix=
		[ "$with" = plain ] || prefix="memrun -o $PWD/report"
		seen_status=0
		timeout $patience dash -c "${1//RUN/$prefix}" >seen 2>err 3>&- 4>&- || seen_status=$?
		echo "status $seen_status" >>seen
		mv seen "$with"
		mv err "$with.err"
	done
	diff plain measured && diff plain.err measured.err &&
		grep -qE '^(descriptor|status [^0])' plain && has_line report '^  peak '
}

# python3 may be a slow wrapper script. Find the interpreter.
setup_file() {
	PYTHON=$(python3 -c 'import sys; print(sys.executable)') || true
	TERMINAL=$top/tests/terminal.py
	export PYTHON TERMINAL
	# The command sees everything as without memrun only if memexec interprets memrun, which the
	# first line of a script in a folder with a blank cannot name.
	case $build in *[[:space:]\']*)
		mkdir "$BATS_FILE_TMPDIR/programs"
		copy_programs "$BATS_FILE_TMPDIR/programs"
		export MEMPIPE_BUILD=$BATS_FILE_TMPDIR/programs
		export PATH=$MEMPIPE_BUILD:${PATH//"$build":/} ;;
	esac
}

# become TEXT: print a program for $PYTHON -c that runs TEXT and then executes its arguments.
become() {
	printf 'import os, signal, sys, ctypes; prctl = ctypes.CDLL(None).prctl; %s; os.execvp(sys.argv[1], sys.argv[1:])' "$1"
}

@test "the command sees the same with memrun as without" {
	same 'RUN self'
	same 'RUN self "" "  " "$(printf "a\nb")" -x -- "\\" "*"'
	same 'RUN self $(seq 100000)'
	same 'RUN self "$(seq -s. 20000)"'
	same 'exec RUN self'
	same 'RUN self | cat'
}

@test "the same environment, to the byte and in order" {
	same "env -i PATH='$PATH' RUN self"
	same "env -i $build/self"
	sed -i "s/^/X/" plain # of one variable less, nothing is left
	run ! has_line plain '^Xenvironment'
	for run in '' "$build/memrun -o report"; do
		env -i 'z=1' 'a.b=2' '=x' 'PWD=/nosuch' 'OLDPWD=' '_=_' 'SHLVL=77' "n=a${tab}
b" 'IFS=x' 'PS4=$(touch pwned)' 'ENV=./pwn' 'BASH_ENV=./pwn' 'bin=/' 'key=x' LC_ALL=C "P=$PATH" $run "$build/self" >seen
		mv seen "plain${run:+.measured}"
	done
	diff plain plain.measured
	[ ! -e pwned ]
	is "$(grep -c '^environment' plain)" 16
}

@test "the same descriptors, open ones and closed ones, at their offsets" {
	seq 1000 >numbers
	same 'exec 3<numbers 5>>numbers 7<>numbers; head -c 1 <&3 >x; RUN self'
	for closed in '<&-' '2>&-' '<&- 2>&-'; do
		same "RUN self $closed"
	done
	for closed in '>&-' '<&- >&-' '<&- >&- 2>&-'; do
		same "RUN sh -c 'self >seen.self; echo x; exit 3' $closed"
		mv seen.self plain.self
	done
	$PYTHON -c "$(become 'fds = [os.open("/dev/null", os.O_RDONLY | os.O_NONBLOCK) for i in range(20)]; [os.set_inheritable(f, f % 3 > 0) for f in fds]')" \
		sh -c 'self >seen; mv seen plain; memrun -o report self >seen; mv seen measured'
	diff plain measured
	compare "$(grep -c '^descriptor' plain)" -gt 14
}

@test "only the command reads stdin" {
	same 'seq 10 | { read x; RUN self; cat; }'
	same 'seq 10000 >numbers; exec <numbers; read x; RUN self; read x; echo "$x"'
	compare "$(seq 100000 | { read -r x; memrun -o report head -n 1; cat; } | tail -n +2 | head -n 1)" -gt 1
	is "$(seq 3 | { membench -n 3 -o report -- dash -c 'read x; echo "$x"'; } | tr '\n' ' ')" '1 2 3 '
}

@test "the same ignored, blocked and pending signals, and the same action for SIGCHLD" {
	same "trap '' HUP INT QUIT TERM USR1 PIPE TSTP TTOU WINCH; RUN self"
	same "$PYTHON -c '$(become 'signal.signal(signal.SIGCHLD, signal.SIG_IGN)')' RUN self"
	same "$PYTHON -c '$(become 'signal.pthread_sigmask(signal.SIG_BLOCK, {1, 2, 3, 10, 13, 15, 17, 18, 20, 36, 50, 64}); [os.kill(os.getpid(), s) for s in (1, 10, 15, 50)]')' RUN self"
	same "nohup RUN self"
}

@test "a command that a script becomes without memexec sees the same" {
	printf '#!%s/memexec -s\nPWD=/ x=y; export x; trap "" USR2; cd /; become "$@"\n' "$programs_link" >script
	chmod +x script
	for prefix in '' ./script; do
		$PYTHON -c "$(become 'signal.signal(17, signal.SIG_IGN); signal.pthread_sigmask(signal.SIG_BLOCK, {10, 15, 17}); os.kill(os.getpid(), 10)')" $prefix self >seen
		mv seen "plain${prefix:+.script}"
	done
	diff plain plain.script
}

@test "the same limits, umask, nice value, CPUs and scheduling" {
	same 'ulimit -c 0; ulimit -n 64; ulimit -f 5000; ulimit -s 4000; ulimit -t 100; umask 077; RUN self'
	same 'umask 0; nice -n 5 RUN self'
	# Before Linux 6.2 the kernel forgets the CPUs of all processes when control groups get the
	# controller cpuset, as they do from systemd.
	same 'chrt -b 0 taskset -c 0 RUN self' || { is_before_linux_6_2 && same 'chrt -b 0 taskset -c 0 RUN self'; }
	same 'ionice -c 3 RUN self'
}

@test "the same working directory, even after its removal" {
	same 'mkdir -p d; ln -sf d l; cd l; RUN self'
	same 'mkdir -p removed; cd removed; rmdir ../removed; RUN self'
	same 'mkdir -p removed; cd removed; rmdir ../removed; unset PWD; RUN self'
}

@test "the same process: death signal, subreaper, timers, privileges, slack" {
	same "$PYTHON -c '$(become 'prctl(1, 10, 0, 0, 0); prctl(36, 1, 0, 0, 0); prctl(29, 12345, 0, 0, 0); prctl(38, 1, 0, 0, 0); prctl(41, 1, 0, 0, 0); prctl(4, 0, 0, 0, 0)')' RUN self"
	same "$PYTHON -c '$(become 'signal.setitimer(0, 50, 7); signal.setitimer(1, 60); signal.setitimer(2, 70)')' RUN self"
	same 'setarch -R RUN self'
	same 'echo 0x21 >/proc/self/coredump_filter; echo 500 >/proc/self/oom_score_adj; RUN self'
}

@test "an alarm that was set before the start ends the command" {
	run -142 timeout $patience $PYTHON -c "$(become 'signal.setitimer(0, 0.3)')" memrun -o report sleep 60
	has_line report 'killed by signal 14'
}

@test "the same command is found and executed in the same way" {
	mkdir a b
	printf 'echo "no #! $0 $*"; self\n' >a/plainscript
	printf '#!/bin/sh -e\necho "$0 $*"; self\n' >a/script
	chmod +x a/*
	cp "$build/self" b/self2
	: >a/self2 # not executable, so not it
	same 'PATH=$PWD/a:$PATH RUN plainscript 1 2'
	same 'PATH=$PWD/a:$PATH RUN script 1 2'
	same 'a/script 1'
	same 'PATH=$PWD/a:$PWD/b:$PATH RUN self2'
	same 'cd b; PATH=:$PATH RUN self2'
	same 'cd b; RUN ./self2; RUN ../b/self2'
	same "PATH= $build/RUN ./b/self2" || [ -e report ]
	same 'ln -sf ../b/self2 a/link; RUN a/link'
}

@test "the same in a session without a terminal" {
	same "setsid -w dash -c 'RUN self; :'"
	# memexec is the session leader then; nothing else differs.
	setsid -w self >seen && mv seen plain
	setsid -w memrun -o report self >seen
	diff <(sed 's/^leader of its group 1, of its session 1/leader of its group 0, of its session 0/; s/^of its parent.*/parent/' plain) \
		<(sed 's/^of its parent.*/parent/' seen)
}

@test "the same state and foreground group of the terminal" {
	cat >on.py <<-'EOF'
		import sys, termios
		def change():
		    a = termios.tcgetattr(0)
		    a[3] &= ~termios.ECHO
		    a[6][termios.VINTR] = b"\x07"
		    termios.tcsetattr(0, termios.TCSANOW, a)
		Terminal(["dash", "-c", sys.argv[1]], change).end()
	EOF
	# The number of the terminal depends on the other terminals.
	echo 's,/dev/pts/[0-9]* \([0-9]*\) [0-9a-f]*,terminal \1,' >number.sed
	same '"$PYTHON" "$TERMINAL" play on.py "RUN self >seen; :"; sed -f number.sed seen'
	has_line plain 'in the foreground: 1'
	has_line plain '^terminal 1 foreground 1'
	same '"$PYTHON" "$TERMINAL" play on.py "RUN self >seen & wait"; sed -f number.sed seen'
}

@test "each signal sent to memrun reaches the command, and so does the value of a queued one" {
	cat >command.py <<-'EOF'
		import ctypes, os, signal, struct
		c = ctypes.CDLL(None)
		every = set(range(1, 65)) - {signal.SIGKILL, signal.SIGSTOP, 32, 33}
		signal.pthread_sigmask(signal.SIG_BLOCK, every)
		mask = ctypes.c_uint64(0xffffffffffffffff)
		fd = c.signalfd(-1, ctypes.byref((ctypes.c_uint64 * 16)(*[2**64 - 1] * 16)), 0)
		open("ready", "w").close()
		with open("got", "w", 1) as f:
		    while True:
		        s = os.read(fd, 128)
		        number, value = struct.unpack_from("I", s)[0], struct.unpack_from("i", s, 44)[0]
		        f.write("%d %d\n" % (number, value))
		        if (number, value) == (15, 77):
		            break
	EOF
	start memrun -o report $PYTHON command.py
	until_true [ -e ready ]
	for signal in $(seq 31) $(seq 34 64); do
		case $signal in 9 | 15 | 19) continue ;; esac
		kill -"$signal" "$pid"
		until_true has_line got "^$signal 0$"
	done
	for i in $(seq 100); do
		kill -USR1 "$pid"
		until_true eval '[ "$(grep -c "^10 0" got)" -gt '"$i"' ]'
	done
	env kill -q 77 -TERM "$pid"
	wait "$pid"
	is "$(grep -c '^10 0' got)" 101
	is "$(sort got | uniq -c | awk '$1 > 1' | wc -l)" 1
	is "$(lines_of got)" 160
}

@test "a signal that the command sends to its own group reaches it once" {
	cat >group.py <<-'EOF'
		import os, signal, subprocess
		every = {signal.SIGUSR1, signal.SIGTERM, 35, 40}
		signal.pthread_sigmask(signal.SIG_BLOCK, every)
		for s in (signal.SIGUSR1, 35):
		    os.kill(0, s)
		    assert signal.sigwait(every) == s
		# A second copy of the signals would arrive before this one.
		subprocess.run(["env", "kill", "-40", str(os.getppid())], restore_signals=False)
		assert signal.sigwait(every) == 40
	EOF
	run -0 timeout $patience setsid -w memrun -o report $PYTHON group.py
}

@test "a queued signal keeps its sender" {
	cat >command.py <<-'EOF'
		import signal
		signal.pthread_sigmask(signal.SIG_BLOCK, {37})
		open("ready", "w").close()
		print(signal.sigwaitinfo({37}).si_pid)
	EOF
	start memrun -o report $PYTHON command.py >got
	until_true [ -e ready ]
	$PYTHON -c 'import ctypes, os, sys; print(os.getpid()); sys.exit(ctypes.CDLL(None).sigqueue(int(sys.argv[1]), 37, None))' "$pid" >sender
	wait "$pid"
	diff sender got
}

@test "timeout, nohup, setsid, xargs and pipes work with memrun as without" {
	for run in '' 'memrun -o report'; do
		run -124 timeout 0.3 $run sleep 60
		run -137 timeout -k 0.1 2 $run sh -c 'trap "" TERM; while :; do sleep 0.05; done'
		run -5 setsid -w $run sh -c 'exit 5'
		is "$(seq 5 | xargs -n 2 $run echo | tr '\n' '|')" '1 2|3 4|5|'
		run -123 sh -c "seq 2 | xargs $run sh -c 'exit 7'"
		run -0 --separate-stderr nohup $run sh -c 'kill -HUP $$; echo alive'
		is "$output" alive
		is "$(timeout $patience $run yes | head -n 1)" y
		run -141 bash -c "set -o pipefail; timeout $patience $run yes | head -n 1 >/dev/null"
		# stdin stays open, as below ssh without a terminal.
		run -3 timeout $patience $run sh -c 'read x; echo "$x"; exit 3' < <(echo line; exec sleep 1)
		is "$output" line
	done
}

@test "the command runs below script and in tmux as on a terminal" {
	if command -v script >/dev/null; then
		run -3 script -qec "memrun -o report sh -c 'tty >/dev/null && echo on; exit 3'" /dev/null
		is "${output//$'\r'/}" on
	fi
	command -v tmux >/dev/null || skip "tmux is not installed"
	export TMUX_TMPDIR=$PWD
	tmux -f /dev/null new-session -d -x 80 -y 24 "memrun -o report sh -c 'stty size >size; exec cat'"
	server=$(tmux display-message -p '#{pid}')
	started+=("$server")
	until_true [ -s size ]
	is "$(cat size)" '24 80'
	tmux resize-window -x 100 -y 30
	tmux send-keys 'hello' Enter
	until_true eval 'tmux capture-pane -p | grep -c hello | grep -qx 2'
	tmux send-keys C-d
	until_true has_line report 'exit status 0'
	until_true exited "$server"
}

@test "a hang-up reaches the command, even if memrun is the session leader" {
	cat >hangup.py <<-'EOF'
		import os, sys
		t = Terminal(sys.argv[1:])
		t.until("ready")
		os.close(t.fd)
		sys.exit(t.status() % 256)
	EOF
	for run in '' "memrun -o report"; do
		run -9 on_pty play hangup.py $run dash -c 'trap "exit 9" HUP; echo ready; while :; do sleep 0.02; done'
		run -255 on_pty play hangup.py $run dash -c 'echo ready; exec sleep 60'
		run -9 on_pty play hangup.py dash -c "$run dash -c 'trap \"\" HUP; echo ready; exec sleep 1'; exit 9" || [ "$status" -eq 255 ]
	done
}

@test "an interactive shell controls it as a job: Ctrl-Z, fg, bg, Ctrl-C, Ctrl-\\" {
	cat >jobs.py <<-'EOF'
		import os, sys, time
		os.environ.update(PS1="$ ", ENV="", HISTFILE="")
		shell = Terminal(sys.argv[1].split() + ["-i"])
		send, until = shell.send, shell.until
		def state(wanted):
		    p = int(open("command").read())
		    while open("/proc/%d/stat" % p).read().rsplit(")")[1].split()[0] not in wanted:
		        time.sleep(0.01)
		until(r"\$ $")
		command = "dash -c 'echo $$ >command; echo st\"\"arted; exec sleep 60'"
		run = sys.argv[2]
		send(run + " " + command + "\n")
		until("started\r\n")
		state("S")
		for i in range(3):
		    send("\x1a")
		    until("(?i)stopped.*\r\n")
		    state("T")
		    send("jobs; echo is\"\"shown\n")
		    until("(?i)stopped.*\r\n(.*\r\n)*?isshown\r\n")
		    send("fg\n" if i != 1 else "bg; fg\n")
		    state("S")
		    shell.settle()
		send("\x03")
		until(r"\$ ")
		send("echo status=$?\n")
		until("status=130\r\n")
		send(run + " " + command + "\n")
		until("started\r\n")
		state("S")
		send("\x1c")
		until(r"\$ ")
		send("echo status=$?\n")
		until("status=131\r\n")
		send("exit 4\n")
		shell.end()
	EOF
	ulimit -c 0
	for shell in 'bash --norc' dash; do
		for run in '' "memrun -o report"; do
			run -4 timeout $patience $PYTHON "$TERMINAL" play jobs.py "$shell" "$run"
		done
	done
	has_line report 'killed by signal 3'
}

@test "an interactive shell gets the terminal back if the command stops itself by SIGSTOP" {
	cat >stops.py <<-'EOF'
		import os, signal
		signal.signal(signal.SIGINT, signal.SIG_DFL)
		signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTSTP])
		print("star" + "ted", flush=True)
		while True:
		    signal.sigwait([signal.SIGTSTP])
		    os.kill(os.getpid(), signal.SIGSTOP)
		    print("go" + "ing", flush=True)
	EOF
	cat >jobs.py <<-'EOF'
		import os, sys
		os.environ.update(PS1="$ ", ENV="", HISTFILE="", TERM="dumb")
		shell = Terminal(["bash", "--norc", "--noediting", "-i"])
		send, until, settle = shell.send, shell.until, shell.settle
		run = sys.argv[1]
		until(r"\$ $")
		send(run + " " + sys.executable + " stops.py\n", "started\r\n")
		for i in range(3):
		    settle()
		    send("\x1a", "Stopped.*\r\n")
		    send("echo st=$?\n", "st=14[78]\r\n")
		    send("fg\n", "going\r\n")
		send("\x03", r"\$ ")
		send(run + " bash --norc --noediting -i\n", r"\$ $")
		for i in range(2):
		    send("echo in=$PPID\n", r"in=\d+\r\n")
		    settle()
		    send("suspend\n", "Stopped.*\r\n")
		    send("echo out=$?\n", r"out=\d+\r\n")
		    send("fg\n", "bash.*\r\n")
		send("dash -c 'echo go\"\"ing; exec sleep 60'\n", "going\r\n")
		send("\x03", r"\$ ")
		send("exit 7\n", r"exit\r\n.*\$ ")
		send("echo st=$?\n", "st=7\r\n")
		send("exit 4\n")
		shell.end()
	EOF
	for run in '' 'memrun -o report' 'memrun -o report memrun -o report.2'; do
		run -4 timeout $patience $PYTHON "$TERMINAL" play jobs.py "$run"
	done
}

@test "the command dumps its core, and memrun dumps none" {
	case $(cat /proc/sys/kernel/core_pattern) in
	*/* | '|'* | *%*) skip "cores don't go to the working folder" ;;
	esac
	ulimit -c unlimited 2>/dev/null && [ "$(ulimit -c)" != 0 ] || skip "no cores may be dumped"
	export ASAN_OPTIONS=disable_coredump=0 # a sanitized memexec allows none
	mkdir plain measured
	for run in '' 'memrun -o report'; do
		[ -z "$run" ] && cd plain || cd ../measured
		run -139 $run sh -c 'kill -SEGV $$'
	done
	is "$(ls ../plain | wc -l)" 1
	is "$(ls ../measured | grep -c core)" 1
}

@test "a setuid program and an unreadable program run as without memrun and are measured" {
	needs root setpriv
	chmod 755 .
	cp "$build/self" setuid-self
	chown 1234 setuid-self
	chmod 4755 setuid-self
	cp "$build/spike" secret-spike
	chmod 0111 secret-spike
	# In a folder that every user may enter.
	local dir
	dir=$(mktemp -d /var/tmp/untouched.XXXXXX)
	chmod 777 "$dir"
	copy_programs "$dir"
	chmod 777 "$dir"
	cp -p setuid-self secret-spike "$dir"
	chown 1234 "$dir/setuid-self"
	chmod 4755 "$dir/setuid-self"
	grep -q nosuid <(findmnt -no OPTIONS -T "$dir") && { rm -rf -- "$dir"; skip "no setuid here"; }
	status=0
	(
		set -e
		cd "$dir"
		PATH=$dir:$PATH
		setpriv --reuid=4321 --regid=4321 --clear-groups ./setuid-self >plain
		setpriv --reuid=4321 --regid=4321 --clear-groups memrun -o report ./setuid-self >measured
		sed -i 's/measured/plain/' measured
		sed '/^descriptor 1 /d' plain >plain.1
		sed '/^descriptor 1 /d' measured >measured.1
		diff plain.1 measured.1
		grep -q '^ids 4321 1234 ' plain
		grep -q '^umask .* secure 1$' plain
		grep -q '^  peak RSS ' report
		setpriv --reuid=4321 --regid=4321 --clear-groups memrun -q -o peak ./secret-spike -t 300 32 >true 2>&1 || true
		cat true peak
		compare "$(cat peak)" -gt $((32 * 1024 * 1024))
	) || status=$?
	rm -rf -- "$dir"
	is "$status" 0
}

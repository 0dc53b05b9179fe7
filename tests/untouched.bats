load helper

# What self(1) of the workloads sees in a situation, a text for dash in which RUN
# stands before the command, is the same with memrun and without; so is what comes
# on standard error, and the exit status.
same() {
	local with prefix seen_status
	for with in plain measured; do
		prefix=
		[ "$with" = plain ] || prefix="memrun -o $PWD/report"
		seen_status=0
		timeout 20 dash -c "${1//RUN/$prefix}" >seen 2>said 3>&- 4>&- || seen_status=$?
		echo "status $seen_status" >>seen
		mv seen "$with"
		mv said "$with.err"
	done
	diff plain measured
	diff plain.err measured.err
	grep -qE '^(descriptor|status [^0])' plain
	has_line report '^  peak '
}

# The interpreter itself; python3 may be a slow script that looks for it.
setup_file() {
	PYTHON=$(python3 -c 'import sys; print(sys.executable)')
	# A program on a terminal of its own, for what $PYTHON runs.
	cat >"$BATS_FILE_TMPDIR/ptys.py" <<-'EOF'
		import os, pty, re, sys, time
		class Terminal:
		    def __init__(self, words, before=lambda: None):
		        self.pid, self.fd = pty.fork()
		        self.seen = ""
		        if self.pid == 0:
		            before()
		            os.execvp(words[0], words)
		    def until(self, text):
		        while not re.search(text, self.seen):
		            self.seen += os.read(self.fd, 4096).decode("utf-8", "replace")
		        self.seen = self.seen[re.search(text, self.seen).end():]
		    def say(self, text, answer=""):
		        os.write(self.fd, text.encode())
		        self.until(answer)
		    def is_busy(self, process):
		        try:
		            status = open(f"/proc/{process}/status").read()
		            return (os.getsid(int(process)) == self.pid and "Name:\tmemexec\n" in status and
		                not re.search(r"State:\tS.*ShdPnd:\t0+\n", status, re.S))
		        except OSError:
		            return False
		    # A SIGCONT that is still to be passed on would undo the next stop.
		    def settle(self):
		        while any(self.is_busy(p) for p in os.listdir("/proc") if p.isdigit()):
		            time.sleep(0.01)
		    def end(self):
		        try:
		            while os.read(self.fd, 4096):
		                pass
		        except OSError:
		            pass
		        sys.exit(os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1]))
	EOF
	export PYTHON PYTHONPATH=$BATS_FILE_TMPDIR
}

# For $PYTHON -c: after TEXT, become what follows.
become() {
	printf 'import os, signal, sys, ctypes; prctl = ctypes.CDLL(None).prctl; %s; os.execvp(sys.argv[1], sys.argv[1:])' "$1"
}

@test "the command sees the same as without memrun" {
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
	! has_line plain '^Xenvironment'
	for run in '' "$build/memrun -o report"; do
		env -i 'z=1' 'a.b=2' '=x' 'PWD=/nowhere' 'OLDPWD=' '_=_' 'SHLVL=77' "n=a${tab}
b" 'IFS=x' 'PS4=$(touch pwned)' 'ENV=./pwn' 'BASH_ENV=./pwn' 'bin=/' 'key=x' LC_ALL=C "P=$PATH" $run "$build/self" >seen
		mv seen "plain${run:+.measured}"
	done
	diff plain plain.measured
	[ ! -e pwned ]
	[ "$(grep -c '^environment' plain)" -eq 16 ]
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
	[ "$(grep -c '^descriptor' plain)" -gt 14 ]
}

@test "stdin is read by nobody but the command" {
	same 'seq 10 | { read x; RUN self; cat; }'
	same 'seq 10000 >numbers; exec <numbers; read x; RUN self; read x; echo "$x"'
	[ "$(seq 100000 | { read -r x; memrun -o report head -n 1; cat; } | tail -n +2 | head -n 1)" -gt 1 ]
	[ "$(seq 3 | { membench -n 3 -o report dash -c 'read x; echo "$x"'; } | tr '\n' ' ')" = '1 2 3 ' ]
}

@test "the same signals: ignored, blocked, pending; the same SIGCHLD habits" {
	same "trap '' HUP INT QUIT TERM USR1 PIPE TSTP TTOU WINCH; RUN self"
	same "$PYTHON -c '$(become 'signal.signal(signal.SIGCHLD, signal.SIG_IGN)')' RUN self"
	same "$PYTHON -c '$(become 'signal.pthread_sigmask(signal.SIG_BLOCK, {1, 2, 3, 10, 13, 15, 17, 18, 20, 34, 50, 64}); [os.kill(os.getpid(), s) for s in (1, 10, 15, 50)]')' RUN self"
	same "nohup RUN self"
}

@test "the same limits, umask, nice value, CPUs and scheduling" {
	same 'ulimit -c 0; ulimit -n 64; ulimit -f 5000; ulimit -s 4000; ulimit -t 100; umask 077; RUN self'
	same 'umask 0; nice -n 5 RUN self'
	same 'chrt -b 0 taskset -c 0 RUN self'
	same 'ionice -c 3 RUN self'
}

@test "the same working directory, also one that is gone" {
	same 'mkdir -p d; ln -sf d l; cd l; RUN self'
	same 'mkdir -p gone; cd gone; rmdir ../gone; RUN self'
	same 'mkdir -p gone; cd gone; rmdir ../gone; unset PWD; RUN self'
}

@test "the same process: death signal, subreaper, timers, privileges, slack" {
	same "$PYTHON -c '$(become 'prctl(1, 10, 0, 0, 0); prctl(36, 1, 0, 0, 0); prctl(29, 12345, 0, 0, 0); prctl(38, 1, 0, 0, 0); prctl(41, 1, 0, 0, 0); prctl(4, 0, 0, 0, 0)')' RUN self"
	same "$PYTHON -c '$(become 'signal.setitimer(0, 50, 7); signal.setitimer(1, 60); signal.setitimer(2, 70)')' RUN self"
	same 'setarch -R RUN self'
	same 'echo 0x21 >/proc/self/coredump_filter; echo 500 >/proc/self/oom_score_adj; RUN self'
}

@test "an alarm set before ends the command" {
	run -142 timeout 20 $PYTHON -c "$(become 'signal.setitimer(0, 0.3)')" memrun -o report sleep 60
	has_line report 'killed by signal 14'
}

@test "the same command is found, and run in the same way" {
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

@test "without a terminal, in a session of its own" {
	same "setsid -w dash -c 'RUN self; :'"
	# The leader itself is memexec then: nothing else differs.
	setsid -w self >seen && mv seen plain
	setsid -w memrun -o report self >seen
	diff <(sed 's/^leader of its group 1, of its session 1/leader of its group 0, of its session 0/; s/^of its parent.*/parent/' plain) \
		<(sed 's/^of its parent.*/parent/' seen)
}

@test "on a terminal: its state, its foreground group" {
	cat >on.py <<-'EOF'
		import ptys, sys, termios
		def change():
		    a = termios.tcgetattr(0)
		    a[3] &= ~termios.ECHO
		    a[6][termios.VINTR] = b"\x07"
		    termios.tcsetattr(0, termios.TCSANOW, a)
		ptys.Terminal(["dash", "-c", sys.argv[1]], change).end()
	EOF
	same '"$PYTHON" on.py "RUN self >seen; :"; cat seen'
	has_line plain 'in the foreground: 1'
	has_line plain '^terminal 1 foreground 1'
	same '"$PYTHON" on.py "RUN self >seen & wait"; cat seen'
}

@test "each signal sent to memrun reaches the command, the value of a queued one too" {
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
	[ "$(grep -c '^10 0' got)" -eq 101 ]
	[ "$(sort got | uniq -c | awk '$1 > 1' | wc -l)" -eq 1 ]
	[ "$(lines_of got)" -eq 160 ]
}

@test "a signal that the command sends to its own group reaches it once" {
	cat >group.py <<-'EOF'
		import os, signal, subprocess
		every = {signal.SIGUSR1, signal.SIGTERM, 35, 40}
		signal.pthread_sigmask(signal.SIG_BLOCK, every)
		for s in (signal.SIGUSR1, 35):
		    os.kill(0, s)
		    assert signal.sigwait(every) == s
		# Whatever comes twice comes before this.
		subprocess.run(["env", "kill", "-40", str(os.getppid())], restore_signals=False)
		assert signal.sigwait(every) == 40
	EOF
	run -0 timeout 20 setsid -w memrun -o report $PYTHON group.py
}

@test "a queued signal tells who sent it" {
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

@test "timeout, nohup, setsid, xargs and pipes do with memrun what they do without" {
	for run in '' 'memrun -o report'; do
		run -124 timeout 0.3 $run sleep 60
		run -137 timeout -k 0.1 2 $run sh -c 'trap "" TERM; while :; do sleep 0.05; done'
		run -5 setsid -w $run sh -c 'exit 5'
		[ "$(seq 5 | xargs -n 2 $run echo | tr '\n' '|')" = '1 2|3 4|5|' ]
		run -123 sh -c "seq 2 | xargs $run sh -c 'exit 7'"
		run -0 --separate-stderr nohup $run sh -c 'kill -HUP $$; echo alive'
		[ "$output" = alive ]
		[ "$(timeout 20 $run yes | head -n 1)" = y ]
		run -141 bash -c "set -o pipefail; timeout 20 $run yes | head -n 1 >/dev/null"
		# A stdin that stays open, as ssh without a terminal gives it.
		run -3 timeout 20 $run sh -c 'read x; echo "$x"; exit 3' < <(echo line; exec sleep 1)
		[ "$output" = line ]
	done
}

@test "with script and in tmux, all is as on a terminal" {
	if command -v script >/dev/null; then
		run -3 script -qec "memrun -o report sh -c 'tty >/dev/null && echo on; exit 3'" /dev/null
		[ "${output//$'\r'/}" = on ]
	fi
	command -v tmux >/dev/null || skip "tmux is not installed"
	export TMUX_TMPDIR=$PWD
	tmux -f /dev/null new-session -d -x 80 -y 24 "memrun -o report sh -c 'stty size >size; exec cat'"
	server=$(tmux display-message -p '#{pid}')
	started+=("$server")
	until_true [ -s size ]
	[ "$(cat size)" = '24 80' ]
	tmux resize-window -x 100 -y 30
	tmux send-keys 'hello' Enter
	until_true eval 'tmux capture-pane -p | grep -c hello | grep -qx 2'
	tmux send-keys C-d
	until_true has_line report 'exit status 0'
	until_true gone "$server"
}

@test "a hang-up reaches the command, also when memrun leads the session" {
	cat >hangup.py <<-'EOF'
		import os, pty, sys
		pid, fd = pty.fork()
		if pid == 0:
		    os.execvp(sys.argv[1], sys.argv[1:])
		while b"ready" not in os.read(fd, 1000):
		    pass
		os.close(fd)
		status = os.waitpid(pid, 0)[1]
		sys.exit(os.waitstatus_to_exitcode(status) % 256)
	EOF
	for run in '' "memrun -o report"; do
		run -9 timeout 20 $PYTHON hangup.py $run dash -c 'trap "exit 9" HUP; echo ready; while :; do sleep 0.02; done'
		run -255 timeout 20 $PYTHON hangup.py $run dash -c 'echo ready; exec sleep 60'
		run -9 timeout 20 $PYTHON hangup.py dash -c "$run dash -c 'trap \"\" HUP; echo ready; exec sleep 1'; exit 9" || [ "$status" -eq 255 ]
	done
}

@test "an interactive shell stops, continues and ends it as a job: Ctrl-Z, fg, bg, Ctrl-C, Ctrl-\\" {
	cat >jobs.py <<-'EOF'
		import os, ptys, sys, time
		os.environ.update(PS1="$ ", ENV="", HISTFILE="")
		shell = ptys.Terminal(sys.argv[1].split() + ["-i"])
		say, until = shell.say, shell.until
		def state(wanted):
		    p = int(open("command").read())
		    while open("/proc/%d/stat" % p).read().rsplit(")")[1].split()[0] not in wanted:
		        time.sleep(0.01)
		until(r"\$ $")
		command = "dash -c 'echo $$ >command; echo st\"\"arted; exec sleep 60'"
		run = sys.argv[2]
		say(run + " " + command + "\n")
		until("started\r\n")
		state("S")
		for i in range(3):
		    say("\x1a")
		    until("(?i)stopped.*\r\n")
		    state("T")
		    say("jobs; echo is\"\"told\n")
		    until("(?i)stopped.*\r\n(.*\r\n)*?istold\r\n")
		    say("fg\n" if i != 1 else "bg; fg\n")
		    state("S")
		    shell.settle()
		say("\x03")
		until(r"\$ ")
		say("echo status=$?\n")
		until("status=130\r\n")
		say(run + " " + command + "\n")
		until("started\r\n")
		state("S")
		say("\x1c")
		until(r"\$ ")
		say("echo status=$?\n")
		until("status=131\r\n")
		say("exit 4\n")
		shell.end()
	EOF
	ulimit -c 0
	for shell in 'bash --norc' dash; do
		for run in '' "memrun -o report"; do
			run -4 timeout 20 $PYTHON jobs.py "$shell" "$run"
		done
	done
	has_line report 'killed by signal 3'
}

@test "an interactive shell gets the terminal back when the command stops itself by SIGSTOP" {
	cat >stops.py <<-'EOF'
		import os, signal
		def stop(*a):
		    os.kill(os.getpid(), signal.SIGSTOP)
		    print("go" + "ing", flush=True)
		signal.signal(signal.SIGTSTP, stop)
		print("star" + "ted", flush=True)
		while True:
		    signal.pause()
	EOF
	cat >jobs.py <<-'EOF'
		import os, ptys, sys
		os.environ.update(PS1="$ ", ENV="", HISTFILE="", TERM="dumb")
		shell = ptys.Terminal(["bash", "--norc", "--noediting", "-i"])
		say, until, settle = shell.say, shell.until, shell.settle
		run = sys.argv[1]
		until(r"\$ $")
		say(run + " " + sys.executable + " stops.py\n", "started\r\n")
		for i in range(3):
		    settle()
		    say("\x1a", "Stopped.*\r\n")
		    say("echo st=$?\n", "st=14[78]\r\n")
		    say("fg\n", "going\r\n")
		say("\x03", r"\$ ")
		say(run + " bash --norc --noediting -i\n", r"\$ $")
		for i in range(2):
		    say("echo in=$PPID\n", r"in=\d+\r\n")
		    settle()
		    say("suspend\n", "Stopped.*\r\n")
		    say("echo out=$?\n", r"out=\d+\r\n")
		    say("fg\n", "bash.*\r\n")
		say("dash -c 'echo go\"\"ing; exec sleep 60'\n", "going\r\n")
		say("\x03", r"\$ ")
		say("exit 7\n", r"exit\r\n.*\$ ")
		say("echo st=$?\n", "st=7\r\n")
		say("exit 4\n")
		shell.end()
	EOF
	for run in '' 'memrun -o report' 'memrun -o report memrun -o report.2'; do
		run -4 timeout 20 $PYTHON jobs.py "$run"
	done
}

@test "a core is dumped as without, by the command and nobody else" {
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
	[ "$(ls ../plain | wc -l)" -eq 1 ]
	[ "$(ls ../measured | grep -c core)" -eq 1 ]
}

@test "a setuid program and one that can't be read run as always, and are measured" {
	[ "$(id -u)" -eq 0 ] && command -v setpriv >/dev/null || skip "needs root and setpriv"
	chmod 755 .
	cp "$build/self" setuid-self
	chown 1234 setuid-self
	chmod 4755 setuid-self
	cp "$build/spike" secret-spike
	chmod 0111 secret-spike
	# Up to a folder that others may enter.
	local dir
	dir=$(mktemp -d /var/tmp/untouched.XXXXXX)
	chmod 777 "$dir"
	cp -p setuid-self secret-spike "$dir"
	chown 1234 "$dir/setuid-self"
	chmod 4755 "$dir/setuid-self"
	cp "$build"/mem* "$dir"
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
		[ "$(cat peak)" -gt $((32 * 1024 * 1024)) ]
	) || status=$?
	rm -rf -- "$dir"
	[ "$status" -eq 0 ]
}

# SPDX-License-Identifier: MIT
load helper
all_need linux

# Each figure belongs to the right process, and each process is there from its creation to its exit.

# value KEY FILE: print a value of a JSON report, as Python code that follows the object.
value() { python3 -c "import json, sys; r = json.load(open(sys.argv[1])); print(r$1)" "$2"; }

# names FILE: print the different names of the processes in samples.
names() { rows "$1" | cut -f7 | sort -u | tr '\n' ' '; }

# pids FILE: print the different process IDs in samples.
pids() { rows "$1" | cut -f2 | sort -un; }

@test "with -x, the peak is that of the command, not of a child that it waited for" {
	memrun -x --csv -o peaks sh -c 'spike -t 200 100 >true; grep VmHWM /proc/$$/status >mark; :'
	compare "$(cat true)" -gt 102400
	within "$(awk -F, '$1 == "total" { print $6 }' peaks)" "$(awk '{ print $2 }' mark)" 0 300
}

@test "the memory of a child that no tick saw is not that of the command" {
	memrun -a fixed -i 60s -f tsv -o peaks sh -c 'spike 64 >true; :'
	within "$(total rss_kib peaks)" "$(cat true)" 0 300
	is "$(total time peaks)" ''
	compare "$(peak_of process sh rss_kib peaks)" -lt 8192
	compare "$(peak_of group sh rss_kib peaks)" -lt 8192
}

@test "a peak that is known from wait4(2) alone has no time, and is that of the command" {
	memrun -a fixed -i 60s -j -o report spike -b 300 64 >true
	within "$(value '["peak_rss_kib"]' report)" "$(cat true)" 0 300
	is "$(value '["peak_after_seconds"]' report)" None
	is "$(value '["processes"][0]["peak_rss_kib"]' report)" "$(value '["peak_rss_kib"]' report)"
	is "$(value '["processes"][0]["peak_at"]' report)" None
	memrun -a fixed -i 60s -o text spike -b 300 64 >true
	has_line text '^  peak RSS .* between ticks, in 1 process$'
}

@test "the memory of memexec before it executed the command is not the command's" {
	needs plain # memexec itself is larger then
	[ "$(uname -m)" = x86_64 ] || skip "needs x86_64"
	# A program of one page: pause() until a signal.
	python3 - <<-'PYTHON'
		import os, struct
		code = bytes.fromhex("b822000000" "0f05" "bf00000000" "b83c000000" "0f05")
		head = b"\x7fELF\x02\x01\x01" + bytes(9) + struct.pack("<HHIQQQIHHHHHH",
		    2, 62, 1, 0x400078, 64, 0, 0, 64, 56, 1, 0, 0, 0)
		load = struct.pack("<IIQQQQQQ", 1, 5, 0, 0x400000, 0x400000, 120 + len(code), 120 + len(code), 4096)
		open("tiny", "wb").write(head + load + code)
		os.chmod("tiny", 0o755)
	PYTHON
	start memrun -s samples -f tsv -o peaks ./tiny
	until_true has_line samples 'tiny$'
	local mark
	mark=$(awk '/VmHWM/ { print $2 }' "/proc/$(pids samples)/status")
	kill "$pid"
	wait "$pid" || [ "$?" -eq 143 ]
	compare "$mark" -lt 128
	is "$(total rss_kib peaks)" "$mark"
	run ! grep -q maxrss_kib samples
	# One that exits before it is read may have held at most as much as memexec.
	python3 -c 'f = open("tiny", "r+b"); f.seek(0x78); f.write(bytes.fromhex("bf00000000b83c0000000f05"))'
	memrun -s samples -o report ./tiny
	mempeak samples >peaks
	[ -n "$(total rss_kib peaks)" ] || has_line samples '^#maxrss_bound_kib'
	compare "$(total bound_kib peaks)" -lt 1024
	[ "$(total rss_kib peaks)" = '' ] || [ "$(total rss_kib peaks)" -lt 128 ]
}

@test "the programs of this measurement are not measured, whichever tree contains them" {
	cat >watched <<-'EOS'
		memrun -d 0.3 -s memrun.tsv -o memrun.out -p $$
		memsample -d 0.3 $$ | tee pipe.tsv | mempeak | memfmt >pipe.out
		pstree-pids $$ | memsample -d 0.3 | tee list.tsv | mempeak >list.out
		memsample -d 0.3 $$ >alone.tsv
		(memsample -n 3 -i 50 | tee nested.tsv) < <(echo $$) | mempeak >nested.out
		: end
	EOS
	bash watched
	for file in memrun pipe list alone; do
		echo "$file: $(names "$file.tsv")"
		is "$(names "$file.tsv")" 'bash '
		is "$(pids "$file.tsv" | wc -l)" 1
	done
	run ! grep -qE 'mem(sample|peak|fmt|exec)|tee' <(names nested.tsv)
}

@test "the programs of another measurement are measured" {
	memrun -b 50 -s outer.tsv -o outer sh -c 'memrun -s inner.tsv -o inner sleep 0.5; :'
	is "$(names inner.tsv)" 'sleep '
	for name in memrun memsample mempeak memfmt sleep; do
		[[ " $(names outer.tsv)" == *" $name "* ]] || { echo "$name: $(names outer.tsv)"; false; }
	done
}

@test "processes of a name that start later are measured" {
	cp "$(command -v sleep)" mempipe-late
	start ./mempipe-late 60
	local first=$pid
	until_true eval 'pstree-pids -n mempipe-late >/dev/null 2>&1'
	start memrun -v -N mempipe-late -s samples -o report
	local memrun=$pid
	until_true has_line samples "$tab$first$tab"
	start sh -c 'sleep 0.3; exec ./mempipe-late 60'
	until_true has_line samples "$tab$pid$tab"
	is "$(pids samples)" "$(printf '%s\n' "$first" "$pid" | sort -n)"
	kill "$first" "$pid"
	wait "$memrun"
	has_line report '^  mempipe-late .*2 '
}

@test "an old process that executes a program of the name is measured" {
	needs events
	cp "$(command -v sleep)" mempipe-old
	start sleep 60
	local other=$pid
	start sh -c 'while [ ! -e go ]; do sleep 0.02; done; exec ./mempipe-old 60'
	local old=$pid
	sleep 2.5 # the age of the process is tested: PIDs of the last two seconds are searched anyway
	start sh -c "exec memsample -N mempipe-old $other >samples"
	until_true has_line samples "$tab$other$tab"
	: >go
	until_true has_line samples "$tab$old$tab"
	is "$(pids samples)" "$(printf '%s\n' "$other" "$old" | sort -n)"
}

@test "memsample -N samples the processes of a name, now and later" {
	cp "$(command -v sleep)" mempipe-then
	start sleep 60
	start sh -c "exec memsample -N mempipe-then $pid >samples"
	until_true has_line samples "${tab}sleep${tab}"
	start ./mempipe-then 60
	until_true has_line samples "$tab$pid$tab"
	run -2 memsample -N '' 1
	one_line "$output" '^memsample: -N: .*missing name$'
}

@test "processes that enter a control group later are measured" {
	needs root cgroup
	local folder=
	memexec -g --to 'grep "^#cgroup" >group' sh -c 'sleep 0.1'
	folder=$(sed -n "s/^#cgroup$tab//p" group)
	folder=${folder%/*}/mempipe-test-$$
	mkdir "$folder" || skip "no control group can be created"
	start sleep 60
	local first=$pid
	echo "$first" >"$folder/cgroup.procs"
	start memrun -c "$folder" -s samples -o report
	local memrun=$pid
	until_true has_line samples "$tab$first$tab"
	start sleep 60
	echo "$pid" >"$folder/cgroup.procs"
	until_true has_line samples "$tab$pid$tab"
	kill "$first" "$pid"
	wait "$memrun"
	until_true rmdir "$folder"
	is "$(pids samples)" "$(printf '%s\n' "$first" "$pid" | sort -n)"
}

@test "the programs of a measurement of their own control group are not measured" {
	needs root cgroup
	cat >watched <<-'EOS'
		memrun -c "$(sed -n "s/^#cgroup	//p" group)" -d 0.3 -s samples -o report
		: end
	EOS
	memexec -g --to 'grep --line-buffered "^#cgroup" >group' bash -c 'until [ -s group ]; do sleep 0.01; done; exec bash watched'
	is "$(names samples)" 'bash '
}

# The parent exits before its child can be found, and the child is a copy of its grandparent.
daemon_of_attached() {
	cat >daemon.py <<-'EOS'
		import os, sys, time
		while not os.path.exists("go"): time.sleep(0.01)
		p = os.fork()
		if p == 0:
		    if os.fork() == 0:
		        os.setsid()
		        b = b"x" * (64 << 20)
		        open("daemon", "w").write(str(os.getpid()))
		        while not os.path.exists("end"): time.sleep(0.01)
		        os._exit(0)
		    os._exit(0)
		os.waitpid(p, 0)
		while not os.path.exists("end"): time.sleep(0.01)
	EOS
	cat >attach <<-'EOS'
		python3 daemon.py & target=$!
		memrun -p $target -s samples -o report & memrun=$!
		wait_for() { for i in $(seq 500); do "$@" && return; sleep 0.02; done; }
		wait_for grep -q python samples; sleep 0.2; : >go
		wait_for test -s daemon
		wait_for awk -v pid="$(cat daemon)" '$2 == pid && $4 > 65536 { found = 1 } END { exit !found }' samples
		: >end
		wait $memrun $target
	EOS
	"$@" sh attach
	cat report
	is "$(rows samples | cut -f2 | sort -u | grep -cx "$(cat daemon)")" 1
	compare "$(rows samples | awk -F'\t' '$4 > 65536' | wc -l)" -gt 0
	run ! grep -qE "$tab(cat|grep|seq|sleep)$" samples # of the shell
}

@test "a daemon that an attached process leaves by a double fork is measured" {
	needs events
	daemon_of_attached
}

@test "where the kernel reports no process events, such a daemon is measured too" {
	needs pidns
	daemon_of_attached unshare --pid --fork --mount-proc
}

@test "a process that may have left an attached tree and cannot be followed is in the bound" {
	needs pidns
	cat >attach <<-'EOS'
		wait_for() { for i in $(seq 500); do "$@" && return; sleep 0.02; done; }
		sh -c 'until [ -e go ]; do sleep 0.01; done
			(setsid spike -t 800 64 >true &); until [ -s true ]; do sleep 0.01; done; sleep 0.2' & target=$!
		memrun -p $target -s samples -o report & memrun=$!
		wait_for grep -q sleep samples; sleep 0.2; : >go
		wait $memrun $target
	EOS
	unshare --pid --fork --mount-proc sh attach
	mempeak samples >peaks
	cat report true
	compare "$(total bound_kib peaks)" -ge "$(cat true)"
	run ! grep -q "${tab}grep$" samples # of another tree
}

@test "the first and last times of a process are those of its creation and exit" {
	needs events
	cat >parent.py <<-'EOS'
		import subprocess, time
		for name in "one", "two":
		    before = time.time()
		    p = subprocess.Popen(["./" + name, "0.7"])
		    started = time.time()
		    p.wait()
		    open(name + ".times", "w").write("%r %r %r\n" % (before, started, time.time()))
	EOS
	cp "$(command -v sleep)" one
	cp "$(command -v sleep)" two
	memrun -f tsv -o peaks python3 parent.py
	for name in one two; do
		read -r before started ended <$name.times
		first=$(peak_of process $name first peaks) last=$(peak_of process $name last peaks)
		echo "$name: first $first in $before..$started, last $last in $before + 0.7..$ended"
		awk -v b="$before" -v s="$started" -v e="$ended" -v f="$first" -v l="$last" \
			'BEGIN { exit !(f >= b - 0.005 && f <= s + 0.005 && l >= b + 0.695 && l <= e + 0.005) }'
		# The group begins later if a sample has the process before it executed the program.
		awk -v g="$(peak_of group $name first peaks)" -v f="$first" -v s="$started" \
			'BEGIN { exit !(g == f || (g > f && g <= s + 0.1)) }'
	done
}

@test "the time at which a process started is right to a hundredth of a second" {
	python3 - <<-'PYTHON'
		import subprocess, time
		for i in range(20):
		    before = time.time()
		    p = subprocess.Popen(["sleep", "60"])
		    after = time.time()
		    out = subprocess.run(["memsample", "-1", "-H", "-o", "start", str(p.pid)], capture_output=True)
		    p.kill()
		    p.wait()
		    start = float(out.stdout)
		    assert before - 0.0101 <= start <= after + 0.0101, (before, start, after)
		    time.sleep(0.003)
	PYTHON
}

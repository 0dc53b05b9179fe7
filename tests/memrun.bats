# SPDX-License-Identifier: MIT
load helper

# kib FILE: the number of bytes in FILE, in KiB.
kib() { echo $(($(cat "$1") / 1024)); }

# within() allows 300 KiB here: the kernel's counters are some pages off.

@test "a single process's peak is exact, whatever the interval and however short the spike" {
	for args in '64' '-b 100 -a 100 32' '-t 20 128' '-b 300 32'; do
		for interval in 10 1s 60s; do
			memrun -q -o peak -i "$interval" spike $args >true
			within "$(kib peak)" "$(cat true)" 1 300
		done
	done
}

@test "the peaks of concurrent processes add up" {
	cat >command <<-'EOF'
		for i in 1 2 3 4; do spike -t 700 40 >true.$i & done
		wait
	EOF
	memrun -q -i 20 -o peak sh command
	within "$(kib peak)" "$(cat true.* | awk '{ s += $1 } END { print s + 1700 }')" 3 300
}

@test "the peaks of consecutive processes do not add up" {
	memrun -q -i 50 -o peak sh -c 'spike -t 30 100 >a; spike -t 30 100 >b; spike 100 >c'
	within "$(kib peak)" "$(($(cat a) + 1700))" 3 300
}

@test "the report is on standard error, and the command's output is untouched" {
	run -3 --separate-stderr memrun sh -c 'echo out; echo err >&2; exit 3'
	is "$output" out
	is "$(head -n 2 <<<"$stderr")" err$'\n'"sh -c 'echo out; echo err >&2; exit 3'"
	[[ $stderr == *"exit status 3 after "* ]]
	[[ $stderr == *"peak RSS "* ]]
}

@test "-o names the file of the report, - is standard output; -q, -j and --csv choose its format" {
	memrun -o report true
	has_line report '^  peak RSS '
	compare "$(memrun -qo - true)" -gt 100000
	memrun -jo - sh -c 'exit 0' | python3 -c 'import json, sys; assert json.load(sys.stdin)["exit_code"] == 0'
	memrun --csv --output=report.csv true
	is "$(head -c 6 report.csv)" scope,
	memrun -o "it's a \"file\" \$(touch pwned)" true
	[ -s "it's a \"file\" \$(touch pwned)" ]
	[ ! -e pwned ]
	memrun -qo -x true
	[ -s ./-x ]
}

@test "-s keeps the samples, from which the same report can be made" {
	memrun -q -o peak -s samples.tsv -i 10 spike -t 100 20 >true
	is "$(mempeak samples.tsv | memfmt -f bytes)" "$(cat peak)"
}

@test "{host} and {rank} in the names of files are those of a Slurm or MPI job" {
	export SLURMD_NODENAME="n '1" SLURM_PROCID=3
	memrun -s '{host}.{rank}.tsv' -o{host}.json -o 'r{rank}.txt' --output={rank}.md -O {rank}.out -E {rank}.err sh -c 'echo a; echo b >&2'
	is "$(ls)" "$(printf '%s\n' 3.err 3.md 3.out "n '1.3.tsv" "n '1.json" r3.txt)"
	is "$(cat 3.out 3.err)" "$(printf 'a\nb')"
	is "$(grep -hE '^#(host|rank)' "n '1.3.tsv")" "$(printf "#host\tn '1\n#rank\t3")"
	unset SLURM_PROCID OMPI_COMM_WORLD_RANK PMIX_RANK PMI_RANK
	run -125 memrun -s x{rank} touch started
	is "$output" 'memexec: x{rank}: not a rank of a Slurm or MPI job'
	[ ! -e started ]
}

@test "-x measures the command alone" {
	memrun -x -i 10 -s s -o r sh -c 'spike -t 200 30 >t; exit 0'
	is "$(rows s | cut -f2 | sort -u | wc -l)" 1
	is "$(rows s | awk -F'\t' '$4 > 20000' | wc -l)" 0
}

@test "options can be written as getopt(3) allows" {
	run -0 --separate-stderr memrun -qi10 true
	run -0 --separate-stderr memrun -q -i 10 -- true
	run -0 --separate-stderr memrun --quiet --interval=10 true
	run -0 --separate-stderr memrun --quiet --interval 10 true
	run -0 --separate-stderr memrun -Pqi10 -- true
	run -0 --separate-stderr memrun -q echo -q
	is "$output" -q
}

@test "an invalid option fails with 125 before the command starts" {
	for bad in -Z --nosuch '-i 3x' '-i 0' -i '-d 1x' '-o nosuch/file' '-s nosuch/file' '-o .' '-p 1x' \
		'-p 1' -qjZ --csv=x --pss=; do
		run -125 memrun $bad touch started
		[[ $output =~ ^(memrun|memsample|memfmt|pstree-pids):\  ]]
	done
	[ ! -e started ]
	for alone in '' -q -o -i -p; do
		run -125 memrun $alone
		[[ $output == *"usage: memrun"* ]]
	done
}

@test "the status is 127 if the command is not found and 126 if it cannot be executed: one line, no report" {
	run -127 memrun nosuch-command
	one_line "$output" '^mem(run|exec): nosuch-command: No such file or directory$'
	run -126 memrun /etc/passwd
	one_line "$output" '^mem(run|exec): /etc/passwd: Permission denied$'
}

@test "the exit status is the command's, or 128+N after signal N, even if the report fails" {
	run -42 memrun sh -c 'exit 42'
	run -143 memrun sh -c 'kill -TERM $$'
	[[ $output == *"killed by signal 15 (Terminated)"* ]]
	run -42 memrun -o /dev/full sh -c 'exit 42'
	one_line "$output" '^memfmt: /dev/full: No space left on device$'
	run -42 memrun -s /dev/full -q sh -c 'exit 42'
	[[ $output == *"tee: /dev/full: No space left on device"* ]]
	run -42 sh -c 'memrun -o - sh -c "exit 42" >&-'
	run -42 sh -c 'memrun sh -c "exit 42" 2>&-'
}

@test "-p measures until the processes exit, with their descendants" {
	start sh -c 'sleep 0.2; spike -t 500 50 >true; sleep 0.2'
	memrun -p "$pid" -i 20 -q -o peak
	exited "$pid"
	within "$(kib peak)" "$(($(cat true) + 1700))" 3 300
}

@test "-p and -N measure several processes for the time of -d, and the report counts those still running" {
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
	one_line "$output" '^pstree-pids: .*nosuch-name'
	run -1 memrun -p 4194305
	one_line "$output" '^pstree-pids: 4194305: No such process$'
}

@test "SIGINT and SIGTERM end the measuring of running processes, and the report is printed" {
	start sleep 60
	local target=$pid
	for signal in INT TERM; do
		rm -f s
		start memrun -p "$target" -s s -o report
		until_true has_line s '^[0-9]'
		kill -"$signal" "$pid"
		wait "$pid"
		has_line report '1 process still running'
		has_line report 'peak RSS'
	done
}

@test "-d ends the measuring, and the command continues and decides the exit status" {
	cat >command <<-'EOF'
		until [ -e go ]; do sleep 0.02; done
		exit 7
	EOF
	start memrun -d 0.2 -s s sh command 2>report
	until_true has_line report '^  measured for 0[.][0-9]* s; the command was still running$'
	kill -0 "$pid"
	touch go
	wait "$pid" && status=0 || status=$?
	is "$status" 7
	has_line s "^#stopped${tab}duration$"
	run -1 grep -e memexec -e INCOMPLETE -e 'still running$' <(grep -v ' s; the command was still' report)
	run -0 --separate-stderr memrun -q -d 0.1 sleep 0.3
	[[ $stderr =~ ^[0-9]+$ ]]
	run -0 --separate-stderr memrun -d 10 true
	[[ $stderr == *'exit status 0 after'* ]]
	memrun -j -o json -d 0.1 sleep 0.3
	has_line json '"complete": false'
	has_line json '"processes_left": 1'
}

@test "on a terminal, -p shows what is measured and how to end it" {
	start sleep 60
	local target=$pid
	cat >session <<-'EOF'
		import re, sys, time
		open("s", "w").close()
		t = Terminal(["memrun", "-s", "s", "-p", sys.argv[1]])
		t.until("memrun: measuring process " + sys.argv[1] + "; press Ctrl-C for the report")
		while not re.search("(?m)^[0-9]", open("s").read()):
		    time.sleep(0.02)
		t.send("\x03", "peak RSS")
	EOF
	on_pty play session "$target"
	run -1 grep measuring <(on_pty raw memrun -q -d 0.1 -p "$target")
	memrun -d 0.1 -p "$target" 2>report
	run -1 grep measuring report
	has_line report '^sleep'
	on_pty raw memrun -d 0.1 -p "$target" -p "$$" >all
	has_line all 'memrun: measuring 2 processes; press'
}

@test "Ctrl-C on the terminal ends the command, and the report is printed" {
	cat >session <<-'EOF'
		t = Terminal(["memrun", "sh", "-c", "echo ready; exec sleep 60"])
		t.until("ready")
		t.send("\x03", "killed by signal 2")
		t.until("peak RSS")
	EOF
	on_pty play session
}

@test "the report is printed although the whole process group of memrun is killed" {
	start setsid sh -c 'memrun -i 20 -s s -o report sleep 60; :'
	until_true has_line s '^[0-9]'
	kill -KILL -- "-$pid" # setsid(1) made it the leader
	until_true has_line report 'INCOMPLETE'
	has_line report 'peak RSS'
}

@test "no variable of the environment is an option or code" {
	run -0 env sample='; touch pwned; true' limit=x peak='; touch pwned' keep=k fmt=json duration=9 pids=1 \
		attach=1 group=x out=o views=x checks=false form=x append=x kept=x in=x watch=1 start=x joined=y memrun -q true
	[ ! -e pwned ]
	[ ! -e o ]
	run -125 memrun -i '' true
	run -125 memrun -o '' true
}

@test "memrun measures memrun" {
	run -7 --separate-stderr memrun -q -i 10 memrun -o inner -q sh -c 'spike -t 100 30 >true; exit 7'
	within "$(kib inner)" "$(($(cat true) + 1700))" 3 300
	compare "${stderr##*$'\n'}" -ge "$(cat inner)"
}

@test "a daemon that detaches stays in the tree while the command runs" {
	memrun -i 10 -s s -o r sh -c '(setsid spike -t 600 40 >true &) ; until [ -s true ]; do sleep 0.02; done'
	mempeak s | memfmt >report
	has_line report '^  spike '
	compare "$(rows s | awk -F'\t' '$7 == "spike" && $4 > 40 * 1024' | wc -l)" -gt 0
}

@test "memrun works through a link, from any folder, and in any sh" {
	ln -s "$(command -v memrun)" mylink
	compare "$(./mylink -qo - true)" -gt 100000
	mkdir bin
	ln -s "$(command -v memrun)" bin/memrun
	compare "$(PATH=$PWD/bin:$PATH memrun -qo - true)" -gt 100000
	for sh in dash bash 'busybox sh'; do
		command -v "${sh%% *}" >/dev/null || continue
		compare "$($sh "$build/memrun" -qo - -L "k=it's \$x" true)" -gt 100000
		run -7 $sh ./mylink -q -o peak sh -c 'exit 7'
		run -125 $sh "$build/memrun" -i 0 touch started
		one_line "$output" '^memsample: '
	done
	[ ! -e started ]
}

@test "no process and no file is left" {
	memrun -q -o peak sh -c 'sleep 0.05'
	is "$(ls)" peak
	for p in $(pstree-pids $$ | tail -n +2); do
		case $(cat "/proc/$p/comm" 2>/dev/null) in
		mem* | sh) echo "left: $p"; return 1 ;;
		esac
	done
}

@test "the first line names memexec, or /bin/sh where it cannot" {
	case $build in *[[:space:]]*) is "$(head -n 1 "$build/memrun")" '#!/bin/sh' ;;
	*) is "$(head -n 1 "$build/memrun")" "#!$build/memexec -s" ;; esac
	is "$("$top/share/first-line.sh" /a/b <"$top/cmd/memrun.sh" | head -n 1)" '#!/a/b/memexec -s'
	is "$("$top/share/first-line.sh" '/a b' <"$top/cmd/memrun.sh" | head -n 1)" '#!/bin/sh'
	is "$("$top/share/first-line.sh" "/$(printf %0200d 0)" <"$top/cmd/memrun.sh" | head -n 1)" '#!/bin/sh'
	is "$("$top/share/first-line.sh" /a <"$top/cmd/membench.sh" | head -n 1)" '#!/bin/sh'
	mkdir 'a b'
	cp "$build"/mem* "$build"/pstree-pids 'a b' 2>/dev/null
	"$top/share/first-line.sh" "$PWD/a b" <"$top/cmd/memrun.sh" >'a b/memrun'
	run -3 'a b/memrun' -q -o peak sh -c 'exit 3'
	compare "$(cat peak)" -gt 100000
}

@test "the script has at most 200 lines" {
	compare "$(lines_of "$top/cmd/memrun.sh")" -le 200
}

load helper

@test "the report has the median and the spread of the runs" {
	run -0 --separate-stderr membench -n 3 spike -t 5 24
	[[ $stderr == '3 runs: peak RSS '*' MiB (median; '* ]]
	[[ $stderr == *'  at most '* ]]
	is "${#lines[@]}" 3
	run -0 --separate-stderr membench -n 1 true
	[[ $stderr == '1 run: peak RSS '* ]]
	run -0 --separate-stderr membench true
	[[ $stderr == '5 runs: '* ]]
}

@test "-o names the file of the report, - is standard output" {
	run -0 --separate-stderr membench -n2 -o report true
	is "$output$stderr" ''
	has_line report '^2 runs: peak RSS'
	run -0 --separate-stderr membench -n 2 -o- true
	[[ $output == '2 runs: peak RSS'* ]]
	is "$stderr" ''
	membench -n 1 --save b sleep 0.05 2>err
	[[ $(membench -n 1 -o - --against b --threshold 900% sleep 0.05 2>err) == *$'\n\npeak RSS '*'no regression'* ]]
	[ ! -s err ]
}

@test "a baseline is saved, listed, compared with and deleted" {
	membench -n 1 --save small spike -t 5 24 >true 2>err
	is "$(membench --list | cut -f 1,2,4 | tail -n 1)" "small${tab}1${tab}spike -t 5 24"
	[ "$(membench --list | cut -f 3 | tail -n 1)" -ge 24576 ]
	run -0 membench -n 1 --against small spike -t 5 24
	[[ $output == *'no regression'* ]]
	run -1 membench -n 1 -o report --against small spike -t 5 48
	has_line report REGRESSION
	[[ $output == *'the command differs'* ]]
	run -0 membench -n 1 --against small --threshold 200M spike -t 5 48
	mkdir other
	cp .mempipe/small.tsv other/
	is "$(membench --dir other --list | wc -l)" 2
	membench --delete small
	is "$(membench --list | wc -l)" 1
	is "$(ls .mempipe)" ''
}

@test "a baseline of several runs holds all of them" {
	membench -n 3 --save three -o report spike -t 5 24 >true
	is "$(membench --list | cut -f 2 | tail -n 1)" 3
	is "$(grep -c '^total' .mempipe/three.tsv)" 3
	run -1 grep '^span' .mempipe/three.tsv
	run -0 membench -n 2 --against three spike -t 5 24
	[[ $output == *'no regression'* ]]
	is "$(ls)" $'report\ntrue'
}

@test "the status is the command's if it fails, and the runs end there" {
	membench -n 1 --save small spike -t 5 24 >true 2>err
	run -3 membench -n 3 --against small sh -c 'echo run >>runs; spike -t 5 48; exit 3'
	is "$(lines_of runs)" 1
	run -3 membench -n 2 --save new sh -c 'exit 3'
	one_line "$(grep ^membench <<<"$output")" "^membench: run 1 of 2 failed with status 3: it is the last; no baseline is saved$"
	is "$(membench --list | wc -l)" 2
	run -143 membench -n 2 sh -c 'kill -TERM $$'
	run -127 membench nosuch-command
	one_line "$output" '^mem(run|exec): nosuch-command: No such file or directory$'
}

@test "an invalid option fails with 125 and one line before the first run" {
	mkdir -p .mempipe/folder.tsv
	echo garbage >.mempipe/bad.tsv
	: >.mempipe/empty.tsv
	while IFS='|' read -r options message; do
		eval "run -125 membench $options touch started"
		one_line "$(grep -v -e '^usage: ' -e '^       ' <<<"$output")" "^$message"
		[ ! -e started ] || { echo "started: $options"; return 1; }
	done <<-'TABLE'
		-n 0|membench: -n: 0: 
		-n 2x|membench: -n: 2x: 
		-n 9999999|membench: -n: 9999999: 
		--against none|membench: .mempipe/none.tsv: not found$
		--against ../x|membench: --against: ../x: a name may hold
		--against bad|memdiff: .mempipe/bad.tsv: 
		--against empty|memdiff: .mempipe/empty.tsv: 
		--threshold 5%|membench: --threshold: only allowed with --against
		--save -x|membench: --save: -x: a name may hold
		--save folder|membench: .mempipe/folder.tsv: Is a directory$
		--list|membench: --list, --delete: not allowed with
		--delete bad|membench: --list, --delete: not allowed with
		--list=x|membench: --list: no argument allowed
		-Z|membench: -Z: invalid option
		-i 0|memsample: -i: 0: 
		--include '('|mempeak: --include: 
		-o nosuch/file|membench: nosuch/file: cannot be written
		-o .|membench: .: Is a directory
		-O nosuch/file|mem(run|exec): .*nosuch/file: 
	TABLE
	[ -e .mempipe/bad.tsv ]
	for alone in '' -n --save -Z; do
		run -125 membench $alone
		[[ $output == *'usage: membench'* ]]
	done
	run -125 membench --delete nosuch
	one_line "$output" '^membench: .mempipe/nosuch.tsv: not found$'
	run -125 membench --against bad --threshold x true
}

@test "--check validates and runs nothing" {
	run -0 membench --check -n 2 --save x touch started
	is "$(ls -A)" ''
	run -0 membench --check --list
	is "$output" ''
}

@test "the sampling options reach memrun" {
	membench -n 1 -L job=nightly --group-by job --columns cmd -i 10 -a adaptive --save x sh -c 'spike -t 20 24 >true' 2>err
	has_line .mempipe/x.tsv "^group${tab}nightly"
	has_line .mempipe/x.tsv "^#schedule${tab}adaptive"
	membench -n 1 --exclude '^spike$' --save y spike -t 20 24 >true 2>err || true
	run -0 --separate-stderr membench -n 2 --silent echo hidden
	is "$output" ''
	membench -n 1 -O out -E err -o report sh -c 'echo out; echo err >&2'
	is "$(cat out err | tr '\n' ' ')" 'out err '
}

@test "each run reads the same standard input, one after the other" {
	is "$(seq 3 | membench -n 3 -o report dash -c 'read x; echo "$x"' | tr '\n' ' ')" '1 2 3 '
}

@test "Ctrl-C ends the runs and removes the temporary files" {
	mkdir tmp
	cat >session <<-'EOF'
		import os
		os.environ["TMPDIR"] = os.getcwd() + "/tmp"
		t = Terminal(["membench", "-n", "99", "sh", "-c", "echo run >>runs; echo ready; exec sleep 60"])
		t.until("ready")
		t.send("\x03")
		while t.read():
		    pass
		status = os.waitpid(t.pid, 0)[1]
		assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == 2, status
	EOF
	on_pty play session
	is "$(lines_of runs)" 1
	is "$(ls tmp)" ''
}

@test "SIGTERM ends the runs after the present one and removes the temporary files" {
	mkdir tmp
	TMPDIR=$PWD/tmp start membench -n 99 -o report sh -c 'echo run >>runs; sleep 0.5'
	until_true [ -s runs ]
	kill -TERM "$pid"
	local status=0
	wait "$pid" || status=$?
	is "$status" 143
	is "$(lines_of runs)" 1
	is "$(ls tmp)" ''
}

@test "it works through a link and in any sh" {
	ln -s "$build/membench" link
	run -0 ./link -n 1 true
	for sh in dash bash 'busybox sh'; do
		command -v "${sh%% *}" >/dev/null || continue
		run -4 $sh "$build/membench" -n 2 -o report sh -c 'exit 4'
	done
	run -0 membench --version
	one_line "$output" '^membench \(mempipe\) [0-9]+\.[0-9]+\.[0-9]+$'
}

load helper

# What memrun adds to the stages: that each option reaches the one it is for.

@test "a wrong option of any stage fails with one line before the command starts" {
	mkdir -p .mempipe
	while IFS='|' read -r options message; do
		eval "run -125 memrun $options touch started"
		one_line "$output" "^$message"
		[ ! -e started ] || { echo "started: $options"; return 1; }
		[ -z "$(find "${TMPDIR:-/tmp}" -maxdepth 1 -name 'memrun.*' -newer .mempipe -user "$(id -u)" -empty)" ] || true
	done <<-'TABLE'
		-T '{nosuch}'|memfmt: -T: nosuch: field not found
		-T '{peak_rss'|memfmt: \{peak_rss: never closed
		-T '{peak_rss:XiB}'|memfmt: .*XiB
		-T 'a\q'|memfmt: .*\\q
		-f nosuch|memfmt: -f: nosuch: invalid format
		-u XiB|memfmt: XiB: invalid unit
		-t NaN|memlimit: NaN: invalid size
		-t 99999999999G|memlimit: 99999999999G: out of range
		-t 0|memlimit: 0: a limit is 1K at least
		--max-proc=-1|memlimit: -1: invalid size
		-k|memlimit: no limit given: --total or --max-proc$
		-t 1G -kNOSUCH|memlimit: NOSUCH: 
		-t 1G --grace 1|memlimit: -g: only with -k
		--include '('|mempeak: \(: 
		--exclude '*['|mempeak: .*\[: 
		--group-by nosuch|memsample: nosuch: no such column
		--columns nosuch|memsample: nosuch: no such column
		-L time=1|memsample: time=1: a column has that name
		-L 'a b=1'|memsample: a b=1: 
		--hertz 0|memsample: 0: an interval
		-r 0|memrun: 0: not a number of runs
		-r 2x|memrun: 2x: not a number of runs
		-1|memrun: -1 goes with
		--then true|memrun: --then: needs the file of -o
		--compare-baseline none|memrun: .mempipe/none.tsv: no such baseline
		--compare-baseline ../x|memrun: ../x: a baseline's name
		--save-baseline -x|memrun: -x: a baseline's name
		--csv=x|memrun: --csv=x: it takes no argument
		-O nosuch/file|memrun: nosuch/file: can't be written
		-o .|memrun: .: Is a directory
		-s -|memrun: -s: -: samples need a file
		-s /dev/stdout|memrun: -s: /dev/stdout: samples need a file
		-s /dev/stdin|memrun: -s: /dev/stdin: samples need a file
		-s /proc/self/fd/1|memrun: -s: /proc/self/fd/1: samples need a file
		--chart a|memrun: a: not a type of picture
		--chart nosuch/a.png|memrun: nosuch/a.png: can't be written
	TABLE
}

@test "a baseline that can't be read is told before the command starts" {
	mkdir .mempipe
	echo garbage >.mempipe/bad.tsv
	run -125 memrun --compare-baseline bad touch started
	one_line "$output" '^memdiff: .mempipe/bad.tsv: '
	: >.mempipe/empty.tsv
	run -125 memrun --compare-baseline empty touch started
	one_line "$output" '^memdiff: .mempipe/empty.tsv: '
	[ ! -e started ]
}

@test "a template, a unit and every format reach the report" {
	run -0 --separate-stderr memrun -o - -T '{name} {exit_code} {command}{{}}\n' sh -c 'exit 0'
	[ "$output" = "sh 0 sh -c 'exit 0'{}" ]
	memrun -o text -u MB spike -t 5 24 >peak
	grep -q '^  peak RSS  *[0-9]*\.[0-9] MB ' text
	for format in json csv process-csv timeline-csv markdown openmetrics bytes; do
		memrun -o "$format" -f "$format" spike -t 5 24 >peak
		[ -s "$format" ]
	done
	python3 -c 'import json; assert json.load(open("json"))["peak_rss_kib"] >= 24576'
	[ "$(head -n 1 process-csv | tr -d '\r')" = pid,ppid,command,max_rss_kib,max_rss_mib,first_seen,last_seen ]
	[ "$(head -n 1 timeline-csv | tr -d '\r')" = timestamp,elapsed_seconds,total_rss_kib,total_rss_mib,process_count ]
	[ "$(awk -F, 'NR > 1 && $3 > most { most = $3 } END { print most }' timeline-csv)" -ge 24576 ]
	[ "$(tail -n 1 openmetrics)" = '# EOF' ]
	memrun -j --timeline -o json spike -t 5 24 >peak
	python3 -c 'import json; t = json.load(open("json"))["timeline"]; assert max(s["rss_kib"] for s in t) >= 24576'
}

@test "a limit of the total gives 10, one of a process 11, and the report tells" {
	run -10 memrun -o report -t 20M spike -t 50 24
	has_line report 'LIMIT EXCEEDED: total .* of 20.0 MiB'
	run -11 memrun -o report --max-proc 20M spike -t 50 24
	has_line report 'LIMIT EXCEEDED: spike'
	run -0 memrun -o report -t 500M spike -t 50 24
	! has_line report LIMIT
	memrun -j -o json -t 20M spike -t 50 24 || [ $? -eq 10 ]
	python3 -c 'import json; l = json.load(open("json"))["limits"]; assert l["total_kib"] == 20480 and l["exceeded"][0]["scope"] == "total"'
}

@test "-k ends the tree at once, by TERM or the signal given" {
	run -10 timeout 20 memrun -o report -k -t 20M sh -c 'spike -t 60000 24; echo never'
	[[ $output != *never* ]]
	has_line report 'SIGTERM'
	run -10 timeout 20 memrun -o report --kill=KILL -t 20M sh -c 'trap "" TERM; spike -t 60000 24'
	has_line report 'SIGKILL'
}

@test "one reading of a running tree is printed as a tree" {
	start sh -c 'sleep 60 & echo $! >child; wait'
	until_true [ -s child ]
	until_true eval '[ "$(cat /proc/$(cat child)/comm)" = sleep ]'
	run -0 memrun -1 -p "$pid"
	[[ ${lines[0]} =~ ^\ +RSS\ +PID\ +NAME$ ]]
	[[ ${lines[1]} =~ \ $pid\ \ sh$ ]]
	[[ ${lines[2]} =~ \ $(cat child)\ \ \ \ sleep$ ]]
	[[ ${lines[3]} =~ \ 2\ \ processes$ ]]
	run -0 memrun -1 -P -p "$pid"
	[[ ${lines[0]} =~ PSS ]]
	memrun -w -d 0.1 -p "$pid" >trees
	grep -qc '^20.*Z$' trees
	[ "$(memrun -1q -p "$pid" -o -)" -gt 1000000 ]
}

@test "-w looks again and again, with -1 too, and a signal to memrun ends all of it" {
	start sleep 60
	local watched=$pid signal
	memrun -1 -w -d 1.5 -p "$watched" >trees
	[ "$(grep -c '^20.*Z$' trees)" -ge 2 ]
	for signal in TERM INT HUP; do
		# A shell without jobs would start it with INT ignored.
		start python3 -c 'import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execvp(sys.argv[1], sys.argv[1:])' memrun -w -p "$watched" >trees
		until_true has_line trees process
		local all
		all=$(pstree-pids "$pid")
		kill -s "$signal" "$pid"
		wait "$pid"
		for one in $all; do
			until_true gone "$one"
		done
	done
}

@test "what a tree can't do, as to limit or to keep samples, is refused" {
	start sleep 60
	for option in '-t 1G' '-k -t 1G' '--max-proc 1G' '-s f' '--chart f.svg' '-o f --then true' \
		'--save-baseline f' '--compare-baseline f'; do
		for how in -1 -w; do
			run -125 memrun $how $option -p "$pid"
			one_line "$output" "^memrun: .* don't go with -1 or -w of what runs\$"
		done
	done
	[ "$(ls)" = '' ]
}

@test "-m and -c find what to watch" {
	start sleep 61.125
	until_true eval '[ "$(cat /proc/$pid/comm)" = sleep ]'
	memrun -1 -m 'sleep 61.125' | grep -q " $pid  sleep$"
	mkdir group
	echo "$pid" >group/cgroup.procs
	: >group/cgroup.controllers
	echo 52428800 >group/memory.peak
	memrun -1 -c "$PWD/group" | grep -q " $pid  sleep$"
	memrun -d 0.1 -j -o json -c group
	python3 -c 'import json; assert json.load(open("json"))["cgroup"]["peak_kib"] == 51200'
	run -125 memrun --of-cgroup nosuch
	run -125 memrun -c nosuch.service
	one_line "$output" '^pstree-pids: nosuch.service: no such control group$'
	run -0 --separate-stderr memrun -c -o - true
	[ "${lines[0]%%,*}" = scope ]
}

@test "--silent, -O and -E hide the command's output, not the report" {
	run -0 --separate-stderr memrun --silent sh -c 'echo out; echo err >&2'
	[ "$output" = '' ]
	[[ $stderr == *'peak RSS'* && $stderr != *err$'\n'* ]]
	memrun -q -o peak -O out -E err sh -c 'echo out; echo err >&2'
	[ "$(cat out err | tr '\n' ' ')" = 'out err ' ]
}

@test "-A measures what outlives the command, -g asks the kernel" {
	memrun -A -q -o peak sh -c '(sleep 0.1; spike -t 50 24 >/dev/null) &'
	[ "$(cat peak)" -ge 25165824 ]
	memrun -g -o report spike -t 5 24 >peak 2>err || skip "no control group can be made: $(cat err)"
	has_line report 'cgroup'
}

@test "labels, groups, filters and further columns reach the report" {
	memrun -j -o json -L job=nightly --group-by job --columns cpu_ms,cmd sh -c 'spike -t 20 24 >/dev/null; :'
	python3 - <<-'EOF'
		import json
		r = json.load(open("json"))
		assert r["group_by"] == "job" and [g["name"] for g in r["groups"]] == ["nightly"], r
		assert all(p["labels"] == {"job": "nightly"} for p in r["processes"])
		assert any(p["command_line"] == "spike -t 20 24" for p in r["processes"])
	EOF
	memrun -j -o json --group-by user sleep 0.1
	[ "$(python3 -c 'import json; print(json.load(open("json"))["groups"][0]["name"])')" = "$(id -un)" ]
	memrun -j -o json --exclude '^spike$' sh -c 'spike -t 20 24 >/dev/null; :'
	python3 -c 'import json; r = json.load(open("json")); assert r["left_out"]["rss_kib"] >= 24576 and r["peak_rss_kib"] < 24576'
	memrun -j -o json --include spike sh -c 'spike -t 20 24 >/dev/null; :'
	python3 -c 'import json; r = json.load(open("json")); assert [g["name"] for g in r["groups"]] == ["spike"]'
}

@test "PSS of a shared memory is counted once" {
	memrun -P -b 100 -j -o json shapes shared >/dev/null
	python3 -c 'import json; r = json.load(open("json")); assert r["pss"]["reads"] > 0 and r["pss"]["peak_pss_kib"] < r["peak_rss_kib"]'
}

@test "a baseline is saved, listed, compared with and deleted" {
	memrun -q --save-baseline small spike -t 5 24 >/dev/null 2>&1
	[ "$(memrun --list-baselines | cut -f1,2,4 | tail -n 1)" = "small${tab}1${tab}spike -t 5 24" ]
	[ "$(memrun --list-baselines | cut -f3 | tail -n 1)" -ge 24576 ]
	run -0 memrun --compare-baseline small spike -t 5 24
	[[ $output == *'no regression'* ]]
	run -1 memrun -o report --compare-baseline small spike -t 5 48
	has_line report REGRESSION
	[[ $output == *'another command'* ]]
	run -0 memrun --compare-baseline small --regression-threshold 200M spike -t 5 48
	run -3 memrun --compare-baseline small sh -c 'spike -t 5 48; exit 3'
	mkdir other
	cp .mempipe/small.tsv other/
	[ "$(memrun --baseline-dir other --list-baselines | wc -l)" -eq 2 ]
	memrun --delete-baseline small
	[ "$(memrun --list-baselines | wc -l)" -eq 1 ]
	mkdir .mempipe/small.tsv
	run -125 memrun --save-baseline small touch started
	one_line "$output" '^memrun: .mempipe/small.tsv: Is a directory$'
	[ ! -e started ]
	rmdir .mempipe/small.tsv
	run -125 memrun --delete-baseline small
	one_line "$output" '^memrun: .mempipe/small.tsv: no such baseline$'
}

@test "-r reports median and spread, and a baseline of runs knows its noise" {
	run -0 --separate-stderr memrun -r 3 spike -t 5 24
	[[ $stderr == *'3 runs: peak RSS '*'median'* ]]
	[ "${#lines[@]}" -eq 3 ]
	memrun -r 3 --save-baseline three -o report spike -t 5 24 >/dev/null
	[ "$(memrun --list-baselines | cut -f2 | tail -n 1)" -eq 3 ]
	has_line report '^3 runs'
	run -0 memrun -r 2 --compare-baseline three spike -t 5 24
	[[ $output == *'no regression'* ]]
	memrun -r 2 -q -o peaks spike -t 5 24 >/dev/null 2>&1
	[ "$(lines_of peaks)" -eq 2 ]
	[ -z "$(find "${TMPDIR:-/tmp}" -maxdepth 1 -name 'memrun.*' -newer peaks)" ]
}

@test "the spread of runs comes beside a format of one's own" {
	for format in '-T {exit_code}' '-f timeline-csv' -q; do
		run -0 --separate-stderr memrun -r 2 $format true
		[[ $stderr == *'2 runs: peak RSS '* && $stderr != *'cannot create'* ]]
	done
}

@test "--then runs when the report is out, with its path" {
	run -0 memrun -o report --then 'grep -c "peak RSS" "$MEMPIPE_REPORT"; dirname "$MEMPIPE_REPORT"' true
	[ "$output" = "1"$'\n'"$(pwd -P)" ]
	run -0 memrun -q -o report sh -c 'echo ${MEMPIPE_REPORT-none}'
	[ "$output" = none ]
}

@test "--chart draws a picture, or says before the start why it can't" {
	command -v gnuplot >/dev/null || skip "gnuplot is not installed"
	memrun -q --chart picture.svg spike -t 50 24 >/dev/null 2>&1
	grep -q '</svg>' picture.svg
	run -125 memrun --chart picture.gif touch started
	one_line "$output" '^memrun: picture.gif: not a type of picture'
	run -125 memrun --chart nosuch/picture.png touch started
	mkdir folder.png
	run -125 memrun --chart folder.png touch started
	one_line "$output" '^memrun: folder.png: Is a directory$'
	mkdir bin
	printf '#!/bin/sh\necho broken >&2\nexit 1\n' >bin/gnuplot
	chmod +x bin/gnuplot
	PATH=$PWD/bin:$PATH run -125 memrun --chart picture.png touch started
	[[ $output == *'gnuplot: broken'* ]]
	[ ! -e started ]
}

@test "-w says how it stands while the command runs" {
	memrun -w -q spike -t 50 24 >peak 2>said
	[ "$(tail -n 1 said)" -ge 25165824 ]
}

@test "--help lists the options, --version is one line" {
	run -0 memrun --help
	[ "$output" = "$(memrun -h)" ]
	run -0 memrun --version
	one_line "$output" '^mempipe [0-9]+\.[0-9]+\.[0-9]+$'
}

@test "when the out-of-memory killer struck, the report says so" {
	own=$(sed -n 's/^[0-9]*:memory://p' /proc/self/cgroup)
	group=/sys/fs/cgroup/memory$own/mempipe-test-$$
	mkdir "$group" 2>/dev/null && echo 60M >"$group/memory.limit_in_bytes" ||
		skip "no control group with a limit can be made here"
	bash -c "echo \$\$ >'$group/cgroup.procs'; exec timeout 20 memrun -o report sh -c 'spike -t 100 200 >/dev/null 2>&1; echo \$?'" >said 2>&1
	until_true rmdir "$group"
	[ "$(cat said)" = 137 ] || grep -qx Killed said
	has_line report 'OUT OF MEMORY: the kernel killed 1 process'
}

@test "all processes that -N, -m and -c find are measured, not the first alone" {
	cp "$(command -v sleep)" mempipe-nap
	mkdir group
	: >group/cgroup.controllers
	for i in 1 2; do
		start ./mempipe-nap 60.5
		echo "$pid" >>group/cgroup.procs
		until_true eval '[ "$(cat /proc/$pid/comm)" = mempipe-nap ]'
	done
	for found in '-N mempipe-nap' '-m mempipe-nap\ 60.5' '-c group'; do
		eval "memrun -d 0.1 -f csv -o peaks $found"
		[ "$(awk -F, '$1 == "total" { print $5 }' peaks)" -eq 2 ]
		eval "memrun -1 $found" >tree
		[ "$(grep -c 'mempipe-nap$' tree)" -eq 2 ]
		grep -q ' 2  processes$' tree
	done
}

@test "what is refused loses no file, and a name like an option is a name" {
	echo old >old
	run -125 memrun -O old -E old -o old -s old --compare-baseline none true
	run -125 memrun -s old -o old --nosuch true
	[ "$(cat old)" = old ]
	echo keep >x
	memrun -o -x true
	[ "$(cat x)" = keep ]
	grep -q 'peak RSS' ./-x
	memrun -q -o old true
	[ "$(wc -l <old)" -eq 1 ]
	memrun -q -o /dev/stdout true >>old
	[ "$(wc -l <old)" -eq 2 ]
	run -125 memrun -o >(cat) touch started
	run -125 memrun -o r --then "echo 'un" touch started
	run -125 memrun --regression-threshold 5% touch started
	run -125 memrun -1 -p $$ --include x
	[ ! -e started ]
	memrun -q -o r --columns user --group-by user true
}

@test "-O and -E take the output also where a standard descriptor is closed" {
	memrun -q -o r -O out -E err sh -c 'echo out; echo err >&2' >&- 2>&- <&-
	[ "$(cat out err | tr '\n' ' ')" = 'out err ' ]
}

@test "with -o -, what is said of several runs or a baseline is on standard output too" {
	[[ $(memrun -r 2 -o - true 2>err) == '2 runs: peak RSS'* ]]
	memrun -q -o r --save-baseline b sleep 0.05
	[[ $(memrun -o - --compare-baseline b --regression-threshold 900% sleep 0.05 2>err) == *$'\n\npeak RSS '*'no regression'* ]]
	[ ! -s err ]
}

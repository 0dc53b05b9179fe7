# SPDX-License-Identifier: MIT
load helper

# Each option of memrun reaches the stage that it is for.

@test "an invalid option of any stage fails with one line before the command starts" {
	while IFS='|' read -r options message; do
		eval "run -125 memrun $options touch started"
		one_line "$(grep -v -e '^usage: ' -e '^       ' <<<"$output")" "^$message"
		[ ! -e started ] || { echo "started: $options"; return 1; }
	done <<-'TABLE'
		-T '{nosuch}'|memfmt: -T: nosuch: field not found
		-T '{peak_rss'|memfmt: -T: .*\{peak_rss
		-T '{peak_rss:XiB}'|memfmt: -T: .*XiB
		-T 'a\q'|memfmt: -T: .*\\q
		-f nosuch|memfmt: -f: nosuch: invalid format
		-u XiB|memfmt: -u: XiB: invalid unit
		-t NaN|memlimit: -t: NaN: invalid size
		-t 99999999999G|memlimit: -t: 99999999999G: out of range
		-t 0|memlimit: -t: 0: 
		--max-proc=-1|memlimit: --max-proc: -1: invalid size
		-k|memlimit: missing limit: 
		--metric pss|memlimit: missing limit: 
		--metric vsz -t 1G|memlimit: --metric: vsz: metric must be 
		--metric cgroup -t 1G|memrun: --metric cgroup: not allowed without -g or -c
		--metric cgroup -g --max-proc 1G|memlimit: -m: not allowed with --metric cgroup
		-t 1G -kNOSUCH|memlimit: -k: NOSUCH: 
		-t 1G --grace 1|memlimit: .*-g.*-k
		--include '('|mempeak: --include: \(: 
		--exclude '*['|mempeak: --exclude: .*\[: 
		--group-by nosuch|memsample: (-O|--columns): nosuch: 
		--columns nosuch|memsample: (-O|--columns): nosuch: 
		-L time=1|memsample: -L: time=1: 
		-L 'a b=1'|memsample: -L: a b=1: 
		--hertz 0|memsample: --hertz: 0: 
		-a often|memsample: -a: often: 
		-b 1000|memsample: -b: 1000: 
		-c nosuch.service|pstree-pids: .*nosuch.service: 
		--csv=x|memrun: --csv: no argument allowed
		--nosuch=x|memrun: --nosuch: invalid option
		-O nosuch/file|mem(run|exec): .*nosuch/file: 
		-E nosuch/file|mem(run|exec): .*nosuch/file: 
		-o nosuch/file|memfmt: -o: nosuch/file: No such file or directory
		-o .|memfmt: -o: .: Is a directory
		-o a -o b -f json|memfmt: -f: must precede the -o that it is for
		-f html|memfmt: -f: html: made from samples: use memview
		-f nosuch -o a|memfmt: -f: nosuch: invalid format
		-o /dev/fd/77|memfmt: -o: /dev/fd/77: 
		-s -|memrun: -s: -: not allowed
		-s /dev/stdout|memrun: -s: /dev/stdout: not allowed
		-s /dev/stdin|memrun: -s: /dev/stdin: not allowed
		-s /proc/self/fd/1|memrun: -s: /proc/self/fd/1: not allowed
		-f png -o a|memplot: -o: a: 
		-o nosuch/a.png|memplot: .*nosuch/a.png: 
	TABLE
}

@test "an option that memrun does not have is invalid" {
	for removed in -1 --once --then=true -r3 --repeat=3 --save-baseline=x --compare-baseline=x --list-baselines \
		--delete-baseline=x --baseline-dir=x --regression-threshold=5% --of-cgroup=x; do
		run -125 memrun $removed touch started
		[[ ${lines[0]} == "memrun: "*": invalid option" ]]
		[[ ${lines[1]} == "usage: memrun "* ]]
	done
	[ ! -e started ]
}

@test "--check validates and starts nothing" {
	run -0 memrun --check -i 10 -o report -s samples -- touch started
	is "$output" ''
	run -125 memrun --check -i 0 touch started
	one_line "$output" '^memsample: -i: 0: '
	run -125 memrun --check
	run -0 memrun --check -p "$$"
	[ ! -e started ]
}

@test "a template, a unit and every format reach the report" {
	run -0 --separate-stderr memrun -o - -T '{name} {exit_code} {command}{{}}\n' sh -c 'exit 0'
	is "$output" "sh 0 sh -c 'exit 0'{}"
	memrun -o text -u MB spike -t 5 24 >peak
	grep -q '^  peak RSS  *[0-9]*\.[0-9] MB ' text
	for format in json csv run-csv process-csv markdown prometheus openmetrics folded bytes tsv; do
		memrun -o "$format" -f "$format" spike -t 5 24 >peak
		[ -s "$format" ]
	done
	python3 -c 'import json; assert json.load(open("json"))["peak_rss_kib"] >= 24576'
	is "$(memfmt -f bytes tsv)" "$(awk -F'\t' '$1 == "total" { printf "%.0f", $6 * 1024 }' tsv)"
	is "$(head -n 1 process-csv | tr -d '\r')" pid,ppid,command,max_rss_kib,max_rss_mib,first_seen,last_seen
	memrun -f timeline-csv -o timeline-csv --timeline -f json -o json spike -t 300 24 >peak
	is "$(head -n 1 timeline-csv | tr -d '\r')" timestamp,elapsed_seconds,total_rss_kib,total_rss_mib,process_count
	compare "$(awk -F, 'NR > 1 && $3 > most { most = $3 } END { print most }' timeline-csv)" -ge 24576
	is "$(tail -n 1 openmetrics)" '# EOF'
	has_line run-csv '^command,peak_rss_bytes,peak_vsz_bytes,duration_ms,exit_code,threshold_exceeded,timestamp'
	has_line run-csv '^spike -t 5 24,[0-9]*,[0-9]*,[0-9]*,0,false,20'
	has_line folded '^spike [0-9]*$'
	python3 -c 'import json; t = json.load(open("json"))["timeline"]; assert max(s["rss_kib"] for s in t) >= 24576'
}

@test "the status is 10 if the total exceeds its limit and 11 if a process does, and the report shows it" {
	run -10 memrun -o report -t 20M spike -t 50 24
	has_line report 'LIMIT EXCEEDED: total .* of 20'
	run -11 memrun -o report --max-proc 20M spike -t 50 24
	has_line report 'LIMIT EXCEEDED: spike'
	run -0 memrun -o report -t 500M spike -t 50 24
	run ! has_line report LIMIT
	run -10 memrun -j -o json -t 20M spike -t 50 24
	python3 -c 'import json; l = json.load(open("json"))["limits"]; assert l["total_kib"] == 20480 and l["exceeded"][0]["scope"] == "total"'
}

@test "a limit sees the peak that the report shows, even if only wait4(2) has it" {
	run -10 memrun -jo json -t 20M -a fixed -i 5s spike 24
	python3 -c 'import json
r = json.load(open("json"))
assert r["limits"]["exceeded"][0]["kib"] == r["peak_rss_kib"] > 24000, r'
	run -11 memrun -o report --max-proc 20M -a fixed -i 5s spike 24
	has_line report 'LIMIT EXCEEDED: '
}

@test "--metric applies the limits to the PSS, the footprint or the control group, and the report shows it" {
	run -10 memrun -o report --metric pss -t 20M spike -t 1000 24
	has_line report 'LIMIT EXCEEDED: total PSS .* of 20'
	run -10 memrun -o report --metric footprint -t 20M spike -t 500 24
	has_line report 'LIMIT EXCEEDED: total footprint .* of 20'
	needs cgroup
	run -10 memrun -jo json -g --metric cgroup -t 20M spike -t 50 24
	python3 -c 'import json
l = json.load(open("json"))["limits"]
assert l["metric"] == "cgroup" and l["exceeded"][0]["kib"] > 20480 and l["exceeded"][0]["rss_kib"] is None, l'
}

@test "-v adds the RSS over time to the report" {
	memrun -v -o report spike -t 50 24 >peak
	has_line report '^  mean RSS  .* median '
	has_line report '^  resting  .* median of the last quarter of the time$'
	has_line report '^  over time  .* GiB s  '
}

@test "-k ends the tree at once, by SIGTERM or the signal given" {
	run -10 timeout $patience memrun -o report -k -t 20M sh -c 'spike -t 60000 24; echo never'
	[[ $output != *never* ]]
	has_line report 'SIGTERM'
	run -10 timeout $patience memrun -o report --kill=KILL -t 20M sh -c 'trap "" TERM; spike -t 60000 24'
	has_line report 'SIGKILL'
}

@test "-w shows the present state, and the report is printed at the end" {
	memrun -w -q -o peak spike -t 50 24 >true 2>err
	compare "$(cat peak)" -ge 25165824
	start sleep 60
	cat >session <<-'EOF'
		import sys
		t = Terminal(["memrun", "-w", "-o", "report", "-p", sys.argv[1]], size=(24, 80))
		t.until("[KM]iB now, ")
		t.send("\x03")
		while t.read():
		    pass
	EOF
	TERM=xterm on_pty play session "$pid"
	has_line report 'peak RSS'
	run -0 --separate-stderr memrun -w -d 0.1 -p "$pid"
	[[ $stderr == *'peak RSS'* ]]
}

@test "-m and -c find the processes to measure" {
	start sleep 61.125
	until_true eval '[ "$(cat /proc/$pid/comm)" = sleep ]'
	memrun -d 0.1 -m 'sleep 61.125' -f process-csv -o peaks
	is "$(tail -n 1 peaks | cut -d , -f 1,3)" "$pid,sleep"
	mkdir group
	echo "$pid" >group/cgroup.procs
	: >group/cgroup.controllers
	echo 52428800 >group/memory.peak
	memrun -d 0.1 -c "$PWD/group" -f process-csv -o peaks
	is "$(tail -n 1 peaks | cut -d , -f 1,3)" "$pid,sleep"
	memrun -d 0.1 -j -o json -c group
	is "$(python3 -c 'import json; print(json.load(open("json"))["cgroup"]["peak_kib"])')" 51200
	run -125 memrun --cgroup nosuch
	run -125 memrun -c group -c group
	one_line "$output" '^memrun: -c: group: only one control group is allowed$'
	run -0 --separate-stderr memrun --csv -o - true
	is "${lines[0]%%,*}" scope
}

@test "--silent, -O and -E redirect the command's output, not the report" {
	run -0 --separate-stderr memrun --silent sh -c 'echo out; echo err >&2'
	is "$output" ''
	[[ $stderr == *'peak RSS'* && $stderr != *err$'\n'* ]]
	memrun -q -o peak -O out -E err sh -c 'echo out; echo err >&2'
	is "$(cat out err | tr '\n' ' ')" 'out err '
}

@test "-A measures processes that outlive the command, -g reports the kernel's own peak" {
	memrun -A -q -o peak sh -c '(sleep 0.1; spike -t 50 24 >/dev/null) &'
	compare "$(cat peak)" -ge 25165824
	needs cgroup
	memrun -g -o report spike -t 5 24 >true
	has_line report 'cgroup'
}

@test "labels, groups, filters and more columns reach the report" {
	memrun -j -o json -L job=nightly --group-by job --columns cpu_ms,cmd sh -c 'spike -t 20 24 >/dev/null; :'
	python3 - <<-'EOF'
		import json
		r = json.load(open("json"))
		assert r["group_by"] == "job" and [g["name"] for g in r["groups"]] == ["nightly"], r
		assert all(p["labels"] == {"job": "nightly"} for p in r["processes"])
		assert any(p["command_line"] == "spike -t 20 24" for p in r["processes"])
	EOF
	memrun -j -o json --group-by user sleep 0.1
	is "$(python3 -c 'import json; print(json.load(open("json"))["groups"][0]["name"])')" "$(id -un)"
	memrun -j -o json --exclude '^spike$' sh -c 'spike -t 20 24 >/dev/null; :'
	python3 -c 'import json; r = json.load(open("json")); assert r["excluded"]["rss_kib"] >= 24576 and r["peak_rss_kib"] < 24576'
	memrun -j -o json --include spike sh -c 'spike -t 20 24 >/dev/null; :'
	python3 -c 'import json; r = json.load(open("json")); assert [g["name"] for g in r["groups"]] == ["spike"]'
}

@test "PSS counts shared memory once" {
	memrun -P -b 100 -j -o json shapes shared >/dev/null
	python3 -c 'import json; r = json.load(open("json")); assert r["pss"]["reads"] > 0 and r["pss"]["pss_kib"] < r["peak_rss_kib"]'
}

@test "-o draws a picture by its suffix, or fails before the start" {
	needs gnuplot
	memrun -q -o peak -o picture.svg spike -t 50 24 >true
	grep -q '</svg>' picture.svg
	compare "$(cat peak)" -ge 25165824
	mkdir folder.png
	run -125 memrun -o folder.png touch started
	one_line "$output" '^memplot: .*folder.png: Is a directory$'
	[ ! -e started ]
}

@test "one run has several outputs, each in the format of its suffix or of the -f before it" {
	echo kept >summary
	memrun -o r.json -f bytes -o r.txt -o r.md --append -o summary -o r.prom -o r.folded -o r.tsv -o r.csv -o - \
		spike -t 5 24 >text 2>messages
	is "$(cat messages)" ''
	python3 -c 'import json; assert json.load(open("r.json"))["peak_rss_kib"] >= 24576'
	compare "$(cat r.txt)" -ge 25165824
	has_line r.md '^[|] peak RSS [|] '
	is "$(head -n 1 summary)" kept
	has_line summary 'peak RSS'
	has_line text 'peak RSS'
	has_line r.prom '^mempipe_peak_rss_bytes [0-9]*$'
	has_line r.folded '^spike [0-9]*$'
	has_line r.tsv '^total'
	has_line r.csv '^total,'
	is "$(memfmt -q r.tsv)" "$(cat r.txt)"
}

@test "pages and traces are outputs, and the report is printed as without them" {
	memrun -o run.html -o run.trace.json -f trace -o other spike -t 50 24 >true 2>text
	has_line text 'peak RSS'
	is "$(cat true)" "$(tail -n 1 true)"
	grep -q 'id="data">{"command":"spike -t 50 24"' run.html
	python3 -c 'import json
for name in "run.trace.json", "other":
	assert any(e["ph"] == "X" and e["name"] == "spike" for e in json.load(open(name))["traceEvents"]), name'
	run -125 memrun -o nosuch/run.html touch started
	one_line "$output" '^memview: .*nosuch/run.html: '
	run -125 memrun --append -o run.html touch started
	one_line "$output" '^memfmt: --append: '
	[ ! -e started ]
}

@test "an output that cannot be written leaves the others complete" {
	run -0 --separate-stderr memrun -o /dev/full -o r.json -q -o >(head -c 0) -o peak sleep 0.05
	[[ $stderr == *'/dev/full: No space left on device'* ]]
	python3 -c 'import json; json.load(open("r.json"))'
	[ -s peak ]
}

@test "descriptors that the caller has opened are outputs" {
	# The report is not mixed with the output of the command.
	is "$(memrun -q -o /dev/fd/3 sh -c 'echo output' 3>&1 >/dev/null | grep -c '^[0-9]*$')" 1
	memrun -s >(cat >samples) -q -o /dev/fd/4 -q -o >(cat >substituted) true 4>peak
	until [ -s substituted ] && grep -q '^#end' samples; do sleep 0.05; done
	is "$(cat substituted)" "$(cat peak)"
	# A descriptor that is open is not truncated.
	echo before >log
	memrun -q -o /dev/fd/5 true 5>>log
	is "$(head -n 1 log)" before
	is "$(wc -l <log)" 2
	is "$(memrun -q -o /dev/fd/3 sh -c 'echo >&3; echo x' 3>&1 >/dev/null | head -n 1)" ''
}

@test "--help prints the options, --version one line" {
	run -0 memrun --help
	is "$output" "$(memrun -h)"
	run -0 memrun --version
	one_line "$output" '^memrun \(mempipe\) [0-9]+\.[0-9]+\.[0-9]+$'
}

@test "the report mentions the out-of-memory killer" {
	own=$(sed -n 's/^[0-9]*:memory://p' /proc/self/cgroup)
	group=/sys/fs/cgroup/memory$own/mempipe-test-$$
	mkdir "$group" 2>/dev/null && echo 60M >"$group/memory.limit_in_bytes" ||
		skip "no control group with a limit can be made here"
	bash -c "echo \$\$ >'$group/cgroup.procs'; exec timeout $patience memrun -o report sh -c 'spike -t 100 200 >/dev/null 2>&1; echo \$?'" >output 2>&1
	until_true rmdir "$group"
	[ "$(cat output)" = 137 ] || grep -qx Killed output
	has_line report 'OUT OF MEMORY: the kernel killed 1 process'
}

@test "all processes that -N, -m and -c find are measured" {
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
		is "$(awk -F, '$1 == "total" { print $5 }' peaks)" 2
		is "$(grep -c '^process,mempipe-nap,' peaks)" 2
	done
}

@test "an invalid option truncates no file, and -o -x names the file -x" {
	echo old >old
	run -125 memrun -O old -E old -o old -s old -i 0 true
	run -125 memrun -o old -s old -O nosuch/file true
	run -125 memrun -o old -O old -s nosuch/file true
	run -125 memrun -s old -o old --nosuch true
	is "$(cat old)" old
	echo keep >x
	memrun -o -x true
	is "$(cat x)" keep
	grep -q 'peak RSS' ./-x
	memrun -q -o old true
	is "$(wc -l <old)" 1
	memrun -q -o /dev/stdout true >>old
	is "$(wc -l <old)" 2
	run -125 memrun -o /dev/fd/9 touch started
	[ ! -e started ]
	memrun -q -o r --columns user --group-by user true
}

@test "-O and -E work where a standard descriptor is closed" {
	memrun -q -o r -O out -E err sh -c 'echo out; echo err >&2' >&- 2>&- <&-
	is "$(cat out err | tr '\n' ' ')" 'out err '
}


# SPDX-License-Identifier: MIT
load helper

@test "the report has the median and the spread of the runs" {
	run -0 --separate-stderr membench -n 3 'spike -t 5 24'
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
	membench -n 1 --save b 'sleep 0.05' 2>err
	[[ $(membench -n 1 -o - --against b --threshold 900% 'sleep 0.05' 2>err) == *$'\n\npeak RSS '*'no regression'* ]]
	[ ! -s err ]
}

@test "a baseline is saved, listed, compared with and deleted" {
	membench -n 1 --save small 'spike -t 5 24' >true 2>err
	is "$(membench --list | cut -f 1,2,4 | tail -n 1)" "small${tab}1${tab}spike -t 5 24"
	compare "$(membench --list | cut -f 3 | tail -n 1)" -ge 24576
	run -0 membench -n 1 --against small 'spike -t 5 24'
	[[ $output == *'no regression'* ]]
	run -1 membench -n 1 -o report --against small -- spike -t 5 48
	has_line report REGRESSION
	[[ $output == *'the command differs'* ]]
	run -0 membench -n 1 --against small --threshold 200M 'spike -t 5 48'
	mkdir other
	cp .mempipe/small.tsv other/
	is "$(membench --dir other --list | wc -l)" 2
	membench --delete small
	is "$(membench --list | wc -l)" 1
	is "$(ls .mempipe)" ''
}

@test "a baseline of several runs holds all of them" {
	membench -n 3 --save three -o report 'spike -t 5 24' >true
	is "$(membench --list | cut -f 2 | tail -n 1)" 3
	is "$(grep -c '^total' .mempipe/three.tsv)" 3
	run -1 grep '^span' .mempipe/three.tsv
	run -0 membench -n 2 --against three -- spike -t 5 24
	[[ $output == *'no regression'* ]]
	is "$(ls)" $'report\ntrue'
}

@test "the status is the command's if it fails, and the runs end there" {
	membench -n 1 --save small 'spike -t 5 24' >true 2>err
	run -3 membench -n 3 --against small 'echo run >>runs; spike -t 5 48; exit 3'
	is "$(lines_of runs)" 1
	run -3 membench -n 2 --save new 'exit 3'
	one_line "$(grep ^membench <<<"$output")" "^membench: run 1 of 2 failed with status 3: it is the last; no baseline is saved$"
	is "$(membench --list | wc -l)" 2
	run -143 membench -n 2 'kill -TERM $$'
	run -127 membench -- nosuch-command
	one_line "$output" '^mem(run|exec): nosuch-command: No such file or directory$'
}

@test "an invalid option fails with 125 and one line before the first run" {
	mkdir -p .mempipe/folder.tsv
	echo garbage >.mempipe/bad.tsv
	: >.mempipe/empty.tsv
	while IFS='|' read -r options message; do
		eval "run -125 membench $options 'touch started'"
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
		-w x|membench: -w: x: the number of runs must be from 0 to 999999$
		-L size|membench: -L: size: a parameter is name=value
		-L 1x=2|membench: -L: 1x=2: a parameter is name=value
		-L x=|membench: -L: x=: a value is empty$
		-L x=1,,2|membench: -L: x=1,,2: a value is empty$
		-L size=1,2|membench: -L: size: no command has \{size\}$
		-f yaml|memdiff: -f: yaml: invalid format: it must be one of text 
		-f schema|membench: -f: schema: not allowed
		-o x.html|membench: -o: x.html: invalid suffix
		-o x.csv --append|membench: --append: only allowed before -o$
		'' |membench: a command is empty$
		true -j8|membench: -j8: not allowed after a command
		--interval 0|memsample: --interval: 0: 
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
	run -0 membench --check -n 2 --save x 'touch started'
	is "$(ls -A)" ''
	run -0 membench --check --list
	is "$output" ''
}

# one_bench: measure two commands for all formats. The true peaks are in the files 24 and 72.
one_bench() {
	membench -n 3 -w 1 -o text -o run.json -o run.csv -o run.tsv -o run.md -f hyperfine -o hyperfine \
		-f bmf -o bmf -f benchmark -o benchmark -L size=24,72 'exec spike -t 5 {size} >{size}'
}

@test "several commands are compared in a table, and a line has how much less the least needed" {
	needs plain # a sanitized workload is larger
	LC_ALL=C one_bench
	is "$(sed -n 1p text)" '  RUNS     MEDIAN    AT MOST  SPREAD   DURATION  TIMES  COMMAND'
	grep -qE '^     3 +2[4-6]\.. MiB +2[4-6]\.. MiB +[0-9.]+ % +0\.[0-9]+ s +1\.00  exec spike -t 5 24 >24$' text
	grep -qE '^     3 +7[2-4]\.. MiB +7[2-4]\.. MiB +[0-9.]+ % +0\.[0-9]+ s +2\.[89][0-9]  exec spike -t 5 72 >72$' text
	[[ $(tail -n 1 text) =~ ^\'exec\ spike\ -t\ 5\ 24\ \>24\'\ needed\ 2\.[89][0-9]\ \+-\ 0\.[0-9]+\ times\ less\ memory\ than\ \'exec\ spike\ -t\ 5\ 72\ \>72\'$ ]]
	is "$(lines_of text)" 5
	is "$(cut -d , -f 1,3,12 run.csv | grep ^total)" $'total,3,exec spike -t 5 24 >24\r\ntotal,3,exec spike -t 5 72 >72\r'
	within "$(awk -F'\t' '$12 ~ /24/ && /^total/ { print $4 }' run.tsv)" "$(cat 24)" 0 600
	is "$(sed -n 1p run.md)" '| command | runs | peak RSS | at most | spread | duration | times |'
	is "$(lines_of run.md)" 4
	python3 - "$(cat 24)" "$(cat 72)" <<-'EOF'
		import json, statistics, sys
		truth = [int(x) for x in sys.argv[1:]]
		names = ["exec spike -t 5 24 >24", "exec spike -t 5 72 >72"]
		r = json.load(open("run.json"))
		assert [x["command"] for x in r["results"]] == names, r["results"]
		assert [x["parameters"] for x in r["results"]] == [{"size": "24"}, {"size": "72"}]
		assert len(r["runs"]) == 6 and r["machine"]["cpus"] >= 1 and "Linux" in r["machine"]["kernel"]
		for i, x in enumerate(r["results"]):
		    peaks = [run["peak_rss_kib"] for run in r["runs"][i * 3:i * 3 + 3]]
		    s = x["peak_rss_kib"]
		    assert x["runs"] == 3 and s["median"] == statistics.median(peaks), (s, peaks)
		    assert abs(s["stddev"] - statistics.stdev(peaks)) <= 1 and abs(s["mean"] - statistics.mean(peaks)) <= 1
		    assert s["spread"] == max(peaks) - min(peaks) and abs(s["median"] - truth[i]) <= 600, (s, truth)
		# The fields that hyperfine writes and its scripts read.
		h = json.load(open("hyperfine"))["results"]
		assert [x["command"] for x in h] == names and [x["parameters"]["size"] for x in h] == ["24", "72"]
		for x, y in zip(h, r["results"]):
		    assert set(x) == {"command", "mean", "stddev", "median", "user", "system", "min", "max", "times",
		                      "memory_usage_byte", "exit_codes", "parameters"}, x
		    assert len(x["times"]) == 3 and x["exit_codes"] == [0, 0, 0]
		    assert abs(x["mean"] - statistics.mean(x["times"])) < 1e-6
		    assert abs(x["stddev"] - statistics.stdev(x["times"])) < 1e-6
		    assert x["median"] == statistics.median(x["times"]) == y["duration_seconds"]["median"]
		    assert (x["min"], x["max"]) == (min(x["times"]), max(x["times"])) and x["user"] + x["system"] > 0
		    assert max(x["memory_usage_byte"]) == y["peak_rss_kib"]["max"] * 1024
		b = json.load(open("bmf"))
		assert list(b) == names
		for name, x in zip(names, r["results"]):
		    assert b[name] == {"peak-memory": {"value": x["peak_rss_kib"]["median"] * 1024,
		        "lower_value": x["peak_rss_kib"]["min"] * 1024,
		        "upper_value": x["peak_rss_bound_kib"]["max"] * 1024}}, b
		for x, y, name in zip(json.load(open("benchmark")), r["results"], names):
		    assert set(x) == {"name", "unit", "value", "range", "extra"} and x["name"] == name
		    assert x["unit"] == "MiB" and abs(x["value"] * 1024 - y["peak_rss_kib"]["median"]) < 1, x
		    assert " MiB to " in x["range"] and x["extra"].startswith("3 runs, 0."), x
	EOF
	memdiff -f json run.json | cmp - run.json
	memdiff -f hyperfine run.json | cmp - hyperfine
	memdiff run.json | cmp - run.tsv
}

@test "the JSON of runs matches its schema, for any command and any number of runs" {
	needs jsonschema
	memdiff -f schema | diff - "$build/runs.schema.json"
	membench -n 1 --silent -o one.json -f bmf -o one.bmf -f benchmark -o one.benchmark -f hyperfine -o one.hyperfine \
		-o one.csv -o one.md -- sh -c ': $1' sh $'"\xff\\<b>|`x`\e[31m\t\xc2\x9b\n&'
	membench -n 2 --silent -o two.json $': "\xff<b>\e[31m" \n' $': "\xfe" \' \'' 2>err
	python3 - "$build" <<-'EOF'
		import csv, json, sys, jsonschema
		schemas = {n: json.load(open(f"{sys.argv[1]}/{n}.schema.json")) for n in ("runs", "report")}
		jsonschema.Draft7Validator.check_schema(schemas["runs"])
		runs = dict(schemas["runs"])
		assert runs["properties"]["runs"]["items"] == {"$ref": "report.schema.json"}
		runs["properties"]["runs"]["items"] = {"type": "object"}
		for name in ("one", "two"):
		    r = json.load(open(f"{name}.json"))
		    jsonschema.validate(r, runs, cls=jsonschema.Draft7Validator)
		    for run in r["runs"]:
		        jsonschema.validate(run, schemas["report"], cls=jsonschema.Draft7Validator)
		for f in ("bmf", "benchmark", "hyperfine"):
		    json.load(open(f"one.{f}"))
		assert not set(open("one.md", encoding="utf-8").read()) & set("\x1b\t\x9b")
		rows = list(csv.reader(open("one.csv", encoding="utf-8", newline="")))
		assert {len(row) for row in rows} == {12}
		assert [x["command"] for x in r["results"]] == [': "\ufffd<b>\x1b[31m" \n', ': "\ufffd" \' \''], r["results"]
	EOF
}

@test "-L runs each command with each value, and -p and -w run before" {
	membench -n 2 -w 1 -p 'echo "before {x}" >>log' -L x=a,'b c' -L y=--k=1,2 -f hyperfine -o out -o text \
		-- sh -c 'echo "$@" >>log' sh '{x}' '{y}{z}'
	for x in a 'b c'; do
		for y in --k=1 2; do
			for i in 1 2 3; do
				printf 'before %s\n%s %s{z}\n' "$x" "$x" "$y"
			done
		done
	done | diff - log
	python3 -c 'import json
r = json.load(open("out"))["results"]
assert [list(x["parameters"].values()) for x in r] == [["a", "--k=1"], ["a", "2"], ["b c", "--k=1"], ["b c", "2"]], r'
	membench -n 1 -L "x=it's" -L 'y=a\tb{x}' -f json -o out -o text "printf '%s' \"{x}\" '{y}{w}' >log2"
	is "$(cat log2)" "it'sa\\tb{x}{w}"
	python3 -c 'import json; assert json.load(open("out"))["results"][0]["parameters"] == {"x": "it\x27s", "y": "a\\tb{x}"}'
}

@test "a simple command replaces its shell, and any other line is run whole" {
	membench -n 1 -o run.json -o text 'sleep 0.1' 'sleep "0.1" >>out 2>&1' 'sleep 0; echo a >>out' 'sleep 0 && echo b >>out' \
		'sleep 0 | cat; echo c >>out' $'sleep 0\necho d >>out' "sleep 0 # it's; no" \
		"sleep '0' \"\$(echo 0; echo e >>out)\"" 'A=0 sleep 0' 'sleep 0 & wait; echo f >>out' "ls -d \".\"''; echo g >>out"
	is "$(tr '\n' ' ' <out)" 'a b c d e f g '
	python3 -c 'import json
r = json.load(open("run.json"))
assert [x["name"] for x in r["runs"]][:3] == ["sleep", "sleep", "sh"]
assert [x["command"] for x in r["results"]][:3] == ["sleep 0.1", "sleep \"0.1\" >>out 2>&1", "sleep 0; echo a >>out"]'
}

@test "a run that fails ends all, unless -i ignores it" {
	run -3 --separate-stderr membench -n 2 'exit 3' 'touch started'
	[ ! -e started ]
	one_line "$(grep ^membench <<<"$stderr")" '^membench: run 1 of 2 of command 1 failed with status 3: it is the last$'
	run -0 --separate-stderr membench -in 2 -f hyperfine -o out 'exit 3' 'kill -TERM $$'
	python3 -c 'import json; assert [r["exit_codes"] for r in json.load(open("out"))["results"]] == [[3, 3], [None, None]]'
	run -3 --separate-stderr membench -w 1 'exit 3'
	is "$stderr" 'membench: warmup run 1 of 1 failed with status 3: it is the last'
	run -127 membench -i -n 2 -- nosuch-command
	one_line "$output" '^mem(run|exec): nosuch-command: No such file or directory$'
	run -125 membench -n 2 -p 'exit 7' 'touch started'
	is "$output" 'membench: -p: the command failed with status 7'
	[ ! -e started ]
}

@test "a baseline holds several commands, and each is compared with its own" {
	needs plain # a sanitized workload is larger
	echo 24 | tee a b >/dev/null
	membench -n 1 --save two 'exec spike -t 5 $(cat a)' 'exec spike -t 5 $(cat b); : b' >/dev/null 2>&1
	is "$(membench --list | cut -f 1,2,4 | tail -n 2)" "two${tab}1${tab}exec spike -t 5 \$(cat a)"$'\n'"two${tab}1${tab}exec spike -t 5 \$(cat b); : b"
	echo 48 >b
	run -1 membench -n 1 --silent -o text -o out.md --against two 'exec spike -t 5 $(cat a)' 'exec spike -t 5 $(cat b); : b'
	is "$output" ''
	has_line text '^REGRESSION of 1 of 2 commands against .mempipe/two.tsv (more than 10 %)$'
	grep -qE '^ +2.\.. MiB +2.\.. MiB .* % +same +exec spike -t 5 \$\(cat a\)$' text
	grep -qE '^ +2.\.. MiB +4.\.. MiB +\+2[34]\.. MiB .* % +worse +exec spike -t 5 \$\(cat b\); : b$' text
	grep -q '| \*\*worse\*\* |$' out.md
	run -0 membench -n 1 --silent -o text --against two 'exec spike -t 5 $(cat a)'
	is "$output" 'memdiff: .mempipe/two.tsv: 1 command not found in standard input'
}

@test "a baseline records the machine, and a comparison on another one is warned about" {
	membench -n 1 --save here true 2>err
	for key in kernel cpus transparent_huge_pages swap_total_kib mempipe_version; do
		has_line .mempipe/here.tsv "^#$key$tab"
	done
	is "$(sed -n "s/^#kernel$tab//p" .mempipe/here.tsv)" "$(uname -sr)"
	run -0 membench -n 1 -o report --threshold 900% --against here true
	is "$output" ''
	sed -i "s/^#kernel.*/#kernel${tab}Linux\\x1B 1.0/; s/^#cpus.*/#cpus${tab}999/; /^#swap/d" .mempipe/here.tsv
	run -0 membench -n 1 -o report --threshold 900% --against here true
	is "$output" "memdiff: standard input: the machine differs from .mempipe/here.tsv: kernel $(uname -sr), not Linux\\x1B 1.0
memdiff: standard input: the machine differs from .mempipe/here.tsv: number of CPUs $(getconf _NPROCESSORS_ONLN), not 999"
}

@test "--append adds to a file, and -f without -o is for standard error" {
	echo first >summary
	membench -n 1 -f markdown --append -o summary -f tsv true 2>err
	is "$(head -n 2 summary)" $'first\n| command | runs | peak RSS | at most | spread | duration | times |'
	is "$(head -n 1 err | cut -f 1-3)" "scope${tab}name${tab}runs"
}

@test "the progress is shown on a terminal that the commands do not use, and erased" {
	on_pty raw membench -n 2 -o report --silent 'echo hidden' 'echo hidden; :' >shown
	grep -qF $'\r\e[Kmembench: command 2 of 2, run 1 of 2\r\e[K' shown
	run -1 grep hidden shown
	on_pty raw membench -n 1 -o report 'echo visible' >shown
	is "$(tr -d '\r' <shown)" visible
}

@test "the sampling options reach memrun" {
	membench -n 1 --label job=nightly --group-by job --columns cmd --interval 10 -a adaptive --pss-budget 5 --save x 'spike -t 20 24 >true' 2>err
	has_line .mempipe/x.tsv "^group${tab}nightly"
	has_line .mempipe/x.tsv "^#schedule${tab}adaptive"
	membench -n 1 --exclude '^spike$' --save y 'spike -t 20 24' >true 2>err || true
	run -0 --separate-stderr membench -n 2 --silent 'echo hidden'
	is "$output" ''
	membench -n 1 -O out -E err -o report 'echo out; echo err >&2'
	is "$(cat out err | tr '\n' ' ')" 'out err '
}

@test "each run reads the same standard input, one after the other" {
	is "$(seq 3 | membench -n 3 -o report -- dash -c 'read x; echo "$x"' | tr '\n' ' ')" '1 2 3 '
}

@test "Ctrl-C ends the runs and removes the temporary files" {
	mkdir tmp
	cat >session <<-'EOF'
		import os
		os.environ["TMPDIR"] = os.getcwd() + "/tmp"
		t = Terminal(["membench", "-n", "99", "echo run >>runs; echo ready; exec sleep 60"])
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
	TMPDIR=$PWD/tmp start membench -n 99 -o report 'echo run >>runs; sleep 0.5'
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
		run -4 $sh "$build/membench" -n 2 -o report -L "x='0';,4" -L y=1 -p ': {x}' -f tsv -o table 'true {y}; exit {x}'
		is "$(grep ^total table | cut -f 12)" $'true 1; exit \'0\';\ntrue 1; exit 4'
	done
	run -0 membench --version
	one_line "$output" '^membench \(mempipe\) [0-9]+\.[0-9]+\.[0-9]+$'
}

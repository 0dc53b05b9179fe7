# SPDX-License-Identifier: MIT
load helper

# peaks [NAME]: print the peaks of a run of make; NAME is the name of one of its processes.
peaks() {
	printf '#command\tmake -j8\n#started\t1000.000000\n#exit_code\t0\n#duration_seconds\t12.410000\n'
	printf '#user_seconds\t20.100000\n#system_seconds\t2.210000\n#end\t1012.410000\n#interval_ms\t100\n'
	printf 'scope name pid ppid procs rss_kib bound_kib at_peak_kib vsz_kib time first last ticks\n' | tr ' ' '\t'
	printf 'total\tmake\t10\t1\t3\t422195\t440422\t422195\t1258291\t1008.210000\t1000.000000\t1012.400000\t124\n'
	printf 'group\tcc1\t\t\t2\t409600\t420000\t409600\t1048576\t1008.210000\t1001.000000\t1012.300000\t113\n'
	printf 'group\tmake\t\t\t1\t12595\t12595\t12595\t20480\t1008.210000\t1000.000000\t1012.400000\t124\n'
	printf 'process\tcc1\t12\t10\t1\t209600\t209600\t200000\t524288\t1007.000000\t1001.000000\t1009.000000\t80\n'
	printf 'process\t%s\t13\t10\t1\t209600\t209600\t209600\t524288\t1008.210000\t1002.000000\t1012.300000\t103\n' "${1-cc1}"
	printf 'process\tmake\t10\t1\t1\t12595\t12595\t12595\t20480\t1008.210000\t1000.000000\t1012.400000\t124\n'
	printf 'span\t\t\t\t3\t100000\t100000\t\t\t1002.000000\t1000.000000\t1004.000000\t40\n'
	printf 'span\t\t\t\t3\t422195\t440422\t\t\t1008.210000\t1004.100000\t1012.400000\t84\n'
}

# rich [NAME]: print the same with each column and key that peaks can have.
rich() {
	local name=${1-cc1} columns='pss_kib uss_kib pss_at_peak_kib swap_kib shared_kib threads cpu_ms read_kib write_kib start exe user cmd suite'
	printf '#limit_total_kib\t409600\n#limit_process_kib\t204800\n#cgroup\t/user.slice/%s\n' "$name"
	printf '#limit_exceeded\ttotal\t422195\t1002.100000\t\t\n#limit_signal\tTERM\n'
	printf '#limit_exceeded\tprocess\t209600\t1003.000000\t13\t%s\n#limit_signal\tKILL\n' "$name"
	printf '#oom_kills\t1\n#cgroup_peak_kib\t512000\n#cgroup_anon_kib\t400000\n#cgroup_file_kib\t100000\n'
	printf '#cgroup_shmem_kib\t0\n#cgroup_kernel_kib\t12000\n#pss_reads\t14\n#pss_at_rss_kib\t422195\n#pss_bound_kib\t310000\n#shared_kib\t100000\n#shared_at_rss_kib\t420000\n#excluded\t2\t10240\n'
	printf '#rss_mean_kib\t100000\n#rss_median_kib\t90000\n#rss_p95_kib\t400000\n#rss_resting_kib\t80000\n'
	printf '#rss_gib_seconds\t1.234500\n'
	printf '#group_by\tuser\n#news\tof a later version\n#schedule\tevents\n'
	peaks "$name" | awk -F'\t' -v OFS='\t' -v name="${name//\\/\\\\}" -v columns="$columns" '
		/^#/ { print; next }
		$1 == "scope" { print $0, tabs(columns); next }
		$1 == "total" { print $0, 300000, 200000, 286822, 1024, 2048, 9, "", "", "", "", "", "", "", ""; next }
		$1 == "group" && $2 == "make" { $2 = "" }
		$3 == 13 { print $0, 150000, 140000, 150000, 1024, 512, 4, 9100.5, 4096, 128, "1001.990000",
			"/usr/bin/" name, "user " name, name " -c x.c", name; next }
		{ print $0, "", "", "", "", "", "", "", "", "", "", "", "", "", "" }
		function tabs(text) { gsub(" ", "\t", text); return text }'
}

hostile=('a\tb\nc' '\x1B[31m' $'\xff\xc2\x9b' '</script><img src=x>' '=cmd()' '{peak_rss}' '%s%n' 'a"b\\c' 'x|y`z*_[k](u)' '@you #1')

@test "the text report is exactly this" {
	peaks | memfmt >out
	cat >expected <<-'EOF'
		make -j8
		  exit status 0 after 12.41 s (20.10 s user, 2.21 s system)
		  peak RSS   412.3 MiB  at most 430.1 MiB, after 8.21 s, in 3 processes

		  GROUP                    PROCS       PEAK    AT PEAK
		  cc1                          2  400.0 MiB  400.0 MiB
		  make                         1   12.3 MiB   12.3 MiB
	EOF
	diff expected out
}

# many N [SPANS]: print peaks of N groups with long keys that differ in the middle, and a long command.
many() {
	printf '#command\tsh -c %s end\n#started\t1000.000000\n#exit_code\t0\n#duration_seconds\t12.410000\n' \
		"$(head -c 5000 /dev/zero | tr '\0' x)"
	printf '#group_by\texe\n#shared_kib\t100000\n#shared_at_rss_kib\t420000\n#bound_exits\t12\n'
	printf '#limit_total_kib\t409600\n#limit_exceeded\ttotal\t422195\t1002.100000\t\t\n'
	peaks | awk -F'\t' -v OFS='\t' -v n="$1" -v spans="${2-40}" '
		$1 == "scope" { print; next }
		$1 == "total" { $7 = 600000; print }
		$1 == "group" && !done++ { for (i = 1; i <= n; i++) {
			$2 = "/opt/a/long/folder/of/programs/of/this/project/with/parts/that/are/part-" i "/and/the/same/end/bin/python3.13"
			$6 = 400000 - i; $7 = 600000; print } }
		$1 == "process" { print }
		END { for (i = 0; i < spans; i++) { t = 1000 + i * 12.4 / spans
			print "span", "", "", "", 3, 1000 + 10000 * i, 422195, "", "", t, t, t, 1 } }'
}

@test "the answer comes first, and the whole report has at most 20 lines" {
	needs python3
	many 300 >p
	for color in '' 1; do
		NO_COLOR=$color on_pty 24 80 memfmt p >out
		compare "$(lines_of out)" -le 20
		sed -n 1p out | grep -q '^sh -c x*'
		is "$(sed -n 2,3p out)" '  exit status 0 after 12.41 s
  peak RSS   412.3 MiB  at most 585.9 MiB, after 8.21 s, in 3 processes'
		grep -q '12 processes exited between the two ticks of the bound$' out
		grep -q '^  shared: about 97.7 MiB of it, counted for more than one process$' out
		grep -q '^  LIMIT EXCEEDED: total 412.3 MiB of 400.0 MiB after 2.10 s$' out
		grep -q '^ *0 s  *12.41 s$' out
		compare "$(grep -c '/python3.13 ' out)" -ge 2
		grep -q '^  and 29[5-8] more$' out
	done
	(many 3; printf '#oom_kills\t1\n'; rich | sed -n '/^#rss_mean/q;/^#limit/d;p') >p
	on_pty 24 80 memfmt p >out
	compare "$(lines_of out)" -le 20
}

@test "-v has all groups and the largest processes" {
	many 300 >p
	memfmt -v p >out
	is "$(grep -c '/python3.13 ' out)" 300
	has_line out '^  PROCESS  .* SEEN$'
	has_line out '^  peak VSZ '
	run -1 grep -e PROCESS -e VSZ -e '^  ticks' <(memfmt p)
}

@test "the report is as wide as the terminal, and keys that are cut differ" {
	needs python3
	many 5 >p
	for width in 40 57 80 132 200; do
		NO_COLOR=1 on_pty raw sh -c "stty cols $width; memfmt p" >"out$width"
		is "$(wc -L <"out$width")" "$width"
		grep 'MiB  *400.0 MiB$' "out$width" | awk '{ print $1 }' >keys
		compare "$(lines_of keys)" -ge 2
		is "$(sort keys | uniq -d)" ''
	done
	memfmt p >out
	is "$(wc -L <out)" 80
	diff <(sed 's/[^ -~].*//' out | wc -l) <(lines_of out)
}

@test "a chart is drawn only if the run has a shape, ends where the run ends, and includes the peak" {
	needs python3
	chart() { on_pty 40 80 memfmt "$@" | grep -c '[0-9] s  *[0-9.]* s$'; }
	many 3 >p
	is "$(chart p)" 1
	many 3 4 >p # too few ticks
	is "$(chart p || true)" 0
	many 3 | awk -F'\t' -v OFS='\t' '$1 == "span" { $6 = $10 < 1000.3 ? 1000 : 400000 + $10 % 10 } { print }' >p # flat
	is "$(chart p || true)" 0
	memfmt -G p | grep -q '^ *412.3 MiB [|│]'
	# Processes that outlive the command, and have the peak.
	many 3 | sed '/^total/s/1008.210000/1019.000000/; /^total/s/1012.400000/1020.000000/' >p
	LC_ALL=C memfmt -G p >out
	grep -q '^ *0 s  *20.00 s$' out
	grep -q '^ *412.3 MiB |  *[.]*##*$' out
}

@test "-v adds the RSS over time to the text" {
	rich | memfmt >plain
	rich | memfmt -v >out
	diff plain out >added || true
	is "$(sed -n 's/^> //p' added | grep -e '^  mean' -e '^  rest' -e '^  over')" '  mean RSS      97.7 MiB  median 87.9 MiB; 95 % of the time, at most 390.6 MiB
  resting       78.1 MiB  median of the last quarter of the time
  over time  1.234 GiB s  the sum of the RSS over time'
}

@test "the metric of the limits is in the text and in JSON" {
	for metric in 'footprint:total footprint' 'pss:total PSS' 'cgroup:control group'; do
		(echo "#limit_metric${tab}${metric%:*}"; rich) >p
		memfmt p | grep -q "^  LIMIT EXCEEDED: ${metric#*:} 412.3 MiB of 400.0 MiB after 2.10 s"
		memfmt -j p >out
		python3 -c 'import json, sys
l = json.load(open("out"))["limits"]
assert l["metric"] == sys.argv[1] and l["exceeded"][0]["kib"] == 422195 and l["exceeded"][0]["rss_kib"] is None' "${metric%:*}"
		memfmt -f markdown p | grep -q "^| \*\*limit exceeded\*\* | ${metric#*:} 412.3 MiB of 400.0 MiB |"
	done
}

@test "a bound above 1.25 x the peak has a reason: processes that exited between two ticks" {
	reason() { peaks | sed "s/^scope/#bound_exits\t$3\n&/; s/\t422195\t440422\t/\t$1\t$2\t/" | memfmt | grep exited; }
	is "$(reason 400000 500001 3)" '            3 processes exited between the two ticks of the bound'
	is "$(reason 400000 500004 1)" '            1 process exited between the two ticks of the bound'
	is "$(reason 400000 4000000 1000)" '            1000 processes exited between the two ticks of the bound'
	for figures in '400000 500000 3' '400000 400000 3' '400000 500001 0'; do
		is "$(reason $figures)" ''
	done
	run -1 grep exited <(peaks | sed 's/440422/990000/' | memfmt)
}

@test "JSON has the number of exits of the bound at any bound" {
	for n in 0 3; do
		peaks | sed "s/^scope/#bound_exits\t$n\n&/" | memfmt -j >out
		python3 -c 'import json; assert json.load(open("out"))["peak_rss_bound_exits"] == '"$n"
	done
	peaks | memfmt -j >out
	python3 -c 'import json; assert json.load(open("out"))["peak_rss_bound_exits"] is None'
}

@test "-G draws a chart, within 80 columns, in the characters of the locale" {
	peaks | LC_ALL=C.UTF-8 memfmt -G >out
	grep -q '412.3 MiB │ .*█' out
	peaks | LC_ALL=C memfmt -G >ascii
	grep -q '412.3 MiB | .*#' ascii
	run ! grep -q '[^ -~]' ascii
	awk '{ if (length($0) > 80) exit 1 }' ascii
	run ! grep -q '│' <(peaks | memfmt)
}

@test "on a terminal the report has a chart and colour, without NO_COLOR and on a capable one" {
	needs python3
	many 3 >p
	on_pty raw memfmt p >out
	grep -q $'\033\\[1m' out
	grep -q '412.3 MiB .*[#█]' out
	NO_COLOR=1 on_pty raw memfmt p >out
	grep -q '412.3 MiB .*[#█]' out
	run ! grep -q $'\033' out
	TERM=dumb on_pty raw memfmt p >out
	run ! grep -q $'\033' out
	run ! grep -q $'\033' <(TERM=xterm memfmt p)
}

@test "the text report shows how the command ended" {
	peaks | sed "s/^#exit_code.*/#signal${tab}9/" | memfmt | grep -q '^  killed by signal 9 (Killed) after 12.41 s ('
	peaks | grep -v '^#exit_code' | memfmt >out
	grep -q '^  INCOMPLETE: the end of the command was not recorded; measured for' out
	(peaks | grep -v '^#exit_code'; printf '#stopped\tduration\n#running\t2\n') | memfmt >out
	is "$(sed -n 2p out)" '  measured for 12.41 s (20.10 s user, 2.21 s system); the command was still'
	run -1 grep -e INCOMPLETE -e processes\ still out
	(peaks; printf '#running\t2\n') | memfmt | grep -q '^  2 processes still running$'
	peaks | grep -v '^#' | memfmt >out
	grep -q '^make (PID 10)$' out
	grep -q '^  measured for 12.40 s$' out
	(peaks | grep -v '^#'; printf '#running\t1\n') | memfmt | grep -q '^  measured for 12.40 s; 1 process still running$'
}

@test "no time is minus zero" {
	peaks | sed "s/^#started.*/#started${tab}1000.000900/; s/1008.210000/1000.000100/" >early
	memfmt early >out
	grep -q '^  peak RSS .* after 0.00 s, in 3' out
	grep -q '^  make  *10 .*  0.0-12.4 s$' <(memfmt -v early)
	memfmt -f markdown early | grep -q ' after 0.00 s, in 3'
	run ! grep -e '-0[.]' out
}

@test "a name cannot control the terminal or break a line" {
	peaks 'a\x1B[31m\n\tb'$'\033[m\xc2\x9b\xff' | memfmt -v >out
	run ! grep -q $'[\033\x9b]' out
	LC_ALL=C grep -q 'a\\x1B\[31m\\n\\' out
	is "$(lines_of out)" "$(peaks | memfmt -v | wc -l)"
}

@test "-f bytes and -q print the peak RSS in bytes, and nothing else" {
	is "$(peaks | memfmt -q)" $((422195 * 1024))
	is "$(peaks | memfmt -f bytes)" $((422195 * 1024))
}

@test "bmf and benchmark have the peak of the command, and its bound" {
	for name in 'a"b\\c' '\x00\x1B[0m' $'\xff\xfe' '</script>'; do
		peaks | NAME=$name awk -F'\t' -v OFS='\t' '$1 == "#command" || $1 == "total" { $2 = ENVIRON["NAME"] } { print }' >p
		sed "/^#command/d" p >attached
		for file in p attached; do
			memfmt -j $file >json
			memfmt -f bmf $file >bmf
			memfmt -f benchmark $file >benchmark
			python3 - <<-'EOF'
				import json
				r, b, g = (json.load(open(f)) for f in ("json", "bmf", "benchmark"))
				name = r["command"] or r["name"]
				peak, bound = r["peak_rss_kib"], r["peak_rss_bound_kib"]
				assert b == {name: {"peak-memory": {"value": peak * 1024, "lower_value": peak * 1024,
				    "upper_value": bound * 1024}}}, b
				assert bound > peak
				assert [set(x) for x in g] == [{"name", "unit", "value", "range", "extra"}]
				assert g[0]["name"] == name and g[0]["unit"] == "MiB" and g[0]["value"] == round(peak / 1024, 3)
				assert g[0]["range"] == f"{peak / 1024:.1f} MiB to {bound / 1024:.1f} MiB", g
				assert g[0]["extra"].startswith("1 run, "), g
			EOF
		done
	done
	memfmt -f bmf <(peaks | sed "s/^#command.*/#command${tab}sh -c 'sort f'/") | grep -q '^  "sort f": {$'
}

@test "JSON is valid, keeps each name, and matches its schema" {
	needs jsonschema
	names=('cc1' 'a"b\\c' 'tab\there' '\x00\x1B[0m' 'héllo' $'\xff\xfe' '\xFF' '\xC2\x9B' '</script>' '=cmd()')
	for name in "${names[@]}"; do
		peaks "$name" | memfmt -f json >out
		mv out "report$((i += 1))"
	done
	validate report*
	peaks 'a"b\\c\td' | memfmt -f json | python3 -c 'import json, sys
r = json.load(sys.stdin)
assert r["processes"][1]["name"] == "a\"b\\c\td", r
assert r["peak_rss_kib"] == 422195 and r["peak_after_seconds"] == 8.21 and r["exit_code"] == 0
assert r["started_at"] == "1970-01-01T00:16:40.000000Z" and r["command"] == "make -j8"
assert [g["name"] for g in r["groups"]] == ["cc1", "make"]'
}

# validate REPORT...: fail unless each report matches the schema.
validate() {
	memfmt -f schema >schema
	python3 - schema "$@" <<-'EOF'
		import json, sys, jsonschema
		schema, *reports = (json.load(open(f)) for f in sys.argv[1:])
		jsonschema.Draft7Validator.check_schema(schema)
		assert len(reports) > 0
		for report in reports:
		    jsonschema.validate(report, schema, cls=jsonschema.Draft7Validator)
	EOF
}

@test "the schema has each key of each report, and is the one in the build folder" {
	needs jsonschema
	memfmt -f schema | diff - "$build/report.schema.json"
	memrun -P --columns swap,shared,threads,regions,cpu_ms,read,write,start,exe,user,cmd -L suite=a -t 1G \
		-o real -f json --timeline -- sh -c 'seq 100000 | sort -r >/dev/null'
	rich | memfmt -jt >made
	peaks | memfmt -j >plain
	validate real made plain
	python3 - schema real made plain <<-'EOF'
		import json, sys
		schema, *reports = (json.load(open(f)) for f in sys.argv[1:])
		def check(value, schema):
		    if isinstance(value, dict):
		        for key in value:
		            if "properties" in schema:
		                check(value[key], schema["properties"][key])
		    if isinstance(value, list):
		        for item in value:
		            check(item, schema["items"])
		for report in reports:
		    check(report, schema)
		# A schema that lacks a key, or requires another one, does not match.
		import jsonschema
		for change in (lambda s: s["properties"].pop("ticks"), lambda s: s["required"].append("news")):
		    other = json.loads(json.dumps(schema))
		    change(other)
		    try:
		        jsonschema.validate(reports[0], other)
		    except jsonschema.ValidationError:
		        continue
		    sys.exit("accepted")
	EOF
	run -2 sh -c 'memfmt -f schema >/dev/full'
	one_line "$output" '^memfmt: standard output: No space left on device$'
}

@test "each metric of the table is in JSON, OpenMetrics and CSV" {
	needs python3
	rich | memfmt -j >json
	rich | memfmt -f openmetrics >metrics
	rich | memfmt --csv >csv
	grep -q 'mempipe_shared_bytes 2097152' metrics
	python3 - <<-'EOF'
		import csv, json
		r = json.load(open("json"))
		assert r["shared_kib"] == 2048 and r["processes"][1]["shared_kib"] == 512, r
		assert r["groups"][0]["shared_kib"] is None
		assert next(csv.DictReader(open("csv", newline="")))["shared_kib"] == "2048"
	EOF
}

@test "CSV is RFC 4180: CRLF, quoted where needed, one record for each row" {
	peaks 'a"b,c' | memfmt -f csv >out
	peaks 'a"b,c' | memfmt --csv | diff out -
	is "$(head -n 1 out)" $'scope,name,pid,ppid,procs,rss_kib,bound_kib,at_peak_kib,vsz_kib,time,first,last,ticks\r'
	python3 -c 'import csv
rows = list(csv.reader(open("out", newline=""), strict=True))
assert len(rows) == 9 and all(len(r) == 13 for r in rows), rows
assert rows[5][1] == "a\"b,c", rows[5]'
	is "$(grep -vc $'\r$' out)" 0
}

@test "tsv copies peaks, and refuses anything else" {
	(rich; peaks) >p
	memfmt -f tsv p | diff p -
	run -2 --separate-stderr memfmt -f tsv < <(samples '1.000000 10 1 10 10 0 a')
	one_line "$stderr" '^memfmt: standard input: line 1: these are samples, not peaks'
	is "$output" ''
	head -c -20 p >cut
	run -2 --separate-stderr memfmt -f tsv cut
	is "$output" ''
	run -2 --separate-stderr memfmt -f tsv <(sed '/^total/s/422195/4221x95/' p)
	is "$output" ''
	run -2 memfmt -f tsv /dev/null
	one_line "$output" '^memfmt: /dev/null: no peaks$'
}

@test "CSV is made from samples too" {
	(echo '#note'; samples '1.000000 10 1 10 10 0 a'; samples '2.000000 10 1 10 10 0 a,b') | memfmt -f csv >out
	is "$(cat out)" $'time,pid,ppid,rss_kib,hwm_kib,vsz_kib,comm\r\n1.000000,10,1,10,10,0,a\r\n2.000000,10,1,10,10,0,"a,b"\r'
}

@test "the text report has limits, OOM kills, the control group, PSS and what was excluded" {
	rich '\x1B[31m%s' | memfmt >out
	cat >expected <<-'EOF'
		make -j8
		  exit status 0 after 12.41 s (20.10 s user, 2.21 s system)
		  peak RSS   412.3 MiB  at most 430.1 MiB, after 8.21 s, in 3 processes
		  shared: about 97.7 MiB of it, counted for more than one process
		  LIMIT EXCEEDED: total 412.3 MiB of 400.0 MiB after 2.10 s; sent SIGTERM,
		    SIGKILL
		  LIMIT EXCEEDED: \x1B[31m%s (PID 13) 204.7 MiB of 200.0 MiB after 3.00 s
		  OUT OF MEMORY: the kernel killed 1 process
		  peak swap    1.0 MiB
		  PSS        280.1 MiB  at most 302.7 MiB, read at the peak RSS
		  cgroup     500.0 MiB  anonymous 390.6 MiB, files 97.7 MiB, kernel 11.7 MiB
		  excluded    10.0 MiB  at most, in 2 processes
		  shared 2.0 MiB, threads 9

		  GROUP BY user            PROCS       PEAK    AT PEAK
		  cc1                          2  400.0 MiB  400.0 MiB
		  -                            1   12.3 MiB   12.3 MiB
	EOF
	diff expected out
	rich '\x1B[31m%s' | memfmt -v >out
	cat >expected <<-'EOF'
		make -j8
		  exit status 0 after 12.41 s (20.10 s user, 2.21 s system)
		  peak RSS     412.3 MiB  at most 430.1 MiB, after 8.21 s, in 3 processes
		  shared: about 97.7 MiB of it, counted for more than one process
		  LIMIT EXCEEDED: total 412.3 MiB of 400.0 MiB after 2.10 s; sent SIGTERM,
		    SIGKILL
		  LIMIT EXCEEDED: \x1B[31m%s (PID 13) 204.7 MiB of 200.0 MiB after 3.00 s
		  OUT OF MEMORY: the kernel killed 1 process
		  peak swap      1.0 MiB
		  peak VSZ      1.20 GiB
		  PSS          280.1 MiB  at most 302.7 MiB, read at the peak RSS
		  cgroup       500.0 MiB  anonymous 390.6 MiB, files 97.7 MiB, kernel 11.7 MiB
		  excluded      10.0 MiB  at most, in 2 processes
		  shared         2.0 MiB  resident files and shared memory
		  threads              9  threads
		  mean RSS      97.7 MiB  median 87.9 MiB; 95 % of the time, at most 390.6 MiB
		  resting       78.1 MiB  median of the last quarter of the time
		  over time  1.234 GiB s  the sum of the RSS over time
		  ticks              124  as memory changed; at rest, by page faults; one every
		                          100 ms on average

		  GROUP BY user            PROCS         PEAK      AT PEAK
		  cc1                          2    400.0 MiB    400.0 MiB
		  -                            1     12.3 MiB     12.3 MiB

		  PROCESS                    PID         PEAK      AT PEAK  SEEN
		  cc1                         12    204.7 MiB    195.3 MiB  1.0-9.0 s
		  \x1B[31m%s                  13    204.7 MiB    204.7 MiB  2.0-12.3 s
		    shared 512 KiB, threads 4, cpu 9.10 s, read 4.0 MiB, write 128 KiB,
		    exe /usr/bin/\x1B[31m%s, user user \x1B[31m%s, cmd \x1B[31m%s -c x.c
		  make                        10     12.3 MiB     12.3 MiB  0.0-12.4 s
	EOF
	diff expected out
	rich | sed '/^#pss_at_rss_kib/s/422195/400000/' | memfmt | grep -q '^  PSS  *280.1 MiB  at most 302.7 MiB, read at 94 % of the peak RSS$'
	for line in '#shared_kib\t50000' '#shared_at_rss_kib\t300000'; do
		(rich | sed '/^scope/,$d'; printf "$line\n"; rich | sed -n '/^scope/,$p') | memfmt >out
		run -1 grep shared: out
	done
}

@test "a limit and what exceeded it are in KiB if another unit would print them alike" {
	rich | sed '/^#limit_exceeded.total/s/422195/409610/' >close
	memfmt close | grep -q '^  LIMIT EXCEEDED: total 409610 KiB of 409600 KiB after'
	memfmt -f markdown close | grep -q ' total 409610 KiB of 409600 KiB '
}

@test "-u prints all sizes in one unit, and the columns remain aligned" {
	rich | memfmt -u MB >out
	grep -q '^  peak RSS    432.3 MB  at most 451.0 MB, after' out
	grep -q '^  LIMIT EXCEEDED: total 432.3 MB of 419.4 MB after' out
	run -1 grep -q iB out
	peaks | memfmt -G -u B >out
	grep -q '^  cc1                          2  419430400 B  419430400 B$' out
	is "$(LC_ALL=C grep -c '^ *432327680 B' out)" 1
	is "$(peaks | memfmt -u GiB -T '{peak_rss} {peak_rss:KiB}')" '0.403 GiB 422195'
	peaks | memfmt -u GiB -f markdown | grep -q '| peak RSS | \*\*0.403 GiB\*\* after'
	is "$(peaks | memfmt -u GiB -f bytes)" $((422195 * 1024))
	peaks | memfmt -f json >plain
	peaks | memfmt -u GiB -f json | diff plain -
	run -2 memfmt -u parsec nosuch
	one_line "$output" '^memfmt: -u: parsec: [a-z ]*unit'
	run -2 memfmt -u '' nosuch
}

@test "JSON has limits, control group, PSS, dates, labels and, with -t, the timeline" {
	needs jsonschema
	for name in "${hostile[@]}"; do
		rich "$name" | memfmt -tf json >out
		mv out "report$((i += 1))"
	done
	validate report*
	rich 'a"b\\c\td' | memfmt --timeline -f json | python3 -c 'import json, sys
r = json.load(sys.stdin)
name = "a\"b\\c\td"
at = lambda s: "1970-01-01T00:16:%09.6fZ" % (40 + s)
assert r["limits"] == {"total_kib": 409600, "process_kib": 204800, "metric": None, "signals": ["TERM", "KILL"], "exceeded": [
	{"scope": "total", "kib": 422195, "rss_kib": 422195, "at": at(2.1), "pid": None, "name": None},
	{"scope": "process", "kib": 209600, "rss_kib": 209600, "at": at(3), "pid": 13, "name": name}]}, r["limits"]
assert r["rss"] == {"mean_kib": 100000, "median_kib": 90000, "p95_kib": 400000, "resting_kib": 80000,
	"gib_seconds": 1.2345}, r["rss"]
assert r["cgroup"] == {"path": "/user.slice/" + name, "peak_kib": 512000, "anon_kib": 400000,
	"file_kib": 100000, "shmem_kib": 0, "kernel_kib": 12000}, r["cgroup"]
assert r["shared"] == {"shared_kib": 100000, "at_rss_kib": 420000}, r["shared"]
assert r["pss"] == {"pss_kib": 286822, "bound_kib": 310000, "at_rss_kib": 422195, "uss_kib": 200000,
	"reads": 14}, r["pss"]
assert r["excluded"] == {"processes": 2, "rss_kib": 10240} and r["oom_kills"] == 1 and r["group_by"] == "user"
assert (r["swap_kib"], r["threads"], r["cpu_seconds"]) == (1024, 9, None)
p = r["processes"][1]
assert (p["command_line"], p["exe"], p["user"]) == (name + " -c x.c", "/usr/bin/" + name, "user " + name), p
assert (p["cpu_seconds"], p["read_kib"], p["write_kib"], p["threads"]) == (9.1005, 4096, 128, 4), p
assert (p["started_at"], p["first_seen_at"], p["last_seen_at"], p["peak_at"]) == (at(1.99), at(2), at(12.3), at(8.21)), p
assert p["labels"] == {"suite": name} and r["processes"][0]["labels"] == {"suite": ""}, p
assert r["processes"][0]["command_line"] is None and "regions" not in p and "exe" not in r["groups"][0]
assert r["timeline"] == [
	{"at": at(2), "after_seconds": 2, "rss_kib": 100000, "bound_kib": 100000, "processes": 3},
	{"at": at(8.21), "after_seconds": 8.21, "rss_kib": 422195, "bound_kib": 440422, "processes": 3}], r["timeline"]'
	peaks | memfmt -f json | python3 -c 'import json, sys
r = json.load(sys.stdin)
assert [r[k] for k in ("limits", "cgroup", "shared", "pss", "excluded", "oom_kills", "group_by", "rss")] == [None] * 8
assert "timeline" not in r and not {"labels", "exe", "swap_kib"} & set(r["processes"][0])'
}

@test "the report is about the last run of a stream only" {
	peaks >last
	for format in text json markdown openmetrics prometheus folded run-csv process-csv; do
		memfmt -f "$format" last >expected
		(rich; cat last) | memfmt -f "$format" | diff expected -
	done
	(rich | sed "s/^#exit_code.*/#signal${tab}9/"; cat last; printf '#running\t2\n') | memfmt -f json >out
	grep -q '"signal": null' out
	grep -q '"processes_left": 2' out
}

@test "CSV puts an apostrophe in front of a text that a spreadsheet would evaluate" {
	for name in '=cmd()' '+1+cmd' '-2-cmd' '@SUM(A1)' "'=x" '-' 'a=b'; do
		peaks "$name" | memfmt -f csv >csv
		peaks "$name" | memfmt -f process-csv >process
		NAME=$name python3 -c 'import csv, os
name = os.environ["NAME"]
for file, row, column in (("csv", 5, 1), ("process", 2, 2)):
	field = list(csv.reader(open(file, newline=""), strict=True))[row][column]
	assert field == ("\x27" if name[0] in "=+-@\x27" else "") + name, field'
	done
	(printf 'time\tslope\n'; printf '1\t-12.5\n') | memfmt -f csv | grep -q '^1,-12.5'
}

@test "process-csv has one record for each process, timeline-csv one for each span" {
	peaks 'a"b,\tc' | memfmt -f process-csv >out
	cat >expected <<-'EOF'
		pid,ppid,command,max_rss_kib,max_rss_mib,first_seen,last_seen
		12,10,cc1,209600,204.69,1970-01-01T00:16:41.000000Z,1970-01-01T00:16:49.000000Z
		13,10,"a""b,\\tc",209600,204.69,1970-01-01T00:16:42.000000Z,1970-01-01T00:16:52.300000Z
		10,1,make,12595,12.30,1970-01-01T00:16:40.000000Z,1970-01-01T00:16:52.400000Z
	EOF
	sed -i 's/\\\\t/\\t/; s/$/\r/' expected
	diff expected out
	rich 'a"b' | memfmt -f process-csv | cut -d , -f 1,3 | tr -d '\r' >out
	printf '%s\n' pid,command 12,cc1 '13,"a""b -c x.c"' 10,make | diff - out # the command line, if there is one
	rich | memfmt -f timeline-csv >out
	cat >expected <<-'EOF'
		timestamp,elapsed_seconds,total_rss_kib,total_rss_mib,process_count
		1970-01-01T00:16:42.000000Z,2.000000,100000,97.66,3
		1970-01-01T00:16:48.210000Z,8.210000,422195,412.30,3
	EOF
	sed -i 's/$/\r/' expected
	diff expected out
	run -2 --separate-stderr memfmt -f timeline-csv < <(peaks | grep -v '^span')
	one_line "$stderr" '^memfmt: standard input: no samples, and no peaks with spans$'
	is "$output" ''
}

@test "timeline-csv has one record for each tick of samples; each run starts at 0" {
	(printf '#started\t1.000000\n'; samples '1.500000 10 1 1000 1000 0 a' '1.500000 11 10 24 24 0 b'
		printf '#limit_exceeded\ttotal\t1024\t1.5\t\t\n'; printf '1.500000\t12\t10\t\t\t\tc\n'
		printf '2.000000\t10\t1\t\t\t\ta\n'; samples '9.000000 10 1 1 1 0 =c' '9.250000 10 1 2 2 0 =c') >s
	memfmt -f timeline-csv s >out
	cat >expected <<-'EOF'
		timestamp,elapsed_seconds,total_rss_kib,total_rss_mib,process_count
		1970-01-01T00:00:01.500000Z,0.500000,1024,1.00,3
		1970-01-01T00:00:02.000000Z,1.000000,,,1
		1970-01-01T00:00:09.000000Z,0.000000,1,0.00,1
		1970-01-01T00:00:09.250000Z,0.250000,2,0.00,1
	EOF
	sed -i 's/$/\r/' expected
	diff expected out
	printf '9.500000\t10\t1\tx\t1\t0\ta\n' >>s
	run -2 --separate-stderr memfmt -f timeline-csv s
	one_line "$stderr" '^memfmt: s: line 11: invalid number$'
	diff expected <(echo "$output")
}

@test "timeline-csv prints each record as its input arrives, and keeps it when a later row is invalid" {
	mkfifo in out
	memfmt -f timeline-csv <in >out 2>err &
	pid=$!
	exec 4>in 5<out
	{ samples '1.000000 10 1 1024 1024 0 a'; printf '2.000000\t10\t1\t2048\t2048\t0\ta\n'; } >&4
	read -r -t 10 header <&5
	read -r -t 10 record <&5
	is "${header%%,*}" timestamp
	is "$record" $'1970-01-01T00:00:01.000000Z,0.000000,1024,1.00,1\r'
	printf 'x\t10\t1\t1\t1\t0\ta\n' >&4
	exec 4>&-
	is "$(cat <&5)" $'1970-01-01T00:00:02.000000Z,1.000000,2048,2.00,1\r'
	exec 5<&-
	run -2 wait "$pid"
	one_line "$(cat err)" '^memfmt: standard input: line 4: '
}

@test "a template has fields for people, in a unit, or as in JSON" {
	run -0 memfmt -T '{command}\t{name} {pid}: {peak_rss} {peak_rss:MiB} {peak_rss:B} {peak_rss:kB} {peak_rss_kib}\n' <(peaks)
	is "$output" "make -j8${tab}make 10: 412.3 MiB 412.3 432327680 432328 422195"
	run -0 memfmt -T '{duration} {duration_seconds} {duration:ms} {duration:s} {started_at} {complete} {exit_code}' <(peaks)
	is "$output" '12.41 s 12.410000 12410 12.410000 1970-01-01T00:16:40.000000Z true 0'
	run -0 memfmt -T '{limits.total} {cgroup.peak:GiB} {pss.reads} {excluded.rss_kib} {group_by}' <(rich)
	is "$output" '400.0 MiB 0.488 14 10240 user'
	run -0 memfmt -T '{rss.mean:MiB} {rss.median_kib} {rss.p95} {rss.resting} {rss.gib_seconds}' <(rich)
	is "$output" '97.7 90000 390.6 MiB 78.1 MiB 1.234500'
	run -0 memfmt -T '{pss.pss_kib} {pss.bound_kib} {pss.at_peak_pss:MiB} {pss.peak_uss_kib}' <(rich)
	is "$output" '286822 310000 280.1 200000'
	run -0 memfmt -T '{signal} {limits.total} {group_by} {limits.total:B}' <(peaks)
	is "$output" '- - - -'
	run -0 memfmt -T 'a{{peak_rss}}\\ \"%s%n' <(peaks)
	is "$output" 'a{peak_rss}\ "%s%n'
	is "$(peaks | memfmt -T x | wc -c)" 1
	is "$(peaks | memfmt -T '' | wc -c)" 0
	is "$(peaks | memfmt -T '{pid}' -f bytes)" $((422195 * 1024))
}

@test "a name is not expanded as a template, and its control characters are visible" {
	for name in '{peak_rss}' '%s%n' '}}' 'a\\n{{' '\\"' "\$(id)"; do
		peaks | sed "s|^#command.*|#command${tab}${name//\\/\\\\}|" >p
		run -0 memfmt -T '[{command}]\n' p
		is "$output" "[${name//\\\\/\\}]"
	done
	peaks | sed "s/^#command.*/#command${tab}\\\\x1B[31m\\\\n\\\\t\\\\xFF/" | memfmt -T '{command}' >out
	is "$(cat out)" '\x1B[31m\n\t\xFF'
}

@test "an invalid template is an error before any input is read" {
	expect() {
		run -2 memfmt -T "$1" nosuch
		one_line "$output" "^memfmt: -T: $2"
	}
	expect 'a{foo}' 'foo: field not found; the fields are .* peak_rss .* limits.total '
	expect '{}' ': field not found'
	expect '{peak_rss_ki}' 'peak_rss_ki: field not found'
	expect '{peak_' '\{peak_: no \} after it'
	expect '{a{b}}' '\{a: no \} after it'
	expect 'a}' '\}: no \{ before it'
	expect 'a\q' '\\q: invalid escape'
	expect 'a\' '\\: invalid escape'
	expect '{peak_rss:XiB}' 'peak_rss:XiB: invalid unit'
	expect '{peak_rss:}' 'peak_rss:: invalid unit'
	expect '{peak_rss:MiBMiBMiB}' 'peak_rss:MiBMiBMiB: invalid unit'
	expect '{peak_rss_kib:MiB}' 'peak_rss_kib:MiB: no unit allowed'
	expect '{pid:MiB}' 'pid:MiB: no unit allowed'
	expect '{duration:h}' 'duration:h: invalid unit: it must be s or ms'
	expect $'\033{x' '\\x1B|\{x: no \} after it'
}

@test "Markdown is two tables and a chart, in which a name is not markup, HTML, a link or a cell" {
	rich | memfmt -f markdown >out
	cat >expected <<-'EOF'
		| command | <code>make -j8</code> |
		| --- | --- |
		| ended | exit status 0, after 12.41 s |
		| **limit exceeded** | total 412.3 MiB of 400.0 MiB |
		| **limit exceeded** | <code>cc1</code> 204.7 MiB of 200.0 MiB |
		| **out of memory** | the kernel killed 1 |
		| peak RSS | **412.3 MiB** after 8.21 s, in 3 processes |
		| shared | about 97.7 MiB of it |
		| at most | 430.1 MiB |
		| peak VSZ | 1.20 GiB |
		| PSS | 280.1 MiB, read at 100 % of the peak RSS, at most 302.7 MiB |
		| cgroup | 500.0 MiB |
		| excluded | 10.0 MiB |
		| resident files and shared memory | 2.0 MiB |
		| threads | 9 |

		| group | processes | peak | at the peak |
		| --- | ---: | ---: | ---: |
		| <code>cc1</code> | 2 | 400.0 MiB | 400.0 MiB |
		| <code>-</code> | 1 | 12.3 MiB | 12.3 MiB |
	EOF
	sed '/^```mermaid$/,/^$/d' out | diff expected -
	for name in "${hostile[@]}" 'www.x.org https://x.org' '&lt;'; do
		(printf '#command\t%s\n' "$name"; rich "$name" | sed '/^group/d; /^#command/d') | memfmt -f markdown >out
		sed -i '/^```mermaid$/,/^$/d' out
		is "$(lines_of out)" 21
		sed 's/<code>//g; s/<\/code>//g; s/&[lg]t;//g; s/&amp;//g' out >bare
		run -1 grep '[<>&]' bare
		sed 's/\\.//g' bare >unescaped # what is left has no meaning
		run -1 grep -E '[]`_[~:!()#@]|www\.' <(grep -v '^| ---' unescaped)
		is "$(sed 1q unescaped | tr -dc '|' | wc -c)" 3
	done
	grep -q '^| <code>&amp;lt;</code> | 13 |' out
}

@test "Markdown has the other columns of a run of one process, in which a text is not markup" {
	rich 'x|y*z' | grep -v -e ^group -e "^process${tab}make" -e "^process${tab}cc1" |
		memfmt -f markdown >out
	sed '/^```mermaid$/,/^$/d; /^$/d' out | tail -n 5 >rows
	cat >expected <<-'EOF'
		| resident files and shared memory | 2.0 MiB |
		| threads | 9 |
		| executable file | <code>/usr/bin/x\|y\*z</code> |
		| user that the process runs as | <code>user x\|y\*z</code> |
		| command line | <code>x\|y\*z -c x.c</code> |
	EOF
	diff expected rows
}

@test "OpenMetrics text is in base units, and valid" {
	needs python3
	for name in "${hostile[@]}"; do
		rich "$name" | sed 's/^group\tcc1/group\t'"${name//[\\&\/]/\\&}"'/' | memfmt -f openmetrics >out
		check_openmetrics out
	done
	grep -qx 'mempipe_peak_rss_bytes 432327680' out
	grep -qx 'mempipe_started_timestamp_seconds 1000.000000' out
	grep -qx 'mempipe_group_peak_rss_bytes{group="@you #1"} 419430400' out
	peaks | sed 's/^group\tcc1/group\ta"b\\\\c\\n/' | memfmt -f openmetrics | grep -qxF 'mempipe_group_peak_processes{group="a\"b\\\\c\\n"} 2'
	is "$(tail -n 1 out)" '# EOF'
}

@test "the text of Prometheus has the same metrics, and promtool accepts it" {
	rich | memfmt -f openmetrics >open
	rich | memfmt -f prometheus >out
	is "$(grep -v '^#' out)" "$(grep -v '^#' open)"
	run -1 grep -vE '^# (TYPE [a-z0-9_]+ gauge|HELP [a-z0-9_]+ .+)$' <(grep '^#' out)
	needs promtool
	promtool check metrics <out
}

@test "a label that all processes have is a label of every metric, so that services do not collide" {
	labelled() {
		printf 'time\tpid\tppid\trss_kib\tcomm\tservice\tgroup\tzone\n'
		printf '1\t%s\t1\t%s\t%s\tweb\tg\t%s\n' 7 10 sh a 8 20 sort b
	}
	labelled | mempeak | memfmt -f prometheus >out
	is "$(grep -v '^#' out | grep -vc 'service="web"}')" 0
	run -1 grep -E 'zone=|group="g"' out
	grep -qxF 'mempipe_peak_rss_bytes{service="web"} 30720' out
	grep -qxF 'mempipe_group_peak_rss_bytes{group="sort",service="web"} 20480' out
	labelled | mempeak | memfmt -f openmetrics >open
	check_openmetrics open
}

@test "Prometheus has the ten largest processes, each once" {
	for i in $(seq 20); do echo "1 $((100 + i)) 1 $((i * 1000)) 1 1 p$i"; done >rows
	mapfile -t rows <rows
	samples "${rows[@]}" | mempeak | memfmt -f prometheus >out
	is "$(sed -n 's/^mempipe_process_peak_rss_bytes{process="\(.*\)",pid="\(.*\)"} .*/\1 \2/p' out)" \
		"$(for i in $(seq 20 -1 11); do echo "p$i $((100 + i))"; done)"
	# Two processes with one ID.
	printf '#exited\t7\t1.5\n' >exit
	{ samples '1 7 1 10 10 10 sh' '2 8 1 5 5 5 b' && cat exit && samples '3 7 1 20 20 20 sh' | tail -n 1; } |
		mempeak >p
	is "$(grep -c "^process${tab}sh${tab}7" p)" 2
	memfmt -f prometheus p >out
	is "$(grep '^mempipe_process_peak_rss_bytes.*"sh"' out)" 'mempipe_process_peak_rss_bytes{process="sh",pid="7"} 20480'
}

@test "folded stacks hold the whole peak, and a name cannot forge one" {
	rich | memfmt -f folded >out
	run -1 grep -vE '^[^;]+(;[^;]+)* [1-9][0-9]*$' out
	is "$(awk '{ n += $NF } END { printf "%d", n / 1024 }' out)" "$(rich | awk -F'\t' '$1 == "scope" {
		for (i = 1; i <= NF; i++) at[$i] = i } $1 == "process" { n += $at["at_peak_kib"] } END { print n }')"
	samples '1.000000 10 1 100 100 0 make' '1.000000 11 10 50 50 0 sh;x' '1.000000 12 11 7 7 0 cc1' |
		mempeak | memfmt -f folded >out
	is "$(sort out)" "$(printf '%s\n' 'make 102400' 'make;sh:x 51200' 'make;sh:x;cc1 7168')"
	# A circle of PIDs that were used again ends.
	samples '1.000000 10 11 1 1 0 a' '1.000000 11 10 2 2 0 b' | mempeak | memfmt -f folded >out
	is "$(lines_of out)" 2
}

@test "folded stacks make a flame graph with a frame for each process" {
	needs inferno-flamegraph
	samples '1.000000 10 1 100 100 0 make' '1.000000 11 10 50 50 0 sh;x' '1.000000 12 11 7 7 0 cc1' |
		mempeak | memfmt -f folded | inferno-flamegraph >out.svg
	is "$(grep -o '<title>[^(]*([0-9,]*' out.svg | sort)" "$(printf '<title>%s\n' \
		'all (160,768' 'cc1 (7,168' 'make (160,768' 'sh:x (58,368')"
}

@test "Markdown has a chart of at most 100 points, the peak among them" {
	for t in $(seq 1000); do echo "$t.000000 10 1 $((t == 500 ? 102400 : 1024)) 1024 0 a"; done >rows
	mapfile -t rows <rows
	samples "${rows[@]}" | mempeak -s 1000 | memfmt -f markdown >out
	is "$(grep -c '^```' out)" 2
	is "$(sed -n 's/^ *line \[\(.*\)\]$/\1/p' out | tr ',' '\n' | awk '{ n++ } $1 == 100 { most++ } END { print n, most }')" '100 1'
	run -1 grep mermaid <(peaks | grep -v ^span | memfmt -f markdown)
}

@test "the input is read once for several outputs, each in its format" {
	rich >p
	memfmt -o a.json -f csv -o b -f tsv -o - -o c.txt p >out
	cmp out p
	memfmt -j p | cmp - a.json
	memfmt --csv p | cmp - b
	memfmt p | cmp - c.txt
	echo old >d.txt
	run -2 --separate-stderr memfmt -o d.txt -o e.json <<<garbage
	is "$(cat d.txt)" old
	run -2 --separate-stderr memfmt -o /dev/full -o e.json p
	one_line "$stderr" '^memfmt: /dev/full: No space left on device$'
	cmp a.json e.json
	run -2 memfmt -o page.html p
	one_line "$output" '^memfmt: -o: page.html: made from samples: use memview$'
	run -2 memfmt -f png p
	one_line "$output" '^memfmt: -f: png: made from samples: use memplot$'
	run -2 memfmt -o nosuch/file p
	one_line "$output" '^memfmt: -o: nosuch/file: No such file or directory$'
}

@test "records of several runs are added to one file of CSV with one header" {
	peaks >p
	for _ in 1 2 3; do memfmt -f run-csv --append -o runs.csv p; done
	python3 -c 'import csv
rows = list(csv.DictReader(open("runs.csv", newline=""), strict=True))
assert len(rows) == 3 and rows[0] == rows[2] and int(rows[0]["peak_rss_bytes"]) > 0, rows'
}

# Each metric: its TYPE, UNIT and HELP, samples of no other one; names once; values numbers.
check_openmetrics() {
	python3 - "$1" <<-'EOF'
		import re, sys
		text = open(sys.argv[1], encoding="utf-8", newline="").read()
		lines = text.split("\n")
		assert lines[-2:] == ["# EOF", ""] and lines.count("# EOF") == 1
		names, series, name = set(), set(), None
		for line in lines[:-2]:
		    if line.startswith("# TYPE "):
		        name, kind = re.fullmatch(r"# TYPE (mempipe_[a-z0-9_]+) (gauge|info)", line).groups()
		        assert name not in names, line
		        names.add(name)
		    elif line.startswith("# UNIT "):
		        other, unit = re.fullmatch(r"# UNIT (\w+) (bytes|seconds)", line).groups()
		        assert other == name and name.endswith("_" + unit), line
		    elif line.startswith("# "):
		        assert re.fullmatch(r"# HELP %s [^\\]+" % name, line), line
		    else:
		        label = r'[a-z_]+="(?:[^"\\]|\\[\\"n])*"'
		        m = re.fullmatch(r"(\w+)(\{%s(?:,%s)*\})? (\d+(?:\.\d+)?)" % (label, label), line)
		        assert m and m[1] == name + ("_info" if kind == "info" else ""), line
		        assert (m[1], m[2]) not in series, line
		        series.add((m[1], m[2]))
		try:
		    from prometheus_client.openmetrics.parser import text_string_to_metric_families
		except ImportError:
		    sys.exit()
		assert {f.name for f in text_string_to_metric_families(text)} == names
	EOF
}

@test "an invalid stream is reported, with status 2, and no JSON is printed" {
	peaks >p
	head -c -20 p >cut
	run -2 --separate-stderr memfmt -f json cut
	one_line "$stderr" '^memfmt: cut: line 17: incomplete line$'
	is "$output" ''
	sed '/^total/s/422195/4221x95/' p >bad
	run -2 --separate-stderr memfmt -f bytes bad
	one_line "$stderr" '^memfmt: bad: line 10: invalid number$'
	is "$output" ''
}

@test "an input that is not a peaks stream is one message, with status 2" {
	run -2 memfmt </dev/null
	one_line "$output" '^memfmt: standard input: no peaks$'
	run -2 memfmt < <(samples '1.000000 10 1 10 10 0 a')
	one_line "$output" '^memfmt: standard input: line 1: these are samples, not peaks [(]use mempeak first[)]$'
	run -2 memfmt <"$(command -v memfmt)"
	run -2 memfmt <<<"scope${tab}name"
	one_line "$output" "^memfmt: standard input: line 1: missing column rss_kib$"
	run -2 memfmt nosuch
	one_line "$output" '^memfmt: nosuch: No such file or directory$'
	run -2 memfmt -f csv </dev/null
	run -2 memfmt -f yaml
	one_line "$output" '^memfmt: -f: yaml: invalid format: it must be one of text json csv tsv '
	run -2 memfmt -f timeline-csv </dev/null
	run -2 memfmt -z
	run -2 memfmt a b
}

@test "a full disk and a closed standard output are errors" {
	peaks >p
	for format in text json csv tsv run-csv process-csv timeline-csv markdown prometheus openmetrics folded bytes bmf benchmark; do
		run -2 sh -c "memfmt -f $format p >/dev/full"
		one_line "$output" '^memfmt: standard output: No space left on device$'
		run -2 sh -c "memfmt -f $format p >&-"
		one_line "$output" '^memfmt: standard output: Bad file descriptor$'
	done
}

@test "processes without a row are counted in the report" {
	(echo "#unlisted${tab}5000"; peaks) >p
	is "$(memfmt -v p | tail -n 1)" '  and 5000 more'
	is "$(memfmt -f markdown <(grep -v ^group p) | tail -n 1)" 'and 5000 more'
	is "$(memfmt -T '{processes_unlisted}' p)" 5000
	memfmt -f json <(grep -v -e ^group -e ^process -e ^span p) >out
	grep -q '"processes_unlisted": 5000' out
	memfmt <(grep -v -e ^process p) | grep -q '^  cc1'
}

@test "--check validates the options and reads nothing" {
	run -0 memfmt --check -f markdown -u MB -T '{pid}' nosuch
	is "$output" ''
	run -2 memfmt --check -f yaml
	run -2 memfmt --check -T '{'
	run -2 memfmt --check a b
}

@test "the last of -f, -j, -q, -T and --csv decides" {
	peaks >p
	is "$(memfmt -j --csv -T x -q p)" $((422195 * 1024))
	is "$(memfmt -q -T x p)" x
	is "$(memfmt -q -f text p)" "$(memfmt p)"
	is "$(memfmt -q -j p)" "$(memfmt -f json p)"
}

@test "the examples of the manual work" {
	memexec --to 'memsample -C >samples.tsv' -- sh -c 'seq 200000 | sort -r >/dev/null'
	mempeak samples.tsv | memfmt >out
	is "$(sed -n 1p out)" "sh -c 'seq 200000 | sort -r >/dev/null'"
	grep -q '^  peak RSS  .* after ' out
	mempeak -s 128 samples.tsv | LC_ALL=C memfmt -G | sed -n '6,12s/^    //p' >out
	is "$(lines_of out)" 7
	tail -n 1 out | grep -q '^ *0 s  *[0-9][.][0-9]* s$'
	bytes=$(mempeak samples.tsv | memfmt -q)
	compare "$bytes" -gt 0
	memfmt --csv samples.tsv | head -3 >out
	is "$(lines_of out)" 3
	mempeak samples.tsv | memfmt -T '{started_at} {name} {peak_rss:MiB} MiB, {duration}\n' >out
	grep -qE '^20.*Z sh [0-9.]+ MiB, [0-9.]+ s$' out
	mempeak samples.tsv | memfmt -f markdown | tail -5 | grep -q '^| <code>sort</code> | '
	memfmt -f timeline-csv samples.tsv | head -3 >out
	is "$(sed -n 1p out)" $'timestamp,elapsed_seconds,total_rss_kib,total_rss_mib,process_count\r'
	is "$(lines_of out)" 3
}

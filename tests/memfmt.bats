load helper

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

@test "the report for people, to the letter" {
	peaks | memfmt >out
	cat >expected <<-'EOF'
		make -j8
		  exit status 0 after 12.41 s (20.10 s user, 2.21 s system)

		  peak RSS     412.3 MiB   after 8.21 s, in 3 processes
		  at most      430.1 MiB
		  peak VSZ      1.20 GiB

		  GROUP                     PROCS         PEAK      AT PEAK
		  cc1                           2    400.0 MiB    400.0 MiB
		  make                          1     12.3 MiB     12.3 MiB

		  PROCESS                     PID         PEAK      AT PEAK  SEEN
		  cc1                          12    204.7 MiB    195.3 MiB  1.0-9.0 s
		  cc1                          13    204.7 MiB    204.7 MiB  2.0-12.3 s
		  make                         10     12.3 MiB     12.3 MiB  0.0-12.4 s
	EOF
	diff expected out
}

@test "the chart is drawn when asked for, within 80 columns, in the locale's characters" {
	peaks | LC_ALL=C.UTF-8 memfmt -G >out
	grep -q '412.3 MiB │ .*█' out
	peaks | LC_ALL=C memfmt -G >ascii
	grep -q '412.3 MiB | .*#' ascii
	grep -q '[^ -~]' ascii && return 1
	awk '{ if (length($0) > 80) exit 1 }' ascii
	peaks | memfmt | grep -q '│' && return 1
	return 0
}

@test "on a terminal there are a chart and colour, without NO_COLOR and dumb ones" {
	command -v script >/dev/null || skip "script(1) is not installed"
	peaks >p
	TERM=xterm script -qec 'memfmt p' /dev/null </dev/null >out
	grep -q $'\033\\[1m' out
	grep -q '412.3 MiB .*[#█]' out
	NO_COLOR=1 TERM=xterm script -qec 'memfmt p' /dev/null </dev/null >out
	grep -q $'\033' out && return 1
	TERM=dumb script -qec 'memfmt p' /dev/null </dev/null >out
	grep -q $'\033' out && return 1
	peaks | TERM=xterm memfmt | grep -q $'\033' && return 1
	return 0
}

@test "how it ended is said in words" {
	peaks | sed "s/^#exit_code.*/#signal${tab}9/" | memfmt | grep -q '^  killed by signal 9 (Killed) after'
	peaks | grep -v '^#exit_code' | memfmt | grep -q '^  INCOMPLETE: how the command ended is not known'
	(peaks; printf '#running\t2\n') | memfmt | grep -q '^  2 processes of it still running'
	peaks | grep -v '^#' | memfmt >out
	grep -q '^make (PID 10)$' out
	grep -q '^  watched for 12.40 s$' out
}

@test "no name drives the terminal or breaks a line" {
	peaks 'a\x1B[31m\n\tb'$'\033[m\xc2\x9b\xff' | memfmt >out
	grep -q $'[\033\x9b]' out && return 1
	LC_ALL=C grep -q 'a\\x1B\[31m\\n\\' out
	[ "$(lines_of out)" -eq "$(peaks | memfmt | wc -l)" ]
}

@test "-f bytes is the peak RSS in bytes, and nothing else" {
	[ "$(peaks | memfmt -f bytes)" = $((422195 * 1024)) ]
}

@test "JSON is valid, keeps every name, and fits its schema" {
	validator=$(find_validator) || skip "python3 with jsonschema is not installed"
	names=('cc1' 'a"b\\c' 'tab\there' '\x00\x1B[0m' 'héllo' $'\xff\xfe' '\xFF' '\xC2\x9B' '</script>' '=cmd()')
	for name in "${names[@]}"; do
		peaks "$name" | memfmt -f json >out
		$validator "$top/share/report.schema.json" out
	done
	peaks 'a"b\\c\td' | memfmt -f json | python3 -c 'import json, sys
r = json.load(sys.stdin)
assert r["processes"][1]["name"] == "a\"b\\c\td", r
assert r["peak_rss_kib"] == 422195 and r["peak_after_seconds"] == 8.21 and r["exit_code"] == 0
assert r["started_at"] == "1970-01-01T00:16:40.000000Z" and r["command"] == "make -j8"
assert [g["name"] for g in r["groups"]] == ["cc1", "make"]'
}

find_validator() {
	local python
	for python in python3 /usr/bin/python3; do
		if "$python" -c 'import jsonschema' 2>/dev/null; then
			cat >validate.py <<-'EOF'
				import json, sys, jsonschema
				schema, report = (json.load(open(f)) for f in sys.argv[1:])
				jsonschema.Draft7Validator.check_schema(schema)
				jsonschema.validate(report, schema, cls=jsonschema.Draft7Validator)
			EOF
			echo "$python validate.py"
			return
		fi
	done
	return 1
}

@test "CSV is RFC 4180: CRLF, quoted where needed, one record a row" {
	peaks 'a"b,c' | memfmt -f csv >out
	[ "$(head -n 1 out)" = $'scope,name,pid,ppid,procs,rss_kib,bound_kib,at_peak_kib,vsz_kib,time,first,last,ticks\r' ]
	python3 -c 'import csv
rows = list(csv.reader(open("out", newline=""), strict=True))
assert len(rows) == 9 and all(len(r) == 13 for r in rows), rows
assert rows[5][1] == "a\"b,c", rows[5]'
	[ "$(grep -vc $'\r$' out)" -eq 0 ]
}

@test "CSV takes samples too" {
	(echo '#note'; samples '1.000000 10 1 10 10 0 a'; samples '2.000000 10 1 10 10 0 a,b') | memfmt -f csv >out
	[ "$(cat out)" = $'time,pid,ppid,rss_kib,hwm_kib,vsz_kib,comm\r\n1.000000,10,1,10,10,0,a\r\n2.000000,10,1,10,10,0,"a,b"\r' ]
}

@test "half a report is none: a broken stream is told, with 2, and no JSON" {
	peaks >p
	head -c -20 p >cut
	run -2 --separate-stderr memfmt -f json cut
	one_line "$stderr" '^memfmt: cut: line 17: cut off$'
	[ "$output" = '' ]
	sed '/^total/s/422195/4221x95/' p >bad
	run -2 --separate-stderr memfmt -f bytes bad
	one_line "$stderr" '^memfmt: bad: line 10: not a number$'
	[ "$output" = '' ]
}

@test "what is no peaks stream is told in one line, with 2" {
	run -2 memfmt </dev/null
	one_line "$output" '^memfmt: standard input: no peaks$'
	run -2 memfmt < <(samples '1.000000 10 1 10 10 0 a')
	one_line "$output" '^memfmt: standard input: line 1: no header$'
	run -2 memfmt <"$(command -v memfmt)"
	run -2 memfmt <<<"scope${tab}name"
	one_line "$output" "^memfmt: standard input: line 1: no column 'rss_kib'$"
	run -2 memfmt nosuch
	one_line "$output" '^memfmt: nosuch: No such file or directory$'
	run -2 memfmt -f csv </dev/null
	run -2 memfmt -f yaml
	one_line "$output" '^memfmt: yaml: no such format'
	run -2 memfmt -z
	run -2 memfmt a b
}

@test "a full disk and a closed stdout are told" {
	peaks >p
	for format in text json csv bytes; do
		run -2 sh -c "memfmt -f $format p >/dev/full"
		one_line "$output" '^memfmt: standard output: No space left on device$'
		run -2 sh -c "memfmt -f $format p >&-"
		one_line "$output" '^memfmt: standard output: Bad file descriptor$'
	done
}

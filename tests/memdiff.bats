# SPDX-License-Identifier: MIT
load helper

# The expected numbers were calculated by hand from the peaks of the runs.

# run_of KIB [GROUP KIB]...: print the peaks stream of one run.
run_of() {
	printf '#command\tmake\n#exit_code\t0\n#duration_seconds\t2.500000\n'
	printf 'scope name rss_kib bound_kib first last time\ntotal sh %s %s 1000.0 1002.0 1001.0\n' "$1" "$1" | tr ' ' '\t'
	shift
	while [ "$#" -gt 0 ]; do
		printf 'group\t%s\t%s\t%s\t1000.0\t1002.0\t1001.0\n' "$1" "$2" "$2"
		shift 2
	done
}

# runs_of KIB...: print the peaks streams of several runs, concatenated.
runs_of() {
	local kib
	for kib in "$@"; do
		run_of "$kib"
	done
}

# row NAME: print the figures of a row of the last output, with blanks for tabs.
row() { grep -P "^[a-z]+\t$1\t" <<<"$output" | cut -f 3-10 | tr '\t' ' '; }

@test "the table of one file has the median, range and noise of its runs" {
	runs_of 1000 >one
	run -0 memdiff one
	is "$(row sh)" '1 1000 1000 1000    2.500000'
	run -0 memdiff <(runs_of 1000 1100)
	is "$(row sh)" '2 1050 1000 1100 100 9.5 100 2.500000'
	run -0 memdiff <(runs_of 1100 1000 1003)
	is "$(row sh)" '3 1003 1000 1100 100 10.0 100 2.500000'
	run -0 memdiff <(runs_of 1300 1200 1100 1000)
	is "$(row sh)" '4 1150 1000 1300 300 26.1 300 2.500000'
	is "${lines[0]}" "$(tr ' ' '\t' <<<'scope name runs median_kib min_kib max_kib spread_kib spread_percent noise_kib duration_seconds ratio command')"
	is "$(sed -n 2p <<<"$output" | cut -f 11-)" "1.000${tab}make"
}

@test "one outlier among five runs changes neither the median nor the noise" {
	run -0 memdiff <(runs_of 1000 1010 1020 1030 90000)
	is "$(row sh)" '5 1020 1000 90000 89000 8725.5 40 2.500000'
	runs_of 1000 1000 2000 2000 2000 >two-ways
	run -0 memdiff two-ways
	is "$(row sh)" '5 2000 1000 2000 1000 50.0 1000 2.500000'
}

@test "the statistics of a group are of the runs that have it" {
	(run_of 900 cc 500 ld 100; run_of 900 cc 700) >runs
	run -0 memdiff runs
	is "$(row cc)" '2 600 500 700 200 33.3 200 '
	is "$(row ld)" '1 100 100 100    '
}

@test "two files are compared row by row" {
	run -1 memdiff <(run_of 1000 cc 500 ld 100) <(run_of 1500 cc 1000 as 30)
	is "${lines[0]}" "$(tr ' ' '\t' <<<'scope name base_runs new_runs base_kib new_kib change_kib change_percent noise_kib verdict command')"
	is "${lines[1]}" "$(printf 'total\tsh\t1\t1\t1000\t1500\t500\t50.0\t\tworse\tmake')"
	is "${lines[2]}" "$(printf 'group\tcc\t1\t1\t500\t1000\t500\t100.0\t\tworse\tmake')"
	is "${lines[3]}" "$(printf 'group\tld\t1\t0\t100\t\t\t\t\tremoved\tmake')"
	is "${lines[4]}" "$(printf 'group\tas\t0\t1\t\t30\t\t\t\tnew\tmake')"
	is "${#lines[@]}" 5
}

@test "growth beyond the threshold, a percentage or a size, is a regression" {
	runs_of 100000 >base
	run -0 memdiff base <(runs_of 110000)
	is "$(row sh)" '1 1 100000 110000 10000 10.0  same'
	run -1 memdiff base <(runs_of 110001)
	is "$(row sh)" '1 1 100000 110001 10001 10.0  worse'
	run -0 memdiff base <(runs_of 89999)
	is "$(row sh)" '1 1 100000 89999 -10001 -10.0  better'
	runs_of 110240 >new
	for r in 10 10% '10 %' 10.2% 9M 10239K 10239.9K; do
		run -1 memdiff -t "$r" base new
	done
	for r in 10.24 11 '10.24 %' 10M 10240K 10485760B; do
		run -0 memdiff --threshold "$r" base new
	done
	run -0 memdiff -t 0 base base
	run -1 memdiff -t 0 base <(runs_of 100001)
}

@test "a change within the noise is no regression" {
	runs_of 1000 1200 1400 >wide
	run -0 memdiff wide <(runs_of 1600)
	is "$(row sh)" '3 1 1200 1600 400 33.3 400 noise'
	run -1 memdiff wide <(runs_of 1601)
	is "$(row sh)" '3 1 1200 1601 401 33.4 400 worse'
	run -0 memdiff <(runs_of 1600 1600 1600) wide
	is "$(row sh)" '3 3 1600 1200 -400 -25.0 400 noise'
	run -0 memdiff -f text wide <(runs_of 1600)
	is "${lines[0]}" 'peak RSS +400 KiB (+33.3 %) against wide, but the runs themselves differ by 33.3 %: no regression'
}

@test "one outlier among five runs does not hide a regression" {
	run -1 memdiff <(runs_of 1000 1010 1020 1030 9000) <(runs_of 1500 1510 1520 1530 100)
	is "$(row sh)" '5 5 1020 1510 490 48.0 40 worse'
}

@test "-g counts groups that grew as regressions" {
	run_of 1000 cc 500 ld 100 >base
	run_of 1001 cc 501 ld 200 as 70 >new
	run -0 memdiff base new
	is "$(row ld)" '1 1 100 200 100 100.0  worse'
	run -1 memdiff --groups base new
	run -1 memdiff -gf text base new
	is "${lines[0]}" 'peak RSS +1 KiB (+0.1 %) against base: REGRESSION of 1 group (more than 10 %)'
	run -0 memdiff -g -t 100K base new
}

@test "no change is minus zero" {
	run_of 1000000 cc 500 >base
	run_of 999999 cc 500 | sed 's/2[.]50*$/2.499000/' >new
	run -1 cmp -s base new
	memdiff -f text base new >out
	is "$(sed -n 1p out)" 'peak RSS -1 KiB (0.0 %) against base: no regression'
	has_line out '^  duration  *2.50 s  *2.50 s  *+0.00 s  *0.0 %$'
	run -1 grep -e '-0[.]0' <(cat out; memdiff base new)
}

@test "-f text prints the comparison of two files" {
	(run_of 344064 cc1 300000; run_of 344064 cc1 300100; run_of 345064 cc1 300050) >base
	(run_of 422195 cc1 300000 ld 81920; run_of 422195 cc1 300000 ld 81920) >new
	run -1 memdiff --format text base new
	cat >expected <<-'EOT'
		peak RSS +76.3 MiB (+22.7 %) against base: REGRESSION (more than 10 %)

		                               BASE          NEW       CHANGE
		  peak RSS                336.0 MiB    412.3 MiB    +76.3 MiB    +22.7 %  worse
		  at most                 336.0 MiB    412.3 MiB    +76.3 MiB    +22.7 %
		  duration                   2.50 s       2.50 s      +0.00 s      0.0 %
		  runs                            3            2
		  noise between runs       1000 KiB        0 KiB

		  GROUP                        BASE          NEW       CHANGE
		  ld                              -     80.0 MiB                          new
		  cc1                     293.0 MiB    293.0 MiB      -50 KiB      0.0 %
	EOT
	diff expected - <<<"$output"
	run -0 memdiff -f text new base
	is "${lines[0]}" 'peak RSS -76.3 MiB (-18.5 %) against new: better'
	run -0 memdiff -f text -t 100M base new
	is "${lines[0]}" 'peak RSS +76.3 MiB (+22.7 %) against base: no regression'
	run -1 memdiff -f text -t 50M base new
	is "${lines[0]}" 'peak RSS +76.3 MiB (+22.7 %) against base: REGRESSION (more than 50.0 MiB)'
}

@test "-f text prints the statistics of one file" {
	runs_of 422195 421000 425165 420000 419840 >runs
	run -0 memdiff -f text runs
	cat >expected <<-'EOT'
		5 runs: peak RSS 411.1 MiB (median; 410.0 to 415.2 MiB, spread 1.3 %)

		                             MEDIAN          MIN          MAX     SPREAD
		  peak RSS                411.1 MiB    410.0 MiB    415.2 MiB      1.3 %
		  at most                 411.1 MiB    410.0 MiB    415.2 MiB      1.3 %
		  duration                   2.50 s       2.50 s       2.50 s      0.0 %
	EOT
	diff expected - <<<"$output"
	run -0 memdiff -f text <(runs_of 1024)
	is "$output" '1 run: peak RSS 1.0 MiB'
	run -0 memdiff -f text <(runs_of 800 2048)
	is "${lines[0]}" '2 runs: peak RSS 1.4 MiB (median; 800 KiB to 2.0 MiB, spread 87.6 %)'
}

@test "with one run each, the text notes that the noise is unknown" {
	run -0 memdiff -f text <(runs_of 1000) <(runs_of 1001)
	grep -q '^  one run each: the noise between runs is unknown$' <<<"$output"
	run -0 memdiff -f text <(runs_of 1000 1000) <(runs_of 1001)
	grep -q '^  noise between runs  *0 KiB  *-$' <<<"$output"
}

@test "runs of different commands or with different ends are compared with a warning" {
	run_of 1000 >base
	run_of 1000 | sed 's/make/make -j8/' >other
	run -0 --separate-stderr memdiff base other
	one_line "$stderr" '^memdiff: other: run 1: the command differs from base: make -j8$'
	run_of 1000 | grep -v '^#command' >attached
	run -0 --separate-stderr memdiff base attached
	one_line "$stderr" '^memdiff: attached: run 1: the command differs from base: -$'
	(run_of 1000; run_of 1000 | sed '/^#exit_code/s/0/3/') >failed
	run -0 --separate-stderr memdiff base failed
	one_line "$stderr" '^memdiff: failed: run 2 exited with status 3, not 0 as run 1 of base$'
	run_of 1000 | sed "s/^#exit_code.*/#signal${tab}9/" >killed
	run -0 --separate-stderr memdiff base killed
	one_line "$stderr" '^memdiff: killed: run 1 was killed by signal 9$'
	run_of 1000 | grep -v '^#exit_code' >cut
	run -0 --separate-stderr memdiff base cut
	one_line "$stderr" '^memdiff: cut: run 1 is incomplete: missing exit status$'
	run_of 1000 | grep -v '^#' >attached
	run -0 --separate-stderr memdiff attached attached
	is "$stderr" ''
}

@test "a name can neither control the terminal nor forge a row" {
	run_of 1000 'a\tb\n\x1B[31m' 700 c 2 >base
	for format in tsv text; do
		run -0 memdiff -f "$format" base base
		grep -q $'\033' <<<"$output" && return 1
		grep -qF '\n' <<<"$output"
	done
	run -0 memdiff base
	grep -qF "group${tab}a\\tb\\n\\x1B[31m${tab}1${tab}700" <<<"$output"
}

@test "columns are found by name, and the output of mempeak is read with its spans" {
	printf 'name\tlast\tx\tfirst\ttime\tbound_kib\trss_kib\tscope\nsh\t3.5\t?\t1.5\t\t8\t7\ttotal\n' >other-order
	run -0 memdiff other-order
	is "$(row sh)" '1 7 7 7    2.000000'
	samples '1.000000 10 1 100 100 500 a' '2.000000 11 10 130 130 300 b' | mempeak -s 2 >p
	cat p p >twice
	run -0 memdiff twice
	is "$(row a)" "2 130 130 130 0 0.0 0 1.000000"$'\n'"2 100 100 100 0 0.0 0 "
	(cat p; printf '#running\t1\n') | memdiff -
}

@test "either file may be standard input, but not both" {
	runs_of 1000 >base
	run -1 sh -c 'sed s/1000/2000/ base | memdiff base -'
	run -0 sh -c 'sed s/1000/2000/ base | memdiff -f text - base'
	is "${lines[0]}" 'peak RSS -1000 KiB (-50.0 %) against standard input: better'
	run -2 memdiff - - <base
	one_line "$output" '^memdiff: -: not allowed for both files$'
}

@test "input that cannot be compared is reported in one line, with status 2 and no output" {
	run_of 1000 >ok
	refused() {
		local why=$1
		shift
		run -2 --separate-stderr memdiff "$@"
		is "$output" ''
		one_line "$stderr" "$why"
	}
	refused '^memdiff: nosuch: No such file or directory$' nosuch ok
	refused '^memdiff: nosuch: No such file or directory$' ok nosuch
	refused '^memdiff: \.: Is a directory$' . ok
	refused '^memdiff: /dev/null: no peaks$' /dev/null ok
	grep -v '^total' ok >header
	refused '^memdiff: header: no peaks$' ok header
	grep '^#' ok >meta
	refused '^memdiff: meta: no peaks$' meta
	cat ok meta >unfinished
	refused '^memdiff: unfinished: the last run has no peaks$' unfinished
	cat meta ok >failed
	refused '^memdiff: failed: line 4: the previous run has no peaks$' failed
	cat header ok >headed
	refused '^memdiff: headed: line 5: the previous run has no peaks$' headed
	cat header header >empty
	refused '^memdiff: empty: line 5: the previous run has no peaks$' empty
	(cat ok; tail -n 1 ok) >twice
	refused '^memdiff: twice: line 6: a second total in one run$' ok twice
	sed '/^total/s/1000\t/nan\t/' ok >nan
	refused '^memdiff: nan: line 5: invalid number$' nan ok
	sed '/^total/s/1000\t/\t/' ok >unknown
	refused '^memdiff: unknown: line 5: missing peak$' unknown ok
	sed '/^total/s/1000\t/99999999999999999999\t/' ok >large
	refused '^memdiff: large: line 5: out of range$' large
	head -c -2 ok >cut
	refused '^memdiff: cut: .*incomplete line$' ok cut
	samples '1.000000 10 1 10 10 0 a' >s
	refused '^memdiff: s: line 1: these are samples, not peaks [(]use mempeak first[)]$' s ok
	refused '^memdiff: .*: missing header$' "$(command -v memdiff)"
}

@test "--check validates the options and operands and reads nothing" {
	run -0 memdiff --check -g -f text -t 5% nosuch -
	is "$output" ''
	run -2 memdiff --check -t 5% nosuch
	one_line "$output" '^memdiff: -t: not allowed with one file$'
	run -2 memdiff --check
}

@test "wrong usage is reported, with status 2" {
	run_of 1000 >ok
	run -2 memdiff
	is "$output" 'usage: memdiff [-g] [-f format] [-t change] base [new]'
	run -2 memdiff -z ok
	run -2 memdiff ok ok ok
	run -2 memdiff -f yaml ok
	one_line "$output" '^memdiff: -f: yaml: invalid format: it must be one of text tsv csv '
	for format in json hyperfine bmf benchmark; do
		run -2 memdiff -f $format ok ok
		one_line "$output" "^memdiff: -f $format: not allowed with two files\$"
	done
	for r in '' x -5 % ' %' 10%% '10 M%' 5Q; do
		run -2 memdiff -t "$r" ok ok
		one_line "$output" '^memdiff: -t: .*: invalid threshold \(examples: 10%, 0\.5%, 50M\)$'
	done
	run -2 memdiff -t 1000000 ok ok
	one_line "$output" '^memdiff: -t: 1000000: threshold out of range$'
	run -2 memdiff -t 5% ok
	one_line "$output" '^memdiff: -t: not allowed with one file$'
	run -2 memdiff -g ok
	one_line "$output" '^memdiff: -g: not allowed with one file$'
}

@test "a full disk and a closed stdout are reported, and a reader may leave early" {
	run_of 1000 >ok
	for format in text tsv csv markdown; do
		run -2 sh -c "memdiff -f $format ok ok >/dev/full"
		one_line "$output" '^memdiff: standard output: No space left on device$'
		run -2 sh -c "memdiff -f $format ok ok >&-"
		one_line "$output" '^memdiff: standard output: Bad file descriptor$'
	done
	run -2 sh -c 'memdiff - ok <&-'
	one_line "$output" '^memdiff: standard input: Bad file descriptor$'
	(run_of 1000; awk 'BEGIN { for (i = 0; i < 20000; i++) printf "group\tgroup%d\t10\t10\t1.0\t2.0\t1.5\n", i }') >many
	run -0 bash -c 'set -o pipefail; memdiff many many | head -n 1; [ "${PIPESTATUS[0]}" -eq 141 ]'
}

# command_of COMMAND KIB...: print the peaks of runs of COMMAND, as it is written after #command.
command_of() {
	runs_of "${@:2}" | COMMAND=$1 awk -F'\t' -v OFS='\t' '$1 == "#command" { $2 = ENVIRON["COMMAND"] } { print }'
}

@test "the commands in one file are compared with each other" {
	(command_of "sh -c 'a  '\\\\''b'" 2000 2100; command_of c 1000 1004; command_of 'sh -c x y' 1500 1500; command_of c 1002) >three
	run -0 --separate-stderr env LC_ALL=C memdiff -f text three
	is "$stderr" ''
	cat >expected <<-'EOT'
		  RUNS     MEDIAN    AT MOST  SPREAD   DURATION  TIMES  COMMAND
		     2    2.0 MiB    2.0 MiB   4.9 %     2.50 s   2.05  a  'b
		     3   1002 KiB   1002 KiB   0.4 %     2.50 s   1.00  c
		     2    1.5 MiB    1.5 MiB   0.0 %     2.50 s   1.50  sh -c x y

		'c' needed
		  2.05 +- 0.07 times less memory than 'a  'b'
		  1.50 +- 0.00 times less memory than 'sh -c x y'
	EOT
	diff expected - <<<"$output"
	run -0 memdiff three
	is "$(grep ^total <<<"$output" | cut -f 3,4,11,12 | tr '\t' ' ')" $'2 2050 2.046 a  \'b\n3 1002 1.000 c\n2 1500 1.497 sh -c x y'
	run -0 memdiff -f csv three
	is "${#lines[@]}" 4
	run -0 memdiff -f markdown three
	is "${lines[3]}" '| <code>c</code> | 3 | 1002 KiB | 1002 KiB | 0.4 % | 2.50 s | 1.00 |'
	run -0 memdiff -f text <(command_of a 1000 1010; command_of b 1008 1000)
	is "${lines[-1]}" "'b' needed as much memory as 'a', within the noise"
	run -0 memdiff -f text <(command_of a 1000; command_of b 3210)
	is "${lines[-1]}" "'a' needed 3.21 times less memory than 'b'"
	run -0 memdiff -f text <(command_of a 1000; command_of b 1000)
	is "${lines[-1]}" "'a' needed as much memory as 'b'"
}

@test "each command of two files is compared with its own runs" {
	(command_of a 1000 1000; command_of b 2000; command_of only 7) >base
	(command_of new 9; command_of b 2900; command_of a 1000; command_of a 1010) >new
	run -1 --separate-stderr memdiff -f text base new
	is "$stderr" $'memdiff: base: 1 command not found in new\nmemdiff: new: 1 command not found in base'
	cat >expected <<-'EOT'
		REGRESSION of 1 of 2 commands against base (more than 10 %)

		       BASE        NEW     CHANGE                     COMMAND
		   1000 KiB   1005 KiB     +5 KiB    +0.5 %  same     a
		    2.0 MiB    2.8 MiB   +900 KiB   +45.0 %  worse    b
	EOT
	diff expected - <<<"$output"
	run -1 --separate-stderr memdiff base new
	is "$(cut -f 3-6,10,11 <<<"$output" | tail -n +2 | tr '\t' ' ')" $'2 2 1000 1005 same a\n1 1 2000 2900 worse b'
	run -1 --separate-stderr memdiff -f markdown base new
	is "${lines[-1]}" '| <code>b</code> | 2.0 MiB | 2.8 MiB | +900 KiB (+45.0 %) | **worse** |'
	run -0 --separate-stderr memdiff -f text -t 50% base new
	is "${lines[0]}" 'no regression of 2 commands against base'
	# If there is no command in common, all runs are compared.
	run -1 --separate-stderr memdiff <(command_of a 1000; command_of b 1000) <(command_of c 3000)
	one_line "$(tail -n 1 <<<"$stderr")" ': run 1: the command differs from .*: c$'
	is "$(row sh)" '2 1 1000 3000 2000 200.0 0 worse'
	# How membench runs a command makes no difference.
	run -0 --separate-stderr memdiff <(command_of "sh -c 'make -j8'" 1000) <(command_of 'make -j8' 1000)
	is "$stderr" ''
}

@test "JSON is read as the peaks that it was made from" {
	(run_of 1000 cc 500; run_of 1100 cc 510 ld 1; run_of 1200 | sed "s/^#exit_code.*/#signal${tab}9/") >plain
	samples '1.000000 10 1 100 100 500 a"\\\x1B' '2.000000 11 10 130 130 300 b' | mempeak -s 2 >peaks
	for file in plain peaks; do
		memdiff -f json $file >$file.json
		memdiff $file 2>err >expected
		memdiff $file.json 2>err | diff expected -
		memdiff -f json $file.json | cmp - $file.json
	done
	memfmt -jt peaks >single.json
	memdiff single.json | diff <(memdiff peaks) -
	run -0 sh -c 'memdiff single.json - <peaks'
	python3 -c 'import json; json.dump(json.load(open("single.json")), open("compact", "w"))'
	memdiff compact | diff <(memdiff peaks) -
	cat single.json compact peaks.json >all
	is "$(memdiff -f hyperfine all | grep -c '^        null')" 3
	memrun -P --columns threads,start,user,cmd -L suite=a -t 1K -j -o run.json true || true
	memdiff -f json run.json >runs.json
	python3 -c 'import json
a = json.load(open("run.json"))
b = json.load(open("runs.json"))["runs"][0]
assert a == b, [(k, a[k], b[k]) for k in a if a[k] != b[k]]'
}

@test "JSON that is not a report is reported in one line, with status 2" {
	refused() {
		printf '%s' "$1" >file
		run -2 --separate-stderr memdiff file
		is "$output" ''
		one_line "$stderr" "$2"
	}
	memfmt -j <(run_of 1000) >ok
	refused '{}' '^memdiff: file: line 1: no peaks$'
	refused '{' '^memdiff: file: line 1: incomplete JSON$'
	refused '{"runs": []}' '^memdiff: file: no peaks$'
	refused '{"runs": [{}]}' '^memdiff: file: line 1: a run has no peak$'
	refused '{"runs": [7]}' '^memdiff: file: line 1: invalid value$'
	refused '{"peak_rss_kib": -1}' '^memdiff: file: line 1: invalid number$'
	refused '{"peak_rss_kib": 1e300}' '^memdiff: file: line 1: invalid number$'
	refused '{"peak_rss_kib": "1"}' '^memdiff: file: line 1: invalid value$'
	refused $'{\n"peak_rss_kib": 1,}' '^memdiff: file: line 2: invalid JSON$'
	refused '{"schema_version": 2, "peak_rss_kib": 1}' '^memdiff: file: line 1: unsupported schema_version$'
	refused '{"peak_at": "yesterday", "peak_rss_kib": 1}' '^memdiff: file: line 1: invalid date$'
	refused '{"peak_rss_kib": 1}]' '^memdiff: file: line 1: '
	refused '{"peak_rss_kib": 1} 7' '^memdiff: file: line 1: not a report$'
	refused "{\"x\": $(printf '[%.0s' {1..40})" '^memdiff: file: line 1: too many levels$'
	refused $'{"name": "\x01"}' '^memdiff: file: line 1: invalid JSON string$'
	refused "$(head -c 300 ok)" '^memdiff: file: line [0-9]+: (incomplete|invalid) JSON'
	run -0 memdiff <(printf '{"peak_rss_kib": 1.5e3, "unknown": [{"a": [null, true]}], "name": "\\ud83d\\ude00\\ud800"}')
	is "$(cut -f 2,4 <<<"${lines[1]}")" $'\xf0\x9f\x98\x80\xef\xbf\xbd\t1500'
}

peaks_of() {
	local i
	for ((i = 0; i < $1; i++)); do
		memexec --to 'memsample -C | mempeak >>"$OUT"' -- "${@:2}" >/dev/null
	done
}

@test "twice the memory is a regression, and the same command again is none" {
	OUT=base peaks_of 3 spike -t 20 32
	OUT=again peaks_of 3 spike -t 20 32
	OUT=more peaks_of 3 spike -t 20 64
	run -0 --separate-stderr memdiff base again
	is "$stderr" ''
	is "$(head -n 2 <<<"$output" | tail -n 1 | cut -f 10)" same
	run -1 --separate-stderr memdiff base more
	one_line "$stderr" 'the command differs from base: spike -t 20 64$'
	is "$(head -n 2 <<<"$output" | tail -n 1 | cut -f 10)" worse
	compare "$(head -n 2 <<<"$output" | tail -n 1 | cut -f 7)" -gt 30000
}

@test "the baseline in EXAMPLES can be made and checked" {
	printf '#!/bin/sh\nseq 200000 | sort -S "$BUFFER" | tail -n 1\n' >report
	chmod +x report
	cat >measure <<-'EOT'
		for i in 1 2 3 4 5; do
			memrun -qo /dev/null -s samples ./report >/dev/null
			mempeak samples
		done | grep -v '^process'
	EOT
	BUFFER=6M sh measure >memory.tsv
	run -0 memdiff -f text memory.tsv
	[[ ${lines[0]} =~ ^5\ runs:\ peak\ RSS\ [0-9.]+\ MiB\ \(median\;\ .*,\ spread\ .*\ %\)$ ]]
	run -0 sh -c 'BUFFER=6M sh measure | memdiff -f text memory.tsv -'
	run -1 sh -c 'BUFFER=12M sh measure | tee new.tsv | memdiff -f text -t 5% memory.tsv -'
	[[ ${lines[0]} =~ ^peak\ RSS\ \+.*\ against\ memory.tsv:\ REGRESSION\ \(more\ than\ 5\ %\)$ ]]
	# The shell is so small that it can differ by chance.
	is "$(memdiff memory.tsv new.tsv | awk -F'\t' '$10 == "worse" && $1 $2 != "groupreport"' | cut -f 1,2 | tr '\t\n' ' ;')" \
		'total report;group sort;'
}

# SPDX-License-Identifier: MIT
load helper

# Write three ticks: 3000, 6000 and 2000 KiB, of which a holds 2000, 5000 and 1500.
three() {
	printf '#command\tmake all\n#started\t1000.000000\n'
	samples '1001.000000 10 1 2000 2000 0 a' '1001.000000 11 10 1000 1000 0 b' \
		'1002.000000 10 1 5000 5000 0 a' '1002.000000 11 10 1000 1000 0 b' \
		'1004.000000 10 1 1500 5000 0 a' '1004.000000 11 10 500 1000 0 b'
}

# texts FILE: print each text of an SVG on a line of its own; fail if it is not XML.
texts() {
	python3 - "$1" <<-'END'
		import sys, xml.etree.ElementTree as tree
		for text in tree.parse(sys.argv[1]).iter('{http://www.w3.org/2000/svg}text'):
		    print(''.join(text.itertext()).strip())
	END
}

# fake LINE: write a gnuplot to fake/ that reads its input and then runs LINE.
fake() {
	mkdir -p fake
	printf '#!/bin/sh\ncat >/dev/null\n%s\n' "$1" >fake/gnuplot
	chmod +x fake/gnuplot
}

@test "a picture has the type that its name ends in" {
	needs gnuplot
	three >s
	for type in png svg pdf PNG; do
		run -0 memplot -o "p.$type" s
		is "$output" ''
	done
	is "$(head -c 4 p.png | tail -c 3)" PNG
	is "$(head -c 4 p.PNG | tail -c 3)" PNG
	is "$(head -c 5 p.svg)" '<?xml'
	is "$(head -c 5 p.pdf)" '%PDF-'
	is "$(ls -A | tr '\n' ' ')" 'p.PNG p.pdf p.png p.svg s '
}

@test "a picture names the groups, the command, the units and the peak" {
	needs gnuplot python3
	three >s
	memplot -o p.svg s
	texts p.svg >t
	for text in 'make all' 'a  4.9 MiB' 'b  1000 KiB' total 'at most' seconds MiB 'peak 5.9 MiB after 2.00 s'; do
		grep -qxF "$text" t || { echo "no $text"; cat t; return 1; }
	done
	run -1 grep limit t
}

@test "-p draws processes, -t the total, -n fewer areas, -T another title" {
	needs gnuplot python3
	three >s
	memplot -p -o p.svg s
	texts p.svg | grep -qx 'a 10  4.9 MiB'
	memplot -tT 'my title' -o p.svg s
	texts p.svg >t
	grep -qx 'my title' t
	run -1 grep -e '^a ' -e '^b ' t
	memplot --number=1 -o p.svg s
	texts p.svg >t
	grep -qx '1 other' t
	run -1 grep '^b ' t
}

@test "the limit is a line; a limit that is far above is only in the key" {
	needs gnuplot python3
	(printf '#limit_total_kib\t8192\n'; three) >s
	memplot -o p.svg s
	is "$(texts p.svg | grep -c '^limit 8.0 MiB$')" 1
	texts p.svg | grep -qx 8
	(printf '#limit_total_kib\t819200\n'; three) >s
	memplot -o p.svg s
	texts p.svg >t
	grep -qx 'limit 800.0 MiB' t
	run -1 grep -qx 800 t
}

@test "without -o it prints a chart with the title, both axes, the areas and the peak, in the given size" {
	needs gnuplot
	three >s
	run -0 memplot -s 60x20 s
	[[ $output == *'make all'* && $output == *seconds* && $output == *MiB* && $output == *'peak 5.9 MiB after 2.00 s'* ]]
	[[ $output == *'a  4.9 MiB'* && $output == *'b  1000 KiB'* ]]
	compare "$(wc -L <<<"$output")" -le 60
	run -1 grep "$(printf '[\f\033]')" <<<"$output"
	run -1 grep ' $' <<<"$output"
	COLUMNS=50 LINES=15 memplot <s >t
	compare "$(wc -L <t)" -le 50
	compare "$(lines_of t)" -le 15
}

@test "on a terminal the chart has the terminal's size, and colours unless NO_COLOR is set" {
	needs gnuplot script
	three >s
	TERM=xterm script -qec 'stty cols 100 rows 30; memplot s' /dev/null </dev/null | tr -d '\r' >t
	grep -q "$(printf '\033')" t
	sed "s/$(printf '\033')\[[0-9;]*m//g" t >plain
	compare "$(wc -L <plain)" -gt 80
	compare "$(wc -L <plain)" -le 100
	TERM=xterm NO_COLOR=1 script -qec 'stty cols 100 rows 30; memplot s' /dev/null </dev/null >t
	run -1 grep "$(printf '\033')" t
}

@test "samples are read from a file, standard input or a pipe, with any name" {
	needs gnuplot
	three >s
	memplot -o p.svg s
	run -0 memplot -o q.svg - <s
	is "$output" ''
	cmp p.svg q.svg
	memplot -o q.svg <(cat s)
	cmp p.svg q.svg
	for name in -s.tsv 'a=b' "it's \"\$(touch x)" '|touch x'; do
		cp s "./$name"
		memplot -o q.svg -- "$name"
		cmp p.svg q.svg
	done
	[ ! -e x ]
}

@test "with -o and no operand it copies its input to standard output" {
	needs gnuplot
	three >s
	memplot -o p.svg s
	memplot -o q.svg <s >copy
	cmp s copy
	cmp p.svg q.svg
}

@test "the copy is written as the input arrives, before the end of input" {
	needs gnuplot
	three >s
	mkfifo in
	start bash -c 'exec memplot -o p.svg <in >copy'
	exec 9>in
	cat s >&9
	until_true cmp -s s copy
	[ ! -e p.svg ]
	exec 9>&-
	wait "$pid"
	[ -s p.svg ]
}

@test "a reader that exits early loses neither the rest of the input nor the picture" {
	needs gnuplot
	three >s
	memplot -o p.svg s
	mkfifo in out
	start bash -c 'exec memplot -o q.svg <in >out'
	exec 9>in
	exec 8<out
	exec 8<&-
	head -n 4 s >&9
	tail -n +5 s >&9
	exec 9>&-
	wait "$pid"
	cmp p.svg q.svg
}

@test "everything is copied: input that is not samples, a line too long, a last line without a newline" {
	needs gnuplot
	(three; printf 'garbage\n1005.0\t10') >s
	run -2 bash -c 'memplot -o p.svg <s >copy'
	cmp s copy
	[ -s p.svg ]
	rm p.svg
	head -c 300000 "$build/mempeak" >s
	run -2 bash -c 'memplot -o p.svg <s >copy'
	cmp s copy
	(three; head -c 70000000 /dev/zero | tr '\0' x; printf '\nend\n') >s
	run -2 bash -c 'memplot -o p.svg <s >copy'
	cmp s copy
	[ -s p.svg ]
}

@test "a picture that fails does not end the copying" {
	three >s
	fake 'exit 1'
	PATH=$PWD/fake:$PATH run -2 --separate-stderr memplot -o p.png <s
	is "$output" "$(cat s)"
	is "$stderr" 'memplot: gnuplot: exited with status 1'
}

@test "a full disk on standard output is an error; the picture is drawn" {
	needs gnuplot
	three >s
	run -2 bash -c 'memplot -o p.svg <s >/dev/full'
	is "$output" 'memplot: standard output: No space left on device'
	[ -s p.svg ]
}

@test "samples without the columns hwm_kib and comm are drawn" {
	needs gnuplot python3
	printf 'time\tpid\trss_kib\n1.0\t10\t100\n2.0\t10\t300\n' >s
	memplot -o p.svg s
	texts p.svg >t
	grep -q 'peak 300 KiB' t
	run -1 grep 'at most' t
	memplot -p -o p.svg s
	texts p.svg | grep -q ' 10  300 KiB$'
}

@test "columns may be in any order, and an invalid row changes nothing" {
	needs gnuplot python3
	printf 'comm\trss_kib\tpid\ttime\na\t100\t10\t1.0\na\t300\t10\t2.0\n' >s
	memplot -o p.svg s
	texts p.svg | grep -qx 'a  300 KiB'
	printf 'what is this\na\t1e30\t10\t2.0\n' >>s
	run -2 memplot -o q.svg s
	cmp p.svg q.svg
}

@test "a run of which no RSS was read is drawn" {
	needs gnuplot
	printf '#exit_code\t0\n#maxrss_kib\t1804\n#command_maxrss_kib\t1804\t10\n' >s
	samples '1.0 10 1   0 a' >>s
	memplot -o p.svg s
	memplot -s 40x16 s >t
}

@test "one tick is drawn, and so are two runs in one stream" {
	needs gnuplot python3
	samples '1.0 10 1 100 100 0 a' >s
	memplot -o p.svg s
	texts p.svg | grep -q 'peak 100 KiB after 0.00 s'
	samples '8.0 10 1 200 200 0 b' >>s
	memplot -o p.svg s
	texts p.svg >t
	grep -q 'peak 200 KiB after 7.00 s' t
	grep -qx 'a  100 KiB' t
	grep -qx 'b  200 KiB' t
}

@test "with many ticks no peak is lost" {
	needs gnuplot python3
	awk 'BEGIN { OFS = "\t"; print "time", "pid", "rss_kib", "comm"
		for (i = 0; i < 20000; i++) print 1 + i / 10 "", 5, i == 12345 ? 90000 : 1000, "a" }' >s
	memplot -t -o p.svg s
	texts p.svg | grep -qx 'peak 87.9 MiB after 20 min 34 s'
}

@test "the data are the holdings of the largest tick in each part of the time" {
	mkdir fake
	printf '#!/bin/sh\nexec cat >data\n' >fake/gnuplot
	chmod +x fake/gnuplot
	# A process ID that is used again, later, by another process.
	samples '1.0 10 1 1024 1024 0 a' '1.0 11 1 2048 2048 0 b' '2.0 11 1 2048 2048 0 b' \
		'3.0 10 1 4096 4096 0 c' '3.0 11 1 1024 2048 0 b' >s
	PATH=$PWD/fake:$PATH memplot -p -o p.svg s
	is "$(sed -n '/^.course/,/^END/p' data | sed '1d;$d' | tr '\t' ' ')" \
		"$(printf '0.000000 3 3 0 0 2 3\n1.000000 2 3 0 0 2 2\n2.000000 5 6 0 4 5 5')"
	PATH=$PWD/fake:$PATH memplot -n 1 -o p.svg s
	is "$(sed -n '/^.course/,/^END/p' data | sed '1d;$d' | tr '\t' ' ')" \
		"$(printf '0.000000 3 3 0 0 3\n1.000000 2 3 0 0 2\n2.000000 5 6 0 4 5')"
	# Many ticks in each of about a thousand parts: the tick at 500.3 has the largest sum.
	awk 'BEGIN { OFS = "\t"; print "time", "pid", "rss_kib", "comm"
		for (i = 0; i < 10000; i++) { t = 1 + i / 10 ""
			print t, 5, i == 4993 ? 90000 : 1000, "a"; print t, 6, 2000, "b" } }' >s
	PATH=$PWD/fake:$PATH memplot -o p.svg s
	awk -F'\t' '/^.course/ { on = 1; next } /^END/ { on = 0 } on && $2 > 80 { n++; a = $5; b = $6 }
		END { exit !(n == 1 && a > 87.89 && a < 87.9 && b - a > 1.95 && b - a < 1.96) }' data
}

@test "ticks that are minutes apart are not joined, and swap is a line" {
	mkdir fake
	printf '#!/bin/sh\nexec cat >data\n' >fake/gnuplot
	chmod +x fake/gnuplot
	course() { PATH=$PWD/fake:$PATH memplot "$@" && sed -n '/^.course/,/^END/p' data | sed '1d;$d' | tr '\t' ' '; }
	printf 'time pid rss_kib comm swap_kib\n' >s
	printf '%s 10 1024 a %s\n' 1.0 0 3.0 0 5.0 2048 605.0 0 607.0 0 907.0 0 >>s
	tr ' ' "$tab" <s >t
	is "$(course -o p.svg t)" "$(printf '%s\n' '0.000000 1 1 0 1 1' '0.033333 1 1 0 1 1' '0.066667 1 1 0 1 3' '' \
		'10.066667 1 1 0 1 1' '10.100000 1 1 0 1 1' '' '15.100000 1 1 0 1 1' '15.175500 1 1 0 1 1')"
	grep -qx '=with swap  3.0 MiB' data
	grep -qx 'swapped = 1' data
	# A chart of characters has no point between the parts.
	course -s 60x20 t | awk '$1 > 0.3 && $1 < 10 { exit 1 }'
	# All ticks of a log are as far apart: there is no gap.
	awk 'BEGIN { print "time\tpid\trss_kib\tcomm"; for (i = 0; i < 9; i++) print 60 * i "\t5\t9\ta" }' >t
	run -1 grep -x '' <(course -o p.svg t)
	has_line data '^swapped = 0$'
}

@test "a chart of 40 columns is readable" {
	needs gnuplot
	three >s
	memplot -s 40x16 s >t
	compare "$(wc -L <t)" -le 40
	for text in 'make all' seconds MiB 'peak 5.9 MiB' 'a  4.9 MiB' 'b  1000 KiB'; do
		has_line t "$text"
	done
}

@test "no name of a process is run or changes the picture" {
	needs gnuplot python3
	printf '#command\t"; system("touch x"); # `touch x`\n' >s
	printf 'time\tpid\trss_kib\tcomm\n' >>s
	local names=('"; system("touch x"); #' '`touch x`' @macro '$0' '{/Symbol a}' %s END "it's" '<b>&amp;' 'a\nEND' 'grüße')
	for name in "${names[@]}"; do
		printf '1.0\t%s\t1000\t%s\n2.0\t%s\t1000\t%s\n' "$((++i))" "$name" "$i" "$name"
	done >>s
	printf '2.0\t99\t5000\t\303\033[31m\n' >>s
	memplot -n 20 -o p.svg s
	memplot -n 20 -o p.png s
	memplot -n 20 -s 100x40 s >text
	texts p.svg >t
	for name in "${names[@]}"; do
		grep -qxF "$name  1000 KiB" t || { echo "no $name"; cat t; return 1; }
	done
	grep -qxF '\xC3\x1B[31m  4.9 MiB' t
	grep -qxF '"; system("touch x"); # `touch x`' t
	run -1 grep "$(printf '\033')" text
	run -0 memplot -T '`touch x` $(touch x) @y \" "; system("touch x")' -o p.svg s
	[ ! -e x ]
}

@test "no name of a picture is run" {
	needs gnuplot
	three >s
	for name in '|touch x.png' "it's.png" '"; system("touch x"); #.png' '$(touch x)`touch x`.png' -a.png; do
		memplot -o "$name" s
		is "$(head -c 4 "./$name" | tail -c 3)" PNG
	done
	[[ ! -e x && ! -e x.png ]]
}

@test "the user's settings of gnuplot do not change a picture" {
	needs gnuplot
	three >s
	memplot -o p.svg s
	printf 'set title "mine"\nset encoding koi8r\n' >.gnuplot
	HOME=$PWD GNUTERM=foo memplot -o q.svg s
	cmp p.svg q.svg
}

@test "without gnuplot it names what to install, before it reads" {
	mkdir bin
	for option in --check --; do
		PATH=$PWD/bin run -2 "$build/memplot" -o p.png "$option" nothing
		is "$output" 'memplot: gnuplot is not installed (apt install gnuplot-nox)'
	done
	[ ! -e p.png ]
}

@test "a gnuplot that fails is reported in one line and leaves no picture" {
	three >s
	fake 'printf half; printf "\ngnuplot> plot\n     ^\n     line 0: no such thing\n\n" >&2; exit 1'
	PATH=$PWD/fake:$PATH run -2 memplot -o p.png s
	is "$output" 'memplot: gnuplot: no such thing'
	fake 'exit 1'
	PATH=$PWD/fake:$PATH run -2 memplot -o p.png s
	is "$output" 'memplot: gnuplot: exited with status 1'
	fake 'kill -9 $$'
	PATH=$PWD/fake:$PATH run -2 memplot -o p.png s
	is "$output" 'memplot: gnuplot: ended by signal 9'
	printf '#!/bin/sh\nexit 3\n' >fake/gnuplot # reads nothing
	PATH=$PWD/fake:$PATH run -2 memplot -o p.png s
	is "$output" 'memplot: gnuplot: exited with status 3'
	echo old >p.png
	PATH=$PWD/fake:$PATH run -2 memplot -o p.png s
	is "$(cat p.png)" old
	rm p.png
	is "$(ls -A)" "$(printf 'fake\ns')"
}

@test "a gnuplot that prints much while it reads and fails does not hang" {
	three >s
	mkdir fake
	printf '#!/bin/sh\nhead -c 300000 /dev/zero >&2; head -c 300000 /dev/zero; cat >/dev/null\n' >fake/gnuplot
	chmod +x fake/gnuplot
	PATH=$PWD/fake:$PATH run -0 timeout $patience memplot -o p.png s
	is "$(wc -c <p.png)" 300000
}

@test "a killed memplot leaves no file" {
	three >s
	fake 'touch running; exec sleep 60'
	mkdir tmp
	start env TMPDIR="$PWD/tmp" PATH="$PWD/fake:$PATH" setsid memplot -o p.png s
	until_true [ -e running ]
	kill -TERM -- "-$pid"
	wait "$pid" || true
	is "$(ls tmp)" ''
	is "$(ls -A | tr '\n' ' ')" 'fake running s tmp '
}

@test "no samples, garbage, a missing file and a folder are reported" {
	needs gnuplot
	: >s
	run -1 memplot -o p.png s
	is "$output" 'memplot: no samples'
	head -c 3000 "$build/mempeak" >s
	run -2 memplot -o p.png s
	one_line "$output" 'missing header$'
	run -2 memplot -o p.png nothing
	is "$output" 'memplot: nothing: No such file or directory'
	run -2 memplot -o p.png .
	one_line "$output" 'Is a directory$'
	is "$(ls -A)" s
	(three; printf '1005.0\tx\n') >s
	run -2 memplot -o p.png s
	[[ $output == *'fewer fields'* ]]
	[ -s p.png ]
}

@test "a picture that cannot be written is an error before anything is read, and so is a full disk" {
	needs gnuplot
	three >s
	mkdir d.png
	for samples in s nothing; do
		run -2 memplot -o no/p.png "$samples"
		is "$output" 'memplot: no/p.png: No such file or directory'
		run -2 memplot -o d.png "$samples"
		is "$output" 'memplot: d.png: Is a directory'
	done
	run -2 bash -c 'memplot s >/dev/full'
	is "$output" 'memplot: standard output: No space left on device'
	run -2 bash -c 'memplot s >&-'
	run -0 bash -c 'memplot s | true'
	is "$(ls -A | tr '\n' ' ')" 'd.png s '
}

@test "a picture has the permissions of a new file, and a pipe receives it" {
	needs gnuplot
	three >s
	(umask 027; memplot -o p.png s)
	is "$(stat -c %a p.png)" 640
	mkfifo pipe.png
	start cat pipe.png >copy
	memplot -o pipe.png s
	wait "$pid"
	cmp p.png copy
	[ -p pipe.png ]
}

@test "--check validates everything, reads nothing and writes nothing" {
	needs gnuplot
	run -0 memplot --check -gpt -n 3 -s 300x200 -T x -o p.png nothing
	is "$output" ''
	run -0 memplot --check nothing
	run -2 memplot --check -o p.gif
	run -2 memplot --check -o no/p.png
	run -2 memplot --check -s 5x5
	is "$(ls -A)" ''
}

@test "an invalid type is an error before anything is read" {
	for name in p.gif png ''; do
		run -2 memplot -o "$name" nothing
		is "$output" "memplot: -o: $name: invalid type: the name must end in .png, .svg or .pdf"
	done
}

@test "invalid options are reported" {
	for option in -Z -n --size --colour; do
		run -2 memplot $option
		[[ $output == *'usage: memplot '* ]]
	done
	run -2 memplot -o b.png a c
	[[ $output == 'usage: memplot '* ]]
	for option in -n0 -n101 -nx; do
		run -2 memplot $option s
		is "$output" "memplot: -n: ${option#-n}: number must be from 1 to 100"
	done
	for option in -sx -s10 -s5x5 -s100x -s99999x99999; do
		run -2 memplot $option s
		is "$output" "memplot: -s: ${option#-s}: size must be from 20x10 to 1000x1000"
	done
}

@test "an installed memplot finds its data beside it, under any folder name" {
	needs gnuplot
	three >s
	make -s -C "$top" install BUILD="$build" DESTDIR="$PWD/it's" PREFIX=/usr >/dev/null
	[ -s "it's/usr/share/mempipe/memplot.gnuplot" ]
	mv "it's/usr" 'my $x'
	"./my \$x/bin/memplot" -o p.svg s
	ln -s 'my $x/bin/memplot' link
	./link -o q.svg s
	cmp p.svg q.svg
	PATH="$PWD/my \$x/bin:$PATH" memplot -o q.svg s
	cmp p.svg q.svg
}

@test "the examples of the manual work" {
	needs gnuplot
	memrun -q -s samples.tsv sh -c 'seq 200000 | sort -r >/dev/null' 2>/dev/null
	memplot -o build.png samples.tsv
	[ -s build.png ]
	memplot -s 72x18 samples.tsv | grep -q 'sort  .* [KM]iB'
	seq 100 | memexec --to 'memsample -C | memplot -o seq.svg | mempeak | memfmt -f bytes >report' sort >/dev/null
	[ -s seq.svg ]
	compare "$(cat report)" -gt 0
}

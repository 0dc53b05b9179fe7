load helper

setup_file() { command -v gnuplot >/dev/null || skip "gnuplot is not installed"; }

# Three ticks: 3000, 6000 and 2000 KiB, of which a holds 2000, 5000 and 1500.
three() {
	printf '#command\tmake all\n#started\t1000.000000\n'
	samples '1001.000000 10 1 2000 2000 0 a' '1001.000000 11 10 1000 1000 0 b' \
		'1002.000000 10 1 5000 5000 0 a' '1002.000000 11 10 1000 1000 0 b' \
		'1004.000000 10 1 1500 5000 0 a' '1004.000000 11 10 500 1000 0 b'
}

# The texts of an SVG, each on a line of its own; fails if it is no XML.
texts() {
	command -v python3 >/dev/null || skip "python3 is not installed"
	python3 - "$1" <<-'END'
		import sys, xml.etree.ElementTree as tree
		for text in tree.parse(sys.argv[1]).iter('{http://www.w3.org/2000/svg}text'):
		    print(''.join(text.itertext()).strip())
	END
}

# fake LINE: a gnuplot in fake/ that does that once it has read its input.
fake() {
	mkdir -p fake
	printf '#!/bin/sh\ncat >/dev/null\n%s\n' "$1" >fake/gnuplot
	chmod +x fake/gnuplot
}

@test "a picture is of the type that its name says" {
	three >s
	for type in png svg pdf PNG; do
		run -0 memplot s "p.$type"
		[ "$output" = '' ]
	done
	[ "$(head -c 4 p.png | tail -c 3)" = PNG ]
	[ "$(head -c 4 p.PNG | tail -c 3)" = PNG ]
	[ "$(head -c 5 p.svg)" = '<?xml' ]
	[ "$(head -c 5 p.pdf)" = '%PDF-' ]
	[ "$(ls | tr '\n' ' ')" = 'p.PNG p.pdf p.png p.svg s ' ]
}

@test "a picture names what holds memory, the command, the units and the peak" {
	three >s
	memplot s p.svg
	texts p.svg >t
	for text in 'make all' 'a  4.9 MiB' 'b  1000 KiB' total 'at most' seconds MiB 'peak 5.9 MiB after 2.00 s'; do
		grep -qxF "$text" t || { echo "no $text"; cat t; return 1; }
	done
	run -1 grep limit t
}

@test "processes, the total alone, fewer areas, another title" {
	three >s
	memplot -p s p.svg
	texts p.svg | grep -qx 'a 10  4.9 MiB'
	memplot -tT 'my title' s p.svg
	texts p.svg >t
	grep -qx 'my title' t
	run -1 grep -e '^a ' -e '^b ' t
	memplot --number=1 s p.svg
	texts p.svg >t
	grep -qx '1 other' t
	run -1 grep '^b ' t
}

@test "the limit is a line, or only told if it is far above" {
	(printf '#limit_total_kib\t8192\n'; three) >s
	memplot s p.svg
	[ "$(texts p.svg | grep -c '^limit 8.0 MiB$')" -eq 1 ]
	texts p.svg | grep -qx 8
	(printf '#limit_total_kib\t819200\n'; three) >s
	memplot s p.svg
	texts p.svg >t
	grep -qx 'limit 800.0 MiB' t
	run -1 grep -qx 800 t
}

@test "a text has the title, both axes, the areas and the peak, in the size asked for" {
	three >s
	run -0 memplot -s 60x20 s
	[[ $output == *'make all'* && $output == *seconds* && $output == *MiB* && $output == *'peak 5.9 MiB after 2.00 s'* ]]
	[[ $output == *'a  4.9 MiB'* && $output == *'b  1000 KiB'* ]]
	[ "$(wc -L <<<"$output")" -le 60 ]
	run -1 grep "$(printf '[\f\033]')" <<<"$output"
	COLUMNS=50 LINES=15 memplot <s >t
	[ "$(wc -L <t)" -le 50 ]
	[ "$(lines_of t)" -le 15 ]
}

@test "on a terminal the drawing has its size, and colours unless NO_COLOR is set" {
	command -v script >/dev/null || skip "script is not installed"
	three >s
	TERM=xterm script -qec 'stty cols 100 rows 30; memplot s' /dev/null </dev/null | tr -d '\r' >t
	grep -q "$(printf '\033')" t
	sed "s/$(printf '\033')\[[0-9;]*m//g" t >plain
	[ "$(wc -L <plain)" -gt 80 ]
	[ "$(wc -L <plain)" -le 100 ]
	TERM=xterm NO_COLOR=1 script -qec 'stty cols 100 rows 30; memplot s' /dev/null </dev/null >t
	run -1 grep "$(printf '\033')" t
}

@test "samples come from a file, standard input or a pipe, whatever the file is called" {
	three >s
	memplot s p.svg
	memplot - q.svg <s
	cmp p.svg q.svg
	memplot <(cat s) q.svg
	cmp p.svg q.svg
	for name in -s.tsv 'a=b' "it's \"\$(touch x)" '|touch x'; do
		cp s "./$name"
		memplot -- "$name" q.svg
		cmp p.svg q.svg
	done
	[ ! -e x ]
}

@test "samples without marks or names are drawn for what is there" {
	printf 'time\tpid\trss_kib\n1.0\t10\t100\n2.0\t10\t300\n' >s
	memplot s p.svg
	texts p.svg >t
	grep -q 'peak 300 KiB' t
	run -1 grep 'at most' t
	memplot -p s p.svg
	texts p.svg | grep -q ' 10  300 KiB$'
}

@test "columns can stand in any order, and a row that makes no sense changes nothing" {
	printf 'comm\trss_kib\tpid\ttime\na\t100\t10\t1.0\na\t300\t10\t2.0\n' >s
	memplot s p.svg
	texts p.svg | grep -qx 'a  300 KiB'
	printf 'what is this\na\t1e30\t10\t2.0\n' >>s
	run -2 memplot s q.svg
	cmp p.svg q.svg
}

@test "one tick, and runs one behind the other, are drawn" {
	samples '1.0 10 1 100 100 0 a' >s
	memplot s p.svg
	texts p.svg | grep -q 'peak 100 KiB after 0.00 s'
	samples '8.0 10 1 200 200 0 b' >>s
	memplot s p.svg
	texts p.svg >t
	grep -q 'peak 200 KiB after 7.00 s' t
	grep -qx 'a  100 KiB' t
	grep -qx 'b  200 KiB' t
}

@test "of many ticks no peak is lost" {
	awk 'BEGIN { OFS = "\t"; print "time", "pid", "rss_kib", "comm"
		for (i = 0; i < 20000; i++) print 1 + i / 10 "", 5, i == 12345 ? 90000 : 1000, "a" }' >s
	memplot -t s p.svg
	texts p.svg | grep -qx 'peak 87.9 MiB after 20 min 34 s'
}

@test "nothing that a process calls itself is run or changes the picture" {
	printf '#command\t"; system("touch x"); # `touch x`\n' >s
	printf 'time\tpid\trss_kib\tcomm\n' >>s
	local names=('"; system("touch x"); #' '`touch x`' @macro '$0' '{/Symbol a}' %s END "it's" '<b>&amp;' 'a\nEND' 'grüße')
	for name in "${names[@]}"; do
		printf '1.0\t%s\t1000\t%s\n2.0\t%s\t1000\t%s\n' "$((++i))" "$name" "$i" "$name"
	done >>s
	printf '2.0\t99\t5000\t\303\033[31m\n' >>s
	memplot -n 20 s p.svg
	memplot -n 20 s p.png
	memplot -n 20 -s 100x40 s >text
	texts p.svg >t
	for name in "${names[@]}"; do
		grep -qxF "$name  1000 KiB" t || { echo "no $name"; cat t; return 1; }
	done
	grep -qxF '??[31m  4.9 MiB' t
	grep -qxF '"; system("touch x"); # `touch x`' t
	run -1 grep "$(printf '\033')" text
	run -0 memplot -T '`touch x` $(touch x) @y \" "; system("touch x")' s p.svg
	[ ! -e x ]
}

@test "nothing that a picture is called is run" {
	three >s
	for name in '|touch x.png' "it's.png" '"; system("touch x"); #.png' '$(touch x)`touch x`.png' -a.png; do
		memplot -- s "$name"
		[ "$(head -c 4 "./$name" | tail -c 3)" = PNG ]
	done
	[ ! -e x ] && [ ! -e x.png ]
}

@test "gnuplot's own settings of the user don't change a picture" {
	three >s
	memplot s p.svg
	printf 'set title "mine"\nset encoding koi8r\n' >.gnuplot
	HOME=$PWD GNUTERM=foo memplot s q.svg
	cmp p.svg q.svg
}

@test "without gnuplot it says what to install" {
	three >s
	mkdir bin
	for tool in sh awk cat stty mktemp rm; do
		ln -s "$(command -v "$tool")" bin/
	done
	PATH=$PWD/bin run -2 "$build/memplot" s p.png
	[ "$output" = 'memplot: gnuplot is not installed (apt install gnuplot-nox)' ]
	[ ! -e p.png ]
}

@test "a gnuplot that fails is told of in a line, and leaves no picture nor a half" {
	three >s
	fake 'printf half; printf "\ngnuplot> plot\n     ^\n     line 0: no such thing\n\n" >&2; exit 1'
	PATH=$PWD/fake:$PATH run -2 memplot s p.png
	[ "$output" = 'memplot: gnuplot: no such thing' ]
	fake 'exit 1'
	PATH=$PWD/fake:$PATH run -2 memplot s p.png
	[ "$output" = 'memplot: gnuplot: it failed' ]
	echo old >p.png
	PATH=$PWD/fake:$PATH run -2 memplot s p.png
	[ "$(cat p.png)" = old ]
	rm p.png
	[ "$(ls)" = "$(printf 'fake\ns')" ]
}

@test "what is killed leaves nothing behind" {
	three >s
	fake 'touch running; exec sleep 60'
	mkdir tmp
	start env TMPDIR="$PWD/tmp" PATH="$PWD/fake:$PATH" setsid memplot s p.png
	until_true [ -e running ]
	kill -TERM -- "-$pid"
	wait "$pid" || true
	until_true [ "$(ls tmp)" = '' ]
	[ "$(ls | tr '\n' ' ')" = 'fake running s tmp ' ]
}

@test "no samples, garbage and rows that make no sense" {
	: >s
	run -1 memplot s p.png
	one_line "$output" 'no samples$'
	head -c 3000 "$build/mempeak" >s
	run -2 memplot s p.png
	one_line "$output" 'no header$'
	run -2 memplot nothing p.png
	one_line "$output" 'nothing: No such file or directory$'
	run -2 memplot . p.png
	one_line "$output" 'Is a directory$'
	[ "$(ls)" = s ]
	(three; printf '1005.0\tx\n') >s
	run -2 memplot s p.png
	[[ $output == *'fewer fields'* ]]
	[ -s p.png ]
}

@test "a picture that can't be written is an error, and so is a full disk" {
	three >s
	run -2 memplot s no/p.png
	one_line "$output" "^memplot: no/p.png: can't be written$"
	mkdir d.png
	run -2 memplot s d.png
	one_line "$output" '^memplot: d.png: Is a directory$'
	run -2 bash -c 'memplot s >/dev/full'
	[[ $output == *"memplot: standard output: can't be written"* ]]
	run -2 bash -c 'memplot s >&-'
	run -0 bash -c 'memplot s | true'
}

@test "a type that is not known is an error before anything is read" {
	run -2 memplot nothing p.gif
	[ "$output" = 'memplot: p.gif: not a type of picture that is known (png, svg, pdf)' ]
	run -2 memplot nothing ''
	one_line "$output" empty
}

@test "wrong options are told of" {
	for option in -Z -n --size --colour; do
		run -2 memplot $option
		[[ $output == *'usage: memplot '* ]]
	done
	run -2 memplot a b.png c
	[[ $output == 'usage: memplot '* ]]
	for option in -n0 -n101 -nx -sx -s10 -s5x5 -s100x; do
		run -2 memplot $option s
		one_line "$output" '^memplot: .*: not a '
	done
}

@test "the examples of the manual work" {
	memrun -q -s samples.tsv sh -c 'seq 200000 | sort -r >/dev/null' 2>/dev/null
	memplot samples.tsv build.png
	[ -s build.png ]
	memplot -s 72x18 samples.tsv | grep -q 'sort  .* [KM]iB'
}

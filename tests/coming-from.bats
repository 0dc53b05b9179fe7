# SPDX-License-Identifier: MIT
load helper

# The commands of mempipe-coming-from(7) are taken from the page and run, each in a folder of its
# own and all of a tool at once.

page=$top/man/mempipe-coming-from.7

# words_of TOOL: print its options, fields, keys, columns and variables.
words_of() {
	case $1 in
	MemImpact) echo '1234 --name --hertz --final --output-file --template --page-size-kib
		-h --help -v --version {Pid} {ProcessName} {CurrentBytes} {MaxBytes} {CurrentHuman}
		{MaxHuman} {Timestamp}' ;;
	peak-mem) echo '-- -j --json -c --csv -q --quiet -v --verbose -w --watch -t --threshold
		--no-children --timeline --interval --units --save-baseline --compare-baseline
		--regression-threshold --baseline-dir --list-baselines --delete-baseline -V --version
		-h --help XDG_CACHE_HOME HOME LOCALAPPDATA
		command peak_rss_bytes peak_vsz_bytes duration_ms exit_code threshold_exceeded timestamp
		start_time sample_count main_pid process_tree name memory children timeline rss_bytes
		vsz_bytes baseline current rss_diff_bytes rss_diff_percent vsz_diff_bytes
		vsz_diff_percent duration_diff_ms duration_diff_percent regression_detected version
		created_at metadata platform arch' ;;
	memwatch) echo 'run help -i --interval --json --quiet --csv --timeline --silent --exclude
		--include -h --help -V --version NO_COLOR TERM
		command start_time end_time duration_seconds interval_ms max_total_rss_kib samples
		processes pid ppid max_rss_kib first_seen last_seen peak_time exit_code timeline timestamp
		elapsed_seconds total_rss_kib process_count filter exclude_pattern include_pattern
		filtered_process_count filtered_total_rss_kib max_rss_mib total_rss_mib' ;;
	memmark) echo '--pid --interval --duration --out - --smaps --chart -h --help --
		--bin-dir --name --url --force
		timestamp unix_ms root_pid pid_count rss_kib vsz_kib swap_kib pss_kib phys_footprint_kib
		mapped_regions' ;;
	memstat) echo '-n -v -w -p /etc/memstat.conf memreport.py get run -rv -rvw' ;;
	psrecord) echo '1234 --log --log-format --plot --duration --interval --include-children --include-io' ;;
	mprof) echo 'run attach plot peak list clean --python --nopython --interval -T --include-children -C
		--multiprocess -M --exit-code -E --attach -a --timeout -t --output -o --backend --title --no-function-ts -n
		--window -w --flame -f --slope -s' ;;
	con/duct) echo '-l --log-level -q --quiet -p --output-prefix --summary-format --colors --clobber
		--sample-interval --s-i --report-interval --r-i --fail-time --f-t -c --capture-outputs -o --outputs -t
		--record-types -m --message --mode ls pp plot -H --humanize' ;;
	runlim) echo '-h --help --version -o --output-file --space-limit -s --time-limit -t --real-time-limit -r -k --kill' ;;
	hyperfine) echo '-w --warmup -m --min-runs -M --max-runs -r --runs -s --setup -p --prepare -c --cleanup -P
		--parameter-scan -D --parameter-step-size -L --parameter-list --style -S --shell -N -i --ignore-failure -u
		--time-unit --export-asciidoc --export-csv --export-json --export-markdown --export-orgmode --show-output
		--output -n --command-name -h --help -V --version' ;;
	time) echo '-a --append -f --format -o --output -p --portability -q --quiet -v --verbose -h --help -V --version' ;;
	esac
}

# section TOOL: print its part of the page without escapes.
section() {
	sed -n "\\|^\.Ss $1\$|,/^\.S[sh]/p" "$page" | sed -e '1d;$d' -e 's/\\e/\\/g; s/\\&//g; s/\\(dq/"/g'
}

# commands TOOL: make a folder N for each, with `command`, `wants` and `status`. Print their number.
commands() {
	section "$1" | awk '
		function begin() {
			n++
			system("mkdir " n)
			file = n "/command"
			print 0 >(n "/status")
			close(n "/status")
		}
		/^\.Dl / { begin(); print substr($0, 5) >file; close(file); next }
		/^\.Bd / { begin(); block = 1; next }
		/^\.Ed/ { block = 0; close(file); next }
		block { print >file; next }
		/^\.\\" / { print substr($0, 5) >(n "/wants"); next }
		/^Exit status [0-9]/ { print $3 + 0 >(n "/status"); close(n "/status") }
		END { print n + 0 }'
}

# Make what the commands need: a build, kept samples, a baseline, and nginx.
prepare() {
	mkdir bin man
	ln -s "$top/man" man/man1
	cat >bin/make <<-END
		#!/bin/sh
		[ "\${1-}" != install ] || exec $(command -v make) -s -C $(printf %q "$top") BUILD=$(printf %q "$build") "\$@"
		seq 20000 | sort -r >/dev/null && sleep "0.\${seconds-0}"
	END
	printf '#!/bin/sh\nsleep "$1"; :\n' >"bin/n$$"
	chmod +x bin/*
	export PATH="$PWD/bin:$PATH" MANPATH="$PWD/man" LC_ALL=C TERM=dumb COLUMNS=100 LINES=30
	memrun -q -s samples.tsv -L key=x sh -c 'seq 200000 | sort -r' >/dev/null 2>&1
	mkdir .mempipe
	mempeak samples.tsv >.mempipe/main.tsv
}

# command_in FOLDER SECONDS: run the command there, with 1234 and nginx running for SECONDS, and
# make for a tenth of it.
command_in() (
	cd "$1" || exit
	rm -rf run && mkdir run && cp -r ../samples.tsv ../.mempipe run && cd run || exit
	local running=''
	case $(cat ../command) in
	*1234*) sleep "$2" & running=$! ;;
	*' nginx') "n$$" "$2" & running=$! ;;
	esac
	[ -z "$running" ] || trap 'kill $(pstree-pids "$running" 2>/dev/null) 2>/dev/null || :' EXIT
	sed -e "s/1234/$running/g" -e "s/ nginx\$/ n$$/" ../command >../script
	seconds=$2 HOME=$PWD timeout $patience sh ../script >../output 2>&1 </dev/null
	[ "$?" -eq "$(cat ../status)" ] || { echo "exit status is not $(cat ../status)"; exit 1; }
	[ -s ../wants ] || { echo "the page has no pattern"; exit 1; }
	while read -r kind what; do
		file=../output
		[ "$kind" = prints ] || { file=${what%% *}; what=${what#* }; }
		grep -qaE -- "$what" "$file" || { echo "$file: no $what"; exit 1; }
	done <../wants
)

# attempt FOLDER: run the command. If 1234 or make exits too early on a busy machine, run it again.
attempt() {
	command_in "$1" 1 >/dev/null || command_in "$1" 8 >"$1/wrong" && : >"$1/right"
}

# lacks FOLDER: print the program that its command needs and that is not installed.
lacks() {
	local program=man
	! grep -qE 'memplot|\.png' "$1/command" || program=gnuplot
	grep -qE '^man |memplot|\.png' "$1/command" && ! command -v "$program" >/dev/null && echo "$program"
}

# every_line_of TOOL MIN: fail unless all its commands work, and there are at least MIN.
every_line_of() {
	prepare
	local count n bad=0
	count=$(commands "$1")
	[ "$count" -ge "$2" ] || { echo "$count commands"; return 1; }
	for ((n = 1; n <= count; n++)); do
		if lacks "$n" >"$n/lacks"; then
			echo "# without $(cat "$n/lacks"), not run: $(cat "$n/command")" >&3
			: >"$n/right"
		else
			start attempt "$n"
		fi
	done
	wait "${started[@]}" || :
	for ((n = 1; n <= count; n++)); do
		[ -e "$n/right" ] || { cat "$n/command" "$n/wrong" "$n/output"; bad=1; }
	done
	is "$bad" 0
	every_word_of "$1"
}

every_word_of() {
	local word
	section "$1" | sed -n 's/^\.It //p' | grep -v '^Em ' | sed 's/ Ta .*//' | tr -s " ,=" '\n' >typed
	for word in $(words_of "$1"); do
		grep -qxF -e "$word" typed || { echo "$1: no line for $word"; return 1; }
	done
}

@test "from MemImpact: each line works, and no option is missing" {
	every_line_of MemImpact 12
}

@test "from peak-mem: each line works, and no option is missing" {
	every_line_of peak-mem 25
}

@test "from memwatch: each line works, and no option is missing" {
	every_line_of memwatch 17
}

@test "from memmark: each line works, and no option is missing" {
	every_line_of memmark 13
}

@test "from memstat: each line works, and no option is missing" {
	every_line_of memstat 10
}

@test "from psrecord: each line works, and no option is missing" {
	every_line_of psrecord 8
}

@test "from mprof: each line works, and no option is missing" {
	every_line_of mprof 13
}

@test "from con/duct: each line works, and no option is missing" {
	every_line_of con/duct 10
}

@test "from runlim: each line works, and no option is missing" {
	every_line_of runlim 8
}

@test "from hyperfine: each line works, and no option is missing" {
	every_line_of hyperfine 13
}

@test "from GNU time: each line works, and no option is missing" {
	every_line_of time 7
}

@test "the fields, keys and columns of the page exist" {
	memrun -P --columns swap,regions,cmd -t 1G --exclude '^none$' -s samples.tsv -j --timeline -o report \
		sh -c 'seq 20000 | sort -r' >/dev/null
	mempeak -s 9 samples.tsv >peaks
	{
		grep -oE '"[a-z_]+":' report
		memfmt -f timeline-csv peaks | head -1
		memfmt -f process-csv peaks | head -1
		memdiff peaks peaks | head -1
		grep '^time' samples.tsv
	} | tr -c 'a-z_\n' '\n' >existing
	sed -n 's/\\(dq/"/g; s/^\.Dl //p' "$page" >lines
	run -1 grep -E '.{64}' lines # would be broken into two
	grep -E '^\.It .* Ta .* Ta' "$page" | grep -v ' Ta Em ' | sed 's/.*\.It .* Ta \(.*\) Ta.*/\1/' | tr -d ' ' | tr , '\n' >named
	compare "$(grep -vcx -e - named)" -gt 50
	memfmt -T "$(grep '^{' named | sort -u)" peaks >filled
	run -1 grep -x -e - filled
	grep -v -e '^{' -e '^-$' named | while read -r name; do
		grep -qx "$name" existing || { echo "$name does not exist"; exit 1; }
	done
}

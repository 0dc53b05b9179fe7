# SPDX-License-Identifier: MIT
# Logs of days: memsample -l, logrotate(8), cron(8), memthin.
load helper

header=$'time\tpid\tppid\trss_kib\thwm_kib\tvsz_kib\tcomm\tswap_kib\thugetlb_kib\tfile_kib\tshmem_kib'

# Log the process $pid with ticks as short as 10 ms apart; $pid becomes memsample.
start_log() {
	start sleep 60
	start memsample -a fixed -i 10 -l log "$pid"
	until_true has_ticks log 3
}

# has_ticks FILE N: FILE has at least N rows.
has_ticks() { [ -e "$1" ] && [ "$(rows "$1" | wc -l)" -ge "$2" ]; }

# is_log FILE: fail unless FILE is a samples stream of one process that begins with a header.
is_log() {
	is "$(grep -v '^#' "$1" | head -n 1)" "$header"
	mempeak "$1" >peaks
	is "$(peak_of total sleep procs peaks)" 1
}

@test "-l appends to a log, which has one header until the columns change" {
	start sleep 60
	for columns in swap swap threads swap; do
		memsample -1 -l log -O "$columns" "$pid"
	done
	is "$(grep -c "^$header\$" log)" 2
	is "$(grep -c "^$header${tab}threads\$" log)" 1
	is "$(rows log | wc -l)" 4
	memsample -1 -H -l bare "$pid"
	is "$(lines_of bare)" 1
}

@test "a log with one header shows what was held between two ticks, by the marks" {
	samples '1 7 1 1000 1000 1000 sh' '61 7 1 1000 90000 1000 sh' >log
	is "$(mempeak log | memfmt -f bytes)" $((90000 * 1024))
	{ samples '1 7 1 1000 1000 1000 sh' && samples '61 7 1 1000 90000 1000 sh'; } >log
	is "$(mempeak log | memfmt -f bytes)" $((1000 * 1024))
}

@test "a log goes on in a new file, with a header, when it is renamed or removed" {
	start_log
	mv log log.1
	until_true has_ticks log 3
	rm log
	until_true has_ticks log 3
	kill "$pid" && wait "$pid"
	is_log log
	is_log log.1
}

@test "a log that is truncated goes on with a header" {
	start_log
	cp log log.1 && : >log
	until_true has_ticks log 3
	kill "$pid" && wait "$pid"
	is_log log
	is_log log.1
}

@test "a log that is truncated just before a tick is written begins with a header" {
	tracing
	start sleep 60
	# Each write takes 0.1 s to begin.
	start strace -qq -o trace -P "$PWD/log" -e inject=write:delay_enter=100000 \
		memsample -a fixed -i 1 -l log "$pid"
	for i in 1 2 3 4 5; do
		until_true has_ticks log 1
		sleep 0.05
		: >log
	done
	kill "$(pstree-pids "$pid" | tail -n 1)" && wait "$pid"
	is_log log
	grep -q 'ftruncate' trace # a tick without a header was taken back
}

@test "no tick is lost or written twice by a rotation" {
	start sleep 600
	root=$pid
	local ticks=${MEMPIPE_SLOW:+9000}
	start memsample -a fixed -i 1 -n "${ticks:=300}" -l log "$root"
	for i in 1 2 3 4 5 6; do
		until_true has_ticks log 10 && mv log "log.$i"
	done
	wait "$pid"
	is "$(cat log* | grep -cE '^[0-9]')" "$ticks"
	is "$(cat log* | grep -E '^[0-9]' | cut -f 1 | sort -u | wc -l)" "$ticks"
}

@test "a line that was cut off is ended, and costs no other line" {
	start sleep 60
	memsample -1 -l log "$pid"
	printf '12.5\t7\t1' >>log
	memsample -1 -l log "$pid"
	run -2 mempeak log
	[[ $output == *'mempeak: log: line 3: fewer fields than the header'* ]]
	is "$(rows log | grep -c "sleep")" 2
	is "$(lines_of log)" 4
}

@test "a log on a full disk holds whole ticks, and a message has the reason" {
	needs root unshare
	mkdir disk
	start sleep 60
	run -2 unshare -m sh -c 'mount -t tmpfs -o size=16k none disk &&
		memsample -a fixed -i 1 -l disk/log "$1"; status=$?; cp disk/log . ; exit "$status"' sh "$pid"
	one_line "$output" '^memsample: disk/log: No space left on device$'
	is_log log
	is "$(tail -c 1 log)" ''
	[ "$(rows log | wc -l)" -gt 100 ]
}

@test "-l with a file that cannot be written is reported before anything else" {
	start sleep 60
	run -2 memsample -1 -l absent/log "$pid"
	one_line "$output" '^memsample: -l: absent/log: No such file or directory$'
	run -2 memsample -1 -l . "$pid"
	run -2 memsample -1 -l /dev/full "$pid"
	one_line "$output" '^memsample: /dev/full: No space left on device$'
}

@test "nothing is written to a log while no process runs" {
	is "$(pstree-pids -I -n mempipe-na | memsample -1 -I -l log 2>&1)" ''
	[ ! -e log ]
}

# rotate CONFIGURATION...: rotate log with logrotate(8).
rotate() {
	printf '%s/log {\n%s\n}\n' "$PWD" "$(printf '\t%s\n' "$@")" >conf
	chmod 644 conf && chmod 755 .
	logrotate -f -s "$PWD/state" conf
}

@test "logrotate renames a log, or copies and truncates it, while it is written" {
	needs logrotate
	start_log
	for how in nocreate create copytruncate nocreate; do
		rotate 'rotate 9' "$how"
		until_true has_ticks log 3
	done
	kill "$pid" && wait "$pid"
	for file in log log.1 log.2 log.3 log.4; do
		is_log "$file"
	done
}

@test "logrotate thins a log with the recipe in share" {
	needs logrotate
	start_log
	until_true has_ticks log 50
	kill "$pid" && wait "$pid"
	cp log before
	printf '1.5\t12' >>log # a line that was cut off
	sed -e "s|/var/log/mempipe/\*\.tsv|$PWD/*.tsv|; s|/usr/bin/|$build/|; s|-n 1000|-n 10|" \
		"$top/share/examples/mempipe.logrotate" >conf
	mv log nginx.tsv
	chmod 644 conf && chmod 755 .
	logrotate -f -s "$PWD/state" conf
	run ! [ -e nginx.tsv ]
	is "$(tail -n 1 nginx.tsv.1)" "1.5${tab}12"
	cp before nginx.tsv
	logrotate -f -s "$PWD/state" conf
	is_log nginx.tsv.2.thin
	[ "$(rows nginx.tsv.2.thin | wc -l)" -le 12 ]
	is "$(mempeak nginx.tsv.2.thin | memfmt -f bytes)" "$(mempeak before | memfmt -f bytes)"
}

@test "a day of 100 processes, thinned, is less than 10 MiB, with every peak" {
	awk -v seconds=86400 -v interval=30 -v processes=100 -f "$top/tests/bench/day.awk" >day
	memthin -n 1000 day >thin
	is "$(grep '^[0-9]' day | cut -f 1 | uniq | wc -l)" 2880
	[ "$(stat -c %s thin)" -lt $((10 << 20)) ]
	# As many ticks as can be kept need less, too: the size is that of the count, not of the day.
	ticks=$(grep '^[0-9]' thin | cut -f 1 | uniq | wc -l)
	[ $(($(stat -c %s thin) * 1000 / ticks)) -lt $((10 << 20)) ]
	for file in day thin; do
		mempeak "$file" | awk -F'\t' '$1 == "total" { print $6, $10 } $1 == "process" { print $2, $3, $6 }' | sort >"$file.peaks"
	done
	[ "$(lines_of day.peaks)" -gt 1000 ]
	cmp day.peaks thin.peaks
}

@test "a log of 1000 jobs of cron is thinned and viewed as one run" {
	for i in $(seq 1000); do echo "$((1000 + i * 60)) 7 1 $((i == 500 ? 9000 : 1000 + i % 7)) 9000 9000 sh"; done >rows
	mapfile -t rows <rows
	samples "${rows[@]}" >log
	memthin -n 100 log >thin
	is "$(mempeak thin | memfmt -f bytes)" $((9000 * 1024))
	[ "$(rows thin | wc -l)" -le 100 ]
	memview thin >page.html
	has_line page.html '</html>'
}

# SPDX-License-Identifier: MIT
load helper

# field FILE KEY: print the value of KEY (such as "Pss:") in a file of /proc.
field() { awk -v key="$2" '$1 == key { print $2 }' "$1"; }

# one PID COLUMN: print a column of this process alone.
one() { memsample -x -1 -H -o "$2" "$1"; }

# Start a process that has used CPU, has written a file, holds 64 MiB, and sleeps.
start_rested() {
	cat >rested.py <<-'EOF'
		import os, time
		held = b"x" * (64 << 20)
		while time.process_time() < 0.15: pass
		with open("written", "wb") as f:
		    f.write(b"x" * 300000)
		    os.fsync(f.fileno())
		open("up", "w").close()
		time.sleep(60)
	EOF
	start python3 rested.py
	until_true [ -e up ]
	until_true eval 'grep -q "^State:.S" "/proc/$pid/status"'
}

@test "each column agrees with another source" {
	start_rested
	is "$(one "$pid" regions)" "$(wc -l <"/proc/$pid/maps")"
	# Other processes that map the same files change PSS slightly.
	within "$(one "$pid" pss)" "$(field "/proc/$pid/smaps_rollup" Pss:)" 10
	within "$(one "$pid" uss)" "$(awk '/^Private_/ { n += $2 } END { print n }' "/proc/$pid/smaps_rollup")" 10
	is "$(one "$pid" read)" "$(($(field "/proc/$pid/io" read_bytes:) / 1024))"
	is "$(one "$pid" write)" "$(($(field "/proc/$pid/io" write_bytes:) / 1024))"
	is "$(one "$pid" exe)" "$(readlink "/proc/$pid/exe")"
	is "$(one "$pid" user)" "$(ps -o user:32= -p "$pid")"
	is "$(one "$pid" cmd)" "$(tr '\0' ' ' <"/proc/$pid/cmdline" | sed 's/ $//')"
	local hz
	hz=$(getconf CLK_TCK)
	is "$(one "$pid" cpu_ms)" "$(awk -v hz="$hz" '{ print ($14 + $15) * 1000 / hz }' "/proc/$pid/stat")"
	compare "$(one "$pid" cpu_ms)" -ge 100
	within "$(one "$pid" start)" "$(python3 -c 'import sys, time
boot = time.time() - time.clock_gettime(time.CLOCK_BOOTTIME)
print("%.3f" % (boot + int(sys.argv[1]) / int(sys.argv[2])))' "$(cut -d' ' -f22 "/proc/$pid/stat")" "$hz")" 0 0.0101
}

@test "columns have the order of -o and the same values as one by one" {
	start_rested
	names='comm cmd user exe start write_kib read_kib cpu_ms threads regions shared_kib swap_kib
		footprint_kib hugetlb_kib anon_kib file_kib shmem_kib
		uss_kib pss_kib vsz_kib hwm_kib rss_kib ppid pid time'
	memsample -x -1 -o "$(echo $names)" "$pid" >out
	is "$(head -n 1 out)" "$(echo $names | tr ' ' '\t')"
	i=0
	for name in $names; do
		i=$((i + 1))
		value=$(sed -n 2p out | cut -f $i)
		case $name in
		time) ;;
		[pu]ss_kib) within "$value" "$(one "$pid" "$name")" 10 ;;
		start) within "$value" "$(one "$pid" "$name")" 0 0.0101 ;;
		*) is "$value" "$(one "$pid" "$name")" ;;
		esac
	done
}

@test "columns that change while the memory does not are read in every tick" {
	cat >busy.py <<-'EOF'
		open("up", "w").close()
		while True: pass
	EOF
	start python3 busy.py
	until_true [ -e up ]
	start memsample -H -i 40 -o cpu_ms,comm "$pid" >out
	until_true eval '[ "$(rows out | cut -f 1 | sort -u | wc -l)" -ge 3 ]'
	rows out | cut -f 1 | sort -nc
}

@test "the PSS of processes that share memory adds up to that memory" {
	start_sharers
	memsample -1 -H -o rss,pss,uss "$pid" >out
	awk '{ rss += $1; pss += $2; if ($3 < 16384) alone++ } END {
		exit !(NR == 4 && rss > 4 * 65536 && pss > 65536 && pss < 65536 * 1.5 && alone == 4) }' out
}

@test "--pss adds two columns, and PSS is read at a new peak of the total" {
	cat >grow.py <<-'EOF'
		import mmap, os, time
		open("up", "w").close()
		while not os.path.exists("go"): time.sleep(0.01)
		m = mmap.mmap(-1, 64 << 20, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
		for at in range(0, len(m), 4096): m[at] = 1
		time.sleep(60)
	EOF
	start python3 grow.py
	until_true [ -e up ]
	start memsample --pss -b 50 -i 10 "$pid" >out
	until_true has_line out '^[0-9]'
	touch go
	until_true eval 'rows out | awk -F"\t" "\$12 > 65536 { n++ } END { exit !n }"'
	is "$(grep '^time' out)" "$(printf 'time pid ppid rss_kib hwm_kib vsz_kib comm swap_kib hugetlb_kib file_kib shmem_kib pss_kib uss_kib' | tr ' ' '\t')"
	run -0 mempeak out
}

@test "PSS is empty in most ticks, and in none if their number is given" {
	start sleep 60
	memsample -P -H -d 300ms -i 10 "$pid" | grep -v '^#' >out
	awk -F'\t' 'NF != 13 || ($12 == "") != ($13 == "") || (NR == 1 && $12 == "") { bad = 1 }
		END { exit bad || NR < 3 || $12 != "" }' out
	memsample -P -H -n 3 -i 10 "$pid" >out
	awk -F'\t' '!($12 > 0 && $13 > 0) { bad = 1 } END { exit bad || NR != 3 }' out
	memsample -P -H -n 2 -i 10 -o uss,pid "$pid" >out
	awk -F'\t' 'NF != 3 || !($1 > 0 && $3 >= $1) { bad = 1 } END { exit bad || NR != 2 }' out
}

@test "columns that a process of another user hides are empty" {
	needs user
	start sleep 60
	as_user memsample -x -1 -H -o pid,pss,uss,regions,read,write,exe,comm "$pid" >out
	is "$(cat out)" "$pid$tab$tab$tab$tab$tab$tab${tab}sleep"
	as_user memsample -x -1 -H -o user,cmd,threads "$pid" >out
	is "$(cat out)" "root${tab}sleep 60${tab}1"
	as_user memsample -x -H -d 100ms -i 10 -P -o rss,pss,comm "$pid" | grep -v '^#' >out
	awk -F'\t' 'NF != 4 || !($1 > 0) || $2 != "" || $4 != "" { exit 1 }' out
}

@test "the column user has the effective user, by name or by number" {
	needs root setpriv
	start setpriv --reuid=54321 --clear-groups sleep 60
	until_true eval '[ "$(one "$pid" comm)" = sleep ]'
	is "$(one "$pid" user)" 54321
	start setpriv --ruid=54321 --clear-groups sleep 60
	until_true eval '[ "$(one "$pid" comm)" = sleep ]'
	is "$(one "$pid" user)" root
}

@test "a command line of any bytes cannot forge a row" {
	start bash -c $'exec -a $\'#\t1\\n\\e[m\\xff\\\\ \\xc3\\xa9\' sleep 60'
	until_true eval '[ "$(one "$pid" comm)" = sleep ]'
	memsample -x -1 -o cmd,pid "$pid" >out
	is "$(wc -l <out)" 2
	is "$(sed -n 2p out)" '\x23\t1\n\x1B[m\xFF\\ é 60'"$tab$pid"
}

@test "a process without a command line has its name in brackets" {
	mkfifo gate
	exec 8<>gate
	start bash -c "exec -a '' cat <gate"
	until_true eval '[ "$(one "$pid" comm)" = cat ]'
	is "$(one "$pid" cmd)" '[cat]'
}

@test "a process keeps its command line to its end" {
	memrun -q -o peak -s samples -i 1 -b 100 --columns cmd -- \
		sh -c 'for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do spike -t 1 24; done >/dev/null'
	grep -q "${tab}spike -t 1 24\$" samples
	run -1 grep -F '[spike]' samples
}

@test "a long command line is cut between characters" {
	start sh -c 'sleep 60; :' "$(printf 'é%.0s' {1..3000})"
	until_true eval '[ "$(one "$pid" comm)" = sh ]'
	until_true eval '[[ "$(one "$pid" cmd)" == sh* ]]'
	one "$pid" cmd >out
	[[ $(cat out) == 'sh -c sleep 60; : éé'*'éé...' ]]
	compare "$(wc -c <out)" -le 4100
	compare "$(wc -c <out)" -ge 4098
	start sh -c 'sleep 60; :' "$(printf 'x%.0s' {1..4078})"
	until_true eval '[[ "$(one "$pid" cmd)" == sh* ]]'
	is "$(one "$pid" cmd | wc -c)" 4097
}

@test "execution of another program is seen, and of the same program" {
	cat >command <<-'EOF'
		until [ -e go ]; do sleep 0.02; done
		exec sh -c 'until [ -e on ]; do sleep 0.02; done; exec sleep 60' second
	EOF
	start sh command
	local target=$pid
	start memsample -x -i 10 -o pid,exe,cmd,comm "$pid" >out
	until_true has_line out "${tab}sh command${tab}sh$"
	touch go
	until_true has_line out " second${tab}sh$"
	touch on
	until_true has_line out "$target$tab$(readlink -f "$(command -v sleep)")${tab}sleep 60${tab}sleep$"
}

@test "a new name is seen while the memory does not change" {
	mkfifo gate
	exec 8<>gate
	cat >rename.py <<-'EOF'
		import os
		fd, gate = os.open("/proc/self/comm", os.O_WRONLY), os.open("gate", os.O_RDONLY)
		open("up", "w").close()
		os.read(gate, 1)
		os.write(fd, b"renamed")
		os.read(gate, 1)
	EOF
	start python3 rename.py
	until_true [ -e up ]
	start memsample -i 10 "$pid" >out
	until_true has_line out "${tab}python3${tab}"
	echo >&8
	until_true has_line out "${tab}renamed${tab}"
}

@test "a deleted executable file is marked" {
	cp "$(command -v sleep)" deleted
	start ./deleted 60
	until_true eval '[ "$(one "$pid" comm)" = deleted ]'
	rm deleted
	is "$(one "$pid" exe)" "$PWD/deleted (deleted)"
}

@test "the memory of a process without a main thread is read from another thread" {
	memexec --to 'memsample -C -H -n 60 -i 10 -o rss,pss,regions,cmd >out' -- shapes leaderless >/dev/null
	grep -v '^#' out | awk -F'\t' '$1 > 32768 && $2 > 32768 && $3 > 5 && $4 == "shapes leaderless" { ok = 1 }
		END { exit !ok }'
}

@test "a process that exited before it was read has the columns that are still known" {
	[ -e /proc/2/comm ] && [ ! -s /proc/2/cmdline ] || skip "no kernel threads are visible"
	is "$(memsample -x -1 -H -o pid,rss,pss,regions,exe,cmd 2)" "2$tab$tab$tab$tab$tab[$(cat /proc/2/comm)]"
}

@test "-L adds a column with an escaped value in every row" {
	start sh -c 'sleep 60 & wait'
	until_true eval '[ "$(pstree-pids "$pid" | wc -l)" -eq 2 ]'
	memsample -L run=7 --label $'_n0te=a=b\t#' -L empty= -o pid,comm -n 2 -i 10 "$pid" >out
	is "$(grep -v '^#' out | head -n 1)" "pid${tab}comm${tab}run${tab}_n0te${tab}empty"
	is "$(grep -c "^[0-9]*${tab}s[a-z]*${tab}7${tab}a=b\\\\t#${tab}$" out)" 4
	memsample -L run=1 -o pid -P -1 -H "$pid" >out
	is "$(head -n 1 out | awk -F'\t' '{ print NF, $4 }')" '4 1'
}

@test "invalid labels, columns and rates are reported, with status 2, before any tick" {
	for bad in 1a=x =x a a-b=x 'a b=x' '' rss=1 rss_kib=1 time=0 cmd=x procs=x é=x; do
		run -2 memsample -1 -L "$bad" 4194305
		one_line "$output" '^memsample: -L: .*: invalid label: (it must be key=value|a column)'
	done
	run -2 memsample -1 -L a=1 -L a=2 4194305
	one_line "$output" '^memsample: -L: a=2: named twice$'
	labels=()
	for i in {1..17}; do
		labels+=(-L "k$i=x")
	done
	run -2 memsample -1 "${labels[@]}" 4194305
	one_line "$output" '^memsample: -L: k17=x: too many labels$'
	run -2 memsample -1 -o pid,pss_kb 4194305
	one_line "$output" '^memsample: -o: pid,pss_kb: pss_kb: column not found'
	for bad in 0 '' x -1 10ms 1e3 20000 0.00001; do
		run -2 memsample -1 --hertz "$bad" 4194305
		one_line "$output" '^memsample: '
	done
}

@test "--hertz n sets an interval of 1/n seconds" {
	start sleep 60
	for good in 20=50 20hz=50 0.5=2000 10000=0.1 .25Hz=4000; do
		memsample --hertz "${good%=*}" -n 2 -d 1ms "$pid" >out
		is "$(head -n 1 out)" "#interval_ms${tab}${good#*=}"
	done
}

@test "-O adds columns; those that are there already and labels are ignored" {
	start sleep 60
	memsample -1 -O swap,rss,swap_kib -L host=a -O 'host parent threads' "$pid" >out
	is "$(head -n 1 out)" "$(printf 'time pid ppid rss_kib hwm_kib vsz_kib comm swap_kib hugetlb_kib file_kib shmem_kib threads host' | tr ' ' '\t')"
	is "$(memsample -1 -o pid --columns=comm,parent -P "$pid" | head -n 1)" \
		"pid${tab}comm${tab}ppid${tab}pss_kib${tab}uss_kib"
	is "$(memsample -1 -O user -o pid "$pid" | head -n 1)" "pid${tab}user"
	run -2 memsample -1 -O user -O host 4194305
	one_line "$output" '^memsample: -O: host: column not found; columns are time pid '
}

@test "every column in the message about a missing one can be read" {
	run -2 memsample -1 -o none "$$"
	columns=${output##*columns are }
	is "$(memsample -x -1 -o "$columns" "$$" | awk -F'\t' '{ print NF }' | uniq)" "$(wc -w <<<"$columns")"
	for column in $columns; do
		memsample -x -1 -H -o "$column" "$$" >value
		is "$(lines_of value)" 1
		[ "$column" = phys_footprint ] || [ -n "$(cat value)" ] || { echo "no value: $column"; return 1; }
	done
}

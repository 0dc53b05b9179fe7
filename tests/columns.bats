load helper

# field FILE KEY: the value under KEY (as "Pss:") of a file of /proc.
field() { awk -v key="$2" '$1 == key { print $2 }' "$1"; }

# one PID COLUMN: what memsample says, of this process alone.
one() { memsample -x -1 -H -o "$2" "$1"; }

# near A B: whoever maps the same files at the moment moves PSS a little.
near() { awk -v a="$1" -v b="$2" 'BEGIN { exit !(a > b * 0.9 && a < b * 1.1) }'; }

# A process that has used CPU and written, holds 64 MiB, and now rests.
rested() {
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
	rested
	[ "$(one "$pid" regions)" = "$(wc -l <"/proc/$pid/maps")" ]
	near "$(one "$pid" pss)" "$(field "/proc/$pid/smaps_rollup" Pss:)"
	near "$(one "$pid" uss)" "$(awk '/^Private_/ { n += $2 } END { print n }' "/proc/$pid/smaps_rollup")"
	[ "$(one "$pid" read)" = "$(($(field "/proc/$pid/io" read_bytes:) / 1024))" ]
	[ "$(one "$pid" write)" = "$(($(field "/proc/$pid/io" write_bytes:) / 1024))" ]
	[ "$(one "$pid" exe)" = "$(readlink "/proc/$pid/exe")" ]
	[ "$(one "$pid" user)" = "$(ps -o user:32= -p "$pid")" ]
	[ "$(one "$pid" cmd)" = "$(tr '\0' ' ' <"/proc/$pid/cmdline" | sed 's/ $//')" ]
	local hz
	hz=$(getconf CLK_TCK)
	[ "$(one "$pid" cpu_ms)" = "$(awk -v hz="$hz" '{ print ($14 + $15) * 1000 / hz }' "/proc/$pid/stat")" ]
	[ "$(one "$pid" cpu_ms)" -ge 100 ]
	[ "$(one "$pid" start)" = "$(awk -v hz="$hz" '$1 == "btime" { boot = $2 }
		FILENAME != "/proc/stat" { printf "%.2f\n", boot + $22 / hz }' /proc/stat "/proc/$pid/stat")" ]
}

@test "all columns stand in the order in which they are named, the same as one by one" {
	rested
	names='comm cmd user exe start write_kib read_kib cpu_ms threads regions shared_kib swap_kib
		uss_kib pss_kib vsz_kib hwm_kib rss_kib ppid pid time'
	memsample -x -1 -o "$(echo $names)" "$pid" >out
	[ "$(head -n 1 out)" = "$(echo $names | tr ' ' '\t')" ]
	i=0
	for name in $names; do
		i=$((i + 1))
		value=$(sed -n 2p out | cut -f $i)
		case $name in
		time) ;;
		[pu]ss_kib) near "$value" "$(one "$pid" "$name")" ;;
		*) [ "$value" = "$(one "$pid" "$name")" ] ;;
		esac
	done
}

@test "what changes while the memory rests is read at every tick" {
	cat >busy.py <<-'EOF'
		open("up", "w").close()
		while True: pass
	EOF
	start python3 busy.py
	until_true [ -e up ]
	memsample -H -n 5 -i 40 -o cpu_ms,comm "$pid" >out
	[ "$(cut -f 1 out | sort -u | wc -l)" -ge 3 ]
	cut -f 1 out | sort -nc
}

@test "the PSS of processes that share their memory adds up to it" {
	cat >sharers.py <<-'EOF'
		import mmap, os, time
		m = mmap.mmap(-1, 64 << 20, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
		for at in range(0, len(m), 4096): m[at] = 1
		for i in range(3):
		    if os.fork() == 0: time.sleep(60)
		open("up", "w").close()
		time.sleep(60)
	EOF
	start python3 sharers.py
	until_true [ -e up ]
	memsample -1 -H -o rss,pss,uss "$pid" >out
	awk '{ rss += $1; pss += $2; if ($3 < 16384) alone++ } END {
		exit !(NR == 4 && rss > 4 * 65536 && pss > 65536 && pss < 65536 * 1.5 && alone == 4) }' out
}

@test "--pss adds the columns, and a new peak of the total gets it" {
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
	until_true eval 'rows out | awk -F"\t" "\$8 > 65536 { n++ } END { exit !n }"'
	[ "$(grep '^time' out)" = "$(printf 'time pid ppid rss_kib hwm_kib vsz_kib comm pss_kib uss_kib' | tr ' ' '\t')" ]
	run -0 mempeak out
}

@test "PSS is in few ticks unless their number is given; else the fields are empty" {
	start sleep 60
	memsample -P -H -d 300ms -i 10 "$pid" | grep -v '^#' >out
	awk -F'\t' 'NF != 9 || ($8 == "") != ($9 == "") || (NR == 1 && $8 == "") { bad = 1 }
		END { exit bad || NR < 3 || $8 != "" }' out
	memsample -P -H -n 3 -i 10 "$pid" >out
	awk -F'\t' '!($8 > 0 && $9 > 0) { bad = 1 } END { exit bad || NR != 3 }' out
	memsample -P -H -n 2 -i 10 -o uss,pid "$pid" >out
	awk -F'\t' 'NF != 3 || !($1 > 0 && $3 >= $1) { bad = 1 } END { exit bad || NR != 2 }' out
}

@test "what another user's process doesn't show is empty" {
	[ "$(id -u)" -eq 0 ] || skip "only root can become another user"
	chmod 755 .
	cp "$build/memsample" memsample
	as_nobody() { setpriv --reuid=65534 --clear-groups ./memsample "$@"; }
	as_nobody -Z 2>&1 | grep -q usage || skip "another user can't look into this folder"
	start sleep 60
	as_nobody -x -1 -H -o pid,pss,uss,regions,read,write,exe,comm "$pid" >out
	[ "$(cat out)" = "$pid$tab$tab$tab$tab$tab$tab${tab}sleep" ]
	as_nobody -x -1 -H -o user,cmd,threads "$pid" >out
	[ "$(cat out)" = "root${tab}sleep 60${tab}1" ]
	as_nobody -x -H -d 100ms -i 10 -P -o rss,pss,comm "$pid" | grep -v '^#' >out
	awk -F'\t' 'NF != 4 || !($1 > 0) || $2 != "" || $4 != "" { exit 1 }' out
}

@test "the user is the one whose rights the process has, or a number" {
	[ "$(id -u)" -eq 0 ] || skip "only root can become another user"
	start setpriv --reuid=54321 --clear-groups sleep 60
	until_true eval '[ "$(one "$pid" comm)" = sleep ]'
	[ "$(one "$pid" user)" = 54321 ]
	start setpriv --ruid=54321 --clear-groups sleep 60
	until_true eval '[ "$(one "$pid" comm)" = sleep ]'
	[ "$(one "$pid" user)" = root ]
}

@test "a command line of any bytes forges no row" {
	start bash -c $'exec -a $\'#\t1\\n\\e[m\\xff\\\\ \\xc3\\xa9\' sleep 60'
	until_true eval '[ "$(one "$pid" comm)" = sleep ]'
	memsample -x -1 -o cmd,pid "$pid" >out
	[ "$(wc -l <out)" -eq 2 ]
	[ "$(sed -n 2p out)" = '\x23\t1\n\x1B[m\xFF\\ é 60'"$tab$pid" ]
}

@test "a process without a command line shows its name" {
	mkfifo gate
	exec 8<>gate
	start bash -c "exec -a '' cat <gate"
	until_true eval '[ "$(one "$pid" comm)" = cat ]'
	[ "$(one "$pid" cmd)" = '[cat]' ]
}

@test "a long command line is cut off between characters" {
	start sh -c 'sleep 60; :' "$(printf 'é%.0s' {1..3000})"
	until_true eval '[ "$(one "$pid" comm)" = sh ]'
	until_true eval '[[ "$(one "$pid" cmd)" == sh* ]]'
	one "$pid" cmd >out
	[[ $(cat out) == 'sh -c sleep 60; : éé'*'éé...' ]]
	[ "$(wc -c <out)" -le 4100 ]
	[ "$(wc -c <out)" -ge 4098 ]
	start sh -c 'sleep 60; :' "$(printf 'x%.0s' {1..4078})"
	until_true eval '[[ "$(one "$pid" cmd)" == sh* ]]'
	[ "$(one "$pid" cmd | wc -c)" -eq 4097 ]
}

@test "execution of another program shows, of the same one too" {
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

@test "a process that renames itself at rest is seen to" {
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
	until_true has_line out 'python3$'
	echo >&8
	until_true has_line out 'renamed$'
}

@test "a program whose file is gone says so" {
	cp "$(command -v sleep)" gone
	start ./gone 60
	until_true eval '[ "$(one "$pid" comm)" = gone ]'
	rm gone
	[ "$(one "$pid" exe)" = "$PWD/gone (deleted)" ]
}

@test "of a process whose main thread has ended, the memory is another thread's" {
	memexec --to 'memsample -C -H -n 60 -i 10 -o rss,pss,regions,cmd >out' -- shapes leaderless >/dev/null
	grep -v '^#' out | awk -F'\t' '$1 > 32768 && $2 > 32768 && $3 > 5 && $4 == "shapes leaderless" { ok = 1 }
		END { exit !ok }'
}

@test "of a process that ended before it was read, what remains is there, the rest empty" {
	[ -e /proc/2/comm ] && [ ! -s /proc/2/cmdline ] || skip "no kernel threads are to be seen here"
	[ "$(memsample -x -1 -H -o pid,rss,pss,regions,exe,cmd 2)" = "2$tab$tab$tab$tab$tab[$(cat /proc/2/comm)]" ]
}

@test "-L adds columns whose value stands on every row, escaped" {
	start sh -c 'sleep 60 & wait'
	until_true eval '[ "$(pstree-pids "$pid" | wc -l)" -eq 2 ]'
	memsample -L run=7 --label $'_n0te=a=b\t#' -L empty= -o pid,comm -n 2 -i 10 "$pid" >out
	[ "$(grep -v '^#' out | head -n 1)" = "pid${tab}comm${tab}run${tab}_n0te${tab}empty" ]
	[ "$(grep -c "^[0-9]*${tab}s[a-z]*${tab}7${tab}a=b\\\\t#${tab}$" out)" -eq 4 ]
	memsample -L run=1 -o pid -P -1 -H "$pid" >out
	[ "$(head -n 1 out | awk -F'\t' '{ print NF, $4 }')" = '4 1' ]
}

@test "wrong labels and rates are told, with 2, before anything is looked at" {
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

@test "--hertz is the interval the other way round" {
	start sleep 60
	for good in 20=50 20hz=50 0.5=2000 10000=0.1 .25Hz=4000; do
		memsample --hertz "${good%=*}" -n 2 -d 1ms "$pid" >out
		[ "$(head -n 1 out)" = "#interval_ms${tab}${good#*=}" ]
	done
}

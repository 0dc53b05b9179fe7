# SPDX-License-Identifier: MIT
load helper
all_need linux

# field FILE KEY: print the value of KEY (such as "VmSwap:") in a file of /proc.
field() { awk -v key="$2" '$1 == key { print $2 }' "$1"; }

# json KEY: print a value of the report `json`.
json() { python3 -c 'import json, sys; print(json.load(open("json"))[sys.argv[1]])' "$1"; }

# Set python to the interpreter itself: python3 can be a script that starts it.
find_python() { python=$(python3 -c 'import sys; print(sys.executable)'); }

# Print a program that holds 24 MiB of anonymous memory, 40 MiB of a file and 32 MiB of shared
# memory, and copies its own status.
three_kinds() {
	cat <<-'EOF'
		import mmap, time
		anon = mmap.mmap(-1, 24 << 20, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
		shared = mmap.mmap(-1, 32 << 20)
		for m in (anon, shared):
		    for at in range(0, len(m), 4096): m[at] = 1
		with open("file", "rb") as f:
		    m = mmap.mmap(f.fileno(), 40 << 20, prot=mmap.PROT_READ)
		sum(m[at] for at in range(0, len(m), 4096))
		with open("/proc/self/status") as status, open("copy", "w") as copy:
		    copy.write(status.read())
		time.sleep(0.3)
	EOF
}

@test "the peak is split into anonymous memory, files and shared memory as the kernel splits it" {
	head -c 40M /dev/zero >file
	three_kinds >kinds.py
	find_python
	memrun -s samples -j -o json "$python" kinds.py
	within "$(json peak_anon_kib)" "$(field copy RssAnon:)" 1 256
	within "$(json peak_file_kib)" "$(field copy RssFile:)" 1 256
	within "$(json peak_shmem_kib)" "$(field copy RssShmem:)" 1 256
	compare "$(json peak_file_kib)" -ge 40960
	is "$(json peak_shmem_kib)" 32768
	compare "$(json peak_anon_kib)" -ge 24576
	within "$(($(json peak_anon_kib) + $(json peak_file_kib) + $(json peak_shmem_kib)))" "$(json peak_rss_kib)" 1
	memfmt <(mempeak samples) >report
	has_line report '^  *anonymous [0-9.]* MiB, files [0-9.]* MiB, shared memory 32.0 MiB$'
	run -1 grep footprint report
	mempeak samples | memfmt --csv >csv
	has_line csv '^scope,.*,anon_kib,file_kib,shmem_kib'
}

@test "in each tick, the parts of RSS add up to it" {
	head -c 40M /dev/zero >file
	three_kinds >kinds.py
	find_python
	memrun -qo /dev/null --columns anon,footprint -s samples "$python" kinds.py
	rows samples | awk -F'\t' '$4 != "" && ($12 + $10 + $11 != $4 || $13 != $4 + $8 + $9) { print; bad = 1 }
		END { exit bad || NR < 10 }'
}

@test "hugetlb pages are in the footprint" {
	needs root python3
	size=$(awk '/^Hugepagesize:/ { print $2 }' /proc/meminfo)
	pool=/sys/kernel/mm/hugepages/hugepages-${size}kB/nr_hugepages
	[ "$size" = 2048 ] && [ -w "$pool" ] || skip "no hugetlb pages of 2 MiB"
	old=$(cat "$pool")
	echo $((old + 20)) >"$pool"
	[ "$(cat "$pool")" -eq $((old + 20)) ] || { echo "$old" >"$pool"; skip "no memory for hugetlb pages"; }
	find_python
	memrun -s samples -j -o json "$python" -c 'import mmap, time
m = mmap.mmap(-1, 40 << 20, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x40000)
for at in range(0, len(m), 4096): m[at] = 1
with open("/proc/self/status") as status, open("copy", "w") as copy:
    copy.write(status.read())
time.sleep(0.3)' || status=$?
	echo "$old" >"$pool"
	is "${status-0}" 0
	is "$(json hugetlb_kib)" 40960
	is "$(field copy HugetlbPages:)" 40960
	within "$(json peak_footprint_kib)" $(($(field copy VmRSS:) + 40960)) 1
	mempeak samples >peaks
	memfmt peaks >report
	has_line report '^  footprint  *[0-9.]* MiB  with up to 40.0 MiB in hugetlb pages$'
	memfmt -f markdown peaks | grep -q '^| footprint | [0-9.]* MiB |$'
	memfmt -f openmetrics peaks | grep -q "^mempipe_peak_footprint_bytes $(($(json peak_footprint_kib) * 1024))$"
}

# Remove the swap file and the control group of the test below.
remove_swap() {
	swapoff swap
	until_true rmdir "$group"
}

@test "swapped memory is in the footprint" {
	needs root mkswap swapon
	own=$(sed -n 's/^[0-9]*:memory://p' /proc/self/cgroup)
	group=/sys/fs/cgroup/memory$own/mempipe-swap-$$ limit=memory.limit_in_bytes
	if [ -z "$own" ]; then
		own=$(sed -n 's/^0:://p' /proc/self/cgroup)
		group=/sys/fs/cgroup$own/mempipe-swap-$$ limit=memory.high
	fi
	head -c 160M /dev/zero >swap
	chmod 600 swap
	mkswap swap >/dev/null 2>&1 && swapon swap 2>/dev/null || skip "no swap file can be used here"
	mkdir "$group" 2>/dev/null && echo 32M >"$group/$limit" ||
		{ remove_swap; skip "no control group with a limit can be made here"; }
	find_python
	cat >take.py <<-'EOF'
		import mmap, time
		m = mmap.mmap(-1, 96 << 20, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
		for at in range(0, len(m), 4096): m[at] = 1
		with open("/proc/self/status") as status, open("copy", "w") as copy:
		    copy.write(status.read())
		time.sleep(0.3)
	EOF
	bash -c "echo \$\$ >'$group/cgroup.procs'
		exec timeout 30 memrun -s samples -j -o json '$python' take.py" || status=$?
	remove_swap
	is "${status-0}" 0
	need=$(($(field copy VmRSS:) + $(field copy VmSwap:)))
	compare "$(field copy VmSwap:)" -gt 40000
	within "$(json peak_footprint_kib)" "$need" 3
	compare "$(json peak_footprint_kib)" -gt $((96 * 1024))
	compare "$(json peak_rss_kib)" -lt $((48 * 1024))
	mempeak samples | memfmt >report
	has_line report '^  footprint  *[0-9.]* MiB  with up to [0-9.]* MiB in swap$'
}

@test "the footprint is the largest sum over a tick, of the tree, each group and each process" {
	tr ' ' '\t' >s <<-'EOF'
		time pid ppid rss_kib hwm_kib vsz_kib comm swap_kib hugetlb_kib file_kib shmem_kib
		1.000000 10 1 100 100 0 a 0 0 20 10
		1.000000 11 10 50 50 0 b 0 0 5 0
		2.000000 10 1 60 100 0 a 70 0 10 10
		2.000000 11 10 40 50 0 b 20 30 5 0
		3.000000 10 1 110 110 0 a 0 0 30 0
		3.000000 11 10 10 50 0 b 0 0 1 0
	EOF
	mempeak s >p
	is "$(total footprint_kib p) $(total rss_kib p)" '220 150'
	is "$(total swap_kib p) $(total hugetlb_kib p)" '90 30'
	is "$(total anon_kib p) $(total file_kib p) $(total shmem_kib p)" '115 25 10'
	is "$(peak_of group a footprint_kib p) $(peak_of process b footprint_kib p)" '130 90'
	is "$(peak_of process a anon_kib p) $(peak_of process a file_kib p) $(peak_of process a shmem_kib p)" '80 30 0'
	is "$(peak_of group b anon_kib p) $(peak_of group b file_kib p)" '45 5'
	memfmt -f openmetrics p >metrics
	has_line metrics "^mempipe_group_peak_footprint_bytes{group=\"a\"} $((130 * 1024))$"
	memfmt p >report
	has_line report '^  footprint  *220 KiB  with up to 90 KiB in swap, 30 KiB in hugetlb pages$'
	has_line report '^  *anonymous 115 KiB, files 25 KiB, shared memory 10 KiB$'
}

@test "parts of another moment than the peak are marked" {
	(printf '#started\t0.5\n'; tr ' ' '\t') >s <<-'EOF'
		time pid ppid rss_kib hwm_kib vsz_kib comm swap_kib hugetlb_kib file_kib shmem_kib
		1.000000 10 1 100 100 0 a 10 0 20 10
		2.000000 10 1 50 500 0 a 0 0 20 10
	EOF
	mempeak s >p
	is "$(total rss_kib p) $(total footprint_kib p)" '500 500'
	is "$(total anon_kib p) $(total file_kib p) $(total shmem_kib p)" '70 20 10'
	memfmt p >report
	is "$(grep -A 1 'when it was' report | tr -s ' \n' ' ')" ' when it was 100 KiB: anonymous 70 KiB, files 20 KiB, shared memory 10 KiB '
	(printf '#cgroup_peak_kib\t24780\n#cgroup_anon_kib\t0\n#cgroup_file_kib\t0\n#cgroup_kernel_kib\t64\n'
	cat p) | memfmt >report
	has_line report '^  cgroup  *24.2 MiB  when it was 64 KiB: kernel 64 KiB$'
}

@test "the parts of a control group have tmpfs apart from the page cache" {
	needs cgroup python3
	[ -d /dev/shm ] && [ -w /dev/shm ] || skip "no /dev/shm"
	held=$(mktemp /dev/shm/mempipe-XXXXXX)
	memrun -g -j -o json sh -c "head -c 40M /dev/zero >$held; head -c 20M /dev/zero >file; sleep 0.2" || status=$?
	rm "$held"
	is "${status-0}" 0
	part() { python3 -c 'import json, sys; print(json.load(open("json"))["cgroup"][sys.argv[1]])' "$1"; }
	within "$(part shmem_kib)" 40960 3
	within "$(part file_kib)" 20480 10
	within $(($(part anon_kib) + $(part file_kib) + $(part shmem_kib) + $(part kernel_kib))) "$(part peak_kib)" 5
}

@test "columns that are asked for are in the text report" {
	memrun -s s -o report --columns threads,shared,exe sleep 0.1
	has_line report '^  shared [0-9.]* [KM]iB, threads 1$'
	has_line report '^  exe  */'
	mempeak s | memfmt -v >report
	has_line report '^  threads  *1  threads$'
	has_line report '^  shared  *[0-9.]* [KM]iB  resident'
	has_line report '^  exe  */'
	memrun -v -o report --columns threads,user sh -c 'sleep 0.1; :'
	has_line report "^    threads 1, user $(id -un)"
}

@test "samples of earlier versions have no footprint and no parts" {
	samples '1.000000 10 1 100 100 0 a' | mempeak >p
	is "$(grep ^scope p | cut -f 14-)" ''
	memfmt p >report
	run -1 grep -E 'footprint|anonymous' report
	memfmt -j p | python3 -c 'import json, sys
r = json.load(sys.stdin)
assert r["peak_footprint_kib"] is None and r["peak_anon_kib"] is None'
}

# charged ROW...: print a samples stream as of macOS; blanks become tabs.
charged() {
	printf '#bound_refused\tnot supported on this system\n#events_refused\tnot supported on this system\n'
	printf 'time pid ppid rss_kib hwm_kib vsz_kib comm phys_footprint_kib\n' | tr ' ' '\t'
	printf '%s\n' "$@" | tr ' ' '\t'
}

@test "the memory that macOS charges is the footprint of the report, and such peaks have no bound" {
	charged '1 7 1 4096 4096 9000 root 3072' '2 7 1 4096 4096 9000 root 2048' '2 8 7 2048 2048 9000 child 2048' >samples
	mempeak samples >peaks
	is "$(total bound_kib peaks)" ''
	is "$(total footprint_kib peaks)" 4096
	is "$(peak_of process root phys_footprint_kib peaks)" 3072
	memfmt peaks >report
	is "$(sed -n 's/^ *peak RSS *//p; s/^ *footprint *//p' report)" "6.0 MiB  after 1.00 s, in 2 processes
4.0 MiB  charged by macOS"
	is "$(sed -n 's/^ *\(.* refused: \)/\1/p' report)" "page-fault events refused: not supported on this system
bound refused: not supported on this system"
	memjoin samples <(charged '1 9 1 4096 4096 9000 root 4096') 2>/dev/null | mempeak >peaks
	is "$(total bound_kib peaks)" ''
}

@test "a limit of the footprint applies to what macOS charges, not to the RSS" {
	charged '1 7 1 9000 9000 9000 root 3072' '2 7 1 9000 9000 9000 root 4000' >samples
	memlimit --metric footprint -t 3M -m 8M <samples >out 2>err || status=$?
	is "${status-}" 10
	memlimit --metric footprint -t 4M -m 8M <samples >out 2>err
	is "$(cat err)" ''
}

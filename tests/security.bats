# SPDX-License-Identifier: MIT
load helper

# shared_folder: make the folder `shared` like /tmp, with links and files of another user in it, which
# lead to the files `target` and `other`.
shared_folder() {
	echo kept >target
	echo kept >other
	chmod 666 target other
	mkdir -p shared
	chmod 1777 shared
	as_user sh -c 'cd shared
		for name in link link.json link.svg link.html link.tsv base.tsv base.tsv.new; do ln -s ../target $name; done
		ln -s ../created dangling
		ln -s /dev/null null
		echo theirs >file
		mkfifo fifo
		mkdir folder; ln -s ../../target folder/base.tsv'
	ln other shared/hard
}

# kept: nothing was written through the links.
kept() {
	is "$(cat target other shared/file)" $'kept\nkept\ntheirs'
	[ ! -e created ]
}

@test "in a shared folder, nothing is written through a link or into a file of another user" {
	needs user
	shared_folder
	mempeak <(samples '1 5 1 10 10 10 x') >p
	refused() {
		run "$@"
		[ "$status" -eq 125 ] || [ "$status" -eq 2 ] || { echo "$*: $status $output"; return 1; }
		one_line "$output" ": shared/[a-z.]*: not allowed: another user's, or with another name, in a shared folder$"
	}
	for file in link dangling file hard fifo; do
		for option in -s -o -O -E; do
			refused memrun -q "$option" "shared/$file" true
		done
		refused memfmt -o "shared/$file" p
		refused membench -n 1 -o "shared/$file" true
	done
	refused memrun -o shared/link.json true
	if [ "$(cat /proc/sys/fs/protected_symlinks)" = 1 ]; then
		# The kernel does not follow the link, so it is replaced.
		run -0 memrun -f html -o shared/null true
		[ ! -L shared/null ]
	else
		refused memrun -f html -o shared/null true
		refused memview -f html -o shared/null p
	fi
	refused membench --dir shared/folder --save base true
	for file in link.svg link.html; do
		run memrun -o "shared/$file" true
	done
	run membench -n 1 --dir shared --save base true
	kept
}

@test "in a shared folder, one's own files and links are written, and other folders are as always" {
	needs user
	shared_folder
	for file in shared/new new; do
		for _ in 1 2; do
			run -0 memrun -q -s "$file" -o "$file.txt" true
			[ -s "$file" ] && [ -s "$file.txt" ]
		done
	done
	ln -s ../new shared/own
	run -0 memrun -q -s shared/own -o report true
	as_user ln -s new link
	run -0 memrun -q -o link true
	run -0 membench -n 1 --dir shared/base --save base -o shared/text -o shared/csv.csv true
	[ -s shared/base/base.tsv ] && [ -s shared/text ] && [ -s shared/csv.csv ]
	kept
}

@test "a link or a file of another user that appears after the check is not written" {
	needs user cc plain
	shared_folder
	# To lstat(2), nothing exists yet.
	cat >later.c <<-'EOF'
		#include <errno.h>
		#define FAILS(name) \
			int name(const char *file, void *status); \
			int name(const char *file, void *status) { errno = ENOENT; return -1; }
		FAILS(lstat)
		FAILS(lstat64)
		FAILS(__lstat64_time64)
	EOF
	cc -shared -fPIC -o later.so later.c 2>/dev/null || skip "no shared object can be built"
	env LD_PRELOAD="$PWD/later.so" memfmt --check -f schema -o shared/link ||
		skip "LD_PRELOAD does not work with these programs"
	for file in link dangling file hard; do
		run env LD_PRELOAD="$PWD/later.so" memfmt -f schema -o "shared/$file"
		compare "$status" -ne 0
		one_line "$output" "^memfmt: shared/$file: (Too many levels of symbolic links|Permission denied)$"
		kept
	done
}

@test "the environment of another user's process is in no output" {
	needs user
	start setpriv --reuid=61203 --regid=61203 --clear-groups env SECRET=hidden-word sleep 60
	until_true grep -qx sleep "/proc/$pid/comm"
	grep -qa hidden-word "/proc/$pid/environ"
	run -0 memrun -P -v -d 50ms -s out.tsv -o out.txt -o out.json -o out.html -o out.trace.json --columns cmd,exe,user -p "$pid"
	memps -P "$pid" >out.ps
	for format in csv markdown openmetrics folded process-csv; do
		mempeak out.tsv | memfmt -f "$format" >"out.$format"
	done
	run -1 grep -la hidden-word out.*
	is "$(ls out.* | wc -l)" 11
}

@test "variables of the environment that have the names of the scripts' own change nothing" {
	names=$(cat "$top"/cmd/*.sh | grep -oE '\$\{[a-z_]+' | tr -d '${' | sort -u)
	compare "$(wc -w <<<"$names")" -gt 40
	for name in $names; do
		hostile+=("$name=; touch hacked; -Z")
	done
	mkdir cd
	hostile+=("IFS=/mep" "CDPATH=$PWD/cd" "ENV=$PWD/rc" "BASH_ENV=$PWD/rc" "PS4=\$(touch hacked)" "POSIXLY_CORRECT=1"
		"TMPDIR=$PWD")
	echo 'touch hacked' >rc
	run -0 env "${hostile[@]}" memrun -q -s samples -o report true
	[ -s samples ] && [ -s report ]
	run -0 env "${hostile[@]}" sh "$build/memrun" -q -o report true
	run -0 --separate-stderr env "${hostile[@]}" memps -x $$
	[[ $output == *" $$ "* ]]
	run -0 env "${hostile[@]}" membench -n 1 --save base -o bench.txt true
	run -0 --separate-stderr env "${hostile[@]}" membench --list
	is "$(tail -n 1 <<<"$output" | cut -f 1,4)" "base${tab}true"
	run -0 env "${hostile[@]}" membench -n 1 --against base --threshold 900% -o bench.txt true
	[ ! -e hacked ]
}

@test "programs of the same names earlier in PATH are not run" {
	mkdir bin
	for program in memdiff memexec memfmt memleak memlimit memlive mempeak memplot memsample memthin \
		memtree memview pstree-pids; do
		printf '#!/bin/sh\ntouch %s/hacked\n' "$PWD" >"bin/$program"
	done
	chmod +x bin/*
	export PATH=$PWD/bin:$PATH
	run -0 "$build/memrun" -w -t 1G -s samples -o report -o page.html true
	run -0 "$build/membench" -n 1 -o bench.txt true
	run -0 --separate-stderr "$build/memps" -x $$
	[ ! -e hacked ]
}

@test "under sudo, memrun runs, and the environment of the caller has no effect" {
	needs user sudo
	run -0 env "BASH_FUNC_memsample%%=() { touch hacked; }" "BASH_FUNC_mempeak%%=() { touch hacked; }" \
		sudo -n "$build/memrun" -q -o report true
	[ -s report ]
	[ ! -e hacked ]
}

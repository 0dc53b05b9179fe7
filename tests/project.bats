load helper

programs='membench memdiff memexec memfmt memleak memlimit memlive mempeak memplot memps memrun memsample memtree pstree-pids'

@test "what make install installs works, and make uninstall removes it" {
	for how in "PREFIX=$PWD/here" "DESTDIR=$PWD/root PREFIX=/opt/mempipe"; do
		make -s -C "$top" install BUILD="$build" $how >/dev/null
	done
	for share in here/share root/opt/mempipe/share; do
		for program in $programs; do
			[ -x "$share/../bin/$program" ]
			[ -s "$share/man/man1/$program.1" ]
			[ -s "$share/bash-completion/completions/$program" ]
			[ -s "$share/zsh/site-functions/_$program" ]
			[ -s "$share/fish/vendor_completions.d/$program.fish" ]
		done
		[ -s "$share/man/man5/mempipe.5" ]
		for page in mempipe mempipe-coming-from; do
			[ -s "$share/man/man7/$page.7" ]
		done
		[ -s "$share/mempipe/report.schema.json" ]
	done
	is "$(head -n 1 root/opt/mempipe/bin/memrun)" '#!/opt/mempipe/bin/memexec -s'
	[ "$(PATH=/usr/bin:/bin here/bin/memrun -qo - true)" -gt 100000 ]
	run -0 here/bin/membench -n 1 -o report here/bin/memps -x "$$"
	for how in "PREFIX=$PWD/here" "DESTDIR=$PWD/root PREFIX=/opt/mempipe"; do
		make -s -C "$top" uninstall $how
	done
	is "$(find root here -type f)" ''
}

@test "the folders' names may hold blanks, and the bytes don't depend on them" {
	mkdir "a b's"
	cp -r "$top"/Makefile "$top"/cmd "$top"/lib "$top"/man "$top"/share "a b's/"
	unset MAKEFLAGS MFLAGS MAKELEVEL
	CFLAGS='-O0 -g' make -s -C "a b's" BUILD="$PWD/a b's/far off" CC="${CC:-cc}"
	CFLAGS='-O0 -g' make -s -C "a b's" CC="${CC:-cc}"
	for program in $programs; do
		cmp "a b's/far off/$program" "a b's/build/$program"
	done
	run -1 grep -c -F "$PWD" "a b's/build/memfmt"
}

@test "make install is for everybody, whatever the umask, and make uninstall takes only its own" {
	umask 077
	unset MAKEFLAGS MFLAGS MAKELEVEL
	inside() { make -s -C "$top" "$@" BUILD="$build" DESTDIR="$PWD/a b" PREFIX=/o DATADIR=/o/share; }
	inside install
	[ "$(find 'a b/o' ! -perm -a=r)$(find 'a b/o' -type d ! -perm -a=x)" = '' ]
	[ "$(find 'a b/o/bin' -perm 755 -type f | wc -l)" -eq "$(wc -w <<<"$programs")" ]
	echo theirs >'a b/o/share/other'
	inside uninstall
	[ "$(find 'a b' -type f)" = 'a b/o/share/other' ]
}

@test "only lib/os/linux names what is specific to Linux" {
	cd "$top"
	run -0 grep -rnE '/proc\b|<linux/|\bprctl|\bperf_|\bperf event|signalfd|pidfd|\bSYS_|_GNU_SOURCE|__linux__|/sys/' \
		lib cmd --include='*.[ch]'
	is "$(grep -v '^lib/os/linux/' <<<"$output")" ''
}

@test "lib/os/none builds, and the programs that need the system fail in one line" {
	unset MAKEFLAGS MFLAGS MAKELEVEL
	run -0 make -s -C "$top" OS=none BUILD="$PWD/none" CFLAGS='-O0 -Wall -Wextra -Werror' CC="${CC:-cc}"
	unsupported() {
		run "$@"
		is "$status" "$expected"
		one_line "$output" "$message"
	}
	message='not supported'
	expected=125 unsupported none/memexec --to cat touch started
	expected=125 unsupported none/memexec --to cat -p $$
	expected=125 unsupported none/memrun touch started
	expected=1 unsupported none/memsample -1 $$
	expected=2 unsupported none/pstree-pids $$
	[ ! -e started ]
	samples '1 7 1 10 10 10 sh' | none/mempeak | none/memfmt -f bytes >bytes
	is "$(cat bytes)" 10240
}

@test "commands use the library, the library uses no command" {
	cd "$top"
	run -1 grep -rn 'include ".*cmd/' lib
	run -1 grep -rnE '\b(exit|_Exit|fprintf|perror) ?\(' lib --include='*.c' --exclude=warn.c --exclude=alloc.c --exclude=options.c
}

# spaceless: remove the blanks around `|`, and turn all others into one.
spaceless() { tr -s ' \n' ' ' | sed 's/ *| */|/g; s/^ //; s/ $//'; }

@test "each manual's SYNOPSIS is the program's usage" {
	needs mandoc
	for program in $programs; do
		usage=$("$program" --help | sed -n '1,/^$/s/^usage: //; 1,/^$/p' | spaceless)
		manual=$(mandoc -Tascii -O width=400 "$top/man/$program.1" | col -bx |
			sed -n '/^SYNOPSIS/,/^DESCRIPTION/p' | sed '1d;$d' | spaceless)
		is "$manual" "$usage"
	done
}

# Options of --help: "-i --interval time", or "--hertz n".
help_options() {
	"$1" --help | awk '/^  (-., |    )--/ {
		sub(/^ +/, ""); sub(/  .*/, ""); sub(/, /, " "); sub(/\[=/, " "); sub(/\]$/, ""); print }' | sort
}

# The same of the manual, from lines such as `.It Fl i , -interval Ar time`.
manual_options() {
	awk '/^\.It Fl / {
		names = argument = ""; what = ""
		for (i = 2; i <= NF; i++) {
			if ($i == "Fl") { what = "name"; argument = "" }
			else if ($i == "Ar" || $i == "Cm") what = "argument"
			else if ($i == ",") what = "name"
			else if ($i ~ /^(Ns|Oo|Oc|Op)$/) what = "argument"
			else if (what == "name") { names = names " -" $i; what = "" }
			else argument = argument $i
		}
		sub(/^=/, "", argument)
		print substr(names, 2) (argument == "" ? "" : " " argument)
	}' "$top/man/$1.1" | sort
}

@test "the manuals describe every option of --help, and no other" {
	for program in $programs; do
		diff <(manual_options "$program") <(help_options "$program") || { echo "$program: manual < > --help"; return 1; }
	done
}

@test "the manuals, scripts and completions are clean" {
	needs mandoc shellcheck
	cd "$top"
	run -0 mandoc -Tlint -Wwarning man/*
	is "$output" ''
	run -0 shellcheck -o all cmd/*.sh share/*.sh tests/run tests/lint tests/*.sh tests/bench/*.sh .ci/run
	run -0 shellcheck -s bash "$build"/completions/bash/*
}

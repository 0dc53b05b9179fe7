load helper

programs='memdiff memexec memfmt memleak memlimit memlive mempeak memplot memrun memsample memtree pstree-pids'

@test "what make install installs, works, and make uninstall removes" {
	make -s -C "$top" install BUILD="$build" DESTDIR="$PWD/root" PREFIX=/opt/mempipe >/dev/null
	for program in $programs; do
		[ -x "root/opt/mempipe/bin/$program" ]
		[ -s "root/opt/mempipe/share/man/man1/$program.1" ]
	done
	[ -s root/opt/mempipe/share/man/man5/mempipe.5 ]
	for page in mempipe mempipe-coming-from; do
		[ -s "root/opt/mempipe/share/man/man7/$page.7" ]
	done
	[ -s root/opt/mempipe/share/mempipe/report.schema.json ]
	[ "$(root/opt/mempipe/bin/memrun -qo - true)" -gt 100000 ]
	make -s -C "$top" uninstall DESTDIR="$PWD/root" PREFIX=/opt/mempipe
	[ "$(find root -type f)" = '' ]
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

@test "each manual's synopsis and options are the program's usage" {
	command -v mandoc >/dev/null || skip "mandoc is not installed"
	for program in $programs; do
		run "$program" -Z
		[ "$status" -eq 2 ] || [ "$status" -eq 125 ]
		usage=$(sed -n '/^usage: /,$p' <<<"$output" | sed 's/^usage: //' | tr -s ' \n' ' ' | sed 's/^ //; s/ $//')
		manual=$(mandoc -Tascii -O width=400 "$top/man/$program.1" | col -bx | sed -n '/^SYNOPSIS/,/^DESCRIPTION/p' |
			sed '1d;$d' | tr -s ' \n' ' ' | sed 's/^ //; s/ $//')
		[ "$usage" = "$manual" ] || { echo "$program: $usage / $manual"; return 1; }
	done
}

# options_of PROGRAM: its options as its table or case statement has them, one to
# a line, with the word "argument" behind those that need one.
options_of() {
	if [ ! -e "$top/cmd/$1.sh" ]; then
		sed -nE "s/^[[:space:]]+\{\"([a-z-]+)\", ([a-z]+)_argument, NULL, '?([^']*)'?\},/\1 \3 \2/p" "$top/cmd/$1.c" |
			while read -r long short takes; do
				takes=$(sed -n 's/^required$/ argument/p' <<<"$takes")
				echo "--$long$takes"
				[ "${#short}" -gt 1 ] || echo "-$short$takes"
			done
	else
		awk '/^\t-[^)]*\)/ && !/^\t(--|-\?\*|[^)]*[=[][^)]*)\)/ {
				arm = $0
				gsub(/^\t|\).*|\*/, "", arm)
				n = split(arm, word, / \| /)
				for (i in word) takes[word[i]] = ""
			}
			/need "\$@"/ { for (i in word) takes[word[i]] = " argument" }
			END { for (option in takes) print option takes[option] }' "$top/cmd/$1.sh"
	fi | sort -u
}

@test "every option stands in the manual, in the completions and in memrun --help" {
	. "$top/share/completions.bash"
	for program in $programs; do
		options_of "$program" >options
		[ -s options ]
		while read -r option _; do
			grep -qE -- "^\.It Fl (.* )?${option#-}( |\$)" "$top/man/$program.1" ||
				{ echo "$program.1: $option"; return 1; }
		done <options
		diff <(cut -d ' ' -f 1 options) <(_mempipe_options "$program" | tr -s ' \t' '\n' | sort -u)
		while read -r option takes; do
			kind=$(_mempipe_takes "$program" "$option")
			[ "${takes:+1}" = "${kind:+1}" ] || { echo "completions: $program $option $takes"; return 1; }
		done <options
	done
	memrun --help >help
	options_of memrun | while read -r option _; do
		grep -qE -- "(^|[ ,])$option([][ ,]|\$)" help || { echo "memrun --help: $option"; exit 1; }
	done
}

@test "the manuals, scripts and completions are clean" {
	for tool in mandoc shellcheck; do
		command -v "$tool" >/dev/null || skip "$tool is not installed"
	done
	cd "$top"
	run -0 mandoc -Tlint -Wwarning man/*
	[ "$output" = '' ]
	run -0 shellcheck -o all cmd/*.sh tests/run tests/lint tests/*.sh tests/bench/*.sh .ci/run
	run -0 shellcheck -s bash share/completions.bash
}

# SPDX-License-Identifier: MIT
load helper
all_need plain # of the sources, which sanitizers do not change

programs='memdiff memexec memfmt memjoin memleak memlimit memlive mempeak memplot memsample memthin memtree memview pstree-pids'
scripts='membench memdoctor memps memrun'

# make in the sources, as if this were not part of make test.
inner_make() { env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make -j2 "$@" CC="${CC:-cc}"; }

@test "make install installs everything, and make uninstall removes it" {
	inner_make -s -C "$top" install BUILD="$build" DESTDIR="$PWD/root" PREFIX=/opt/mempipe
	for program in $programs $scripts; do
		[ -x "root/opt/mempipe/bin/$program" ]
		[ -s "root/opt/mempipe/share/man/man1/$program.1" ]
		[ -s "root/opt/mempipe/share/bash-completion/completions/$program" ]
		[ -s "root/opt/mempipe/share/zsh/site-functions/_$program" ]
		[ -s "root/opt/mempipe/share/fish/vendor_completions.d/$program.fish" ]
	done
	[ -s root/opt/mempipe/share/man/man5/mempipe.5 ]
	for page in mempipe mempipe-coming-from; do
		[ -s "root/opt/mempipe/share/man/man7/$page.7" ]
	done
	[ -s root/opt/mempipe/share/mempipe/report.schema.json ]
	[ -s root/opt/mempipe/share/mempipe/runs.schema.json ]
	[ -s root/opt/mempipe/share/mempipe/memview.html ]
	is "$(ls root/opt/mempipe/share/mempipe/examples)" "$(ls "$top/share/examples")"
	inner_make -s -C "$top" uninstall DESTDIR="$PWD/root" PREFIX=/opt/mempipe
	is "$(find root -type f)" ''
}

@test "the installed programs work" {
	inner_make -s -C "$top" install BUILD="$build" PREFIX="$PWD/prefix"
	is "$(head -n 1 prefix/bin/memrun)" "#!$PWD/prefix/bin/memexec -s"
	compare "$(PATH=/usr/bin:/bin prefix/bin/memrun -qo - true)" -gt 100000
	run -0 prefix/bin/membench -n 1 -o report "prefix/bin/memps -x $$"
	inner_make -s -C "$top" install BUILD="$build" PREFIX="$PWD/a blank"
	compare "$(PATH=/usr/bin:/bin 'a blank/bin/memrun' -qo - true)" -gt 100000
}

@test "folder names may hold blanks and quotes, and the binaries do not depend on them" {
	mkdir "a b's"
	cp -r "$top"/Makefile "$top"/cmd "$top"/lib "$top"/man "$top"/share "a b's/"
	cd "a b's"
	export CFLAGS='-O0 -g'
	inner_make BUILD="$PWD/other folder" >out
	# make prints a line for each file, with V=1 the commands, with -s nothing.
	has_line out '^CC lib/base/buf\.c$'
	has_line out "^LD $PWD/other folder/memsample$"
	is "$(grep -vE "^(CC lib/|(AR|LD|GEN) $PWD/other folder/)[^ ]+$" out)" ''
	inner_make -s
	for program in $programs; do
		cmp "other folder/$program" "build/$program"
	done
	run -1 grep -c -F "$PWD" build/memfmt
	compare "$(build/memrun -qo - true)" -gt 100000
	rm build/memtree
	inner_make V=1 >out
	has_line out ' -O0 .* -o memtree '
	run -1 grep -E '^(CC|LD|GEN|:) ' out
	rm build/memtree
	is "$(inner_make -s 2>&1)" ''
}

@test "make install ignores the umask, and make uninstall removes only what it installed" {
	umask 077
	inside() { inner_make -s -C "$top" "$@" BUILD="$build" DESTDIR="$PWD/a b" PREFIX=/o DATADIR=/o/share; }
	inside install
	is "$(find 'a b/o' ! -perm -a=r)$(find 'a b/o' -type d ! -perm -a=x)" ''
	is "$(find 'a b/o/bin' -perm 755 -type f | wc -l)" "$(wc -w <<<"$programs $scripts")"
	echo text >'a b/o/share/other'
	inside uninstall
	is "$(find 'a b' -type f)" 'a b/o/share/other'
}

@test "only lib/os/linux names what is specific to Linux" {
	cd "$top"
	run -0 grep -rnE '/proc\b|<linux/|\bprctl|\bperf_|\bperf event|signalfd|\bpidfd|\bSYS_|_GNU_SOURCE|__linux__|/sys/' \
		lib cmd --include='*.[ch]'
	is "$(grep -v '^lib/os/linux/' <<<"$output")" ''
}

@test "no source outside of the folders of systems is different for one" {
	cd "$top"
	# Guards of headers are #ifndef.
	run -0 grep -rnE '^#[ ]*(if|ifdef|elif)\b' lib cmd --include='*.[ch]'
	is "$(grep -v -e '^lib/os/linux/kernel.c:' -e '__SANITIZE_ADDRESS__$' <<<"$output")" ''
	# Headers that POSIX does not have.
	run -1 grep -rnE '^#include <(linux|asm|mach|libproc|sys/(event|sysctl|procctl|user|prctl|signalfd|syscall|epoll))[./>]' \
		lib/base lib/stream lib/launch lib/sample lib/peak lib/report lib/compare lib/leak lib/limit lib/live lib/merge \
		lib/plot lib/view lib/os/posix lib/os/none cmd --include='*.[ch]'
	# Only kernel*.c of a system includes its headers.
	run -0 grep -rlE '^#include <(mach|libproc|sys/(event|sysctl|procctl|user))[./>]' lib --include='*.[ch]'
	is "$(grep -vE '^lib/os/(freebsd|darwin)/kernel[a-z_]*\.c$' <<<"$output")" ''
}

@test "lib/os/none builds, and the programs that need the system fail in one line" {
	run -0 inner_make -s -C "$top" OS=none BUILD="$PWD/none" CFLAGS='-O0 -Wall -Wextra -Werror'
	unsupported() {
		run "$@"
		is "$status" "$expected"
		one_line "$output" "$message"
	}
	message='not supported'
	expected=125 unsupported none/memexec --to cat touch started
	expected=125 unsupported none/memexec --to cat -p $$
	expected=125 unsupported none/memexec -A --to cat touch started
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
	run -1 grep -rnE '\b(exit|_Exit|perror) ?\(' lib --include='*.c' --exclude=warn.c --exclude=alloc.c --exclude=options.c
}

# includes: print `MODULE INCLUDED` for the library. A module is a .c file and its header. Left out
# are headers that are no module, such as peak_internal.h, and a part that includes the header of
# its whole in its own header: report_parse.h may use the types of report.h.
includes() {
	cd "$top/lib" || return 1
	local file header from to
	grep -rE '^#include "' --include='*.[ch]' . | sed -E 's/^\.\/([^:]*):#include "(.*)\.h".*/\1 \2/' |
		while read -r file to; do
			from=${file%.[ch]}
			[ "$from" != "$to" ] && [ "${from#os/*/}" != "${to#os/}" ] || continue
			[ -e "$to.c" ] || compgen -G "os/*/${to#os/}.c" >/dev/null || continue
			[[ $file != *.h || ${from##*/} != "${to##*/}"_* ]] || continue
			case $from in os/*/*) from=os/${from#os/*/} ;; esac
			case $to in os/*/*) to=os/${to#os/*/} ;; esac
			echo "$from $to"
		done | sort -u
}

@test "no files of the library include each other in a circle" {
	(includes) >edges
	compare "$(lines_of edges)" -gt 100
	run -0 --separate-stderr tsort edges
	is "$stderr" ''
}

@test "files are short: 250 lines in cmd, 400 in lib, memrun 200 with its help" {
	cd "$top"
	limit() { wc -l "${@:2}" | awk -v limit="$1" '$2 != "total" && $1 > limit { print $2 ": " $1 " lines" }'; }
	is "$(limit 250 cmd/*.c; limit 400 lib/*/*.[ch] lib/*/*/*.[ch]; limit 200 cmd/memrun.sh)" ''
}

# map: print the files that lib/README.md names, by their path in lib. A name is in the folder of its
# section. A section of several folders names them.
map() {
	awk -F'`' '/^## / { split($0, word, " "); folder = word[3] == "—" ? word[2] : ""; section = 1 }
		/^- / && section { for (i = 2; i <= NF; i += 2) if ($i ~ /\.[ch]$/) print folder $i }' "$top/lib/README.md"
}

@test "lib/README.md names each file of the library, and no other" {
	map | sort >named
	# A header has no line of its own if there is a .c file of its name.
	(cd "$top/lib" && for file in [!o]*/*.[ch] os/*.h os/linux/*.[ch] os/posix/*.[ch]; do
		module=${file%.h}
		[ -e "$module.c" ] || compgen -G "os/*/${module#os/}.c" >/dev/null || echo "$file"
	done) | sort >files
	diff named files
}

@test "each source, script and manual names its licence in the first lines" {
	cd "$top"
	is "$(for file in Makefile cmd/* lib/*/*.[ch] lib/*/*/*.[ch] man/* share/*.* share/*/*.sh tests/*.bats tests/*.py tests/*/*.[ch]; do
		[ ! -f "$file" ] || head -n 3 "$file" | grep -q 'SPDX-License-Identifier: MIT' || echo "$file"
	done)" ''
}

@test "git holds no file that a program makes" {
	git -C "$top" rev-parse >/dev/null 2>&1 || skip "not a git repository"
	is "$(git -C "$top" ls-files | grep -E '\.(o|a|so|log|tsv|pyc|swp|orig|rej)$|(^|/)(\.mempipe|build|__pycache__)/' |
		grep -v '^tests/corpus/')" ''
}

# spaceless: remove the blanks around `|`, and turn all others into one.
spaceless() { tr -s ' \n' ' ' | sed 's/ *| */|/g; s/^ //; s/ $//'; }

# help_options PROGRAM: print the options of --help: "-i --interval time", or "--hertz n".
help_options() {
	"$1" --help | awk '/^  (-., |    )--/ {
		sub(/^ +/, ""); sub(/  .*/, ""); sub(/, /, " "); sub(/\[=/, " "); sub(/\]$/, ""); print }' | sort
}

# manual_options PROGRAM: print those of the manual, from lines such as `.It Fl i , -interval Ar time`.
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

@test "the synopsis of each manual is the program's usage, which a bad option prints too" {
	needs mandoc col
	for program in $programs $scripts; do
		run "$program" -Z
		case $program in mem[er]x* | memrun | membench) is "$status" 125 ;; *) is "$status" 2 ;; esac
		usage=$("$program" --help | sed '/^$/,$d' | sed 's/^usage: //' | spaceless)
		is "$(sed -n '/^usage: /,$p' <<<"$output" | sed 's/^usage: //' | spaceless)" "$usage"
		manual=$(mandoc -Tascii -O width=400 "$top/man/$program.1" | col -bx |
			sed -n '/^SYNOPSIS/,/^DESCRIPTION/p' | sed '1d;$d' | spaceless)
		is "$manual" "$usage"
	done
}

@test "every option is in the completions for bash, zsh and fish, and each shell can read its own" {
	for program in $programs $scripts; do
		help_options "$program" >options
		while read -r option; do
			long=$(sed -E 's/.*--([a-z-]+).*/\1/' <<<"$option")
			for file in "bash/$program:--$long" "zsh/_$program:--$long" "fish/$program.fish:-l $long"; do
				grep -qE -- "${file#*:}([^a-z-]|\$)" "$build/completions/${file%%:*}" ||
					{ echo "${file%%:*}: --$long"; return 1; }
			done
		done <options
		bash -n "$build/completions/bash/$program"
		! command -v zsh >/dev/null || zsh -n "$build/completions/zsh/_$program" || return 1
		! command -v fish >/dev/null || fish -n "$build/completions/fish/$program.fish" || return 1
	done
}

@test "the manuals, scripts, completions and their language are clean" {
	needs mandoc shellcheck
	run -0 "$top/tests/lint" "$build" shellcheck completions mandoc prose
	is "$(grep -v ': clean$' <<<"$output")" ''
}

# SPDX-License-Identifier: MIT
load helper

# The completions are made from each program's --help when the programs are built.
files=$build/completions

# in_bash WORD...: print what bash completes the last WORD to.
in_bash() {
	bash --norc -c '
		. "$1/bash/$2"
		shift
		COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
		"$(complete -p "$1" | sed "s/.*-F \([^ ]*\) .*/\1/")" 2>/dev/null
		printf "%s\n" "${COMPREPLY[@]}"' bash "$files" "$@" | sort -u
}

# in_fish WORD...: print what fish completes the last WORD to.
in_fish() {
	HOME=$PWD fish --no-config -c 'source $argv[1]; complete -C $argv[2]' "$files/fish/$1.fish" "$*" |
		cut -f 1 | sort -u
}

@test "every program has a completion of every option for bash, zsh and fish" {
	for program in "$build"/mem* "$build/pstree-pids"; do
		program=${program##*/}
		[[ -x $build/$program && $program != *.fuzz ]] || continue
		"$program" --help | sed -nE 's/^  (-., |    )--([a-z-]+).*/\2/p' >options
		compare "$(lines_of options)" -ge 3
		while read -r option; do
			grep -qE -- "--$option( |')" "$files/bash/$program"
			grep -qE -- "--$option[]=}[]" "$files/zsh/_$program"
			grep -q -- " -l $option " "$files/fish/$program.fish"
		done <options
	done
}

@test "bash completes options, their arguments and operands" {
	is "$(in_bash memrun --gr)" $'--grace\n--graph\n--group-by'
	is "$(in_bash memrun -a '')" $'adaptive\nauto\nfixed'
	is "$(in_bash memrun -qo x -wa f)" fixed
	is "$(in_bash memrun --adapt = '')" $'adaptive\nauto\nfixed'
	is "$(in_bash memrun --adapt =)" $'adaptive\nauto\nfixed'
	is "$(in_bash memrun --columns rss,th)" rss,threads
	is "$(in_bash memrun --columns huge)" hugetlb
	touch report-1 report-2
	mkdir folder
	is "$(in_bash memrun -o rep)" $'report-1\nreport-2'
	is "$(in_bash memfmt rep)" $'report-1\nreport-2'
	is "$(in_bash memrun -c f)" folder
	is "$(in_bash memrun -p "$$")" "$$"
	is "$(in_bash memps "$$")" "$$"
	cp "$(command -v sleep)" 'a nap'
	start './a nap' 60
	until_true grep -qx 'a nap' "/proc/$pid/comm"
	is "$(in_bash memps -N 'a n')" 'a\ nap'
	mkdir .mempipe
	echo >.mempipe/main.tsv
	is "$(in_bash membench --against '')" main
	is "$(in_bash memrun -q dirnam)" dirname
	is "$(in_bash memrun -i 10 -- dirnam)" dirname
	is "$(in_bash memrun -i '')" ''
}

@test "fish completes options, their arguments and operands" {
	needs fish
	is "$(in_fish memrun --gr)" $'--grace\n--graph\n--group-by'
	is "$(in_fish memrun -a '')" $'adaptive\nauto\nfixed'
	is "$(in_fish memrun --adapt=f)" --adapt=fixed
	is "$(in_fish memrun --columns rss,th)" rss,threads
	touch report-1 report-2
	is "$(in_fish memrun -o rep)" $'report-1\nreport-2'
	is "$(in_fish memfmt rep)" $'report-1\nreport-2'
	[[ $(in_fish memrun -p '') == *"$$"* ]]
	is "$(in_fish memrun -q dirnam)" dirname
	cp "$(command -v sleep)" mempipe-nap
	start ./mempipe-nap 60
	until_true grep -qx mempipe-nap "/proc/$pid/comm"
	is "$(in_fish memps -N mempipe-n)" mempipe-nap
}

@test "zsh completes options, their arguments and operands" {
	needs zsh
	touch report-1 report-2
	cat >session <<-'EOF'
		import sys
		t = Terminal(["zsh", "-f", "-i"], size=(50, 200))
		t.send(f"PS1='> '; fpath=({sys.argv[1]} $fpath); autoload -Uz compinit; compinit -D -u; print rea''dy\n", "ready\r")
		def offers(words, *completions):
		    t.send("\x15" + words, ".*".join(words[-1]))
		    t.send("\t")
		    for c in completions:
		        t.until(c)
		offers("memrun --gr", "--grace", "--graph", "--group-by")
		offers("memrun -a ", "adaptive", "auto", "fixed")
		offers("memrun -q --adapt=", "adaptive", "auto", "fixed")
		offers("memrun --columns rss,v", "sz")
		offers("memrun -o report-", "report-1", "report-2")
		offers("memfmt report-", "report-1", "report-2")
		offers("memrun -q dirnam", "e")
		offers("memplot --", "--number")
	EOF
	TERM=xterm on_pty play session "$files/zsh"
}

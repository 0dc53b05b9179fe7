# SPDX-License-Identifier: MIT
# Write completions of a program for bash, zsh and fish, from the text of its --help and the table of
# metrics:
#
#	memrun --help | awk -v name=memrun -v dir=completions -v body=share/completions-body.bash \
#	    -f share/completions.awk lib/stream/metrics.h -
#
# writes dir/bash/memrun, dir/zsh/_memrun and dir/fish/memrun.fish. A line of the help is
# `  -i, --interval time       sample at least every time`, or two lines if the first part is long.

BEGIN {
	# what a kind of argument can be, where that is a fixed list
	words["format"] = "text json csv tsv bytes markdown prometheus openmetrics folded run-csv process-csv timeline-csv bmf benchmark"
	if (name == "membench" || name == "memdiff")
		words["format"] = "text tsv csv markdown json hyperfine bmf benchmark"
	words["unit"] = "B kB KiB MB MiB GB GiB"
	words["key"] = "comm exe user cmd parent pid"
	words["metric"] = "rss footprint pss cgroup"
	words["[signal"] = "TERM KILL INT HUP"
	columns = "time pid ppid rss hwm vsz comm"
}

# The table of metrics has the other columns.
FILENAME ~ /metrics\.h$/ {
	if (match($0, /ROW\([A-Z]+, "[a-z_]+"/)) {
		split(substr($0, RSTART, RLENGTH), field, "\"")
		sub(/_kib$/, "", field[2])
		columns = columns " " field[2]
	}
	next
}

function option(line, at) {
	letter[++n] = ""
	if (match(line, /^  -[A-Za-z0-9], /))
		letter[n] = substr(line, 4, 1)
	sub(/^ +(-[A-Za-z0-9], )?--/, "", line)
	match(line, /^[a-z-]+/)
	long[n] = substr(line, 1, RLENGTH)
	line = substr(line, RLENGTH + 1)
	argument[n] = text[n] = ""
	at = match(line, /  +/)
	if (at > 0) {
		text[n] = substr(line, at + RLENGTH)
		line = substr(line, 1, at - 1)
	}
	if (line ~ /^\[=/)
		argument[n] = "[" substr(line, 3, length(line) - 3)
	else if (line ~ /^ /)
		argument[n] = substr(line, 2)
	if (argument[n] ~ /\|/) {
		words[argument[n]] = argument[n]
		gsub(/\|/, " ", words[argument[n]])
	}
}

/^$/ { usage_read = 1 }
!usage_read { usage = usage " " $0 }
/^ +-/ && usage_read { option($0); next }
/^        / && n > 0 && text[n] == "" { text[n] = $0; sub(/^ +/, "", text[n]) }

# The kind of what completes an argument.
function kind_of(a) {
	if (a in words) return "words"
	if (a == "file" || a == "script" || a == "picture") return "file"
	if (a == "cgroup" || a == "dir") return "directory"
	if (a == "list") return "columns"
	if (a == "pid" || a == "name" || a == "baseline") return a
	return "other"
}

function operand_kind() {
	if (usage ~ /command \[argument/) return "command"
	if (usage ~ /pid \.\.\./) return "pid"
	return "file"
}

function optional(i) { return argument[i] ~ /^\[/ }

# ---- bash

function bash(out, i, all, k) {
	print "# bash completion for " name ", generated from its --help" >out
	print "# shellcheck shell=bash\n" >out
	print "# Set kind, and words, to what option $1 takes.\n_" f "_takes() {\n\tcase $1 in" >out
	for (i = 1; i <= n; i++) {
		all = all (letter[i] != "" ? " -" letter[i] : "") " --" long[i]
		if (argument[i] == "" || optional(i))
			continue
		k = kind_of(argument[i])
		printf "\t%s--%s) kind='%s'", letter[i] != "" ? "-" letter[i] " | " : "", long[i], k >out
		print (k == "words" ? " words='" words[argument[i]] "'" : "") " ;;" >out
	}
	print "\t*) kind='' ;;\n\tesac\n}\n" >out
	print "_" f "() {\n\tlocal options='" substr(all, 2) "' operands=" operand_kind() >out
	while ((getline line <body) > 0) {
		gsub(/NAME/, f, line)
		gsub(/COLUMNS/, columns, line)
		print line >out
	}
	print "\ncomplete -F _" f " " name >out
	close(body)
	close(out)
}

# ---- zsh

function zsh_quote(s) {
	gsub(/\\|\[|\]|:/, "\\\\&", s)
	gsub(/'/, "'\\''", s)
	return s
}

function zsh_action(a, k) {
	k = kind_of(a)
	if (k == "words") return "(" words[a] ")"
	if (k == "file") return "_files"
	if (k == "directory") return "_files -/"
	if (k == "pid") return "_pids"
	if (k == "name") return "{compadd -- ${(fu)\"$(cat /proc/[0-9]*/comm 2>/dev/null)\"}}"
	if (k == "baseline") return "{compadd -- ${(f)\"$(membench --list 2>/dev/null | sed 1d | cut -f1)\"}}"
	if (k == "columns") return "_values -s , column " columns
	return " "
}

function zsh(out, i, a, many) {
	print "#compdef " name "\n# generated from --help\n_arguments -s -S : \\" >out
	for (i = 1; i <= n; i++) {
		a = argument[i]
		sub(/^\[/, "", a)
		many = "*"
		if (letter[i] == "")
			printf "\t'%s--%s", many, long[i] (a == "" ? "" : optional(i) ? "=-" : "=") >out
		else
			printf "\t'%s'{-%s,--%s}'", many, letter[i] (a == "" ? "" : optional(i) ? "-" : "+"),
				long[i] (a == "" ? "" : optional(i) ? "=-" : "=") >out
		printf "[%s]", zsh_quote(text[i]) >out
		if (a != "")
			printf "%s%s:%s", optional(i) ? "::" : ":", zsh_quote(a), zsh_action(argument[i]) >out
		print "' \\" >out
	}
	if (operand_kind() == "command")
		print "\t'(-)1:command: _command_names -e' \\\n\t'*::argument: _normal'" >out
	else
		print "\t'*:" operand_kind() ":" zsh_action(operand_kind()) "'" >out
	close(out)
}

# ---- fish

function fish_argument(a, k) {
	k = kind_of(a)
	if (k == "words") return " -x -a '" words[a] "'"
	if (k == "file") return " -r -F"
	if (k == "directory") return " -x -a '(__fish_complete_directories)'"
	if (k == "pid") return " -x -a '(__fish_complete_pids)'"
	if (k == "name") return " -x -a '(cat /proc/*/comm 2>/dev/null | sort -u)'"
	if (k == "baseline") return " -x -a '(membench --list 2>/dev/null | sed 1d | cut -f1)'"
	if (k == "columns") return " -x -a '(__fish_append , " columns ")'"
	return " -x"
}

function fish(out, i, t) {
	print "# fish completion for " name ", generated from its --help\ncomplete -c " name " -f" >out
	for (i = 1; i <= n; i++) {
		t = text[i]
		gsub(/'/, "\\'", t)
		printf "complete -c %s%s -l %s%s -d '%s'\n", name, letter[i] != "" ? " -s " letter[i] : "", long[i],
			argument[i] == "" || optional(i) ? "" : fish_argument(argument[i]), t >out
	}
	if (operand_kind() == "command")
		print "complete -c " name " -x -a '(__fish_complete_subcommand)'" >out
	else
		print "complete -c " name fish_argument(operand_kind()) >out
	close(out)
}

END {
	f = name
	gsub(/-/, "_", f)
	bash(dir "/bash/" name)
	zsh(dir "/zsh/_" name)
	fish(dir "/fish/" name ".fish")
}

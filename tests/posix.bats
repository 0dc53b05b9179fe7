# SPDX-License-Identifier: MIT
load helper

# The parts for other systems, tested on Linux.

# with_handlers FILE FILTER COUNT: run the COUNT tests of FILE whose names match, with a memexec that
# receives signals by handlers (lib/os/posix/launch_signals.c) in place of signalfd(2).
with_handlers() {
	local flags='-O1 -g -Wall -Wextra -Wshadow -Wconversion -Werror' count
	[[ $build != *sanitized* ]] || flags+=' -fno-omit-frame-pointer -fsanitize=address,undefined'
	mkdir handlers
	ln -s "$build"/* handlers/
	rm handlers/memexec
	"${CC:-cc}" -std=c11 $flags -I"$top/lib" -D_POSIX_C_SOURCE=200809L -D_FILE_OFFSET_BITS=64 -o handlers/memexec \
		"$top/cmd/memexec.c" "$top/lib/os/posix/launch_signals.c" "$build/libmempipe.a"
	run -0 env MEMPIPE_BUILD="$PWD/handlers" PATH="$PWD/handlers:$PATH" bats --tap -f "$2" "$top/tests/$1.bats"
	count=$(grep -c '^ok ' <<<"$output")
	is "$count" "$3"
}

@test "with handlers, signals reach the command, with their values" {
	with_handlers untouched 'each signal sent to memrun|reaches it once|session leader' 3
}

@test "with handlers, the command sees the same signals as without memrun" {
	with_handlers untouched 'ignored, blocked and pending' 1
}

@test "with handlers, memexec is a job of a shell as with signalfd(2)" {
	with_handlers untouched 'controls it as a job' 1
}

@test "with handlers, stops are followed and exits are exact" {
	with_handlers memexec 'stop|ignored SIGCHLD|exit status$|every signal|keeps no descriptor' 7
}

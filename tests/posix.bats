# SPDX-License-Identifier: MIT
load helper
all_need linux

# The parts for other systems, tested on Linux.

# with_files FILE FILTER COUNT: run the COUNT tests of FILE whose names match, with a memexec in which
# $files take the place of what the library has.
with_files() {
	local flags='-O1 -g -Wall -Wextra -Wshadow -Wconversion -Werror' count
	[[ $build != *sanitized* ]] || flags+=' -fno-omit-frame-pointer -fsanitize=address,undefined'
	if [ ! -d other ]; then
		mkdir other
		ln -s "$build"/* other/
		rm other/memexec
		(cd "$top" && "${CC:-cc}" -std=c11 $flags -Ilib -D_POSIX_C_SOURCE=200809L -D_FILE_OFFSET_BITS=64 \
			-o "$OLDPWD/other/memexec" cmd/memexec.c $files "$build/libmempipe.a")
	fi
	run -0 env MEMPIPE_BUILD="$PWD/other" PATH="$PWD/other:$PATH" "$BATS_ROOT/bin/bats" --tap -f "$2" "$top/tests/$1.bats"
	count=$(grep -c '^ok ' <<<"$output")
	is "$count" "$3"
}

# Signals by handlers in place of signalfd(2).
handlers='lib/os/posix/launch_signals.c'

# The launcher of FreeBSD, whose kernel Linux plays.
freebsd="$handlers lib/os/freebsd/launch_system.c tests/worlds/freebsd_launch.c tests/worlds/getpgid.c"

@test "with handlers, signals reach the command, with their values" {
	files=$handlers
	with_files untouched 'each signal sent to memrun|reaches it once|session leader' 3
}

@test "with handlers, the command sees the same signals as without memrun" {
	files=$handlers
	with_files untouched 'ignored, blocked and pending' 1
}

@test "with handlers, memexec is a job of a shell as with signalfd(2)" {
	files=$handlers
	with_files untouched 'controls it as a job' 1
}

@test "with handlers, stops are followed and exits are exact" {
	files=$handlers
	with_files memexec 'stop|ignored SIGCHLD|exit status$|every signal|keeps no descriptor' 7
}

@test "the launcher of FreeBSD holds, reaps, passes on and restores" {
	files=$freebsd
	with_files memexec 'exit status$|ended the command|continues it|orphan|wait|every signal|sampler was killed|in the background' 13
	with_files untouched 'same process|same descriptors|ignored, blocked|each signal' 4
	with_files harm 'memexec is killed|stopped stages' 3
}

# The launcher of macOS, which adopts no orphans, and its os_poll().
darwin="-D_DEFAULT_SOURCE $handlers lib/os/darwin/launch_system.c lib/os/darwin/os_poll.c tests/worlds/darwin_launch.c tests/worlds/getpgid.c"

@test "the launcher of macOS holds, waits, passes on and follows stops" {
	files=$darwin
	with_files memexec "command's exit status\$|ended the command|continues it|sampler was killed|every signal|keeps no descriptor|left in the background" 9
	with_files untouched 'same process|same descriptors|ignored, blocked' 3
	with_files harm 'stopped stages' 1
}

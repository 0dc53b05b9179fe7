# SPDX-License-Identifier: MIT
# Functions that all tests share. Each test runs in its own folder, $BATS_TEST_TMPDIR.
#
#   is ACTUAL EXPECTED              fail, and print both, unless they are equal
#   compare A -le B                 fail, and print both numbers, unless that is true
#   within REPORTED TRUE PERCENT    fail, and print both, unless they are that close
#   needs THING...                  skip the test where a thing is missing, with the reason
#   all_need THING...               the same for each test of the file
#   start COMMAND...                run in the background; end it after the test
#   until_true COMMAND...           poll, with a deadline
#   on_pty ROWS COLS COMMAND...     run on a terminal; print the lines shown
#   as_user COMMAND...              run as an ordinary user
#
# bats sees a failure only in the last command of a line: `[[ a ]] && [[ b ]]`, `! command`
# and `command || true` fail no test unless they are a test's last line. Write `run ! command`.
bats_require_minimum_version 1.5.0

build=${MEMPIPE_BUILD:?run the tests with make test}
top=$(cd "$BATS_TEST_DIRNAME/.." && pwd)
tab=$'\t'
system=$(uname -s)
# The build folder by a path without blanks, for the first lines of scripts.
programs_link=$BATS_RUN_TMPDIR/build
[ -e "$programs_link" ] || ln -s "$build" "$programs_link" 2>/dev/null || [ -e "$programs_link" ]

# MEMPIPE_SLOW=1: the machine is many times slower than others, such as an emulated one. Wait
# longer, and let ticks use half of one CPU where a test compares with a true peak.
patience=${MEMPIPE_SLOW:+200}
patience=${patience:-20}
slow_budget=${MEMPIPE_SLOW:+-b 50}

export TERM=xterm
unset NO_COLOR COLUMNS LINES

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	started=()
	needs $file_needs
	_need_named
}

# all_need THING...: each test of this file needs THINGs.
all_need() { file_needs=$*; }
file_needs=

# Skip the test if it calls a program that is missing, or names what only Linux has. A test that does
# so through a function of its file uses needs(). The workloads are compiled on Linux only.
_need_named() {
	local program names
	[ "$system" = Linux ] || ! declare -f "$BATS_TEST_NAME" |
		grep -qE '/proc|/sys/|/dev/shm|cgroup|tracing|perf|LD_PRELOAD' || skip "needs Linux"
	for program in python3 ps pgrep script setpriv unshare findmnt col spike shapes churn brawl; do
		! command -v "$program" >/dev/null || continue
		names=$program
		[ "$program" != python3 ] || names='python3|PYTHON|on_pty'
		! declare -f "$BATS_TEST_NAME" | grep -qwE "$names" || skip "needs $program"
	done
}

# Kill the processes that start() started, and their descendants.
teardown() {
	local root
	for root in "${started[@]}"; do
		kill -KILL $(pstree-pids "$root" 2>/dev/null) 2>/dev/null || true
		wait "$root" 2>/dev/null || true
	done
}

# ---- assertions

# is ACTUAL EXPECTED: fail and print both unless they are equal.
is() {
	[ "$#" -eq 2 ] || { echo "is: 2 arguments, not $#: $*" >&2; return 2; }
	[ "$1" = "$2" ] || { printf 'actual:   %s\nexpected: %s\n' "$1" "$2" >&2; return 1; }
}

# compare A OPERATOR B: fail and print both numbers unless that is true. OPERATOR is one of test(1).
compare() {
	[ "$#" -eq 3 ] || { echo "compare: 3 arguments, not $#: $*" >&2; return 2; }
	[ "$1" "$2" "$3" ] || { echo "not true: $1 $2 $3" >&2; return 1; }
}

# within REPORTED TRUE PERCENT [KIB]: fail and print both numbers unless they differ by at
# most PERCENT of TRUE, or by at most KIB.
within() {
	awk -v reported="$1" -v true="$2" -v percent="$3" -v kib="${4-0}" 'BEGIN {
		number = "^-?[0-9]+([.][0-9]*)?(e[-+]?[0-9]+)?$"
		if (reported !~ number || true !~ number) exit 1
		d = reported - true; if (d < 0) d = -d
		t = true < 0 ? -true : true
		exit !(d <= t * percent / 100 || d <= kib) }' ||
		{ echo "reported $1, true $2: not within $3 %${4:+ or $4 KiB}" >&2; return 1; }
}

# one_line TEXT PATTERN: fail unless TEXT is one line and matches.
one_line() {
	[ "$(wc -l <<<"$1")" -eq 1 ] || { echo "not one line: $1"; return 1; }
	[[ $1 =~ $2 ]] || { echo "not as expected: $1"; return 1; }
}

# ---- requirements

is_before_linux_6_2() { [[ $(uname -sr) =~ ^Linux\ ([1-5]|6\.[01])\. ]]; }

# needs THING...: skip the test where a THING is missing, with the reason. A THING is
#   root      the superuser
#   user      an ordinary user that can run the programs (see as_user)
#   perf      page-fault events
#   events    the kernel reports when processes are created and exit (proc connector)
#   cgroupfs  a mounted control group file system
#   cgroup    a control group that can be created and that counts memory
#   cgroup2   version 2 with the memory controller, and its root
#   unshare   a mount namespace
#   pidns     a PID namespace
#   plain     programs without sanitizers
#   seccomp   system calls can be refused (tests/workloads/refuse.c)
#   jsonschema the Python module
#   linux     the system
# or else the name of a program.
needs() {
	local thing reason
	for thing in "$@"; do
		case $thing in
		root) [ "$(id -u)" -eq 0 ] || skip "needs root" ;;
		user) needs root setpriv; _once user _can_be_user || skip "an ordinary user cannot run the programs" ;;
		perf) _once perf _has_perf || skip "the kernel refuses page-fault events" ;;
		events) _once events _has_process_events || skip "the kernel reports no process events" ;;
		cgroupfs) grep -qE '^[^ ]+ [^ ]+ cgroup2? ' /proc/mounts || skip "no control group file system is mounted" ;;
		cgroup) _once cgroup _has_cgroup || skip "no control group can be created" ;;
		cgroup2) needs root; [ -n "$(_cgroup2_mount)" ] || skip "no control groups of version 2 that count memory" ;;
		unshare) _once unshare unshare -m true || skip "no mount namespace can be created" ;;
		pidns) _once pidns unshare -pf true || skip "no PID namespace can be created" ;;
		seccomp) _once seccomp refuse kcmp -- true || skip "no system call can be refused" ;;
		plain) [[ $build != *sanitized* ]] || skip "not with sanitizers" ;;
		linux) [ "$system" = Linux ] || skip "needs Linux" ;;
		jsonschema) python3 -c 'import jsonschema' 2>/dev/null || skip "needs the Python module jsonschema" ;;
		*) command -v "$thing" >/dev/null || skip "needs $thing" ;;
		esac
	done
}

# _once NAME COMMAND...: run COMMAND for the first test that asks; return its status.
_once() {
	local file=$BATS_RUN_TMPDIR/needs-$1
	if [ ! -s "$file" ]; then
		("${@:2}") >/dev/null 2>&1 3>&- 4>&- && echo yes >"$file" || echo no >"$file"
	fi
	[ "$(cat "$file")" = yes ]
}

_has_perf() {
	memexec --to "memsample -C >'$BATS_RUN_TMPDIR/perf.tsv'" true
	grep -qE "^#(wake|schedule)${tab}(faults|events)" "$BATS_RUN_TMPDIR/perf.tsv"
}

# Subscribe to the proc connector: the kernel does not answer in another namespace.
_has_process_events() {
	python3 - <<-'EOF'
		import socket, struct
		s = socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM, 11)
		s.bind((0, 1))
		s.settimeout(1)
		s.send(struct.pack("=IHHII IIIIHH I", 40, 3, 0, 0, 0, 1, 1, 0, 0, 4, 0, 1))
		while True:
		    what, error = struct.unpack_from("=I12xI", s.recv(256), 36)
		    if what == 0:
		        raise SystemExit(error)
	EOF
}

# Print where version 2 is mounted, if its root counts memory.
_cgroup2_mount() {
	local at
	for at in $(awk '$3 == "cgroup2" { print $2 }' /proc/mounts); do
		! grep -qw memory "$at/cgroup.subtree_control" || { echo "$at"; return; }
	done
}

_has_cgroup() { memexec -g --to 'cat >/dev/null' true; }

_can_be_user() {
	chmod a+rx "$BATS_RUN_TMPDIR"
	as_user memsample -V || [ "$?" -eq 2 ]
}

# as_user COMMAND...: run COMMAND as a user that has no other processes, with the programs
# in PATH. It may write in this folder. Call `needs user` first.
as_user() {
	share_programs
	chmod a+rwx . && chmod a+rx .. "$BATS_RUN_TMPDIR"
	PATH=$user_build:$PATH setpriv --reuid=61203 --regid=61203 --clear-groups -- "$@"
}

# Set user_build to a folder with the programs that every user can read: the build folder,
# or a copy of it.
share_programs() {
	[ -z "${user_build-}" ] || return 0
	user_build=$build
	! setpriv --reuid=61203 --regid=61203 --clear-groups -- test -x "$build/memsample" || return 0
	user_build=$BATS_RUN_TMPDIR/programs
	[ ! -d "$user_build" ] || return 0
	local new=$user_build.$BASHPID
	mkdir "$new"
	copy_programs "$new" "$user_build"
	mv -T "$new" "$user_build" 2>/dev/null || rm -rf "$new"
}

# copy_programs FOLDER [NAME]: copy the programs to FOLDER, for every user. Scripts name the
# memexec in FOLDER in their first lines, or that in NAME if FOLDER is renamed.
copy_programs() {
	local file
	for file in "$build"/*; do
		[ -f "$file" ] && [ -x "$file" ] && [[ $file != *.fuzz ]] || continue
		sed "1s|^#!.*/memexec -s|#!${2-$1}/memexec -s|" "$file" >"$1/${file##*/}"
	done
	sed -i "1s|.*|#!${2-$1}/memexec -s|" "$1/memrun"
	chmod 755 "$1" "$1"/*
}

# ---- processes

# start COMMAND...: run in the background, with the PID in $pid. Programs get the default
# action for SIGINT and SIGQUIT, which a shell ignores for them.
start() {
	if [ "$(type -t "$1")" = file ] && env --default-signal=INT true 2>/dev/null; then
		env --default-signal=INT,QUIT "$@" 3>&- 4>&- &
	else
		"$@" 3>&- 4>&- &
	fi
	pid=$!
	started+=("$pid")
	# Wait until it has executed the program.
	[ "$(type -t "$1")" != file ] || until_true _executed "$pid"
}

_executed() { ! cmp -s "/proc/$BASHPID/cmdline" "/proc/$1/cmdline" && ! grep -qx env "/proc/$1/comm" 2>/dev/null; }

# until_true COMMAND...: poll for at most 20 seconds, longer on a slow machine.
until_true() {
	local deadline=$((SECONDS + patience))
	until "$@"; do
		if [ "$SECONDS" -ge "$deadline" ]; then
			echo "never true: $*" >&2
			return 1
		fi
		sleep 0.02
	done
}

# tracing: skip the test where strace cannot let system calls fail.
tracing() {
	needs strace
	strace -qq -o /dev/null -e inject=getpid:error=EPERM:when=9 true 2>/dev/null || skip "strace may not trace here"
	export ASAN_OPTIONS=detect_leaks=0
}

# exited PID: return 0 if no process has this PID.
exited() { ! kill -0 "$1" 2>/dev/null; }

# catches_int PID: return 0 if the process catches SIGINT. (Sanitizers catch other signals
# from the start.)
catches_int() { grep -qi '^SigCgt:.*[2367abef]$' "/proc/$1/status"; }

# on_pty ROWS COLS COMMAND...: run COMMAND on a terminal of this size; print all lines shown,
# and keep the file `screen` up to date. The status is the command's.
# on_pty raw COMMAND...: the same with the bytes as written.
# on_pty play SCRIPT ARG...: run a Python script that has terminal.py's class Terminal.
on_pty() {
	[[ $1 != [0-9]* ]] || rm -f screen
	timeout "$((patience + 5))" python3 "$top/tests/terminal.py" "$@" 3>&- 4>&-
}

# ---- files

has_line() { grep -q -- "$2" "$1" 2>/dev/null; }

lines_of() { wc -l <"$1"; }

# rows FILE: print the rows of a samples stream, without `#` lines and headers.
rows() { grep -v -e '^#' -e '^time' "$1"; }

# total KEY FILE: print a value of the row `total` of a peaks stream, by column name.
total() {
	awk -F'\t' -v key="$1" '/^#/ { next } !n { for (i = 1; i <= NF; i++) at[$i] = i; n = 1; next }
		$1 == "total" { print $at[key] }' "$2"
}

# peak_of SCOPE NAME KEY FILE: print a value of a row of a peaks stream.
peak_of() {
	awk -F'\t' -v scope="$1" -v name="$2" -v key="$3" '/^#/ { next }
		!n { for (i = 1; i <= NF; i++) at[$i] = i; n = 1; next }
		$1 == scope && $2 == name { print $at[key] }' "$4"
}

# samples ROW...: print a samples stream with the default columns; blanks become tabs.
samples() {
	printf 'time pid ppid rss_kib hwm_kib vsz_kib comm\n' | tr ' ' '\t'
	local row
	for row in "$@"; do
		tr ' ' '\t' <<<"$row"
	done
}

# Start four processes that share 64 MiB by fork(2), and set $pid to the first.
start_sharers() {
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
}

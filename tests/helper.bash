# What the tests share. Each works in $BATS_TEST_TMPDIR.
bats_require_minimum_version 1.5.0 2>/dev/null || true

build=${MEMPIPE_BUILD:?run the tests with make test}
top=$(cd "$BATS_TEST_DIRNAME/.." && pwd)
tab=$'\t'

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	started=()
}

# Ends what the test started and has not ended itself, with all its children.
teardown() {
	local root
	for root in "${started[@]}"; do
		kill -KILL $(pstree-pids "$root" 2>/dev/null) 2>/dev/null || true
		wait "$root" 2>/dev/null || true
	done
}

# start COMMAND...: in the background, its PID in $pid, ended after the test.
start() {
	"$@" 3>&- 4>&- &
	pid=$!
	started+=("$pid")
	# Until it executes a program it is another of us.
	[ "$(type -t "$1")" != file ] || until_true eval '! cmp -s "/proc/$BASHPID/cmdline" "/proc/$pid/cmdline"'
}

# until_true COMMAND...: polls, for 20 seconds at most.
until_true() {
	local deadline=$((SECONDS + 20))
	until "$@"; do
		if [ "$SECONDS" -ge "$deadline" ]; then
			echo "never true: $*" >&2
			return 1
		fi
		sleep 0.02
	done
}

gone() { ! kill -0 "$1" 2>/dev/null; }

# Whether process $1 catches INT. (Any handler would not do: a sanitizer has some
# of its own from the start.)
catches_int() { grep -qi '^SigCgt:.*[2367abef]$' "/proc/$1/status"; }

has_line() { grep -q -- "$2" "$1" 2>/dev/null; }

lines_of() { wc -l <"$1"; }

# rows FILE: the rows of a samples stream, without `#` lines and headers.
rows() { grep -v -e '^#' -e '^time' "$1"; }

# value KEY FILE: of the row `total` in a peaks stream, by column name.
total() {
	awk -F'\t' -v key="$1" '/^#/ { next } !n { for (i = 1; i <= NF; i++) at[$i] = i; n = 1; next }
		$1 == "total" { print $at[key] }' "$2"
}

# peak_of SCOPE NAME KEY FILE
peak_of() {
	awk -F'\t' -v scope="$1" -v name="$2" -v key="$3" '/^#/ { next }
		!n { for (i = 1; i <= NF; i++) at[$i] = i; n = 1; next }
		$1 == scope && $2 == name { print $at[key] }' "$4"
}

# samples ROW...: a samples stream with the default columns, blanks for tabs.
samples() {
	printf 'time pid ppid rss_kib hwm_kib vsz_kib comm\n' | tr ' ' '\t'
	local row
	for row in "$@"; do
		tr ' ' '\t' <<<"$row"
	done
}

# one_line TEXT PATTERN: TEXT is one line, and matches.
one_line() {
	[ "$(wc -l <<<"$1")" -eq 1 ] || { echo "not one line: $1"; return 1; }
	[[ $1 =~ $2 ]] || { echo "not as expected: $1"; return 1; }
}

#!/bin/sh
# SPDX-License-Identifier: MIT
# Functions of the tests inside an emulated machine. A row for each result goes to the console, from
# which tests/vm/run reads it:
#
#	vm <tab> NAME <tab> ok|failed|absent <tab> FIGURE
# shellcheck disable=SC2034,SC2086,SC2310,SC2312 # variables of the callers, words; a failure shows in the row

row() { printf 'vm\t%s\t%s\t%s\n' "$1" "$2" "$3"; }

# try NAME FIGURE COMMAND...: print a row for the status of COMMAND.
try() {
	result=$1 figure=$2
	shift 2
	state=failed
	! "$@" || state=ok
	row "${result}" "${state}" "${figure}"
}

# near REPORTED TRUE PERCENT [KIB]: return 0 if REPORTED is that close to TRUE.
near() {
	awk -v r="${1:-0}" -v t="${2:-0}" -v percent="$3" -v kib="${4-0}" 'BEGIN {
		d = r > t ? r - t : t - r
		exit !(r > 0 && t > 0 && (d <= t * percent / 100 || d <= kib)) }' </dev/null
}

# percent REPORTED TRUE: print the difference, as in -0.4 %.
percent() {
	awk -v r="$1" -v t="$2" 'BEGIN { if (r > 0 && t > 0) printf "%+.1f %%\n", (r / t - 1) * 100; else print "-" }' </dev/null
}

# close_to NAME REPORTED TRUE PERCENT [KIB]: print a row with the difference.
close_to() {
	difference=$(percent "$2" "$3")
	try "$1" "${difference}" near "$2" "$3" "$4" "${5-0}"
}

# meta KEY FILE: print the value of the line KEY in a stream.
meta() { [ ! -e "$2" ] || sed -n "s/^#$1	//p" "$2" | tail -n 1; }

# total KEY FILE: print a value of the row `total` of a peaks stream.
total() {
	[ -e "$2" ] || return 0
	awk -F '\t' -v key="$1" '/^#/ { next } !n { for (i = 1; i <= NF; i++) at[$i] = i; n = 1; next }
		$1 == "total" { print $at[key] }' "$2"
}

# measure ARGUMENT...: run memrun with these options and a command that prints its own peak in KiB.
# ${as} is the start of the command line, such as one that changes the user. Set status, true,
# reported and bound. The files samples, peaks and err have the rest.
measure() {
	rm -f samples peaks err true
	status=0
	timeout 120 ${as-} memrun -s samples -f tsv -o peaks "$@" >true 2>err </dev/null || status=$?
	true=$(sed -n 1p true)
	reported=$(total rss_kib peaks)
	bound=$(total bound_kib peaks)
}

# bound_holds [KIB]: return 0 if the true peak is not above the bound. The kernel's counters may be
# off by KIB.
bound_holds() {
	awk -v t="${true:-0}" -v b="${bound:-0}" -v kib="${1-300}" 'BEGIN { exit !(t > 0 && b + kib >= t) }' </dev/null
}

#!/bin/sh
# SPDX-License-Identifier: MIT
# Compile and link all programs for macOS and FreeBSD, against the headers and libraries of these
# systems that Zig has: BUILD/cross/TARGET. Warnings are errors. Nothing is run.
# Usage: cross.sh [BUILD [TARGET...]]
# shellcheck disable=SC2154,SC2310,SC2312 # the variables of common.sh; conditions
set -eu
# shellcheck source=/dev/null
. "$(dirname "$0")/common.sh"
begin "$@"
[ "$#" -eq 0 ] || shift
[ "$#" -gt 0 ] || set -- aarch64-macos x86_64-macos x86_64-freebsd aarch64-freebsd

# Build for TARGET. The programs in BUILD print the help and the schemas.
build_for() {
	case $1 in
	*-macos) system=darwin kind=Mach-O ;;
	*) system=${1#*-} kind=ELF ;;
	esac
	zig_tools "$1" "${work}/$1"
	run_make BUILD="${build}/cross/$1" OS="${system}" NATIVE="${build}" CC="${work}/$1/cc" AR="${work}/$1/ar" \
	    CFLAGS='-O2 -Werror' LDFLAGS= all || die "$1: not built"
	for program in memexec memsample; do
		file -b "${build}/cross/$1/${program}" | grep -q "^${kind}" || die "$1: ${program}: not ${kind}"
	done
	echo "cross: $1: all programs compile without warnings and link"
}

need file file
find_zig
for target; do
	build_for "${target}"
done

#!/bin/sh
# SPDX-License-Identifier: MIT
# Install below a folder and below one with a blank in its name, use what is installed, and
# uninstall it.
# Usage: check-install.sh [BUILD]
# shellcheck disable=SC2154,SC2310,SC2312 # the variables of common.sh; conditions
set -eu
# shellcheck source=/dev/null
. "$(dirname "$0")/common.sh"
begin "$@"

# Check that each manual can be found and formatted.
manuals() {
	for page in "$1"/man/man?/*; do
		page_name=${page##*/}
		! command -v mandoc >/dev/null || mandoc -Tutf8 "${page}" >"${work}/text" ||
			die "${page_name}: mandoc fails"
		! command -v man >/dev/null || {
			found=$(man -M "$1/man" -w "${page_name##*.}" "${page_name%.*}") ||
				die "man does not find ${page_name}"
			cmp "${found}" "${page}" || die "man finds ${found}, not ${page}"
		}
	done
}

# Check that bash completes an option of each program, and that the other shells read their files.
completions() {
	for program in "$1"/../bin/*; do
		program=${program##*/}
		bash --norc -c '
			. "$1"
			COMP_WORDS=("$2" --hel) COMP_CWORD=1
			"$(complete -p "$2" | sed "s/.*-F \([^ ]*\) .*/\1/")" 2>/dev/null
			[ "${COMPREPLY[*]}" = --help ]' \
		    bash "$1/bash-completion/completions/${program}" "${program}" ||
			die "${program}: bash completes nothing"
		! command -v zsh >/dev/null || zsh -n "$1/zsh/site-functions/_${program}"
		! command -v fish >/dev/null || fish -n "$1/fish/vendor_completions.d/${program}.fish"
	done
}

uninstalled() {
	left=$(find "$1" ! -type d -o -name mempipe)
	[ -z "${left}" ] || die "make uninstall leaves ${left}"
}

run_make install BUILD="${build}" DESTDIR="${work}/root" PREFIX=/usr
files "${work}/root/usr" >"${work}/staged"
for prefix in "${work}/prefix" "${work}/a prefix"; do
	run_make install BUILD="${build}" PREFIX="${prefix}"
	files "${prefix}" | diff "${work}/staged" - || die "with DESTDIR, other files are installed"
	share/packaging/smoke.sh "${prefix}/bin"
	manuals "${prefix}/share"
	! command -v bash >/dev/null || completions "${prefix}/share"
	run_make uninstall PREFIX="${prefix}"
	uninstalled "${prefix}"
done
run_make uninstall DESTDIR="${work}/root" PREFIX=/usr
uninstalled "${work}/root"
count=$(wc -l <"${work}/staged")
echo "check-install: $((count)) files installed, used and uninstalled, also with a blank in PREFIX"

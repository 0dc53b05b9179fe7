#!/bin/sh
# SPDX-License-Identifier: MIT
# Install mempipe from this folder below PREFIX, or remove what was installed.
# Usage: install.sh [-u] [PREFIX]
# shellcheck disable=SC2310 # a function in a condition returns the status of its last command
set -eu
# The scripts that memexec(1) interprets. As they are here, sh does, in any folder.
interpreted=memrun

usage() {
	echo "usage: install.sh [-u] [prefix]

Install mempipe below prefix, by default /usr/local.

  -u    remove it from there" >&"$1"
	exit "$2"
}

remove=
while getopts uh option; do
	case ${option} in
	u) remove=1 ;;
	h) usage 1 0 ;;
	*) usage 2 2 ;;
	esac
done
shift $((OPTIND - 1))
[ "$#" -le 1 ] || usage 2 2
prefix=${1:-/usr/local}
case ${prefix} in
/*) ;;
*) prefix=$(pwd)/${prefix} ;;
esac
target=${DESTDIR-}${prefix}
cd "$(dirname "$0")"
umask 022

# Print the file $1 as it is installed.
content() {
	case " ${interpreted} " in
	*" ${1#bin/} "*) { echo '#!/usr/local/bin/memexec -s' && tail -n +2 "$1"; } | ./first-line.sh "${prefix}/bin" ;;
	*) cat "$1" ;;
	esac
}

install() {
	mode=644
	[ ! -x "$1" ] || mode=755
	mkdir -p "${target}/${1%/*}" && content "$1" >"${target}/$1.new" && chmod "${mode}" "${target}/$1.new" &&
		mv -f "${target}/$1.new" "${target}/$1"
}

find bin share -type f | while IFS= read -r file; do
	if [ -n "${remove}" ]; then
		rm -f "${target}/${file}"
	else
		install "${file}" || { rm -f "${target}/${file}.new"; exit 1; }
	fi
done
if [ -n "${remove}" ]; then
	rmdir "${target}/share/mempipe/examples" "${target}/share/mempipe" 2>/dev/null || :
	echo "mempipe is removed from ${prefix}"
else
	echo "mempipe is installed below ${prefix}; the programs are in ${prefix}/bin"
fi

#!/bin/sh
# SPDX-License-Identifier: MIT
# Copy a script from standard input to standard output. Where its first line names memexec(1), write
# the path of memexec in FOLDER there. If a first line cannot hold that path, write /bin/sh instead.
set -eu
LC_ALL=C
export LC_ALL
IFS= read -r line
case ${line} in
*/memexec\ -s)
	line="#!$1/memexec -s"
	case $1 in
	*[[:space:]]*) line='#!/bin/sh' ;;
	*) [ "${#line}" -le 120 ] || line='#!/bin/sh' ;;
	esac ;;
*) ;;
esac
printf '%s\n' "${line}"
cat

# SPDX-License-Identifier: MIT
# Functions that the scripts of this folder share. A script sets -eu, reads this file and calls
# `begin "$@"`.
# shellcheck shell=sh disable=SC2034,SC2164,SC2312 # variables of the scripts, which set -e

# Enter the source folder; set build to the build folder, which is the first argument, and work to
# a folder in it for temporary files, which the script removes when it exits.
begin() {
	name=${0##*/} name=${name%.sh}
	cd "$(dirname "$0")/../.."
	top=$(pwd)
	mkdir -p "${1:-build}"
	build=$(cd "${1:-build}" && pwd)
	# The options of the make that started this script are not meant for those that it starts.
	unset MAKEFLAGS MFLAGS MAKELEVEL
	umask 022
	LC_ALL=C
	export LC_ALL
	work=$(mktemp -d "${build}/${name}.XXXXXX")
	trap 'chmod -R u+w "${work}" && rm -rf --one-file-system -- "${work}"' EXIT
	trap 'exit 129' HUP INT TERM
}

die() {
	echo "${name}: $*" >&2
	exit 1
}

# need PROGRAM PACKAGE: exit unless PROGRAM is installed.
need() {
	command -v "$1" >/dev/null || die "needs $1: install it (package $2)"
}

# version FOLDER: print the version of the sources in FOLDER.
version() {
	sed -n 's/^#define VERSION "\(.*\)"$/\1/p' "$1/lib/base/version.h"
}

# run_make ARGUMENT...: run make in the current folder.
run_make() {
	jobs=$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1)
	"${MAKE:-make}" -s -j"${jobs}" "$@"
}

# Set zig to Zig: $ZIG, or the one that pip installs in the build folder. The folder also keeps the
# objects that it has compiled.
find_zig() {
	zig=${ZIG-${build}/zig/zig}
	if [ -z "${ZIG-}" ] && ! cmp -s share/packaging/zig-requirements.txt "${build}/zig/requirements.txt"; then
		need python3 python3-venv
		rm -rf "${build}/zig"
		if ! python3 -m venv "${build}/zig" ||
		    ! "${build}/zig/bin/pip" install -q --require-hashes -r share/packaging/zig-requirements.txt; then
			die "pip cannot install Zig"
		fi
		"${build}/zig/bin/python" -c 'import os, ziglang
print(os.path.join(os.path.dirname(ziglang.__file__), "zig"))' >"${work}/path"
		ln -s "$(cat "${work}/path")" "${zig}"
		cp share/packaging/zig-requirements.txt "${build}/zig/requirements.txt"
	fi
	[ -x "${zig}" ] || die "${zig}: not found"
	zig=$(readlink -f "${zig}")
	ZIG_GLOBAL_CACHE_DIR=${build}/zig/cache ZIG_LOCAL_CACHE_DIR=${build}/zig/cache
	export ZIG_GLOBAL_CACHE_DIR ZIG_LOCAL_CACHE_DIR
}

# zig_tools TARGET FOLDER: make FOLDER; `cc` and `ar` in it are Zig's, for TARGET.
zig_tools() {
	mkdir "$2"
	printf '#!/bin/sh\nexec "%s" cc -target %s "$@"\n' "${zig}" "$1" >"$2/cc"
	printf '#!/bin/sh\nexec "%s" ar "$@"\n' "${zig}" >"$2/ar"
	chmod 755 "$2/cc" "$2/ar"
}

# files FOLDER: print the names of its files and links, in order.
files() {
	(cd "$1" && find . ! -type d | sed 's|^\./||' | sort)
}

# pack FOLDER TIME: print the tar archive of FOLDER, a name without slashes in the current folder.
# Owners, modes, order and times do not depend on this machine.
pack() {
	tar --version 2>/dev/null | grep -q 'GNU tar' || die "needs GNU tar"
	tar --format=ustar --sort=name --owner=0 --group=0 --numeric-owner --mode=u=rwX,go=rX \
	    --mtime="@$2" -cf - "$1"
}

# spdx FOLDER NAME VERSION TIME [LINKED]: print a bill of materials of the files in FOLDER. LINKED is
# a library in the programs: its name, version and licence.
spdx() {
	folder=$1 linked=${5-}
	created=$(date -u -d "@$4" +%Y-%m-%dT%H:%M:%SZ)
	files "${folder}" >"${work}/names"
	(cd "${folder}" && tr '\n' '\0' <"${work}/names" | xargs -0 sha1sum) >"${work}/sha1"
	(cd "${folder}" && tr '\n' '\0' <"${work}/names" | xargs -0 sha256sum) >"${work}/sha256"
	code=$(cut -c 1-40 "${work}/sha1" | sort | tr -d '\n' | sha1sum | cut -c 1-40)
	space=$(sha256sum <"${work}/sha256" | cut -c 1-40)
	awk -v package="$2" -v version="$3" -v created="${created}" -v code="${code}" -v space="${space}" \
	    -v folder="${folder}" -v linked="${linked}" -f share/packaging/spdx.awk \
	    "${work}/sha1" "${work}/sha256"
}

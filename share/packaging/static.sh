#!/bin/sh
# SPDX-License-Identifier: MIT
# Build static programs for Linux on x86-64 and arm64, and pack each with manuals, completions and an
# installer: BUILD/static/mempipe-VERSION-linux-ARCH.tar.gz.
# Usage: static.sh [BUILD]
#
# Zig is the C compiler: one download has clang, a linker, musl and the kernel's headers for both
# architectures, in a version that zig-requirements.txt fixes. So any machine makes the same bytes.
# shellcheck disable=SC2154,SC2310,SC2312 # the variables of common.sh; conditions
set -eu
# shellcheck source=/dev/null
. "$(dirname "$0")/common.sh"
begin "$@"

# Build and install for the architecture $1. Programs of that in $2, which runs here, print the help
# and the schemas that are installed.
build_for() (
	zig_tools "$1-linux-musl" "${work}/$1"
	cd "${source}"
	export CFLAGS='-O2 -fstack-protector-strong'
	export LDFLAGS='-static -pie -s'
	run_make install CC=./cc AR=./ar BUILD="${work}/$1" NATIVE="${work}/$2" PREFIX=/usr/local DESTDIR="${work}/root-$1"
)

# Arrange what was installed for the architecture $1 as the folder ${full}.
arrange() {
	mv "${work}/root-$1/usr/local" "${work}/${full}"
	for script in "${work}/${full}"/bin/*; do
		start=$(head -c 2 "${script}")
		[ "${start}" != '#!' ] || sed -i '1s|.*|#!/bin/sh|' "${script}"
	done
	(cd "${source}" && cp LICENSE README.md share/first-line.sh "${work}/${full}/" &&
		cp share/packaging/static-install.sh "${work}/${full}/install.sh")
	cp "${musl}/COPYRIGHT" "${work}/${full}/LICENSE.musl"
}

# Write the tarball for the architecture $1 and its bill of materials to the folder static.
write() {
	full=mempipe-${release}-linux-$1
	arrange "$1"
	spdx "${work}/${full}" "mempipe-linux-$1" "${release}" "${epoch}" "musl ${musl_version} MIT" \
	    >"${work}/static/${full}.spdx.json"
	(cd "${work}" && pack "${full}" "${epoch}" >"${full}.tar")
	gzip -9 -n <"${work}/${full}.tar" >"${work}/static/${full}.tar.gz"
	rm -rf "${work:?}/${full}"
}

here=$(uname -m)
case ${here} in
x86_64) other=aarch64 ;;
aarch64) other=x86_64 ;;
*) die "builds on x86_64 and aarch64 only" ;;
esac
find_zig
musl=${zig%/*}/lib/libc/musl
musl_version=$(sed -n 's/.*VERSION "\(.*\)".*/\1/p' "${musl}/src/internal/version.h")

share/packaging/dist.sh "${build}"
tarball=$(find "${build}/dist" -name '*.tar.gz')
tar -xzf "${tarball}" -C "${work}"
source=${work}/${tarball##*/} source=${source%.tar.gz}
epoch=$(stat -c %Y "${source}/Makefile")
release=$(version "${source}")

mkdir "${work}/static"
build_for "${here}" "${here}"
build_for "${other}" "${here}"
write "${here}"
write "${other}"
(cd "${work}/static" && sha256sum -- * >"${work}/sums" && mv "${work}/sums" SHA256SUMS)
rm -rf "${build}/static"
mv "${work}/static" "${build}/static"
(cd "${build}/static" && wc -c -- *.tar.gz | sed '/total$/d; s/^ */static: /')

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

# Set zig to Zig: $ZIG, or the one that pip installs in the build folder.
find_zig() {
	zig=${ZIG-${build}/zig/zig}
	if [ -z "${ZIG-}" ] && ! cmp -s share/packaging/zig-requirements.txt "${build}/zig/requirements.txt"; then
		need python3 python3-venv
		rm -rf "${build}/zig"
		python3 -m venv "${build}/zig"
		"${build}/zig/bin/pip" install -q --require-hashes -r share/packaging/zig-requirements.txt ||
			die "pip cannot install Zig"
		"${build}/zig/bin/python" -c 'import os, ziglang
print(os.path.join(os.path.dirname(ziglang.__file__), "zig"))' >"${work}/path"
		ln -s "$(cat "${work}/path")" "${zig}"
		cp share/packaging/zig-requirements.txt "${build}/zig/requirements.txt"
	fi
	[ -x "${zig}" ] || die "${zig}: not found"
}

# Make the folder $2 for make; `cc` and `ar` in it are Zig's, for the architecture $1.
prepare() {
	mkdir "$2"
	printf '#!/bin/sh\nexec "%s" cc -target %s-linux-musl "$@"\n' "${zig}" "$1" >"$2/cc"
	printf '#!/bin/sh\nexec "%s" ar "$@"\n' "${zig}" >"$2/ar"
	chmod 755 "$2/cc" "$2/ar"
}

# Build and install for the architecture $1. Programs of that in $2, which runs here, print the help
# and the schemas that are installed.
build_for() (
	prepare "$1" "${work}/$1"
	cd "${source}"
	# This clang has warnings that the compilers of the tests have not.
	export CFLAGS='-O2 -fstack-protector-strong -Wno-enum-enum-conversion -Wno-shorten-64-to-32'
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
zig=$(readlink -f "${zig}")
musl=${zig%/*}/lib/libc/musl
musl_version=$(sed -n 's/.*VERSION "\(.*\)".*/\1/p' "${musl}/src/internal/version.h")
ZIG_GLOBAL_CACHE_DIR=${build}/zig/cache ZIG_LOCAL_CACHE_DIR=${build}/zig/cache
export ZIG_GLOBAL_CACHE_DIR ZIG_LOCAL_CACHE_DIR

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

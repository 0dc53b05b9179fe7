#!/bin/sh
# SPDX-License-Identifier: MIT
# Check that the tarball of dist.sh is complete: unpack it, build it from a folder that cannot be
# written, install it, use it, uninstall it, and make the same tarball from it.
# Usage: distcheck.sh [BUILD]
# shellcheck disable=SC2154,SC2310,SC2312 # the variables of common.sh; conditions
set -eu
# shellcheck source=/dev/null
. "$(dirname "$0")/common.sh"
begin "$@"

# Run a command without the capability to ignore modes, which root has.
plain() {
	uid=$(id -u)
	if [ "${uid}" -eq 0 ] && command -v setpriv >/dev/null; then
		setpriv --bounding-set=-dac_override,-dac_read_search "$@"
	else
		"$@"
	fi
}

# Print the modes, names and checksums of the sources.
state() {
	(cd "${source}" && find . -exec stat -c '%A %n' {} + | sort && find . -type f -exec sha256sum {} + | sort)
}

inner() {
	(cd "${source}" && plain "${MAKE:-make}" -s "$@" BUILD="${work}/b" DESTDIR="${work}/root" PREFIX="${work}/prefix")
}

share/packaging/dist.sh "${build}"
tarball=$(find "${build}/dist" -name '*.tar.gz')
(cd "${build}/dist" && sha256sum --quiet -c SHA256SUMS)
tar -xzf "${tarball}" -C "${work}"
source=${work}/${tarball##*/} source=${source%.tar.gz}

chmod -R a-w "${source}"
state >"${work}/before"
inner all
inner install
files "${work}/root" >"${work}/installed"
ln -s "root${work}/prefix" "${work}/prefix"
"${source}/share/packaging/smoke.sh" "${work}/prefix/bin"
inner uninstall
left=$(files "${work}/root")
[ -z "${left}" ] || die "make uninstall leaves ${left}"
state | cmp - "${work}/before" || die "make changes the sources"

"${source}/share/packaging/dist.sh" "${work}/again" >/dev/null
cmp "${tarball}" "${work}/again/dist/${tarball##*/}" || die "the tarball made from the tarball differs"
diff -r "${build}/dist" "${work}/again/dist" || die "what is made from the tarball differs"
installed=$(wc -l <"${work}/installed")
echo "distcheck: built, installed ($((installed)) files), tried, uninstalled and packed again: ${tarball##*/} is complete"

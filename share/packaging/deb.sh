#!/bin/sh
# SPDX-License-Identifier: MIT
# Build the Debian package in BUILD/deb, from the tarball of dist.sh and share/packaging/debian.
# Usage: deb.sh [BUILD]
# shellcheck disable=SC2154,SC2310,SC2312 # the variables of common.sh; conditions
set -eu
# shellcheck source=/dev/null
. "$(dirname "$0")/common.sh"
begin "$@"
need dpkg-buildpackage dpkg-dev
need dh debhelper

share/packaging/dist.sh "${build}"
tarball=$(find "${build}/dist" -name '*.tar.gz')
folder=${tarball##*/} folder=${folder%.tar.gz}
mkdir "${work}/deb"
cp "${tarball}" "${work}/deb/mempipe_${folder#mempipe-}.orig.tar.gz"
tar -xzf "${tarball}" -C "${work}/deb"
cp -R "${work}/deb/${folder}/share/packaging/debian" "${work}/deb/${folder}/debian"
(cd "${work}/deb/${folder}" && dpkg-buildpackage -us -uc) >"${work}/log" 2>&1 || {
	tail -n 30 "${work}/log" >&2
	die "dpkg-buildpackage fails"
}
rm -rf "${work:?}/deb/${folder}"
mv "${work}/log" "${work}/deb/log"
rm -rf "${build}/deb"
mv "${work}/deb" "${build}/deb"
echo "deb: $(find "${build}/deb" -name 'mempipe_*.deb')"

#!/bin/sh
# SPDX-License-Identifier: MIT
# Check the Debian package: lintian on it, its files against those of make install, and in a minimal
# Debian of this release piuparts and its own test by autopkgtest.
# Usage: deb-check.sh [BUILD]
#
# Needs root. Takes the packages from the apt sources of this machine.
# shellcheck disable=SC2016,SC2154,SC2310,SC2312 # inner shells; the variables of common.sh; conditions
set -eu
# shellcheck source=/dev/null
. "$(dirname "$0")/common.sh"
begin "$@"
for tool in lintian mmdebstrap autopkgtest piuparts; do need "${tool}" "${tool}"; done
uid=$(id -u)
[ "${uid}" -eq 0 ] || die "needs root"

share/packaging/deb.sh "${build}"
changes=$(find "${build}/deb" -name '*.changes')
source=$(find "${build}/deb" -name '*.dsc')
package=$(find "${build}/deb" -name 'mempipe_*.deb')

lintian --allow-root --fail-on error,warning,info --display-info "${changes}"
echo "deb-check: lintian finds nothing"

# checked NAME COMMAND...: run COMMAND; keep what it prints in BUILD/deb/NAME.log, and print the end
# if it fails.
checked() {
	log=${build}/deb/$1.log
	tool=$1
	shift
	"$@" >"${log}" 2>&1 || {
		tail -n 30 "${log}" >&2
		die "${tool} fails"
	}
	echo "deb-check: ${tool} finds nothing"
}

# Those of the package are the installed files, its documents, and manuals that are compressed.
run_make install BUILD="${build}" DESTDIR="${work}/root" PREFIX=/usr
files "${work}/root" >"${work}/installed"
dpkg-deb --fsys-tarfile "${package}" | tar -tf - | sed -n 's|^\./\(.*[^/]\)$|\1|p' |
	sed -e '/^usr\/share\/doc\//d' -e '/^usr\/share\/lintian\//d' -e '/\/man\//s/\.gz$//' | sort | diff "${work}/installed" - ||
	die "the package has other files than make install"
echo "deb-check: the package has the files of make install"

# The minimal Debian has what the package and autopkgtest depend on, so nothing is fetched later.
suite=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources 2>/dev/null |
	mmdebstrap --quiet --variant=minbase --include=apt-utils,dpkg-dev \
	    --customize-hook='cd "$1/etc/apt" && rm -rf sources.list sources.list.d/*' "${suite}" "${work}/base.tar.gz" -
# apt-utils leaves the folder that is ignored.
checked piuparts piuparts --ignore-regex='/var/cache/debconf/tmp[.]ci.*' -b "${work}/base.tar.gz" -d "${suite}" --keep-sources-list --no-eatmydata \
	--no-upgrade-test "${package}"

mkdir "${work}/debian"
tar -xzf "${work}/base.tar.gz" -C "${work}/debian" --exclude='./dev/*'
checked autopkgtest unshare --mount sh -euc '
	mount -t proc proc "$1/proc"
	mount --rbind /dev "$1/dev"
	shift
	exec autopkgtest "$@"' sh "${work}/debian" "${source}" "${package}" -- chroot "${work}/debian"

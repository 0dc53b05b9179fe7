#!/bin/sh
# SPDX-License-Identifier: MIT
# Check the static builds: build them twice, in other folders, and compare the bytes; install, use
# and remove those for this machine where there is nothing but busybox; run the others under QEMU.
# Usage: static-check.sh [BUILD]
#
# Needs root.
# shellcheck disable=SC2154,SC2310,SC2312 # the variables of common.sh; conditions
set -eu
# shellcheck source=/dev/null
. "$(dirname "$0")/common.sh"
begin "$@"
need busybox busybox-static
need chroot coreutils
need unshare util-linux
here=$(uname -m)
case ${here} in
x86_64) emulator=qemu-aarch64 other=aarch64 ;;
*) emulator=qemu-x86_64 other=x86_64 ;;
esac
! command -v "${emulator}-static" >/dev/null || emulator=${emulator}-static
need "${emulator}" qemu-user-static
uid=$(id -u)
[ "${uid}" -eq 0 ] || die "needs root"

share/packaging/static.sh "${build}"
ZIG=${build}/zig/zig share/packaging/static.sh "${work}/a second folder" >/dev/null
diff -r "${build}/static" "${work}/a second folder/static" || die "the second build differs"
echo "static-check: a second build, in another folder, gives the same bytes"

# This runs in a folder without other programs; / has the unpacked tarball and smoke.sh.
cat >"${work}/inside" <<'EOF2'
set -eu
sh /smoke.sh /unpacked/bin
for prefix in /opt/mempipe '/a folder'; do
	sh /unpacked/install.sh "${prefix}"
	head -n 1 "${prefix}/bin/memrun"
	sh /smoke.sh "${prefix}/bin"
	sh /unpacked/install.sh -u "${prefix}"
	left=$(find "${prefix}" ! -type d)
	[ -z "${left}" ] || { echo "install.sh -u leaves ${left}" && exit 1; }
done
EOF2
root=${work}/root
mkdir -p "${root}/bin" "${root}/proc" "${root}/dev" "${root}/tmp"
cp "$(command -v busybox)" "${root}/bin/busybox"
cp "${work}/inside" share/packaging/smoke.sh "${root}/"
unpack() {
	mkdir "$2"
	tar -xzf "${build}"/static/mempipe-*-linux-"$1".tar.gz --strip-components=1 -C "$2"
}
unpack "${here}" "${root}/unpacked"
# shellcheck disable=SC2016 # the inner shell expands it
unshare --mount sh -euc '
	mount -t proc proc "$1/proc"
	mount --rbind /dev "$1/dev"
	chroot "$1" /bin/busybox --install -s /bin
	exec chroot "$1" /bin/env -i PATH=/bin HOME=/ sh /inside' sh "${root}" || die "does not work in a chroot with busybox"
echo "static-check: the programs for ${here} work in a chroot with busybox"

unpack "${other}" "${work}/other"
share/packaging/smoke.sh -e "${emulator}" "${work}/other/bin"
echo "static-check: the programs for ${other} that read no processes work under ${emulator}"

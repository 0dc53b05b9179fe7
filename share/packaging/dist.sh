#!/bin/sh
# SPDX-License-Identifier: MIT
# Write mempipe-VERSION.tar.gz, its bill of materials, recipes for it and their checksums to BUILD/dist.
# Usage: dist.sh [BUILD]
#
# In a checkout the tarball has the last commit, elsewhere the files of the tree. They have the time
# of the commit, or SOURCE_DATE_EPOCH, so the same sources give the same bytes.
# shellcheck disable=SC2154,SC2310,SC2312 # the variables of common.sh; conditions
set -eu
# shellcheck source=/dev/null
. "$(dirname "$0")/common.sh"
begin "$@"

# Copy the last commit to the folder $1.
copy_commit() {
	need git git
	changes=$(git status --porcelain) || die "git cannot read this checkout"
	[ -z "${changes}" ] || echo "dist: the changes that are not committed are left out" >&2
	git -c core.autocrlf=false archive HEAD >"${work}/commit.tar"
	tar -xf "${work}/commit.tar" -C "$1"
}

# Copy the files of the tree to the folder $1: all but those that programs made.
copy_tree() {
	inside=.${build#"${top}"}
	find . \( -path ./build -o -path "${inside}" -o -name .git -o -name __pycache__ \) -prune \
	    -o \( -type f -o -type l \) -print0 >"${work}/names0"
	tar --null -T "${work}/names0" -cf "${work}/tree.tar"
	tar -xf "${work}/tree.tar" -C "$1"
}

# The time of the commit, or that of the newest file.
time_of() {
	if [ -e .git ]; then
		git log -1 --format=%ct
	else
		find "$1" -type f -exec stat -c %Y {} + | sort -n | tail -n 1
	fi
}

# Copy the recipes to the folder $1, with the version and checksums of the tarball in it.
copy_recipes() {
	sha256=$(sha256sum <"$1/${full}.tar.gz")
	sha512=$(sha512sum <"$1/${full}.tar.gz")
	for recipe in APKBUILD PKGBUILD mempipe.nix mempipe.rb; do
		sed -e "s/@SHA256@/${sha256%% *}/" -e "s/@SHA512@/${sha512%% *}/" \
		    "${work}/tree/share/packaging/${recipe}" >"$1/${recipe}"
	done
}

mkdir "${work}/tree" "${work}/dist"
if [ -e .git ]; then
	copy_commit "${work}/tree"
else
	copy_tree "${work}/tree"
fi
epoch=${SOURCE_DATE_EPOCH:-$(time_of "${work}/tree")}
release=$(version "${work}/tree")
full=mempipe-${release}

spdx "${work}/tree" mempipe "${release}" "${epoch}" >"${work}/dist/${full}.spdx.json"
mv "${work}/tree" "${work}/${full}"
(cd "${work}" && pack "${full}" "${epoch}" >"${full}.tar")
gzip -9 -n <"${work}/${full}.tar" >"${work}/dist/${full}.tar.gz"
mv "${work}/${full}" "${work}/tree"
copy_recipes "${work}/dist"
(cd "${work}/dist" && sha256sum -- * >"${work}/sums" && mv "${work}/sums" SHA256SUMS)
rm -rf "${build}/dist"
mv "${work}/dist" "${build}/dist"
echo "dist: ${build}/dist/${full}.tar.gz"

# SPDX-License-Identifier: MIT
load helper
all_need plain # of the sources, which sanitizers do not change

packaging=$top/share/packaging

# installed FOLDER: print the files below it with their checksums.
installed() { (cd "$1" && find . -type f -exec sha256sum {} + | sort -k 2); }

# install_all PREFIX: run make install, as if this were not part of make test.
install_all() { env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make -s -C "$top" install BUILD="$build" CC="${CC:-cc}" PREFIX="$1"; }

# Copy the sources to the folder `copy`, which is no checkout.
copy_sources() {
	mkdir copy
	(cd "$top" && find . \( -path ./build -o -name .git -o -name __pycache__ \) -prune -o -type f -print0 |
		tar --null -T - -cf -) | tar -xf - -C copy
}

@test "every recipe has the version of the programs" {
	version=$(mempeak --version)
	version=${version##* }
	is "$(sed -nE '1s/^mempipe \((.*)-[^-]*\) .*/\1/p' "$packaging/debian/changelog")" "$version"
	is "$(sed -n 's/^pkgver=//p' "$packaging/APKBUILD" "$packaging/PKGBUILD" | sort -u)" "$version"
	is "$(sed -n 's/^  version = "\(.*\)";/\1/p' "$packaging/mempipe.nix")" "$version"
	is "$(grep -ohE 'mempipe-[0-9][0-9.]*[0-9]' "$packaging"/{APKBUILD,mempipe.nix,mempipe.rb} | sort -u)" "mempipe-$version"
}

@test "each shell can read the scripts and recipes" {
	for script in "$packaging"/*.sh "$packaging/APKBUILD"; do
		sh -n "$script"
	done
	bash -n "$packaging/PKGBUILD"
	make -n -f "$packaging/debian/rules" build >/dev/null
}

@test "the target of each script of share/packaging is in the Makefile" {
	sed -n 's/^\(.*\):\( all\)\{0,1\}$/\1/p' "$top/Makefile" | tr ' ' '\n' >targets
	for target in check-install dist distcheck deb deb-check static static-check cross; do
		[ -x "$packaging/$target.sh" ]
		grep -qx "$target" targets
	done
}

@test "the smoke test passes with installed programs, and fails if one is missing or is another program" {
	install_all "$PWD/prefix"
	run -0 "$packaging/smoke.sh" prefix/bin
	one_line "$output" "^smoke: $(ls prefix/bin | wc -l) programs of mempipe [0-9.]+ work\$"
	mv prefix/bin/memleak memleak
	run ! "$packaging/smoke.sh" prefix/bin
	printf '#!/bin/sh\necho memleak\n' >prefix/bin/memleak
	chmod 755 prefix/bin/memleak
	run -1 "$packaging/smoke.sh" prefix/bin
	one_line "$output" '^smoke: memleak --version: "memleak", expected '
}

@test "the installer of the static builds installs what make install installs, and removes it" {
	for name in prefix 'a prefix'; do
		install_all "$PWD/$name"
		installed "$name" >expected
		# The tarball has the scripts with a first line that works in any folder.
		rm -rf unpacked
		mkdir unpacked
		cp "$top/share/first-line.sh" unpacked/
		cp "$packaging/static-install.sh" unpacked/install.sh
		mv "$name/bin" "$name/share" unpacked/
		sed -i '1s|^#!.*/memexec -s$|#!/bin/sh|' unpacked/bin/memrun
		(umask 077; run -0 unpacked/install.sh "$name")
		diff expected <(installed "$name")
		is "$(find "$name" ! -perm -a=r)$(find "$name/bin" ! -perm -a=x)" ''
		compare "$(PATH=/usr/bin:/bin "$name/bin/memrun" -qo - true)" -gt 100000
		echo other >"$name/bin/other"
		run -0 unpacked/install.sh -u "$PWD/$name"
		is "$(find "$name" ! -type d; find "$name" -name mempipe)" "$name/bin/other"
	done
	run -2 unpacked/install.sh a b
	[[ $output == 'usage: install.sh '* ]]
	run -1 unpacked/install.sh /dev/null
	run ! grep -q 'is installed' <<<"$output"
}

@test "make dist gives the same bytes for the same sources, and the bill of materials lists every file" {
	tar --version | grep -q 'GNU tar' || skip 'needs GNU tar'
	needs python3
	copy_sources
	export SOURCE_DATE_EPOCH=1000000000
	cp -R copy 'a second copy'
	copy/share/packaging/dist.sh one
	find 'a second copy' -exec touch -h {} +
	(umask 077; 'a second copy/share/packaging/dist.sh' two)
	diff -rq copy/one/dist 'a second copy/two/dist'
	cd copy/one/dist
	sha256sum --quiet -c SHA256SUMS
	is "$(tar -tvzf mempipe-*.tar.gz | awk '{ print $2, $4 }' | sort -u)" '0/0 2001-09-09'
	python3 - mempipe-*.spdx.json >listed <<-'PYTHON'
		import json, sys
		bill = json.load(open(sys.argv[1]))
		assert bill["spdxVersion"] == "SPDX-2.3" and bill["creationInfo"]["created"] == "2001-09-09T01:46:40Z"
		for file in bill["files"]:
		    print(file["checksums"][1]["checksumValue"] + " *" + file["fileName"])
	PYTHON
	tar -xzf mempipe-*.tar.gz
	(cd mempipe-*/ && sha256sum --quiet -c ../listed)
	is "$(lines_of listed)" "$(find mempipe-*/ -type f | wc -l)"
	run ! grep -l '@SHA' APKBUILD PKGBUILD mempipe.rb
}

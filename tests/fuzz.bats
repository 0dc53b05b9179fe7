# SPDX-License-Identifier: MIT
load helper
all_need linux

@test "each fuzz target passes on its whole corpus" {
	cd "$top"
	for corpus in tests/corpus/*; do
		name=$(basename "$corpus")
		run -0 timeout 50 "$build/$name.fuzz" "$corpus"/*
		is "${lines[-1]}" "$(ls "$corpus" | wc -l) inputs"
	done
}

@test "each fuzz target has a corpus, and all together are small" {
	cd "$top"
	is "$(ls tests/corpus)" "$(cd "$build" && ls -- *.fuzz | sed 's/\.fuzz$//')"
	compare "$(find tests/corpus -type f | wc -l)" -le 400
	compare "$(find tests/corpus -type f -exec cat {} + | wc -c)" -le 300000
}

@test "make fuzz names the missing program where there is no libFuzzer" {
	mkdir bin
	printf '#!/bin/sh\nexit 1\n' >bin/clang
	chmod +x bin/clang
	PATH=$PWD/bin:$PATH run -2 "$top/tests/fuzz/run" make 1 bytes
	one_line "$output" '^fuzz: clang with libFuzzer is missing: install it '
}

# SPDX-License-Identifier: MIT
load helper

# three: print three ticks of two processes: 3000, 6000 and 2000 KiB.
three() {
	printf '#command\tmake all\n#started\t1000.000000\n#limit_total_kib\t8192\n'
	samples '1001.000000 10 1 2000 2000 0 make' '1001.000000 11 10 1000 1000 0 cc' \
		'1002.000000 10 1 5000 5000 0 make' '1002.000000 11 10 1000 1000 0 cc' \
		'1004.000000 10 1 1500 5000 0 make' '1004.000000 11 10 500 1000 0 cc'
	printf '#exit_code\t0\n#duration_seconds\t4.500000\n#end\t1004.500000\n'
}

# hostile_names: print samples of processes with names that break markup, scripts and terminals.
hostile_names() {
	printf '#command\t<script>bad()</script> "&quot;" \xe2\x80\xa8 </title>\n'
	printf 'time\tpid\tppid\trss_kib\thwm_kib\tcomm\tcmd\n'
	local i=10 name
	while IFS= read -r name; do
		printf '1.0\t%s\t1\t%s\t%s\t%s\t%s\n' "$i" "$((i * 100))" "$((i * 100))" "$name" "$name"
		i=$((i + 1))
	done <<-'END'
		</script><script>bad()</script>
		<img src=x onerror=bad()>
		"><svg onload=bad()>
		'-bad()-'
		]]>--><!--
		\x1B[31mred\x07
		${bad()}`
		__proto__
		&lt;b&gt;
		\\n\\u003c
		@DATA@
	END
	printf '1.0\t40\t10\t500\t500\t\xe2\x80\xa8\xe2\x80\xae\tx\n1.0\t41\t10\t500\t500\t\t\n3.0\t41\t10\t700\t700\t\t\n'
}

# data_of FILE PYTHON: run PYTHON with the data of a page in d, and the text of the page in page.
data_of() {
	python3 - "$@" <<-'EOF'
		import json, re, sys
		page = open(sys.argv[1], encoding="utf-8").read()
		blocks = re.findall(r'<script type="application/json" id="data">(.*?)</script>', page, re.S)
		assert len(blocks) == 1, len(blocks)
		d = json.loads(blocks[0])
		def decode(values):
		    out, last = [], 0
		    for v in values:
		        if isinstance(v, list):
		            out += [last] * v[0]
		        else:
		            last += v
		            out.append(last)
		    return out
		exec(sys.argv[2])
	EOF
}

@test "the page has the figures of mempeak and what each process held" {
	three >s
	memview s >p.html
	data_of p.html 'if 1:
		assert d["command"] == "make all" and d["exit_code"] == 0 and d["limit"] == 8192, d
		assert d["start"] == 1000000000 and d["length"] == 4500000 and d["count"] == 3
		assert d["peak"] == {"rss": 6000, "bound": 6000, "procs": 2, "time": 2000000}, d["peak"]
		assert decode(d["ticks"]["t"]) == [1000000, 2000000, 4000000]
		assert decode(d["ticks"]["rss"]) == [3000, 6000, 2000]
		assert decode(d["ticks"]["bound"])[1] == 6000
		assert [decode(s) for s in d["stacks"]] == [[2000, 5000, 1500], [1000, 1000, 500], [0, 0, 0]]
		assert [(p["n"], p["p"], p["q"], p["r"], p["a"], decode(p["v"])) for p in d["processes"]] == \
		    [("make", 10, 1, 5000, 5000, [2000, 5000, 1500]), ("cc", 11, 10, 1000, 1000, [1000, 1000, 500])]
		assert [(g["n"], g["r"], g["k"]) for g in d["groups"]] == [("make", 5000, 1), ("cc", 1000, 1)]'
}

@test "a million samples make a file of at most 2 MiB that has every peak" {
	python3 - >s <<-'EOF'
		import random
		r = random.Random(1)
		print("time\tpid\tppid\trss_kib\thwm_kib\tvsz_kib\tcomm")
		marks = [0] * 100
		for tick in range(10000):
		    rows = []
		    for p in range(100):
		        rss = r.randint(25000, 250000) * 4
		        if tick == 100 * p + 57:
		            rss = 2000000 + p * 4
		        marks[p] = max(marks[p], rss)
		        rows.append(f"{1000 + tick / 100:.6f}\t{p + 10}\t10\t{rss}\t{marks[p]}\t0\tname{p % 20}")
		    print("\n".join(rows))
	EOF
	memview -o p.html <s | mempeak >peaks
	compare "$(wc -c <p.html)" -le 2097152
	data_of p.html "if 1:
		assert d['peak']['rss'] == $(total rss_kib peaks)
		assert max(decode(d['ticks']['peak'])) == d['peak']['rss']
		assert [p['r'] for p in d['processes']] == [2000000 + p * 4 for p in range(99, -1, -1)]
		assert len(decode(d['ticks']['t'])) >= 300"
}

@test "names and commands are text: no markup, no control character, valid JSON" {
	hostile_names >s
	memview s >p.html
	data_of p.html 'if 1:
		assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]", page)
		assert page.count("<script") == 2 and page.count("</script>") == 2
		assert not re.search(r"[<>&]", blocks[0])
		names = [p["n"] for p in d["processes"]]
		for name in ("</script><script>bad()</script>", "<img src=x onerror=bad()>", "__proto__", "@DATA@", "",
		        "\\x1B[31mred\\x07", "\u2028\u202e"):
		    assert name in names, (name, names)
		assert all(p["c"] == p["n"] for p in d["processes"] if p["n"] and p["p"] != 40)'
	memview -f trace s >t
	python3 -c 'import json; t = json.load(open("t")); assert "<img src=x onerror=bad()>" in [e["name"] for e in t["traceEvents"]]'
	run ! grep -q '<' t
}

@test "the page allows only its own script and style, by their hashes" {
	three | memview >p.html
	data_of p.html 'if 1:
		import base64, hashlib
		policy = re.search(r"Content-Security-Policy\" content=\"([^\"]*)\"", page).group(1)
		def digest(text):
		    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
		script = re.search(r"<script>(.*?)</script>", page, re.S).group(1)
		style = re.search(r"<style>(.*?)</style>", page, re.S).group(1)
		assert policy.startswith("default-src \x27none\x27;"), policy
		assert "script-src \x27sha256-" + digest(script) + "\x27;" in policy, digest(script)
		assert "style-src \x27sha256-" + digest(style) + "\x27;" in policy, digest(style)
		assert not re.search(r"https?:|\bsrc=|\bhref=|\bstyle=|\bon[a-z]+=|import ", page.replace(blocks[0], ""))'
}

@test "in a browser: no error, zoom, figures at the pointer, search, sorting, keys, hostile names" {
	needs python3 chromium
	three >s
	memview s >p.html
	hostile_names | memview >hostile.html
	run -0 timeout 60 python3 "$top/tests/browser.py" "$PWD/p.html" "$PWD/hostile.html"
	is "$output" 'p.html: passed
hostile.html: passed'
}

@test "a report in JSON with a timeline is shown, by its totals" {
	three >s
	mempeak -s 100 s | memfmt -f json -t >r.json
	memview r.json >p.html
	data_of p.html 'if 1:
		assert d["command"] == "make all" and d["peak"]["rss"] == 6000, d["peak"]
		assert decode(d["ticks"]["t"]) == [1000000, 2000000, 4000000], d["ticks"]
		assert decode(d["ticks"]["rss"]) == [3000, 6000, 2000] and len(d["stacks"]) == 1, d
		assert sorted((p["n"], p["r"], "v" in p) for p in d["processes"]) == \
		    [("cc", 1000, False), ("make", 5000, False)], d["processes"]'
	memview -o q.html <r.json | cmp - r.json
	cmp p.html q.html
	memview -f trace r.json | python3 -c 'import json, sys; assert len(json.load(sys.stdin)["traceEvents"]) > 10'
	mempeak s | memfmt -j >without
	run -2 --separate-stderr memview without
	one_line "$stderr" '^memview: without: no timeline: memrun --timeline adds it$'
	run -2 --separate-stderr memview <<<'{"a":'
	one_line "$stderr" '^memview: standard input: invalid JSON$'
	run -2 memview r.json r.json
}

@test "a trace has a track, a time and a counter for each process, and the peak" {
	(three; samples '1009.000000 20 1 500 500 0 next' '1010.000000 10 1 700 700 0 late') >s
	memview -o run.trace.json s
	memview -f trace s | cmp run.trace.json
	python3 - <<-'EOF'
		import json
		events = json.load(open("run.trace.json"))["traceEvents"]
		assert all(type(e["pid"]) is int and type(e["ts"]) is int for e in events)
		names = {e["pid"]: e["args"]["name"] for e in events if e["name"] == "process_name"}
		assert names[10] == "make" and names[11] == "cc" and sorted(names.values()) == ["cc", "late", "make", "next", "total"]
		total = [pid for pid, name in names.items() if name == "total"][0]
		lives = [(names[e["pid"]], e["ts"], e["dur"], e["args"]["peak_rss_kib"]) for e in events if e["ph"] == "X"]
		assert sorted(lives)[:2] == [("cc", 0, 4000000, 1000), ("late", 10000000, 1, 700)], lives
		counts = [(e["ts"], e["args"]["KiB"]) for e in events if e["ph"] == "C" and e["pid"] == 10]
		assert counts[:3] == [(1000000, 2000), (2000000, 5000), (4000000, 1500)], counts
		sums = [(e["ts"], e["args"]["KiB"]) for e in events if e["ph"] == "C" and e["pid"] == total and e["name"] == "RSS"]
		assert sums == [(1000000, 3000), (2000000, 6000), (4000000, 2000), (9000000, 500), (10000000, 700)], sums
		peak = [e for e in events if e["ph"] == "i"]
		assert len(peak) == 1 and peak[0]["ts"] == 2000000 and peak[0]["args"]["held_kib"] == {"make": 5000, "cc": 1000}
	EOF
}

@test "with -o and no operand it copies its input to standard output, whatever the input is" {
	three >s
	memview -o p.html <s | cmp s
	memview s | cmp p.html
	memview - <s | cmp p.html
	memview -o - s | cmp p.html
	run -0 memview -o q.html s
	is "$output" ''
	cmp p.html q.html
	(three; printf 'garbage\n1005.0\t10') >s
	run -2 bash -c 'memview -o r.html <s >copy'
	cmp s copy
	cmp p.html r.html
	three >s
	run -2 bash -c 'memview -o r.html <s >/dev/full'
	is "$output" 'memview: standard output: No space left on device'
	cmp p.html r.html
	run -0 bash -c 'memview -o r.html <s | true'
	cmp p.html r.html
}

@test "samples without the columns hwm_kib and comm, a single tick, several runs and gaps are shown" {
	printf 'time\tpid\trss_kib\n1.0\t10\t100\n2.0\t10\t300\n' >s
	memview s >p.html
	data_of p.html 'assert d["bounded"] is False and d["peak"]["rss"] == 300 and d["processes"][0]["b"] is None'
	(samples '1.0 10 1 100 100 0 a'; samples '8.0 11 1 200 200 0 b') >s
	memview s >p.html
	data_of p.html 'assert d["starts"] == [0, 1] and [p["n"] for p in d["processes"]] == ["b", "a"], d'
	samples '1.0 10 1   0 x' >s
	memview s >p.html
	data_of p.html 'assert d["peak"]["rss"] is None and d["processes"][0]["r"] is None, d'
}

@test "a process between the ticks that are drawn has its peak and its time" {
	{
		samples '0.0 10 1 500 500 0 a'
		awk 'BEGIN { OFS = "\t"; for (i = 1; i <= 30000; i++) {
			print i ".0", 10, 1, i % 10 == 5 ? 400 : i % 10 == 6 ? 900 : 500, 900, 0, "a"
			if (i == 20001) print i ".0", 77, 10, 80, 96, 0, "b" } }'
	} >s
	memview s >p.html
	data_of p.html 'if 1:
		b = [p for p in d["processes"] if p["n"] == "b"][0]
		assert b["r"] == 96 and "v" not in b and b["f"] == b["l"] == 20001000000, b
		assert set(decode(d["ticks"]["rss"])) >= {400, 900}'
}

@test "no samples, garbage, a missing file, and a file that cannot be written are reported" {
	: >s
	run -1 memview -o p.html s
	is "$output" 'memview: no samples'
	run -2 memview -o p.html nothing
	is "$output" 'memview: nothing: No such file or directory'
	head -c 3000 "$build/mempeak" >s
	run -2 memview -o p.html s
	one_line "$output" 'missing header$'
	three >s
	mempeak s >p
	run -2 memview p
	one_line "$output" 'these are peaks, not samples$'
	mkdir d.html
	for option in '' --check; do
		run -2 memview $option -o no/p.html s
		is "$output" 'memview: no/p.html: No such file or directory'
		run -2 memview $option -o d.html s
		is "$output" 'memview: d.html: Is a directory'
	done
	run -2 bash -c 'memview s >/dev/full'
	is "$output" 'memview: standard output: No space left on device'
	run -2 bash -c 'memview s >&-'
	is "$(ls -A | tr '\n' ' ')" 'd.html p s '
}

@test "invalid options are reported, --check reads and writes nothing" {
	for option in -Z -f --output --nosuch; do
		run -2 memview $option
		[[ $output == *'usage: memview '* ]]
	done
	run -2 memview -f pdf s
	is "$output" 'memview: -f: pdf: format must be html or trace'
	run -0 memview --check -f trace -o p.html nothing
	is "$(ls -A)" ''
}

@test "an installed memview finds its page, and one without it reports that" {
	three >s
	make -s -C "$top" install BUILD="$build" DESTDIR="$PWD/root" PREFIX=/usr >/dev/null
	memview s >p.html
	mv root/usr 'my $x'
	"./my \$x/bin/memview" s | cmp p.html
	rm "my \$x/share/mempipe/memview.html"
	[ -e /usr/local/share/mempipe/memview.html ] || {
		run -2 "./my \$x/bin/memview" s
		one_line "$output" '^memview: memview.html: not found in .* \(run make install\)$'
		"./my \$x/bin/memview" -f trace s >t
	}
}

@test "the examples of the manual work" {
	memrun -q -o peak -s samples.tsv sh -c 'seq 20000 | sort -r >/dev/null' 2>/dev/null
	memview samples.tsv >build.html
	data_of build.html "assert d['peak']['rss'] * 1024 == $(cat peak) and 'sort' in [p['n'] for p in d['processes']]"
	memview -o build.trace.json samples.tsv
	[ -s build.trace.json ]
	seq 100 | memexec --to 'memsample -C | memview -o sort.html | mempeak | memfmt -f bytes >report' sort >/dev/null
	data_of sort.html "assert d['peak']['rss'] * 1024 == $(cat report)"
}

# SPDX-License-Identifier: MIT
# Prometheus and node_exporter, on ports of loopback: `make test-services` gets them.
load helper

examples=$top/share/examples

# free_ports N: print N free ports.
free_ports() {
	python3 -c 'import socket, sys
sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(int(sys.argv[1]))]
print(*(s.getsockname()[1] for s in sockets))' "$1"
}

# query EXPRESSION...: print the labels, as JSON, and the value of each series. Fail if an expression has none.
query() {
	python3 - "$prometheus" "$@" <<-'EOF'
		import json, sys, urllib.parse, urllib.request
		missing = []
		for expression in sys.argv[2:]:
		    url = "http://127.0.0.1:%s/api/v1/query?query=%s" % (sys.argv[1], urllib.parse.quote(expression))
		    try:
		        series = json.load(urllib.request.urlopen(url, timeout=5))["data"]["result"]
		    except OSError:
		        series = []
		    for s in series:
		        print(json.dumps(s["metric"], sort_keys=True), s["value"][1])
		    if not series:
		        missing.append(expression)
		sys.exit("\n".join("no data: " + e for e in missing) or None)
	EOF
}

value() { query "$1" | sed 's/.* //'; }

has_data() { query "$@" >/dev/null 2>&1; }

# Start node_exporter with the textfile collector of the folder `textfiles`, at port $exporter.
start_exporter() {
	mkdir -p textfiles
	start prometheus-node-exporter --web.listen-address="127.0.0.1:$exporter" --collector.disable-defaults \
		--collector.textfile --collector.textfile.directory=textfiles
}

# start_prometheus PORT...: start Prometheus at port $prometheus; it scrapes these ports.
start_prometheus() {
	local port
	printf 'global: {scrape_interval: 1s}\nscrape_configs:\n' >prometheus.yml
	for port; do
		printf -- '- {job_name: "job%s", static_configs: [{targets: ["127.0.0.1:%s"]}]}\n' "$port" "$port" >>prometheus.yml
	done
	promtool check config prometheus.yml
	start prometheus --config.file=prometheus.yml --storage.tsdb.path=tsdb --web.listen-address="127.0.0.1:$prometheus"
}

# Start a service named web that holds 24 MiB, as several processes, and one named db.
start_services() {
	cp "$build/spike" web && cp "$build/spike" db
	start ./web -t 9999999 24
	start ./web -t 9999999 8
	start ./db -t 9999999 16
	until_true eval '[ "$(memps -N web 2>/dev/null | grep -c web)" -eq 2 ]'
}

# line_of_cron NAME TEXT: print the command in the cron file with TEXT, for the service NAME.
line_of_cron() {
	sed -n "s|^\* \* \* \* \*\troot\t||p" "$examples/mempipe.cron" | grep -F "$2" |
		sed "s|nginx|$1|g; s|/var/lib/prometheus/node-exporter|textfiles|; s|/var/log/mempipe|logs|; s|-d 50|-d 0.3|"
}

# cron LINE: run a command as cron does: with sh, /dev/null, and without a terminal.
cron() { sh -c "$1" </dev/null; }

# unit_line KEY: print the value of a line of the unit, for a service that is found by its name.
unit_line() {
	sed -n "s|^$1=||p" "$examples/mempipe@.service" |
		sed "s|-c \"[^\"]*\"|-N web|; s|%i|web|g; s|-d 50|-d 0.3|"
}

@test "the job of cron writes a log, and nothing while the service does not run" {
	mkdir logs
	job=$(line_of_cron web memsample)
	is "$(cron "$job" 2>&1)" ''
	is "$(ls logs)" ''
	start_services
	for _ in 1 2 3; do is "$(cron "$job" 2>&1)" ''; done
	mempeak logs/web.tsv >peaks
	is "$(peak_of group web procs peaks)" 2
	is "$(total ticks peaks)" 3
}

@test "the job of cron replaces the file for the textfile collector, and removes it when the service ends" {
	needs pgrep
	mkdir textfiles
	job=$(line_of_cron web prometheus)
	is "$(cron "$job" 2>&1)" ''
	is "$(ls textfiles)" ''
	start_services
	is "$(cron "$job" 2>&1)" ''
	is "$(ls textfiles)" web.prom
	grep -qE '^mempipe_peak_processes\{service="web"\} 2$' textfiles/web.prom
	exec 9<textfiles/web.prom
	is "$(cron "$job" 2>&1)" ''
	is "$(grep -c '^mempipe_peak_processes' <&9)" 1 # an open file is not changed
	exec 9<&-
	kill $(pstree-pids -n web)
	until_true eval '[ -z "$(pstree-pids -I -n web)" ]'
	is "$(cron "$job" 2>&1)" ''
	is "$(ls textfiles)" ''
}

@test "systemd accepts the units, and their commands replace the file" {
	needs systemd-analyze
	cp "$examples/mempipe@.service" mempipe@web.service
	cp "$examples/mempipe@.timer" .
	is "$(systemd-analyze verify ./mempipe@web.service ./mempipe@.timer 2>&1)" ''
	start_services
	mkdir textfiles
	cd textfiles
	eval "$(unit_line ExecStart)"
	eval "$(unit_line ExecStartPost)"
	is "$(ls)" web.prom
	run ! sh -c "$(unit_line ExecCondition | sed "s/^sh -c '\(.*\)'\$/\1/; s/systemctl -q is-active [^ ]*/false/")"
	is "$(ls)" ''
}

@test "node_exporter and Prometheus read two services, and every query of the Grafana dashboard has data" {
	needs pgrep prometheus promtool prometheus-node-exporter
	read -r exporter prometheus <<<"$(free_ports 2)"
	start_services
	mkdir textfiles
	cron "$(line_of_cron web prometheus)"
	cron "$(line_of_cron db prometheus)"
	cat textfiles/*.prom | grep -v '^#' >both
	for file in textfiles/*.prom; do is "$(promtool check metrics <"$file" 2>&1)" ''; done
	start_exporter
	start_prometheus "$exporter"
	until_true has_data mempipe_process_peak_rss_bytes
	is "$(value node_textfile_scrape_error)" 0
	is "$(value 'count(mempipe_peak_rss_bytes)')" 2
	[[ $build == *sanitized* ]] || within "$(value 'sum(mempipe_peak_rss_bytes{service="web"})')" $((32 << 20)) 20
	is "$(value 'count({__name__=~"mempipe_.*"})')" "$(lines_of both)"
	dashboard_queries >queries
	[ "$(lines_of queries)" -ge 10 ]
	mapfile -t expressions <queries
	query "${expressions[@]}" >series
	[[ $(query "$(grep 'topk(10, mempipe_process' queries)" | head -n 1) == *'"process": "web"'* ]]
}

# Print the queries of the dashboard with the values of its variables, also those that fill these.
dashboard_queries() {
	python3 - "$examples/grafana.json" <<-'EOF'
		import json, re, sys
		board = json.load(open(sys.argv[1]))
		names = [v["name"] for v in board["templating"]["list"]]
		queries = [t["expr"] for p in board["panels"] for t in p["targets"]]
		queries += [re.fullmatch(r"label_values\((.*), \w+\)", v["query"])[1]
		            for v in board["templating"]["list"] if v["type"] == "query"]
		for query in queries:
		    query = query.replace("$__range", "5m")
		    for name in names:
		        query = query.replace("$" + name, ".+")
		    assert "$" not in query, query
		    print(query)
	EOF
}

@test "each panel of the Grafana dashboard has a title, a description, a place of its own and a source" {
	needs python3
	python3 - "$examples/grafana.json" <<-'EOF'
		import json, sys
		board = json.load(open(sys.argv[1]))
		assert board["title"] and board["uid"] and board["schemaVersion"] >= 36
		places = set()
		for p in board["panels"]:
		    assert p["title"] and p["description"] and p["datasource"]["uid"] == "${datasource}", p
		    g = p["gridPos"]
		    assert g["x"] + g["w"] <= 24, p["title"]
		    cells = {(x, y) for x in range(g["x"], g["x"] + g["w"]) for y in range(g["y"], g["y"] + g["h"])}
		    assert not cells & places, p["title"]
		    places |= cells
		    assert len({t["refId"] for t in p["targets"]}) == len(p["targets"]), p["title"]
		    for t in p["targets"]:
		        assert t["datasource"] == p["datasource"] and t["legendFormat"], p["title"]
		assert len({p["id"] for p in board["panels"]}) == len(board["panels"])
	EOF
}

@test "Prometheus scrapes OpenMetrics text from a server of files" {
	needs prometheus promtool
	read -r server prometheus <<<"$(free_ports 2)"
	memrun -o /dev/null -f openmetrics -o metrics spike 20
	start python3 -c 'import http.server, sys
class Handler(http.server.SimpleHTTPRequestHandler):
    def guess_type(self, path): return "application/openmetrics-text; version=1.0.0; charset=utf-8"
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()' "$server"
	start_prometheus "$server"
	until_true has_data 'up == 1'
	is "$(value mempipe_peak_rss_bytes)" "$(sed -n 's/^mempipe_peak_rss_bytes //p' metrics)"
	[[ $(query mempipe_run_info) == *'"command": "spike 20"'* ]]
}

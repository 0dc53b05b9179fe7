# SPDX-License-Identifier: MIT
# mempipe: build, try, test, install. GNU make and bmake both read this.
#
#   make            build into build/; V=1 prints the commands, -s nothing
#   make demo       measure a real build
#   make test       run the test suite; install the programs that it needs
#   make test-cluster
#                   test with Slurm, Open MPI and MPICH; install them
#   make test-vm    test in emulated machines: PLACES of tests/vm/places
#   make test-vm-quick
#                   test in one emulated machine
#   make test-services
#                   test with Prometheus and node_exporter, whose packages it unpacks in BUILD
#   make test-fresh run demo and test in a minimal Debian that lacks these programs
#   make lint       run the linters and analysers that are installed
#   make bench      measure the cost of measuring
#   make accuracy   compare reported with known peaks, RUNS times each
#   make truth      compare reported with traced peaks, of real programs RUNS times each and of
#                   TREES random trees; needs root, tracefs and python3
#   make inject     make every system call fail once
#   make abuse      stop and kill stages at random moments, TIMES times
#   make fight      measure hostile process trees
#   make soak       measure a tree of short processes for SOAK_SECONDS
#   make fuzz       feed random input to each parser for FUZZ_SECONDS
#   make install    install below DESTDIR/PREFIX
#   make check-install  install, use what is installed, uninstall
#   make dist       write the tarball and its bill of materials to BUILD/dist
#   make distcheck  build, install and pack again from that tarball
#   make deb        build the Debian package in BUILD/deb; make deb-check runs lintian and others
#   make cross      compile and link for macOS and FreeBSD: BUILD/cross/TARGET; TARGETS chooses some
#   make static     build static programs for x86-64 and arm64 in BUILD/static; make static-check tries them
#
# cmd/ has one file per command, lib/ what they share, in folders that follow the data: PIDs, samples,
# peaks, report. lib/README.md is the map: it names the file of each behaviour.

PREFIX = /usr/local
BINDIR = $(PREFIX)/bin
MANDIR = $(PREFIX)/share/man
DATADIR = $(PREFIX)/share/mempipe
BASH_COMPLETIONS = $(PREFIX)/share/bash-completion/completions
ZSH_COMPLETIONS = $(PREFIX)/share/zsh/site-functions
FISH_COMPLETIONS = $(PREFIX)/share/fish/vendor_completions.d
BUILD = build
RUNS = 20
SOAK_SECONDS = 3600
TIMES = 1000
TREES = 100
FUZZ_SECONDS = 60
FUZZ_TARGETS = $(FUZZERS)

CC ?= cc
INSTALL = install
# The system below the seam: a folder of lib/os. The default is that of this machine, or none.
OS =
FIND_OS = case "$(OS)" in '') os=$$(uname -s | tr A-Z a-z); [ -d "lib/os/$$os" ] || os=none ;; *) os="$(OS)" ;; esac; \
	case $$os in darwin) link= ;; *) link='-pie -Wl,-z,relro -Wl,-z,now' ;; esac;
# The flags of distributions. CFLAGS and LDFLAGS of the user, also from the environment, replace
# them.
FLAGS = CFLAGS="$${CFLAGS--O2 -g -fstack-protector-strong -fstack-clash-protection \
	-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2}" LDFLAGS="$${LDFLAGS-$$link}"
SANITIZE = -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all

# A new command is one more word here; code that it shares goes to lib/.
PROGRAMS = memdiff memexec memfmt memjoin memleak memlimit memlive mempeak memplot memsample memthin \
	memtree memview pstree-pids
SCRIPTS = membench memdoctor memps memrun
WORKLOADS = brawl churn many random_tree refuse self shapes spike
WORLDS = worlds.linux worlds.darwin worlds.freebsd
BENCHES = cost tick-cost versus
FUZZERS = baselines.fuzz bytes.fuzz cgroupfs.fuzz growth.fuzz merging.fuzz numbers.fuzz passing.fuzz \
	patterns.fuzz peaks.fuzz pids.fuzz proc_files.fuzz sample_streams.fuzz template.fuzz \
	thinning.fuzz
BASE = alloc.o buf.o clock.o distribution.o elide.o fd.o format.o intern.o job.o options.o output_file.o parse.o \
	pidmap.o program.o signame.o square_root.o term.o utf8.o warn.o windows.o
STREAM = copy.o csv.o escape.o json_reader.o json_string.o lines.o log_file.o metrics.o output.o pid_stream.o samples.o \
	stage.o tick_notes.o tsv.o
SYSTEM = cgroup.o fault_events.o free_memory.o huge_pages.o launch.o os_poll.o paths.o pipeline.o process.o \
	process_clock.o process_detail.o process_share.o process_smaps.o process_events.o process_signal.o processes.o \
	scheduling.o scope.o
SYSTEM_linux = cgroup_make.o kernel.o launch_signals.o launch_system.o launch_wait.o pipeline_system.o \
	process_detail_system.o process_status.o procfs.o
SYSTEM_freebsd = kernel.o kernel_events.o kernel_launch.o launch_signals.o launch_system.o launch_wait.o \
	paths_system.o pipeline_system.o process_detail_system.o process_signal_system.o
SYSTEM_darwin = kernel.o launch_signals.o launch_system.o launch_wait.o paths_system.o pipeline_system.o \
	process_arguments.o process_detail_system.o process_signal_system.o
SYSTEM_none =
POSIX = descriptors.o environment.o execute.o launch_job.o oom_kills.o process_list.o share_file.o shell.o signal_discard.o
LAUNCH = measure.o
SAMPLE = bound.o bound_ancestors.o bound_exits.o budget.o fault_curve.o group_memory.o joining.o \
	overlap.o pss_schedule.o pss_sharing.o sample_columns.o sample_metrics.o sample_row.o \
	sampler.o sampler_input.o sampler_pss.o sampler_rest.o sampler_write.o schedule.o \
	select.o tree.o tree_exits.o tree_find.o tree_orphans.o
PEAK = name_filter.o over_time.o peak.o peak_bound.o peak_close.o peak_evict.o peak_metrics.o \
	peak_metrics_lines.o peak_moment.o peak_query.o peak_samples.o peak_times.o peak_write.o spans.o
REPORT = report.o report_chart.o report_csv.o report_fields.o report_folded.o report_formats.o \
	report_json.o report_markdown.o report_metrics.o report_prometheus.o report_outputs.o report_page.o \
	report_parse.o report_schema.o report_table.o report_template.o report_text.o \
	report_text_figures.o report_text_joined.o report_text_limits.o report_text_metrics.o timeline.o \
	report_command.o report_json_read.o report_results.o report_uneven.o
COMPARE = commands.o commands_json.o commands_schema.o commands_tables.o commands_text.o compare.o \
	compare_text.o machine.o runs.o runs_check.o runs_read.o
LEAK = leak.o minima.o trend.o
LIMIT = limiter.o limit_group.o limiter_report.o sharing.o targets.o
MERGE = join.o join_check.o join_facts.o join_ghosts.o join_heap.o join_hosts.o join_merge.o join_peaks.o join_processes.o join_run.o \
	join_source.o join_stream.o join_write.o thin.o thin_lines.o thin_nodes.o thin_plan.o thin_processes.o thin_write.o
LIVE = live_state.o process_tree.o statusline.o
VIEW = view.o view_html.o view_json.o view_report.o view_trace.o
PLOT = gnuplot.o holdings.o picture.o plot.o plot_data.o plot_gaps.o
OBJECTS = $(BASE) $(STREAM) $(SYSTEM) $(SYSTEM_$(OS)) $(POSIX) $(LAUNCH) $(SAMPLE) $(PEAK) \
	$(REPORT) $(COMPARE) $(LEAK) $(LIMIT) $(LIVE) $(MERGE) $(PLOT) $(VIEW)
# The objects of the fuzzers, and their main function: replay.o, or libFuzzer's.
FUZZ_OBJECTS = forms.o harness.o json.o memdiff_main.o memfmt_main.o memjoin_main.o memleak_main.o \
	memlimit_main.o memlive_main.o mempeak_main.o memthin_main.o memtree_main.o memview_main.o
FUZZ_MAIN = replay.o
MAN1 = $(PROGRAMS) $(SCRIPTS)
MAN7 = mempipe mempipe-coming-from
DATA = memplot.gnuplot memview.html
EXAMPLES = grafana.json mempipe.cron mempipe.logrotate mempipe@.service mempipe@.timer
BUILT_DATA = report.schema.json runs.schema.json

# The flags of the project, in addition to the user's. Without the build folder's name in them, the
# same sources give the same bytes.
# FreeBSD declares everything if it is asked for nothing.
FEATURES_linux = -D_POSIX_C_SOURCE=200809L
FEATURES_darwin = -D_DARWIN_C_SOURCE
FEATURES_none = -D_POSIX_C_SOURCE=200809L
MP_CFLAGS = -std=c11 -fPIE -I$(TOP)/lib $(FEATURES_$(OS)) -D_FILE_OFFSET_BITS=64 -D_TIME_BITS=64 \
	-Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes \
	-DDATADIR='"$(DATADIR)"' -fdebug-prefix-map="$$PWD=."

# How much to print: sets $show to echo, or to : with -s, and $quiet to the flag for the make
# inside, which prints a line for each file by $(SHOW). V=1 prints the commands instead.
Q_ = @
Q_0 = @
Q_1 =
Q = $(Q_$(V))
PRINT = show=echo; for word in $${MAKEFLAGS%%-- *}; do \
	case $$word in -s) show=: ;; -* | *=*) ;; *s*) show=: ;; esac; done; \
	case "$(V)" in '' | 0) quiet=-s ;; *) quiet= show=: ;; esac;
SHOW = echo

all: folder
	@$(PRINT) $(FIND_OS) cd "$(BUILD)" && $(FLAGS) $(MAKE) $$quiet -f top/Makefile TOP=top OS=$$os SHOW=$$show programs

# A link to the sources, because make splits names at blanks.
folder:
	@mkdir -p "$(BUILD)"
	@[ "$(BUILD)/top" -ef . ] || ln -sfn "$$(pwd)" "$(BUILD)/top"

# ---- rules for the make inside $(BUILD); TOP is the source folder

TOP = .
# Where programs are that can run here: another build folder, if those of this one are for another machine.
NATIVE = .
VPATH = $(TOP)/cmd:$(TOP)/lib/base:$(TOP)/lib/stream:$(TOP)/lib/os/$(OS):$(TOP)/lib/os/posix:$(TOP)/lib/os/none:$(TOP)/lib/launch:$(TOP)/lib/sample:\
$(TOP)/lib/peak:$(TOP)/lib/report:$(TOP)/lib/compare:$(TOP)/lib/leak:$(TOP)/lib/limit:$(TOP)/lib/live:\
$(TOP)/lib/merge:$(TOP)/lib/plot:$(TOP)/lib/view:$(TOP)/tests/workloads:$(TOP)/tests/bench:$(TOP)/tests/fuzz
.PATH: $(TOP)/cmd $(TOP)/lib/base $(TOP)/lib/stream $(TOP)/lib/os/$(OS) $(TOP)/lib/os/posix $(TOP)/lib/os/none $(TOP)/lib/launch $(TOP)/lib/sample \
	$(TOP)/lib/peak $(TOP)/lib/report $(TOP)/lib/compare $(TOP)/lib/leak $(TOP)/lib/limit $(TOP)/lib/live \
	$(TOP)/lib/merge $(TOP)/lib/plot $(TOP)/lib/view $(TOP)/tests/workloads $(TOP)/tests/bench $(TOP)/tests/fuzz

.SUFFIXES:
.SUFFIXES: .c .o .sh .fuzz

programs: $(PROGRAMS) $(SCRIPTS) $(BUILT_DATA) completions/done
# They use what Linux has. Tests that need them are skipped elsewhere.
HELPERS_linux = $(WORKLOADS) $(BENCHES) $(FUZZERS) $(WORLDS)
helpers: $(HELPERS_$(OS))
binaries: $(PROGRAMS) $(WORKLOADS)
fuzzers: $(FUZZERS)

$(PROGRAMS) $(BENCHES): libmempipe.a
$(OBJECTS) $(PROGRAMS): $(TOP)/lib/*/*.h $(TOP)/lib/os/*/*.h $(TOP)/Makefile

libmempipe.a: $(OBJECTS)
	@$(SHOW) "AR $(BUILD)/$@"
	@rm -f $@
	$(AR) rc $@ $(OBJECTS)

.c.o:
	@file="$<"; $(SHOW) "CC $${file#top/}"
	$(CC) $(CPPFLAGS) $(MP_CFLAGS) $(CFLAGS) -c -o $@ $<

.c:
	@$(SHOW) "LD $(BUILD)/$@"
	$(CC) $(CPPFLAGS) $(MP_CFLAGS) $(CFLAGS) $(LDFLAGS) -o $@ $< libmempipe.a $(LDLIBS)

.sh:
	@$(SHOW) "GEN $(BUILD)/$@"
	$(TOP)/share/first-line.sh "$$(pwd)" <$< >$@ && chmod 755 $@

report.schema.json: memfmt
	@$(SHOW) "GEN $(BUILD)/$@"
	"$(NATIVE)/memfmt" -f schema >$@.new && mv -f $@.new $@

runs.schema.json: memdiff
	@$(SHOW) "GEN $(BUILD)/$@"
	"$(NATIVE)/memdiff" -f schema >$@.new && mv -f $@.new $@

.c.fuzz:
	@$(SHOW) "LD $(BUILD)/$@"
	$(CC) $(CPPFLAGS) $(MP_CFLAGS) $(CFLAGS) $(LDFLAGS) -o $@ $< $(FUZZ_OBJECTS) $(FUZZ_MAIN) \
	    libmempipe.a $(LDLIBS)

# The code of one system, linked with a simulated kernel. That of another system than this one is
# compiled here, and takes the place of what the library has.
WORLD = $(CC) $(CPPFLAGS) $(MP_CFLAGS) $(CFLAGS) $(LDFLAGS) -o $@ $(TOP)/tests/worlds/scenarios.c \
	$(TOP)/tests/worlds/world.c
WORLD_SYSTEM = free_memory pipeline_system process process_clock process_detail_system process_events \
	process_signal_system processes
WORLD_NONE = cgroup fault_events huge_pages process_share process_smaps scheduling scope
WORLD_OF = files=; for f in $(WORLD_SYSTEM) $$more; do files="$$files $(TOP)/lib/os/$$system/$$f.c"; done; \
	for f in $(WORLD_NONE); do files="$$files $(TOP)/lib/os/none/$$f.c"; done; \
	$(WORLD) $(TOP)/tests/worlds/$${system}_kernel.c $$files $(TOP)/lib/os/posix/process_signal.c libmempipe.a $(LDLIBS)

$(WORLDS): $(TOP)/tests/worlds/*.c $(TOP)/tests/worlds/*.h $(TOP)/lib/os/*/*.c libmempipe.a
worlds.linux:
	@$(SHOW) "LD $(BUILD)/$@"
	$(WORLD) $(TOP)/tests/worlds/linux_kernel.c libmempipe.a $(LDLIBS)

worlds.darwin:
	@$(SHOW) "LD $(BUILD)/$@"
	system=darwin more=process_arguments; $(WORLD_OF)

worlds.freebsd:
	@$(SHOW) "LD $(BUILD)/$@"
	system=freebsd more=; $(WORLD_OF)

# For bash, zsh and fish, from each program's --help. A program that cannot run here has no help.
completions/done: $(PROGRAMS) $(SCRIPTS) $(TOP)/share/completions.awk $(TOP)/share/completions-body.bash \
    $(TOP)/lib/stream/metrics.h
	@$(SHOW) "GEN $(BUILD)/completions"
	mkdir -p completions/bash completions/zsh completions/fish
	for f in $(PROGRAMS) $(SCRIPTS); do { "$(NATIVE)/$$f" --help >completions/help 2>/dev/null || :; } && \
	    awk -v name=$$f -v dir=completions -v body=$(TOP)/share/completions-body.bash \
	    -f $(TOP)/share/completions.awk $(TOP)/lib/stream/metrics.h completions/help || exit; done
	rm completions/help
	touch $@

$(SCRIPTS): $(TOP)/share/first-line.sh $(TOP)/Makefile
libmempipe.a $(WORKLOADS) $(BENCHES): $(TOP)/Makefile
$(WORKLOADS): libmempipe.a
$(FUZZERS): libmempipe.a $(FUZZ_OBJECTS) $(FUZZ_MAIN)
$(FUZZ_OBJECTS) replay.o: $(TOP)/cmd/*.c $(TOP)/lib/*/*.h $(TOP)/tests/fuzz/fuzz.h $(TOP)/Makefile

# ---- rules for the source folder

demo: all
	@rm -rf "$(BUILD)/demo"
	@echo '$$ memrun make -s -j2 BUILD=$(BUILD)/demo'
	@unset MAKEFLAGS MFLAGS MAKELEVEL; "$(BUILD)/memrun" make -s -j2 BUILD="$(BUILD)/demo"
	@rm -rf "$(BUILD)/demo"

helpers-built: all
	@$(PRINT) $(FIND_OS) cd "$(BUILD)" && $(FLAGS) $(MAKE) $$quiet -f top/Makefile TOP=top OS=$$os SHOW=$$show helpers

test: helpers-built
	@tests/run "$(BUILD)"

test-sanitized:
	@$(MAKE) helpers-built BUILD=build/sanitized CFLAGS="$(SANITIZE)"
	@tests/run build/sanitized

test-services: helpers-built
	@tests/services "$(BUILD)"

# These programs take 220 MB, so `make test` does not install them.
test-cluster: helpers-built
	@tests/install cluster
	@tests/run "$(BUILD)" tests/cluster.bats

test-fresh:
	@tests/fresh

test-vm: all
	@tests/vm/run "$(BUILD)" "$(MAKE)" "$(PROGRAMS)" "$(SCRIPTS)" $(PLACES)

test-vm-quick: all
	@tests/vm/run "$(BUILD)" "$(MAKE)" "$(PROGRAMS)" "$(SCRIPTS)" quick

lint: all
	@tests/lint "$(BUILD)"

fuzz:
	@tests/fuzz/run "$(MAKE)" $(FUZZ_SECONDS) $(FUZZ_TARGETS)

bench: helpers-built
	@tests/bench/run.sh "$(BUILD)"

# Every system call fails once; this takes a quarter of an hour. `make test` tries some.
inject: helpers-built
	@tests/inject/run.py "$(BUILD)"

accuracy: helpers-built
	@tests/bench/accuracy.sh "$(BUILD)" $(RUNS)

truth: helpers-built
	@if command -v python3 >/dev/null; then python3 tests/truth/truth.py -n $(RUNS) -s $(TREES) "$(BUILD)"; \
	    else echo "truth: python3 is missing"; fi

abuse: helpers-built
	@PATH="$$(cd "$(BUILD)" && pwd):$$PATH" python3 tests/abuse.py $(TIMES)

fight: helpers-built
	@tests/fight.sh "$(BUILD)"

soak: helpers-built
	@tests/soak.sh "$(BUILD)" $(SOAK_SECONDS)

install: all
	@$(PRINT) $$show "INSTALL $(DESTDIR)$(PREFIX)"
	$(Q)$(INSTALL) -d -m 755 "$(DESTDIR)$(BINDIR)" "$(DESTDIR)$(MANDIR)/man1" "$(DESTDIR)$(MANDIR)/man5" \
	    "$(DESTDIR)$(MANDIR)/man7" "$(DESTDIR)$(DATADIR)/examples" \
	    "$(DESTDIR)$(BASH_COMPLETIONS)" "$(DESTDIR)$(ZSH_COMPLETIONS)" "$(DESTDIR)$(FISH_COMPLETIONS)"
	$(Q)for f in $(PROGRAMS); do $(INSTALL) -m 755 "$(BUILD)/$$f" "$(DESTDIR)$(BINDIR)/$$f" || exit; done
	$(Q)for f in $(SCRIPTS); do $(INSTALL) -m 755 /dev/null "$(DESTDIR)$(BINDIR)/$$f" && \
	    share/first-line.sh "$(BINDIR)" <cmd/$$f.sh >"$(DESTDIR)$(BINDIR)/$$f" || exit; done
	$(Q)from="$(BUILD)/completions"; for f in $(PROGRAMS) $(SCRIPTS); do \
	    $(INSTALL) -m 644 "$$from/bash/$$f" "$(DESTDIR)$(BASH_COMPLETIONS)/" && \
	    $(INSTALL) -m 644 "$$from/zsh/_$$f" "$(DESTDIR)$(ZSH_COMPLETIONS)/" && \
	    $(INSTALL) -m 644 "$$from/fish/$$f.fish" "$(DESTDIR)$(FISH_COMPLETIONS)/" || exit; done
	$(Q)for f in $(MAN1); do $(INSTALL) -m 644 man/$$f.1 "$(DESTDIR)$(MANDIR)/man1/" || exit; done
	$(Q)$(INSTALL) -m 644 man/mempipe.5 "$(DESTDIR)$(MANDIR)/man5/"
	$(Q)for f in $(MAN7); do $(INSTALL) -m 644 man/$$f.7 "$(DESTDIR)$(MANDIR)/man7/" || exit; done
	$(Q)for f in $(DATA); do $(INSTALL) -m 644 share/$$f "$(DESTDIR)$(DATADIR)/" || exit; done
	$(Q)for f in $(EXAMPLES); do \
	    $(INSTALL) -m 644 share/examples/$$f "$(DESTDIR)$(DATADIR)/examples/" || exit; done
	$(Q)for f in $(BUILT_DATA); do \
	    $(INSTALL) -m 644 "$(BUILD)/$$f" "$(DESTDIR)$(DATADIR)/" || exit; done

uninstall:
	@$(PRINT) $$show "UNINSTALL $(DESTDIR)$(PREFIX)"
	$(Q)for f in $(PROGRAMS) $(SCRIPTS); do \
	    rm -f "$(DESTDIR)$(BINDIR)/$$f" "$(DESTDIR)$(BASH_COMPLETIONS)/$$f" \
	    "$(DESTDIR)$(ZSH_COMPLETIONS)/_$$f" "$(DESTDIR)$(FISH_COMPLETIONS)/$$f.fish" || exit; done
	$(Q)for f in $(MAN1); do rm -f "$(DESTDIR)$(MANDIR)/man1/$$f.1" || exit; done
	$(Q)rm -f "$(DESTDIR)$(MANDIR)/man5/mempipe.5"
	$(Q)for f in $(MAN7); do rm -f "$(DESTDIR)$(MANDIR)/man7/$$f.7" || exit; done
	$(Q)for f in $(DATA) $(BUILT_DATA); do rm -f "$(DESTDIR)$(DATADIR)/$$f" || exit; done
	$(Q)for f in $(EXAMPLES); do rm -f "$(DESTDIR)$(DATADIR)/examples/$$f" || exit; done
	$(Q)rmdir "$(DESTDIR)$(DATADIR)/examples" "$(DESTDIR)$(DATADIR)" 2>/dev/null || :

cross: all
	@MAKE="$(MAKE)" share/packaging/cross.sh "$(BUILD)" $(TARGETS)

# Each of these is a script in share/packaging.
check-install dist distcheck deb deb-check static static-check:
	@MAKE="$(MAKE)" share/packaging/$@.sh "$(BUILD)"

# Keep $(BUILD)/vm and $(BUILD)/zig, which have the downloads of test-vm, cross and static.
clean:
	$(Q)[ ! -d "$(BUILD)" ] || find "$(BUILD)" -mindepth 1 -maxdepth 1 ! -name vm ! -name zig -exec rm -rf {} +
	$(Q)[ ! -d "$(BUILD)" ] || rmdir "$(BUILD)" 2>/dev/null || :

.PHONY: all folder programs helpers binaries helpers-built demo test test-sanitized test-cluster test-services \
	test-vm test-vm-quick test-fresh lint fuzzers fuzz bench accuracy truth abuse fight inject soak install uninstall \
	check-install dist distcheck deb deb-check static static-check cross clean

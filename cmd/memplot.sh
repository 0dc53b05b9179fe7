#!/bin/sh
# Draws samples with gnuplot: the total, its bound, and who held how much of it.
#
# mempeak says what there is to draw: the course of the whole, and the largest
# groups or processes. Of each span of that course awk takes the tick at which
# most was held. What comes from the samples reaches gnuplot as lines of a data
# block, never as part of its program.
set -eu

usage() {
	cat >&2 <<'EOF'
usage: memplot [-gpt] [-n number] [-s size] [-T title] [samples [picture]]
EOF
	exit 2
}

die() {
	printf 'memplot: %s\n' "$1" >&2
	exit 2
}

# mempeak stands beside this script, or beside what a link to it points to.
bin=${0%/*}
if [ ! -x "${bin}/mempeak" ]; then
	bin=$(command -v -- "$0") || die "$0: where is it?"
	bin=$(readlink -f -- "${bin}") || die "$0: where is it?"
	bin=${bin%/*}
fi
[ -x "${bin}/mempeak" ] || die "${bin}/mempeak: not found"

scope=group number='' size='' title=''

need() {
	[ -n "${2-}" ] || { printf 'memplot: %s: its argument is missing\n' "$1" >&2; usage; }
}

# check_number NUMBER MIN MAX WHAT
check_number() {
	case $1 in
	'' | *[!0-9]* | ??????*) die "$4" ;;
	*) if [ "$1" -lt "$2" ] || [ "$1" -gt "$3" ]; then die "$4"; fi ;;
	esac
}

while [ "$#" -gt 0 ]; do
	case $1 in
	--number=* | --size=* | --title=*)
		word=$1; shift
		set -- "${word%%=*}" "${word#*=}" "$@" ;;
	-[gpt][!-]*)
		word=$1; shift
		set -- "${word%"${word#??}"}" "-${word#??}" "$@" ;;
	-[nsT]?*)
		word=$1; shift
		set -- "${word%"${word#??}"}" "${word#??}" "$@" ;;
	*) ;;
	esac
	case $1 in
	-g | --groups) scope=group ;;
	-p | --processes) scope=process ;;
	-t | --total) scope=total ;;
	-n | --number)
		need "$@"; number=$2; shift
		check_number "${number}" 1 100 "${number}: not a number from 1 to 100" ;;
	-s | --size)
		need "$@"; size=$2; shift ;;
	-T | --title) need "$@"; title=$2; shift ;;
	--) shift; break ;;
	-?*) printf 'memplot: %s: no such option\n' "$1" >&2; usage ;;
	*) break ;;
	esac
	shift
done
[ "$#" -le 2 ] || usage
samples=${1:--} picture=${2-}
[ "$#" -lt 2 ] || [ -n "${picture}" ] || die "the picture's name is empty"

case ${picture} in
'')
	kind=dumb
	exec 3>&1
	[ -n "${size}" ] || size=$(stty size <&3 2>/dev/null | awk '$1 > 10 && $2 > 19 { print $2 "x" $1 - 1 }') ;;
*.[pP][nN][gG]) kind=png ;;
*.[sS][vV][gG]) kind=svg ;;
*.[pP][dD][fF]) kind=pdf ;;
*) die "${picture}: not a type of picture that is known (png, svg, pdf)" ;;
esac
if [ "${kind}" = dumb ]; then
	size=${size:-${COLUMNS:-80}x${LINES:-24}} number=${number:-6} least=20 most=1000
else
	size=${size:-1200x600} number=${number:-8} least=200 most=20000
fi
width=${size%%x*} height=${size#*x}
check_number "${width}" "${least}" "${most}" "${size}: not a size from ${least}x$((least / 2)) to ${most}x${most}"
check_number "${height}" "$((least / 2))" "${most}" "${size}: not a size from ${least}x$((least / 2)) to ${most}x${most}"
command -v gnuplot >/dev/null || die "gnuplot is not installed (apt install gnuplot-nox)"

case ${kind} in
png) terminal='if (strstrt(GPVAL_TERMINALS, " pngcairo ")) {
		set terminal pngcairo noenhanced background "#ffffff" font "sans,11" size '"${width},${height}
	} else { set terminal png noenhanced size ${width},${height} }" ;;
svg) terminal="set terminal svg noenhanced dynamic background '#ffffff' font 'sans-serif,14' size ${width},${height}" ;;
pdf) terminal="set terminal pdfcairo noenhanced background '#ffffff' font 'sans,11' \
		size ${width}/100.0,${height}/100.0" ;;
*)
	colour=mono
	[ ! -t 1 ] || [ -n "${NO_COLOR-}" ] || [ "${TERM-dumb}" = dumb ] || colour=ansi256
	terminal="set terminal dumb noenhanced feed ${colour} size ${width},${height}" ;;
esac

# What is made on the way, and taken away however this ends.
new='' place=$(mktemp -d) || die "no place for temporary files"
trap 'rm -rf -- "${place}" ${new:+"${new}"}' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# The picture grows beside its place; a pipe or a device is written as it is.
shown=${picture:-standard output}
case ${picture} in '' | /*) ;; *) picture=./${picture} ;; esac
[ ! -d "${picture}" ] || die "${shown}: Is a directory"
if [ -z "${picture}" ]; then
	: # standard output, as it is
elif [ -p "${picture}" ] || [ -c "${picture}" ]; then
	exec 3>"${picture}"
else
	beside=${picture}.$$
	(set -C; : >"${beside}") 2>/dev/null || die "${shown}: can't be written"
	new=${beside}
	exec 3>"${new}"
fi

# The samples are read twice.
status=0
if [ "${samples}" != - ] && { [ -f "${samples}" ] || [ ! -e "${samples}" ]; }; then
	"${bin}/mempeak" -s 1200 -- "${samples}" >"${place}/peaks" 3>&- || status=$?
	case ${samples} in /*) ;; *) samples=./${samples} ;; esac
else
	[ ! -d "${samples}" ] || die "${samples}: Is a directory"
	if [ "${samples}" = - ]; then
		cat >"${place}/samples"
	else
		cat -- "${samples}" >"${place}/samples"
	fi || die "the samples can't be kept: ${place}"
	samples=${place}/samples
	"${bin}/mempeak" -s 1200 <"${samples}" >"${place}/peaks" 3>&- || status=$?
fi
[ "${status}" -ne 1 ] || exit 1 # no samples: mempeak has said so
grep -q '^span' "${place}/peaks" || { [ "${status}" -ne 0 ] || die "no samples"; exit 2; }

# From the peaks and samples to gnuplot's data blocks. Each line of words begins
# with "=", so none can end its block.
# shellcheck disable=SC2016 # awk's
reduce='
function clean(s, max,    out, n, len) {
	for (out = ""; s != "" && n < max; n++) {
		len = substr(s, 1, 4) == "\\x23" ? 4 : substr(s, 1, 2) == "\\\\" ? 2 : 0
		if (len)
			out = out (len == 4 ? "#" : "\\")
		else if (match(s, "^(" character ")"))
			out = out substr(s, 1, len = RLENGTH)
		else {
			out = out "?"
			len = 1
		}
		s = substr(s, len + 1)
	}
	return out (s != "" ? "..." : "")
}
function bytes(kib,    u) {
	for (u = 1; kib >= 1023.95 && u < 4; u++)
		kib /= 1024
	return sprintf(u == 1 ? "%.0f %s" : u == 2 ? "%.1f %s" : "%.2f %s", kib, unit[u])
}
function duration(s) {
	if (s < 100)
		return sprintf("%.2f s", s)
	if (s < 3600)
		return sprintf("%d min %02d s", s / 60, s % 60)
	return sprintf("%d h %02d min", s / 3600, s / 60 % 60)
}
function columns(at,    i) {
	for (i in at)
		delete at[i]
	for (i = 1; i <= NF; i++)
		if (!($i in at))
			at[$i] = i
}
# As table.c has it: rows of columns in another order begin with a name.
function is_header(    i, found) {
	for (i = 1; i <= NF; i++)
		found += $i == "time" || $i == "pid" || $i == "rss_kib"
	return found >= 3
}
# Which of the areas drawn a row is part of; 0 if it is one of the others.
function area_of(time,    i, key) {
	key = "=" (scope == "process" ? $at["pid"] : ("comm" in at) ? $at["comm"] : "")
	i = (key in area) ? area[key] : 0
	while (scope == "process" && i && (time < first[i] || time > last[i]))
		i = next_of[i]
	return i + 0
}
# The present tick is over: kept if its span held no more at any other.
function end_tick(    i) {
	if (!rows)
		return
	while (k > 1 && tick < from[k])
		k--
	while (k < spans && tick > to[k])
		k++
	if (!(k in best) || sum > best[k]) {
		best[k] = sum
		for (i = 0; i <= areas; i++)
			held[k, i] = now[i]
	}
	for (i = 0; i <= areas; i++)
		now[i] = 0
	rows = sum = 0
}
function take_peak() {
	if ($1 == "span") {
		spans++
		total[spans] = $peak["rss_kib"]
		bound[spans] = $peak["bound_kib"]
		when[spans] = $peak["time"] + 0
		from[spans] = $peak["first"] + 0
		to[spans] = $peak["last"] + 0
	} else if ($1 == "total") {
		top_kib = $peak["rss_kib"]
		top_time = $peak["time"]
		whole = clean($peak["name"], 60) " (PID " ($peak["pid"] + 0) ")"
	} else if ($1 == scope) {
		if ($peak["rss_kib"] + 0 == 0)
			return
		if (areas == number) {
			others++
			return
		}
		areas++
		name[areas] = $peak["name"] == "" ? "(no name)" : clean($peak["name"], 24)
		if (scope == "process")
			name[areas] = name[areas] " " $peak["pid"]
		name[areas] = name[areas] "  " bytes($peak["rss_kib"])
		first[areas] = $peak["first"] + 0
		last[areas] = $peak["last"] + 0
		key = "=" (scope == "group" ? $peak["name"] : $peak["pid"])
		next_of[areas] = (key in area) ? area[key] : 0
		area[key] = areas
	}
}
# One for each area, as safe for the colour-blind as can be (after Paul Tol); for
# the others a grey, with some blue as the terminal dumb gets pure ones wrong.
function colour(i,    round) {
	round = int((i - 1) / 8)
	return i > areas ? "d4d4dc" : substr(substr(colours, (round % 3) * 56 + 1, 56), (i - 1) % 8 * 7 + 1, 6)
}
BEGIN {
	FS = "\t"
	width = -1
	split("KiB MiB GiB TiB", unit, " ")
	colours = "77aadd ee8866 44bb99 eedd88 ffaabb 99ddff bbcc33 aaaa00 " \
		"4477aa cc6677 228833 ddcc77 ee99aa 66ccee 999933 888855 " \
		"aabbdd ddaa99 99ccbb eeddbb ddbbcc bbddee ccdd99 bbbb77 "
	more = "[\200-\277]"
	character = "[ -~]|\302[\240-\277]|[\303-\337]" more "|\340[\240-\277]" more \
		"|[\341-\354\356]" more more "|\355[\200-\237]" more "|\357[\200-\276]" more \
		"|\360[\220-\277]" more more "|[\361-\363]" more more more "|\364[\200-\217]" more more
	scope = ENVIRON["scope"]
	number = ENVIRON["number"] + 0
	cells = ENVIRON["cells"] + 0
	file = ENVIRON["peaks"]
	while ((getline <file) > 0) {
		if (/^#/) {
			if ($1 == "#command" && command == "")
				command = substr($0, 10)
			else if ($1 == "#started" && start == "")
				start = $2 + 0
			else if ($1 == "#limit_total_kib")
				limit = $2 + 0
		} else if (!("scope" in peak))
			columns(peak)
		else
			take_peak()
	}
	close(file)
	k = 1
}
/^#/ || /^$/ { next }
!/^[0-9]/ && is_header() {
	end_tick()
	columns(at)
	if ("hwm_kib" in at)
		marks = 1
	width = NF
	next
}
NF != width || $at["rss_kib"] !~ /^[0-9]+$/ { next }
$at["time"] != time || !rows {
	end_tick()
	time = $at["time"]
	tick = time + 0
}
{
	rows++
	sum += $at["rss_kib"]
	now[scope == "total" ? 0 : area_of(tick)] += $at["rss_kib"]
}
END {
	end_tick()
	draw()
}
function axis(    i) {
	if (start == "" || start > from[1])
		start = from[1]
	length_s = to[spans] - start
	if (length_s <= 0)
		length_s = 1
	per = length_s <= 300 ? 1 : length_s <= 3 * 3600 ? 60 : length_s <= 4 * 86400 ? 3600 : 86400
	xlabel = per == 1 ? "seconds" : per == 60 ? "minutes" : per == 3600 ? "hours" : "days"
	highest = top_kib
	for (i = 1; marks && i <= spans; i++)
		if (bound[i] > highest)
			highest = bound[i]
	# Far above all else, the limit is only told, so as not to press that flat.
	if (limit > highest && limit < 4 * highest)
		highest = limit
	for (scale = u = 1; highest >= 1024 * scale && u < 4; u++)
		scale *= 1024
}
function point(i, t,    low, j, line) {
	line = sprintf("%.6f\t%.6g\t%.6g\t0", (t - start) / per, total[i] / scale, bound[i] / scale)
	for (j = 1; j <= areas; j++)
		line = line sprintf("\t%.6g", (low += held[i, j]) / scale)
	if (others)
		line = line sprintf("\t%.6g", (low + held[i, 0]) / scale)
	if (scope == "total")
		line = line sprintf("\t%.6g", total[i] / scale)
	print line
}
function words(    i, title) {
	title = ENVIRON["title"] != "" ? ENVIRON["title"] : command != "" ? command : whole
	print "=" clean(title, 90)
	print "=" xlabel
	print "=" unit[u]
	print "=peak " bytes(top_kib) (top_time == "" ? "" : " after " duration(top_time - start))
	print "=limit " bytes(limit)
	for (i = 1; i <= areas; i++)
		print "=" name[i]
	if (others)
		print "=" others (others == 1 ? " other" : " others")
	if (scope == "total")
		print "=total"
}
function draw(    i, n, x, t, step) {
	axis()
	step = length_s / (cells > 0 ? cells : 1e9)
	print "$course << END"
	for (i = 1; i <= spans; i++) {
		if (top_time != "" && top_time + 0 >= from[i] && top_time + 0 <= to[i] || top_time == "" && total[i] == top_kib && x == "")
			x = when[i]
		point(i, when[i])
		for (t = when[i] + step; cells && i < spans && t < when[i + 1]; t += step)
			point(i, t)
	}
	if (spans == 1)
		point(1, when[1] + length_s / 20)
	print "END\n$words << END"
	words()
	print "END\n$colours << END"
	n = areas + (others > 0) + (scope == "total")
	for (i = 1; i <= n; i++)
		print "#" (scope == "total" ? "99bbdd" : colour(i))
	print "END"
	x = x == "" ? 0 : x - start
	printf "areas = %d\nbounded = %d\nlimit = %.6g\nhighest = %.6g\nwidth = %.9g\n", n, marks, limit / scale,
		(highest > 0 ? highest / scale : 1), length_s / per
	printf "peak = %.6g\npeak_x = %.9g\n", top_kib / scale, x / per
}'

# shellcheck disable=SC2016 # gnuplot's
program='
set encoding utf8
said(i) = $words[i][2:*]
set title said(1)
set xlabel said(2)
set ylabel said(3)
set xrange [0:width]
set yrange [0:highest * 1.12]
set tics nomirror out
'
# The label of the peak is kept inside.
label='
up = GPVAL_TERM eq "dumb" ? 1 : 0.9
if (peak_x < width * 0.15) { set label 1 said(4) at peak_x,peak left offset 0,up front boxed }
if (peak_x > width * 0.85) { set label 1 said(4) at peak_x,peak right offset 0,up front boxed }
if (abs(1.0 * peak_x / width - 0.5) <= 0.35) { set label 1 said(4) at peak_x,peak center offset 0,up front boxed }
'
if [ "${kind}" = dumb ]; then
	# Letters fill the areas, from the whole stack down to the lowest one.
	# shellcheck disable=SC2016 # gnuplot's
	plot='
set border 3
set key below Left reverse samplen 1
plot for [i = areas:1:-1] $course using 1:(column(i + 4)) with impulses lt i lc rgb $colours[i] title said(i + 5), \
	for [i = 1:bounded] $course using 1:3 with points pt "." title "at most", \
	for [i = 1:limit > 0] limit with points pt "-" title said(5), \
	"+" using (peak_x):(peak) every ::::0 with points pt "o" notitle
'
else
	# shellcheck disable=SC2016 # gnuplot's
	plot='
set border 3 lc rgb "#666666"
set tics textcolor rgb "#222222"
set grid lt 1 lw 0.5 lc rgb "#dddddd"
set key outside right top reverse Left samplen 1.5 width 1
set style fill solid 1 noborder
set style textbox opaque noborder fillcolor rgb "#ffffff"
plot for [i = areas:1:-1] $course using 1:(column(i + 3)):(column(i + 4)) with filledcurves \
		lc rgb $colours[i] title said(i + 5), \
	for [i = 1:bounded] $course using 1:3 with lines lw 1.5 dt "-" lc rgb "#777777" title "at most", \
	$course using 1:2 with lines lw 1.5 lc rgb "#222222" title "total", \
	for [i = 1:limit > 0] limit with lines lw 1.5 lc rgb "#cc3311" title said(5), \
	"+" using (peak_x):(peak) every ::::0 with points pt 7 ps 0.9 lc rgb "#222222" notitle
'
fi
[ "${kind}" = dumb ] && cells=${width} || cells=0
export scope number title cells
peaks=${place}/peaks LC_ALL=C awk "${reduce}" <"${samples}" >"${place}/course" || die "awk failed"

# Without what the terminal dumb puts around a text, as if for a printer.
trim() {
	if [ "${kind}" = dumb ]; then
		tr -d '\f' | sed -e 's/ *$//' -e '/./,$!d'
	else
		cat
	fi >&3 || die "${shown}: can't be written"
}

{
	{ printf '%s\n' "${terminal}" && cat "${place}/course" && printf '%s\n' "${program}${label}${plot}"; } |
		GNUTERM=dumb gnuplot -d 2>"${place}/errors" 3>&- || : >"${place}/failed"
} | trim
if [ -e "${place}/failed" ]; then
	why=$(sed -n -e 's/^.*line [0-9]*: //p' "${place}/errors" | head -n 1)
	[ -n "${why}" ] || why=$(grep . "${place}/errors" | head -n 1) || :
	die "gnuplot: ${why:-it failed}"
fi
[ -z "${new}" ] || mv -f -- "${new}" "${picture}" || die "${shown}: can't be written"
new=''
exit "${status}"

# SPDX-License-Identifier: MIT
# Draw a picture, or a chart of characters, from the data that memplot(1) writes.
#
# memplot defines the data blocks $course, $words and $colours, the numbers areas, bounded, swapped,
# limit, highest, length, peak and peak_time, and the form of the picture: type, width, height,
# colour. An empty line in $course is a gap.
# Text from samples is in $words only; each word follows a `=`.

set encoding utf8

if (type eq "png") {
	if (strstrt(GPVAL_TERMINALS, " pngcairo ")) {
		set terminal pngcairo noenhanced background "#ffffff" font "sans,11" size width,height
	} else {
		set terminal png noenhanced size width,height
	}
}
if (type eq "svg") {
	set terminal svg noenhanced dynamic background "#ffffff" font "sans-serif,14" size width,height
}
if (type eq "pdf") {
	set terminal pdfcairo noenhanced background "#ffffff" font "sans,11" size width/100.0,height/100.0
}
if (type eq "text" && colour) {
	set terminal dumb noenhanced feed ansi256 size width,height
}
if (type eq "text" && !colour) {
	set terminal dumb noenhanced feed mono size width,height
}

entry(i) = $words[i][2:*]
set title entry(1)
set xlabel entry(2)
set ylabel entry(3)
set xrange [0:length]
# Above the peak, there is room for its label: in a chart of characters, a line.
above = 0.12
if (type eq "text") {
	keys = areas + bounded + swapped + (limit > 0)
	lines = height - 6 - (width < 70 ? keys : (keys + 1) / 2)
	above = lines < 3 ? 0.6 : lines < 15 ? 1.8 / lines : above
}
set yrange [0:highest * (1 + above)]
set tics nomirror out

# The label of the peak stays inside the picture.
at = 1.0 * peak_time / length
if (type eq "text") {
	half = strlen(entry(4)) / 2.0 / (width - 12)
	at = half > 0.5 ? 0.5 : at < half ? half : at > 1 - half ? 1 - half : at
	set label 1 entry(4) at at * length,peak center offset 0,1 front boxed
} else {
	if (at < 0.15) {
		set label 1 entry(4) at peak_time,peak left offset 0,0.9 front boxed
	}
	if (at >= 0.15 && at <= 0.85) {
		set label 1 entry(4) at peak_time,peak center offset 0,0.9 front boxed
	}
	if (at > 0.85) {
		set label 1 entry(4) at peak_time,peak right offset 0,0.9 front boxed
	}
}

# On a narrow chart, the times would overlap.
if (type eq "text" && width < 60) {
	part = length / 4.0
	unit = 10 ** floor(log10(part))
	set xtics part / unit > 5 ? 10 * unit : part / unit > 2 ? 5 * unit : 2 * unit
}

if (type eq "text") {
	# Each area is filled from the top of the stack down to the axis; the lowest is drawn last.
	set border 3
	set key below Left reverse samplen 1
	plot for [i = areas:1:-1] $course using 1:(column(i + 4)) with impulses lt i lc rgb $colours[i > 0 ? i : 1] title entry(i + 5), \
		for [i = 1:bounded] $course using 1:3 with points pt "." title "at most", \
		for [i = 1:swapped] $course using 1:(column(areas + 5)) with points pt "s" title entry(areas + 6), \
		for [i = 1:limit > 0] limit with points pt "-" title entry(5), \
		"+" using (peak_time):(peak) every ::::0 with points pt "o" notitle
} else {
	set border 3 lc rgb "#666666"
	set tics textcolor rgb "#222222"
	set grid lt 1 lw 0.5 lc rgb "#dddddd"
	set key outside right top reverse Left samplen 1.5 width 1
	set style fill solid 1 noborder
	set style textbox opaque noborder fillcolor rgb "#ffffff"
	plot for [i = areas:1:-1] $course using 1:(column(i + 3)):(column(i + 4)) with filledcurves \
			lc rgb $colours[i > 0 ? i : 1] title entry(i + 5), \
		for [i = 1:bounded] $course using 1:3 with lines lw 1.5 dt "-" lc rgb "#777777" title "at most", \
		for [i = 1:swapped] $course using 1:(column(areas + 5)) with lines lw 1.5 lc rgb "#aa3377" title entry(areas + 6), \
		$course using 1:2 with lines lw 1.5 lc rgb "#222222" title "total", \
		for [i = 1:limit > 0] limit with lines lw 1.5 lc rgb "#cc3311" title entry(5), \
		"+" using (peak_time):(peak) every ::::0 with points pt 7 ps 0.9 lc rgb "#222222" notitle
}

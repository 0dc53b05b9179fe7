/* Values as people read them. */
#include "base/format.h"

#include <stdio.h>
#include <time.h>

#include "base/slice.h"
#include "base/utf8.h"

const char *format_size(char text[FORMAT_SIZE], uint64_t kib)
{
	static const char *const units[] = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
	double v = (double)kib;
	int unit = 0;
	for (; v >= 1023.95 && unit < 5; unit++)
		v /= 1024;
	snprintf(text, FORMAT_SIZE,
	    unit == 0	? "%.0f %s"
	    : unit == 1 ? "%.1f %s"
			: "%.2f %s",
	    v, units[unit]);
	return text;
}

void format_duration(struct buf *out, int64_t us)
{
	int64_t s = us / 1000000;
	if (us < 0)
		buf_str(out, "?");
	else if (s < 100)
		buf_printf(out, "%.2f s", (double)us / 1e6);
	else if (s < 3600)
		buf_printf(out, "%lld min %02lld s", (long long)(s / 60), (long long)(s % 60));
	else
		buf_printf(
		    out, "%lld h %02lld min", (long long)(s / 3600), (long long)(s / 60 % 60));
}

int format_date(struct buf *out, int64_t us)
{
	char text[64];
	time_t s = (time_t)(us / 1000000);
	struct tm tm;
	if (gmtime_r(&s, &tm) == NULL || strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &tm) == 0)
		return -1;
	buf_printf(out, "%s.%06lldZ", text, (long long)(us % 1000000));
	return 0;
}

/* No character of less than three bytes is wide. */
static size_t width_of(size_t utf8_len)
{
	return utf8_len >= 3 ? 2 : 1;
}

size_t format_name(struct buf *out, struct slice name, size_t width, int utf8)
{
	const char *dots = utf8 ? "\xe2\x80\xa6" : "...";
	size_t dots_width = utf8 ? 1 : 3;
	size_t columns = 0, cut = 0, cut_columns = 0, i = 0;
	struct buf text = {0};
	utf8_visible(&text, name.p, name.n);
	while (i < text.n && columns <= width) {
		size_t len = utf8_length(text.p + i, text.n - i);
		if (columns + dots_width <= width) {
			cut = i;
			cut_columns = columns;
		}
		i += len > 0 ? len : 1;
		columns += width_of(len);
	}
	buf_put(out, text.p, columns > width ? cut : text.n);
	if (columns > width && dots_width <= width) {
		buf_str(out, dots);
		columns = cut_columns + dots_width;
	} else if (columns > width) {
		columns = 0;
	}
	buf_free(&text);
	return columns;
}

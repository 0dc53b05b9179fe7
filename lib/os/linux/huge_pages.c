/* SPDX-License-Identifier: MIT */
/* The huge pages that processes are given: since Linux 6.8 a file in sysfs has their number, before
 * that a line of /proc/vmstat. */
#include "os/huge_pages.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fd.h"
#include "os/linux/procfs.h"

#define FOLDER "/sys/kernel/mm/transparent_hugepage/"

/* /proc/vmstat has up to 200 lines. */
#define VMSTAT_SIZE 16384

/* Return the number in the file PATH, or 0. */
static uint64_t number_in(const char *path)
{
	char text[32] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	(void)procfs_read(fd, text, sizeof text);
	close(fd);
	return strtoull(text, NULL, 10);
}

void huge_pages_open(struct huge_pages *h)
{
	char path[128];
	*h = (struct huge_pages){.page_kib = number_in(FOLDER "hpage_pmd_size") / 1024};
	(void)snprintf(path, sizeof path,
	    FOLDER "hugepages-%" PRIu64 "kB/stats/anon_fault_alloc", h->page_kib);
	h->fd = open(path, O_RDONLY | O_CLOEXEC);
	h->vmstat = h->fd < 0;
	if (h->vmstat && h->page_kib > 0)
		h->fd = open("/proc/vmstat", O_RDONLY | O_CLOEXEC);
	if (h->fd >= 0)
		h->fd = fd_above(h->fd, STDERR_FILENO); /* one of the standard streams may be closed */
	if (h->fd < 0)
		h->page_kib = 0;
}

uint64_t huge_pages_given(const struct huge_pages *h)
{
	char text[VMSTAT_SIZE];
	if (h->fd < 0 || procfs_read(h->fd, text, sizeof text) <= 0)
		return 0;
	return h->vmstat ? procfs_number(text, "thp_fault_alloc ") : strtoull(text, NULL, 10);
}

void huge_pages_close(struct huge_pages *h)
{
	if (h->fd >= 0)
		close(h->fd);
	h->fd = -1;
}

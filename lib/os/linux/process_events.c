/* SPDX-License-Identifier: MIT */
/* Creation, execution and exit of processes: the proc connector. */
#define _GNU_SOURCE /* recvmmsg */
#include "os/process_events.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/cn_proc.h>
#include <linux/connector.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fd.h"

/* Events are received in batches: one system call for up to this many. */
#define BATCH 64
#define MESSAGE_SIZE 128
/* Room in the socket for some thousand events, which is what a machine makes in a second of short
 * processes. */
#define RECEIVE_BYTES (4 << 20)

/* The kernel headers name these values only since Linux 6.6, as members of an enum that moved. */
#define EVENT_FORK 0x00000001u
#define EVENT_EXEC 0x00000002u
#define EVENT_EXIT 0x80000000u

/* struct cn_msg without its data, which C does not allow in the middle of a struct. */
struct connector {
	struct cb_id id;
	uint32_t seq, ack;
	uint16_t len, flags;
};

/* A message: the headers of netlink and of the connector, then what the kernel calls struct
 * proc_event. */
struct message {
	struct nlmsghdr header;
	struct connector connector;
	uint32_t what, cpu;
	uint32_t time[2]; /* 64 bits, not aligned */
	uint32_t data[6];
} __attribute__((packed));

struct process_events_batch {
	struct mmsghdr header[BATCH];
	struct iovec part[BATCH];
	char text[BATCH][MESSAGE_SIZE];
	size_t n, next;
};

#define AT(member) ((unsigned)offsetof(struct message, member))

/*
 * Drop in the kernel all messages but those about whole processes: a fork whose child is no thread,
 * an exec, an exit of a main thread. A filter loads words in network order.
 */
static int attach_filter(int fd)
{
	struct sock_filter code[] = {
	    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, AT(what)),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htonl(EVENT_EXEC), 11, 0),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htonl(EVENT_FORK), 2, 0),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htonl(EVENT_EXIT), 5, 0),
	    BPF_STMT(BPF_JMP | BPF_JA, 9),
	    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, AT(data[2])), /* fork: the child's thread */
	    BPF_STMT(BPF_MISC | BPF_TAX, 0),
	    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, AT(data[3])), /* and its process */
	    BPF_STMT(BPF_JMP | BPF_JA, 3),
	    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, AT(data[0])), /* exit: the thread */
	    BPF_STMT(BPF_MISC | BPF_TAX, 0),
	    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, AT(data[1])), /* and its process */
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_X, 0, 0, 1),
	    BPF_STMT(BPF_RET | BPF_K, 0xffffffff),
	    BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_fprog program = {.len = sizeof code / sizeof *code, .filter = code};
	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
}

static int subscribe(int fd)
{
	struct {
		struct nlmsghdr header;
		struct connector connector;
		uint32_t operation;
	} __attribute__((packed)) request = {
	    .header = {.nlmsg_len = sizeof request, .nlmsg_type = NLMSG_DONE},
	    .connector = {.id = {CN_IDX_PROC, CN_VAL_PROC}, .len = sizeof request.operation},
	    .operation = PROC_CN_MCAST_LISTEN,
	};
	struct sockaddr_nl address = {AF_NETLINK, 0, 0, CN_IDX_PROC};
	if (bind(fd, (struct sockaddr *)&address, sizeof address) != 0)
		return -1;
	return send(fd, &request, sizeof request, 0) == (ssize_t)sizeof request ? 0 : -1;
}

/* The kernel answers a request at once, or not at all in another namespace. Events may come before
 * the answer. */
static int read_answer(int fd)
{
	struct message m;
	for (;;) {
		ssize_t n = recv(fd, &m, sizeof m, MSG_DONTWAIT);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			errno = errno == EAGAIN ? EPERM : errno;
			return -1;
		}
		if ((size_t)n < AT(data[1]) || m.what != 0)
			continue;
		errno = (int)m.data[0];
		return m.data[0] == 0 ? 0 : -1;
	}
}

static struct process_events_batch *new_batch(void)
{
	struct process_events_batch *b = alloc_resize(NULL, 1, sizeof *b);
	memset(b, 0, sizeof *b);
	for (size_t i = 0; i < BATCH; i++) {
		b->part[i] = (struct iovec){b->text[i], MESSAGE_SIZE};
		b->header[i].msg_hdr.msg_iov = &b->part[i];
		b->header[i].msg_hdr.msg_iovlen = 1;
	}
	return b;
}

int process_events_open(struct process_events *e)
{
	const int bytes = RECEIVE_BYTES;
	*e = (struct process_events){.fd = -1, .creations = true};
	int fd = socket(PF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_CONNECTOR);
	if (fd >= 0 && fd <= STDERR_FILENO)
		fd = fd_above(fd, STDERR_FILENO);
	if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes) != 0)
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
	if (fd >= 0 && subscribe(fd) == 0 && read_answer(fd) == 0 && attach_filter(fd) == 0) {
		e->fd = fd;
		e->batch = new_batch();
		return 0;
	}
	e->error = errno;
	if (fd >= 0)
		close(fd);
	errno = e->error;
	return -1;
}

int process_events_watch(struct process_events *e, pid_t pid)
{
	(void)e, (void)pid; /* the kernel reports all processes */
	return 0;
}

/* Return 1 if M, of N bytes, is an event about a whole process, or 0. */
static int parse(struct process_event *event, const char *text, size_t n)
{
	struct message m;
	if (n < AT(data[4]))
		return 0;
	memcpy(&m, text, n < sizeof m ? n : sizeof m);
	uint64_t time;
	memcpy(&time, m.time, sizeof time);
	*event = (struct process_event){.time_ns = (int64_t)time};
	switch (m.what) {
	case EVENT_FORK: /* the parent's thread and process, the child's */
		event->kind = PROCESS_CREATED;
		event->ppid = (pid_t)m.data[1];
		event->pid = (pid_t)m.data[3];
		return m.data[2] == m.data[3];
	case EVENT_EXEC:
		event->kind = PROCESS_EXECUTED;
		event->pid = (pid_t)m.data[1];
		return 1;
	case EVENT_EXIT:
		event->kind = PROCESS_EXITED;
		event->pid = (pid_t)m.data[1];
		return m.data[0] == m.data[1];
	default:
		return 0;
	}
}

int process_events_next(struct process_events *e, struct process_event *event)
{
	struct process_events_batch *b = e->batch;
	while (e->fd >= 0) {
		while (b->next < b->n) {
			size_t i = b->next++;
			if (parse(event, b->text[i], b->header[i].msg_len))
				return 1;
		}
		int n = recvmmsg(e->fd, b->header, BATCH, MSG_DONTWAIT, NULL);
		b->next = 0;
		b->n = n > 0 ? (size_t)n : 0;
		if (n < 0 && errno == ENOBUFS)
			return -1;
		if (n < 0 && errno != EINTR)
			return 0;
	}
	return 0;
}

void process_events_close(struct process_events *e)
{
	if (e->fd >= 0)
		close(e->fd);
	free(e->batch);
	*e = (struct process_events){.fd = -1};
}

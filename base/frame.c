/* SPDX-License-Identifier: BSD-2-Clause */
/* frame - see frame.h. */
#include "base/frame.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/cursor.h"
#include "base/limits.h"

enum {
	HEADER = 5,
	READ_AT_ONCE = 64 * 1024,
	ROOM_KEPT = 1024 * 1024, /* of an empty buffer */
};

/* One attempt, without SIGPIPE where the descriptor is a socket. */
static ssize_t
write_some(int fd, struct iovec *parts, size_t count)
{
	struct msghdr message = { .msg_iov = parts, .msg_iovlen = count };
	ssize_t done = sendmsg(fd, &message, MSG_NOSIGNAL);

	if (done < 0 && errno == ENOTSOCK) {
		done = writev(fd, parts, (int)count);
	}
	return done;
}

static void
wait_writable(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };

	(void)poll(&p, 1, -1);
}

int
frame_send(int fd, uint8_t type, struct bytes body)
{
	uint8_t header[HEADER] = { type, (uint8_t)(body.len >> 24),
		(uint8_t)(body.len >> 16), (uint8_t)(body.len >> 8),
		(uint8_t)body.len };
	struct iovec parts[2] = {
		{ header, HEADER },
		{ (void *)(uintptr_t)body.at, body.len },
	};
	size_t count = body.len > 0 ? 2 : 1;
	size_t first = 0;

	if (body.len > LIMIT_FRAME) {
		return -EMSGSIZE;
	}
	while (first < count) {
		ssize_t done = write_some(fd, parts + first, count - first);

		if (done < 0 && errno == EAGAIN) {
			wait_writable(fd);
		} else if (done < 0 && errno != EINTR) {
			return -errno;
		}
		for (size_t left = done > 0 ? (size_t)done : 0;
		     first < count;) {
			size_t n = left < parts[first].iov_len
				       ? left
				       : parts[first].iov_len;

			parts[first].iov_base =
			    (uint8_t *)parts[first].iov_base + n;
			parts[first].iov_len -= n;
			left -= n;
			if (parts[first].iov_len > 0) {
				break;
			}
			first++;
		}
	}
	return 0;
}

/* Move what is not yet handed out to the front. */
static void
compact(struct frame_reader *reader)
{
	struct octets *buffer = &reader->buffer;

	if (reader->used == 0) {
		return;
	}
	buffer->len -= reader->used;
	memmove(buffer->at, buffer->at + reader->used, buffer->len);
	reader->used = 0;
	if (buffer->len == 0 && buffer->room > ROOM_KEPT) {
		octets_clear(buffer);
	}
}

int
frame_fill(struct frame_reader *reader, int fd)
{
	struct octets *buffer = &reader->buffer;
	ssize_t got;

	compact(reader);
	do {
		uint8_t *at = octets_more(buffer, READ_AT_ONCE);

		got = read(fd, at, READ_AT_ONCE);
		buffer->len -= READ_AT_ONCE;
	} while (got < 0 && errno == EINTR);
	if (got < 0) {
		return -errno;
	}
	buffer->len += (size_t)got;
	return got > 0;
}

int
frame_next(struct frame_reader *reader, struct frame *frame)
{
	struct octets *buffer = &reader->buffer;
	size_t left = buffer->len - reader->used;
	struct cursor c;
	uint32_t len;

	if (left < HEADER) {
		return 0;
	}
	c = cursor_open(bytes_of(buffer->at + reader->used, left));
	frame->type = cursor_u8(&c);
	len = cursor_u32(&c);
	if (len > LIMIT_FRAME) {
		return -EPROTO;
	}
	if (cursor_left(&c) < len) {
		return 0;
	}
	frame->body = cursor_take(&c, len);
	reader->used += HEADER + (size_t)len;
	return 1;
}

void
frame_clear(struct frame_reader *reader)
{
	octets_clear(&reader->buffer);
	reader->used = 0;
}

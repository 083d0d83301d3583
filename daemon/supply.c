/* SPDX-License-Identifier: BSD-2-Clause */
/* supply - see supply.h. */
#include "daemon/supply.h"

#include <errno.h>
#include <unistd.h>

struct supply
supply_of(struct bytes octets)
{
	return (struct supply){
		.fd = -1,
		.memory = octets.at,
		.end = octets.len,
	};
}

struct supply
supply_of_file(int fd, uint64_t length)
{
	return (struct supply){ .fd = fd, .end = length };
}

void
supply_clear(struct supply *supply)
{
	octets_clear(&supply->held);
}

void
supply_seek(struct supply *supply, uint64_t at, uint64_t end)
{
	supply->at = at;
	supply->end = end;
}

static int
read_all(int fd, uint64_t at, uint8_t *to, size_t len)
{
	while (len > 0) {
		ssize_t n = pread(fd, to, len, (off_t)at);

		if (n == 0) {
			return -EIO; /* it was longer a moment ago */
		}
		if (n < 0 && errno != EINTR) {
			return -errno;
		}
		if (n > 0) {
			at += (uint64_t)n;
			to += n;
			len -= (size_t)n;
		}
	}
	return 0;
}

struct bytes
supply_take(struct supply *supply, size_t len)
{
	struct bytes octets = bytes_of(NULL, 0);

	if (supply->rc == 0 && len > supply->end - supply->at) {
		supply->rc = -ENODATA;
	}
	if (supply->rc == 0 && supply->fd < 0) {
		octets = bytes_of(supply->memory + supply->at, len);
	} else if (supply->rc == 0) {
		octets_reset(&supply->held);
		supply->rc = read_all(supply->fd, supply->at,
		    octets_more(&supply->held, len), len);
		octets = octets_bytes(&supply->held);
	}
	if (supply->rc != 0) {
		return bytes_of(NULL, 0);
	}
	supply->at += len;
	return octets;
}

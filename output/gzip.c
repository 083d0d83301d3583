/* SPDX-License-Identifier: BSD-2-Clause */
/* gzip - see gzip.h. */
#include "output/gzip.h"

#include <errno.h>
#include <zlib.h>

enum {
	GZIP_WINDOW = 15 + 16, /* 16: with gzip's frame, not zlib's */
	MEMORY = 8,
	PIECE = 1 << 18,
	/* Payload is repetitive: higher levels take thrice the time for a
	 * tenth of the octets. */
	LEVEL = 4,
};

int
gzip_all(struct octets *out, struct bytes in)
{
	z_stream z = { 0 };
	size_t start = out->len;
	int rc;

	if (deflateInit2(&z, LEVEL, Z_DEFLATED, GZIP_WINDOW, MEMORY,
		Z_DEFAULT_STRATEGY) != Z_OK) {
		return -ENOMEM;
	}
	do {
		size_t part = in.len < PIECE ? in.len : PIECE;
		size_t len = out->len;

		/* WHY the cast: zlib without ZLIB_CONST takes what it only
		 * reads as if it would write. */
		z.next_in = (Bytef *)(uintptr_t)in.at;
		z.avail_in = (uInt)part;
		do {
			z.next_out = octets_more(out, PIECE);
			z.avail_out = PIECE;
			rc =
			    deflate(&z, part == in.len ? Z_FINISH : Z_NO_FLUSH);
			len += PIECE - z.avail_out;
			out->len = len;
		} while (z.avail_out == 0);
		in = bytes_of(in.at + part, in.len - part);
	} while (in.len > 0 && rc != Z_STREAM_ERROR);
	(void)deflateEnd(&z);
	if (rc != Z_STREAM_END) {
		out->len = start;
		return -ENOMEM;
	}
	return 0;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* proviso - see proviso.h. */
#include "payload/proviso.h"

#include <string.h>

#include "base/text.h"

static bool
read_numbers(struct bytes first, struct bytes last, struct proviso *out)
{
	out->numbers =
	    text_asn(first, &out->first_as) && text_asn(last, &out->last_as);
	return out->numbers && out->first_as <= out->last_as;
}

static bool
read_addresses(struct bytes first, struct bytes last, struct proviso *out)
{
	uint8_t end[16];

	if (!ip_prefix_parse(&out->first, first, IP_LONE_ADDRESS) ||
	    !ip_prefix_parse(&out->last, last, IP_LONE_ADDRESS) ||
	    out->first.family != out->last.family) {
		return false;
	}
	ip_prefix_last(&out->last, end);
	return memcmp(out->first.address, end, sizeof(end)) <= 0;
}

static bool
read_value(struct bytes value, struct proviso *out)
{
	struct bytes rest = value;
	struct bytes first = text_trim(text_cut(&rest, '-'));
	struct bytes last = rest.len > 0 ? text_trim(rest) : first;

	return read_numbers(first, last, out) ||
	       read_addresses(first, last, out);
}

enum proviso_line
proviso_read(struct proviso *out, struct bytes line)
{
	struct bytes word;

	*out = (struct proviso){ 0 };
	line = text_trim(text_cut(&line, '#'));
	if (line.len > 0 && line.at[line.len - 1] == '\r') {
		line = text_trim(bytes_of(line.at, line.len - 1));
	}
	if (line.len == 0) {
		return PROVISO_NONE;
	}
	word = text_cut(&line, ' ');
	out->deny = text_same(word, "deny");
	return (out->deny || text_same(word, "allow")) &&
		       read_value(text_trim(line), out)
		   ? PROVISO_GOOD
		   : PROVISO_WRONG;
}

unsigned
proviso_check(struct bytes text)
{
	struct proviso proviso;
	unsigned line = 0;

	while (text.len > 0) {
		line++;
		if (proviso_read(&proviso, text_cut(&text, '\n')) ==
		    PROVISO_WRONG) {
			return line;
		}
	}
	return 0;
}

void
proviso_complain(struct bytes text, const char *origin, unsigned line,
    struct octets *why)
{
	struct bytes wrong = { 0 };
	struct octets shown = { 0 };

	for (unsigned i = 0; i < line; i++) {
		wrong = text_cut(&text, '\n');
	}
	text_escape(&shown, text_trim(wrong));
	octets_u8(&shown, 0);
	octets_printf(why,
	    "%s:%u: `%.60s` is no rule; a rule is like `allow 10.0.0.0/8`, "
	    "`deny 192.0.2.0 - 192.0.2.9` or `deny AS64496 - AS64511`, with "
	    "prefixes zero beyond their length and ranges from low to high",
	    origin, line, (const char *)shown.at);
	octets_clear(&shown);
}

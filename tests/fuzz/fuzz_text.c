/* SPDX-License-Identifier: BSD-2-Clause */
/* fuzz_text - what the small readers take, their writers give back. */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/ip.h"
#include "base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
demand(bool held)
{
	if (!held) {
		abort();
	}
}

static void
check_codes(struct bytes in)
{
	struct octets data = { 0 }, text = { 0 };

	for (enum text_base64 kind = TEXT_BASE64; kind <= TEXT_BASE64URL;
	     kind++) {
		octets_reset(&data);
		octets_reset(&text);
		if (text_from_base64(&data, in, kind)) {
			text_base64(&text, octets_bytes(&data), kind);
			demand(bytes_equal(octets_bytes(&text), in));
		}
		octets_reset(&data);
		octets_reset(&text);
		text_base64(&text, in, kind);
		demand(text_from_base64(&data, octets_bytes(&text), kind));
		demand(bytes_equal(octets_bytes(&data), in));
	}
	octets_reset(&data);
	octets_reset(&text);
	if (text_from_hex(&data, in)) {
		text_hex(&text, octets_bytes(&data));
		demand(text.len == in.len);
	}
	octets_clear(&data);
	octets_clear(&text);
}

static void
check_numbers(struct bytes in)
{
	char text[32];
	uint64_t value;
	uint32_t asn;
	int64_t when, again;

	if (text_uint(in, UINT64_MAX, &value)) {
		snprintf(text, sizeof(text), "%llu", (unsigned long long)value);
		demand(text_same(in, text));
	}
	if (text_asn(in, &asn)) {
		snprintf(text, sizeof(text), "%u", asn);
		demand(in.len >= strlen(text));
	}
	if (clock_parse(&when, in)) {
		clock_text(when, text);
		demand(clock_parse(&again, text_bytes(text)) && again == when);
	}
}

static void
check_prefix(struct bytes in)
{
	struct ip_prefix prefix, again;
	char text[IP_TEXT];

	if (ip_prefix_parse(&prefix, in, IP_LONE_ADDRESS)) {
		ip_prefix_text(&prefix, text);
		demand(
		    ip_prefix_parse(&again, text_bytes(text), IP_PREFIX_ONLY));
		demand(ip_prefix_compare(&prefix, &again) == 0);
		demand(ip_prefix_sane(&prefix));
		demand(ip_prefix_covers(&prefix, &again));
	}
}

static void
check_writers(struct bytes in)
{
	struct octets out = { 0 };

	text_escape(&out, in);
	text_json(&out, in);
	for (size_t i = 0; i < out.len; i++) {
		demand(out.at[i] >= 0x20 && out.at[i] != 0x7f);
	}
	octets_clear(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes in = bytes_of(data, size);
	struct bytes rest = in;
	struct hash hash;
	char text[HASH_TEXT];

	check_codes(in);
	check_numbers(in);
	check_prefix(in);
	check_writers(in);
	if (hash_parse(&hash, in)) {
		hash_text(&hash, text);
		demand(strlen(text) == in.len);
	}
	while (rest.len > 0) {
		demand(text_trim(text_cut(&rest, ',')).len <= in.len);
	}
	return 0;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* leaf - see leaf.h. */
#include "tests/forge/leaf.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static struct bytes
keep(struct luck *luck, const void *at, size_t len)
{
	return arena_copy(luck->arena, bytes_of(at, len));
}

uint8_t *
leaf_own(struct luck *luck, struct node *node)
{
	node->leaf = keep(luck, node->leaf.at, node->leaf.len);
	return (uint8_t *)(uintptr_t)node->leaf.at;
}

/* A row's text: name, then content. */
struct value {
	const char *name;
	const char *octets;
	size_t len;
};

#define VALUE(name, octets)                                                    \
	{                                                                      \
		name, octets, sizeof(octets) - 1                               \
	}
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static bool
take_value(struct luck *luck, struct node *node, const struct value *values,
    size_t count)
{
	const struct value *v = &values[luck_below(luck, count)];

	if (node->child != NULL) {
		return false;
	}
	node->leaf = keep(luck, v->octets, v->len);
	snprintf(luck->what, sizeof(luck->what), "%s", v->name);
	return true;
}

static const struct value integers[] = {
	VALUE("0", "\0"),
	VALUE("1", "\1"),
	VALUE("2", "\2"),
	VALUE("3", "\3"),
	VALUE("4", "\4"),
	VALUE("24", "\x18"),
	VALUE("32", "\x20"),
	VALUE("33", "\x21"),
	VALUE("48", "\x30"),
	VALUE("127", "\x7f"),
	VALUE("128", "\0\x80"),
	VALUE("129", "\0\x81"),
	VALUE("-1", "\xff"),
	VALUE("-128", "\x80"),
	VALUE("255", "\0\xff"),
	VALUE("256", "\1\0"),
	VALUE("2^31-1", "\x7f\xff\xff\xff"),
	VALUE("2^31", "\0\x80\0\0\0"),
	VALUE("-2^31", "\x80\0\0\0"),
	VALUE("2^32-1", "\0\xff\xff\xff\xff"),
	VALUE("2^32", "\1\0\0\0\0"),
	VALUE("2^63", "\0\x80\0\0\0\0\0\0\0"),
	VALUE("2^64", "\1\0\0\0\0\0\0\0\0"),
	VALUE("2^64+1", "\1\0\0\0\0\0\0\0\1"),
	VALUE("2^158", "\x40\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
	VALUE("2^159", "\0\x80\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
	VALUE("2^160", "\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
	VALUE("padded 1", "\0\1"),
	VALUE("padded -1", "\xff\xff"),
	VALUE("nothing", ""),
};

/* The last octet one up or down, which stays minimal almost always. */
static bool
nudge(struct luck *luck, struct node *node)
{
	uint8_t *at = leaf_own(luck, node);

	if (node->leaf.len == 0) {
		return false;
	}
	at[node->leaf.len - 1] += luck_below(luck, 2) == 0 ? 1 : 0xff;
	snprintf(luck->what, sizeof(luck->what), "nudged");
	return true;
}

static bool
change_integer(struct luck *luck, struct node *node)
{
	return luck_below(luck, 2) == 0
		   ? nudge(luck, node)
		   : take_value(luck, node, integers, COUNT(integers));
}

static const struct value oids[] = {
	VALUE("commonName", "\x55\4\3"),
	VALUE("serialNumber", "\x55\4\5"),
	VALUE("organization", "\x55\4\x0a"),
	VALUE("sha256", "\x60\x86\x48\1\x65\3\4\2\1"),
	VALUE("sha512", "\x60\x86\x48\1\x65\3\4\2\3"),
	VALUE("rsa", "\x2a\x86\x48\x86\xf7\x0d\1\1\1"),
	VALUE("sha1rsa", "\x2a\x86\x48\x86\xf7\x0d\1\1\5"),
	VALUE("pss", "\x2a\x86\x48\x86\xf7\x0d\1\1\x0a"),
	VALUE("sha256rsa", "\x2a\x86\x48\x86\xf7\x0d\1\1\x0b"),
	VALUE("sha512rsa", "\x2a\x86\x48\x86\xf7\x0d\1\1\x0d"),
	VALUE("manifest", "\x2a\x86\x48\x86\xf7\x0d\1\x09\x10\1\x1a"),
	VALUE("roa", "\x2a\x86\x48\x86\xf7\x0d\1\x09\x10\1\x18"),
	VALUE("signing time", "\x2a\x86\x48\x86\xf7\x0d\1\x09\5"),
	VALUE("binary time", "\x2a\x86\x48\x86\xf7\x0d\1\x09\x10\2\x2e"),
	VALUE("policy v2", "\x2b\6\1\5\5\7\x0e\3"),
	VALUE("ip v2", "\x2b\6\1\5\5\7\1\x1c"),
	VALUE("ip", "\x2b\6\1\5\5\7\1\7"),
	VALUE("as", "\x2b\6\1\5\5\7\1\x08"),
	VALUE("as v2", "\x2b\6\1\5\5\7\1\x1d"),
	VALUE("repository", "\x2b\6\1\5\5\7\x30\5"),
	VALUE("object", "\x2b\6\1\5\5\7\x30\x0b"),
	VALUE("notify", "\x2b\6\1\5\5\7\x30\x0d"),
	VALUE("ocsp", "\x2b\6\1\5\5\7\x30\1"),
	VALUE("cps", "\x2b\6\1\5\5\7\2\1"),
	VALUE("any policy", "\x55\x1d\x20\0"),
	VALUE("server", "\x2b\6\1\5\5\7\3\1"),
	VALUE("router", "\x2b\6\1\5\5\7\3\x1e"),
	VALUE("key usage", "\x55\x1d\x0f"),
	VALUE("subject name", "\x55\x1d\x11"),
	VALUE("name constraints", "\x55\x1d\x1e"),
	VALUE("reason", "\x55\x1d\x15"),
	VALUE("unknown", "\x2a\3\4"),
	VALUE("padded", "\x2a\x80\4"),
	VALUE("cut off", "\x2a\x83"),
	VALUE("nothing", ""),
};

static bool
change_oid(struct luck *luck, struct node *node)
{
	return luck_below(luck, 4) == 0
		   ? nudge(luck, node)
		   : take_value(luck, node, oids, COUNT(oids));
}

static const struct value booleans[] = { VALUE("false", "\0"),
	VALUE("one", "\1"), VALUE("fe", "\xfe"), VALUE("nothing", ""),
	VALUE("two octets", "\xff\xff") };

static bool
change_boolean(struct luck *luck, struct node *node)
{
	return take_value(luck, node, booleans, COUNT(booleans));
}

/* Another number of bits, what is unused of them zero. */
static void
resize_bits(struct luck *luck, struct node *node, size_t bits)
{
	size_t len = (bits + 7) / 8;
	uint8_t *at = arena_zero(luck->arena, len + 1, 1);

	at[0] = (uint8_t)(len * 8 - bits);
	if (node->leaf.len > 1) {
		memcpy(at + 1, node->leaf.at + 1,
		    len < node->leaf.len - 1 ? len : node->leaf.len - 1);
	}
	if (len > 0) {
		at[len] = (uint8_t)(at[len] >> at[0] << at[0]);
	}
	node->leaf = bytes_of(at, len + 1);
}

static bool
change_bits(struct luck *luck, struct node *node)
{
	static const uint8_t sizes[] = { 0, 1, 2, 7, 8, 9, 16, 23, 25, 31, 32,
		33, 47, 49, 64, 127, 128, 129 };
	size_t bits;
	uint8_t *at;

	if (node->child != NULL || node->leaf.len == 0) {
		return false;
	}
	bits = (node->leaf.len - 1) * 8 - (node->leaf.at[0] & 7);
	switch (luck_below(luck, 6)) {
	case 0:
		resize_bits(luck, node, sizes[luck_below(luck, sizeof(sizes))]);
		break;
	case 1:
		resize_bits(luck, node, bits + 1);
		break;
	case 2:
		resize_bits(luck, node, bits > 0 ? bits - 1 : 1);
		break;
	case 3:
		leaf_own(luck, node)[0] = (uint8_t)luck_below(luck, 10);
		break;
	case 4:
		at = leaf_own(luck, node);
		at[node->leaf.len - 1] |= 1;
		break;
	default:
		at = leaf_own(luck, node);
		at[luck_below(luck, node->leaf.len)] ^=
		    (uint8_t)(1 << luck_below(luck, 8));
	}
	snprintf(luck->what, sizeof(luck->what), "%zu bits to %zu, unused %u",
	    bits, (node->leaf.len - 1) * 8, node->leaf.at[0]);
	return true;
}

static const char *const moments[] = { "500101000000Z", "491231235959Z",
	"700101000000Z", "20500101000000Z", "20491231235959Z",
	"19500101000000Z", "99991231235959Z", "00000101000000Z",
	"260229000000Z", "20240229000000Z", "261301000000Z", "260001000000Z",
	"260132000000Z", "260101240000Z", "260101006000Z", "260101000060Z",
	"2601010000Z", "260101000000", "260101000000+0000", "20260101000000.5Z",
	"20260101000000.Z", "20260101000000+0100", "202601010000Z",
	"2026010100Z", "20260101000000z", "2601 1000000Z", "20261231235960Z",
	"-60101000000Z", "" };

static bool
change_time(struct luck *luck, struct node *node)
{
	static const int32_t days[] = { -20000, -9000, -400, -2, -1, 1, 2, 31,
		400, 9000 };
	char text[32];
	struct tm tm;
	time_t t;

	if (node->child != NULL) {
		return false;
	}
	if (luck_below(luck, 3) == 0) {
		snprintf(text, sizeof(text), "%s",
		    moments[luck_below(luck, COUNT(moments))]);
	} else {
		t = (time_t)luck->clock +
		    days[luck_below(luck, COUNT(days))] * (time_t)86400;
		gmtime_r(&t, &tm);
		strftime(text, sizeof(text), "%Y%m%d%H%M%SZ", &tm);
	}
	if (luck_below(luck, 4) == 0) {
		node->tag = luck_below(luck, 2) == 0 ? INK_UTC : INK_TIME;
	}
	if (node->tag == INK_UTC && strlen(text) == 15 &&
	    luck_below(luck, 8) != 0) {
		memmove(text, text + 2, 14);
	}
	node->leaf = keep(luck, text, strlen(text));
	snprintf(luck->what, sizeof(luck->what), "%02x %s", node->tag, text);
	return true;
}

static bool
change_octets(struct luck *luck, struct node *node)
{
	uint8_t *at;

	if (node->child != NULL || node->leaf.len == 0) {
		return false;
	}
	switch (luck_below(luck, 4)) {
	case 0:
		node->leaf.len--;
		break;
	case 1:
		at = arena_zero(luck->arena, node->leaf.len + 1, 1);
		memcpy(at, node->leaf.at, node->leaf.len);
		node->leaf = bytes_of(at, node->leaf.len + 1);
		break;
	case 2:
		return nudge(luck, node);
	default:
		at = leaf_own(luck, node);
		at[luck_below(luck, node->leaf.len)] ^=
		    (uint8_t)(1 << luck_below(luck, 8));
	}
	snprintf(luck->what, sizeof(luck->what), "now %zu octets",
	    node->leaf.len);
	return true;
}

static const struct value texts[] = { VALUE("nothing", ""), VALUE("a", "a"),
	VALUE("NUL", "a\0b"), VALUE("star", "a*"), VALUE("umlaut", "\xc3\xbc"),
	VALUE("latin", "\xfc"), VALUE("line", "a\nb"), VALUE("at", "a@b"),
	VALUE("dots", ".."), VALUE("rsync", "rsync://r.example/m/x.cer"),
	VALUE("no scheme", "//r.example/m/"),
	VALUE("other scheme", "file:///etc/passwd"),
	VALUE("name.roa", "name.roa"), VALUE("no suffix", "name"),
	VALUE("slash", "a/b.roa"), VALUE("rpki https", "https://r.example/n"),
	VALUE("suffix long", "name.roas"), VALUE("two dots", "a.b.roa") };

/* One more octet somewhere, or one less, or another. */
static bool
edit_text(struct luck *luck, struct node *node)
{
	static const char odd[] = "/.%:?#@ *A\\\0_~";
	size_t len = node->leaf.len, at = luck_below(luck, len + 1);
	uint8_t *copy = arena_zero(luck->arena, len + 1, 1);
	uint8_t one = (uint8_t)odd[luck_below(luck, sizeof(odd) - 1)];

	memcpy(copy, node->leaf.at, at);
	memcpy(copy + at, node->leaf.at + at, len - at);
	if (luck_below(luck, 2) == 0) {
		memmove(copy + at + 1, copy + at, len - at);
		len++;
	}
	if (at < len) {
		copy[at] = one;
	}
	node->leaf = bytes_of(copy, len);
	snprintf(luck->what, sizeof(luck->what), "%02x at %zu", one, at);
	return true;
}

static bool
change_text(struct luck *luck, struct node *node)
{
	static const uint8_t tags[] = { INK_UTF8, INK_PRINTABLE, INK_IA5, 0x14,
		0x1e, INK_URI, 0x82 };

	if (node->child != NULL) {
		return false;
	}
	switch (luck_below(luck, 4)) {
	case 0:
		node->tag = tags[luck_below(luck, sizeof(tags))];
		snprintf(luck->what, sizeof(luck->what), "as %02x", node->tag);
		return true;
	case 1:
		return take_value(luck, node, texts, COUNT(texts));
	default:
		return edit_text(luck, node);
	}
}

bool
leaf_change(struct luck *luck, struct node *node)
{
	switch (node->tag) {
	case INK_BOOL:
		return change_boolean(luck, node);
	case INK_INT:
		return change_integer(luck, node);
	case INK_BITS:
		return change_bits(luck, node);
	case INK_OID:
		return change_oid(luck, node);
	case INK_UTC:
	case INK_TIME:
		return change_time(luck, node);
	case INK_UTF8:
	case INK_PRINTABLE:
	case INK_IA5:
	case INK_URI:
		return change_text(luck, node);
	case INK_NULL:
		return take_value(luck, node, booleans, COUNT(booleans));
	default:
		return change_octets(luck, node);
	}
}

/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/payload/make.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/octets.h"
#include "base/text.h"

struct vrp
make_vrp(const char *prefix, unsigned max_length, uint32_t asn)
{
	struct vrp vrp = { .max_length = (uint8_t)max_length, .asn = asn };

	assert_true(
	    ip_prefix_parse(&vrp.prefix, text_bytes(prefix), IP_PREFIX_ONLY));
	return vrp;
}

uint32_t
make_source(struct builder *builder, uint16_t ta, const char *uri,
    int64_t expires)
{
	const struct source source = {
		.kind = SOURCE_ROA,
		.ta = ta,
		.uri = uri,
		.not_before = 1000,
		.not_after = 5000,
		.chain_not_before = 900,
		.chain_not_after = 4000,
		.stale = expires,
		.expires = expires,
	};

	return builder_source(builder, &source);
}

void
make_add(struct builder *builder, const char *prefix, unsigned max_length,
    uint32_t asn)
{
	struct vrp vrp = make_vrp(prefix, max_length, asn);

	builder_vrp(builder, &vrp,
	    make_source(builder, 0, "rsync://r.example/m/x.roa", 2000));
}

static void
text_aspa(struct octets *out, const struct aspa *aspa)
{
	octets_printf(out, "aspa %u:", aspa->customer);
	for (uint32_t i = 0; i < aspa->count; i++) {
		octets_printf(out, " %u", aspa->providers[i]);
	}
	octets_printf(out, "\n");
}

char *
make_text(const struct snapshot *snapshot)
{
	struct octets out = { .at = NULL };
	char prefix[IP_TEXT];

	for (size_t i = 0; i < snapshot_vrps(snapshot); i++) {
		const struct vrp *vrp = snapshot_vrp(snapshot, i);

		ip_prefix_text(&vrp->prefix, prefix);
		octets_printf(&out, "%s-%u AS%u\n", prefix, vrp->max_length,
		    vrp->asn);
	}
	for (size_t i = 0; i < snapshot_router_keys(snapshot); i++) {
		const struct router_key *key = snapshot_router_key(snapshot, i);

		octets_printf(&out, "key AS%u %02x.. %u\n", key->asn,
		    key->ski.at[0], key->spki_len);
	}
	for (size_t i = 0; i < snapshot_aspas(snapshot); i++) {
		text_aspa(&out, snapshot_aspa(snapshot, i));
	}
	octets_u8(&out, 0);
	return (char *)out.at;
}

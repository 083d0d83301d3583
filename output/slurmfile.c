/* SPDX-License-Identifier: BSD-2-Clause */
/* Some lines end in a blank: so do those of the tool whose readers we keep. */
#include "output/slurmfile.h"

#include "base/text.h"

static void
put_base64(struct pen *pen, struct bytes octets)
{
	text_base64(&pen->buffer, octets, TEXT_BASE64URL);
}

static void
put_comment(struct pen *pen, const struct snapshot *s, enum item_kind kind,
    size_t i)
{
	pen_text(pen, "        \"comment\": \"");
	pen_json(pen, snapshot_ta(s, kind, i));
	pen_text(pen, "\"\n      }");
}

static void
put_vrp(struct pen *pen, const struct snapshot *s, size_t i)
{
	const struct vrp *vrp = snapshot_vrp(s, i);

	pen_text(pen, "      {\n        \"asn\": ");
	pen_number(pen, vrp->asn);
	pen_text(pen, ",\n        \"prefix\": \"");
	pen_prefix(pen, &vrp->prefix);
	pen_text(pen, "\",\n");
	if (vrp->max_length != vrp->prefix.length) {
		pen_text(pen, "        \"maxPrefixLength\": ");
		pen_number(pen, vrp->max_length);
		pen_text(pen, ",\n");
	}
	put_comment(pen, s, ITEM_VRP, i);
}

static void
put_router_key(struct pen *pen, const struct snapshot *s, size_t i)
{
	const struct router_key *key = snapshot_router_key(s, i);

	pen_text(pen, "      {\n        \"asn\": ");
	pen_number(pen, key->asn);
	pen_text(pen, ",\n        \"SKI\": \"");
	put_base64(pen, bytes_of(key->ski.at, KEYID_SIZE));
	pen_text(pen, "\",\n        \"routerPublicKey\": \"");
	put_base64(pen, bytes_of(key->spki, key->spki_len));
	pen_text(pen, "\",\n");
	put_comment(pen, s, ITEM_ROUTER_KEY, i);
}

static void
put_aspa(struct pen *pen, const struct snapshot *s, size_t i)
{
	const struct aspa *aspa = snapshot_aspa(s, i);

	pen_text(pen, "      { \n        \"customerAsn\": ");
	pen_number(pen, aspa->customer);
	pen_text(pen, ", \n        \"providerAsns\": [");
	for (uint32_t n = 0; n < aspa->count; n++) {
		pen_text(pen, n == 0 ? "\n          " : ", \n          ");
		pen_number(pen, aspa->providers[n]);
	}
	pen_text(pen, "\n        ],\n");
	put_comment(pen, s, ITEM_ASPA, i);
}

static void
put_assertions(struct pen *pen, const struct format_input *input,
    enum item_kind kind)
{
	static const struct {
		const char *head;
		void (
		    *put)(struct pen *pen, const struct snapshot *s, size_t i);
	} rows[ITEM_KINDS] = {
		[ITEM_VRP] = { "    \"prefixAssertions\": [\n", put_vrp },
		[ITEM_ROUTER_KEY] = { ",\n    \"bgpsecAssertions\": [\n",
		    put_router_key },
		[ITEM_ASPA] = { ",\n    \"aspaAssertions\": [\n", put_aspa },
	};
	const char *before = "";

	pen_text(pen, rows[kind].head);
	for (size_t i = 0; format_next(input, kind, &i); i++) {
		pen_text(pen, before);
		rows[kind].put(pen, input->snapshot, i);
		before = ",\n";
	}
	pen_text(pen, "\n    ]");
}

static void
write_version(struct pen *pen, const struct format_input *input,
    unsigned version)
{
	pen_printf(pen,
	    "{\n  \"slurmVersion\": %u,\n  \"validationOutputFilters\": {\n"
	    "    \"prefixFilters\": [ ],\n    \"bgpsecFilters\": [ ]%s\n"
	    "  },\n  \"locallyAddedAssertions\": {\n",
	    version, version == 1 ? "" : ",\n    \"aspaFilters\": [ ]");
	put_assertions(pen, input, ITEM_VRP);
	put_assertions(pen, input, ITEM_ROUTER_KEY);
	if (version != 1) {
		put_assertions(pen, input, ITEM_ASPA);
	}
	pen_text(pen, "\n  }\n}\n");
}

void
slurmfile_write(struct pen *pen, const struct format_input *input)
{
	write_version(pen, input, 1);
}

void
slurmfile_write_2(struct pen *pen, const struct format_input *input)
{
	write_version(pen, input, 2);
}

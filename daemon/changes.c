/* SPDX-License-Identifier: BSD-2-Clause */
/* changes - see changes.h. */
#include "daemon/changes.h"

#include "base/text.h"

static const char signs[DELTA_ACTIONS] = {
	[DELTA_WITHDRAW] = '-',
	[DELTA_ANNOUNCE] = '+',
};

static void
put_vrps(struct octets *out, const struct delta *delta,
    enum delta_action action, const struct filter *filter)
{
	for (size_t i = 0; i < delta_count(delta, ITEM_VRP, action); i++) {
		const struct vrp *vrp = delta_vrp(delta, action, i);
		char text[IP_TEXT];

		if (filter_kind(filter, ITEM_VRP) && filter_vrp(filter, vrp)) {
			ip_prefix_text(&vrp->prefix, text);
			octets_printf(out, "%c AS%u %s-%u\n", signs[action],
			    vrp->asn, text, vrp->max_length);
		}
	}
}

static void
put_keys(struct octets *out, const struct delta *delta,
    enum delta_action action, const struct filter *filter)
{
	for (size_t i = 0; i < delta_count(delta, ITEM_ROUTER_KEY, action);
	     i++) {
		const struct router_key *key =
		    delta_router_key(delta, action, i);
		char ski[KEYID_TEXT];

		if (!filter_asn(filter, ITEM_ROUTER_KEY, key->asn)) {
			continue;
		}
		hash_keyid_text(&key->ski, ski);
		octets_printf(out, "%c key AS%u %s ", signs[action], key->asn,
		    ski);
		text_base64(out, bytes_of(key->spki, key->spki_len),
		    TEXT_BASE64);
		octets_printf(out, "\n");
	}
}

static void
put_aspas(struct octets *out, const struct delta *delta,
    enum delta_action action, const struct filter *filter)
{
	for (size_t i = 0; i < delta_aspas(delta); i++) {
		const struct delta_aspa *row = delta_aspa(delta, i);
		bool stands = row->after.count > 0;
		uint32_t customer =
		    stands ? row->after.customer : row->before.customer;

		if (stands != (action == DELTA_ANNOUNCE) ||
		    !filter_asn(filter, ITEM_ASPA, customer)) {
			continue;
		}
		octets_printf(out, "%c aspa AS%u", signs[action], customer);
		for (uint32_t j = 0; j < row->after.count; j++) {
			octets_printf(out, " AS%u", row->after.providers[j]);
		}
		octets_printf(out, "\n");
	}
}

void
changes_print(struct octets *out, const struct delta *delta,
    const struct filter *filter)
{
	for (unsigned action = 0; action < DELTA_ACTIONS; action++) {
		put_vrps(out, delta, (enum delta_action)action, filter);
		put_keys(out, delta, (enum delta_action)action, filter);
		put_aspas(out, delta, (enum delta_action)action, filter);
	}
}

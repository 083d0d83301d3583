/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * aspa - section 3 of the profile, read in the order it is written there.
 *
 *   ASProviderAttestation  { version [0] of 1, customerASID, providers }
 */
#include "object/aspa.h"

#include "object/der.h"

/* 3.1: the default of the syntax is 0, so a valid object always says 1. */
static void
read_version(struct der *seq)
{
	struct der field;

	if (!der_next_is(seq, DER_CONTEXT_0)) {
		der_fail(seq, FAULT_ASPA_VERSION);
	}
	field = der_enter(seq, DER_CONTEXT_0);
	if (der_within(&field, 1, FAULT_ASPA_VERSION) != 1) {
		der_fail(&field, FAULT_ASPA_VERSION);
	}
	der_close(&field);
}

static void
read_providers(struct der *list, struct aspa_object *aspa, struct arena *arena)
{
	size_t n = der_count(*list);
	uint32_t *all;

	if (n == 0) {
		der_fail(list, FAULT_ASPA_EMPTY);
	}
	if (!der_fine(list)) {
		return;
	}
	all = arena_zero(arena, n, sizeof(*all));
	for (size_t i = 0; i < n; i++) {
		all[i] =
		    (uint32_t)der_within(list, UINT32_MAX, FAULT_ASPA_PROVIDER);
		if (der_fine(list) && all[i] == aspa->customer) {
			der_fail(list, FAULT_ASPA_SELF);
		}
		if (der_fine(list) && i > 0 && all[i] <= all[i - 1]) {
			der_fail(list, FAULT_ASPA_ORDER);
		}
	}
	if (all[0] == 0 && n > 1) {
		der_fail(list, FAULT_ASPA_ZERO);
	}
	aspa->providers = all;
	aspa->count = n;
}

enum fault
aspa_decode(struct aspa_object *aspa, struct bytes content, struct arena *arena)
{
	enum fault fault = FAULT_NONE;
	struct der top = der_open(content, &fault);
	struct der seq = der_enter(&top, DER_SEQUENCE);
	struct der list;

	*aspa = (struct aspa_object){ 0 };
	read_version(&seq);
	aspa->customer =
	    (uint32_t)der_within(&seq, UINT32_MAX, FAULT_ASPA_CUSTOMER);
	if (aspa->customer == 0) {
		der_fail(&seq, FAULT_ASPA_CUSTOMER);
	}
	list = der_enter(&seq, DER_SEQUENCE);
	der_close(&seq);
	der_close(&top);
	read_providers(&list, aspa, arena);
	return fault;
}

enum fault
aspa_covered(const struct aspa_object *aspa, const struct cert *ee)
{
	const struct resources *r = &ee->resources;

	if (r->v4.choice != RESOURCE_ABSENT ||
	    r->v6.choice != RESOURCE_ABSENT) {
		return FAULT_ASPA_EE_IP;
	}
	if (r->as.choice != RESOURCE_LIST || r->as.count != 1 ||
	    r->as.ranges[0].min != aspa->customer ||
	    r->as.ranges[0].max != aspa->customer) {
		return FAULT_ASPA_EE_AS;
	}
	return FAULT_NONE;
}

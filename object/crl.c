/* SPDX-License-Identifier: BSD-2-Clause */
/* crl - see crl.h. */
#include "object/crl.h"

#include <stdlib.h>
#include <string.h>

#include "object/algorithm.h"
#include "object/der.h"
#include "object/extension.h"
#include "object/name.h"
#include "object/oid.h"
#include "object/stamp.h"

enum { VERSION_2 = 1 };

static int
by_value(const void *a, const void *b)
{
	const struct crl_entry *left = a, *right = b;

	return memcmp(left->serial, right->serial, CERT_SERIAL);
}

static void
read_version(struct der *tbs)
{
	if (der_fine(tbs) && !der_next_is(tbs, DER_INTEGER)) {
		der_fail(tbs, FAULT_CRL_VERSION);
	}
	if (der_within(tbs, VERSION_2, FAULT_CRL_VERSION) != VERSION_2) {
		der_fail(tbs, FAULT_CRL_VERSION);
	}
}

static void
read_times(struct der *tbs, struct crl *crl)
{
	crl->this_update = stamp_time(tbs);
	if (der_fine(tbs) && !der_next_is(tbs, DER_UTC_TIME) &&
	    !der_next_is(tbs, DER_GENERALIZED_TIME)) {
		der_fail(tbs, FAULT_CRL_NEXT_UPDATE);
	}
	crl->next_update = stamp_time(tbs);
	if (der_fine(tbs) && crl->next_update < crl->this_update) {
		der_fail(tbs, FAULT_CRL_NEXT_UPDATE);
	}
}

static void
read_entry(struct der *list, struct crl_entry *entry)
{
	static const uint8_t zero[CERT_SERIAL];
	struct der d = der_enter(list, DER_SEQUENCE);

	der_number(&d, entry->serial, CERT_SERIAL, FAULT_CRL_SERIAL);
	if (memcmp(entry->serial, zero, CERT_SERIAL) == 0) {
		der_fail(&d, FAULT_CRL_SERIAL);
	}
	entry->when = stamp_time(&d);
	if (der_more(&d)) {
		der_fail(&d, FAULT_CRL_ENTRY);
	}
}

static size_t
count_values(struct der list)
{
	size_t count = 0;

	while (der_more(&list)) {
		der_skip(&list);
		count++;
	}
	return der_fine(&list) ? count : 0;
}

static void
read_entries(struct der *tbs, struct crl *crl, struct arena *arena)
{
	struct der list;
	struct crl_entry *entries;
	size_t room, count = 0;

	if (!der_next_is(tbs, DER_SEQUENCE)) {
		return;
	}
	list = der_enter(tbs, DER_SEQUENCE);
	room = count_values(list);
	if (room == 0) {
		fault_note(&crl->odd, FAULT_CRL_EMPTY_LIST);
		return;
	}
	entries = arena_zero(arena, room, sizeof(*entries));
	while (der_more(&list)) {
		read_entry(&list, &entries[count++]);
	}
	qsort(entries, count, sizeof(*entries), by_value);
	for (size_t i = 1; i < count; i++) {
		if (by_value(&entries[i - 1], &entries[i]) == 0) {
			fault_note(&crl->odd, FAULT_CRL_REPEATED);
		}
	}
	crl->entries = entries;
	crl->count = count;
}

/* One Extension: AKI or CRL Number, neither critical (RFC 9829 3.1). */
static void
read_extension(struct der *list, struct crl *crl, bool *aki, bool *number)
{
	struct der d = der_enter(list, DER_SEQUENCE);
	struct bytes oid = der_oid(&d);
	bool critical = der_flag(&d);
	struct der value = der_open(der_octets(&d), list->fault);
	bool *seen = oid_is(oid, OID_AKI)          ? aki
		     : oid_is(oid, OID_CRL_NUMBER) ? number
						   : NULL;

	der_close(&d);
	if (!der_fine(&d)) {
		return;
	}
	if (seen == NULL) {
		der_fail(&d, FAULT_CRL_EXTENSION);
		return;
	}
	if (*seen) {
		der_fail(&d, FAULT_CRL_EXTENSION_TWICE);
	}
	if (critical) {
		der_fail(&d, FAULT_CRL_EXTENSION_CRITICAL);
	}
	*seen = true;
	if (seen == aki) {
		extension_aki(&value, &crl->aki);
	} else {
		der_number(&value, crl->number, sizeof(crl->number),
		    FAULT_CRL_NUMBER);
	}
	der_close(&value);
}

static void
read_extensions(struct der *tbs, struct crl *crl)
{
	bool aki = false, number = false;
	struct der d, list;

	if (!der_next_is(tbs, DER_CONTEXT_0)) {
		der_close(tbs);
		der_fail(tbs, FAULT_CRL_EXTENSION_MISSING);
		return;
	}
	d = der_enter(tbs, DER_CONTEXT_0);
	list = der_enter(&d, DER_SEQUENCE);
	der_close(&d);
	der_close(tbs);
	while (der_more(&list)) {
		read_extension(&list, crl, &aki, &number);
	}
	if (der_fine(tbs) && (!aki || !number)) {
		der_fail(tbs, FAULT_CRL_EXTENSION_MISSING);
	}
}

enum fault
crl_decode(struct crl *crl, struct bytes der, struct arena *arena)
{
	enum fault fault = FAULT_NONE;
	struct der top = der_open(der, &fault);
	struct algorithm_signed both = algorithm_open(&top);

	*crl = (struct crl){
		.der = der,
		.tbs = both.tbs_whole,
		.signature = both.signature,
	};
	read_version(&both.tbs);
	algorithm_inner(&both.tbs, both.outer, &crl->odd);
	crl->issuer = name_read(&both.tbs, NAME_PRINTABLE, &crl->odd);
	read_times(&both.tbs, crl);
	read_entries(&both.tbs, crl, arena);
	read_extensions(&both.tbs, crl);
	algorithm_size(&both, &top);
	return fault;
}

bool
crl_revokes(const struct crl *crl, const uint8_t serial[CERT_SERIAL])
{
	struct crl_entry wanted = { .when = 0 };

	memcpy(wanted.serial, serial, sizeof(wanted.serial));
	return crl->count > 0 && bsearch(&wanted, crl->entries, crl->count,
				     sizeof(wanted), by_value) != NULL;
}

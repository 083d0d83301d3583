/* SPDX-License-Identifier: BSD-2-Clause */
/* account - see account.h. */
#include "payload/account.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/mem.h"

struct account {
	atomic_size_t references;
	struct arena *arena;
	struct report report;
};

const struct account *
account_new(const struct report *report)
{
	struct account *account = mem_zero(1, sizeof(*account));
	struct octets octets = { 0 };
	bool same;

	atomic_init(&account->references, 1);
	account->arena = arena_new();
	report_encode(&octets, report);
	same = report_decode(&account->report, octets_bytes(&octets),
	    account->arena);
	assert(same); /* what we encode, we decode */
	(void)same;
	octets_clear(&octets);
	return account;
}

/* WHY the cast: the count of references is all that changes. */
static struct account *
counted(const struct account *account)
{
	return (struct account *)(uintptr_t)account;
}

const struct account *
account_get(const struct account *account)
{
	atomic_fetch_add_explicit(&counted(account)->references, 1,
	    memory_order_relaxed);
	return account;
}

void
account_put(const struct account *account)
{
	if (account == NULL ||
	    atomic_fetch_sub_explicit(&counted(account)->references, 1,
		memory_order_acq_rel) > 1) {
		return;
	}
	arena_free(counted(account)->arena);
	free(counted(account));
}

const struct report *
account_report(const struct account *account)
{
	return account == NULL ? NULL : &account->report;
}

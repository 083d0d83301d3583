/* SPDX-License-Identifier: BSD-2-Clause */
/* locator - see locator.h. */
#include "validator/locator.h"

#include "object/spki.h"

enum fault
locator_read(struct tal *tal, struct bytes text, unsigned *line,
    struct arena *arena)
{
	enum fault fault = tal_read(tal, text, line, arena);

	return fault == FAULT_NONE && !spki_is_rsa(tal->spki, NULL)
		   ? FAULT_TAL_KEY
		   : fault;
}

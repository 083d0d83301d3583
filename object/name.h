/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * name - issuer and subject as RFC 6487 4.4 and 4.5 narrow X.501.
 *
 * Names identify nobody in the RPKI; they are checked and compared, no more.
 */
#pragma once

#include <stdbool.h>

#include "base/fault.h"
#include "base/octets.h"
#include "object/der.h"

enum name_profile {
	NAME_PRINTABLE, /* UTF8String is an oddity */
	NAME_ROUTER,    /* UTF8String is fine (RFC 8209 3.1.1) */
};

/* Read a Name; its whole octets. */
struct bytes name_read(struct der *d, enum name_profile profile,
    struct oddities *odd);

/*
 * Any Name, of the profile or not, as "CN=a, serialNumber=b" with foreign
 * octets as they are: whoever shows it must escape it. Ends where it is broken.
 */
void name_text(struct octets *out, struct bytes whole);

/*
 * Are two names that name_read() took the same (RFC 5280 7.1)? The type of a
 * string does not matter, nor its case, nor blanks more or less, nor in which
 * order a set has its attributes.
 */
bool name_equal(struct bytes a, struct bytes b);

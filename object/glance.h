/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * glance - what can be read of a certificate, CRL or envelope that is wrong.
 *
 * For whoever shows an object that a decoder refused, and for nothing else:
 * no rule of any profile is checked, fields that cannot be read stay empty,
 * and the rest is read all the same as far as the DER allows.
 */
#pragma once

#include "base/arena.h"
#include "object/cert.h"
#include "object/cms.h"
#include "object/crl.h"

void glance_cert(struct cert *cert, struct bytes der, struct arena *arena);
void glance_crl(struct crl *crl, struct bytes der, struct arena *arena);
/* The EE certificate too. */
void glance_cms(struct cms *cms, struct bytes der, struct arena *arena);

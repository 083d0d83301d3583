/* SPDX-License-Identifier: BSD-2-Clause */
/* lanes where the processor or the compiler has none; see lanes.h. */
#include "crypto/lanes.h"

#include <stdlib.h>

bool
lanes_here(void)
{
	return false;
}

void
lanes_raise(const struct lane in[LANES], uint8_t out[LANES][KEY_RSA_OCTETS])
{
	(void)in;
	(void)out;
	abort();
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* main - where kedge-engine begins: its request comes on descriptor 3. */
#include "validator/engine.h"

int
main(void)
{
	return engine_main(3);
}

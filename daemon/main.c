/* SPDX-License-Identifier: BSD-2-Clause */
/* main - where kedge begins. */
#include <stdio.h>

int
main(void)
{
	puts(PACKAGE_STRING);
	return 0;
}

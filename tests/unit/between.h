/* SPDX-License-Identifier: BSD-2-Clause */
/* between - what versions 1 and 2 of cmocka have under different names. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* least <= value <= most, all below 2^63. */
#define assert_between(value, least, most)                                     \
	do {                                                                   \
		intmax_t it_is = (intmax_t)(value);                            \
		intmax_t at_least = (intmax_t)(least);                         \
		intmax_t at_most = (intmax_t)(most);                           \
                                                                               \
		if (it_is < at_least || it_is > at_most) {                     \
			fail_msg("%jd is not between %jd and %jd", it_is,      \
			    at_least, at_most);                                \
		}                                                              \
	} while (0)

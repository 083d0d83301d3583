/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lanes - what is left of eight RSA signatures at once, where the processor has
 * AVX-512 with IFMA.
 *
 * Eight numbers with a modulus each are raised to 65537 side by side, in the
 * time in which OpenSSL does three. All of it is public, so nothing needs
 * constant time.
 */
#pragma once

#include <stdbool.h>

#include "crypto/key.h"

enum { LANES = 8 };

struct lane {
	uint8_t modulus[KEY_RSA_OCTETS]; /* as key_rsa() wants it */
	uint8_t number[KEY_RSA_OCTETS];  /* below the modulus */
};

/* Can this processor do it? */
bool lanes_here(void);

/* number^65537 modulo modulus, of each. Only where lanes_here(). */
void lanes_raise(const struct lane in[LANES],
    uint8_t out[LANES][KEY_RSA_OCTETS]);

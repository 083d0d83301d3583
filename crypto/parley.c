/* SPDX-License-Identifier: BSD-2-Clause */
/* parley - see parley.h. */
#include "crypto/parley.h"

#include <openssl/ssl.h>

/* It passes for closed by the other side: OpenSSL looks before each record. */
static void
on_message(int sent, int version, int kind, const void *at, size_t len,
    SSL *ssl, void *arg)
{
	struct parley *parley = arg;

	(void)version, (void)at, (void)len;
	if (sent != 0 || kind != SSL3_RT_HANDSHAKE) {
		return;
	}
	parley->heard++;
	if (parley_over(parley)) {
		SSL_set_shutdown(ssl,
		    SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
	}
}

void
parley_watch(struct parley *parley, void *ssl_ctx)
{
	SSL_CTX_set_msg_callback(ssl_ctx, on_message);
	SSL_CTX_set_msg_callback_arg(ssl_ctx, parley);
}

bool
parley_over(const struct parley *parley)
{
	return parley->heard > parley->most;
}

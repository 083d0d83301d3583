/* SPDX-License-Identifier: BSD-2-Clause */
/* Any octets, each value read by the reader its tag asks for. */
#include "object/der.h"
#include "object/stamp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

const char *const fuzz_folders[] = { "cert", "crl", NULL };

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum fault fault = FAULT_NONE;
	struct der d = der_open(bytes_of(data, size), &fault);

	while (der_more(&d)) {
		switch (*d.at) {
		case DER_BOOLEAN:
			der_boolean(&d);
			break;
		case DER_INTEGER:
			der_integer(&d);
			break;
		case DER_BIT_STRING:
			der_bits(&d);
			break;
		case DER_OID:
			der_oid(&d);
			break;
		case DER_UTF8_STRING:
		case DER_PRINTABLE_STRING:
		case DER_IA5_STRING:
			der_string(&d, *d.at);
			break;
		case DER_UTC_TIME:
		case DER_GENERALIZED_TIME:
			stamp_time(&d);
			break;
		case DER_SEQUENCE:
		case DER_SET:
		case DER_CONTEXT_0:
		case DER_CONTEXT_3:
			d = der_enter(&d, *d.at); /* the first branch only */
			break;
		default:
			der_skip(&d);
			break;
		}
	}
	der_close(&d);
	return 0;
}

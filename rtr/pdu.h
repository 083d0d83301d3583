/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pdu - the messages of RPKI-to-Router as octets (RFC 6810, RFC 8210,
 * draft-ietf-sidrops-8210bis).
 *
 *	version (1)  type (1)  field (2)  length (4, of the whole PDU)  body
 *
 * Reading checks form only: that the length is one this type may have. Writing
 * appends whole PDUs.
 */
#pragma once

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/limits.h"
#include "base/octets.h"
#include "payload/item.h"

enum {
	PDU_HEADER = 8,
	PDU_LONGEST = 65535,
	PDU_VERSIONS = 3,
	PDU_PROVIDERS = (PDU_LONGEST - PDU_HEADER - 4) / 4, /* of an ASPA */
};

enum pdu_type {
	PDU_SERIAL_NOTIFY = 0,
	PDU_SERIAL_QUERY = 1,
	PDU_RESET_QUERY = 2,
	PDU_CACHE_RESPONSE = 3,
	PDU_IPV4_PREFIX = 4,
	PDU_IPV6_PREFIX = 6,
	PDU_END_OF_DATA = 7,
	PDU_CACHE_RESET = 8,
	PDU_ROUTER_KEY = 9,
	PDU_ERROR_REPORT = 10,
	PDU_ASPA = 11,
	PDU_TYPES
};

/* RFC 8210 12 and 8210bis 12. Only 2, 4 and 12 leave the session's data be. */
enum pdu_error {
	PDU_CORRUPT_DATA = 0,
	PDU_INTERNAL_ERROR = 1,
	PDU_NO_DATA = 2,
	PDU_INVALID_REQUEST = 3,
	PDU_UNSUPPORTED_VERSION = 4,
	PDU_UNSUPPORTED_TYPE = 5,
	PDU_WITHDRAWAL_OF_UNKNOWN = 6,
	PDU_DUPLICATE_ANNOUNCEMENT = 7,
	PDU_UNEXPECTED_VERSION = 8, /* since version 1 */
	PDU_ASPA_LIST_ERROR = 9,    /* the rest since version 2 */
	PDU_TRANSPORT_FAILURE = 10,
	PDU_ORDERING_ERROR = 11,
	PDU_CACHE_RESTART = 12,
	PDU_CACHE_SHUTDOWN = 13,
};

struct pdu {
	uint8_t version, type;
	uint16_t field; /* session id, error code or flags */
	uint32_t length;
	struct bytes body; /* after the header, lent */
};

enum pdu_form {
	PDU_MORE,    /* not all of it is there */
	PDU_WHOLE,   /* *pdu is set; pdu->length octets are used up */
	PDU_LENGTH,  /* a length this type cannot have: Corrupt Data */
	PDU_UNKNOWN, /* no such type in this version: Unsupported PDU Type */
};

/*
 * Look at what stands at the front of `in`. Once a header is there, version,
 * type, field and length are set in *pdu whatever comes back. A version above
 * ours is read by the rules of ours.
 */
enum pdu_form pdu_read(struct pdu *pdu, struct bytes in);

const char *pdu_error_name(unsigned error); /* "Corrupt Data" */

/* Its name, and of whom a whole payload PDU speaks: "IPv4 Prefix AS64496
 * 192.0.2.0/24-26", "ASPA AS64496". */
void pdu_text(struct octets *out, const struct pdu *pdu);

/* Is this error code defined for this version? */
bool pdu_error_known(unsigned version, unsigned error);

static_assert((int)LIMIT_ASPA_PROVIDERS <= (int)PDU_PROVIDERS, "an ASPA fits");
static_assert((int)LIMIT_SPKI <= (int)PDU_LONGEST - PDU_HEADER - KEYID_SIZE - 4,
    "a router key fits");

enum pdu_flag { PDU_WITHDRAW = 0, PDU_ANNOUNCE = 1 };

/* Timers of End of Data, in seconds (RFC 8210 6). */
struct pdu_timing {
	uint32_t refresh, retry, expire;
};

/* Bring them within the bounds of their section: each in its range, expire
 * above the other two. */
void pdu_fit_timing(struct pdu_timing *timing);

void pdu_notify(struct octets *out, unsigned version, uint16_t session,
    uint32_t serial);
void pdu_serial_query(struct octets *out, unsigned version, uint16_t session,
    uint32_t serial);
void pdu_reset_query(struct octets *out, unsigned version);
void pdu_cache_response(struct octets *out, unsigned version, uint16_t session);
void pdu_prefix(struct octets *out, unsigned version, enum pdu_flag flag,
    const struct vrp *vrp);
void pdu_router_key(struct octets *out, unsigned version, enum pdu_flag flag,
    const struct router_key *key);
/* A withdrawal carries no providers. */
void pdu_aspa(struct octets *out, unsigned version, enum pdu_flag flag,
    const struct aspa *aspa);
void pdu_end_of_data(struct octets *out, unsigned version, uint16_t session,
    uint32_t serial, const struct pdu_timing *timing);
void pdu_cache_reset(struct octets *out, unsigned version);

/* `wrong` is the PDU complained of, or empty; it and the text are cut to what
 * fits into the longest PDU. The text is UTF-8. */
void pdu_error_report(struct octets *out, unsigned version,
    enum pdu_error error, struct bytes wrong, const char *text);

/* The parts of an Error Report; false when its inner lengths do not add up. */
bool pdu_read_error(const struct pdu *pdu, struct bytes *wrong,
    struct bytes *text);

/* The parts of payload PDUs, for a client. False when they break a rule of
 * their section; *flag is bit 0. Providers and keys are lent. */
bool pdu_read_prefix(const struct pdu *pdu, enum pdu_flag *flag,
    struct vrp *vrp);
bool pdu_read_router_key(const struct pdu *pdu, enum pdu_flag *flag,
    struct router_key *key);
/* Providers land in `room`, which has place for PDU_PROVIDERS. */
bool pdu_read_aspa(const struct pdu *pdu, enum pdu_flag *flag,
    struct aspa *aspa, uint32_t *room);
/* The timing of version 0 is zero: it carries none. */
bool pdu_read_end_of_data(const struct pdu *pdu, uint32_t *serial,
    struct pdu_timing *timing);
bool pdu_read_serial(const struct pdu *pdu, uint32_t *serial);

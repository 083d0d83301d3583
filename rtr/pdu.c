/* SPDX-License-Identifier: BSD-2-Clause */
/* pdu - see pdu.h. */
#include "rtr/pdu.h"

#include <string.h>

#include "base/cursor.h"

/* What each type may measure, and the version that brought it. */
static const struct {
	const char *name; /* NULL: no such type */
	uint32_t smallest, largest;
	unsigned since;
} rules[PDU_TYPES] = {
	[PDU_SERIAL_NOTIFY] = { "Serial Notify", 12, 12, 0 },
	[PDU_SERIAL_QUERY] = { "Serial Query", 12, 12, 0 },
	[PDU_RESET_QUERY] = { "Reset Query", 8, 8, 0 },
	[PDU_CACHE_RESPONSE] = { "Cache Response", 8, 8, 0 },
	[PDU_IPV4_PREFIX] = { "IPv4 Prefix", 20, 20, 0 },
	[PDU_IPV6_PREFIX] = { "IPv6 Prefix", 32, 32, 0 },
	[PDU_END_OF_DATA] = { "End of Data", 12, 24, 0 },
	[PDU_CACHE_RESET] = { "Cache Reset", 8, 8, 0 },
	[PDU_ROUTER_KEY] = { "Router Key", 32, PDU_LONGEST, 1 },
	[PDU_ERROR_REPORT] = { "Error Report", 16, PDU_LONGEST, 0 },
	[PDU_ASPA] = { "ASPA", 12, PDU_LONGEST, 2 },
};

static const struct {
	const char *name;
	unsigned since;
} errors[] = {
	[PDU_CORRUPT_DATA] = { "Corrupt Data", 0 },
	[PDU_INTERNAL_ERROR] = { "Internal Error", 0 },
	[PDU_NO_DATA] = { "No Data Available", 0 },
	[PDU_INVALID_REQUEST] = { "Invalid Request", 0 },
	[PDU_UNSUPPORTED_VERSION] = { "Unsupported Protocol Version", 0 },
	[PDU_UNSUPPORTED_TYPE] = { "Unsupported PDU Type", 0 },
	[PDU_WITHDRAWAL_OF_UNKNOWN] = { "Withdrawal of Unknown Record", 0 },
	[PDU_DUPLICATE_ANNOUNCEMENT] = { "Duplicate Announcement Received", 0 },
	[PDU_UNEXPECTED_VERSION] = { "Unexpected Protocol Version", 1 },
	[PDU_ASPA_LIST_ERROR] = { "ASPA Provider List Error", 2 },
	[PDU_TRANSPORT_FAILURE] = { "Transport Failure", 2 },
	[PDU_ORDERING_ERROR] = { "Ordering Error", 2 },
	[PDU_CACHE_RESTART] = { "Cache Restart", 2 },
	[PDU_CACHE_SHUTDOWN] = { "Cache Shutdown", 2 },
};

enum { ERROR_COUNT = sizeof(errors) / sizeof(errors[0]) };

static const char *
name_of(unsigned type)
{
	return type < PDU_TYPES && rules[type].name != NULL ? rules[type].name
							    : "unknown PDU";
}

const char *
pdu_error_name(unsigned error)
{
	return error < ERROR_COUNT ? errors[error].name : "unknown error";
}

bool
pdu_error_known(unsigned version, unsigned error)
{
	return error < ERROR_COUNT && errors[error].since <= version;
}

static bool
length_fits(const struct pdu *pdu, unsigned version)
{
	if (pdu->type == PDU_END_OF_DATA) {
		return pdu->length == (version == 0 ? 12 : 24);
	}
	if (pdu->type == PDU_ASPA && pdu->length % 4 != 0) {
		return false;
	}
	return pdu->length >= rules[pdu->type].smallest &&
	       pdu->length <= rules[pdu->type].largest;
}

enum pdu_form
pdu_read(struct pdu *pdu, struct bytes in)
{
	struct cursor c = cursor_open(in);
	unsigned version;

	if (in.len < PDU_HEADER) {
		return PDU_MORE;
	}
	*pdu = (struct pdu){ .version = cursor_u8(&c) };
	pdu->type = cursor_u8(&c);
	pdu->field = cursor_u16(&c);
	pdu->length = cursor_u32(&c);
	version = pdu->version < PDU_VERSIONS ? pdu->version : PDU_VERSIONS - 1;
	if (pdu->length < PDU_HEADER || pdu->length > PDU_LONGEST) {
		return PDU_LENGTH;
	}
	if (pdu->type >= PDU_TYPES || rules[pdu->type].name == NULL ||
	    rules[pdu->type].since > version) {
		return PDU_UNKNOWN;
	}
	if (!length_fits(pdu, version)) {
		return PDU_LENGTH;
	}
	if (in.len < pdu->length) {
		return PDU_MORE;
	}
	pdu->body = cursor_take(&c, pdu->length - PDU_HEADER);
	return PDU_WHOLE;
}

static void
header(struct octets *out, unsigned version, enum pdu_type type, unsigned field,
    size_t length)
{
	octets_u8(out, (uint8_t)version);
	octets_u8(out, (uint8_t)type);
	octets_u16(out, (uint16_t)field);
	octets_u32(out, (uint32_t)length);
}

void
pdu_notify(struct octets *out, unsigned version, uint16_t session,
    uint32_t serial)
{
	header(out, version, PDU_SERIAL_NOTIFY, session, 12);
	octets_u32(out, serial);
}

void
pdu_serial_query(struct octets *out, unsigned version, uint16_t session,
    uint32_t serial)
{
	header(out, version, PDU_SERIAL_QUERY, session, 12);
	octets_u32(out, serial);
}

void
pdu_reset_query(struct octets *out, unsigned version)
{
	header(out, version, PDU_RESET_QUERY, 0, PDU_HEADER);
}

void
pdu_cache_response(struct octets *out, unsigned version, uint16_t session)
{
	header(out, version, PDU_CACHE_RESPONSE, session, PDU_HEADER);
}

/* Written in one piece: there are a million of them. */
void
pdu_prefix(struct octets *out, unsigned version, enum pdu_flag flag,
    const struct vrp *vrp)
{
	bool v4 = vrp->prefix.family == IP_V4;
	uint8_t length = v4 ? 20 : 32;
	size_t size = v4 ? 4 : 16;
	uint8_t *at = octets_more(out, length);

	memset(at, 0, PDU_HEADER + 4);
	at[0] = (uint8_t)version;
	at[1] = v4 ? PDU_IPV4_PREFIX : PDU_IPV6_PREFIX;
	at[7] = length;
	at[8] = (uint8_t)flag;
	at[9] = vrp->prefix.length;
	at[10] = vrp->max_length;
	memcpy(at + 12, vrp->prefix.address, size);
	at[12 + size] = (uint8_t)(vrp->asn >> 24);
	at[13 + size] = (uint8_t)(vrp->asn >> 16);
	at[14 + size] = (uint8_t)(vrp->asn >> 8);
	at[15 + size] = (uint8_t)vrp->asn;
}

void
pdu_router_key(struct octets *out, unsigned version, enum pdu_flag flag,
    const struct router_key *key)
{
	header(out, version, PDU_ROUTER_KEY, (unsigned)flag << 8,
	    PDU_HEADER + KEYID_SIZE + 4 + (size_t)key->spki_len);
	octets_add(out, key->ski.at, KEYID_SIZE);
	octets_u32(out, key->asn);
	octets_add(out, key->spki, key->spki_len);
}

void
pdu_aspa(struct octets *out, unsigned version, enum pdu_flag flag,
    const struct aspa *aspa)
{
	uint32_t count = flag == PDU_ANNOUNCE ? aspa->count : 0;

	header(out, version, PDU_ASPA, (unsigned)flag << 8,
	    PDU_HEADER + 4 + (size_t)count * 4);
	octets_u32(out, aspa->customer);
	for (uint32_t i = 0; i < count; i++) {
		octets_u32(out, aspa->providers[i]);
	}
}

static uint32_t
within(uint32_t value, uint32_t least, uint32_t most)
{
	if (value < least) {
		return least;
	}
	return value > most ? most : value;
}

void
pdu_fit_timing(struct pdu_timing *timing)
{
	uint32_t above;

	timing->refresh = within(timing->refresh, 1, 86400);
	timing->retry = within(timing->retry, 1, 7200);
	timing->expire = within(timing->expire, 600, 172800);
	above = 1 + (timing->refresh > timing->retry ? timing->refresh
						     : timing->retry);
	if (timing->expire < above) {
		timing->expire = above;
	}
}

void
pdu_end_of_data(struct octets *out, unsigned version, uint16_t session,
    uint32_t serial, const struct pdu_timing *timing)
{
	header(out, version, PDU_END_OF_DATA, session, version == 0 ? 12 : 24);
	octets_u32(out, serial);
	if (version > 0) {
		octets_u32(out, timing->refresh);
		octets_u32(out, timing->retry);
		octets_u32(out, timing->expire);
	}
}

void
pdu_cache_reset(struct octets *out, unsigned version)
{
	header(out, version, PDU_CACHE_RESET, 0, PDU_HEADER);
}

void
pdu_error_report(struct octets *out, unsigned version, enum pdu_error error,
    struct bytes wrong, const char *text)
{
	size_t text_len = strnlen(text, PDU_LONGEST / 2);
	size_t room = PDU_LONGEST - PDU_HEADER - 8 - text_len;
	size_t n = wrong.len < room ? wrong.len : room;

	header(out, version, PDU_ERROR_REPORT, error,
	    PDU_HEADER + 8 + n + text_len);
	octets_u32(out, (uint32_t)n);
	octets_add(out, wrong.at, n);
	octets_u32(out, (uint32_t)text_len);
	octets_add(out, text, text_len);
}

bool
pdu_read_error(const struct pdu *pdu, struct bytes *wrong, struct bytes *text)
{
	struct cursor c = cursor_open(pdu->body);

	*wrong = cursor_run(&c);
	*text = cursor_run(&c);
	return pdu->type == PDU_ERROR_REPORT && cursor_end(&c);
}

bool
pdu_read_prefix(const struct pdu *pdu, enum pdu_flag *flag, struct vrp *vrp)
{
	struct cursor c = cursor_open(pdu->body);
	bool v4 = pdu->type == PDU_IPV4_PREFIX;

	*vrp = (struct vrp){ .prefix.family = v4 ? IP_V4 : IP_V6 };
	*flag = (enum pdu_flag)(cursor_u8(&c) & 1);
	vrp->prefix.length = cursor_u8(&c);
	vrp->max_length = cursor_u8(&c);
	(void)cursor_u8(&c);
	cursor_copy(&c, vrp->prefix.address, v4 ? 4 : 16);
	vrp->asn = cursor_u32(&c);
	return cursor_end(&c) && item_vrp_sane(vrp);
}

bool
pdu_read_router_key(const struct pdu *pdu, enum pdu_flag *flag,
    struct router_key *key)
{
	struct cursor c = cursor_open(pdu->body);
	struct bytes spki;

	*key = (struct router_key){ .asn = 0 };
	cursor_copy(&c, key->ski.at, KEYID_SIZE);
	key->asn = cursor_u32(&c);
	spki = cursor_take(&c, cursor_left(&c));
	*flag = (enum pdu_flag)(pdu->field >> 8 & 1);
	if (!cursor_end(&c) || spki.len == 0) {
		return false;
	}
	key->spki = spki.at;
	key->spki_len = (uint16_t)spki.len;
	return true;
}

/* A list in ascending order without doubles, AS0 only alone; none at all in a
 * withdrawal (8210bis 5.12). */
bool
pdu_read_aspa(const struct pdu *pdu, enum pdu_flag *flag, struct aspa *aspa,
    uint32_t *room)
{
	struct cursor c = cursor_open(pdu->body);

	*aspa = (struct aspa){ .customer = cursor_u32(&c), .providers = room };
	*flag = (enum pdu_flag)(pdu->field >> 8 & 1);
	while (cursor_left(&c) > 0 && aspa->count < PDU_PROVIDERS) {
		uint32_t asn = cursor_u32(&c);

		if (aspa->count > 0 && asn <= room[aspa->count - 1]) {
			return false;
		}
		room[aspa->count++] = asn;
	}
	if (!cursor_end(&c) || (aspa->count > 0) != (*flag == PDU_ANNOUNCE)) {
		return false;
	}
	return aspa->count < 2 || room[0] != 0;
}

bool
pdu_read_end_of_data(const struct pdu *pdu, uint32_t *serial,
    struct pdu_timing *timing)
{
	struct cursor c = cursor_open(pdu->body);

	*timing = (struct pdu_timing){ 0 };
	*serial = cursor_u32(&c);
	if (pdu->version > 0) {
		timing->refresh = cursor_u32(&c);
		timing->retry = cursor_u32(&c);
		timing->expire = cursor_u32(&c);
	}
	return cursor_end(&c);
}

bool
pdu_read_serial(const struct pdu *pdu, uint32_t *serial)
{
	struct cursor c = cursor_open(pdu->body);

	*serial = cursor_u32(&c);
	return cursor_end(&c);
}

void
pdu_text(struct octets *out, const struct pdu *pdu)
{
	struct cursor c = cursor_open(pdu->body);
	char text[IP_TEXT];
	enum pdu_flag flag;
	struct vrp vrp;

	octets_printf(out, "%s", name_of(pdu->type));
	if (pdu->body.len == 0) {
		return;
	}
	if (pdu->type == PDU_IPV4_PREFIX || pdu->type == PDU_IPV6_PREFIX) {
		(void)pdu_read_prefix(pdu, &flag, &vrp);
		ip_prefix_text(&vrp.prefix, text);
		octets_printf(out, " AS%u %s-%u", vrp.asn, text,
		    vrp.max_length);
	} else if (pdu->type == PDU_ROUTER_KEY) {
		(void)cursor_take(&c, KEYID_SIZE);
		octets_printf(out, " AS%u", cursor_u32(&c));
	} else if (pdu->type == PDU_ASPA) {
		octets_printf(out, " AS%u", cursor_u32(&c));
	}
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* gate - see gate.h. */
#include "daemon/gate.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/access.h"
#include "base/array.h"
#include "base/mem.h"
#include "base/text.h"
#include "daemon/credentials.h"
#include "daemon/identity.h"
#include "daemon/listen.h"
#include "daemon/tls.h"

enum way { WAY_PLAIN, WAY_TLS, WAY_LOCAL, WAY_HTTP, WAY_HTTP_TLS, WAYS };

/* As the socket units of systemd name them. */
static const char *const way_names[WAYS] = {
	[WAY_PLAIN] = "rtr",
	[WAY_TLS] = "rtr-tls",
	[WAY_LOCAL] = "rtr-local",
	[WAY_HTTP] = "http",
	[WAY_HTTP_TLS] = "http-tls",
};

struct door {
	enum way way;
	char *where; /* NULL: it was passed to us */
	int fd;
	int given; /* to HTTP: it is told by this one to let go; -1: none */
};

struct gate {
	const struct setting *at; /* while it is made */
	struct door *doors;
	size_t count, room;
	struct access *access;
	struct credentials credentials;
};

static void
read_list(struct access *access, enum access_word word,
    const struct policy_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		struct ip_prefix prefix;

		/* The settings took nothing that cannot be read. */
		if (ip_prefix_parse(&prefix, text_bytes(list->items[i]),
			IP_LONE_ADDRESS)) {
			access_add(access, word, &prefix);
		}
	}
}

/* --- sockets */

static void
add_door(struct gate *gate, enum way way, const char *where, int fd)
{
	gate->doors = array_room(gate->doors, gate->count, &gate->room,
	    sizeof(*gate->doors));
	gate->doors[gate->count++] =
	    (struct door){ way, mem_text(where), fd, -1 };
}

/* The same socket again, for itself; -1: `before` has none of this kind. */
static int
inherit(const struct gate *before, enum way way, const char *where)
{
	for (size_t i = 0; before != NULL && i < before->count; i++) {
		const struct door *door = &before->doors[i];

		if (door->way == way && door->where != NULL &&
		    strcmp(door->where, where) == 0) {
			return fcntl(door->fd, F_DUPFD_CLOEXEC, 3);
		}
	}
	return -1;
}

/* At the start we may be root still; whoever we become owns the socket. */
static int
open_local(const struct setting *at, const char *path, struct octets *why)
{
	int fd = listen_local(path, why);

	if (fd >= 0 &&
	    !identity_give(at[SET_USER].text, at[SET_GROUP].text, path, why)) {
		close(fd);
		fd = -1;
	}
	return fd;
}

static bool
open_one(struct gate *gate, const struct gate *before, enum way way,
    const char *where, struct octets *why)
{
	int fd = inherit(before, way, where);

	if (fd < 0) {
		fd = way == WAY_LOCAL ? open_local(gate->at, where, why)
				      : listen_open(where, why);
	}
	if (fd < 0) {
		return false;
	}
	add_door(gate, way, where, fd);
	return true;
}

static bool
open_list(struct gate *gate, const struct gate *before, enum way way,
    const struct policy_list *list, struct octets *why)
{
	for (size_t i = 0; i < list->count; i++) {
		if (!open_one(gate, before, way, list->items[i], why)) {
			return false;
		}
	}
	return true;
}

/* What was passed to us stays ours through every change of the settings. */
static void
keep_passed(struct gate *gate, const struct gate *before)
{
	for (size_t i = 0; before != NULL && i < before->count; i++) {
		const struct door *door = &before->doors[i];

		if (door->where == NULL) {
			add_door(gate, door->way, NULL,
			    fcntl(door->fd, F_DUPFD_CLOEXEC, 3));
		}
	}
}

static void
take_passed(struct gate *gate, const struct gate_passed *passed)
{
	for (size_t i = 0; passed != NULL && i < passed->count; i++) {
		struct notify_socket *one = &passed->sockets[i];

		for (unsigned way = 0; way < WAYS; way++) {
			if (one->fd >= 0 && one->name != NULL &&
			    strcmp(one->name, way_names[way]) == 0) {
				add_door(gate, (enum way)way, NULL, one->fd);
				one->fd = -1;
			}
		}
	}
}

static bool
has_way(const struct gate *gate, enum way way)
{
	for (size_t i = 0; i < gate->count; i++) {
		if (gate->doors[i].way == way) {
			return true;
		}
	}
	return false;
}

static bool
for_people(const struct door *door)
{
	return door->way == WAY_HTTP || door->way == WAY_HTTP_TLS;
}

/* At the start, what a socket refuses is told before anything runs. */
static bool
arm_all(const struct gate *gate, struct octets *why)
{
	for (size_t i = 0; i < gate->count; i++) {
		if (!for_people(&gate->doors[i]) &&
		    !credentials_arm(&gate->credentials, gate->doors[i].fd,
			why)) {
			return false;
		}
	}
	return true;
}

static const enum setting_id places[] = { SET_RTR, SET_RTR_TLS, SET_HTTP,
	SET_HTTP_TLS };

/* Is this place named before? `ss` would show nobody who has it. */
static bool
named_before(const struct settings *all, size_t place, size_t item)
{
	const char *where = all->at[places[place]].list.items[item];

	for (size_t p = 0; p <= place; p++) {
		const struct policy_list *list = &all->at[places[p]].list;
		size_t count = p == place ? item : list->count;

		for (size_t i = 0; i < count; i++) {
			if (strcmp(list->items[i], where) == 0) {
				return true;
			}
		}
	}
	return false;
}

static bool
check_place(const struct settings *all, size_t place, size_t item,
    struct octets *why)
{
	const char *where = all->at[places[place]].list.items[item];
	struct listen_address address;
	bool good = listen_parse(&address, where, why);

	if (good && named_before(all, place, item)) {
		octets_printf(why,
		    "`%s` is named before; each needs a port of its own",
		    where);
		good = false;
	}
	if (!good) {
		setting_blame(all, places[place], item, why);
	}
	return good;
}

/* Before anything is opened, so that it can be told where it stands. */
static bool
check_places(const struct settings *all, struct octets *why)
{
	bool good = true;

	for (size_t p = 0; p < sizeof(places) / sizeof(places[0]); p++) {
		const struct policy_list *list = &all->at[places[p]].list;

		for (size_t i = 0; good && i < list->count; i++) {
			good = check_place(all, p, i, why);
		}
	}
	return good;
}

static bool
read_keys(struct credentials *credentials, const struct settings *all,
    bool routers, bool people, struct octets *why)
{
	static const enum setting_id files[] = { SET_RTR_TLS_CERT,
		SET_RTR_TLS_KEY, SET_RTR_CLIENT_CA, SET_RTR_MD5_KEYS,
		SET_RTR_AO_KEYS, SET_HTTP_TLS_CERT, SET_HTTP_TLS_KEY };
	bool good =
	    credentials_read(credentials, all->at, routers, people, why);

	for (size_t i = 0; !good && i < sizeof(files) / sizeof(files[0]); i++) {
		if (setting_blame_file(all, files[i], why)) {
			break;
		}
	}
	return good;
}

static bool
fill(struct gate *gate, const struct settings *all, const struct gate *before,
    const struct gate_passed *passed, struct octets *why)
{
	const struct setting *at = all->at;
	const char *local = at[SET_RTR_SOCKET].text;

	read_list(gate->access, ACCESS_ALLOW, &at[SET_RTR_ALLOW].list);
	read_list(gate->access, ACCESS_DENY, &at[SET_RTR_DENY].list);
	take_passed(gate, passed);
	keep_passed(gate, before);
	if (!check_places(all, why) ||
	    !open_list(gate, before, WAY_PLAIN, &at[SET_RTR].list, why) ||
	    !open_list(gate, before, WAY_TLS, &at[SET_RTR_TLS].list, why) ||
	    (local != NULL && !open_one(gate, before, WAY_LOCAL, local, why))) {
		return false;
	}
	if (!open_list(gate, before, WAY_HTTP, &at[SET_HTTP].list, why) ||
	    !open_list(gate, before, WAY_HTTP_TLS, &at[SET_HTTP_TLS].list,
		why)) {
		return false;
	}
	return read_keys(&gate->credentials, all, has_way(gate, WAY_TLS),
		   has_way(gate, WAY_HTTP_TLS), why) &&
	       (before != NULL || arm_all(gate, why));
}

struct gate *
gate_open(const struct settings *all, const struct gate *before,
    const struct gate_passed *passed, struct octets *why)
{
	struct gate *gate = mem_zero(1, sizeof(*gate));

	gate->access = access_new();
	gate->at = all->at;
	if (!fill(gate, all, before, passed, why)) {
		gate_free(gate);
		return NULL;
	}
	gate->at = NULL;
	return gate;
}

bool
gate_check(const struct settings *all, struct octets *why)
{
	struct credentials credentials = { 0 };
	bool good;

	if (!check_places(all, why)) {
		return false;
	}
	good = read_keys(&credentials, all, all->at[SET_RTR_TLS].list.count > 0,
	    all->at[SET_HTTP_TLS].list.count > 0, why);
	credentials_clear(&credentials);
	return good;
}

void
gate_free(struct gate *gate)
{
	if (gate == NULL) {
		return;
	}
	for (size_t i = 0; i < gate->count; i++) {
		close(gate->doors[i].fd);
		free(gate->doors[i].where);
	}
	free(gate->doors);
	access_free(gate->access);
	credentials_clear(&gate->credentials);
	free(gate);
}

void
gate_tell(const struct gate *gate, struct octets *out)
{
	for (size_t i = 0; i < gate->count; i++) {
		const struct door *door = &gate->doors[i];

		octets_printf(out, "%s%s ", i == 0 ? "" : ", ",
		    way_names[door->way]);
		octets_printf(out, "%s",
		    door->where == NULL ? "(passed to us)" : door->where);
	}
}

bool
gate_any(const struct gate *gate)
{
	return gate->count > 0;
}

bool
gate_lets(void *arg, const char *address)
{
	const struct gate *gate = arg;

	return access_lets(gate->access, address);
}

/* --- serving */

static struct server_transport
transport_of(const struct gate *gate, enum way way)
{
	struct server_transport transport = {
		.name = way == WAY_LOCAL ? "unix" : "tcp",
		.shared = way == WAY_LOCAL,
	};

	if (way == WAY_TLS) {
		transport = (struct server_transport){
			.name = "tls",
			.wrap = tls_wrap,
			.arg = gate->credentials.routers,
			.finish = tls_finish,
			.explain = tls_explain,
		};
	}
	return transport;
}

static bool
let_routers(const struct gate *gate, const struct gate *before,
    const struct door *door, struct server *server, struct octets *why)
{
	struct server_transport transport = transport_of(gate, door->way);
	int fd = fcntl(door->fd, F_DUPFD_CLOEXEC, 3);

	if (fd >= 0 && before != NULL) {
		credentials_disarm(&before->credentials, fd);
	}
	if (fd >= 0 &&
	    (before == NULL || credentials_arm(&gate->credentials, fd, why)) &&
	    server_listen(server, fd, &transport) == 0) {
		return true;
	}
	if (fd >= 0) {
		close(fd);
	}
	return false;
}

static bool
let_people(const struct gate *gate, struct door *door, struct web *web)
{
	struct web_transport tls = { .wrap = tls_wrap,
		.arg = gate->credentials.people,
		.finish = tls_finish };
	int fd = fcntl(door->fd, F_DUPFD_CLOEXEC, 3);

	if (fd >= 0 &&
	    web_listen(web, fd, door->way == WAY_HTTP_TLS ? &tls : NULL) == 0) {
		door->given = fd;
		return true;
	}
	if (fd >= 0) {
		close(fd);
	}
	return false;
}

static void
leave(const struct gate *before, const struct gate_hosts *hosts)
{
	server_unlisten(hosts->routers);
	for (size_t i = 0; before != NULL && i < before->count; i++) {
		if (before->doors[i].given >= 0) {
			web_unlisten(hosts->people, before->doors[i].given);
		}
	}
}

bool
gate_serve(struct gate *gate, const struct gate *before,
    const struct gate_hosts *hosts, struct octets *why)
{
	bool good = true;

	leave(before, hosts);
	for (size_t i = 0; i < gate->count; i++) {
		struct door *door = &gate->doors[i];

		good &= for_people(door) ? let_people(gate, door, hosts->people)
					 : let_routers(gate, before, door,
					       hosts->routers, why);
	}
	server_recheck(hosts->routers);
	return good;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* identity - see identity.h. */
#include "daemon/identity.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <unistd.h>

static bool
say(struct octets *why, const char *what, const char *name, const char *wrong)
{
	octets_printf(why, "%s %s: %s", what, name, wrong);
	return false;
}

bool
identity_become(const char *user, const char *group, struct octets *why)
{
	const struct passwd *account = NULL;
	const struct group *team = NULL;
	gid_t gid = getgid();

	if (user != NULL && (account = getpwnam(user)) == NULL) {
		return say(why, "user", user, "there is no such user");
	}
	if (group != NULL && (team = getgrnam(group)) == NULL) {
		return say(why, "group", group, "there is no such group");
	}
	if (team != NULL) {
		gid = team->gr_gid;
	} else if (account != NULL) {
		gid = account->pw_gid;
	}
	if (account != NULL && geteuid() == account->pw_uid &&
	    getegid() == gid) {
		return true;
	}
	if (account != NULL && initgroups(user, gid) != 0) {
		return say(why, "user", user, strerror(errno));
	}
	if (group != NULL || account != NULL) {
		if (account == NULL && setgroups(1, &gid) != 0) {
			return say(why, "group", group, strerror(errno));
		}
		if (setgid(gid) != 0) {
			return say(why, "group", group != NULL ? group : user,
			    strerror(errno));
		}
	}
	if (account != NULL) {
		uid_t uid = account->pw_uid;

		if (setuid(uid) != 0 || (uid != 0 && setuid(0) == 0)) {
			return say(why, "user", user, strerror(errno));
		}
	}
	return true;
}

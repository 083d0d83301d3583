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

/* The account is NULL without a user. */
static bool
look_up(const char *user, const char *group, const struct passwd **account,
    gid_t *gid, struct octets *why)
{
	const struct group *team = NULL;

	*account = NULL;
	*gid = getgid();
	if (user != NULL && (*account = getpwnam(user)) == NULL) {
		return say(why, "user", user, "there is no such user");
	}
	if (group != NULL && (team = getgrnam(group)) == NULL) {
		return say(why, "group", group, "there is no such group");
	}
	if (team != NULL) {
		*gid = team->gr_gid;
	} else if (*account != NULL) {
		*gid = (*account)->pw_gid;
	}
	return true;
}

bool
identity_give(const char *user, const char *group, const char *path,
    struct octets *why)
{
	const struct passwd *account;
	gid_t gid;

	if ((user == NULL && group == NULL) || geteuid() != 0) {
		return true;
	}
	if (!look_up(user, group, &account, &gid, why)) {
		return false;
	}
	if (chown(path, account != NULL ? account->pw_uid : (uid_t)-1, gid) !=
	    0) {
		return say(why, "socket", path, strerror(errno));
	}
	return true;
}

bool
identity_become(const char *user, const char *group, struct octets *why)
{
	const struct passwd *account;
	gid_t gid;

	if (geteuid() != 0) {
		return true;
	}
	if (!look_up(user, group, &account, &gid, why)) {
		return false;
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

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * service - a validator that runs for years: it owns the set that is served,
 * decides when an engine runs, and tells everybody what changed.
 *
 *	starting -> running -> publishing -> running -> idle -> running ...
 *	running -> serving-stale, where a run failed; retrying, without a set
 *	any of them -> stopping
 *
 * All state belongs to the thread of the event loop. Whatever takes long is an
 * errand: a job for a worker that comes back with what it found.
 */
#pragma once

#include "daemon/control.h"
#include "daemon/errand.h"
#include "daemon/fresh.h"
#include "daemon/gate.h"
#include "daemon/keeper.h"
#include "daemon/kept.h"
#include "daemon/shift.h"
#include "daemon/task.h"
#include "output/view.h"
#include "rtr/feed.h"
#include "rtr/server.h"

enum service_state {
	SERVICE_STARTING,   /* nothing was tried yet */
	SERVICE_IDLE,       /* the last run went well; waits for the next */
	SERVICE_RUNNING,    /* an engine is at work */
	SERVICE_PUBLISHING, /* a set is made ready to be served */
	SERVICE_STALE,      /* the last run failed; waits to try again */
	SERVICE_RETRYING,   /* the same, and there is nothing to serve */
	SERVICE_STOPPING,   /* says goodbye */
	SERVICE_STATES
};

enum { SERVICE_SIGNALS = 5, SERVICE_WHY = 256 };

/* Is the state folder ahead of what is about to be told? */
enum service_ahead { AHEAD_NOTHING_ASKED, AHEAD_ASKED, AHEAD_DONE };

struct alarm;
struct event;
struct journal;
struct keep;
struct event_base;

/*
 * Open to the few files that share its work: rota (when engines run), edition
 * (how a set comes to be served), reload (settings), retain (what is kept),
 * watch (what the clock brings), hosting and reception (who is served).
 */
struct service {
	struct task *task;
	struct log *log;
	enum service_state state;
	int64_t started;              /* wall: the process */
	int64_t began_ms, entered_ms; /* the process; the state */
	unsigned sandbox;

	struct event_base *base;
	struct alarm *due;    /* the next run */
	struct alarm *expiry; /* something has ended */
	struct alarm *soon;   /* something was asked for */
	struct alarm *tick, *leave;
	struct event *back, *signals[SERVICE_SIGNALS];
	struct pool *pool;
	struct shift *shift;

	/* What it brought and what was made of it. */
	const struct snapshot *offered; /* by an engine, to be published */
	const struct account *reported; /* of what is offered */
	const struct snapshot *plain;   /* published, before local policy */
	const struct account *account;  /* of the run it is from */
	bool fresh;    /* something is to be published, again */
	bool complete; /* nothing failed in the run it is from */
	bool early;    /* what is offered did not wait for all */
	bool filing, refile;
	struct publish *published; /* came back */
	struct shape_effects effects;
	struct history *history;
	struct feed *feed;
	struct server *rtr;
	struct web *web;
	struct gate *gate, *next_gate; /* as `task` and `next` */
	struct control *control;
	struct targets *targets; /* in the task's arena */
	int64_t changed, made;   /* when the serial and the set came to be */
	uint64_t edition;        /* as view.h has these */
	int64_t attributed;
	uint64_t attributed_in;
	uint64_t too_long;
	struct filter_policy limits;

	/* What is kept, and watched over. */
	struct keep *keep;       /* NULL: nothing can be */
	struct journal *journal; /* NULL: none */
	struct event *kept;
	struct alarm *save;
	bool unsaved; /* there is something that the state has not */
	enum service_ahead ahead;
	struct kept_ids ids;
	struct guard guard;
	struct view_guard *guards;
	size_t guard_count;
	int64_t last_good, last_complete; /* when such runs ended */
	int64_t good_ms;                  /* the former, by clock_age_ms() */
	int64_t expiry_paid_ms; /* until when serials for age are made */
	int64_t expiry_next_ms; /* before which none may follow */
	int64_t clock_offset;   /* seconds from clock_age_ms() to the wall */
	enum fresh_policy freshness;
	int64_t stale_since;

	bool want_run, want_stop, final;
	bool parted;           /* the time for goodbyes is over */
	bool eager;            /* the next run asks failing repositories too */
	struct policy policy;  /* of the run under way */
	bool loading;          /* settings are read again */
	bool reload;           /* and once more after that */
	struct octets refusal; /* why those read last are no good; empty */
	struct task *next; /* to be taken as soon as nobody uses the old one */
	struct task *own;  /* the present one, where it was read again */
	bool running;      /* begun and not finished */
	unsigned failures; /* of runs, in a row */
	int64_t run_started, run_due, failing_since;
	int64_t run_began_ms, run_took_ms; /* the last good one; -1: none */
	int64_t first_set_ms;              /* of this run; 0: none yet */
	char failing_why[SERVICE_WHY];     /* of the last that failed */
	struct view_engine engine;
	int64_t loaded; /* when the settings were taken */
	uint64_t loads, refused_loads;
	int64_t watch_ms, alive_due; /* of the service manager */
	bool ready;                  /* it was told so */
	int64_t tick_due_ms, rest_due_ms;
	int64_t loop_longest_ms; /* that the loop was away */
	int exit_code;
};

/* Lends the task and the keeper, which must live as long. */
struct service *service_new(struct task *task, struct keeper *keeper,
    unsigned sandbox);
void service_free(struct service *service); /* NULL is fine */

/* Take the sockets of control.h and local.h. */
void service_control(struct service *service, int control, int http);

/* Something may have changed: go on as far as it goes. */
void service_advance(struct service *service);
const char *service_state_name(const struct service *service);

/* Tell the service manager, once: whoever is started after us finds routers
 * served; or, where the first run failed, not kept waiting for what nobody can
 * say when it will come. */
void service_ready(struct service *service);

/* Returns when it was stopped: an exit code. */
int service_run(struct service *service);

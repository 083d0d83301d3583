/* SPDX-License-Identifier: BSD-2-Clause */
/* page - see page.h. */
#include "output/page.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "output/atlas.h"
#include "output/pagetext.h"
#include "output/pen.h"
#include "output/validity.h"

enum { NONCE_OCTETS = 16, NONCE_TEXT = 40, ROWS_MOST = 50, VRPS_MOST = 100 };

struct drawing {
	struct pen *pen;
	const struct page_input *input;
	const struct report *report; /* NULL: none yet */
	char nonce[NONCE_TEXT];
};

static int
keep(void *arg, struct bytes octets)
{
	octets_add_bytes(arg, octets);
	return 0;
}

/* --- small things */

/* Text that cannot become markup, nor leave an attribute. */
static void
put_text(struct drawing *d, const char *text)
{
	for (const char *p = text; p != NULL && *p != '\0'; p++) {
		switch (*p) {
		case '<':
			pen_text(d->pen, "&lt;");
			break;
		case '>':
			pen_text(d->pen, "&gt;");
			break;
		case '&':
			pen_text(d->pen, "&amp;");
			break;
		case '"':
			pen_text(d->pen, "&quot;");
			break;
		case '\'':
			pen_text(d->pen, "&#39;");
			break;
		default:
			octets_u8(&d->pen->buffer, (uint8_t)*p);
			break;
		}
	}
}

/* 1234567 as "1 234 567", with narrow spaces. */
static void
put_count(struct drawing *d, uint64_t count)
{
	char digits[24];
	size_t len = (size_t)snprintf(digits, sizeof(digits), "%llu",
	    (unsigned long long)count);

	for (size_t i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0) {
			pen_text(d->pen, "&#8239;");
		}
		octets_u8(&d->pen->buffer, (uint8_t)digits[i]);
	}
}

static void
put_cell(struct drawing *d, const char *class, uint64_t count)
{
	pen_printf(d->pen, "<td class=\"%s\">", class);
	put_count(d, count);
	pen_text(d->pen, "</td>");
}

/* "2026-03-01 00:00:00" */
static void
put_time(struct drawing *d, int64_t when)
{
	char text[CLOCK_TEXT];

	if (when == 0) {
		pen_text(d->pen, "&ndash;");
		return;
	}
	clock_text(when, text);
	text[10] = ' ';
	text[19] = '\0';
	pen_text(d->pen, text);
}

/* --- the parts, each for a mark in page.html */

static const char *
standing(const struct drawing *d, const char **class)
{
	const struct view *view = d->input->view;

	if (view->current == NULL) {
		*class = "warn";
		return "waiting for the first set";
	}
	*class = view->stale_since == 0 ? "good" : "bad";
	return view->stale_since == 0 ? "ready" : "stale";
}

static void
put_title(struct drawing *d)
{
	const char *class;

	put_text(d, standing(d, &class));
}

static void
put_class(struct drawing *d)
{
	const char *class;

	(void)standing(d, &class);
	put_text(d, class);
}

static void
put_nonce(struct drawing *d)
{
	put_text(d, d->nonce);
}

static void
put_version(struct drawing *d)
{
	put_text(d, PACKAGE_VERSION);
}

static void
put_prefix(struct drawing *d)
{
	if (d->input->ask->has_prefix) {
		pen_prefix(d->pen, &d->input->ask->prefix);
	}
}

static void
put_asn(struct drawing *d)
{
	if (d->input->ask->has_asn) {
		pen_printf(d->pen, "AS%u", d->input->ask->asn);
	}
}

static void
put_vrps(struct drawing *d, const struct origin_list *list, const char *match)
{
	const struct origin_index *index = atlas_index(d->input->atlas);

	for (size_t i = 0; i < list->count && i < VRPS_MOST; i++) {
		const struct vrp *vrp = origin_vrp(index, list->at[i]);

		pen_text(d->pen, "<tr><td>");
		pen_prefix(d->pen, &vrp->prefix);
		pen_printf(d->pen,
		    "</td><td>%u</td><td>AS%u</td><td>%s</td><td>",
		    vrp->max_length, vrp->asn, match);
		put_text(d, snapshot_ta(d->input->view->current, ITEM_VRP,
				list->at[i]));
		pen_text(d->pen, "</td></tr>\n");
	}
}

/* Where the rest of it is told: what may be missing, and why. */
static void
put_more(struct drawing *d)
{
	pen_text(d->pen, "<p><a href=\"api/v1/explain?prefix=");
	put_prefix(d);
	if (d->input->ask->has_asn) {
		pen_text(d->pen, "&amp;asn=");
		put_asn(d);
	}
	pen_text(d->pen,
	    "\">Sources, and what may be missing, as JSON</a></p>");
}

/* The look-up, for those without scripts. */
static void
put_result(struct drawing *d)
{
	static const char *const classes[] = {
		[ORIGIN_VALID] = "good",
		[ORIGIN_INVALID] = "bad",
		[ORIGIN_NOT_FOUND] = "warn",
	};
	const struct ask *ask = d->input->ask;
	bool asn = ask->has_asn;
	struct origin_answer answer;
	struct arena *arena;

	if (!ask->has_prefix || d->input->atlas == NULL) {
		return;
	}
	arena = arena_new();
	answer = origin_explain(atlas_index(d->input->atlas), &ask->prefix,
	    ask->asn, arena);
	if (asn) {
		pen_printf(d->pen, "<p class=\"verdict %s\">%s</p><p>%s</p>",
		    classes[answer.state], origin_state_name(answer.state),
		    validity_sentence(&answer));
	}
	pen_text(d->pen,
	    "<table><thead><tr><th>Prefix</th><th>Longest</th><th>AS</th>"
	    "<th></th><th>Trust anchor</th></tr></thead><tbody>\n");
	put_vrps(d, &answer.matched, asn ? "matches" : "covers it");
	put_vrps(d, &answer.unmatched_length,
	    asn ? "the route is too long" : "covers it");
	put_vrps(d, &answer.unmatched_as, asn ? "for another AS" : "covers it");
	pen_text(d->pen, "</tbody></table>");
	put_more(d);
	arena_free(arena);
}

static void
put_figure(struct drawing *d, const char *name, uint64_t count)
{
	pen_printf(d->pen, "<div><dt>%s</dt><dd>", name);
	put_count(d, count);
	pen_text(d->pen, "</dd></div>\n");
}

static void
put_moment(struct drawing *d, const char *name, int64_t when)
{
	pen_printf(d->pen, "<div><dt>%s</dt><dd class=\"time\">", name);
	put_time(d, when);
	pen_text(d->pen, "</dd></div>\n");
}

static void
put_figures(struct drawing *d)
{
	const struct view *view = d->input->view;

	if (view->current != NULL) {
		put_figure(d, "VRPs", snapshot_vrps(view->current));
		put_figure(d, "Router keys",
		    snapshot_router_keys(view->current));
		put_figure(d, "ASPAs", snapshot_aspas(view->current));
		pen_printf(d->pen, "<div><dt>Serial</dt><dd>%u</dd></div>\n",
		    view->serial);
	}
	put_figure(d, "Routers", view->rtr.clients);
	put_moment(d, "Last good run", view->run_finished);
	put_moment(d, "Last change", view->changed);
	put_moment(d, "Next run", view->run_due);
	if (view->stale_since != 0) {
		put_moment(d, "Stale since", view->stale_since);
	}
	pen_text(d->pen, "<div><dt>Service</dt><dd class=\"time\">");
	put_text(d, view->state == NULL ? "-" : view->state);
	pen_text(d->pen, "</dd></div>");
}

static void
put_fault(struct drawing *d, enum fault fault, const char *detail)
{
	pen_text(d->pen, "<td class=\"bad\">");
	if (fault != FAULT_NONE) {
		put_text(d, fault_label(fault));
		if (detail != NULL) {
			pen_text(d->pen, " <small>");
			put_text(d, detail);
			pen_text(d->pen, "</small>");
		}
	}
	pen_text(d->pen, "</td></tr>\n");
}

static void
put_anchors(struct drawing *d)
{
	const struct report *report = d->report;

	for (size_t i = 0; report != NULL && i < report->ta_count; i++) {
		const struct report_ta *ta = &report->tas[i];

		pen_text(d->pen, "<tr><td>");
		put_text(d, ta->name);
		pen_text(d->pen, "</td>");
		put_cell(d, "number",
		    d->input->atlas == NULL
			? ta->counters[REPORT_VRPS]
			: atlas_vrps(atlas_ta(d->input->atlas, i)));
		put_cell(d, "number wide", ta->counters[REPORT_VALID_ROAS]);
		put_cell(d, "number wide", ta->counters[REPORT_VALID_POINTS]);
		put_cell(d,
		    ta->counters[REPORT_REJECTED_POINTS] > 0 ? "number warn"
							     : "number",
		    ta->counters[REPORT_REJECTED_POINTS]);
		put_fault(d, ta->fault, ta->detail);
	}
	if (report == NULL) {
		pen_text(d->pen,
		    "<tr><td colspan=\"6\" class=\"soft\">No run has ended "
		    "yet.</td></tr>");
	}
}

static void
put_repository(struct drawing *d, const struct report_repository *r)
{
	pen_text(d->pen, "<tr><td class=\"uri\">");
	put_text(d, r->uri);
	pen_printf(d->pen, "</td><td class=\"wide\">%s</td><td class=\"time\">",
	    report_state_name(r->state));
	put_time(d, r->last_success);
	pen_text(d->pen, "</td>");
	put_cell(d, "number wide", r->failures);
	put_fault(d, r->fault, r->detail);
}

static void
put_repositories(struct drawing *d)
{
	const struct report *report = d->report;
	size_t failing = 0;

	for (size_t i = 0; report != NULL && i < report->repository_count;
	     i++) {
		failing += report->repositories[i].fault != FAULT_NONE;
	}
	if (report == NULL) {
		pen_text(d->pen, "<p class=\"soft\">No run has ended yet.</p>");
		return;
	}
	pen_printf(d->pen,
	    "<p>%zu in all, <span class=\"%s\">%zu failing</span>.",
	    report->repository_count, failing == 0 ? "good" : "bad", failing);
	if (failing == 0) {
		pen_text(d->pen, "</p>");
		return;
	}
	pen_printf(d->pen,
	    "%s</p><div class=\"scroll\"><table><thead><tr><th>Repository</th>"
	    "<th class=\"wide\">State</th><th>Last success</th>"
	    "<th class=\"number wide\">Failures</th><th>Fault</th></tr></thead>"
	    "<tbody>\n",
	    failing > ROWS_MOST ? " The first of them:" : "");
	for (size_t i = 0, n = 0; i < report->repository_count; i++) {
		const struct report_repository *r = &report->repositories[i];

		if (r->fault != FAULT_NONE && n++ < ROWS_MOST) {
			put_repository(d, r);
		}
	}
	pen_text(d->pen, "</tbody></table></div>");
}

static void
put_formats(struct drawing *d)
{
	for (size_t i = 0; format_row(i) != NULL; i++) {
		const struct format *format = format_row(i);

		/* As HTTP tells them, metrics are of the whole server. */
		if (strcmp(format->name, "none") != 0 &&
		    strcmp(format->name, "metrics") != 0) {
			pen_printf(d->pen,
			    "<li><a href=\"%s\" title=\"%s\">%s</a></li>\n",
			    format->name, format->help, format->name);
		}
	}
}

static const struct {
	const char *mark;
	void (*put)(struct drawing *d);
} parts[] = {
	{ "TITLE", put_title },
	{ "CLASS", put_class },
	{ "NONCE", put_nonce },
	{ "VERSION", put_version },
	{ "PREFIX", put_prefix },
	{ "ASN", put_asn },
	{ "RESULT", put_result },
	{ "FIGURES", put_figures },
	{ "ANCHORS", put_anchors },
	{ "REPOSITORIES", put_repositories },
	{ "FORMATS", put_formats },
};

/* --- the page */

/* False: no part has this name, and the mark is text. */
static bool
put_part(struct drawing *d, struct bytes mark)
{
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (text_same(mark, parts[i].mark)) {
			parts[i].put(d);
			return true;
		}
	}
	return false;
}

static void
put_line(struct drawing *d, const char *line)
{
	struct bytes rest = text_bytes(line);

	while (rest.len > 0) {
		struct bytes before = text_cut(&rest, '@');
		const uint8_t *end =
		    rest.len == 0 ? NULL : memchr(rest.at, '@', rest.len);

		octets_add_bytes(&d->pen->buffer, before);
		if (rest.len == 0) {
			return;
		}
		if (end != NULL &&
		    put_part(d, bytes_of(rest.at, (size_t)(end - rest.at)))) {
			(void)text_cut(&rest, '@');
		} else {
			pen_text(d->pen, "@");
		}
	}
}

static void
make_nonce(char out[NONCE_TEXT])
{
	uint8_t random[NONCE_OCTETS];
	struct octets text = { 0 };

	clock_random(random, sizeof(random));
	text_hex(&text, bytes_of(random, sizeof(random)));
	memcpy(out, text.at, text.len);
	out[text.len] = '\0';
	octets_clear(&text);
}

const struct response *
page_answer(const struct page_input *input)
{
	struct response_parts response = {
		.status = 200,
		.media = "text/html;charset=utf-8",
		.modified = INT64_MIN,
	};
	struct pen pen = pen_open((struct sink){ keep, &response.body });
	struct drawing d = {
		.pen = &pen,
		.input = input,
		.report = account_report(input->view->account),
	};

	make_nonce(d.nonce);
	(void)snprintf(response.policy, sizeof(response.policy),
	    "default-src 'none'; style-src 'nonce-%s'; script-src 'nonce-%s'; "
	    "connect-src 'self'; img-src data:; form-action 'self'; "
	    "base-uri 'none'; frame-ancestors 'none'",
	    d.nonce, d.nonce);
	for (size_t i = 0; pagetext[i] != NULL; i++) {
		put_line(&d, pagetext[i]);
	}
	(void)pen_close(&pen);
	return response_new(&response);
}

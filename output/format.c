/* SPDX-License-Identifier: BSD-2-Clause */
/* format - see format.h. */
#include "output/format.h"

#include "output/bird.h"
#include "output/csv.h"
#include "output/json.h"
#include "output/metrics.h"
#include "output/openbgpd.h"
#include "output/rpsl.h"
#include "output/slurmfile.h"
#include "output/summary.h"

#define CSV_TYPE  "text/csv;charset=utf-8;header=present"
#define JSON_TYPE "application/json"
#define TEXT_TYPE "text/plain;charset=utf-8"

static void
write_none(struct pen *pen, const struct format_input *input)
{
	(void)pen;
	(void)input;
}

static const struct format formats[] = {
	{ "csv", CSV_TYPE, csv_write, FORMAT_ANCHORS,
	    "AS number, prefix, maxLength, TA" },
	{ "csvcompat", CSV_TYPE, csv_write_compat, FORMAT_ANCHORS,
	    "csv with quotes" },
	{ "csvext", CSV_TYPE, csv_write_ext, FORMAT_SET,
	    "with URI and validity" },
	{ "csv-rpkiclient", CSV_TYPE, csv_write_rpkiclient, FORMAT_SET,
	    "csv with Expires, as rpki-client writes it" },
	{ "json", JSON_TYPE, json_write, FORMAT_SET,
	    "everything, with its TA" },
	{ "jsonext", JSON_TYPE, json_write_ext, FORMAT_SET,
	    "everything, with its sources" },
	{ "json-rpkiclient", JSON_TYPE, json_write_rpkiclient, FORMAT_SET,
	    "as rpki-client writes it" },
	{ "openbgpd", TEXT_TYPE, openbgpd_write, FORMAT_SET,
	    "roa-set and aspa-set with expires" },
	{ "bird", TEXT_TYPE, bird_write, FORMAT_SET,
	    "tables and protocols for BIRD 2, without ASPAs" },
	{ "bird1", TEXT_TYPE, bird_write_roas, FORMAT_SERIAL, "roa lines" },
	{ "bird2", TEXT_TYPE, bird_write_routes, FORMAT_SERIAL, "route lines" },
	{ "rpsl", TEXT_TYPE, rpsl_write, FORMAT_SET,
	    "route and route6 objects" },
	{ "slurm", JSON_TYPE, slurmfile_write, FORMAT_ANCHORS,
	    "assertions, RFC 8416" },
	{ "slurm2", JSON_TYPE, slurmfile_write_2, FORMAT_ANCHORS,
	    "assertions with ASPAs" },
	{ "summary", TEXT_TYPE, summary_write, FORMAT_SET,
	    "counts per trust anchor" },
	{ "metrics", TEXT_TYPE, metrics_write_run, FORMAT_SET,
	    "how the run went, as Prometheus' text: for a file that the "
	    "node exporter reads" },
	{ "none", TEXT_TYPE, write_none, FORMAT_SERIAL, "nothing" },
};

enum { FORMATS = sizeof(formats) / sizeof(formats[0]) };

const struct format *
format_row(size_t i)
{
	return i < FORMATS ? &formats[i] : NULL;
}

const struct format *
format_find(const char *name)
{
	for (size_t i = 0; i < FORMATS; i++) {
		if (strcmp(formats[i].name, name) == 0) {
			return &formats[i];
		}
	}
	return NULL;
}

int
format_write(const struct format *format, const struct format_input *input,
    struct sink sink)
{
	struct pen pen = pen_open(sink);

	format->write(&pen, input);
	return pen_close(&pen);
}

bool
format_next(const struct format_input *input, enum item_kind kind, size_t *i)
{
	for (; *i < snapshot_count(input->snapshot, kind); (*i)++) {
		if (filter_item(input->filter, input->snapshot, kind, *i)) {
			return true;
		}
	}
	return false;
}

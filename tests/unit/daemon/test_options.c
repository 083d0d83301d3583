/* SPDX-License-Identifier: BSD-2-Clause */
#include "daemon/options.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/log.h"
#include "base/text.h"
#include "daemon/configfile.h"
#include "daemon/help.h"
#include "daemon/manual.h"

struct bench {
	struct arena *arena;
	struct settings all;
	struct options options;
	struct octets why;
};

static void
begin(struct bench *b)
{
	*b = (struct bench){ .arena = arena_new() };
	setting_init(&b->all, b->arena);
}

static void
end(struct bench *b)
{
	setting_clear(&b->all);
	octets_clear(&b->why);
	arena_free(b->arena);
}

/* A command line written as one text, cut at blanks. */
static bool
line(struct bench *b, const char *text)
{
	char **argv = arena_zero(b->arena, 32, sizeof(*argv));
	struct bytes rest = text_bytes(text);
	int argc = 1;

	argv[0] = text_copy(b->arena, text_bytes("kedge"));
	while (rest.len > 0) {
		argv[argc++] = text_copy(b->arena, text_cut(&rest, ' '));
	}
	return options_read_line(&b->options, &b->all, argc, argv, &b->why);
}

static bool
file(struct bench *b, const char *text, enum command command)
{
	return configfile_read_text(&b->all, "f", text_bytes(text), command,
	    &b->why);
}

static void
expect(struct bench *b, const char *wanted)
{
	octets_u8(&b->why, 0);
	if (strstr((const char *)b->why.at, wanted) == NULL) {
		fail_msg("`%s` is not in `%s`", wanted,
		    (const char *)b->why.at);
	}
}

static void
defaults_are_the_policys(void **state)
{
	struct octets a = { 0 }, c = { 0 };
	struct policy policy, ours;
	struct bench b;

	(void)state;
	begin(&b);
	policy_init(&policy);
	policy.cache = b.all.at[SET_REPOSITORY_DIR].text;
	setting_policy(&ours, &b.all);
	policy_encode(&a, &policy);
	policy_encode(&c, &ours);
	assert_int_equal(a.len, c.len);
	assert_memory_equal(a.at, c.at, a.len);
	octets_clear(&a);
	octets_clear(&c);
	end(&b);
}

static void
letters_and_names_are_unique_per_command(void **state)
{
	(void)state;
	for (size_t i = 0; i < SETTINGS; i++) {
		const struct setting_row *a = setting_row((enum setting_id)i);

		for (size_t j = 0; j < i; j++) {
			const struct setting_row *c =
			    setting_row((enum setting_id)j);

			assert_string_not_equal(a->name, c->name);
			if (a->letter != 0 && a->letter == c->letter) {
				assert_int_equal(a->commands & c->commands, 0);
			}
		}
	}
}

static const struct {
	const char *line, *why;
} wrong_lines[] = {
	{ "", "no command" },
	{ "vrsp", "did you mean vrps?" },
	{ "qwertyuiop", "no command `qwertyuiop`" },
	{ "--vesion", "did you mean --version?" },
	{ "--stric vrps", "no option --stric; did you mean --strict?" },
	{ "vrps --formt json", "did you mean --format?" },
	{ "vrps --form json", "did you mean --format?" },
	{ "update --format json",
	    "not for this command, but for `kedge server`, `kedge vrps`" },
	{ "--format json vrps", "belongs behind its command" },
	{ "vrps --select-asn", "--select-asn needs ASN" },
	{ "vrps -a AS1x", "an AS number like" },
	{ "vrps -p 10.0.0.1/8", "without bits beyond its length" },
	{ "vrps --strict=maybe", "takes no value" },
	{ "vrps --stale never", "one of: reject warn accept" },
	{ "vrps --stale acept", "did you mean accept?" },
	{ "vrps --max-ca-depth 0", "from 1 to 255" },
	{ "vrps --max-ca-depth 99999999999999999999", "from 1 to 255" },
	{ "vrps --max-disk 18446744073709551615T", "K, M, G or T" },
	{ "vrps --rrdp-timeout 5w", "s, m, h or d" },
	{ "vrps --at yesterday", "a time like" },
	{ "vrps --tal=", "not empty" },
	{ "vrps -z", "no option -z" },
	{ "vrps --qwertyuiop", "`kedge vrps --help` lists" },
	{ "vrps --enable-aspa", "ASPAs are on; --no-aspas" },
	{ "server --rtr-listen=:323", "say --rtr ADDRESS:PORT" },
	{ "server --server.address x", "say --rtr ADDRESS:PORT" },
	{ "vrps -R", "no option -R; say --disable-rrdp" },
	{ "vrps -t x.tal", "no option -t; say --tal NAME|FILE" },
	{ "version", "no command `version`; there is an option --version" },
	{ "config qwertyuiop", "no command `qwertyuiop`; `kedge --help`" },
	{ "help vrsp", "did you mean vrps?" },
	{ "-f json vrps", "belongs behind: `kedge server`, `kedge vrps`" },
	{ "rta", "no command `rta`; `kedge inspect FILE` judges" },
	{ "init", "are built in; see `kedge tals`" },
};

static void
wrong_lines_are_told_what_is_right(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(wrong_lines) / sizeof(wrong_lines[0]);
	     i++) {
		struct bench b;

		begin(&b);
		assert_false(line(&b, wrong_lines[i].line));
		expect(&b, wrong_lines[i].why);
		end(&b);
	}
}

static void
a_line_is_read(void **state)
{
	struct policy policy;
	struct bench b;

	(void)state;
	begin(&b);
	assert_true(line(&b,
	    "-vv --tal ripe vrps --disable-rrdp -n -f json -o a -o csv=b "
	    "--rrdp-fallback-time 2h --max-disk=1G -a 64496 -aAS64497"));
	setting_policy(&policy, &b.all);
	assert_int_equal(b.options.command, COMMAND_VRPS);
	assert_false(policy.rrdp);
	assert_false(policy.update);
	assert_true(policy.rsync);
	assert_int_equal(policy.rrdp_fallback_time, 7200);
	assert_int_equal(policy.max_disk, UINT64_C(1) << 30);
	assert_int_equal(b.all.at[SET_VERBOSE].number, 2);
	assert_int_equal(b.all.at[SET_OUTPUT].list.count, 2);
	assert_int_equal(b.all.at[SET_SELECT_ASN].list.count, 2);
	assert_string_equal(b.all.at[SET_FORMAT].text, "json");
	end(&b);
	begin(&b);
	assert_true(line(&b, "inspect -j a b -- -c"));
	assert_int_equal(b.options.count, 3);
	assert_string_equal(b.options.rest[2], "-c");
	end(&b);
}

static const struct {
	const char *text, *why;
} wrong_files[] = {
	{ "strict = yes\nfromat = json\n", "f:2: no setting `fromat`; did" },
	{ "\n\nstrict\n", "f:3: not `key = value`" },
	{ "enable-bgpsec = yes\n", "f:1: no setting `enable-bgpsec`; router" },
	{ "rtr-listen = [::]:323\n",
	    "f:1: no setting `rtr-listen`; say rtr = ADDRESS:PORT" },
	{ "rtr 127.0.0.1:323\n", "f:1: not `key = value`" },
	{ "qwertyuiop = yes\n", "kedge.conf(5) tells which exist" },
	{ "[vrps\nstrict = yes\n", "f:1: not `key = value`" },
	{ "[vrsp]\nstrict = yes\n", "f:1: no command for the section [vrsp]" },
	{ "strict = yes\n[gneral]\n", "f:2: no command for the section [gne" },
	{ "[vrps]\n[updte]", "f:2: no command for the section [updte]; did" },
	{ "[]\n", "f:1: no command for the section []; [kedge] is for" },
	{ "[vrps] strict = yes\n", "f:1: nothing may follow [vrps] on its" },
	{ "strict = perhaps\n", "f:1: `perhaps` is not good for strict" },
	{ "strict = yes\n\nstrict = no\n",
	    "f:3: strict is set for the second" },
	{ "[update]\nformat = csv\n", "f:2: --format is not for this" },
	{ "config = x\n", "f:1: config is for the command line only" },
	{ "tal = \n", "f:1: `` is not good for tal" },
	{ "[validate]\nasn = x\n", "f:2: `x` is not good for asn" },
	{ "# c\ntal = a\x01"
	  "b\n",
	    "f:2: octet 0x01" },
	{ "strict = yes\n   max-disk = none\n", "f:2: `none`" },
	{ "repository-dir = \"/var/x\"\n", "f:1: repository-dir = \"/var/x\": "
					   "values stand without quotes" },
	{ "tal = [\"ripe\", \"arin\"]\n", "lists repeat their key" },
	{ "tal = 'ripe'\n", "values stand without quotes" },
	{ "state-dir = /var/x # ours\n", "a comment begins with ;" },
	{ "state-dir = /var/x\t# ours\n", "a comment begins with ;" },
	{ "state-dir = # ours\n", "a comment begins with ;" },
};

static void
wrong_files_are_told_the_line(void **state)
{
	struct bench b;
	char longest[300];

	(void)state;
	for (size_t i = 0; i < sizeof(wrong_files) / sizeof(wrong_files[0]);
	     i++) {
		begin(&b);
		assert_false(file(&b, wrong_files[i].text, COMMAND_VRPS));
		expect(&b, wrong_files[i].why);
		end(&b);
	}
	begin(&b);
	snprintf(longest, sizeof(longest), "strict = yes\ntal = %0200d\n", 7);
	assert_false(file(&b, longest, COMMAND_VRPS));
	expect(&b, "f:2: the line is longer than");
	end(&b);
}

static void
later_beats_earlier(void **state)
{
	static const char text[] = "; comment\r\nstrict = yes\r\n"
				   "rtr = [::1]:323\nskiplist = a#b ; c\n"
				   "stale = warn\ntal = ripe\ntal = arin\n"
				   "[vrps]\nstale = accept\nformat = json\n"
				   "[update]\nstale = reject\n";
	struct bench b;

	(void)state;
	begin(&b);
	assert_true(line(&b, "--tal apnic vrps --format csv"));
	assert_true(file(&b, text, COMMAND_VRPS));
	assert_true(setting_on(&b.all, SET_STRICT));
	assert_int_equal(b.all.at[SET_STRICT].line, 2);
	assert_string_equal(b.all.at[SET_SKIPLIST].list.items[0], "a#b");
	assert_int_equal(b.all.at[SET_STALE].number, POLICY_ACCEPT);
	assert_string_equal(b.all.at[SET_FORMAT].text, "csv");
	/* A list of the command line replaces that of the file. */
	assert_int_equal(b.all.at[SET_TAL].list.count, 1);
	assert_string_equal(b.all.at[SET_TAL].list.items[0], "apnic");
	end(&b);
	begin(&b);
	assert_true(file(&b, text, COMMAND_VALIDATE));
	assert_int_equal(b.all.at[SET_STALE].number, POLICY_WARN);
	assert_int_equal(b.all.at[SET_TAL].list.count, 2);
	end(&b);
}

/* No word of ours may be told as somebody else's. */
static void
foreign_options_are_foreign(void **state)
{
	static const char *const foreign[] = {
#define RENAMED(theirs, id)   theirs,
#define FOREIGN(theirs, here) theirs,
#include "daemon/foreign.def"
#undef RENAMED
#undef FOREIGN
	};

	(void)state;
	for (size_t i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++) {
		assert_int_equal(setting_find(foreign[i]), SETTINGS);
	}
}

static void
config_and_help_are_asked_about_a_command(void **state)
{
	struct bench b;

	(void)state;
	begin(&b);
	assert_true(line(&b, "config"));
	assert_int_equal(b.options.subject, COMMAND_SERVER);
	assert_true(line(&b, "config --help"));
	assert_int_equal(b.options.subject, COMMAND_CONFIG);
	end(&b);
	begin(&b);
	assert_true(line(&b, "config vrps"));
	assert_int_equal(b.options.subject, COMMAND_VRPS);
	assert_true(line(&b, "help"));
	assert_int_equal(b.options.subject, COMMANDS);
	assert_true(line(&b, "help rtr"));
	assert_int_equal(b.options.subject, COMMAND_RTR);
	assert_true(line(&b, "update"));
	assert_int_equal(b.options.subject, COMMAND_UPDATE);
	end(&b);
}

/* One that is not known would be daemon. */
static void
facilities_are_known(void **state)
{
	struct bytes rest = text_bytes(setting_row(SET_SYSLOG_FACILITY)->words);
	struct arena *arena = arena_new();

	(void)state;
	while (rest.len > 0) {
		const char *word = text_copy(arena, text_cut(&rest, ' '));

		if (log_facility(word) < 0) {
			fail_msg("%s", word);
		}
	}
	arena_free(arena);
}

static void
help_tells_defaults(void **state)
{
	struct octets text = { 0 };

	(void)state;
	help_print(&text, COMMAND_SERVER);
	octets_u8(&text, 0);
	assert_non_null(strstr((const char *)text.at, "7200."));
	assert_non_null(strstr((const char *)text.at, "256M."));
	assert_non_null(strstr((const char *)text.at, "serve."));
	assert_non_null(strstr((const char *)text.at, "json-rpkiclient,"));
	octets_clear(&text);
}

static void
what_config_prints_can_be_read(void **state)
{
	struct octets first = { 0 }, second = { 0 };
	struct bench b;

	(void)state;
	begin(&b);
	assert_true(line(&b,
	    "--tal ripe --tal arin --strict --stale warn --max-disk 1G -v "
	    "--deadline 2h config"));
	manual_config(&first, &b.all);
	end(&b);
	begin(&b);
	if (!configfile_read_text(&b.all, "f", octets_bytes(&first),
		COMMAND_CONFIG, &b.why)) {
		expect(&b, "nothing wrong");
	}
	assert_int_equal(b.all.at[SET_DEADLINE].number, 7200);
	assert_int_equal(b.all.at[SET_STALE].number, POLICY_WARN);
	assert_int_equal(b.all.at[SET_TAL].list.count, 2);
	assert_int_equal(b.all.at[SET_VERBOSE].number, 1);
	end(&b);
	octets_clear(&first);
	octets_clear(&second);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults_are_the_policys),
		cmocka_unit_test(letters_and_names_are_unique_per_command),
		cmocka_unit_test(wrong_lines_are_told_what_is_right),
		cmocka_unit_test(a_line_is_read),
		cmocka_unit_test(wrong_files_are_told_the_line),
		cmocka_unit_test(later_beats_earlier),
		cmocka_unit_test(foreign_options_are_foreign),
		cmocka_unit_test(config_and_help_are_asked_about_a_command),
		cmocka_unit_test(facilities_are_known),
		cmocka_unit_test(help_tells_defaults),
		cmocka_unit_test(what_config_prints_can_be_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* One message is one line, wherever it goes and whoever chose its words. */
#include "base/log.h"

#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "tests/unit/between.h"

struct seen {
	unsigned lines;
	enum log_level level;
	char last[9000];
};

static void
see(void *arg, enum log_level level, const char *line)
{
	struct seen *seen = arg;

	seen->lines++;
	seen->level = level;
	snprintf(seen->last, sizeof(seen->last), "%s", line);
}

/* The last lines are kept, whole, within what they may take. */
static void
test_keep(void **state)
{
	struct seen seen = { 0 };
	struct log *log = log_new(LOG_LEVEL_INFO);
	struct octets kept = { 0 };

	(void)state;
	log_to_sink(log, see, &seen);
	log_info(log, "before");
	log_keep(log, 400);
	for (int i = 0; i < 1000; i++) {
		log_warn(log, "line %d\nforged", i);
		log_debug(log, "not said");
	}
	log_kept(log, &kept);
	octets_u8(&kept, '\0');
	assert_between(kept.len, 300, 401);
	assert_non_null(
	    strstr((char *)kept.at, "Z warn: line 999\\x0aforged\n"));
	assert_null(strstr((char *)kept.at, "before"));
	assert_null(strstr((char *)kept.at, "not said"));
	assert_int_equal(kept.at[0], '2'); /* of a year: a line is whole */
	octets_clear(&kept);
	log_keep(log, 0);
	log_kept(log, &kept);
	assert_int_equal(kept.len, 0);
	log_free(log);
}

static void
test_notice(void **state)
{
	struct seen seen = { .lines = 0 };
	struct log *log = log_new(LOG_LEVEL_ERROR);

	(void)state;
	log_to_sink(log, see, &seen);
	log_notice(log, "for %s", "nobody");
	assert_int_equal(seen.lines, 0);
	log_limit(log, LOG_LEVEL_WARN);
	log_info(log, "for nobody");
	log_notice(log, "for %s", "everybody");
	assert_int_equal(seen.lines, 1);
	log_free(log);
	log_notice(NULL, "nobody listens");
}

static void
test_sink(void **state)
{
	struct seen seen = { 0 };
	struct log *log = log_new(LOG_LEVEL_INFO);

	(void)state;
	log_to_sink(log, see, &seen);
	log_warn(log, "%s: %d", "subject", 7);
	assert_string_equal(seen.last, "subject: 7");
	assert_int_equal(seen.level, LOG_LEVEL_WARN);
	log_debug(log, "not said");
	assert_int_equal(seen.lines, 1);
	log_error(log, "a\nkedge: error: forged\x1b[2J\xff\x7f");
	assert_string_equal(seen.last,
	    "a\\x0akedge: error: forged\\x1b[2J\\xff\\x7f");
	/* A line that comes a second time stays as it is. */
	log_line(log, LOG_LEVEL_INFO, "a\\x0ab\n");
	assert_string_equal(seen.last, "a\\x0ab\\x0a");
	assert_int_equal(seen.level, LOG_LEVEL_INFO);
	assert_int_equal(seen.lines, 3);
	log_free(log);
	log_free(NULL);
	log_info(NULL, "nobody listens");
}

static void
test_long_line_is_cut(void **state)
{
	struct seen seen = { 0 };
	struct log *log = log_new(LOG_LEVEL_INFO);

	(void)state;
	log_to_sink(log, see, &seen);
	log_info(log, "%0100000d", 1);
	assert_int_equal(strlen(seen.last), 8192 + strlen(" [cut]"));
	assert_string_equal(seen.last + 8192, " [cut]");
	log_free(log);
}

static void
test_levels(void **state)
{
	(void)state;
	assert_int_equal(log_level_parse("debug"), LOG_LEVEL_DEBUG);
	assert_int_equal(log_level_parse("error"), LOG_LEVEL_ERROR);
	assert_int_equal(log_level_parse("Error"), -1);
	assert_int_equal(log_level_parse(""), -1);
	for (int i = 0; i < 4; i++) {
		assert_int_equal(log_level_parse(
				     log_level_name((enum log_level)i)),
		    i);
	}
}

static char *
read_file(const char *path)
{
	char *text = mem_zero(1, 1 << 20);
	int fd = open(path, O_RDONLY);

	assert_true(fd >= 0);
	assert_true(read(fd, text, (1 << 20) - 1) >= 0);
	close(fd);
	return text;
}

static void
test_file_and_rotation(void **state)
{
	char dir[] = "/tmp/kedge-log.XXXXXX", path[64], moved[64];
	struct log *log = log_new(LOG_LEVEL_INFO);
	char *text;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/log", dir);
	snprintf(moved, sizeof(moved), "%s/log.1", dir);
	assert_true(log_to_file(log, "/nonexistent/log") < 0);
	assert_int_equal(log_to_file(log, path), 0);
	log_info(log, "one");
	assert_int_equal(rename(path, moved), 0);
	log_info(log, "two");
	assert_int_equal(log_reopen(log), 0);
	log_info(log, "three");
	text = read_file(moved);
	assert_int_equal(text[10], 'T');
	assert_non_null(strstr(text, "Z kedge: info: one\n"));
	assert_non_null(strstr(text, "Z kedge: info: two\n"));
	assert_null(strstr(text, "three"));
	free(text);
	text = read_file(path);
	assert_non_null(strstr(text, "Z kedge: info: three\n"));
	assert_null(strstr(text, "two"));
	free(text);
	log_free(log);
	unlink(path);
	unlink(moved);
	rmdir(dir);
}

static void *
speak(void *arg)
{
	for (int i = 0; i < 500; i++) {
		log_info(arg, "%s", "word word word word word word word word");
	}
	return NULL;
}

static void
test_threads_do_not_mix(void **state)
{
	char path[] = "/tmp/kedge-log.XXXXXX";
	struct log *log = log_new(LOG_LEVEL_INFO);
	pthread_t threads[4];
	unsigned lines = 0;
	char *text, *line, *rest;
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(log_to_file(log, path), 0);
	for (int i = 0; i < 4; i++) {
		pthread_create(&threads[i], NULL, speak, log);
	}
	for (int i = 0; i < 4; i++) {
		pthread_join(threads[i], NULL);
	}
	text = read_file(path);
	for (line = strtok_r(text, "\n", &rest); line != NULL;
	     line = strtok_r(NULL, "\n", &rest)) {
		assert_string_equal(line + 20,
		    " kedge: info: word word word word word word word word");
		lines++;
	}
	assert_int_equal(lines, 2000);
	free(text);
	log_free(log);
	unlink(path);
}

static void
test_stderr(void **state)
{
	char path[] = "/tmp/kedge-log.XXXXXX";
	struct log *log = log_new(LOG_LEVEL_INFO);
	struct seen seen = { 0 };
	int fd = mkstemp(path), before = dup(STDERR_FILENO);
	char *text;

	(void)state;
	assert_true(fd >= 0 && before >= 0);
	log_to_sink(log, see, &seen);
	log_to_stderr(log);
	dup2(fd, STDERR_FILENO);
	log_warn(log, "said");
	dup2(before, STDERR_FILENO);
	close(before);
	text = read_file(path);
	assert_non_null(strstr(text, "Z kedge: warn: said\n"));
	assert_int_equal(seen.lines, 0);
	assert_int_equal(log_reopen(log), 0);
	log_to_syslog(log, "local3");
	log_info(log, "a test of kedge speaks");
	free(text);
	log_free(log);
	close(fd);
	unlink(path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_notice),
		cmocka_unit_test(test_sink),
		cmocka_unit_test(test_keep),
		cmocka_unit_test(test_long_line_is_cut),
		cmocka_unit_test(test_levels),
		cmocka_unit_test(test_file_and_rotation),
		cmocka_unit_test(test_threads_do_not_mix),
		cmocka_unit_test(test_stderr),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

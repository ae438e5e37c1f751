/* Tests of host/core/log.c. */
#include "tests/host/core/cmocka_all.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include <ringhost/errors.h>
#include <ringhost/sdk/str.h>

#include "host/core/log.h"

/* A driver that keeps the last line. */
struct sink {
    struct driver_ops ops;
    struct driver driver;
    struct log log;
    int64_t wall_ms;
    uint32_t count;
    uint32_t level;
    char line[LOG_LINE_MAX + 1];
    size_t n;
};

static int64_t sink_wall_ms(void *driver)
{
    return ((const struct sink *)driver)->wall_ms;
}

static void sink_line(void *driver, uint32_t level, struct rh_str line)
{
    struct sink *sink = driver;

    sink->count++;
    sink->level = level;
    assert_true(line.n < sizeof sink->line);
    memcpy(sink->line, line.p, line.n);
    sink->line[line.n] = '\0';
    sink->n = line.n;
}

static void sink_init(struct sink *sink, uint32_t level)
{
    memset(sink, 0, sizeof *sink);
    sink->ops.wall_ms = sink_wall_ms;
    sink->ops.log_line = sink_line;
    sink->driver = (struct driver){&sink->ops, sink, NULL};
    sink->wall_ms = INT64_C(1795446000123);
    log_init(&sink->log, &sink->driver, "n1", level);
}

static void a_line_has_time_level_node_plugin_event_and_text(void **state)
{
    struct sink sink;

    (void)state;
    sink_init(&sink, RH_LOG_INFO);
    log_write(&sink.log, RH_LOG_INFO, "gossip", "peer_alive", RH_STR_LIT("node=n2 rtt_ms=3"));

    assert_string_equal(sink.line,
                        "2026-11-23T15:00:00.123Z info  n1 gossip peer_alive node=n2 rtt_ms=3");
    assert_int_equal(sink.level, RH_LOG_INFO);
}

static void a_line_without_plugin_is_the_hosts(void **state)
{
    struct sink sink;

    (void)state;
    sink_init(&sink, RH_LOG_INFO);
    log_write(&sink.log, RH_LOG_ERROR, NULL, "fatal", (struct rh_str){NULL, 0});

    assert_string_equal(sink.line, "2026-11-23T15:00:00.123Z error n1 host fatal");
}

static void control_characters_cannot_forge_a_line(void **state)
{
    struct sink sink;

    (void)state;
    sink_init(&sink, RH_LOG_INFO);
    log_write(&sink.log, RH_LOG_WARN, "p", "e\nvent",
              RH_STR_LIT("a\nb\r\tc\0d\x1b[2J\x7f \xc2\x9b \xc3\xa4\xc2\xb5"));

    assert_int_equal(strlen(sink.line), sink.n);
    assert_string_equal(sink.line + 25,
                        "warn  n1 p e\\nvent a\\nb\\r\\tc\\x00d\\x1b[2J\\x7f \xc2\\x9b "
                        "\xc3\xa4\xc2\xb5");
}

static void long_lines_are_cut_between_characters(void **state)
{
    struct sink sink;
    char text[LOG_LINE_MAX * 2];

    (void)state;
    for (size_t i = 0; i < sizeof text; i += 2)
        memcpy(text + i, "\xc3\xa4", 2);
    for (size_t shift = 0; shift < 2; shift++) {
        sink_init(&sink, RH_LOG_INFO);
        log_write(&sink.log, RH_LOG_INFO, shift ? "p" : "pp", "e",
                  (struct rh_str){text, sizeof text});
        assert_in_range(sink.n, LOG_LINE_MAX - 4, LOG_LINE_MAX);
        assert_string_equal(sink.line + sink.n - 5, "\xc3\xa4...");
    }
}

static void a_text_of_exactly_the_limit_is_whole(void **state)
{
    struct sink sink;
    char text[LOG_LINE_MAX];
    size_t head = strlen("2026-11-23T15:00:00.123Z info  n1 p e ");

    (void)state;
    memset(text, 'x', sizeof text);
    sink_init(&sink, RH_LOG_INFO);
    log_write(&sink.log, RH_LOG_INFO, "p", "e", (struct rh_str){text, LOG_LINE_MAX - 3 - head});
    assert_int_equal(sink.n, LOG_LINE_MAX - 3);
    assert_int_equal(sink.line[sink.n - 1], 'x');
}

static void lower_levels_are_not_written(void **state)
{
    struct sink sink;

    (void)state;
    sink_init(&sink, RH_LOG_WARN);
    log_write(&sink.log, RH_LOG_INFO, "p", "e", RH_STR_LIT(""));
    assert_int_equal(sink.count, 0);
    log_write(&sink.log, RH_LOG_WARN, "p", "e", RH_STR_LIT(""));
    assert_int_equal(sink.count, 1);
}

static void a_plugin_can_have_a_level_of_its_own(void **state)
{
    struct sink sink;

    (void)state;
    sink_init(&sink, RH_LOG_INFO);
    assert_int_equal(log_level_set(&sink.log, "raft", RH_LOG_DEBUG), RH_OK);
    assert_int_equal(log_level_set(&sink.log, "gossip", RH_LOG_ERROR), RH_OK);

    assert_true(log_wanted(&sink.log, "raft", RH_LOG_DEBUG));
    assert_false(log_wanted(&sink.log, "gossip", RH_LOG_WARN));
    assert_false(log_wanted(&sink.log, "swim", RH_LOG_DEBUG));
    assert_false(log_wanted(&sink.log, NULL, RH_LOG_DEBUG));
}

static void a_level_for_all_ends_those_of_plugins(void **state)
{
    struct sink sink;

    (void)state;
    sink_init(&sink, RH_LOG_INFO);
    assert_int_equal(log_level_set(&sink.log, "raft", RH_LOG_DEBUG), RH_OK);
    assert_int_equal(log_level_set(&sink.log, NULL, RH_LOG_WARN), RH_OK);

    assert_false(log_wanted(&sink.log, "raft", RH_LOG_INFO));
    assert_int_equal(log_level_set(&sink.log, "raft", RH_LOG_INFO), RH_OK);
    assert_true(log_wanted(&sink.log, "raft", RH_LOG_INFO));
}

static void levels_of_plugins_are_limited(void **state)
{
    struct sink sink;
    char id[16];
    char long_id[LOG_PLUGIN_MAX + 2];

    (void)state;
    sink_init(&sink, RH_LOG_INFO);
    for (uint32_t i = 0; i < LOG_PLUGINS_MAX; i++) {
        (void)snprintf(id, sizeof id, "p%u", i);
        assert_int_equal(log_level_set(&sink.log, id, RH_LOG_DEBUG), RH_OK);
    }
    assert_int_equal(log_level_set(&sink.log, "one_more", RH_LOG_DEBUG), RH_EFULL);
    assert_int_equal(log_level_set(&sink.log, "p63", RH_LOG_ERROR), RH_OK);
    assert_int_equal(log_level_set(&sink.log, "p1", RH_LOG_ERROR + 1), RH_EINVAL);
    memset(long_id, 'x', sizeof long_id);
    long_id[sizeof long_id - 1] = '\0';
    assert_int_equal(log_level_set(&sink.log, long_id, RH_LOG_INFO), RH_EINVAL);
}

static void level_words_are_exact(void **state)
{
    uint32_t level = 9;

    (void)state;
    for (uint32_t i = RH_LOG_DEBUG; i <= RH_LOG_ERROR; i++) {
        assert_int_equal(log_level_parse(rh_str_from(log_level_name(i)), &level), RH_OK);
        assert_int_equal(level, i);
    }
    assert_int_equal(log_level_parse(RH_STR_LIT("Warn"), &level), RH_EINVAL);
    assert_int_equal(log_level_parse(RH_STR_LIT(""), &level), RH_EINVAL);
    assert_int_equal(level, RH_LOG_ERROR);
}

static void times_are_civil_utc(void **state)
{
    static const struct {
        int64_t ms;
        const char *text;
    } cases[] = {
        {0, "1970-01-01T00:00:00.000Z"},
        {-1, "1969-12-31T23:59:59.999Z"},
        {INT64_C(951782400000), "2000-02-29T00:00:00.000Z"},
        {INT64_C(951868799999), "2000-02-29T23:59:59.999Z"},
        {INT64_C(951868800000), "2000-03-01T00:00:00.000Z"},
        {INT64_C(4107542399999), "2100-02-28T23:59:59.999Z"},
        {INT64_C(4107542400000), "2100-03-01T00:00:00.000Z"},
        {INT64_C(1709164800000), "2024-02-29T00:00:00.000Z"},
        {INT64_C(1735689599999), "2024-12-31T23:59:59.999Z"},
        {INT64_C(-62167219200000), "0000-01-01T00:00:00.000Z"},
        {INT64_C(-62162035200000), "0000-03-01T00:00:00.000Z"},
        {INT64_MIN, "0000-01-01T00:00:00.000Z"},
        {INT64_MAX, "9999-12-31T23:59:59.999Z"},
    };
    char text[LOG_TIME_SIZE];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(log_format_time(cases[i].ms, text), 24);
        assert_string_equal(text, cases[i].text);
    }
}

/* Days counted one by one by the rule for leap years. */
static void every_day_of_eight_centuries_is_right(void **state)
{
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int64_t ms = 0;
    char text[LOG_TIME_SIZE];
    char expected[64];

    (void)state;
    for (int year = 1970; year < 2770; year++) {
        int is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

        for (int month = 1; month <= 12; month++) {
            int days = lengths[month - 1] + (month == 2 ? is_leap : 0);

            for (int day = 1; day <= days; day++, ms += 86400000) {
                (void)log_format_time(ms, text);
                (void)snprintf(expected, sizeof expected, "%04d-%02d-%02dT00:00:00.000Z", year,
                               month, day);
                assert_string_equal(text, expected);
            }
        }
    }
}

/* Asks for levels while the other thread adds them. */
static void *ask(void *arg)
{
    struct log *log = arg;
    uintptr_t wanted = 0;

    for (uint32_t i = 0; i < 20000; i++)
        wanted += log_wanted(log, "p40", RH_LOG_ERROR) ? 1 : 0;
    return (void *)wanted;
}

static void levels_change_while_others_log(void **state)
{
    struct sink sink;
    pthread_t thread;
    void *wanted;
    char id[16];

    (void)state;
    sink_init(&sink, RH_LOG_ERROR);
    assert_int_equal(pthread_create(&thread, NULL, ask, &sink.log), 0);
    for (uint32_t i = 0; i < LOG_PLUGINS_MAX; i++) {
        (void)snprintf(id, sizeof id, "p%u", i);
        assert_int_equal(log_level_set(&sink.log, id, RH_LOG_DEBUG), RH_OK);
    }
    assert_int_equal(pthread_join(thread, &wanted), 0);
    assert_int_equal((uintptr_t)wanted, 20000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_has_time_level_node_plugin_event_and_text),
        cmocka_unit_test(a_line_without_plugin_is_the_hosts),
        cmocka_unit_test(control_characters_cannot_forge_a_line),
        cmocka_unit_test(long_lines_are_cut_between_characters),
        cmocka_unit_test(a_text_of_exactly_the_limit_is_whole),
        cmocka_unit_test(lower_levels_are_not_written),
        cmocka_unit_test(a_plugin_can_have_a_level_of_its_own),
        cmocka_unit_test(a_level_for_all_ends_those_of_plugins),
        cmocka_unit_test(levels_of_plugins_are_limited),
        cmocka_unit_test(level_words_are_exact),
        cmocka_unit_test(times_are_civil_utc),
        cmocka_unit_test(every_day_of_eight_centuries_is_right),
        cmocka_unit_test(levels_change_while_others_log),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Tests of host/core/metrics.c. */
#include "tests/host/core/cmocka_all.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include <ringhost/errors.h>
#include <ringhost/sdk/str.h>

#include "host/core/metrics.h"

/* The id of a metric that must be made or found. */
static uint64_t make(struct metrics *m, uint32_t kind, const char *plugin, const char *name,
                     const char *labels)
{
    uint64_t id = 0;

    assert_int_equal(metrics_get(m, kind, plugin, name, labels, NULL, &id), RH_OK);
    assert_true(id > 0);
    return id;
}

static void assert_text(struct metrics *m, const char *expected)
{
    struct rh_buf buf;

    rh_buf_init(&buf, 1u << 20);
    assert_int_equal(metrics_write(m, &buf), RH_OK);
    assert_string_equal(buf.p ? buf.p : "", expected);
    rh_buf_release(&buf);
}

static void the_same_metric_has_the_same_id(void **state)
{
    struct metrics *m = metrics_new(1);

    (void)state;
    assert_int_equal(make(m, RH_METRIC_COUNTER, "a", "x_total", "k=v,b=c"),
                     make(m, RH_METRIC_COUNTER, "a", "x_total", "b=c,k=v"));
    assert_int_not_equal(make(m, RH_METRIC_COUNTER, "a", "x_total", NULL),
                         make(m, RH_METRIC_COUNTER, "b", "x_total", NULL));
    metrics_free(m);
}

static void one_name_has_one_kind_and_one_help(void **state)
{
    struct metrics *m = metrics_new(1);
    uint64_t id = 7;

    (void)state;
    assert_int_equal(metrics_get(m, RH_METRIC_GAUGE, "a", "x", NULL, "how many", &id), RH_OK);
    id = 7;
    assert_int_equal(metrics_get(m, RH_METRIC_COUNTER, "b", "x", NULL, "how many", &id), RH_EINVAL);
    assert_int_equal(metrics_get(m, RH_METRIC_GAUGE, "b", "x", NULL, "how few", &id), RH_EINVAL);
    assert_int_equal(metrics_get(m, RH_METRIC_GAUGE, "b", "x", NULL, NULL, &id), RH_EINVAL);
    assert_int_equal(id, 7);
    assert_int_equal(metrics_get(m, RH_METRIC_GAUGE, "b", "x", NULL, "how many", &id), RH_OK);
    metrics_free(m);
}

static void wrong_names_and_kinds_are_refused(void **state)
{
    static const char *const names[] = {"", "_x", "X", "1x", "x-y", "x y", "\xc3\xa4"};
    struct metrics *m = metrics_new(1);
    char name[METRICS_NAME_MAX + 2];
    uint64_t id;

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        assert_int_equal(metrics_get(m, RH_METRIC_GAUGE, NULL, names[i], NULL, NULL, &id),
                         RH_EINVAL);
    assert_int_equal(metrics_get(m, 0, NULL, "x", NULL, NULL, &id), RH_EINVAL);
    assert_int_equal(metrics_get(m, 4, NULL, "x", NULL, NULL, &id), RH_EINVAL);
    memset(name, 'x', sizeof name);
    name[METRICS_NAME_MAX + 1] = '\0';
    assert_int_equal(metrics_get(m, RH_METRIC_GAUGE, NULL, name, NULL, NULL, &id), RH_EINVAL);
    name[METRICS_NAME_MAX] = '\0';
    assert_int_equal(metrics_get(m, RH_METRIC_HISTOGRAM, NULL, name, NULL, NULL, &id), RH_OK);
    metrics_free(m);
}

static void names_of_histogram_lines_are_taken(void **state)
{
    struct metrics *m = metrics_new(1);
    uint64_t id;

    (void)state;
    (void)make(m, RH_METRIC_HISTOGRAM, NULL, "call_seconds", NULL);
    (void)make(m, RH_METRIC_GAUGE, NULL, "work_sum", NULL);
    assert_int_equal(metrics_get(m, RH_METRIC_GAUGE, NULL, "call_seconds_count", NULL, NULL, &id),
                     RH_EINVAL);
    assert_int_equal(metrics_get(m, RH_METRIC_HISTOGRAM, NULL, "work", NULL, NULL, &id), RH_EINVAL);
    assert_int_equal(metrics_get(m, RH_METRIC_GAUGE, NULL, "work", NULL, NULL, &id), RH_OK);
    metrics_free(m);
}

static void senseless_changes_are_ignored(void **state)
{
    struct metrics *m = metrics_new(1);
    uint64_t counter = make(m, RH_METRIC_COUNTER, "a", "c_total", NULL);
    uint64_t gauge = make(m, RH_METRIC_GAUGE, "a", "g", NULL);
    uint64_t histogram = make(m, RH_METRIC_HISTOGRAM, "a", "h", NULL);

    (void)state;
    metrics_add(m, counter, 2.5);
    metrics_add(m, counter, -1);
    metrics_add(m, counter, NAN);
    metrics_set(m, counter, 9);
    metrics_observe(m, counter, 9);
    metrics_set(m, gauge, 4);
    metrics_add(m, gauge, -5);
    metrics_set(m, gauge, NAN);
    metrics_add(m, histogram, 1);
    metrics_observe(m, histogram, NAN);
    metrics_observe(m, histogram, 1);
    metrics_add(m, 0, 1);
    metrics_add(m, UINT64_MAX, 1);

    assert_true(metrics_value(m, counter) == 2.5);
    assert_true(metrics_value(m, gauge) == -1);
    assert_true(metrics_value(m, histogram) == 1);
    assert_true(metrics_value(m, 0) == 0);
    assert_true(metrics_value(m, 99) == 0);
    metrics_free(m);
}

static void families_are_ordered_and_named_once(void **state)
{
    struct metrics *m = metrics_new(1);
    uint64_t id;

    (void)state;
    assert_int_equal(
        metrics_get(m, RH_METRIC_GAUGE, "b", "z", "path=C:\\x,q=\"1\"", "a \\ and\na line", &id),
        RH_OK);
    metrics_set(m, id, 0.1);
    assert_int_equal(metrics_get(m, RH_METRIC_GAUGE, NULL, "z", NULL, "a \\ and\na line", &id),
                     RH_OK);
    metrics_set(m, id, -INFINITY);
    metrics_add(m, make(m, RH_METRIC_COUNTER, NULL, "a_total", NULL), 12345678901.0);

    assert_text(m, "# TYPE ringhost_a_total counter\n"
                   "ringhost_a_total 12345678901\n"
                   "# HELP ringhost_z a \\\\ and\\na line\n"
                   "# TYPE ringhost_z gauge\n"
                   "ringhost_z{plugin=\"b\",path=\"C:\\\\x\",q=\"\\\"1\\\"\"} 0.1\n"
                   "ringhost_z -Inf\n");
    metrics_free(m);
}

static void nothing_measured_is_no_text(void **state)
{
    struct metrics *m = metrics_new(1);

    (void)state;
    assert_text(m, "");
    metrics_free(m);
}

/* How often `line` stands in the text. */
static size_t count_lines(const char *text, const char *line)
{
    size_t count = 0;

    for (const char *at = strstr(text, line); at; at = strstr(at + 1, line))
        count++;
    return count;
}

static void histograms_count_up_to_each_bound(void **state)
{
    struct metrics *m = metrics_new(1);
    uint64_t id = make(m, RH_METRIC_HISTOGRAM, "a", "h_seconds", "route=r");
    const double values[] = {0.0001, 0.00011, 0.0002, 104.8576, 105, 0};
    struct rh_buf buf;

    (void)state;
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
        metrics_observe(m, id, values[i]);
    rh_buf_init(&buf, 1u << 16);
    assert_int_equal(metrics_write(m, &buf), RH_OK);

#define LINE(bound, n) \
    "ringhost_h_seconds_bucket{plugin=\"a\",route=\"r\",le=\"" bound "\"} " n "\n"
    assert_int_equal(count_lines(buf.p, LINE("0.0001", "2")), 1);
    assert_int_equal(count_lines(buf.p, LINE("0.0002", "4")), 1);
    assert_int_equal(count_lines(buf.p, LINE("52.4288", "4")), 1);
    assert_int_equal(count_lines(buf.p, LINE("104.8576", "5")), 1);
    assert_int_equal(count_lines(buf.p, LINE("+Inf", "6")), 1);
    assert_int_equal(count_lines(buf.p, "_bucket{"), 22);
    assert_int_equal(count_lines(buf.p, "ringhost_h_seconds_count{plugin=\"a\",route=\"r\"} 6\n"),
                     1);
    assert_int_equal(
        count_lines(buf.p, "ringhost_h_seconds_sum{plugin=\"a\",route=\"r\"} 209.85801\n"), 1);
    rh_buf_release(&buf);
    metrics_free(m);
}

static void a_full_buffer_is_an_error(void **state)
{
    struct metrics *m = metrics_new(1);
    struct rh_buf buf;

    (void)state;
    (void)make(m, RH_METRIC_HISTOGRAM, NULL, "h", NULL);
    rh_buf_init(&buf, 40);
    assert_int_equal(metrics_write(m, &buf), RH_ETOOLARGE);
    rh_buf_release(&buf);
    metrics_free(m);
}

static void metrics_of_one_plugin_are_limited(void **state)
{
    struct metrics *m = metrics_new(1);
    char labels[32];
    uint64_t id;

    (void)state;
    for (uint32_t i = 0; i < METRICS_PER_PLUGIN_MAX; i++) {
        (void)snprintf(labels, sizeof labels, "i=%u", i);
        (void)make(m, RH_METRIC_GAUGE, "a", "g", labels);
    }
    assert_int_equal(metrics_get(m, RH_METRIC_GAUGE, "a", "g", "i=x", NULL, &id), RH_EFULL);
    assert_int_equal(metrics_get(m, RH_METRIC_GAUGE, "a", "g", "i=7", NULL, &id), RH_OK);
    assert_int_equal(metrics_get(m, RH_METRIC_GAUGE, "b", "g", "i=x", NULL, &id), RH_OK);
    metrics_free(m);
}

static void all_metrics_are_limited(void **state)
{
    struct metrics *m = metrics_new(1);
    char labels[32];
    uint64_t id;

    (void)state;
    for (uint32_t i = 0; i < METRICS_MAX; i++) {
        (void)snprintf(labels, sizeof labels, "i=%u", i);
        id = make(m, RH_METRIC_GAUGE, NULL, "g", labels);
        metrics_set(m, id, i);
    }
    assert_int_equal(metrics_get(m, RH_METRIC_GAUGE, NULL, "g", NULL, NULL, &id), RH_EFULL);
    assert_true(metrics_value(m, 1) == 0);
    assert_true(metrics_value(m, METRICS_MAX) == METRICS_MAX - 1);
    metrics_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_metric_has_the_same_id),
        cmocka_unit_test(one_name_has_one_kind_and_one_help),
        cmocka_unit_test(wrong_names_and_kinds_are_refused),
        cmocka_unit_test(names_of_histogram_lines_are_taken),
        cmocka_unit_test(senseless_changes_are_ignored),
        cmocka_unit_test(families_are_ordered_and_named_once),
        cmocka_unit_test(nothing_measured_is_no_text),
        cmocka_unit_test(histograms_count_up_to_each_bound),
        cmocka_unit_test(a_full_buffer_is_an_error),
        cmocka_unit_test(metrics_of_one_plugin_are_limited),
        cmocka_unit_test(all_metrics_are_limited),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Tests of host/core/metric_labels.c. */
#include "tests/host/core/cmocka_all.h"

#include <string.h>

#include <ringhost/errors.h>
#include <ringhost/sdk/str.h>

#include "host/core/metric_labels.h"
#include "host/core/metrics.h"

static void assert_labels(const char *plugin, const char *labels, const char *expected)
{
    struct rh_buf buf;

    rh_buf_init(&buf, 4096);
    assert_int_equal(metric_labels_write(plugin, labels, &buf), RH_OK);
    assert_string_equal(buf.p ? buf.p : "", expected);
    rh_buf_release(&buf);
}

static void assert_refused(const char *plugin, const char *labels)
{
    struct rh_buf buf;

    rh_buf_init(&buf, 4096);
    assert_int_equal(metric_labels_write(plugin, labels, &buf), RH_EINVAL);
    assert_int_equal(buf.n, 0);
    rh_buf_release(&buf);
}

static void labels_are_ordered_by_key_behind_the_plugin(void **state)
{
    (void)state;
    assert_labels("zz", "c=3,a=1,b=2", "plugin=\"zz\",a=\"1\",b=\"2\",c=\"3\"");
    assert_labels(NULL, "b=2,a=1", "a=\"1\",b=\"2\"");
}

static void no_labels_are_an_empty_text(void **state)
{
    (void)state;
    assert_labels(NULL, NULL, "");
    assert_labels(NULL, "", "");
    assert_labels("a", NULL, "plugin=\"a\"");
}

static void values_may_be_empty_or_hold_quotes(void **state)
{
    (void)state;
    assert_labels(NULL, "a=,b=x=\"y\\\"", "a=\"\",b=\"x=\\\"y\\\\\\\"\"");
}

static void wrong_labels_are_refused(void **state)
{
    static const char *const cases[] = {
        "a",
        "=v",
        "a=1,",
        ",a=1",
        "a=1,,b=2",
        "A=1",
        "a-b=1",
        "a=1,a=2",
        "le=1",
        "plugin=x",
        "a=x\ny",
        "9=1",
        "a=1,b=2,c=3,d=4,e=5,f=6,g=7,h=8,i=9",
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_refused(NULL, cases[i]);
    assert_refused("", NULL);
    assert_refused("a\nb", NULL);
}

static void eight_labels_beside_the_plugin_are_the_most(void **state)
{
    (void)state;
    assert_labels("p", "a=1,b=2,c=3,d=4,e=5,f=6,g=7,h=8",
                  "plugin=\"p\",a=\"1\",b=\"2\",c=\"3\",d=\"4\",e=\"5\",f=\"6\",g=\"7\",h=\"8\"");
}

static void a_text_above_the_limit_is_refused(void **state)
{
    char labels[METRICS_LABELS_BYTES + 2] = "a=";

    (void)state;
    memset(labels + 2, 'x', METRICS_LABELS_BYTES - 1);
    assert_refused(NULL, labels);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(labels_are_ordered_by_key_behind_the_plugin),
        cmocka_unit_test(no_labels_are_an_empty_text),
        cmocka_unit_test(values_may_be_empty_or_hold_quotes),
        cmocka_unit_test(wrong_labels_are_refused),
        cmocka_unit_test(eight_labels_beside_the_plugin_are_the_most),
        cmocka_unit_test(a_text_above_the_limit_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

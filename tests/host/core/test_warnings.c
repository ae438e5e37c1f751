/* Lasting conditions that plugins show in health. */
#include <stdio.h>
#include <string.h>

#include "tests/host/core/cmocka_all.h"

#include "host/core/core_internal.h"
#include "tests/host/core/life_net.h"

static int32_t warn(struct life_node *n, const char *name, const char *reason)
{
    return n->script.rh->core->warn(n->script.rh->ctx, name, reason);
}

static void a_warning_degrades_health_and_says_why(void **state)
{
    struct life_node n;

    (void)state;
    life_node_start(&n, LIFE_LOCAL);

    assert_int_equal(warn(&n, "voters", "n2 names other voters"), RH_OK);

    assert_int_equal(life_node_get(&n, "/admin/health"), 200);
    life_node_says(&n, "\"status\":\"degraded\"");
    life_node_says(&n, "{\"name\":\"life.voters\",\"status\":\"degraded\","
                       "\"reason\":\"n2 names other voters\"}");
    assert_int_equal(rh_testhost_logged(n.host, "check=voters"), 1);
    life_node_end(&n);
}

static void a_warning_taken_back_is_gone(void **state)
{
    struct life_node n;

    (void)state;
    life_node_start(&n, LIFE_LOCAL);
    assert_int_equal(warn(&n, "voters", "n2 names other voters"), RH_OK);

    assert_int_equal(warn(&n, "voters", NULL), RH_OK);

    assert_int_equal(life_node_get(&n, "/admin/health"), 200);
    life_node_says(&n, "\"status\":\"ok\"");
    assert_null(strstr(n.reply.body, "life.voters"));
    life_node_end(&n);
}

static void a_warning_ends_with_its_activation(void **state)
{
    struct life_node n;

    (void)state;
    life_node_start(&n, LIFE_LOCAL);
    assert_int_equal(warn(&n, "voters", "n2 names other voters"), RH_OK);

    rh_testhost_reactivate(n.host, "life");
    rh_testnet_run(n.net, 3000);

    assert_int_equal(life_node_get(&n, "/admin/health"), 200);
    assert_null(strstr(n.reply.body, "life.voters"));
    life_node_end(&n);
}

static void the_same_words_again_are_not_logged_again(void **state)
{
    struct life_node n;

    (void)state;
    life_node_start(&n, LIFE_LOCAL);

    for (int i = 0; i < 5; i++)
        assert_int_equal(warn(&n, "voters", "the same"), RH_OK);

    assert_int_equal(rh_testhost_logged(n.host, "check=voters"), 1);
    assert_int_equal(n.script.rh->ctx->warning_count, 1);
    life_node_end(&n);
}

static void names_and_number_of_warnings_have_limits(void **state)
{
    struct life_node n;
    char name[16];

    (void)state;
    life_node_start(&n, LIFE_LOCAL);

    assert_int_equal(warn(&n, "", "x"), RH_EINVAL);
    assert_int_equal(warn(&n, "a_name_that_is_longer_than_32_bytes", "x"), RH_EINVAL);
    for (unsigned i = 0; i < PLUGIN_WARNINGS_MAX; i++) {
        (void)snprintf(name, sizeof name, "w%u", i);
        assert_int_equal(warn(&n, name, "x"), RH_OK);
    }
    assert_int_equal(warn(&n, "one_more", "x"), RH_EFULL);
    assert_int_equal(warn(&n, "w3", "another reason"), RH_OK);
    life_node_end(&n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_warning_degrades_health_and_says_why),
        cmocka_unit_test(a_warning_taken_back_is_gone),
        cmocka_unit_test(a_warning_ends_with_its_activation),
        cmocka_unit_test(the_same_words_again_are_not_logged_again),
        cmocka_unit_test(names_and_number_of_warnings_have_limits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

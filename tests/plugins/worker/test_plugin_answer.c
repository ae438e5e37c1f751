/* Answers to claims that cannot be read as a whole: no item of them is lost for another one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <ringhost/testhost.h>

#include "fake_queue.h"

#define CONFIG "{\"slots\":4,\"commands\":{\"t\":{\"argv\":[\"program\"]}}}"
#define ITEM(id, payload)                                                       \
    "{\"work_id\":\"" id "\",\"work_type\":\"t\",\"claim_token\":\"t-" id "\"," \
    "\"payload\":" payload ",\"attempt\":1,\"timeout_s\":30}"
#define DEEP_OPEN  "{\"p\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["
#define DEEP_CLOSE "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}"

const struct rh_plugin *rh_plugin_entry_v1_worker(void);

struct rig {
    struct rh_testnet *net;
    struct rh_testhost *host;
    uint32_t started;
};

static void on_process(void *user, struct rh_testhost_process *process)
{
    struct rig *rig = user;

    rig->started++;
    process->takes_ms = 1000;
    process->output = "{}";
}

static int setup(void **state)
{
    struct rig *rig = calloc(1, sizeof(*rig));
    const struct rh_testhost_plugin plugins[] = {{&fake_queue_entry, NULL},
                                                 {rh_plugin_entry_v1_worker(), CONFIG}};
    const struct rh_testhost_setup node = {.plugins = plugins, .plugin_count = 2};
    char why[RH_TESTHOST_WHY_MAX] = "";

    assert_non_null(rig);
    memset(&told, 0, sizeof(told));
    rig->net = rh_testnet_new(1, 1700000000000);
    if (rh_testhost_new(rig->net, &node, &rig->host, why) != RH_OK)
        fail_msg("%s", why);
    rh_testhost_script(rig->host, on_process, rig);
    rh_testnet_run(rig->net, 5000);
    *state = rig;
    return 0;
}

static int teardown(void **state)
{
    struct rig *rig = *state;

    rh_testnet_free(rig->net);
    free(rig);
    return 0;
}

static void give(struct rig *rig, const char *items)
{
    rh_req req = told.parked;

    assert_int_not_equal(req, 0);
    (void)snprintf(told.items, sizeof(told.items), "%s", items);
    told.parked = 0;
    assert_int_equal(fake_give(req), RH_OK);
    rh_testnet_run(rig->net, 3000);
}

static void a_payload_nested_too_deep_for_the_answer_takes_no_item_with_it(void **state)
{
    struct rig *rig = *state;

    give(rig, ITEM("w1", "{}") "," ITEM("w2", DEEP_OPEN DEEP_CLOSE) "," ITEM("w3", "{}"));

    assert_int_equal(rig->started, 3); /* alone, each can be read */
    assert_int_equal(told.completes, 3);
    assert_int_equal(told.fails, 0);
}

static void an_item_that_cannot_be_read_fails_in_words_and_the_others_run(void **state)
{
    struct rig *rig = *state;

    give(rig, ITEM("w1", "{}") "," ITEM("w2", "[1]") "," ITEM("w3", "{}"));

    assert_int_equal(rig->started, 2);
    assert_int_equal(told.completes, 2);
    assert_int_equal(told.fails, 1);
    assert_non_null(strstr(told.last_fail, "\"work_id\":\"w2\""));
    assert_non_null(strstr(told.last_fail, "\"claim_token\":\"t-w2\""));
    assert_non_null(strstr(told.last_fail, "cannot read the item"));
}

static void the_next_claim_is_sent_after_a_while(void **state)
{
    struct rig *rig = *state;
    const uint32_t claims = told.claims;

    give(rig, ITEM("w1", "[1]"));
    rh_testnet_run(rig->net, 10000);

    assert_int_equal(told.claims, claims + 1);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(a_payload_nested_too_deep_for_the_answer_takes_no_item_with_it),
        T(an_item_that_cannot_be_read_fails_in_words_and_the_others_run),
        T(the_next_claim_is_sent_after_a_while),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

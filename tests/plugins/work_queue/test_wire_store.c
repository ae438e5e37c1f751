/* What a disk cannot read is not what is not there: half an item is shown and given to nobody. */
#include "plugin_test.h"

#include "plugins/work_queue/wire.h"

#define INPUT "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

/* The plugin as it is, with a store that fails to read rows of one kind. */
static struct {
    struct rh_plugin plugin;
    struct rh_host host;
    struct rh_state_v1 state;
    const struct rh_plugin *real_plugin;
    const struct rh_host *real_host;
    const struct rh_state_v1 *real_state;
    uint8_t row; /* ROW_..., 0 = it reads all */
} failing;

static int32_t failing_get(struct rh_ctx *ctx, const char *name_space, struct rh_str key,
                           struct rh_value *out)
{
    if (failing.row && key.n && (uint8_t)key.p[0] == failing.row)
        return RH_EIO;
    return failing.real_state->get(ctx, name_space, key, out);
}

static const void *failing_service(struct rh_ctx *ctx, const char *id)
{
    const void *table = failing.real_host->service(ctx, id);

    if (strcmp(id, RH_STATE_ID) != 0 || !table)
        return table;
    failing.real_state = table;
    failing.state = *failing.real_state;
    failing.state.get = failing_get;
    return &failing.state;
}

static int32_t failing_create(void *self, struct rh_ctx *ctx, const struct rh_host *host,
                              const void *config)
{
    failing.real_host = host;
    failing.host = *host;
    failing.host.service = failing_service;
    return failing.real_plugin->create(self, ctx, &failing.host, config);
}

/* A node that has done w1 of the group "g", and has w2 with an input to give. */
static int setup(void **state)
{
    struct node *n = calloc(1, sizeof(*n));
    char token[64];

    memset(&failing, 0, sizeof(failing));
    failing.real_plugin = rh_plugin_entry_v1_work_queue();
    failing.plugin = *failing.real_plugin;
    failing.plugin.create = failing_create;
    node_start_plugin(n, &failing.plugin, NULL);
    assert_int_equal(post(n, "/work/add",
                          "{\"items\":[{\"work_type\":\"a\",\"group\":\"g\"},"
                          "{\"work_type\":\"a\",\"group\":\"g\",\"inputs\":[\"net=" INPUT "\"]}]}"),
                     201);
    claim(n, "n1", token);
    assert_int_equal(report(n, "complete", "w1", token, ",\"result\":{\"x\":1}"), 200);
    rh_testnet_run(n->net, 1000);
    *state = n;
    return 0;
}

static int teardown(void **state)
{
    node_stop(*state);
    free(*state);
    return 0;
}

static uint32_t get_status(struct node *n, const char *target)
{
    return rh_testhost_request(n->host, "GET", target, NULL, &n->reply);
}

static void no_item_is_shown_without_a_row_that_cannot_be_read(void **state)
{
    static const uint8_t rows[] = {ROW_SPEC, ROW_STATUS, ROW_RESULT, ROW_ERROR};
    struct node *n = *state;

    for (size_t i = 0; i < sizeof(rows); i++) {
        failing.row = rows[i];

        assert_int_equal(get_status(n, "/work/group?group=g"), 503);
        assert_int_equal(get_status(n, "/work/item?work_id=w1"), 503);
    }
    failing.row = 0;
    assert_int_equal(get_status(n, "/work/group?group=g"), 200);
    assert_says(n, "\"result\":{\"x\":1}");
    assert_int_equal(get_status(n, "/work/item?work_id=w1"), 200);
    assert_says(n, "\"result\":{\"x\":1}");
}

static void no_report_is_refused_for_good_of_an_item_that_cannot_be_read(void **state)
{
    struct node *n = *state;

    failing.row = ROW_STATUS;

    assert_int_equal(report(n, "complete", "w1", "1.1.1", ""), 503);
}

static void no_dependency_is_taken_for_done_that_cannot_be_read(void **state)
{
    struct node *n = *state;

    failing.row = ROW_STATUS;

    assert_int_equal(post(n, "/work/add", "{\"work_type\":\"a\",\"depends_on\":[\"w1\"]}"), 503);
}

static void no_item_is_given_without_its_inputs(void **state)
{
    struct node *n = *state;

    failing.row = ROW_SPEC;

    assert_int_equal(post(n, "/work/claim", "{\"node_id\":\"n1\"}"), 503);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(no_item_is_shown_without_a_row_that_cannot_be_read, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(
            no_report_is_refused_for_good_of_an_item_that_cannot_be_read, setup, teardown),
        cmocka_unit_test_setup_teardown(no_dependency_is_taken_for_done_that_cannot_be_read, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(no_item_is_given_without_its_inputs, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

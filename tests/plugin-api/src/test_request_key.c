/* Tests of idempotency keys of requests, in a host of one node with a real store. */
#include "store_test.h"

#include <ringhost/sdk/request_key.h>

/* What the plugin has in memory; no key = nothing. */
static struct rh_request_key live;

static bool live_at(void *self, uint32_t index, struct rh_request_key *out)
{
    (void)self;
    *out = live;
    return index == 0 && live.key.n > 0;
}

static int32_t find(struct keeper *keeper, const char *key, uint64_t asked, char id[16])
{
    const struct rh_request_keys keys = {keeper->store, 'k', keeper, live_at};
    const struct rh_request_key request = {.key = rh_str_from(key), .asked = asked};

    return rh_request_find(&keys, &request, id, 16);
}

static int32_t keep(struct keeper *keeper, rh_req req)
{
    const struct rh_request_key request = {RH_STR_LIT("k1"), RH_STR_LIT("g1"), 77};
    struct rh_batch_builder batch;

    rh_batch_begin(&batch, SPACE);
    rh_request_put(&batch, 'k', &request);
    rh_store_put_id(&batch, 'k', RH_STR_LIT("old"), RH_STR_LIT("g0")); /* as it was before */
    assert_int_equal(rh_batch_commit(&batch, &keeper->rh, NULL, NULL), RH_OK);
    return rh_reply_ok(&keeper->rh, req);
}

static int32_t look(struct keeper *keeper, rh_req req)
{
    char id[16] = "";

    assert_int_equal(find(keeper, "k1", 77, id), RH_OK);
    assert_string_equal(id, "g1");
    assert_int_equal(find(keeper, "k1", 78, id), RH_ECONFLICT);
    assert_string_equal(id, "g1");
    assert_int_equal(find(keeper, "k2", 77, id), RH_ENOTFOUND);
    assert_int_equal(find(keeper, "", 77, id), RH_ENOTFOUND);
    assert_int_equal(find(keeper, "old", 5, id), RH_OK);
    assert_string_equal(id, "g0");
    return rh_reply_ok(&keeper->rh, req);
}

static int32_t look_in_memory(struct keeper *keeper, rh_req req)
{
    char id[16] = "";

    live = (struct rh_request_key){RH_STR_LIT("new"), RH_STR_LIT("g9"), 5};
    assert_int_equal(find(keeper, "new", 5, id), RH_OK);
    assert_string_equal(id, "g9");
    assert_int_equal(find(keeper, "new", 6, id), RH_ECONFLICT);
    /* One that was loaded has its digest in the store alone. */
    live = (struct rh_request_key){RH_STR_LIT("k1"), RH_STR_LIT("g1"), 0};
    assert_int_equal(find(keeper, "k1", 78, id), RH_ECONFLICT);
    return rh_reply_ok(&keeper->rh, req);
}

static int32_t refuse(struct keeper *keeper, rh_req req)
{
    return rh_request_refuse(&keeper->rh, req, "items[3].", RH_STR_LIT("k\"1"), RH_STR_LIT("w7"));
}

static void a_key_leads_to_the_first_id_for_the_same_request_alone(void **state)
{
    answer(*state, keep, 200);

    answer(*state, look, 200);
    answer(*state, look_in_memory, 200);
}

static void a_refusal_names_the_field_the_key_and_the_first_id(void **state)
{
    struct world *world = *state;

    answer(world, refuse, 409);

    assert_non_null(strstr(world->reply.body, "idempotency_conflict"));
    assert_non_null(strstr(world->reply.body, "\"field\":\"items[3].idempotency_key\""));
    assert_non_null(strstr(world->reply.body, "\"idempotency_key\":\"k\\\"1\""));
    assert_non_null(strstr(world->reply.body, "\"first\":\"w7\""));
    assert_non_null(strstr(world->reply.body, "nothing was added"));
}

static void rows_come_back_as_they_were_put(void **state)
{
    static const char *const ids[] = {"", "w1", "g018bcfe5600-000001", "123456789"};
    static const uint64_t digests[] = {1, 0xff, UINT64_MAX, UINT64_C(0x0100000000000000)};

    (void)state;
    for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
        for (size_t k = 0; k < sizeof(digests) / sizeof(digests[0]); k++) {
            const struct rh_request_key put = {.id = rh_str_from(ids[i]), .asked = digests[k]};
            struct rh_request_key got = {.asked = 0};
            struct rh_buf buf;

            rh_buf_init(&buf, 100);
            rh_request_encode(&put, &buf);
            rh_request_decode(rh_buf_str(&buf), &got);

            assert_true(rh_str_eq(got.id, put.id));
            assert_true(got.asked == put.asked);
            rh_buf_release(&buf);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_key_leads_to_the_first_id_for_the_same_request_alone,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(a_refusal_names_the_field_the_key_and_the_first_id, setup,
                                        teardown),
        cmocka_unit_test(rows_come_back_as_they_were_put),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

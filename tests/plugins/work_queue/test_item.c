/* States, ids, derived config keys and stored records of one item. */
#include "work_queue_test.h"

#include "item.h"

static void finished_states_have_no_way_out(void **state)
{
    (void)state;
    for (uint8_t from = ITEM_DONE; from < ITEM_STATES; from++) {
        assert_false(item_state_is_live(from));
        for (uint8_t to = 0; to < ITEM_STATES; to++)
            assert_false(item_state_allows(from, to));
    }
    assert_false(item_state_allows(ITEM_PENDING, ITEM_DONE));
}

static void state_names_come_back(void **state)
{
    uint8_t out = 99;

    (void)state;
    for (uint8_t i = 0; i < ITEM_STATES; i++) {
        assert_int_equal(item_state_parse(rh_str_from(item_state_name(i)), &out), RH_OK);
        assert_int_equal(out, i);
    }
    assert_int_equal(item_state_parse(S("failed"), &out), RH_EINVAL);
    assert_string_equal(item_end_name(ITEM_END_EXPIRED), "expired");
}

static void ids_come_back_and_others_are_refused(void **state)
{
    char text[ITEM_ID_TEXT_SIZE];
    uint64_t seq = 0;

    (void)state;
    assert_int_equal(item_id_parse(item_id_format(UINT64_MAX, text), &seq), RH_OK);
    assert_true(seq == UINT64_MAX);
    assert_int_equal(item_id_parse(S("w"), &seq), RH_EINVAL);
    assert_int_equal(item_id_parse(S("7"), &seq), RH_EINVAL);
    assert_int_equal(item_id_parse(S("w07"), &seq), RH_EINVAL);
    assert_int_equal(item_id_parse(S("w7x"), &seq), RH_EINVAL);
}

static void config_key_is_made_of_board_and_players(void **state)
{
    struct item_spec spec = {.board_type = S("hex8"), .num_players = 2};
    char memory[ITEM_NAME_MAX + 1];

    (void)state;
    int32_t rc = item_spec_derive(&spec, memory, sizeof(memory));

    assert_int_equal(rc, RH_OK);
    assert_true(rh_str_eq(spec.config_key, S("hex8_2p")));
}

static void board_and_players_are_read_from_config_key(void **state)
{
    struct item_spec spec = {.config_key = S("full_hex_3p")};
    char memory[ITEM_NAME_MAX + 1];

    (void)state;
    int32_t rc = item_spec_derive(&spec, memory, sizeof(memory));

    assert_int_equal(rc, RH_OK);
    assert_true(rh_str_eq(spec.board_type, S("full_hex")));
    assert_int_equal(spec.num_players, 3);
}

static void contradictions_are_refused(void **state)
{
    struct item_spec board = {.config_key = S("hex8_2p"), .board_type = S("square8")};
    struct item_spec players = {.config_key = S("hex8_2p"), .num_players = 4};
    char memory[ITEM_NAME_MAX + 1];

    (void)state;
    assert_int_equal(item_spec_derive(&board, memory, sizeof(memory)), RH_EINVAL);
    assert_int_equal(item_spec_derive(&players, memory, sizeof(memory)), RH_EINVAL);
}

static void free_names_of_configs_are_left_alone(void **state)
{
    static const char *const names[] = {"go9", "p", "_2p", "hex8_p", "hex8_0p", "hex8_2", "a_99p"};
    char memory[ITEM_NAME_MAX + 1];

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct item_spec spec = {.config_key = rh_str_from(names[i])};
        assert_int_equal(item_spec_derive(&spec, memory, sizeof(memory)), RH_OK);
        assert_int_equal(spec.board_type.n, 0);
    }
}

static void a_spec_comes_back_and_no_truncation_is_accepted(void **state)
{
    const struct rh_str needs[] = {S("avx2"), S("cuda")};
    const uint64_t depends[] = {3, UINT64_MAX};
    const struct item_spec spec = {.work_type = S("selfplay"),
                                   .config_key = S("hex8_2p"),
                                   .board_type = S("hex8"),
                                   .group = S("g"),
                                   .idempotency_key = S("g/1"),
                                   .target_node = S("n1"),
                                   .requires = {needs, 2, 0},
                                   .inputs = {needs, 1, 0},
                                   .outputs = {needs + 1, 1, 0},
                                   .depends = depends,
                                   .depend_count = 2,
                                   .delay_ms = 7000,
                                   .num_players = 2,
                                   .priority = 100,
                                   .min_vram_mb = 8000,
                                   .timeout_ms = 300000,
                                   .max_runtime_ms = 1,
                                   .max_attempts = 3,
                                   .enqueued_ms = 1700000000000,
                                   .needs_gpu = true};
    struct item_lists lists;
    struct item_spec out;
    struct rh_buf buf;

    (void)state;
    rh_buf_init(&buf, 1000);
    item_spec_encode(&spec, &buf);

    assert_int_equal(item_spec_decode(rh_buf_str(&buf), &out, &lists), RH_OK);
    assert_true(rh_str_eq(out.idempotency_key, S("g/1")));
    assert_true(rh_str_eq(out.requires.items[1], S("cuda")));
    assert_true(rh_str_eq(out.inputs.items[0], S("avx2")));
    assert_true(rh_str_eq(out.outputs.items[0], S("cuda")));
    assert_int_equal(out.depend_count, 2);
    assert_true(out.depends[1] == UINT64_MAX);
    assert_int_equal(out.delay_ms, 7000);
    assert_int_equal(out.enqueued_ms, spec.enqueued_ms);
    assert_true(out.needs_gpu);
    for (size_t n = 0; n < buf.n; n++)
        assert_int_equal(item_spec_decode((struct rh_str){buf.p, n}, &out, &lists), RH_EINVAL);
    buf.p[0] = 1;
    assert_int_equal(item_spec_decode(rh_buf_str(&buf), &out, &lists), RH_EINVAL);
    rh_buf_release(&buf);
}

static void a_lease_keeps_its_poll_where_others_have_their_delay(void **state)
{
    struct item_status status = {
        .state = ITEM_LEASED, .poll = ITEM_POLL_MAX, .due_at_ms = 5, .node_id = S("n1")};
    struct item_status out;
    struct rh_buf buf;

    (void)state;
    rh_buf_init(&buf, 65536);
    item_status_encode(&status, &buf);
    assert_int_equal(item_status_decode(rh_buf_str(&buf), &out), RH_OK);
    assert_true(out.poll == ITEM_POLL_MAX);
    assert_int_equal(out.due_at_ms, 0);
    rh_buf_release(&buf);

    status.state = ITEM_DELAYED;
    rh_buf_init(&buf, 65536);
    item_status_encode(&status, &buf);
    assert_int_equal(item_status_decode(rh_buf_str(&buf), &out), RH_OK);
    assert_true(out.poll == 0);
    assert_int_equal(out.due_at_ms, 5);
    rh_buf_release(&buf);
}

static void a_status_comes_back_and_no_truncation_is_accepted(void **state)
{
    const struct item_status status = {.state = ITEM_LEASED,
                                       .ended_by = ITEM_END_FAIL,
                                       .has_checkpoint = 1,
                                       .attempts = 2,
                                       .token = {1, 2, 3},
                                       .fence = {1, 1, 9},
                                       .claimed_at_ms = 5,
                                       .finish_no = UINT64_MAX,
                                       .node_id = S("n1")};
    struct item_status out;
    struct rh_buf buf;

    (void)state;
    rh_buf_init(&buf, 1000);
    item_status_encode(&status, &buf);

    assert_int_equal(item_status_decode(rh_buf_str(&buf), &out), RH_OK);
    assert_int_equal(out.state, ITEM_LEASED);
    assert_int_equal(token_compare(out.fence, status.fence), 0);
    assert_true(out.finish_no == UINT64_MAX);
    assert_true(rh_str_eq(out.node_id, S("n1")));
    for (size_t n = 0; n < buf.n; n++)
        assert_int_equal(item_status_decode((struct rh_str){buf.p, n}, &out), RH_EINVAL);
    rh_buf_release(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finished_states_have_no_way_out),
        cmocka_unit_test(state_names_come_back),
        cmocka_unit_test(ids_come_back_and_others_are_refused),
        cmocka_unit_test(config_key_is_made_of_board_and_players),
        cmocka_unit_test(board_and_players_are_read_from_config_key),
        cmocka_unit_test(contradictions_are_refused),
        cmocka_unit_test(free_names_of_configs_are_left_alone),
        cmocka_unit_test(a_spec_comes_back_and_no_truncation_is_accepted),
        cmocka_unit_test(a_lease_keeps_its_poll_where_others_have_their_delay),
        cmocka_unit_test(a_status_comes_back_and_no_truncation_is_accepted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

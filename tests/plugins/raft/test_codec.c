/* Tests of requests as bytes. */
#include <ringhost/sdk/rng.h>

#include "core_test.h"

#include "plugins/raft/codec.h"

static void an_append_is_read_back(void **state)
{
    struct raft_decoded decoded = {.entry_cap = 0};
    struct group group;
    struct raft *leader;
    struct raft_message m = core_message(RAFT_MSG_APPEND, 1);
    struct rh_buf buf;

    (void)state;
    core_start(&group, 1);
    leader = core_elect(&group, 0);
    (void)core_propose(&group, 0, "hello");
    m.index = 1;
    m.index_term = 1;
    m.commit = 1;
    m.entry_count = 1;
    rh_buf_init(&buf, RAFT_BODY_MAX);

    assert_int_equal(raft_encode(&buf, &m, "n1", leader, (struct rh_str){NULL, 0}), RH_OK);
    assert_int_equal(raft_decode(rh_buf_str(&buf), &decoded), RH_OK);

    assert_string_equal(decoded.message.peer, "n1");
    assert_int_equal(decoded.message.lineage, RAFT_LINEAGE_FIRST);
    assert_int_equal(decoded.message.entry_count, 1);
    assert_int_equal(decoded.message.entries[0].index, 2);
    assert_true(rh_str_eq_c(decoded.message.entries[0].data, "hello"));
    raft_decoded_release(&decoded);
    rh_buf_release(&buf);
    group_free(&group);
}

static void a_piece_is_read_back(void **state)
{
    struct raft_decoded decoded = {.entry_cap = 0};
    struct raft_members members = {.index = 4};
    struct raft_message m = core_message(RAFT_MSG_SNAPSHOT, 3);
    struct rh_buf buf;

    (void)state;
    assert_int_equal(raft_members_add(&members, RH_STR_LIT("n1"), true), RH_OK);
    m.index = 9;
    m.index_term = 2;
    m.snapshot_id = 99;
    m.offset = 64;
    m.length = 70;
    m.members = &members;
    rh_buf_init(&buf, RAFT_BODY_MAX);

    assert_int_equal(raft_encode(&buf, &m, "n1", NULL, RH_STR_LIT("chunk!")), RH_OK);
    assert_int_equal(raft_decode(rh_buf_str(&buf), &decoded), RH_OK);

    assert_int_equal(decoded.message.offset, 64);
    assert_true(rh_str_eq_c(decoded.message.chunk, "chunk!"));
    assert_memory_equal(&decoded.members, &members, sizeof(members));
    raft_decoded_release(&decoded);
    rh_buf_release(&buf);
}

static void every_damage_is_noticed(void **state)
{
    struct raft_decoded decoded = {.entry_cap = 0};
    const struct raft_message m = core_message(RAFT_MSG_BEAT, 3);
    struct rh_buf buf;

    (void)state;
    rh_buf_init(&buf, RAFT_BODY_MAX);
    assert_int_equal(raft_encode(&buf, &m, "n1", NULL, (struct rh_str){NULL, 0}), RH_OK);

    for (size_t n = 0; n < buf.n; n++)
        assert_int_not_equal(raft_decode((struct rh_str){buf.p, n}, &decoded), RH_OK);
    for (size_t i = 0; i < buf.n; i++) {
        buf.p[i] = (char)(buf.p[i] ^ 1);
        assert_int_not_equal(raft_decode(rh_buf_str(&buf), &decoded), RH_OK);
        buf.p[i] = (char)(buf.p[i] ^ 1);
    }
    assert_int_equal(raft_decode(rh_buf_str(&buf), &decoded), RH_OK);
    raft_decoded_release(&decoded);
    rh_buf_release(&buf);
}

/* With the right checksum behind it any text is taken apart without reading beyond it. */
static void noise_is_refused_or_understood(void **state)
{
    struct raft_decoded decoded = {.entry_cap = 0};
    struct rh_rng rng;
    char bytes[200];

    (void)state;
    rh_rng_seed(&rng, 5);
    for (int i = 0; i < 20000; i++) {
        const size_t n = 8 + rh_rng_below(&rng, sizeof(bytes) - 8);
        uint64_t sum;

        for (size_t j = 0; j < n; j++)
            bytes[j] = (char)rh_rng_below(&rng, rh_rng_below(&rng, 2) ? 4 : 256);
        memcpy(bytes, "RRF1", n < 12 ? 0 : 4);
        bytes[4] = (char)(1 + 2 * rh_rng_below(&rng, 5));
        sum = rh_hash_fnv1a(RH_HASH_FNV1A_INIT, bytes, n - 8);
        for (size_t j = 0; j < 8; j++)
            bytes[n - 8 + j] = (char)(sum >> (8 * j));
        (void)raft_decode((struct rh_str){bytes, n}, &decoded); /* only must not go astray */
    }
    assert_int_equal(raft_decode(RH_STR_LIT(""), &decoded), RH_EINVAL);
    raft_decoded_release(&decoded);
}

CORE_MAIN(cmocka_unit_test(an_append_is_read_back), cmocka_unit_test(a_piece_is_read_back),
          cmocka_unit_test(every_damage_is_noticed),
          cmocka_unit_test(noise_is_refused_or_understood))

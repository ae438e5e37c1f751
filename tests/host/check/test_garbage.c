/* Tests of host/check/garbage.c: what is meant to be valid is, and the rest is mostly not. */
#include "tests/host/core/cmocka_all.h"

#include <stdbool.h>
#include <string.h>

#include <ringhost/errors.h>
#include <ringhost/sdk/str.h>

#include "host/check/garbage.h"
#include "host/check/garbage_value.h"
#include "host/core/field_check.h"
#include "host/core/field_decode.h"
#include "host/core/field_query.h"

#define ARENA_MAX (4u * 1024u * 1024u)

struct part {
    struct rh_str name;
    int64_t n;
};
static const struct rh_field part_fields[] = {
    RH_STR(struct part, name, RH_REQUIRED, "a name"),
    RH_INT(struct part, n, 5, 3, 9, "a number"),
};
struct thing {
    struct rh_str name, kind, blob, raw;
    int64_t count, wait, size;
    uint64_t seed;
    double ratio;
    int32_t flag;
    struct rh_str_list words;
    struct rh_pair_list labels;
    struct part part;
    struct rh_list parts;
};
static const struct rh_field thing_fields[] = {
    RH_STR(struct thing, name, RH_REQUIRED, "a name"),
    RH_CHOICE(struct thing, kind, RH_REQUIRED, NULL, "red green", "a choice"),
    RH_BYTES(struct thing, blob, RH_REQUIRED, 8, "octets"),
    RH_RAW(struct thing, raw, RH_REQUIRED, "anything"),
    RH_INT_REQUIRED(struct thing, count, 7, 20, "a number"),
    RH_DURATION(struct thing, wait, "1s", 500, 9000, "a time"),
    RH_SIZE(struct thing, size, "1KiB", 1, 4096, "a size"),
    RH_UINT64(struct thing, seed, RH_REQUIRED, "a big number"),
    RH_NUMBER(struct thing, ratio, 0.5, 0, 1, "a share"),
    RH_BOOL(struct thing, flag, 0, "yes or no"),
    RH_STR_LIST(struct thing, words, RH_REQUIRED, "some words"),
    RH_MAP(struct thing, labels, RH_REQUIRED, "some pairs"),
    RH_OBJECT(struct thing, part, RH_REQUIRED, struct part, part_fields, "a part"),
    RH_OBJECT_LIST(struct thing, parts, RH_REQUIRED, 4, struct part, part_fields, "parts"),
};
static const struct rh_fields thing_table = RH_FIELDS(struct thing, thing_fields);

struct asked {
    struct rh_str name;
    int64_t limit;
    struct rh_str_list words;
};
static const struct rh_field asked_fields[] = {
    RH_STR(struct asked, name, RH_REQUIRED, "a name"),
    RH_INT(struct asked, limit, 10, 1, 100, "how many"),
    RH_STR_LIST(struct asked, words, 0, "some words"),
};
static const struct rh_fields asked_table = RH_FIELDS(struct asked, asked_fields);

/* Whether the host takes a piece; fails the test when it is neither taken nor refused in words. */
static int32_t decode(const struct rh_fields *table, bool is_query, const struct rh_buf *piece)
{
    union {
        struct thing thing;
        struct asked asked;
    } out;
    struct field_error error = {0};
    struct field_arena arena;
    int32_t rc;

    field_arena_init(&arena, ARENA_MAX);
    rc = is_query ? field_decode_query(table, rh_buf_str(piece), FIELD_STRICT, &out, &arena, &error)
                  : field_decode(table, rh_buf_str(piece), FIELD_STRICT, 0, &out, &arena, &error);
    field_arena_release(&arena);
    if (rc != RH_OK && error.message[0] == '\0')
        fail_msg("rc %d without words for %.*s", rc, RH_STR_ARG(rh_buf_str(piece)));
    return rc;
}

static void the_smallest_request_is_valid(void **state)
{
    struct rh_buf body, query;

    (void)state;
    assert_int_equal(field_check(&thing_table, NULL, 0), RH_OK);
    rh_buf_init(&body, ARENA_MAX);
    rh_buf_init(&query, ARENA_MAX);

    assert_int_equal(garbage_minimal(&thing_table, false, &body), RH_OK);
    assert_int_equal(garbage_minimal(&asked_table, true, &query), RH_OK);

    assert_int_equal(decode(&thing_table, false, &body), RH_OK);
    assert_int_equal(decode(&asked_table, true, &query), RH_OK);
    assert_string_equal(query.p, "name=a");
    rh_buf_release(&body);
    rh_buf_release(&query);
}

static void count_pieces(const struct rh_fields *table, bool is_query, uint32_t *taken,
                         uint32_t *refused)
{
    struct garbage garbage;
    struct rh_buf piece;

    *taken = *refused = 0;
    garbage_init(&garbage, 3);
    rh_buf_init(&piece, ARENA_MAX);
    for (uint32_t i = 0; garbage_piece(&garbage, table, is_query, i, &piece); i++) {
        assert_int_equal(piece.rc, RH_OK);
        if (decode(table, is_query, &piece) == RH_OK)
            (*taken)++;
        else
            (*refused)++;
        rh_buf_reset(&piece);
    }
    rh_buf_release(&piece);
}

static void most_pieces_are_refused_and_some_get_through(void **state)
{
    uint32_t taken, refused;

    (void)state;
    count_pieces(&thing_table, false, &taken, &refused);
    assert_in_range(taken, 20, refused / 2);

    count_pieces(&asked_table, true, &taken, &refused);
    assert_true(taken >= 20);
    assert_true(refused >= 20);
}

static void values_beyond_their_limits_are_refused(void **state)
{
    static const char *const limited[] = {"count", "wait", "size", "ratio", "parts"};
    struct rh_json_writer w;
    struct rh_buf body;

    (void)state;
    rh_buf_init(&body, ARENA_MAX);
    for (size_t i = 0; i < sizeof limited / sizeof limited[0]; i++) {
        rh_buf_reset(&body);
        rh_json_init(&w, &body);
        rh_json_begin_object(&w);
        for (uint32_t f = 0; f < thing_table.count; f++) {
            const struct rh_field *field = &thing_fields[f];
            bool is_odd = strcmp(field->name, limited[i]) == 0;

            rh_json_key(&w, field->name);
            if (is_odd)
                garbage_value_beyond(&w, field, true);
            else
                garbage_value_minimal(&w, field);
        }
        rh_json_end_object(&w);
        assert_int_equal(rh_json_finish(&w), RH_OK);

        if (decode(&thing_table, false, &body) != RH_EINVAL)
            fail_msg("%s was taken: %s", limited[i], body.p);
    }
    rh_buf_release(&body);
}

static void the_same_seed_makes_the_same_requests(void **state)
{
    struct garbage first, second;
    struct rh_buf one, two;

    (void)state;
    garbage_init(&first, 9);
    garbage_init(&second, 9);
    rh_buf_init(&one, ARENA_MAX);
    rh_buf_init(&two, ARENA_MAX);

    for (uint32_t i = 0; i < 20; i++) {
        garbage_random(&first, &thing_table, false, &one);
        garbage_random(&second, &thing_table, false, &two);
    }

    assert_string_equal(one.p, two.p);
    rh_buf_release(&one);
    rh_buf_release(&two);
}

static void words_of_answers_come_back(void **state)
{
    struct garbage garbage;
    struct rh_buf body;

    (void)state;
    garbage_init(&garbage, 1);
    rh_buf_init(&body, ARENA_MAX);
    for (uint32_t i = 0; i < 20; i++)
        garbage_learn(&garbage, RH_STR_LIT("{\"id\":\"work-4711\"}"));

    for (uint32_t i = 0; i < 20; i++)
        garbage_random(&garbage, &thing_table, false, &body);

    assert_non_null(strstr(body.p, "\"name\":\"work-4711\""));
    rh_buf_release(&body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_smallest_request_is_valid),
        cmocka_unit_test(most_pieces_are_refused_and_some_get_through),
        cmocka_unit_test(values_beyond_their_limits_are_refused),
        cmocka_unit_test(the_same_seed_makes_the_same_requests),
        cmocka_unit_test(words_of_answers_come_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

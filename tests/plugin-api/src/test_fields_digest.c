/* Tests of the digest of a decoded struct. */
#include "sdk_test.h"

#include <ringhost/sdk/fields_digest.h>
#include <ringhost/sdk/str.h>

struct part {
    int64_t n;
};
struct thing {
    struct rh_str name;
    struct rh_str choice;
    struct rh_str_list list;
    struct rh_str raw;
    struct rh_list parts;
    struct part part;
    double number;
    uint64_t seed;
    int64_t count;
    int64_t wait;
    int32_t flag;
    uint8_t has_seed;
    uint8_t has_part;
};

static const struct rh_field part_fields[] = {RH_INT(struct part, n, 3, 0, 9, "-")};
static const struct rh_field fields[] = {
    RH_STR(struct thing, name, RH_REQUIRED, "-"),
    RH_CHOICE(struct thing, choice, 0, "a", "a b", "-"),
    RH_STR_LIST(struct thing, list, 0, "-"),
    RH_RAW_OBJECT(struct thing, raw, 0, "-"),
    RH_OBJECT_LIST(struct thing, parts, 0, 4, struct part, part_fields, "-"),
    RH_FIELD_ROW_(struct thing, part, RH_FIELD_OBJECT, RH_SUB_(struct part, part_fields),
                  .given_offset = 1 + (uint32_t)offsetof(struct thing, has_part), .doc = "-"),
    RH_NUMBER(struct thing, number, 0.5, 0.0, 9.0, "-"),
    RH_FIELD_ROW_(struct thing, seed, RH_FIELD_U64,
                  .given_offset = 1 + (uint32_t)offsetof(struct thing, has_seed), .doc = "-"),
    RH_INT(struct thing, count, 50, 0, 100, "-"),
    RH_DURATION(struct thing, wait, "1s", 0, 5000, "-"),
    RH_BOOL(struct thing, flag, true, "-"),
};
static const struct rh_fields table = RH_FIELDS(struct thing, fields);

/* As it is decoded when only the name was given. */
static struct thing plain(void)
{
    return (struct thing){.name = RH_STR_LIT("x"),
                          .choice = RH_STR_LIT("a"),
                          .raw = RH_STR_LIT("{}"),
                          .part = {3},
                          .number = 0.5,
                          .count = 50,
                          .wait = 1000,
                          .flag = 1};
}

static uint64_t digest(const struct thing *thing)
{
    return rh_fields_digest(&table, thing, RH_DIGEST_GIVEN);
}

static void each_field_counts(void **state)
{
    static const struct rh_str names[] = {RH_STR_INIT("q"), RH_STR_INIT("r")};
    static const struct part parts[] = {{1}, {2}};
    struct thing things[12];
    uint64_t digests[12];
    const size_t count = sizeof(things) / sizeof(things[0]);

    (void)state;
    for (size_t i = 0; i < count; i++)
        things[i] = plain();
    things[1].name = RH_STR_LIT("y");
    things[2].choice = RH_STR_LIT("b");
    things[3].list = (struct rh_str_list){names, 2, 0};
    things[4].raw = RH_STR_LIT("{\"a\":1}");
    things[5].parts = (struct rh_list){parts, 2, sizeof(parts[0])};
    things[6].part.n = 4;
    things[7].number = 0.0;
    things[8].seed = 7;
    things[9].count = 0;
    things[10].wait = 0;
    things[11].flag = 0;

    for (size_t i = 0; i < count; i++)
        digests[i] = digest(&things[i]);

    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < i; k++) {
            if (digests[i] == digests[k])
                fail_msg("%zu and %zu", i, k);
        }
    }
}

static void the_order_of_a_list_counts_and_that_of_raw_members_does_not(void **state)
{
    static const struct rh_str ab[] = {RH_STR_INIT("a"), RH_STR_INIT("b")};
    static const struct rh_str ba[] = {RH_STR_INIT("b"), RH_STR_INIT("a")};
    struct thing first = plain();
    struct thing second = plain();
    struct thing third = plain();

    (void)state;
    first.list = (struct rh_str_list){ab, 2, 0};
    second.list = (struct rh_str_list){ba, 2, 0};
    assert_true(digest(&first) != digest(&second));

    second = plain();
    second.raw = RH_STR_LIT("{\"a\":1,\"b\":2}");
    third.raw = RH_STR_LIT("{ \"b\": 2, \"a\": 1 }");
    assert_true(digest(&second) == digest(&third));
}

static void zero_that_was_given_differs_from_nothing_only_if_asked(void **state)
{
    const struct thing nothing = plain();
    struct thing zero = plain();
    struct thing part = plain();

    (void)state;
    zero.has_seed = 1;
    part.has_part = 1;

    assert_true(digest(&zero) != digest(&nothing));
    assert_true(digest(&part) != digest(&nothing));
    assert_true(digest(&part) != digest(&zero));
    assert_true(rh_fields_digest(&table, &zero, 0) == rh_fields_digest(&table, &nothing, 0));
}

static void a_table_may_grow_and_be_rearranged(void **state)
{
    static const struct rh_field fewer[] = {
        RH_INT(struct thing, count, 50, 0, 100, "-"),
        RH_DURATION(struct thing, wait, "1s", 0, 5000, "-"),
        RH_STR(struct thing, name, RH_REQUIRED, "-"),
    };
    static const struct rh_fields small = RH_FIELDS(struct thing, fewer);
    struct thing thing = plain();

    (void)state;
    thing.count = 7;

    assert_true(rh_fields_digest(&small, &thing, RH_DIGEST_GIVEN) == digest(&thing));
}

/* Stored with idempotency keys: it must never change. */
static void the_digest_is_the_same_for_ever(void **state)
{
    struct thing thing = plain();

    (void)state;
    thing.number = 2.5;

    assert_true(digest(&thing) == UINT64_C(0x17f6e674ea9385b7));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_field_counts),
        cmocka_unit_test(the_order_of_a_list_counts_and_that_of_raw_members_does_not),
        cmocka_unit_test(zero_that_was_given_differs_from_nothing_only_if_asked),
        cmocka_unit_test(a_table_may_grow_and_be_rearranged),
        cmocka_unit_test(the_digest_is_the_same_for_ever),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

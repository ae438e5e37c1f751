/* Tests of the digest: it names the buckets that differ and refuses what is none. */
#include "fixture.h"

#include "plugins/elo_sync/digest.h"

static void put(struct facts *facts, const char *id)
{
    struct fact_record record = {.id = rh_str_from(id), .has_fact = true};
    struct entry *entry;
    uint32_t changes;

    record.fact = fixture_game(id, "a", "b", 1.0, 1000);
    assert_int_equal(facts_merge(facts, &record, &entry, &changes), RH_OK);
}

static void only_the_buckets_of_missing_games_differ(void **state)
{
    struct facts x;
    struct facts y;
    struct rh_buf buf;
    uint32_t differing[FACTS_BUCKETS];
    uint32_t count = 0;

    (void)state;
    facts_init(&x, 1, 10);
    facts_init(&y, 2, 10);
    put(&x, "one");
    put(&y, "one");
    put(&y, "two");
    rh_buf_init(&buf, DIGEST_TEXT_SIZE);
    digest_write(&y, &buf);
    assert_int_equal(digest_compare(&x, rh_buf_str(&buf), differing, &count), RH_OK);

    assert_int_equal(count, 1);
    assert_int_equal(differing[0], facts_bucket(RH_STR_LIT("two")));
    put(&x, "two");
    assert_int_equal(digest_compare(&x, rh_buf_str(&buf), differing, &count), RH_OK);
    assert_int_equal(count, 0);
    rh_buf_release(&buf);
    facts_release(&x);
    facts_release(&y);
}

static void what_is_no_digest_is_refused(void **state)
{
    struct facts facts;
    struct rh_buf buf;
    uint32_t differing[FACTS_BUCKETS];
    uint32_t count = 77;

    (void)state;
    facts_init(&facts, 1, 10);
    rh_buf_init(&buf, DIGEST_TEXT_SIZE);
    digest_write(&facts, &buf);
    assert_int_equal(digest_compare(&facts, (struct rh_str){buf.p, buf.n - 1}, differing, &count),
                     RH_EINVAL);
    buf.p[77] = 'x';
    assert_int_equal(digest_compare(&facts, rh_buf_str(&buf), differing, &count), RH_EINVAL);

    assert_int_equal(count, 77);
    rh_buf_release(&buf);
    facts_release(&facts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_the_buckets_of_missing_games_differ),
        cmocka_unit_test(what_is_no_digest_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

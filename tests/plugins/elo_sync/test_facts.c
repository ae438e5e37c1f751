/* Tests of the set: union, retractions, conflicts, and one digest from any order. */
#include "fixture.h"

#include "plugins/elo_sync/facts.h"

#define IDS     200u
#define RECORDS 600u

static struct fact_record game_record(const char *id, double score)
{
    struct fact_record record = {.id = rh_str_from(id), .has_fact = true};

    record.fact = fixture_game(id, "a", "b", score, 1000);
    return record;
}

static struct fact_record retraction_record(const char *id, uint64_t stamp, const char *reason)
{
    return (struct fact_record){.id = rh_str_from(id), .retraction = {stamp, rh_str_from(reason)}};
}

static uint32_t merge(struct facts *facts, struct fact_record record)
{
    struct entry *entry = NULL;
    uint32_t changes = 99;

    assert_int_equal(facts_merge(facts, &record, &entry, &changes), RH_OK);
    assert_true(rh_str_eq(entry->id, record.id));
    return changes;
}

static void the_same_game_twice_changes_nothing(void **state)
{
    struct facts facts;

    (void)state;
    facts_init(&facts, 1, 10);
    assert_int_equal(merge(&facts, game_record("g", 1.0)), FACTS_GAME);
    const uint64_t root = facts_root(&facts);
    assert_int_equal(merge(&facts, game_record("g", 1.0)), 0);

    assert_true(facts_root(&facts) == root);
    assert_int_equal(facts_count(&facts), 1);
    assert_int_equal(facts.games, 1);
    facts_release(&facts);
}

static void of_two_bodies_the_lesser_hash_wins_and_the_conflict_is_counted_once(void **state)
{
    struct facts x;
    struct facts y;

    (void)state;
    facts_init(&x, 1, 10);
    facts_init(&y, 2, 10);
    assert_int_equal(merge(&x, game_record("g", 1.0)), FACTS_GAME);
    const uint32_t one = merge(&x, game_record("g", 0.0));
    assert_int_equal(merge(&y, game_record("g", 0.0)), FACTS_GAME);
    const uint32_t other = merge(&y, game_record("g", 1.0));
    (void)merge(&x, game_record("g", 0.5));

    assert_true(one & FACTS_CONFLICT);
    assert_true(other & FACTS_CONFLICT);
    assert_true((one & FACTS_REPLACED) != (other & FACTS_REPLACED));
    assert_int_equal(x.conflicts, 1);
    (void)merge(&y, game_record("g", 0.5));
    assert_true(facts_root(&x) == facts_root(&y));
    const struct entry *kept = facts_find(&x, RH_STR_LIT("g"));
    for (uint32_t i = 0; i < 3; i++) {
        struct rh_buf buf;
        const struct fact body = fixture_game("g", "a", "b", i / 2.0, 1000);

        rh_buf_init(&buf, FACT_BODY_MAX);
        fact_encode(&body, &buf);
        assert_true(kept->body_hash <= fact_hash(rh_buf_str(&buf)));
        rh_buf_release(&buf);
    }
    facts_release(&x);
    facts_release(&y);
}

static void a_retraction_may_come_before_its_game_and_stays(void **state)
{
    struct facts facts;

    (void)state;
    facts_init(&facts, 1, 10);
    assert_int_equal(merge(&facts, retraction_record("g", 7, "cheated")), FACTS_RETRACTED);
    assert_int_equal(merge(&facts, game_record("g", 1.0)), FACTS_GAME);

    assert_int_equal(facts.games, 0);
    assert_int_equal(facts.retracted, 1);
    assert_int_equal(merge(&facts, retraction_record("g", 9, "again")), 0);
    assert_int_equal(merge(&facts, retraction_record("g", 5, "first")), FACTS_RETRACTED);
    assert_int_equal(facts.retracted, 1);
    facts_release(&facts);
}

static void a_full_set_refuses_new_ids_and_takes_what_it_knows(void **state)
{
    struct facts facts;
    struct fact_record third = game_record("3", 1.0);
    struct entry *entry = NULL;
    uint32_t changes;

    (void)state;
    facts_init(&facts, 1, 2);
    (void)merge(&facts, game_record("1", 1.0));
    (void)merge(&facts, game_record("2", 1.0));
    const uint64_t root = facts_root(&facts);

    assert_int_equal(facts_merge(&facts, &third, &entry, &changes), RH_EFULL);
    assert_true(facts_root(&facts) == root);
    assert_int_equal(merge(&facts, game_record("2", 1.0)), 0);
    facts_release(&facts);
}

static void stored_bytes_bring_an_entry_back(void **state)
{
    struct facts facts;
    struct facts copy;
    struct fact_record back;
    struct rh_buf buf;
    bool has_conflict = true;

    (void)state;
    facts_init(&facts, 1, 10);
    facts_init(&copy, 1, 10);
    (void)merge(&facts, game_record("g", 1.0));
    (void)merge(&facts, retraction_record("g", 7, "why"));
    rh_buf_init(&buf, 4096);
    facts_encode(facts_find(&facts, RH_STR_LIT("g")), &buf);
    assert_int_equal(facts_decode(RH_STR_LIT("g"), rh_buf_str(&buf), &back, &has_conflict), RH_OK);
    (void)merge(&copy, back);

    assert_false(has_conflict);
    assert_true(facts_root(&copy) == facts_root(&facts));
    assert_int_equal(
        facts_decode(RH_STR_LIT("g"), (struct rh_str){buf.p, buf.n - 1}, &back, &has_conflict),
        RH_EINVAL);
    rh_buf_release(&buf);
    facts_release(&facts);
    facts_release(&copy);
}

/* Deliveries of games, other bodies and retractions: any order, with repeats, in any number of
 * pieces that are merged with each other later. */
static void any_order_repeats_and_partitions_end_in_one_digest(void **state)
{
    static char ids[IDS][8];
    struct fact_record *records = calloc(RECORDS, sizeof(*records));
    struct facts reference;
    struct rh_rng rng;

    (void)state;
    assert_non_null(records);
    rh_rng_seed(&rng, fixture_seed(42));
    facts_init(&reference, 1, IDS);
    for (uint32_t i = 0; i < IDS; i++)
        (void)snprintf(ids[i], sizeof(ids[i]), "g%u", i); /* fits */
    for (uint32_t i = 0; i < RECORDS; i++) {
        const char *id = ids[rh_rng_below(&rng, IDS)];

        records[i] = rh_rng_below(&rng, 5) == 0
                         ? retraction_record(id, 1 + rh_rng_below(&rng, 4),
                                             rh_rng_below(&rng, 2) ? "x" : "y")
                         : game_record(id, (double)rh_rng_below(&rng, 3) / 2.0);
        (void)merge(&reference, records[i]);
    }
    for (uint32_t round = 0; round < 50; round++) {
        struct facts parts[3];
        struct entry *entry;

        for (uint32_t p = 0; p < 3; p++)
            facts_init(&parts[p], rh_rng_u64(&rng), IDS);
        rh_rng_shuffle(&rng, records, RECORDS, sizeof(*records));
        for (uint32_t i = 0; i < RECORDS; i++) {
            (void)merge(&parts[rh_rng_below(&rng, 3)], records[i]);
            if (rh_rng_below(&rng, 3) == 0)
                (void)merge(&parts[rh_rng_below(&rng, 3)], records[rh_rng_below(&rng, i + 1)]);
        }
        for (uint32_t p = 1; p < 3; p++) {
            for (entry = parts[p].oldest; entry; entry = entry->later) {
                struct fact_record record;

                facts_record(entry, &record);
                (void)merge(&parts[0], record);
            }
        }
        assert_true(facts_root(&parts[0]) == facts_root(&reference));
        assert_memory_equal(parts[0].sums, reference.sums, sizeof(reference.sums));
        assert_int_equal(parts[0].games, reference.games);
        for (uint32_t p = 0; p < 3; p++)
            facts_release(&parts[p]);
    }
    facts_release(&reference);
    free(records);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_game_twice_changes_nothing),
        cmocka_unit_test(of_two_bodies_the_lesser_hash_wins_and_the_conflict_is_counted_once),
        cmocka_unit_test(a_retraction_may_come_before_its_game_and_stays),
        cmocka_unit_test(a_full_set_refuses_new_ids_and_takes_what_it_knows),
        cmocka_unit_test(stored_bytes_bring_an_entry_back),
        cmocka_unit_test(any_order_repeats_and_partitions_end_in_one_digest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

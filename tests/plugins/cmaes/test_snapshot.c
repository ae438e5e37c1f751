/* Tests of snapshots: a search that is read back goes on bit for bit. */
#include "fixture.h"

#include "plugins/cmaes/snapshot.h"

static struct rh_buf encode(const struct search *s)
{
    struct rh_buf buf;

    rh_buf_init(&buf, SNAPSHOT_BYTES_MAX);
    snapshot_encode(s, &buf);
    assert_int_equal(buf.rc, RH_OK);
    return buf;
}

/* Writes it down, reads it back, and frees the former. */
static struct search *reborn(struct search *s)
{
    const struct search_spec *spec = s->spec;
    struct rh_buf buf = encode(s);
    struct search *again = NULL;

    search_free(s);
    assert_int_equal(snapshot_decode(spec, rh_buf_str(&buf), &again), RH_OK);
    rh_buf_release(&buf);
    return again;
}

static void assert_same(const struct search *a, const struct search *b)
{
    struct rh_buf one = encode(a);
    struct rh_buf two = encode(b);

    assert_int_equal(one.n, two.n);
    assert_memory_equal(one.p, two.p, one.n);
    rh_buf_release(&one);
    rh_buf_release(&two);
}

/* With bounds, an integer and restarts, so that all of a search is at stake. */
static struct search_spec rich_spec(enum restart_kind restart)
{
    struct search_spec spec = fixture_spec(6, 0.5, 0.3, 12345);

    spec.parameters[1].lower = -1.0;
    spec.parameters[1].upper = 1.0;
    spec.parameters[2].is_integer = true;
    spec.parameters[2].initial = 3.0;
    spec.parameters[4].scale = 10.0;
    spec.restart = restart;
    spec.doublings_max = 3;
    return spec;
}

static void resume_after_every_generation(enum restart_kind restart, fixture_function *f,
                                          uint32_t generations)
{
    const struct search_spec spec = rich_spec(restart);
    struct search *whole = fixture_search(&spec);
    struct search *pieces = fixture_search(&spec);

    for (uint32_t i = 0; i < generations && whole->reason == STOP_NONE; i++) {
        fixture_generation(whole, f);
        pieces = reborn(pieces);
        fixture_generation(pieces, f);
        assert_same(whole, pieces);
    }
    assert_true(whole->generations > 100);
    search_free(whole);
    search_free(pieces);
}

static void a_search_resumed_after_every_generation_is_the_same_bit_for_bit(void **state)
{
    (void)state;
    resume_after_every_generation(RESTART_NONE, fixture_rosenbrock, 300);
}

static void restarts_of_both_kinds_resume_bit_for_bit(void **state)
{
    (void)state;
    resume_after_every_generation(RESTART_IPOP, fixture_rastrigin, 250);
    resume_after_every_generation(RESTART_BIPOP, fixture_rastrigin, 400);
}

static void the_history_of_a_long_run_is_kept_in_a_ring(void **state)
{
    const struct search_spec spec = rich_spec(RESTART_NONE);
    struct search *s = fixture_search(&spec);
    struct search *again;

    (void)state;
    fixture_generation(s, fixture_sphere);
    s->track.count = STOP_HISTORY_MAX + 5;
    s->track.best[STOP_HISTORY_MAX - 1] = 4.0;
    again = reborn(s);

    assert_int_equal(again->track.count, STOP_HISTORY_MAX + 5);
    assert_true(again->track.best[STOP_HISTORY_MAX - 1] == 4.0);
    search_free(again);
}

static void the_largest_search_fits(void **state)
{
    const struct search_spec spec = fixture_spec(DIMENSION_MAX, 0.1, 0.3, 1);
    struct search *s = fixture_search(&spec);
    struct rh_buf buf;

    (void)state;
    for (uint32_t i = 0; i < 3; i++)
        fixture_generation(s, fixture_ellipsoid);
    for (uint32_t i = 0; i < STOP_HISTORY_MAX; i++)
        s->track.best[i] = s->track.median[i] = -1.0 / (3.0 + i);
    s->track.count = STOP_HISTORY_MAX;
    buf = encode(s);

    printf("FIGURE cmaes.snapshot_bytes_max %zu\n", buf.n);
    rh_buf_release(&buf);
    search_free(s);
}

static void cut_and_changed_bytes_are_refused(void **state)
{
    const struct search_spec spec = rich_spec(RESTART_NONE);
    const struct search_spec other = fixture_spec(5, 0.5, 0.3, 1);
    struct search *s = fixture_search(&spec);
    struct search *none = NULL;
    struct rh_buf buf;

    (void)state;
    fixture_generation(s, fixture_sphere);
    buf = encode(s);
    for (size_t n = 0; n < buf.n; n++)
        assert_int_equal(snapshot_decode(&spec, (struct rh_str){buf.p, n}, &none), RH_EINVAL);
    assert_int_equal(snapshot_decode(&other, rh_buf_str(&buf), &none), RH_EINVAL);
    buf.p[0]++;
    assert_int_equal(snapshot_decode(&spec, rh_buf_str(&buf), &none), RH_EINVAL);
    assert_null(none);
    rh_buf_release(&buf);
    search_free(s);
}

/* Whatever the bytes are, reading them ends with a search or a refusal. */
static void random_damage_never_does_harm(void **state)
{
    const struct search_spec spec = rich_spec(RESTART_BIPOP);
    struct search *s = fixture_search(&spec);
    struct rh_rng rng;
    struct rh_buf buf;

    (void)state;
    rh_rng_seed(&rng, 77);
    for (uint32_t i = 0; i < 20; i++)
        fixture_generation(s, fixture_sphere);
    buf = encode(s);
    for (uint32_t i = 0; i < 3000; i++) {
        const size_t at = (size_t)rh_rng_below(&rng, buf.n);
        const char kept = buf.p[at];
        struct search *again = NULL;

        buf.p[at] = (char)rh_rng_below(&rng, 256);
        if (snapshot_decode(&spec, rh_buf_str(&buf), &again) == RH_OK && again->reason == STOP_NONE)
            fixture_generation(again, fixture_sphere);
        search_free(again);
        buf.p[at] = kept;
    }
    rh_buf_release(&buf);
    search_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_search_resumed_after_every_generation_is_the_same_bit_for_bit),
        cmocka_unit_test(restarts_of_both_kinds_resume_bit_for_bit),
        cmocka_unit_test(the_history_of_a_long_run_is_kept_in_a_ring),
        cmocka_unit_test(the_largest_search_fits),
        cmocka_unit_test(cut_and_changed_bytes_are_refused),
        cmocka_unit_test(random_damage_never_does_harm),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

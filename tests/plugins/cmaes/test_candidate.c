/* Tests of putting a candidate's figures into a text. */
#include "fixture.h"

#include <ringhost/sdk/str.h>

#include "plugins/cmaes/candidate.h"

static const struct parameter parameters[] = {{.name = "c_puct"}, {.name = "x.y"}, {.name = "n"}};
static const double values[] = {0.1, -1e-7, 42.0};
static const struct candidate candidate = {.parameters = parameters,
                                           .values = values,
                                           .count = 3,
                                           .job_id = RH_STR_INIT("c1-2"),
                                           .generation = 7,
                                           .index = 3};

static void assert_expands(const char *text, const char *expected)
{
    struct rh_buf out;

    rh_buf_init(&out, 4096);
    candidate_expand(rh_str_from(text), &candidate, &out);
    assert_int_equal(out.rc, RH_OK);
    if (!rh_str_eq_c(rh_buf_str(&out), expected))
        fail_msg("%s became %s, not %s", text, out.p ? out.p : "", expected);
    rh_buf_release(&out);
}

static void parameters_become_digits(void **state)
{
    (void)state;
    assert_expands("[\"--c={x.c_puct}\",\"{x.x.y}\",\"{x.n}{x.n}\"]",
                   "[\"--c=0.1\",\"-1e-7\",\"4242\"]");
}

static void the_candidate_can_be_named(void **state)
{
    (void)state;
    assert_expands("\"{job_id} {generation} {index} {candidate_id}\"", "\"c1-2 7 3 7/3\"");
}

static void all_other_braces_stay(void **state)
{
    (void)state;
    assert_expands("{\"a\":{\"b\":{}},\"c\":\"{seed} {{x.n}} {x.unknown} {x.\"}",
                   "{\"a\":{\"b\":{}},\"c\":\"{seed} {42} {x.unknown} {x.\"}");
    assert_expands("", "");
    assert_expands("{", "{");
}

static void an_unknown_parameter_is_found(void **state)
{
    const struct rh_str text = RH_STR_LIT("{\"a\":\"{x.n} {seed} {x.nn} {x.mm}\"}");

    (void)state;
    assert_true(rh_str_eq_c(candidate_unknown(text, parameters, 3), "x.nn"));
    assert_int_equal(candidate_unknown(RH_STR_LIT("{\"a\":\"{x.n} {seed}\"}"), parameters, 3).n, 0);
}

static void ids_of_candidates_are_read_back(void **state)
{
    static const char *const bad[] = {"",      "/",    "1",    "1/",  "/1",
                                      "1/2/3", "01/2", "1/-2", "a/1", "1/4294967296"};
    char id[CANDIDATE_ID_SIZE];
    uint64_t generation = 0;
    uint32_t index = 0;

    (void)state;
    candidate_id_write(123456789, 1023, id);
    assert_string_equal(id, "123456789/1023");
    assert_int_equal(candidate_id_read(rh_str_from(id), &generation, &index), RH_OK);
    assert_int_equal(generation, 123456789);
    assert_int_equal(index, 1023);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(candidate_id_read(rh_str_from(bad[i]), &generation, &index), RH_EINVAL);
}

static void integers_have_no_dot(void **state)
{
    static const struct {
        double value;
        const char *digits;
    } cases[] = {{3.0, "3"}, {-17.0, "-17"}, {0.5, "0.5"}, {1e15, "1000000000000000"}, {-0.0, "0"}};
    struct rh_buf out;

    (void)state;
    rh_buf_init(&out, 100);
    for (size_t i = 0; i < 5; i++) {
        rh_buf_reset(&out);
        candidate_put_value(&out, cases[i].value);
        assert_string_equal(out.p, cases[i].digits);
    }
    rh_buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parameters_become_digits),
        cmocka_unit_test(the_candidate_can_be_named),
        cmocka_unit_test(all_other_braces_stay),
        cmocka_unit_test(an_unknown_parameter_is_found),
        cmocka_unit_test(ids_of_candidates_are_read_back),
        cmocka_unit_test(integers_have_no_dot),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

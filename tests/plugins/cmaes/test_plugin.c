/* Tests of the routes for evaluators who ask and report by themselves. */
#include "wire_fixture.h"

#define SPHERE                                                                             \
    "{\"parameters\":[{\"name\":\"a\",\"initial\":0.5},{\"name\":\"b\",\"initial\":0.5}]," \
    "\"sigma0\":0.3,\"seed\":\"7\""

static int set_up(void **state)
{
    *state = world_new(NULL);
    return 0;
}

static int tear_down(void **state)
{
    world_free(*state);
    return 0;
}

/* Asks for everything that can be had, and reports the sphere of it. How many there were. */
static uint32_t serve(struct world *world)
{
    char candidates[8192];
    const char *at = candidates;
    uint32_t count = 0;

    assert_int_equal(post_job(world, "/cmaes/ask", "\"count\":64"), 200);
    (void)snprintf(candidates, sizeof(candidates), "%s", world->reply.body);
    while ((at = strstr(at, "\"candidate_id\":\""))) {
        const double a = number_in(at, "a");
        const double b = number_in(at, "b");
        char rest[128];

        at += strlen("\"candidate_id\":\"");
        (void)snprintf(rest, sizeof(rest), "\"candidate_id\":\"%.*s\",\"fitness\":%.17g",
                       (int)strcspn(at, "\""), at, a * a + b * b);
        if (post_job(world, "/cmaes/report", rest) != 200)
            fail_msg("%s", world->reply.body);
        assert_has(world->reply.body, "\"accepted\":true");
        count++;
    }
    return count;
}

static void an_evaluator_brings_a_job_to_its_target(void **state)
{
    struct world *world = *state;
    const char *body;
    uint32_t generations = 0;

    start(world, SPHERE ",\"stop\":{\"target\":1e-9}}");
    assert_has(status(world, ""), "\"state\":\"running\"");
    while (serve(world) > 0)
        assert_true(++generations < 200);
    body = status(world, "");

    assert_has(body, "\"state\":\"completed\",\"reason\":\"target\"");
    assert_has(body, "\"open\":null");
    assert_true(number_in(body, "fitness") <= 1e-9);
    assert_int_equal(number_in(body, "evaluations"), generations * 6);
    assert_int_equal(count_of(body, "\"ended_at\":"), generations < 20 ? generations : 20);
    assert_int_equal(rh_testhost_logged(world->host, "cmaes_completed"), 1);
}

/* The core alone, with the same seed and function, comes to the same bits. */
static double two_sphere(const double *x, uint32_t n)
{
    assert_int_equal(n, 2);
    return x[0] * x[0] + x[1] * x[1];
}

static void a_seed_gives_the_same_search_as_in_the_core(void **state)
{
    struct world *world = *state;
    const struct search_spec spec = fixture_spec(2, 0.5, 0.3, 7);
    struct search *s = fixture_search(&spec);

    start(world, SPHERE "}");
    for (uint32_t i = 0; i < 30; i++) {
        assert_int_equal(serve(world), 6);
        fixture_generation(s, two_sphere);
    }

    assert_true(number_in(status(world, ""), "sigma") == s->cma->sigma);
    assert_true(number_in(status(world, ""), "fitness") == s->best_fitness);
    search_free(s);
}

static void a_crash_after_any_report_changes_nothing(void **state)
{
    struct world *world = *state;
    char whole[4096];
    char why[RH_TESTHOST_WHY_MAX];

    start(world, SPHERE "}");
    for (uint32_t i = 0; i < 12; i++)
        (void)serve(world);
    (void)snprintf(whole, sizeof(whole), "%s", strstr(status(world, "&limit=0"), "\"sigma\""));

    start(world, SPHERE "}");
    for (uint32_t i = 0; i < 12; i++) {
        char rest[128];

        assert_int_equal(post_job(world, "/cmaes/ask", "\"count\":1"), 200);
        (void)snprintf(rest, sizeof(rest), "\"candidate_id\":\"%u/0\",\"fitness\":%.17g", i,
                       number_in(world->reply.body, "a") * number_in(world->reply.body, "a") +
                           number_in(world->reply.body, "b") * number_in(world->reply.body, "b"));
        assert_int_equal(post_job(world, "/cmaes/report", rest), 200);
        rh_testhost_crash(world->host);
        assert_int_equal(rh_testhost_start(world->host, why), RH_OK);
        world_wait(world);
        assert_has(status(world, ""), "\"answered\":1");
        assert_int_equal(serve(world), 5);
    }
    {
        /* Times differ, and nothing else. */
        const char *again = strstr(status(world, "&limit=0"), "\"sigma\"");
        const size_t n = (size_t)(strstr(whole, "\"created_at\"") - whole);

        assert_memory_equal(whole, again, n);
        assert_string_equal(strstr(whole, "\"mean\""), strstr(again, "\"mean\""));
    }
}

static void a_report_counts_once(void **state)
{
    struct world *world = *state;

    start(world, SPHERE "}");
    assert_int_equal(post_job(world, "/cmaes/report", "\"candidate_id\":\"0/2\",\"fitness\":1"),
                     200);
    assert_has(world->reply.body, "\"accepted\":true,\"duplicate\":false,\"late\":false");
    assert_int_equal(post_job(world, "/cmaes/report", "\"candidate_id\":\"0/2\",\"fitness\":1"),
                     200);
    assert_has(world->reply.body, "\"accepted\":false,\"duplicate\":true,\"late\":false");
    assert_has(status(world, ""), "\"answered\":1,\"errors\":0");
}

static void reports_that_make_no_sense_are_refused_by_field(void **state)
{
    static const struct {
        const char *rest;
        uint32_t status;
        const char *part;
    } cases[] = {
        {"\"candidate_id\":\"0/2\"", 400, "exactly one of"},
        {"\"candidate_id\":\"0/2\",\"fitness\":1,\"error\":\"x\"", 400, "exactly one of"},
        {"\"candidate_id\":\"0/2\",\"fitness\":\"1\"", 400, "\"field\":\"fitness\""},
        {"\"candidate_id\":\"0/2\",\"fitness\":1e301", 400, "\"field\":\"fitness\""},
        {"\"candidate_id\":\"0-2\",\"fitness\":1", 400, "\"field\":\"candidate_id\""},
        {"\"fitness\":1", 400, "\"field\":\"candidate_id\""},
        {"\"candidate_id\":\"0/6\",\"fitness\":1", 404, "no candidate"},
        {"\"candidate_id\":\"1/0\",\"fitness\":1", 404, "no candidate"},
    };
    struct world *world = *state;

    start(world, SPHERE "}");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(post_job(world, "/cmaes/report", cases[i].rest), cases[i].status);
        assert_has(world->reply.body, cases[i].part);
    }
    assert_int_equal(
        post(world, "/cmaes/report", "{\"job_id\":\"c0\",\"candidate_id\":\"0/0\",\"fitness\":1}"),
        404);
    assert_has(status(world, ""), "\"answered\":0");
}

static void a_late_report_enters_only_the_history(void **state)
{
    struct world *world = *state;
    double sigma;

    start(world, SPHERE ",\"generation_timeout_s\":60,\"quorum\":0.5}");
    for (uint32_t i = 0; i < 3; i++) {
        char rest[64];

        (void)snprintf(rest, sizeof(rest), "\"candidate_id\":\"0/%u\",\"fitness\":%u", i, 5 - i);
        assert_int_equal(post_job(world, "/cmaes/report", rest), 200);
    }
    rh_testnet_run(world->net, 50000);
    assert_int_equal(number_in(status(world, ""), "generation"), 0);
    rh_testnet_run(world->net, 12000);
    assert_int_equal(number_in(status(world, ""), "generation"), 1);
    sigma = number_in(status(world, ""), "sigma");

    for (uint32_t i = 0; i < 2; i++) {
        assert_int_equal(
            post_job(world, "/cmaes/report", "\"candidate_id\":\"0/4\",\"fitness\":-99"), 200);
        assert_has(world->reply.body, i == 0
                                          ? "\"accepted\":false,\"duplicate\":false,\"late\":true"
                                          : "\"accepted\":false,\"duplicate\":true");
    }
    assert_int_equal(post_job(world, "/cmaes/report", "\"candidate_id\":\"0/1\",\"fitness\":4"),
                     200);
    assert_has(world->reply.body, "\"duplicate\":true");
    assert_has(status(world, ""), "\"ranked\":3,\"errors\":0,\"missing\":3,\"late\":1");
    assert_true(number_in(status(world, ""), "fitness") == 3.0);
    assert_true(number_in(status(world, ""), "sigma") == sigma);
}

static void a_generation_of_errors_alone_ends_the_job(void **state)
{
    struct world *world = *state;

    start(world, SPHERE "}");
    for (uint32_t i = 0; i < 6; i++) {
        char rest[80];

        (void)snprintf(rest, sizeof(rest), "\"candidate_id\":\"0/%u\",\"error\":\"crash %u\"", i,
                       i);
        assert_int_equal(post_job(world, "/cmaes/report", rest), 200);
    }
    assert_has(status(world, ""), "\"state\":\"completed\",\"reason\":\"no_fitness\"");
    assert_has(status(world, ""), "\"best\":null");
}

static void jobs_that_make_no_sense_are_refused_by_field(void **state)
{
    static const struct {
        const char *body;
        const char *part;
    } cases[] = {
        {"{}", "either \\\"parameters\\\" or \\\"dimension\\\" is required"},
        {"{\"dimension\":2,\"parameters\":[{\"name\":\"a\"}]}", "either"},
        {"{\"dimension\":101}", "\"field\":\"dimension\""},
        {"{\"dimension\":2,\"sigma0\":0}", "\"field\":\"sigma0\""},
        {"{\"dimension\":2,\"lower\":1,\"upper\":0}", "must be below"},
        {"{\"dimension\":2,\"initial\":5,\"upper\":1}", "must be within the bounds"},
        {"{\"dimension\":2,\"population\":3000}", "\"field\":\"population\""},
        {"{\"dimension\":2,\"population\":1}",
         "\\\"population\\\" must be 0 or an integer in [4, 2048]"},
        {"{\"dimension\":2,\"population\":3}", "\"field\":\"population\""},
        {"{\"dimension\":2,\"restarts\":\"often\"}", "\"field\":\"restarts\""},
        {"{\"dimension\":2,\"max_generations\":3,\"stop\":{\"max_generations\":4}}",
         "contradict each other"},
        {"{\"parameters\":[{\"name\":\"a b\"}]}", "parameter 0"},
        {"{\"parameters\":[{\"name\":\"a\"},{\"name\":\"a\"}]}", "that of an earlier one"},
        {"{\"parameters\":[{\"name\":\"a\",\"type\":\"integer\",\"lower\":0.2,\"upper\":0.9}]}",
         "two integers"},
        {"{\"dimension\":2,\"evaluate\":{\"payload\":{}}}", "work_type"},
        {"{\"dimension\":2,\"evaluate\":{\"work_type\":\"t\",\"group\":\"g\"}}", "evaluate.group"},
        {"{\"dimension\":2,\"evaluate\":{\"work_type\":\"t\",\"payload\":{\"parameters\":1}}}",
         "where each candidate's parameters go"},
        {"{\"dimension\":2,\"evaluate\":{\"work_type\":\"t\",\"payload\":{\"a\":\"{x.x7}\"}}}",
         "\\\"{x.x7}\\\" is no parameter"},
        {"{\"dimension\":2,\"evaluate\":{\"work_type\":\"t\",\"payload\":{\"a\":"
         "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}}}",
         "is nested more than 32 deep"},
        {"{\"dimension\":2,\"evaluate\":{}}", "\"field\":\"evaluate.work_type\""},
        {"{\"dimension\":2,\"evaluate\":{\"work_type\":\"t\",\"priorty\":1}}",
         "\\\"evaluate.priorty\\\" is not a field here; did you mean \\\"priority\\\"?"},
        {"{\"dimension\":2,\"evaluate\":{\"work_type\":\"t\",\"priority\":101}}",
         "\\\"evaluate.priority\\\" must be an integer in [0, 100]"},
        {"{\"dimension\":2,\"evaluate\":{\"work_type\":\"t\",\"idempotency_key\":\"k\"}}",
         "\"field\":\"evaluate.idempotency_key\""},
        {"{\"dimension\":2,\"evaluate\":{\"work_type\":\"t\",\"requires\":[\"a\",\"\"]}}",
         "\"field\":\"evaluate.requires\""},
        {"{\"dimension\":2,\"evaluate\":{\"work_type\":\"t\",\"depends_on\":[\"#0\"]}}",
         "\"field\":\"evaluate.depends_on\""},
        {"{\"dimension\":2,\"\\u0065valuate\":{\"work_type\":\"t\"}}", "without escapes"},
        {"{\"dimension\":2,\"colour\":1}", "colour"},
    };
    struct world *world = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        if (post(world, "/cmaes/start", cases[i].body) != 400)
            fail_msg("%s: %s", cases[i].body, world->reply.body);
        assert_has(world->reply.body, cases[i].part);
    }
    assert_int_equal(get(world, "/cmaes/list"), 200);
    assert_has(world->reply.body, "\"jobs\":[]");
}

static void the_same_request_key_gives_the_same_job(void **state)
{
    struct world *world = *state;

    start(world, SPHERE ",\"idempotency_key\":\"k1\"}");
    assert_null(strstr(world->reply.body, "\"duplicate\""));
    assert_int_equal(post(world, "/cmaes/start", SPHERE ",\"idempotency_key\":\"k1\"}"), 200);
    assert_has(world->reply.body, "\"duplicate\":true");
    assert_has(world->reply.body, world->id);
    rh_testnet_run(world->net, 1000);
    assert_int_equal(post(world, "/cmaes/start", SPHERE ",\"idempotency_key\":\"k1\"}"), 200);
    assert_has(world->reply.body, world->id);
}

static void a_request_key_of_another_request_is_refused(void **state)
{
    struct world *world = *state;

    start(world, SPHERE ",\"idempotency_key\":\"k1\"}");
    for (int round = 0; round < 2; round++) {
        assert_int_equal(
            post(world, "/cmaes/start", SPHERE ",\"quorum\":0.5,\"idempotency_key\":\"k1\"}"), 409);
        assert_has(world->reply.body, "idempotency_conflict");
        assert_has(world->reply.body, world->id);
        rh_testnet_run(world->net, 1000); /* the second time from the store */
    }
}

static void bounds_and_integers_show_in_the_candidates(void **state)
{
    struct world *world = *state;
    const char *at;

    start(world, "{\"parameters\":[{\"name\":\"p\",\"lower\":2,\"upper\":3},{\"name\":\"k\","
                 "\"type\":\"integer\",\"lower\":-4,\"upper\":9}],\"population\":50}");
    assert_int_equal(post_job(world, "/cmaes/ask", "\"count\":50"), 200);
    at = world->reply.body;
    assert_int_equal(count_of(at, "\"candidate_id\""), 50);
    while ((at = strstr(at, "\"parameters\""))) {
        const double k = number_in(at, "k");

        assert_in_range((int64_t)(number_in(at, "p") * 1e6), 2000000, 3000000);
        assert_true(k == floor(k) && k >= -4.0 && k <= 9.0);
        at++;
    }
}

static void too_many_jobs_are_refused_and_old_ones_make_room(void **state)
{
    struct world *world = *state;
    char ids[5][64];

    for (uint32_t i = 0; i < 5; i++) {
        start(world, SPHERE "}");
        memcpy(ids[i], world->id, sizeof(ids[i]));
        assert_int_equal(post_job(world, "/cmaes/cancel", ""), 200);
        assert_has(world->reply.body, "\"state\":\"cancelled\",\"reason\":\"cancelled\"");
        rh_testnet_run(world->net, 1000);
    }
    memcpy(world->id, ids[0], sizeof(ids[0]));
    assert_int_equal(post_job(world, "/cmaes/ask", ""), 404);
    assert_int_equal(get(world, "/cmaes/list?limit=2"), 200);
    assert_true(strstr(world->reply.body, ids[4]) < strstr(world->reply.body, ids[3]));
    assert_null(strstr(world->reply.body, ids[2]));
    start(world, SPHERE "}");
    start(world, SPHERE "}");
    assert_int_equal(post(world, "/cmaes/start", SPHERE "}"), 429);
    assert_has(world->reply.body, "live_max");
}

static void unknown_jobs_and_ended_ones_are_told_apart(void **state)
{
    struct world *world = *state;

    assert_int_equal(get(world, "/cmaes/status"), 404);
    assert_int_equal(get(world, "/cmaes/status?job_id=c0"), 404);
    assert_int_equal(post(world, "/cmaes/ask", "{\"job_id\":\"c0\"}"), 404);
    assert_int_equal(post(world, "/cmaes/cancel", "{\"job_id\":\"c0\"}"), 404);
    assert_int_equal(post(world, "/cmaes/cancel", "{}"), 400);
    assert_int_equal(get(world, "/cmaes/list?limit=0"), 400);
    start(world, SPHERE ",\"stop\":{\"max_generations\":1}}");
    assert_int_equal(get(world, "/cmaes/status"), 200);
    assert_has(world->reply.body, world->id);
    (void)serve(world);
    rh_testnet_run(world->net, 1000);
    assert_has(status(world, ""), "\"reason\":\"max_generations\"");
    assert_int_equal(post_job(world, "/cmaes/cancel", ""), 409);
    assert_int_equal(post_job(world, "/cmaes/ask", ""), 200);
    assert_has(world->reply.body, "\"candidates\":[]");
    assert_int_equal(post_job(world, "/cmaes/report", "\"candidate_id\":\"0/0\",\"fitness\":1"),
                     200);
    assert_has(world->reply.body, "\"duplicate\":true");
}

static void restarts_show_in_the_history(void **state)
{
    struct world *world = *state;

    start(world, SPHERE ",\"restarts\":\"ipop\",\"stop\":{\"tolfun\":1e9}}");
    assert_int_equal(serve(world), 6);
    assert_int_equal(serve(world), 12);
    assert_has(status(world, ""), "\"run\":2");
    assert_has(status(world, ""), "\"ended_run\":\"tolfun\"");
    assert_has(status(world, ""), "\"last_run_reason\":\"tolfun\"");
    assert_has(status(world, ""), "\"population\":24");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_evaluator_brings_a_job_to_its_target),
        TEST(a_seed_gives_the_same_search_as_in_the_core),
        TEST(a_crash_after_any_report_changes_nothing),
        TEST(a_report_counts_once),
        TEST(reports_that_make_no_sense_are_refused_by_field),
        TEST(a_late_report_enters_only_the_history),
        TEST(a_generation_of_errors_alone_ends_the_job),
        TEST(jobs_that_make_no_sense_are_refused_by_field),
        TEST(the_same_request_key_gives_the_same_job),
        TEST(a_request_key_of_another_request_is_refused),
        TEST(bounds_and_integers_show_in_the_candidates),
        TEST(too_many_jobs_are_refused_and_old_ones_make_room),
        TEST(unknown_jobs_and_ended_ones_are_told_apart),
        TEST(restarts_show_in_the_history),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

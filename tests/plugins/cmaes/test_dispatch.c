/* Tests of candidates that are work items: with the real queue, and the real worker whose command
 * is played here. */
#include "wire_fixture.h"

#define EVALUATE                                                                                  \
    "\"evaluate\":{\"work_type\":\"tune\",\"board_type\":\"go9\",\"num_players\":2,\"priority\":" \
    "70,\"max_attempts\":1,\"payload\":{\"argv\":[\"play\",\"--c={x.c}\",\"{seed}\"],\"tag\":"    \
    "\"{candidate_id}\"}}"
#define PARAMETERS                                                                         \
    "\"parameters\":[{\"name\":\"c\",\"initial\":0.5,\"lower\":-2,\"upper\":2},{\"name\":" \
    "\"k\",\"type\":\"integer\",\"initial\":4,\"lower\":-10,\"upper\":10}]"
#define JOB "{" PARAMETERS "," EVALUATE ",\"sigma0\":1,\"seed\":\"11\""

/* (c - 1.25)^2 + (k + 3)^2, as one number. */
static int32_t print_number(const char *input, char *out, size_t size)
{
    const double c = number_in(input, "c") - 1.25;
    const double k = number_in(input, "k") + 3.0;

    (void)snprintf(out, size, "%.17g\n", c * c + k * k);
    return 0;
}

/* The negative of it, as an object with more in it. */
static int32_t print_object(const char *input, char *out, size_t size)
{
    char digits[64];

    (void)print_number(input, digits, sizeof(digits));
    (void)snprintf(out, size, "{\"games\":20,\"fitness\":%.17g}", -strtod(digits, NULL));
    return 0;
}

/* What a match prints, and no fitness by name. */
static int32_t print_match(const char *input, char *out, size_t size)
{
    (void)snprintf(out, size, "{\"games\":[],\"totals\":{\"wins\":%d,\"value\":\"x\"}}",
                   (int)(10.0 - fabs(number_in(input, "k") + 3.0)));
    return 0;
}

static int32_t break_down(const char *input, char *out, size_t size)
{
    (void)input;
    (void)snprintf(out, size, "nothing good");
    return 3;
}

/* Candidates with an odd index fail, each by itself. */
static int32_t fail_half(const char *input, char *out, size_t size)
{
    const char *tag = strstr(input, "\"tag\":\"");

    assert_non_null(tag);
    tag += strlen("\"tag\":\"");
    if ((strchr(tag, '/')[1] - '0') % 2 == 1)
        return break_down(input, out, size);
    return print_number(input, out, size);
}

static void run_to_the_end(struct world *world)
{
    for (uint32_t seconds = 0; strstr(status(world, "&limit=0"), "\"state\":\"running\"");
         seconds++) {
        if (seconds > 900)
            fail_msg("not over: %s", status(world, ""));
        rh_testnet_run(world->net, 1000);
    }
}

static int set_up_queue(void **state)
{
    *state = world_new(NULL);
    return 0;
}

static int set_up_numbers(void **state)
{
    *state = world_new(print_number);
    return 0;
}

static int set_up_objects(void **state)
{
    *state = world_new(print_object);
    return 0;
}

static int set_up_matches(void **state)
{
    *state = world_new(print_match);
    return 0;
}

static int set_up_failing(void **state)
{
    *state = world_new(break_down);
    return 0;
}

static int set_up_half_failing(void **state)
{
    *state = world_new(fail_half);
    return 0;
}

static int tear_down(void **state)
{
    world_free(*state);
    return 0;
}

static void commands_that_print_a_number_are_tuned(void **state)
{
    struct world *world = *state;
    const char *body;

    start(world, JOB ",\"stop\":{\"target\":1e-8}}");
    run_to_the_end(world);
    body = status(world, "");

    assert_has(body, "\"state\":\"completed\",\"reason\":\"target\"");
    assert_near(number_in(body, "c"), 1.25, 1e-4);
    assert_true(number_in(body, "k") == -3.0);
    assert_int_equal(number_in(body, "evaluations"), world->started);
    assert_has(body, "\"problem\":null,\"last_error\":null");
}

static void objects_have_a_fitness_and_can_be_maximised(void **state)
{
    struct world *world = *state;
    const char *body;

    start(world, JOB ",\"goal\":\"maximize\",\"stop\":{\"target\":-1e-8}}");
    run_to_the_end(world);
    body = status(world, "");

    assert_has(body, "\"reason\":\"target\"");
    assert_near(number_in(body, "c"), 1.25, 1e-4);
    assert_true(number_in(body, "fitness") <= 0.0);
    assert_true(number_in(body, "fitness") >= -1e-8);
}

static void the_fitness_may_lie_anywhere_in_the_result(void **state)
{
    struct world *world = *state;

    start(world, JOB ",\"goal\":\"maximize\",\"fitness_path\":\"totals.wins\",\"stop\":{\"target\":"
                     "10,\"flat_generations\":100,\"tolfun\":0}}");
    run_to_the_end(world);
    assert_has(status(world, ""), "\"reason\":\"target\"");
    assert_true(number_in(status(world, ""), "k") == -3.0);

    start(world, JOB ",\"fitness_path\":\"totals.value\"}");
    run_to_the_end(world);
    assert_has(status(world, ""), "\"reason\":\"no_fitness\"");
}

static void an_item_has_all_of_the_template_and_its_parameters(void **state)
{
    struct world *world = *state;
    const char *body;

    start(world, JOB "}");
    rh_testnet_run(world->net, 2000);
    assert_int_equal(post(world, "/work/claim",
                          "{\"node_id\":\"x\",\"work_types\":[\"tune\"],\"max_items\":64}"),
                     200);
    body = world->reply.body;

    assert_int_equal(count_of(body, "\"claim_token\""), 6);
    assert_has(body, "\"config_key\":\"go9_2p\"");
    assert_has(body, "\"payload\":{\"parameters\":{\"c\":");
    assert_has(body, "\"{seed}\"],\"tag\":\"0/3\"}");
    assert_null(strstr(body, "{x.c}"));
    assert_int_equal(get(world, "/work/group?group=no/1"), 404);
    {
        char path[128];

        (void)snprintf(path, sizeof(path), "/work/group?group=%s/0", world->id);
        assert_int_equal(get(world, path), 200);
        assert_int_equal(count_of(world->reply.body, "\"status\":\"leased\""), 6);
    }
}

static void the_end_is_announced_once_even_across_a_crash(void **state)
{
    struct world *world = *state;
    char why[RH_TESTHOST_WHY_MAX];
    const char *text;
    uint64_t stream = rh_testhost_send(world->host, "GET", "/events", NULL);

    start(world, JOB ",\"max_generations\":3}");
    run_to_the_end(world);
    rh_testnet_run(world->net, 130000);
    text = rh_testhost_streamed(world->host, stream);
    assert_int_equal(count_of(text, "event: CMAES_COMPLETED"), 1);
    assert_has(text, world->id);
    assert_has(text, "\"reason\":\"max_generations\",\"generations\":3,\"evaluations\":18");
    rh_testhost_hang_up(world->host, stream);

    rh_testhost_crash(world->host);
    assert_int_equal(rh_testhost_start(world->host, why), RH_OK);
    world_wait(world);
    stream = rh_testhost_send(world->host, "GET", "/events", NULL);
    rh_testnet_run(world->net, 130000);
    assert_int_equal(count_of(rh_testhost_streamed(world->host, stream), "CMAES_COMPLETED"), 0);
    rh_testhost_hang_up(world->host, stream);
    assert_has(status(world, ""), "\"state\":\"completed\"");
}

/* Everything that does not tell a time. */
static void copy_result(struct world *world, char *out, size_t size)
{
    const char *body = status(world, "&limit=0");
    const char *from = strstr(body, "\"generation\"");
    const char *to = strstr(body, "\"created_at\"");
    const char *rest = strstr(body, "\"seed\"");

    assert_true(from && to && rest);
    (void)snprintf(out, size, "%.*s %s", (int)(to - from), from, rest);
}

static void crashes_midway_leave_no_trace_in_the_result(void **state)
{
    struct world *world = *state;
    char whole[4096];
    char pieces[4096];
    char why[RH_TESTHOST_WHY_MAX];

    start(world, JOB ",\"max_generations\":25}");
    run_to_the_end(world);
    copy_result(world, whole, sizeof(whole));

    start(world, JOB ",\"max_generations\":25}");
    for (uint32_t i = 0; i < 6; i++) {
        rh_testnet_run(world->net, 250 + 70 * i);
        rh_testhost_crash(world->host);
        assert_int_equal(rh_testhost_start(world->host, why), RH_OK);
        world_wait(world);
    }
    run_to_the_end(world);
    copy_result(world, pieces, sizeof(pieces));

    assert_string_equal(whole, pieces);
}

static void failing_commands_are_told_and_end_the_job(void **state)
{
    struct world *world = *state;
    const char *body;

    start(world, JOB "}");
    run_to_the_end(world);
    body = status(world, "");

    assert_has(body, "\"state\":\"completed\",\"reason\":\"no_fitness\"");
    assert_has(body, "\"ranked\":0,\"errors\":6");
    assert_has(body, "\"best\":null");
}

static void a_job_lives_with_some_failing_candidates(void **state)
{
    struct world *world = *state;
    const char *body;

    start(world, JOB ",\"max_generations\":4}");
    run_to_the_end(world);
    body = status(world, "");

    assert_has(body, "\"reason\":\"max_generations\"");
    assert_int_equal(count_of(body, "\"ranked\":3,\"errors\":3,\"missing\":0"), 4);
}

/* The token of one claim; the candidate it belongs to goes to *index. */
static void claim(struct world *world, char *token, size_t size, uint32_t *index)
{
    const char *at;

    assert_int_equal(post(world, "/work/claim", "{\"node_id\":\"x\",\"work_types\":[\"tune\"]}"),
                     200);
    at = strstr(world->reply.body, "\"claim_token\":\"");
    assert_non_null(at);
    at += strlen("\"claim_token\":\"");
    (void)snprintf(token, size, "%.*s", (int)strcspn(at, "\""), at);
    at = strstr(world->reply.body, "\"tag\":\"0/");
    assert_non_null(at);
    *index = (uint32_t)strtoul(at + strlen("\"tag\":\"0/"), NULL, 10);
}

static uint32_t report(struct world *world, uint32_t index, const char *token, const char *what)
{
    char rest[256];

    (void)snprintf(rest, sizeof(rest), "\"candidate_id\":\"0/%u\"%s%s%s,%s", index,
                   token[0] ? ",\"claim_token\":\"" : "", token, token[0] ? "\"" : "", what);
    return post_job(world, "/cmaes/report", rest);
}

static void a_dispatched_candidate_needs_the_token_of_its_claim(void **state)
{
    struct world *world = *state;
    char token[128];
    uint32_t index = 0;

    start(world, JOB "}");
    rh_testnet_run(world->net, 2000);
    claim(world, token, sizeof(token), &index);

    assert_int_equal(report(world, index, "", "\"fitness\":2.5"), 400);
    assert_has(world->reply.body, "\"field\":\"claim_token\"");
    assert_int_equal(report(world, index, "1.1.999", "\"fitness\":2.5"), 409);
    assert_has(world->reply.body, "stale_claim");
    assert_int_equal(report(world, index == 0 ? 1 : 0, token, "\"fitness\":2.5"), 409);
    assert_int_equal(report(world, index, token, "\"fitness\":2.5"), 200);
    assert_has(world->reply.body, "\"accepted\":true");
    rh_testnet_run(world->net, 2000);
    assert_has(status(world, ""), "\"answered\":1,\"errors\":0");
    assert_int_equal(report(world, index, token, "\"fitness\":2.5"), 200);
    assert_has(world->reply.body, "\"duplicate\":true");
}

static void an_error_under_a_token_counts_after_the_last_attempt(void **state)
{
    struct world *world = *state;
    char token[128];
    uint32_t index = 0;

    start(world, JOB "}");
    rh_testnet_run(world->net, 2000);
    claim(world, token, sizeof(token), &index);
    assert_int_equal(report(world, index, token, "\"error\":\"no such engine\""), 200);
    rh_testnet_run(world->net, 2000);

    assert_has(status(world, ""), "\"answered\":1,\"errors\":1");
    assert_has(status(world, ""), "no such engine");
}

static void candidates_of_the_queue_are_not_asked_for(void **state)
{
    struct world *world = *state;

    start(world, JOB "}");
    assert_int_equal(post_job(world, "/cmaes/ask", ""), 409);
    assert_has(world->reply.body, "dispatched");
}

static uint32_t live_items(struct world *world)
{
    assert_int_equal(get(world, "/work/pending"), 200);
    return count_of(world->reply.body, "\"work_id\"");
}

static void cancelling_a_job_cancels_its_items(void **state)
{
    struct world *world = *state;

    start(world, JOB "}");
    rh_testnet_run(world->net, 2000);
    assert_int_equal(live_items(world), 6);
    assert_int_equal(post_job(world, "/cmaes/cancel", ""), 200);
    rh_testnet_run(world->net, 5000);

    assert_int_equal(live_items(world), 0);
    assert_has(status(world, ""), "\"state\":\"cancelled\"");
    assert_int_equal(post_job(world, "/cmaes/cancel", ""), 200);
}

/* Five of six are back at the deadline: the sixth item is cancelled, across a crash, too. */
static void what_a_generation_does_not_wait_for_is_cancelled(void **state)
{
    struct world *world = *state;
    char why[RH_TESTHOST_WHY_MAX];
    char token[128];
    uint32_t index = 0;

    start(world, JOB ",\"generation_timeout_s\":30,\"quorum\":0.8}");
    rh_testnet_run(world->net, 2000);
    for (uint32_t i = 0; i < 5; i++) {
        char fitness[32];

        (void)snprintf(fitness, sizeof(fitness), "\"fitness\":%u", i);
        claim(world, token, sizeof(token), &index);
        assert_int_equal(report(world, index, token, fitness), 200);
    }
    rh_testnet_run(world->net, 26500);
    assert_int_equal(number_in(status(world, ""), "generation"), 0);
    rh_testnet_run(world->net, 1900);
    rh_testhost_crash(world->host);
    assert_int_equal(rh_testhost_start(world->host, why), RH_OK);
    world_wait(world);
    rh_testnet_run(world->net, 5000);

    assert_has(status(world, ""), "\"ranked\":5,\"errors\":0,\"missing\":1");
    assert_int_equal(number_in(status(world, ""), "generation"), 1);
    assert_int_equal(live_items(world), 6);
}

static void several_jobs_run_at_once(void **state)
{
    struct world *world = *state;
    char first[64];
    char one[4096];
    char two[4096];

    start(world, JOB ",\"max_generations\":6}");
    memcpy(first, world->id, sizeof(first));
    start(world, JOB ",\"max_generations\":6}");
    run_to_the_end(world);
    copy_result(world, one, sizeof(one));
    memcpy(world->id, first, sizeof(first));
    run_to_the_end(world);
    copy_result(world, two, sizeof(two));

    assert_string_equal(one, two);
}

/* Only the queue knows which items there are. */
static void a_template_that_the_queue_never_takes_ends_the_job_with_its_words(void **state)
{
    struct world *world = *state;
    char why[RH_TESTHOST_WHY_MAX];
    const uint64_t stream = rh_testhost_send(world->host, "GET", "/events", NULL);

    start(world,
          "{\"dimension\":2,\"evaluate\":{\"work_type\":\"tune\",\"depends_on\":[\"w77\"]}}");
    rh_testnet_run(world->net, 3000);

    assert_has(status(world, ""), "\"state\":\"failed\",\"reason\":\"refused\"");
    assert_has(status(world, ""), "w77");
    assert_has(rh_testhost_streamed(world->host, stream), "w77");
    assert_int_equal(count_of(rh_testhost_streamed(world->host, stream), "event: CMAES_FAILED"), 1);
    assert_int_equal(rh_testhost_logged(world->host, "cmaes_failed"), 1);
    rh_testhost_hang_up(world->host, stream);
    rh_testhost_crash(world->host);
    assert_int_equal(rh_testhost_start(world->host, why), RH_OK);
    world_wait(world);
    rh_testnet_run(world->net, 130000);
    assert_has(status(world, ""), "w77");
    assert_int_equal(rh_testhost_logged(world->host, "cmaes_failed"), 1);
    assert_int_equal(post_job(world, "/cmaes/cancel", ""), 409);
}

#define TEST(name, set_up) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(commands_that_print_a_number_are_tuned, set_up_numbers),
        TEST(objects_have_a_fitness_and_can_be_maximised, set_up_objects),
        TEST(the_fitness_may_lie_anywhere_in_the_result, set_up_matches),
        TEST(an_item_has_all_of_the_template_and_its_parameters, set_up_queue),
        TEST(the_end_is_announced_once_even_across_a_crash, set_up_numbers),
        TEST(crashes_midway_leave_no_trace_in_the_result, set_up_numbers),
        TEST(failing_commands_are_told_and_end_the_job, set_up_failing),
        TEST(a_job_lives_with_some_failing_candidates, set_up_half_failing),
        TEST(a_dispatched_candidate_needs_the_token_of_its_claim, set_up_queue),
        TEST(an_error_under_a_token_counts_after_the_last_attempt, set_up_queue),
        TEST(candidates_of_the_queue_are_not_asked_for, set_up_queue),
        TEST(cancelling_a_job_cancels_its_items, set_up_queue),
        TEST(what_a_generation_does_not_wait_for_is_cancelled, set_up_queue),
        TEST(several_jobs_run_at_once, set_up_numbers),
        TEST(a_template_that_the_queue_never_takes_ends_the_job_with_its_words, set_up_queue),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Tests of typed emission: which type a fact becomes, and that its payload fits the catalogue. */
#include "fake_host.h"

#include <math.h>

#include <ringhost/events.h>
#include <ringhost/sdk/emit.h>

/* Each payload that was emitted has the fields its type requires. */
static void assert_payload_has_required_fields(const char *type, const char *payload)
{
    const struct rh_event_def *def = rh_event_find(rh_str_from(type));

    assert_non_null(def);
    for (uint32_t i = 0; i < def->payload.count; i++) {
        char key[80];

        (void)snprintf(key, sizeof(key), "\"%s\":", def->payload.fields[i].name);
        if (def->payload.fields[i].flags & RH_REQUIRED)
            assert_non_null(strstr(payload, key));
    }
}

static const char *emitted_for(const char *work_type, const char *group)
{
    struct rh_services rh = fake_host();
    struct rh_batch_builder batch;
    const struct rh_work_completed e = {
        .work_id = RH_STR_LIT("w1"),
        .work_type = rh_str_from(work_type),
        .config_key = RH_STR_LIT("hex8_2p"),
        .result = RH_STR_LIT("{\"games\":5}"),
        .node_id = RH_STR_LIT("n2"),
        .group = rh_str_from(group),
        .games_generated = 5,
    };

    rh_batch_begin(&batch, "queue");
    rh_emit_work_completed(&batch, &e);
    assert_int_equal(rh_batch_commit(&batch, &rh, NULL, NULL), RH_OK);
    if (fake.event_count == 0)
        return "";
    assert_int_equal(fake.event_count, 1);
    assert_payload_has_required_fields(fake.event_types[0], fake.payloads[0]);
    return fake.event_types[0];
}

static void completed_work_becomes_the_event_of_its_type(void **state)
{
    (void)state;

    assert_string_equal(emitted_for("selfplay", NULL), "SELFPLAY_COMPLETE");
    assert_string_equal(emitted_for("training", NULL), "TRAINING_COMPLETED");
    assert_string_equal(emitted_for("evaluation", NULL), "EVALUATION_COMPLETED");
    assert_string_equal(emitted_for("gauntlet", NULL), "EVALUATION_COMPLETED");
    assert_string_equal(emitted_for("cmaes", NULL), "WORK_COMPLETED");
    assert_string_equal(emitted_for("cmaes", "g1"), "WORK_COMPLETED");
}

static void measurements_in_a_group_are_left_to_the_group(void **state)
{
    (void)state;

    assert_string_equal(emitted_for("evaluation", "t1"), "");
    assert_string_equal(emitted_for("gauntlet", "g1"), "");
}

static void selfplay_says_how_many_games(void **state)
{
    (void)state;

    (void)emitted_for("selfplay", NULL); /* the type has a test of its own */

    assert_string_equal(fake.payloads[0],
                        "{\"work_id\":\"w1\",\"work_type\":\"selfplay\",\"config_key\":\"hex8_2p\","
                        "\"result\":{\"games\":5},\"node_id\":\"n2\",\"games_generated\":5}");
}

static const char *failed_for(const char *work_type, const char *error, int32_t *rc)
{
    struct rh_services rh = fake_host();
    struct rh_batch_builder batch;
    const struct rh_work_failed e = {
        .work_id = RH_STR_LIT("w1"),
        .work_type = rh_str_from(work_type),
        .error = rh_str_from(error),
        .node_id = RH_STR_LIT("n2"),
    };

    rh_batch_begin(&batch, "queue");
    rh_emit_work_failed(&batch, &e);
    *rc = rh_batch_commit(&batch, &rh, NULL, NULL);
    return fake.event_types[0];
}

static void failed_training_has_a_type_of_its_own(void **state)
{
    int32_t rc;

    (void)state;

    assert_string_equal(failed_for("training", "exit 1", &rc), "TRAINING_FAILED");
    assert_payload_has_required_fields("TRAINING_FAILED", fake.payloads[0]);
    assert_string_equal(failed_for("selfplay", "exit 1", &rc), "WORK_FAILED");
    assert_int_equal(rc, RH_OK);
}

static void a_failure_without_an_error_text_spoils_its_batch(void **state)
{
    int32_t rc;

    (void)state;

    (void)failed_for("training", "", &rc); /* nothing is emitted */

    assert_int_equal(rc, RH_EINVAL);
    assert_int_equal(fake.commit_count, 0);
}

static void a_whole_gauntlet_is_one_evaluation(void **state)
{
    struct rh_services rh = fake_host();
    struct rh_batch_builder batch;
    const struct rh_str baselines[] = {RH_STR_INIT("a"), RH_STR_INIT("b")};
    struct rh_gauntlet_completed e = {
        .gauntlet_id = RH_STR_LIT("g1"),
        .model = RH_STR_LIT("m"),
        .baselines = baselines,
        .baseline_count = 2,
        .wins = 3,
        .losses = 1,
        .total_games = 4,
        .win_rate = 0.75,
    };

    (void)state;

    rh_batch_begin(&batch, "gauntlet");
    rh_emit_gauntlet_completed(&batch, &e);
    assert_int_equal(rh_batch_commit(&batch, &rh, NULL, NULL), RH_OK);
    assert_string_equal(fake.event_types[0], "EVALUATION_COMPLETED");
    assert_string_equal(
        fake.payloads[0],
        "{\"gauntlet_id\":\"g1\",\"model\":\"m\",\"baselines\":[\"a\",\"b\"],\"wins\":3,"
        "\"losses\":1,\"draws\":0,\"total_games\":4,\"win_rate\":0.75}");

    e.win_rate = NAN;
    rh_batch_begin(&batch, "gauntlet");
    rh_emit_gauntlet_completed(&batch, &e);
    assert_int_equal(rh_batch_commit(&batch, &rh, NULL, NULL), RH_EINVAL);
}

static void tournaments_and_ratings_fit_the_catalogue(void **state)
{
    struct rh_services rh = fake_host();
    struct rh_batch_builder batch;
    const struct rh_tournament_completed t = {
        .tournament_id = RH_STR_LIT("t1"), .winner = RH_STR_LIT("p"), .matches = 7};
    const struct rh_elo_updated r = {
        .player = RH_STR_LIT("p"), .board_type = RH_STR_LIT("hex8"), .new_elo = 1500.5};

    (void)state;

    rh_batch_begin(&batch, "n");
    rh_emit_tournament_completed(&batch, &t);
    rh_emit_elo_updated(&batch, &r);
    assert_int_equal(rh_batch_commit(&batch, &rh, NULL, NULL), RH_OK);

    assert_int_equal(fake.event_count, 2);
    assert_string_equal(fake.payloads[0],
                        "{\"tournament_id\":\"t1\",\"winner\":\"p\",\"matches\":7}");
    assert_payload_has_required_fields("ELO_UPDATED", fake.payloads[1]);
    assert_non_null(strstr(fake.payloads[1], "\"new_elo\":1500.5"));
}

static void idle_nodes_are_published_at_once(void **state)
{
    struct rh_services rh = fake_host();

    (void)state;

    assert_int_equal(rh_emit_node_idle(&rh, RH_STR_LIT("n3"), 1700, "probe"), RH_OK);

    assert_string_equal(fake.published_type, "NODE_IDLE");
    assert_string_equal(fake.published,
                        "{\"node_id\":\"n3\",\"since_at\":1700,\"source\":\"probe\"}");
    assert_int_equal(rh_emit_node_idle(&rh, RH_STR_LIT(""), 1700, "probe"), RH_EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(completed_work_becomes_the_event_of_its_type),
        cmocka_unit_test(measurements_in_a_group_are_left_to_the_group),
        cmocka_unit_test(selfplay_says_how_many_games),
        cmocka_unit_test(failed_training_has_a_type_of_its_own),
        cmocka_unit_test(a_failure_without_an_error_text_spoils_its_batch),
        cmocka_unit_test(a_whole_gauntlet_is_one_evaluation),
        cmocka_unit_test(tournaments_and_ratings_fit_the_catalogue),
        cmocka_unit_test(idle_nodes_are_published_at_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

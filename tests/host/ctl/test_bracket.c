/* Trees of eliminations as lines on a terminal. */
#include "render_test.h"

#include "host/ctl/bracket.h"
#include "tournament_replies.h"

static int32_t draw_winners(const cJSON *reply, const struct render_env *env, struct rh_buf *out)
{
    (void)env;
    return bracket_draw(reply, "winners", out);
}

static int32_t draw_losers(const cJSON *reply, const struct render_env *env, struct rh_buf *out)
{
    (void)env;
    return bracket_draw(reply, "losers", out);
}

static void winners_stand_between_the_two_they_come_from(void **state)
{
    (void)state;
    assert_render(draw_winners, "{" SINGLE_MATCHES "}",
                  "ann 2 ────┐\n"
                  "          ├─ann ──────┐\n"
                  "dan 0.5 ──┘           │\n"
                  "                      ├─\n"
                  "bob ──────┐           │\n"
                  "          ├─wW1.2 ────┘\n"
                  "cyd ──────┘\n");
}

static void who_drops_in_stands_above_the_survivor(void **state)
{
    (void)state;
    assert_render(draw_losers,
                  "{\"matches\":[" MATCH_OF(
                      "L1.1", "losers", "1", "1", "decided", SIDE_OF("dan", "1"),
                      SIDE_OF("cyd", "0"),
                      ",\"winner\":\"dan\"") "," MATCH_OF("L2.1", "losers", "2", "1", "decided",
                                                          SIDE_OF("bob", "0"), SIDE_OF("dan", "1"),
                                                          ",\"winner\":\"dan\"") "]}",
                  "          bob 0 ──┐\n"
                  "dan 1 ──┐         ├─ dan\n"
                  "        ├─dan 1 ──┘\n"
                  "cyd 0 ──┘\n");
}

static void a_bye_has_nobody_and_a_forfeit_no_points(void **state)
{
    (void)state;
    assert_render(draw_winners,
                  "{\"matches\":[" MATCH_OF("W1.1", "winners", "1", "1", "bye",
                                            SIDE_OF("ann", "null"), SIDE_NOBODY,
                                            ",\"winner\":\"ann\"") "]}",
                  "ann ──┐\n"
                  "      ├─ ann\n"
                  "- ────┘\n");
    assert_render(draw_winners,
                  "{\"matches\":[" MATCH_OF("W1.1", "winners", "1", "1", "decided",
                                            SIDE_OF("ann", "1"),
                                            "{\"player\":\"bob\",\"score\":0,\"forfeit\":true}",
                                            ",\"winner\":\"ann\"") "]}",
                  "ann 1 ───┐\n"
                  "         ├─ ann\n"
                  "bob ff ──┘\n");
}

static void a_bracket_without_matches_is_nothing(void **state)
{
    (void)state;
    assert_render(draw_losers, "{" SINGLE_MATCHES "}", "");
    assert_render(draw_winners, "{}", "");
}

static void a_reply_of_another_shape_does_no_harm(void **state)
{
    (void)state;
    assert_render(draw_winners,
                  "{\"matches\":[7,{\"bracket\":\"winners\",\"round\":1,"
                  "\"number\":1,\"sides\":[]},{\"bracket\":\"winners\",\"round\":99,"
                  "\"number\":1}]}",
                  "\n\n\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(winners_stand_between_the_two_they_come_from),
        cmocka_unit_test(who_drops_in_stands_above_the_survivor),
        cmocka_unit_test(a_bye_has_nobody_and_a_forfeit_no_points),
        cmocka_unit_test(a_bracket_without_matches_is_nothing),
        cmocka_unit_test(a_reply_of_another_shape_does_no_harm),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* A referee's word on a match: whether it makes sense, and what it comes to. */
#include "report.h"

#include <assert.h>
#include <math.h>
#include <ringhost/sdk/str.h>
#include <stdio.h>
#include <string.h>

#define SCORE_MAX 1000000.0

/* The problems whose text needs no names. */
static const char *const texts[] = {
    [REPORT_FINE] = "",
    [REPORT_EMPTY] = "give \"winner\", \"draw\", \"scores\", \"forfeit\" or \"both_forfeit\"",
    [REPORT_BAD_SCORE] = "\"scores\" must be two multiples of 0.5, from 0 to 1000000",
    [REPORT_NO_DRAW] = "an elimination needs a winner: a draw decides nothing",
    [REPORT_NEEDS_SCORES] = "points are given for games here: give the scores of the match",
    [REPORT_GAMES] = "points are given for games here: the scores must add up to games_per_match",
};

static void explain_name(const struct tournament *t, uint32_t match,
                         const struct report_words *words, const char *field,
                         char text[REPORT_TEXT_SIZE])
{
    const struct rh_str name = strcmp(field, "forfeit") == 0 ? words->forfeit : words->winner;
    const uint16_t *players = t->meetings[match].players;
    char id[PLAN_ID_SIZE];

    plan_id(&t->plan.matches[match], id);
    (void)snprintf(text, REPORT_TEXT_SIZE,
                   "\"%s\": \"%.*s\" is no player of match %s, which is \"%.*s\" against \"%.*s\"",
                   field, RH_STR_ARG(name), id, RH_STR_ARG(tournament_name(t, players[0])),
                   RH_STR_ARG(tournament_name(t, players[1]))); /* cut to fit */
}

void report_explain(const struct tournament *t, uint32_t match, const struct report_words *words,
                    enum report_problem problem, const struct report_fault *fault,
                    bool is_correction, char text[REPORT_TEXT_SIZE])
{
    if (problem == REPORT_UNKNOWN_NAME)
        explain_name(t, match, words, fault->field, text);
    else if (problem == REPORT_CONTRADICTION)
        (void)snprintf(text, REPORT_TEXT_SIZE, "\"%s\" and \"%s\" contradict each other",
                       fault->field, fault->other); /* it fits */
    else
        (void)snprintf(text, REPORT_TEXT_SIZE, "%s%s", texts[problem],
                       problem == REPORT_EMPTY && is_correction
                           ? ", or \"replay\"; \"undo\" may stand beside each"
                           : ""); /* it fits */
}

static struct rh_str trimmed(struct rh_str text)
{
    while (text.n && (text.p[0] == ' ' || (text.p[0] >= '\t' && text.p[0] <= '\r'))) {
        text.p++;
        text.n--;
    }
    while (text.n && (text.p[text.n - 1] == ' ' ||
                      (text.p[text.n - 1] >= '\t' && text.p[text.n - 1] <= '\r')))
        text.n--;
    return text;
}

bool report_scores(struct rh_str json, double scores[2])
{
    const struct rh_str whole = trimmed(json);
    double read[2];
    size_t comma = 1;

    if (whole.n < 2 || whole.p[0] != '[')
        return false;
    while (comma < whole.n && whole.p[comma] != ',')
        comma++;
    if (comma == whole.n)
        return false;
    if (rh_parse_f64(trimmed((struct rh_str){whole.p + 1, comma - 1}), &read[0]) != RH_OK ||
        rh_parse_f64(trimmed((struct rh_str){whole.p + comma + 1, whole.n - comma - 2}),
                     &read[1]) != RH_OK)
        return false;
    scores[0] = read[0];
    scores[1] = read[1];
    return true;
}

/* 0 or 1, or 2 when the name is of neither. */
static uint32_t side_of(const struct tournament *t, uint32_t match, struct rh_str name)
{
    uint32_t side = 0;

    while (side < 2 && !rh_str_eq(name, tournament_name(t, t->meetings[match].players[side])))
        side++;
    return side;
}

static bool is_score(double score)
{
    return score >= 0.0 && score <= SCORE_MAX && 2.0 * score == floor(2.0 * score);
}

static enum report_problem read_scores(const struct report_words *words, struct match_record *out)
{
    if (!is_score(words->scores[0]) || !is_score(words->scores[1]))
        return REPORT_BAD_SCORE;
    out->has_scores = true;
    out->halves[0] = (uint32_t)(2.0 * words->scores[0]);
    out->halves[1] = (uint32_t)(2.0 * words->scores[1]);
    if (out->halves[0] == out->halves[1])
        out->outcome = OUTCOME_DRAW;
    else
        out->outcome = out->halves[0] > out->halves[1] ? OUTCOME_FIRST : OUTCOME_SECOND;
    return REPORT_FINE;
}

/* The field that does not fit a forfeit of a side, or of both: 2. NULL: all is well. */
static const char *beside_forfeit(const struct tournament *t, uint32_t match,
                                  const struct report_words *words, uint32_t side)
{
    if (words->is_draw)
        return "draw";
    if (words->has_scores)
        return "scores";
    if (side == 2 && words->forfeit.n)
        return "forfeit";
    if (words->winner.n && (side == 2 || side_of(t, match, words->winner) != 1 - side))
        return "winner";
    return NULL;
}

/* A forfeit decides by itself; scores would be of games that were not played. */
static enum report_problem read_forfeit(const struct tournament *t, uint32_t match,
                                        const struct report_words *words, struct match_record *out,
                                        struct report_fault *fault)
{
    const uint32_t side = words->both_forfeit ? 2 : side_of(t, match, words->forfeit);

    fault->field = words->both_forfeit ? "both_forfeit" : "forfeit";
    if (side == 2 && !words->both_forfeit)
        return REPORT_UNKNOWN_NAME;
    fault->other = beside_forfeit(t, match, words, side);
    if (fault->other)
        return REPORT_CONTRADICTION;
    out->by = BY_FORFEIT;
    out->has_scores = true;
    if (side == 2) {
        out->outcome = OUTCOME_NEITHER;
        out->forfeit = FORFEIT_FIRST | FORFEIT_SECOND;
        return REPORT_FINE;
    }
    out->outcome = side ? OUTCOME_FIRST : OUTCOME_SECOND;
    out->forfeit = side ? FORFEIT_SECOND : FORFEIT_FIRST;
    out->halves[1 - side] = 2 * t->spec.series.games;
    return REPORT_FINE;
}

static enum report_problem read_winner(const struct tournament *t, uint32_t match,
                                       const struct report_words *words, struct match_record *out,
                                       struct report_fault *fault)
{
    const uint32_t side = side_of(t, match, words->winner);
    const uint8_t outcome = side ? OUTCOME_SECOND : OUTCOME_FIRST;

    fault->field = "winner";
    if (side == 2)
        return REPORT_UNKNOWN_NAME;
    fault->other = words->is_draw ? "draw" : "scores";
    if (words->is_draw || (out->has_scores && out->outcome != outcome))
        return REPORT_CONTRADICTION;
    out->outcome = outcome;
    return REPORT_FINE;
}

/* One game leaves no doubt about its score. */
static void fill_scores(const struct tournament *t, struct match_record *out)
{
    if (out->has_scores || t->spec.series.games != 1)
        return;
    out->has_scores = true;
    out->halves[0] = out->outcome == OUTCOME_DRAW ? 1 : out->outcome == OUTCOME_FIRST ? 2 : 0;
    out->halves[1] = 2 - out->halves[0];
}

/* What the format asks for. */
static enum report_problem check(const struct tournament *t, const struct match_record *out,
                                 struct report_fault *fault)
{
    const bool is_robin = t->spec.options.format == FORMAT_ROUND_ROBIN;

    fault->field = "draw";
    if (!is_robin && out->outcome == OUTCOME_DRAW)
        return REPORT_NO_DRAW;
    fault->field = "scores";
    if (!is_robin || t->spec.scoring != SCORING_GAMES || out->by == BY_FORFEIT)
        return REPORT_FINE;
    if (!out->has_scores)
        return REPORT_NEEDS_SCORES;
    return out->halves[0] + out->halves[1] == 2 * t->spec.series.games ? REPORT_FINE : REPORT_GAMES;
}

enum report_problem report_read(const struct tournament *t, uint32_t match,
                                const struct report_words *words, struct match_record *out,
                                struct report_fault *fault)
{
    enum report_problem problem = REPORT_FINE;

    assert(t->meetings[match].state == MEETING_READY ||
           t->meetings[match].state == MEETING_DECIDED);
    *out = (struct match_record){.by = BY_REPORT};
    *fault = (struct report_fault){NULL, NULL};
    if (words->forfeit.n || words->both_forfeit)
        return read_forfeit(t, match, words, out, fault);
    fault->field = "scores";
    if (words->has_scores)
        problem = read_scores(words, out);
    if (problem == REPORT_FINE && words->is_draw) {
        *fault = (struct report_fault){"draw", "scores"};
        if (words->has_scores && out->outcome != OUTCOME_DRAW)
            problem = REPORT_CONTRADICTION;
        out->outcome = OUTCOME_DRAW;
    }
    if (problem == REPORT_FINE && words->winner.n)
        problem = read_winner(t, match, words, out, fault);
    if (problem == REPORT_FINE && out->outcome == OUTCOME_NONE) {
        fault->field = "winner";
        problem = REPORT_EMPTY;
    }
    if (problem != REPORT_FINE)
        return problem;
    fill_scores(t, out);
    return check(t, out, fault);
}

bool report_is_same(const struct match_record *a, const struct match_record *b)
{
    if (a->outcome != b->outcome || a->forfeit != b->forfeit)
        return false;
    if (!a->has_scores || !b->has_scores)
        return true;
    return a->halves[0] == b->halves[0] && a->halves[1] == b->halves[1];
}

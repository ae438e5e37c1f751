/* What referees report and correct: from a request to the core and back as an answer. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire.h"

/* A reply shows the matches that look different now. */
struct before {
    struct meeting *meetings;
    struct match_record record; /* of the match itself */
    uint8_t affected[PLAN_MATCHES_MAX];
};

static int32_t fail_field(struct plugin *p, rh_req req, const char *field, const char *text)
{
    const struct rh_error error = {
        .size = (uint32_t)sizeof(error), .rc = RH_EINVAL, .message = text, .field = field};

    return p->rh.http->reply_error(p->rh.ctx, req, &error);
}

/* {"a": 2, "b": 1}: the names of the two are the keys. */
static bool scores_by_name(struct plugin *p, const struct tournament *t, uint32_t match,
                           struct rh_str json, double scores[2])
{
    struct by_name {
        double scores[2];
    } read;
    char names[2][TEXT_NAME_SIZE];
    struct rh_field rows[2];
    struct rh_fields table = RH_FIELDS(struct by_name, rows);
    void *memory = NULL;

    for (uint32_t side = 0; side < 2; side++) {
        tournament_cut(names[side], sizeof(names[side]),
                       tournament_name(t, t->meetings[match].players[side]));
        rows[side] = (struct rh_field){.size = (uint32_t)sizeof(rows[side]),
                                       .type = RH_FIELD_NUMBER,
                                       .name = names[side],
                                       .doc = "score",
                                       .offset = (uint32_t)(side * sizeof(double)),
                                       .flags = RH_REQUIRED};
    }
    if (json.n == 0 || json.p[0] != '{' ||
        p->rh.fields->decode(p->rh.ctx, &table, json, &read, &memory, NULL, 0) != RH_OK)
        return false;
    p->rh.fields->release(p->rh.ctx, memory);
    scores[0] = read.scores[0];
    scores[1] = read.scores[1];
    return true;
}

static bool is_given(struct rh_str json)
{
    return json.n && !rh_str_eq_c(json, "null");
}

/* The outcome that a request tells of; *is_answered when it makes no sense. */
static int32_t read_words(struct plugin *p, rh_req req, const struct tournament *t, uint32_t match,
                          const struct result_req *asked, bool is_correction,
                          struct match_record *out, bool *is_answered)
{
    struct report_words words = {.winner = asked->winner,
                                 .forfeit = asked->forfeit,
                                 .both_forfeit = asked->both_forfeit != 0,
                                 .is_draw = asked->draw != 0,
                                 .has_scores = is_given(asked->scores)};
    enum report_problem problem;
    struct report_fault fault;
    char text[REPORT_TEXT_SIZE];

    *is_answered = true;
    if (words.has_scores && !report_scores(asked->scores, words.scores) &&
        !scores_by_name(p, t, match, asked->scores, words.scores))
        return fail_field(p, req, "scores",
                          "\"scores\" must be two numbers, [2, 1], or one for each player by name");
    problem = report_read(t, match, &words, out, &fault);
    if (problem != REPORT_FINE) {
        report_explain(t, match, &words, problem, &fault, is_correction, text);
        return fail_field(p, req, fault.field, text);
    }
    *is_answered = false;
    return RH_OK;
}

/* "replay" stands alone: what else would be said of the outcome? NULL, or the field that says it.
 */
static const char *field_beside_replay(const struct result_req *asked)
{
    const struct {
        const char *name;
        bool is_given;
    } fields[] = {
        {"winner", asked->winner.n != 0},           {"draw", asked->draw != 0},
        {"scores", is_given(asked->scores)},        {"forfeit", asked->forfeit.n != 0},
        {"both_forfeit", asked->both_forfeit != 0},
    };

    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        if (fields[i].is_given)
            return fields[i].name;
    }
    return NULL;
}

/* The same of a correction, which may also ask for no outcome at all: *out is then untouched. */
static int32_t read_correction(struct plugin *p, rh_req req, const struct tournament *t,
                               uint32_t match, const struct result_req *asked,
                               struct match_record *out, bool *is_answered)
{
    const char *other = asked->replay ? field_beside_replay(asked) : NULL;
    char text[160];

    if (!asked->replay)
        return read_words(p, req, t, match, asked, true, out, is_answered);
    *is_answered = other != NULL;
    if (!other)
        return RH_OK;
    (void)snprintf(text, sizeof(text),
                   "\"replay\" and \"%s\" contradict each other: a match that is played anew has "
                   "no outcome",
                   other); /* it fits */
    return fail_field(p, req, "replay", text);
}

static int32_t refuse_match(struct plugin *p, rh_req req, enum referee_result why,
                            struct rh_str match_id)
{
    switch (why) {
    case REFEREE_NOT_READY:
        return rh_reply_errorf(&p->rh, req, RH_ECONFLICT, "match_not_ready",
                               "the players of match %.*s are not known yet", RH_STR_ARG(match_id));
    case REFEREE_NO_MATCH:
        return rh_reply_errorf(&p->rh, req, RH_ECONFLICT, "match_not_played",
                               "nothing is played in match %.*s", RH_STR_ARG(match_id));
    case REFEREE_NOT_DECIDED:
        return rh_reply_errorf(&p->rh, req, RH_ECONFLICT, "match_not_decided",
                               "match %.*s has no outcome to correct", RH_STR_ARG(match_id));
    default:
        return rh_reply_errorf(&p->rh, req, RH_ECONFLICT, "contradicts",
                               "match %.*s has another outcome; /tournament/correct changes it",
                               RH_STR_ARG(match_id));
    }
}

static int32_t reply_matches(struct plugin *p, rh_req req, const struct tournament *t,
                             uint32_t match, const struct before *before, bool is_same)
{
    struct rh_json_reply reply;

    rh_json_reply_begin(&reply);
    rh_json_kv_str(&reply.w, "tournament_id", t->spec.id);
    rh_json_kv_strc(&reply.w, "state", tournament_state_name(t->status.state));
    rh_json_kv_bool(&reply.w, "duplicate", is_same);
    rh_json_key(&reply.w, "matches");
    rh_json_begin_array(&reply.w);
    for (uint32_t i = 0; i < t->plan.count; i++) {
        const bool is_changed =
            before && (before->affected[i] ||
                       memcmp(&before->meetings[i], &t->meetings[i], sizeof(t->meetings[i])) != 0);

        if (i == match || is_changed)
            tournament_reply_match(&reply.w, t, i, false);
    }
    rh_json_end_array(&reply.w);
    return rh_json_reply_send(&reply, &p->rh, req, 200);
}

/* Index of the match, or a negative answer in *rc. */
static uint32_t find_match(struct plugin *p, const struct tournament *t, struct rh_str id,
                           int32_t *rc)
{
    const uint32_t match = plan_find(&t->plan, id);

    if (match == t->plan.count)
        *rc = rh_failf(&p->rh, RH_ENOTFOUND, "no match \"%.*s\" in tournament \"%.*s\"",
                       RH_STR_ARG(id), RH_STR_ARG(t->spec.id));
    return match;
}

static int32_t take_copy(const struct tournament *t, uint32_t match, struct before *before)
{
    before->record = t->matches[match].record;
    memset(before->affected, 0, sizeof(before->affected));
    before->meetings = malloc(t->plan.count * sizeof(*before->meetings));
    if (!before->meetings)
        return RH_ENOMEM;
    memcpy(before->meetings, t->meetings, t->plan.count * sizeof(*before->meetings));
    return RH_OK;
}

static int32_t commit(struct plugin *p, struct live *live, uint32_t match,
                      const struct match_record *before, bool is_reopened)
{
    struct rh_batch_builder batch;
    int32_t rc = RH_OK;

    rh_batch_begin(&batch, TOURNAMENT_NAMESPACE);
    if (is_reopened)
        rc = tournaments_reopen(p, &batch, live);
    if (rc != RH_OK) {
        rh_batch_release(&batch);
        return rc;
    }
    tournaments_put_rating(&batch, live->tournament, match, before);
    live->is_compare = true;
    return tournaments_commit(p, &batch, live);
}

int32_t tournament_result(struct plugin *p, rh_req req, const struct rh_found *found,
                          const struct result_req *asked)
{
    struct tournament *t = found->thing;
    struct match_record record;
    struct before before;
    enum referee_result result;
    bool is_answered = false;
    int32_t rc = RH_OK;
    const uint32_t match = find_match(p, t, asked->match_id, &rc);

    if (rc != RH_OK)
        return rc;
    result = referee_can_report(t, match);
    if (result != REFEREE_DONE)
        return refuse_match(p, req, result, asked->match_id);
    if (t->status.state != TOURNAMENT_RUNNING && t->meetings[match].state != MEETING_DECIDED)
        return rh_failf(&p->rh, RH_ECONFLICT, "tournament \"%.*s\" is %s", RH_STR_ARG(t->spec.id),
                        tournament_state_name(t->status.state));
    rc = read_words(p, req, t, match, asked, false, &record, &is_answered);
    if (rc == RH_OK && !is_answered)
        rc = take_copy(t, match, &before);
    if (rc != RH_OK || is_answered)
        return rc;
    result = referee_report(t, match, &record, p->rh.core->wall_ms(p->rh.ctx));
    if (result == REFEREE_DONE)
        rc = commit(p, (struct live *)found->live, match, &before.record, false);
    if (rc == RH_OK && result == REFEREE_CONTRADICTS)
        rc = refuse_match(p, req, result, asked->match_id);
    else if (rc == RH_OK)
        rc = reply_matches(p, req, t, match, result == REFEREE_DONE ? &before : NULL,
                           result == REFEREE_SAME);
    free(before.meetings);
    return rc;
}

/* 409 with the matches that would be undone. */
static int32_t refuse_undoing(struct plugin *p, rh_req req, const struct tournament *t,
                              const struct before *before)
{
    struct rh_error error = {.size = (uint32_t)sizeof(error),
                             .rc = RH_ECONFLICT,
                             .code = "would_undo",
                             .message = "later matches hang on this outcome; \"undo\": true "
                                        "plays them anew"};
    struct rh_json_writer w;
    struct rh_buf details;
    int32_t rc;

    rh_buf_init(&details, RECORD_BYTES_MAX);
    rh_json_init(&w, &details);
    rh_json_begin_object(&w);
    rh_json_key(&w, "matches");
    rh_json_begin_array(&w);
    for (uint32_t i = 0; i < t->plan.count; i++) {
        char id[PLAN_ID_SIZE];

        if (!before->affected[i])
            continue;
        plan_id(&t->plan.matches[i], id);
        rh_json_string_c(&w, id);
    }
    rh_json_end_array(&w);
    rh_json_end_object(&w);
    if (rh_json_finish(&w) == RH_OK)
        error.details = rh_buf_str(&details);
    rc = p->rh.http->reply_error(p->rh.ctx, req, &error);
    rh_buf_release(&details);
    return rc;
}

/* Only now is it sure that a completed one has to come back into memory. */
static int32_t keep_correction(struct plugin *p, struct rh_found *found, uint32_t match,
                               const struct match_record *before)
{
    const struct tournament *t = found->thing;
    const bool is_completed = t->status.state == TOURNAMENT_COMPLETED;
    int32_t rc = found->live ? RH_OK : rh_lives_keep(&p->lives, found);

    return rc == RH_OK ? commit(p, (struct live *)found->live, match, before, is_completed) : rc;
}

int32_t tournament_correct(struct plugin *p, rh_req req, struct rh_found *found,
                           const struct result_req *asked)
{
    struct tournament *t = found->thing;
    struct match_record record;
    struct before before;
    enum referee_result result;
    bool is_answered = false;
    int32_t rc = RH_OK;
    const uint32_t match = find_match(p, t, asked->match_id, &rc);

    if (rc != RH_OK)
        return rc;
    if (t->status.state != TOURNAMENT_RUNNING && t->status.state != TOURNAMENT_COMPLETED)
        return rh_failf(&p->rh, RH_ECONFLICT, "tournament \"%.*s\" is %s", RH_STR_ARG(t->spec.id),
                        tournament_state_name(t->status.state));
    result = referee_can_report(t, match);
    if (result != REFEREE_DONE)
        return refuse_match(p, req, result, asked->match_id);
    rc = read_correction(p, req, t, match, asked, &record, &is_answered);
    if (rc == RH_OK && !is_answered)
        rc = take_copy(t, match, &before);
    if (rc != RH_OK || is_answered)
        return rc;
    result = referee_correct(t, match, asked->replay ? NULL : &record, asked->undo != 0,
                             p->rh.core->wall_ms(p->rh.ctx), before.affected);
    if (result == REFEREE_DONE)
        rc = keep_correction(p, found, match, &before.record);
    if (rc == RH_OK && result == REFEREE_UNDOES)
        rc = refuse_undoing(p, req, t, &before);
    else if (rc == RH_OK && result != REFEREE_DONE && result != REFEREE_SAME)
        rc = refuse_match(p, req, result, asked->match_id);
    else if (rc == RH_OK)
        rc = reply_matches(p, req, t, match, &before, result == REFEREE_SAME);
    free(before.meetings);
    return rc;
}

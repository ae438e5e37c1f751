/* What the routes answer: runs, their hosts and matches, and the plan of a dry run. */
#include "wire.h"

#include <ringhost/sdk/str.h>

#define PLAN_MATCHES_MAX 20u
#define PLAN_BYTES_MAX   (64u * 1024u)

static void write_counts(struct rh_json_writer *w, const uint32_t counts[MATCH_STATE_COUNT])
{
    rh_json_key(w, "counts");
    rh_json_begin_object(w);
    for (uint8_t i = 0; i < MATCH_STATE_COUNT; i++)
        rh_json_kv_int(w, match_state_name(i), counts[i]);
    rh_json_end_object(w);
}

void reply_summary(struct rh_json_writer *w, struct rh_str id, const struct run_summary *summary)
{
    rh_json_kv_str(w, "run_id", id);
    rh_json_kv_strc(w, "label", summary->label);
    rh_json_kv_strc(w, "state", run_state_name(summary->status.state));
    rh_json_kv_int(w, "created_at", summary->created_at_ms);
    if (summary->status.ended_at_ms)
        rh_json_kv_int(w, "ended_at", summary->status.ended_at_ms);
    else
        rh_json_kv_null(w, "ended_at");
    write_counts(w, summary->counts);
}

static void write_host(struct plugin *p, struct rh_json_writer *w, const struct run *run,
                       const struct live *live, uint32_t host)
{
    static const char *const states[] = {"open", "probe", "resting"};
    uint32_t counts[MATCH_STATE_COUNT] = {0};
    const struct target *target = &run->spec.hosts[host];

    for (uint32_t i = 0; i < run->spec.match_count; i++)
        if (run->matches[i].attempts > 0 && run->matches[i].host == host)
            counts[run->matches[i].state]++;
    rh_json_begin_object(w);
    rh_json_kv_str(w, "host", target->name);
    rh_json_kv_str(w, "address", target->host);
    if (live) {
        const struct health *health = &live->hosts[host]->health;
        const int64_t left_ms = health->retry_ms - ssh_now(p);

        rh_json_kv_strc(w, "state", states[health_state(health, ssh_now(p))]);
        rh_json_kv_int(w, "failures", health->failures);
        rh_json_kv_int(w, "retry_in_ms", health->failures && left_ms > 0 ? left_ms : 0);
        rh_json_kv_bool(w, "is_shared", live->hosts[host]->has_master);
    }
    write_counts(w, counts); /* of the matches whose last attempt was here */
    rh_json_end_object(w);
}

/* Seconds of the last attempt; -1 = it has no end. */
static int64_t duration_ms(const struct match *match)
{
    return match->ended_at_ms && match->begun_at_ms ? match->ended_at_ms - match->begun_at_ms : -1;
}

void reply_match(struct plugin *p, struct rh_json_writer *w, const struct run *run, uint32_t index)
{
    const struct match_spec *spec = &run->spec.matches[index];
    const struct match *match = &run->matches[index];
    const struct rh_str tail =
        match->ended_at_ms ? runs_tail(p, run, index) : (struct rh_str){"", 0};

    rh_json_begin_object(w);
    rh_json_kv_str(w, "match", spec->id);
    rh_json_kv_strc(w, "state", match_state_name(match->state));
    rh_json_kv_int(w, "attempts", match->attempts);
    if (spec->players[0].n) {
        rh_json_kv_str(w, "first", spec->players[0]);
        rh_json_kv_str(w, "second", spec->players[1]);
    }
    if (match->winner[0])
        rh_json_kv_strc(w, "winner", match->winner);
    if (match->attempts) {
        rh_json_kv_str(w, "host", run->spec.hosts[match->host].name);
        rh_json_kv_int(w, "begun_at", match->begun_at_ms);
    }
    if (match->ended_at_ms) {
        rh_json_kv_int(w, "ended_at", match->ended_at_ms);
        rh_json_kv_int(w, "duration_ms", duration_ms(match));
        rh_json_kv_strc(w, "verdict", attempt_verdict_name(match->verdict));
        rh_json_kv_int(w, "output_bytes", match->output_bytes);
        rh_json_kv_str(w, "output_tail", tail);
    }
    if (match->verdict == ATTEMPT_OK || match->verdict == ATTEMPT_EXITED)
        rh_json_kv_int(w, "exit_code", match->code);
    if (match->reason[0])
        rh_json_kv_strc(w, "reason", match->reason);
    rh_json_end_object(w);
}

/* Points of a named player: a win is one, a draw a half. */
struct score {
    struct rh_str player;
    uint32_t wins, draws, losses;
};

static struct score *score_of(struct score *scores, uint32_t *count, struct rh_str player)
{
    for (uint32_t i = 0; i < *count; i++)
        if (rh_str_eq(scores[i].player, player))
            return &scores[i];
    if (*count == PLAN_HOSTS_MAX)
        return NULL;
    scores[*count] = (struct score){.player = player};
    return &scores[(*count)++];
}

static void score_add(struct score *score, const char *winner)
{
    if (!score)
        return; /* more players than a table shows */
    if (rh_str_eq_c(score->player, winner))
        score->wins++;
    else if (rh_str_eq_c(RH_STR_LIT("draw"), winner))
        score->draws++;
    else
        score->losses++;
}

static void write_scores(struct rh_json_writer *w, const struct run *run)
{
    struct score scores[PLAN_HOSTS_MAX];
    uint32_t count = 0;

    for (uint32_t i = 0; i < run->spec.match_count; i++) {
        const char *winner = run->matches[i].winner;

        for (size_t side = 0; side < 2 && winner[0] && run->matches[i].state == MATCH_OK; side++)
            score_add(score_of(scores, &count, run->spec.matches[i].players[side]), winner);
    }
    rh_json_key(w, "scores");
    rh_json_begin_array(w);
    for (uint32_t i = 0; i < count; i++) {
        rh_json_begin_object(w);
        rh_json_kv_str(w, "player", scores[i].player);
        rh_json_kv_int(w, "wins", scores[i].wins);
        rh_json_kv_int(w, "draws", scores[i].draws);
        rh_json_kv_int(w, "losses", scores[i].losses);
        rh_json_end_object(w);
    }
    rh_json_end_array(w);
}

void reply_status(struct plugin *p, struct rh_json_writer *w, const struct run *run,
                  const struct live *live, const struct status_req *asked)
{
    const struct run_summary summary = run_summary(run);
    uint32_t index = (uint32_t)asked->after;
    int64_t written = 0;

    reply_summary(w, run->spec.id, &summary);
    rh_json_kv_int(w, "matches_total", run->spec.match_count);
    write_scores(w, run);
    rh_json_key(w, "hosts");
    rh_json_begin_array(w);
    for (uint32_t i = 0; i < run->spec.host_count; i++)
        write_host(p, w, run, live, i);
    rh_json_end_array(w);
    rh_json_key(w, "matches");
    rh_json_begin_array(w);
    for (; index < run->spec.match_count && written < asked->limit; index++) {
        if (asked->state.n &&
            !rh_str_eq_c(asked->state, match_state_name(run->matches[index].state)))
            continue;
        reply_match(p, w, run, index);
        written++;
    }
    rh_json_end_array(w);
    if (index < run->spec.match_count)
        rh_json_kv_int(w, "next", index);
    else
        rh_json_kv_null(w, "next");
}

static int32_t write_words(struct rh_json_writer *w, const struct run *run, uint32_t index)
{
    struct rh_buf bytes;
    uint32_t count = 0;
    size_t at = 0;
    int32_t rc;

    rh_buf_init(&bytes, PLAN_BYTES_MAX);
    rc = attempt_words(run, index, index % run->spec.host_count, 1, &bytes, &count);
    rh_json_key(w, "command");
    rh_json_begin_array(w);
    for (uint32_t i = 0; i < count && rc == RH_OK; i++) {
        const struct rh_str word = rh_str_from(bytes.p + at);

        rh_json_string(w, word);
        at += word.n + 1;
    }
    rh_json_end_array(w);
    rh_buf_release(&bytes);
    return rc;
}

int32_t reply_plan(struct plugin *p, struct rh_json_writer *w, const struct run *run)
{
    int32_t rc = RH_OK;

    rh_json_kv_bool(w, "dry_run", true);
    rh_json_kv_int(w, "matches_total", run->spec.match_count);
    rh_json_key(w, "hosts");
    rh_json_begin_array(w);
    for (uint32_t i = 0; i < run->spec.host_count; i++) {
        const struct target *target = &run->spec.hosts[i];

        rh_json_begin_object(w);
        rh_json_kv_str(w, "host", target->name);
        rh_json_kv_str(w, "address", target->host);
        rh_json_kv_str(w, "user", target->user);
        rh_json_kv_int(w, "port", target->port);
        rh_json_kv_str(w, "identity",
                       target->identity.n ? target->identity : p->config->identity_file);
        rh_json_end_object(w);
    }
    rh_json_end_array(w);
    rh_json_key(w, "matches");
    rh_json_begin_array(w);
    for (uint32_t i = 0; i < run->spec.match_count && i < PLAN_MATCHES_MAX && rc == RH_OK; i++) {
        rh_json_begin_object(w);
        rh_json_kv_str(w, "match", run->spec.matches[i].id);
        rh_json_kv_str(w, "first", run->spec.matches[i].players[0]);
        rh_json_kv_str(w, "second", run->spec.matches[i].players[1]);
        rc = write_words(w, run, i);
        rh_json_end_object(w);
    }
    rh_json_end_array(w);
    return rc;
}

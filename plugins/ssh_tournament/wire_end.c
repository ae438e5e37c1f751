/* The end of an attempt: judged, recorded with the joblog, and told to the host's health. */
#include "wire.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/gtp_match.h>
#include <ringhost/sdk/str.h>

#include "attempt.h"
#include "output.h"

/* What a job may print as its last line. */
struct said {
    struct rh_str winner;
};
static const struct rh_field said_rows[] = {
    RH_TEXT(struct said, winner, 0, RUN_PLAYER_SIZE - 1, "who won, or draw"),
};
static const struct rh_fields said_table = RH_FIELDS(struct said, said_rows);

/* A winner counts when it is one of the players, or nobody. */
static bool is_winner(const struct match_spec *match, struct rh_str winner)
{
    return winner.n > 0 && (rh_str_eq(winner, match->players[0]) ||
                            rh_str_eq(winner, match->players[1]) || rh_str_eq_c(winner, "draw"));
}

/* Appends the winner that the output tells of; a game of ringhost-gtp-match tells it, too. */
static void winner_find(struct plugin *p, const struct match_spec *match, struct rh_str output,
                        struct rh_buf *winner)
{
    const struct rh_str json = output_object(output);
    struct rh_gtp_game game;
    struct said said;
    void *memory = NULL;

    if (match->players[0].n == 0 || json.n == 0)
        return;
    if (p->rh.fields->decode(p->rh.ctx, &said_table, json, &said, &memory, NULL, 0) == RH_OK &&
        is_winner(match, said.winner))
        (void)rh_buf_append_str(winner, said.winner); /* without memory there is no winner */
    p->rh.fields->release(p->rh.ctx, memory);
    memory = NULL;
    if (winner->n == 0 && rh_gtp_game_decode(&p->rh, json, &game, &memory) == RH_OK) {
        if (game.error_kind.n == 0 && is_winner(match, game.winner))
            (void)rh_buf_append_str(winner, game.winner); /* as above */
        p->rh.fields->release(p->rh.ctx, memory);
    }
}

static void host_learn(struct plugin *p, struct live *live, uint32_t index,
                       enum attempt_verdict verdict)
{
    const struct health_rule rule = {p->config->host_rest, p->config->host_rest_max};
    struct host *host = live->hosts[live->run->matches[index].host];
    const uint32_t failures = host->health.failures;
    const int32_t blame = attempt_blame(verdict);

    host->running--;
    p->running--;
    if (blame > 0)
        health_good(&host->health);
    else if (blame < 0)
        health_bad(&host->health, &rule, live->flights[index].begun_ms, ssh_now(p));
    else
        health_unknown(&host->health);
    if (failures == 0 && host->health.failures > 0)
        rh_log_warn(&p->rh, "ssh_host_rests", "host=%s verdict=%s", host->name,
                    attempt_verdict_name(verdict));
    if (failures > 0 && host->health.failures == 0)
        rh_log_info(&p->rh, "ssh_host_back", "host=%s", host->name);
}

/* It has landed; its tail is shown from memory until the store has it. */
static void flight_clear(struct flight *flight, struct rh_str tail)
{
    free(flight->tail);
    *flight = (struct flight){.tail = malloc(tail.n + 1), .tail_bytes = tail.n};
    if (flight->tail)
        memcpy(flight->tail, tail.p, tail.n); /* without memory it is shown a little later */
}

void attempt_finish(struct plugin *p, struct live *live, uint32_t index,
                    const struct run_ending *ending, struct rh_str output)
{
    struct run *run = live->run;
    struct match *match = &run->matches[index];
    const uint8_t state = run->status.state;
    const struct joblog line = {.match = index,
                                .attempt = match->attempts,
                                .verdict = (uint8_t)ending->verdict,
                                .code = ending->code,
                                .begun_at_ms = match->begun_at_ms,
                                .ended_at_ms = ssh_wall(p),
                                .output_bytes = ending->output_bytes,
                                .host = run->spec.hosts[match->host].name,
                                .reason = ending->reason};
    struct rh_batch_builder batch;

    host_learn(p, live, index, ending->verdict);
    run_end(run, index, ending, ssh_wall(p));
    (void)run_settle(run, ssh_wall(p));
    flight_clear(&live->flights[index], output_tail(output, TAIL_MAX));
    rh_batch_begin(&batch, SSH_NAMESPACE);
    runs_put_match(&batch, run, index);
    runs_put_tail(&batch, run, index, output_tail(output, TAIL_MAX));
    runs_put_joblog(&batch, run, live->joblog_next++, &line);
    if (run->status.state != state)
        runs_put_summary(&batch, run);
    ssh_rated_put(&batch, run, index);
    live_commit(p, &batch, live);
    if (run->status.state != state)
        rh_log_info(&p->rh, "ssh_run_state", "run=%.*s state=%s", RH_STR_ARG(run->spec.id),
                    run_state_name(run->status.state));
    if (run_wants_end(run))
        attempts_end(p, live);
}

static bool was_unspawned(const struct rh_process_exit *ended)
{
    return rh_str_eq_c(ended->reason, "not_found") || rh_str_eq_c(ended->reason, "spawn_failed");
}

void attempt_exited(void *self, void *user, const struct rh_process_exit *ended)
{
    struct plugin *p = self;
    uint32_t index = 0;
    struct live *live = attempt_live(p, user, &index);
    struct attempt_facts facts;
    struct remote_marks marks;
    struct run_ending ending;
    struct rh_buf reason;
    struct rh_buf winner;

    if (!live || ended->rc == RH_ECANCELLED || live->run->matches[index].state != MATCH_RUNNING)
        return; /* it goes on, and is adopted by the next activation */
    rh_buf_init(&reason, 2 * RUN_REASON_SIZE);
    rh_buf_init(&winner, RUN_PLAYER_SIZE);
    marks = remote_marks_read(ended->errors, live->run->matches[index].nonce);
    facts = (struct attempt_facts){.code = ended->code,
                                   .is_unspawned = was_unspawned(ended),
                                   .is_wall = rh_str_eq_c(ended->reason, "timeout"),
                                   .is_cancelled =
                                       live->flights[index].is_ending || run_wants_end(live->run),
                                   .is_left = rh_str_eq_c(ended->reason, "lost"),
                                   .errors = ended->errors,
                                   .message = ended->message};
    ending = (struct run_ending){.verdict = attempt_judge(&facts, &marks, &reason),
                                 .code = marks.code,
                                 .reason = rh_buf_str(&reason)};
    if (ending.verdict == ATTEMPT_OK)
        winner_find(p, &live->run->spec.matches[index], ended->output, &winner);
    ending.winner = rh_buf_str(&winner);
    ending.output_bytes = output_keep(p, live, index, ended->output);
    attempt_finish(p, live, index, &ending, ended->output);
    rh_buf_release(&reason);
    rh_buf_release(&winner);
    ssh_kick(p);
}

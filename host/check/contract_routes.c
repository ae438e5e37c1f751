/* Rules of the contract about a plugin's routes: whatever comes, one answer goes out. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/hash.h>

#include "host/check/contract_rules.h"

#define SETTLE_MS        2000 /* for second replies that come later */
#define ANSWERS_MAX      1024u
#define SCRIPT_ROUNDS    12u /* requests to each route by which instances are compared */
#define TARGET_WORDS_MAX 96u
#define TARGET_BYTES_MAX (GARBAGE_LENGTH_MAX * 4)
#define BODY_BYTES_MAX   (GARBAGE_LENGTH_MAX * 16)

bool rule_requests(const struct trial_plugin *plugin)
{
    const struct rh_plugin *desc = &plugin->desc->desc;
    struct rh_testhost_plugin_view view;
    struct trial trial;
    bool is_fine;

    if (desc->route_count == 0) {
        plugin->note->verdict = CHECK_NOT_APPLICABLE;
        (void)snprintf(plugin->note->detail, sizeof plugin->note->detail, "it has no route");
        return true;
    }
    is_fine =
        trial_open(&trial, plugin, plugin->seed) && trial_await(&trial) && trial_ask_all(&trial);
    if (is_fine) {
        rh_testnet_run(trial.net, SETTLE_MS);
        if (rh_testhost_plugin_view(trial.host, desc->id, &view) &&
            view.late_replies > trial.late_seen)
            is_fine = trial_fail(&trial, "a later reply to a request that had been answered");
    }
    trial_close(&trial);
    if (is_fine)
        (void)snprintf(plugin->note->detail, sizeof plugin->note->detail,
                       "%" PRIu32 " routes answer their smallest valid requests once",
                       desc->route_count); /* short */
    return is_fine;
}

/* Piece `index` for a route: false past the last one. */
static bool make_piece(struct garbage *garbage, const struct rh_route *route, uint32_t index,
                       struct rh_buf *target, struct rh_buf *body)
{
    bool has_query = trial_route_has_query(route);

    rh_buf_reset(target);
    rh_buf_reset(body);
    (void)rh_buf_append_c(target, route->path); /* sticky; judged by the caller */
    (void)rh_buf_append_c(body, "");            /* p is not NULL then */
    if (!has_query)
        return garbage_piece(garbage, &route->request, false, index, body);
    (void)rh_buf_append_byte(target, '?');
    return garbage_piece(garbage, &route->request, true, index, target);
}

struct tally {
    uint32_t sent;
    uint32_t accepted; /* status below 300 */
};

static bool throw_at_route(struct trial *trial, struct garbage *garbage,
                           const struct rh_route *route, struct tally *tally)
{
    struct rh_buf target, body;
    struct trial_answer answer;
    bool is_fine = true;

    rh_buf_init(&target, TARGET_BYTES_MAX);
    rh_buf_init(&body, BODY_BYTES_MAX);
    for (uint32_t i = 0; is_fine && make_piece(garbage, route, i, &target, &body); i++) {
        if (target.rc != RH_OK || body.rc != RH_OK)
            continue; /* longer than any request may be */
        is_fine = trial_ask(trial, route, target.p, trial_route_has_query(route) ? NULL : body.p,
                            &answer);
        if (is_fine)
            garbage_learn(garbage, answer.body);
        tally->sent++;
        tally->accepted += is_fine && answer.status < 300 ? 1 : 0;
    }
    rh_buf_release(&target);
    rh_buf_release(&body);
    return is_fine;
}

bool rule_garbage(const struct trial_plugin *plugin)
{
    const struct rh_plugin *desc = &plugin->desc->desc;
    struct garbage garbage;
    struct tally tally = {0};
    struct trial trial;
    char words[CHECK_DETAIL_MAX];
    bool is_fine;

    if (desc->route_count == 0) {
        plugin->note->verdict = CHECK_NOT_APPLICABLE;
        (void)snprintf(plugin->note->detail, sizeof plugin->note->detail, "it has no route");
        return true;
    }
    garbage_init(&garbage, plugin->seed);
    is_fine = trial_open(&trial, plugin, plugin->seed) && trial_await(&trial);
    for (uint32_t i = 0; is_fine && i < desc->route_count; i++)
        is_fine = throw_at_route(&trial, &garbage, &desc->routes[i], &tally);
    trial_close(&trial);
    if (is_fine) {
        (void)snprintf(plugin->note->detail, sizeof plugin->note->detail,
                       "%" PRIu32 " wrong and random requests, %" PRIu32
                       " of them accepted, seed %" PRIu64,
                       tally.sent, tally.accepted, plugin->seed); /* short */
    } else {
        memcpy(words, plugin->note->detail, sizeof words);
        (void)snprintf(plugin->note->detail, sizeof plugin->note->detail,
                       "seed %" PRIu64 ": %.450s", plugin->seed, words); /* cut when longer */
    }
    return is_fine;
}

/* What a node answered, as digests. */
struct answers {
    uint64_t digests[ANSWERS_MAX];
    char targets[ANSWERS_MAX][TARGET_WORDS_MAX];
    uint32_t count;
};

/* The same requests for every node: the smallest valid one first, then random ones. */
static bool make_script(struct trial *trial, struct garbage *garbage, const struct rh_route *route,
                        uint32_t round, struct rh_buf *target, struct rh_buf *body)
{
    bool has_query = trial_route_has_query(route);

    if (!trial_minimal(trial, route, target, body))
        return false;
    if (round == 0)
        return true;
    rh_buf_reset(has_query ? target : body);
    if (has_query) {
        (void)rh_buf_append_c(target, route->path); /* sticky, judged below */
        (void)rh_buf_append_byte(target, '?');
    }
    garbage_random(garbage, &route->request, has_query, has_query ? target : body);
    if (target->rc != RH_OK || body->rc != RH_OK)
        return trial_fail(trial, "%s %s: no request can be made from its fields", route->method,
                          route->path);
    return true;
}

static bool run_script(struct trial *trial, uint64_t seed, struct answers *answers)
{
    const struct rh_plugin *desc = &trial->plugin->desc->desc;
    struct trial_answer answer;
    struct garbage garbage;
    struct rh_buf target, body;
    bool is_fine = true;

    garbage_init(&garbage, seed);
    rh_buf_init(&target, TARGET_BYTES_MAX);
    rh_buf_init(&body, BODY_BYTES_MAX);
    answers->count = 0;
    for (uint32_t i = 0; is_fine && i < SCRIPT_ROUNDS * desc->route_count; i++) {
        const struct rh_route *route = &desc->routes[i % desc->route_count];

        if (answers->count == ANSWERS_MAX)
            break;
        is_fine = make_script(trial, &garbage, route, i / desc->route_count, &target, &body) &&
                  trial_ask(trial, route, target.p, trial_route_has_query(route) ? NULL : body.p,
                            &answer);
        if (!is_fine)
            break;
        garbage_learn(&garbage, answer.body);
        answers->digests[answers->count] = rh_hash_fnv1a(
            rh_hash_fnv1a_u64(RH_HASH_FNV1A_INIT, answer.status), answer.body.p, answer.body.n);
        (void)snprintf(answers->targets[answers->count++], TARGET_WORDS_MAX, "%s %.80s",
                       route->method, target.p); /* fits */
    }
    rh_buf_release(&target);
    rh_buf_release(&body);
    return is_fine;
}

/* One instance alone, on a net of its own. */
static bool run_alone(const struct trial_plugin *plugin, struct answers *answers)
{
    struct trial trial;
    bool is_fine = trial_open(&trial, plugin, plugin->seed) && trial_await(&trial) &&
                   run_script(&trial, plugin->seed, answers);

    trial_close(&trial);
    return is_fine;
}

static bool same_answers(const struct trial_plugin *plugin, const struct answers *alone,
                         const struct answers *beside)
{
    struct trial trial = {.plugin = plugin};

    for (uint32_t i = 0; i < alone->count; i++)
        if (i >= beside->count || alone->digests[i] != beside->digests[i])
            return trial_fail(&trial,
                              "answer %" PRIu32 ", to %s, is another when other instances run",
                              i + 1, alone->targets[i]);
    return true;
}

/* The same again while two other instances, on one net, live and have been busy. */
static bool run_beside(const struct trial_plugin *plugin, struct answers *answers)
{
    static const uint64_t other_seed = UINT64_C(0x9e3779b97f4a7c15);
    struct trial first, second;
    bool is_fine = trial_open(&first, plugin, plugin->seed ^ other_seed);

    second = (struct trial){.plugin = plugin};
    is_fine = is_fine && trial_open_beside(&second, &first, "n2") && trial_await(&first) &&
              trial_await(&second) && run_script(&first, plugin->seed + 1, answers) &&
              run_script(&second, plugin->seed + 2, answers) && run_alone(plugin, answers) &&
              trial_ask_all(&second) && trial_ask_all(&first) && trial_stop(&second) &&
              trial_ask_all(&first);
    trial_close(&first); /* the net is the second's too */
    return is_fine;
}

bool rule_instances(const struct trial_plugin *plugin)
{
    struct answers *alone = calloc(1, sizeof *alone);
    struct answers *beside = calloc(1, sizeof *beside);
    bool is_fine;

    if (!alone || !beside)
        abort(); /* as sim_at */
    is_fine = run_alone(plugin, alone) && run_beside(plugin, beside) &&
              same_answers(plugin, alone, beside);
    if (is_fine)
        (void)snprintf(plugin->note->detail, sizeof plugin->note->detail,
                       "%" PRIu32 " answers stay the same while other instances run",
                       alone->count); /* short */
    free(alone);
    free(beside);
    return is_fine;
}

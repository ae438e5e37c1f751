/* Runs, their matches and the lines of the joblog as stored records. */
#include "record.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/record.h>
#include <ringhost/sdk/str.h>

/* First byte of each record. */
#define VERSION   1u
#define WORDS_MAX 65536u

static struct rh_record_reader reader_of(struct rh_str record)
{
    struct rh_record_reader r;

    rh_record_reader_init(&r, record);
    (void)rh_record_get(&r, VERSION, VERSION); /* another one stays in r */
    return r;
}

static void put_list(struct rh_buf *out, const struct rh_str_list *list)
{
    rh_record_put(out, list->count);
    for (uint32_t i = 0; i < list->count; i++)
        rh_record_put_str(out, list->items[i]);
}

static void put_target(struct rh_buf *out, const struct target *target)
{
    rh_record_put_str(out, target->name);
    rh_record_put_str(out, target->user);
    rh_record_put_str(out, target->host);
    rh_record_put_str(out, target->identity);
    rh_record_put(out, target->port);
}

static void put_match(struct rh_buf *out, const struct match_spec *match)
{
    rh_record_put_str(out, match->id);
    rh_record_put_str(out, match->players[0]);
    rh_record_put_str(out, match->players[1]);
    rh_record_put_str(out, match->board_type);
    put_list(out, &match->args);
}

static uint32_t word_count(const struct run_spec *spec)
{
    uint32_t count = spec->command.count;

    for (uint32_t i = 0; i < spec->match_count; i++)
        count += spec->matches[i].args.count;
    return count;
}

void record_spec(const struct run_spec *spec, struct rh_buf *out)
{
    rh_record_put(out, VERSION);
    rh_record_put(out, spec->host_count);
    rh_record_put(out, spec->match_count);
    rh_record_put(out, word_count(spec));
    rh_record_put_str(out, spec->id);
    rh_record_put_u64(out, spec->number);
    rh_record_put_str(out, spec->label);
    rh_record_put(out, spec->per_host);
    rh_record_put(out, spec->retries);
    rh_record_put(out, spec->timeout_s);
    rh_record_put(out, spec->created_at_ms);
    rh_record_put(out, spec->halt);
    rh_record_put(out, spec->halt_fail);
    rh_record_put(out, spec->is_idempotent);
    rh_record_put(out, spec->retries_failed);
    put_list(out, &spec->command);
    for (uint32_t i = 0; i < spec->host_count; i++)
        put_target(out, &spec->hosts[i]);
    for (uint32_t i = 0; i < spec->match_count; i++)
        put_match(out, &spec->matches[i]);
}

/* Where the next arrays begin in the run's memory. */
struct room {
    struct rh_str *words;
    uint32_t words_left;
};

static struct rh_str_list get_list(struct rh_record_reader *r, struct room *room)
{
    const uint32_t count = (uint32_t)rh_record_get(r, 0, room->words_left);
    const struct rh_str_list list = {room->words, count, 0};

    for (uint32_t i = 0; i < count; i++)
        room->words[i] = rh_record_get_str(r);
    room->words += count;
    room->words_left -= count;
    return list;
}

static struct target get_target(struct rh_record_reader *r)
{
    struct target target;

    target.name = rh_record_get_str(r);
    target.user = rh_record_get_str(r);
    target.host = rh_record_get_str(r);
    target.identity = rh_record_get_str(r);
    target.port = rh_record_get(r, 0, 65535);
    return target;
}

static struct match_spec get_match(struct rh_record_reader *r, struct room *room)
{
    struct match_spec match;

    match.id = rh_record_get_str(r);
    match.players[0] = rh_record_get_str(r);
    match.players[1] = rh_record_get_str(r);
    match.board_type = rh_record_get_str(r);
    match.args = get_list(r, room);
    return match;
}

static void get_spec(struct rh_record_reader *r, struct run_spec *spec, struct target *hosts,
                     struct match_spec *matches, struct room *room)
{
    spec->id = rh_record_get_str(r);
    spec->number = rh_record_get_u64(r);
    spec->label = rh_record_get_str(r);
    spec->per_host = (uint32_t)rh_record_get(r, 1, UINT32_MAX);
    spec->retries = (uint32_t)rh_record_get(r, 0, RUN_RETRIES_MAX);
    spec->timeout_s = rh_record_get(r, 0, INT32_MAX);
    spec->created_at_ms = rh_record_get(r, 0, INT64_MAX);
    spec->halt = (uint8_t)rh_record_get(r, 0, RUN_HALT_COUNT - 1);
    spec->halt_fail = (uint32_t)rh_record_get(r, 1, UINT32_MAX);
    spec->is_idempotent = rh_record_get(r, 0, 1) != 0;
    spec->retries_failed = rh_record_get(r, 0, 1) != 0;
    spec->command = get_list(r, room);
    for (uint32_t i = 0; i < spec->host_count; i++)
        hosts[i] = get_target(r);
    for (uint32_t i = 0; i < spec->match_count; i++)
        matches[i] = get_match(r, room);
    spec->hosts = hosts;
    spec->matches = matches;
}

static int32_t arrays_new(struct run *run, uint32_t words, struct room *room, struct target **hosts,
                          struct match_spec **matches)
{
    const size_t hosts_size = run->spec.host_count * sizeof(**hosts);
    const size_t matches_size = run->spec.match_count * sizeof(**matches);
    char *memory = calloc(1, hosts_size + matches_size + words * sizeof(*room->words));

    run->memory = memory;
    run->matches = calloc(run->spec.match_count, sizeof(*run->matches));
    if (!memory || !run->matches)
        return RH_ENOMEM;
    *hosts = (struct target *)(void *)memory;
    *matches = (struct match_spec *)(void *)(memory + hosts_size);
    *room = (struct room){(struct rh_str *)(void *)(memory + hosts_size + matches_size), words};
    return RH_OK;
}

int32_t record_run_new(struct rh_str record, struct run **out)
{
    struct run *run = calloc(1, sizeof(*run));
    char *copy = malloc(record.n + 1);
    struct rh_record_reader r;
    struct match_spec *matches = NULL;
    struct target *hosts = NULL;
    struct room room;
    uint32_t words;
    int32_t rc = RH_ENOMEM;

    if (!run || !copy) {
        free(copy);
        goto out;
    }
    if (record.n > 0)
        memcpy(copy, record.p, record.n);
    run->record = copy;
    r = reader_of((struct rh_str){copy, record.n});
    run->spec.host_count = (uint32_t)rh_record_get(&r, 1, PLAN_HOSTS_MAX);
    run->spec.match_count = (uint32_t)rh_record_get(&r, 1, RUN_MATCHES_MAX);
    words = (uint32_t)rh_record_get(&r, 1, WORDS_MAX);
    rc = r.rc == RH_OK ? arrays_new(run, words, &room, &hosts, &matches) : RH_EINVAL;
    if (rc != RH_OK)
        goto out;
    get_spec(&r, &run->spec, hosts, matches, &room);
    rc = room.words_left == 0 ? rh_record_end(&r) : RH_EINVAL;
    for (uint32_t i = 0; i < run->spec.host_count && rc == RH_OK; i++)
        rc = target_check(&hosts[i]) ? RH_OK : RH_EINVAL;
    run->counts[MATCH_PENDING] = run->spec.match_count;
out:
    if (rc == RH_OK)
        *out = run;
    else
        run_free(run);
    return rc;
}

struct run_summary run_summary(const struct run *run)
{
    struct run_summary summary = {.status = run->status, .created_at_ms = run->spec.created_at_ms};

    memcpy(summary.counts, run->counts, sizeof(summary.counts));
    /* Longer ones were refused. */
    (void)rh_str_copy(summary.label, sizeof(summary.label), run->spec.label);
    return summary;
}

void record_summary(const struct run_summary *summary, struct rh_buf *out)
{
    rh_record_put(out, VERSION);
    rh_record_put(out, summary->status.state);
    rh_record_put(out, summary->status.ended_at_ms);
    rh_record_put(out, summary->created_at_ms);
    for (uint32_t i = 0; i < MATCH_STATE_COUNT; i++)
        rh_record_put(out, summary->counts[i]);
    rh_record_put_str(out, rh_str_from(summary->label));
}

int32_t record_summary_read(struct rh_str record, struct run_summary *out)
{
    struct rh_record_reader r = reader_of(record);
    struct run_summary summary;

    summary.status.state = (uint8_t)rh_record_get(&r, 0, RUN_STATE_COUNT - 1);
    summary.status.ended_at_ms = rh_record_get(&r, 0, INT64_MAX);
    summary.created_at_ms = rh_record_get(&r, 0, INT64_MAX);
    for (uint32_t i = 0; i < MATCH_STATE_COUNT; i++)
        summary.counts[i] = (uint32_t)rh_record_get(&r, 0, RUN_MATCHES_MAX);
    rh_record_get_text(&r, summary.label, sizeof(summary.label));
    if (rh_record_end(&r) != RH_OK)
        return RH_EINVAL;
    *out = summary;
    return RH_OK;
}

/* Hosts that were tried, and how often. */
static void put_tried(struct rh_buf *out, const struct match *match)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < PLAN_HOSTS_MAX; i++)
        count += match->tried[i] > 0;
    rh_record_put(out, count);
    for (uint32_t i = 0; i < PLAN_HOSTS_MAX; i++) {
        if (match->tried[i] == 0)
            continue;
        rh_record_put(out, i);
        rh_record_put(out, match->tried[i]);
    }
}

static void get_tried(struct rh_record_reader *r, struct match *match)
{
    const uint32_t count = (uint32_t)rh_record_get(r, 0, PLAN_HOSTS_MAX);

    for (uint32_t i = 0; i < count; i++) {
        const uint32_t host = (uint32_t)rh_record_get(r, 0, PLAN_HOSTS_MAX - 1);

        match->tried[host] = (uint8_t)rh_record_get(r, 0, UINT8_MAX);
    }
}

void record_match(const struct match *match, struct rh_buf *out)
{
    rh_record_put(out, VERSION);
    rh_record_put(out, match->state);
    rh_record_put(out, match->verdict);
    rh_record_put(out, match->host);
    rh_record_put(out, match->attempts);
    rh_record_put(out, match->spent);
    rh_record_put_i64(out, match->code);
    rh_record_put_u64(out, match->nonce);
    rh_record_put(out, match->begun_at_ms);
    rh_record_put(out, match->ended_at_ms);
    rh_record_put(out, match->output_bytes);
    put_tried(out, match);
    rh_record_put_str(out, rh_str_from(match->reason));
    rh_record_put_str(out, rh_str_from(match->winner));
}

int32_t record_match_read(struct rh_str record, uint32_t host_count, struct match *out)
{
    struct rh_record_reader r = reader_of(record);
    struct match match = {.state = MATCH_PENDING};

    assert(host_count > 0);
    match.state = (uint8_t)rh_record_get(&r, 0, MATCH_STATE_COUNT - 1);
    match.verdict = (uint8_t)rh_record_get(&r, 0, ATTEMPT_VERDICT_COUNT - 1);
    match.host = (uint8_t)rh_record_get(&r, 0, host_count - 1);
    match.attempts = (uint32_t)rh_record_get(&r, 0, RUN_ATTEMPTS_MAX);
    match.spent = (uint32_t)rh_record_get(&r, 0, RUN_ATTEMPTS_MAX);
    match.code = (int32_t)rh_record_get_i64(&r);
    match.nonce = rh_record_get_u64(&r);
    match.begun_at_ms = rh_record_get(&r, 0, INT64_MAX);
    match.ended_at_ms = rh_record_get(&r, 0, INT64_MAX);
    match.output_bytes = rh_record_get(&r, 0, INT64_MAX);
    get_tried(&r, &match);
    rh_record_get_text(&r, match.reason, sizeof(match.reason));
    rh_record_get_text(&r, match.winner, sizeof(match.winner));
    if (rh_record_end(&r) != RH_OK)
        return RH_EINVAL;
    *out = match;
    return RH_OK;
}

void record_joblog(const struct joblog *line, struct rh_buf *out)
{
    rh_record_put(out, VERSION);
    rh_record_put(out, line->match);
    rh_record_put(out, line->attempt);
    rh_record_put(out, line->verdict);
    rh_record_put_i64(out, line->code);
    rh_record_put(out, line->begun_at_ms);
    rh_record_put(out, line->ended_at_ms);
    rh_record_put(out, line->output_bytes);
    rh_record_put_str(out, line->host);
    rh_record_put_str(out, line->reason);
}

int32_t record_joblog_read(struct rh_str record, struct joblog *out)
{
    struct rh_record_reader r = reader_of(record);
    struct joblog line;

    line.match = (uint32_t)rh_record_get(&r, 0, RUN_MATCHES_MAX - 1);
    line.attempt = (uint32_t)rh_record_get(&r, 1, RUN_ATTEMPTS_MAX);
    line.verdict = (uint8_t)rh_record_get(&r, 0, ATTEMPT_VERDICT_COUNT - 1);
    line.code = (int32_t)rh_record_get_i64(&r);
    line.begun_at_ms = rh_record_get(&r, 0, INT64_MAX);
    line.ended_at_ms = rh_record_get(&r, 0, INT64_MAX);
    line.output_bytes = rh_record_get(&r, 0, INT64_MAX);
    line.host = rh_record_get_str(&r);
    line.reason = rh_record_get_str(&r);
    if (rh_record_end(&r) != RH_OK)
        return RH_EINVAL;
    *out = line;
    return RH_OK;
}

/* States of an item as a table of edges, the derived config key, and the stored records. */
#include "item.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <ringhost/sdk/edges.h>
#include <ringhost/sdk/str.h>

#include <ringhost/sdk/record.h>

#define SPEC_VERSION   2u
#define STATUS_VERSION 2u
/* Times and sizes stay below this, so that sums of a few of them cannot overflow. */
#define NUMBER_MAX (INT64_C(1) << 53)

static const struct rh_edge edges[] = {
    {ITEM_PENDING, ITEM_LEASED},    {ITEM_PENDING, ITEM_CANCELLED}, {ITEM_LEASED, ITEM_PENDING},
    {ITEM_LEASED, ITEM_DELAYED},    {ITEM_LEASED, ITEM_DONE},       {ITEM_LEASED, ITEM_DEAD},
    {ITEM_LEASED, ITEM_CANCELLED},  {ITEM_DELAYED, ITEM_PENDING},   {ITEM_DELAYED, ITEM_CANCELLED},
    {ITEM_PENDING, ITEM_DELAYED}, /* only while it is added or restored */
    {ITEM_PENDING, ITEM_BLOCKED}, /* likewise */
    {ITEM_DELAYED, ITEM_BLOCKED}, /* likewise */
    {ITEM_DELAYED, ITEM_LEASED},  /* only for a claim that was forgotten */
    {ITEM_BLOCKED, ITEM_PENDING},   {ITEM_BLOCKED, ITEM_DELAYED},   {ITEM_BLOCKED, ITEM_DEAD},
    {ITEM_BLOCKED, ITEM_CANCELLED},
};
#define EDGES_COUNT (sizeof(edges) / sizeof(edges[0]))

static const char *const state_names[ITEM_STATES] = {"pending", "leased", "delayed",  "blocked",
                                                     "done",    "dead",   "cancelled"};
static const char *const end_names[ITEM_ENDS] = {"none",    "fail",       "release", "expired",
                                                 "runtime", "node_dead",  "done",    "cancel",
                                                 "stolen",  "dependency", "reaped"};

const char *item_state_name(uint8_t state)
{
    assert(state < ITEM_STATES);
    return state_names[state];
}

const char *item_end_name(uint8_t cause)
{
    assert(cause < ITEM_ENDS);
    return end_names[cause];
}

int32_t item_state_parse(struct rh_str name, uint8_t *state)
{
    for (uint8_t i = 0; i < ITEM_STATES; i++) {
        if (rh_str_eq_c(name, state_names[i])) {
            *state = i;
            return RH_OK;
        }
    }
    return RH_EINVAL;
}

bool item_state_is_live(uint8_t state)
{
    return state < ITEM_DONE;
}

bool item_state_allows(uint8_t from, uint8_t to)
{
    return rh_edge_allowed(edges, EDGES_COUNT, from, to);
}

void item_state_move(uint8_t *state, uint8_t to)
{
    rh_state_move(state, edges, EDGES_COUNT, to);
}

struct rh_str item_id_format(uint64_t seq, char dst[ITEM_ID_TEXT_SIZE])
{
    int n = snprintf(dst, ITEM_ID_TEXT_SIZE, "w%" PRIu64, seq);

    assert(n > 0);
    assert((size_t)n < ITEM_ID_TEXT_SIZE);
    return (struct rh_str){dst, (size_t)n};
}

int32_t item_id_parse(struct rh_str text, uint64_t *seq)
{
    if (text.n < 2 || text.p[0] != 'w')
        return RH_EINVAL;
    return rh_parse_u64((struct rh_str){text.p + 1, text.n - 1}, seq);
}

/* Splits "hex8_2p" into board and players; false for keys of another shape, which are free names.
 */
static bool split_key(struct rh_str key, struct rh_str *board, int64_t *players)
{
    size_t at = key.n;

    while (at > 0 && key.p[at - 1] != '_')
        at--;
    if (at < 2 || key.n < at + 2 || key.p[key.n - 1] != 'p')
        return false;
    if (rh_parse_i64((struct rh_str){key.p + at, key.n - at - 1}, players) || *players < 1 ||
        *players > ITEM_PLAYERS_MAX)
        return false;
    *board = (struct rh_str){key.p, at - 1};
    return true;
}

int32_t item_spec_derive(struct item_spec *spec, char *key_memory, size_t size)
{
    struct rh_str board;
    int64_t players;

    if (spec->config_key.n == 0) {
        if (spec->board_type.n == 0 || spec->num_players == 0)
            return RH_OK;
        int n = snprintf(key_memory, size, "%.*s_%" PRId64 "p", RH_STR_ARG(spec->board_type),
                         spec->num_players);
        if (n < 0 || (size_t)n >= size)
            return RH_EINVAL;
        spec->config_key = (struct rh_str){key_memory, (size_t)n};
        return RH_OK;
    }
    if (!split_key(spec->config_key, &board, &players))
        return RH_OK;
    if (spec->board_type.n > 0 && !rh_str_eq(spec->board_type, board))
        return RH_EINVAL;
    if (spec->num_players != 0 && spec->num_players != players)
        return RH_EINVAL;
    spec->board_type = board;
    spec->num_players = players;
    return RH_OK;
}

static void put_list(struct rh_buf *buf, const struct rh_str_list *list)
{
    rh_record_put(buf, list->count);
    for (uint32_t i = 0; i < list->count; i++)
        rh_record_put_str(buf, list->items[i]);
}

static struct rh_str_list get_list(struct rh_record_reader *r, struct rh_str *items, uint32_t max)
{
    struct rh_str_list list = {items, (uint32_t)rh_record_get(r, 0, max), 0};

    for (uint32_t i = 0; i < list.count; i++)
        items[i] = rh_record_get_str(r);
    return list;
}

static void put_token(struct rh_buf *buf, struct token token)
{
    rh_record_put_u64(buf, token.epoch);
    rh_record_put_u64(buf, token.activation);
    rh_record_put_u64(buf, token.count);
}

static struct token get_token(struct rh_record_reader *r)
{
    struct token token;

    token.epoch = rh_record_get_u64(r);
    token.activation = rh_record_get_u64(r);
    token.count = rh_record_get_u64(r);
    return token;
}

void item_spec_encode(const struct item_spec *spec, struct rh_buf *buf)
{
    assert(spec->requires.count <= ITEM_REQUIRES_MAX);
    assert(spec->depend_count <= ITEM_DEPENDS_MAX);
    rh_buf_append_byte(buf, (char)SPEC_VERSION);
    rh_record_put_str(buf, spec->work_type);
    rh_record_put_str(buf, spec->config_key);
    rh_record_put_str(buf, spec->board_type);
    rh_record_put_str(buf, spec->group);
    rh_record_put_str(buf, spec->idempotency_key);
    rh_record_put_str(buf, spec->target_node);
    put_list(buf, &spec->requires);
    put_list(buf, &spec->inputs);
    put_list(buf, &spec->outputs);
    rh_record_put(buf, spec->depend_count);
    for (uint32_t i = 0; i < spec->depend_count; i++)
        rh_record_put_u64(buf, spec->depends[i]);
    rh_record_put(buf, spec->num_players);
    rh_record_put(buf, spec->priority);
    rh_record_put(buf, spec->min_vram_mb);
    rh_record_put(buf, spec->timeout_ms);
    rh_record_put(buf, spec->max_runtime_ms);
    rh_record_put(buf, spec->max_attempts);
    rh_record_put(buf, spec->delay_ms);
    rh_record_put(buf, spec->enqueued_ms);
    put_token(buf, spec->born);
    rh_record_put(buf, spec->needs_gpu);
}

/* The reader behind the version byte; rc is set when it is not the one that is known. */
static struct rh_record_reader open_record(struct rh_str record, unsigned version)
{
    struct rh_record_reader reader;

    rh_record_reader_init(&reader, record);
    if (record.n < 1 || (unsigned char)record.p[0] != version)
        reader.rc = RH_EINVAL;
    reader.offset = 1;
    return reader;
}

int32_t item_spec_decode(struct rh_str record, struct item_spec *out, struct item_lists *lists)
{
    struct rh_record_reader r = open_record(record, SPEC_VERSION);
    struct item_spec spec = {.num_players = 0};

    if (r.rc)
        return r.rc;
    spec.work_type = rh_record_get_str(&r);
    spec.config_key = rh_record_get_str(&r);
    spec.board_type = rh_record_get_str(&r);
    spec.group = rh_record_get_str(&r);
    spec.idempotency_key = rh_record_get_str(&r);
    spec.target_node = rh_record_get_str(&r);
    spec.requires = get_list(&r, lists->requires, ITEM_REQUIRES_MAX);
    spec.inputs = get_list(&r, lists->inputs, ITEM_FILES_MAX);
    spec.outputs = get_list(&r, lists->outputs, ITEM_FILES_MAX);
    spec.depends = lists->depends;
    spec.depend_count = (uint32_t)rh_record_get(&r, 0, ITEM_DEPENDS_MAX);
    for (uint32_t i = 0; i < spec.depend_count; i++)
        lists->depends[i] = rh_record_get_u64(&r);
    spec.num_players = rh_record_get(&r, 0, ITEM_PLAYERS_MAX);
    spec.priority = rh_record_get(&r, 0, ITEM_PRIORITY_MAX);
    spec.min_vram_mb = rh_record_get(&r, 0, ITEM_VRAM_MAX);
    spec.timeout_ms = rh_record_get(&r, 0, ITEM_TIMEOUT_MAX_S * INT64_C(1000));
    spec.max_runtime_ms = rh_record_get(&r, 0, ITEM_RUNTIME_MAX_S * INT64_C(1000));
    spec.max_attempts = rh_record_get(&r, 0, ITEM_ATTEMPTS_MAX);
    spec.delay_ms = rh_record_get(&r, 0, ITEM_DELAY_MAX_S * INT64_C(1000));
    spec.enqueued_ms = rh_record_get(&r, 0, NUMBER_MAX);
    spec.born = get_token(&r);
    spec.needs_gpu = rh_record_get(&r, 0, 1) != 0;
    if (rh_record_end(&r))
        return RH_EINVAL;
    *out = spec;
    return RH_OK;
}

void item_status_encode(const struct item_status *status, struct rh_buf *buf)
{
    rh_buf_append_byte(buf, (char)STATUS_VERSION);
    rh_record_put(buf, status->state);
    rh_record_put(buf, status->ended_by);
    rh_record_put(buf, status->has_checkpoint);
    rh_record_put(buf, status->attempts);
    put_token(buf, status->token);
    put_token(buf, status->fence);
    rh_record_put(buf, status->claimed_at_ms);
    rh_record_put(buf, status->started_at_ms);
    /* One place for both: no state has the two, and records without poll stay readable. */
    rh_record_put(buf, status->state == ITEM_LEASED ? (int64_t)status->poll : status->due_at_ms);
    rh_record_put(buf, status->finished_at_ms);
    rh_record_put_u64(buf, status->finish_no);
    rh_record_put_str(buf, status->node_id);
}

int32_t item_status_decode(struct rh_str record, struct item_status *out)
{
    struct rh_record_reader r = open_record(record, STATUS_VERSION);
    struct item_status status;

    if (r.rc)
        return r.rc;
    status.state = (uint8_t)rh_record_get(&r, 0, ITEM_STATES - 1);
    status.ended_by = (uint8_t)rh_record_get(&r, 0, ITEM_ENDS - 1);
    status.has_checkpoint = (uint8_t)rh_record_get(&r, 0, 1);
    status.attempts = (uint32_t)rh_record_get(&r, 0, ITEM_ATTEMPTS_MAX);
    status.token = get_token(&r);
    status.fence = get_token(&r);
    status.claimed_at_ms = rh_record_get(&r, 0, NUMBER_MAX);
    status.started_at_ms = rh_record_get(&r, 0, NUMBER_MAX);
    const int64_t poll_or_due = rh_record_get(&r, 0, NUMBER_MAX);
    status.poll = status.state == ITEM_LEASED ? (uint64_t)poll_or_due : 0;
    status.due_at_ms = status.state == ITEM_LEASED ? 0 : poll_or_due;
    status.finished_at_ms = rh_record_get(&r, 0, NUMBER_MAX);
    status.finish_no = rh_record_get_u64(&r);
    status.node_id = rh_record_get_str(&r);
    if (rh_record_end(&r))
        return RH_EINVAL;
    *out = status;
    return RH_OK;
}

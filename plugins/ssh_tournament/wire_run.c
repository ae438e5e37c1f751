/* A new run from a request: hosts looked up, matches made, everything checked, one record of it. */
#include "wire.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/sort.h>
#include <ringhost/sdk/str.h>

#include "pairs.h"

#define WORDS_MAX       512u          /* of a match's command */
#define WORDS_BYTES_MAX (32u * 1024u) /* of them together, before values are put in */
#define ID_TEXT_SIZE    16u

/* The arrays of a spec under way. */
struct draft {
    struct run_spec spec;
    struct target hosts[PLAN_HOSTS_MAX];
    struct match_spec *matches;
    char (*ids)[ID_TEXT_SIZE]; /* of matches that were given none */
};

static size_t list_bytes(const struct rh_str_list *list)
{
    size_t sum = 0;

    for (uint32_t i = 0; i < list->count; i++)
        sum += list->items[i].n + 1;
    return sum;
}

static bool has_nul(const struct rh_str_list *list)
{
    for (uint32_t i = 0; i < list->count; i++)
        if (list->items[i].n > 0 && memchr(list->items[i].p, '\0', list->items[i].n))
            return true;
    return false;
}

static int32_t check_command(const struct plugin *p, const struct rh_str_list *command)
{
    const struct rh_str program = command->items[0];

    if (program.n == 0 || program.p[0] == '-')
        return rh_failf(&p->rh, RH_EINVAL,
                        "command: the first word names a program, and does not begin with \"-\"");
    if (has_nul(command))
        return rh_failf(&p->rh, RH_EINVAL, "command: no argument can hold a NUL byte");
    if (list_bytes(command) > WORDS_BYTES_MAX)
        return rh_failf(&p->rh, RH_EINVAL, "command: longer than %u bytes", WORDS_BYTES_MAX);
    return RH_OK;
}

static int32_t check_players(const struct plugin *p, const struct rh_str_list *players,
                             const char *where)
{
    for (uint32_t i = 0; i < players->count; i++) {
        const struct rh_str name = players->items[i];

        if (name.n == 0 || name.n >= RUN_PLAYER_SIZE || name.p[0] == '=' ||
            rh_str_eq_c(name, "draw") || memchr(name.p, '\0', name.n))
            return rh_failf(&p->rh, RH_EINVAL,
                            "%s: \"%.*s\" is no name of a player: 1 to %u bytes, not \"draw\", "
                            "no \"=\" in front",
                            where, RH_STR_ARG(name), RUN_PLAYER_SIZE - 1);
        for (uint32_t k = 0; k < i; k++)
            if (rh_str_eq(players->items[k], name))
                return rh_failf(&p->rh, RH_EINVAL, "%s: \"%.*s\" is named twice", where,
                                RH_STR_ARG(name));
    }
    return RH_OK;
}

static const struct match_req *match_at(const struct rh_list *list, uint32_t index)
{
    return (const void *)((const char *)list->items + (size_t)index * list->stride);
}

static struct rh_str number_id(struct draft *d, uint32_t index)
{
    (void)snprintf(d->ids[index], ID_TEXT_SIZE, "%" PRIu32, index); /* fits */
    return rh_str_from(d->ids[index]);
}

static int32_t one_match(const struct plugin *p, const struct run_req *req, struct draft *d,
                         uint32_t index)
{
    const struct match_req *asked = match_at(&req->matches, index);
    struct match_spec *match = &d->matches[index];
    char where[48];
    int32_t rc;

    (void)snprintf(where, sizeof(where), "matches[%" PRIu32 "].players", index); /* fits */
    match->id = asked->id.n ? asked->id : number_id(d, index);
    match->args = asked->args;
    match->board_type = asked->board_type.n ? asked->board_type : req->board_type;
    if (asked->players.count != 0 && asked->players.count != 2)
        return rh_failf(&p->rh, RH_EINVAL, "%s: two, or none", where);
    rc = check_players(p, &asked->players, where);
    if (rc != RH_OK)
        return rc;
    if (asked->players.count) {
        match->players[0] = asked->players.items[0];
        match->players[1] = asked->players.items[1];
    }
    if (req->command.count + asked->args.count > WORDS_MAX || has_nul(&asked->args) ||
        list_bytes(&req->command) + list_bytes(&asked->args) > WORDS_BYTES_MAX)
        return rh_failf(&p->rh, RH_EINVAL,
                        "matches[%" PRIu32 "].args: with the command more than %u words or %u "
                        "bytes, or a NUL byte",
                        index, WORDS_MAX, WORDS_BYTES_MAX);
    return RH_OK;
}

static int by_id(const void *a, const void *b, void *ctx)
{
    (void)ctx;
    return rh_str_cmp(*(const struct rh_str *)a, *(const struct rh_str *)b);
}

static int32_t check_ids(const struct plugin *p, const struct draft *d)
{
    struct rh_str *ids = calloc(d->spec.match_count, sizeof(*ids));
    int32_t rc;

    if (!ids)
        return RH_ENOMEM;
    for (uint32_t i = 0; i < d->spec.match_count; i++)
        ids[i] = d->matches[i].id;
    rc = rh_sort(ids, d->spec.match_count, sizeof(*ids), by_id, NULL, NULL);
    for (uint32_t i = 1; i < d->spec.match_count && rc == RH_OK; i++)
        if (rh_str_eq(ids[i - 1], ids[i]))
            rc = rh_failf(&p->rh, RH_EINVAL, "matches: two have the id \"%.*s\"",
                          RH_STR_ARG(ids[i]));
    free(ids);
    return rc;
}

static void pairs_fill(const struct run_req *req, struct draft *d)
{
    const struct rh_str_list *players = &req->tournament.players;

    for (uint32_t i = 0; i < d->spec.match_count; i++) {
        const struct pair pair = pairs_at(players->count, i);

        d->matches[i] = (struct match_spec){
            .id = number_id(d, i),
            .players = {players->items[pair.first], players->items[pair.second]},
            .board_type = req->board_type};
    }
}

static int32_t count_matches(const struct plugin *p, const struct run_req *req, uint32_t *count)
{
    const struct tournament_req *t = &req->tournament;

    if (req->has_matches == req->has_tournament)
        return rh_failf(&p->rh, RH_EINVAL, "give either matches or tournament");
    *count = req->matches.count;
    if (req->has_tournament) {
        if (t->players.count < 2)
            return rh_failf(&p->rh, RH_EINVAL, "tournament.players: two at least");
        *count = pairs_count(t->players.count, (uint32_t)t->games);
    }
    if (*count == 0 || *count > RUN_MATCHES_MAX)
        return rh_failf(&p->rh, RH_EINVAL, "%" PRIu32 " matches: 1 to %u are possible", *count,
                        RUN_MATCHES_MAX);
    return RH_OK;
}

static int32_t fill_matches(const struct plugin *p, const struct run_req *req, struct draft *d)
{
    int32_t rc = count_matches(p, req, &d->spec.match_count);

    if (rc != RH_OK)
        return rc;
    d->matches = calloc(d->spec.match_count, sizeof(*d->matches));
    d->ids = calloc(d->spec.match_count, sizeof(*d->ids));
    if (!d->matches || !d->ids)
        return RH_ENOMEM;
    if (req->has_tournament) {
        pairs_fill(req, d);
        return check_players(p, &req->tournament.players, "tournament.players");
    }
    for (uint32_t i = 0; i < d->spec.match_count && rc == RH_OK; i++)
        rc = one_match(p, req, d, i);
    return rc == RH_OK ? check_ids(p, d) : rc;
}

static uint8_t halt_of(struct rh_str word)
{
    static const char *const words[RUN_HALT_COUNT] = {"never", "soon", "now"};
    uint8_t halt = 0;

    while (!rh_str_eq_c(word, words[halt]))
        halt++; /* the field table has checked it */
    return halt;
}

int32_t run_build(struct plugin *p, const struct run_req *req, const char *id, uint64_t number,
                  struct rh_buf *record)
{
    struct draft *d = calloc(1, sizeof(*d));
    void *memory = NULL;
    int32_t rc = d ? check_command(p, &req->command) : RH_ENOMEM;

    if (rc == RH_OK)
        rc = fill_matches(p, req, d);
    if (rc == RH_OK)
        rc = hosts_resolve(p, &req->hosts, d->hosts, PLAN_HOSTS_MAX, &d->spec.host_count, &memory);
    if (rc == RH_OK) {
        d->spec.id = rh_str_from(id);
        d->spec.number = number;
        d->spec.label = req->label;
        d->spec.command = req->command;
        d->spec.hosts = d->hosts;
        d->spec.matches = d->matches;
        d->spec.per_host = (uint32_t)req->max_parallel_per_host;
        d->spec.retries = (uint32_t)req->retries;
        d->spec.timeout_s = req->timeout_s;
        d->spec.created_at_ms = ssh_wall(p);
        d->spec.halt = halt_of(req->halt);
        d->spec.halt_fail = (uint32_t)req->halt_fail;
        d->spec.is_idempotent = req->idempotent != 0;
        d->spec.retries_failed = req->retry_failed != 0;
        record_spec(&d->spec, record);
        rc = record->rc == RH_ETOOLARGE
                 ? rh_failf(&p->rh, RH_EINVAL, "the run takes more than %u bytes", RECORD_SPEC_MAX)
                 : record->rc;
    }
    p->rh.fields->release(p->rh.ctx, memory);
    if (d) {
        free(d->matches);
        free(d->ids);
    }
    free(d);
    return rc;
}

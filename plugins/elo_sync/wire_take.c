/* Takes records into memory and batch: the set, the board of the game, and who has to hear of it.
 */
#include "wire.h"

#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/str.h>

/* Place of a board among the sorted ones, or where it belongs. */
static uint32_t board_place(const struct elo_sync *p, struct rh_str type, bool *is_there)
{
    uint32_t low = 0;
    uint32_t high = p->board_count;

    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        const int order = rh_str_cmp(p->boards[middle]->type, type);

        if (order == 0) {
            *is_there = true;
            return middle;
        }
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    *is_there = false;
    return low;
}

struct board *elo_board(struct elo_sync *p, struct rh_str type)
{
    bool is_there;
    const uint32_t place = board_place(p, type, &is_there);

    return is_there ? p->boards[place] : NULL;
}

static int32_t board_make(struct elo_sync *p, struct rh_str type, struct board **out)
{
    const struct elo_options options = {p->config->k_factor, p->config->start};
    bool is_there;
    const uint32_t place = board_place(p, type, &is_there);
    int32_t rc;

    if (is_there) {
        *out = p->boards[place];
        return RH_OK;
    }
    if (p->board_count == ELO_BOARDS_MAX)
        return RH_EFULL;
    if (p->board_count == p->board_capacity) {
        const uint32_t capacity = p->board_capacity ? p->board_capacity * 2 : 16;
        struct board **boards = realloc(p->boards, capacity * sizeof(struct board *));

        if (!boards)
            return RH_ENOMEM;
        p->boards = boards;
        p->board_capacity = capacity;
    }
    rc = board_new(type, &options, p->rh.core->random(p->rh.ctx), out);
    if (rc != RH_OK)
        return rc;
    memmove(&p->boards[place + 1], &p->boards[place],
            (p->board_count - place) * sizeof(struct board *));
    p->boards[place] = *out;
    p->board_count++;
    return RH_OK;
}

/* What no board has room for stays in the set, unrated. */
int32_t elo_rate_entry(struct elo_sync *p, struct entry *entry)
{
    struct fact_record record;
    struct board *board = NULL;
    int32_t rc;

    if (entry->game || !entry->body.n || entry->retraction.stamp)
        return RH_OK;
    facts_record(entry, &record);
    rc = board_make(p, record.fact.board_type, &board);
    if (rc == RH_OK)
        rc = board_put(board, &record.fact, &entry->game);
    if (rc != RH_EFULL)
        return rc;
    p->unrated++;
    rh_warnf(&p->rh, "unrated", "there is no room for more boards or players: %llu games unrated",
             (unsigned long long)p->unrated);
    return RH_OK;
}

/* A board of which nothing counts is as one that never was, so that nodes with the same set show
 * the same whatever they have seen. */
static void board_drop_empty(struct elo_sync *p, struct board *board)
{
    bool is_there;
    const uint32_t place = board_place(p, board->type, &is_there);

    if (board->gone < board->game_count)
        return;
    p->board_count--;
    memmove(&p->boards[place], &p->boards[place + 1],
            (p->board_count - place) * sizeof(struct board *));
    board_free(board);
}

/* The game that counted so far counts no more. */
static void unrate_entry(struct elo_sync *p, struct entry *entry, struct board *board)
{
    if (entry->game && board) {
        board_remove(board, entry->game);
        board_drop_empty(p, board);
    }
    entry->game = NULL;
}

/* Before the body goes: which board its game is on. */
static struct board *old_board(struct elo_sync *p, struct rh_str id)
{
    const struct entry *entry = facts_find(&p->facts, id);
    struct fact_record record;

    if (!entry || !entry->game)
        return NULL;
    facts_record(entry, &record);
    return elo_board(p, record.fact.board_type);
}

int32_t elo_take(struct elo_sync *p, const struct fact_record *record, bool is_from_peer,
                 uint32_t *changes)
{
    struct board *board = old_board(p, record->id);
    struct entry *entry = NULL;
    bool had_conflict;
    int32_t rc;

    entry = facts_find(&p->facts, record->id);
    had_conflict = entry && entry->has_conflict;
    rc = facts_merge(&p->facts, record, &entry, changes);
    if (rc != RH_OK)
        return rc;
    if (*changes & (FACTS_REPLACED | FACTS_RETRACTED))
        unrate_entry(p, entry, board);
    if (*changes & (FACTS_GAME | FACTS_REPLACED))
        rc = elo_rate_entry(p, entry);
    if (rc == RH_OK && (*changes & ~FACTS_CONFLICT || had_conflict != entry->has_conflict))
        rc = elo_put(p, entry);
    if (rc != RH_OK) {
        p->rh.core->reactivate(p->rh.ctx, "memory has run out of room: it is built anew");
        return rc;
    }
    if (!is_from_peer && *changes & ~FACTS_CONFLICT)
        elo_push(p, entry);
    return RH_OK;
}

int32_t elo_board_settled(struct elo_sync *p, struct rh_str type, struct board **out)
{
    struct board *board = elo_board(p, type);
    int32_t rc;

    if (!board)
        return rh_failf(&p->rh, RH_ENOTFOUND, "no game was played on \"%.*s\"", RH_STR_ARG(type));
    rc = board_settle(board);
    if (rc == RH_OK)
        *out = board;
    return rc;
}

int32_t elo_pick_board(struct elo_sync *p, struct rh_str type, struct board **out)
{
    if (type.n)
        return elo_board_settled(p, type, out);
    if (p->board_count == 1)
        return elo_board_settled(p, p->boards[0]->type, out);
    if (!p->board_count)
        return rh_failf(&p->rh, RH_ENOTFOUND, "there are no games yet");
    return rh_failf(&p->rh, RH_EINVAL, "\"board_type\" is needed: there are %u of them",
                    (unsigned)p->board_count);
}

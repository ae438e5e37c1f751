/* Counts pairs; see tally.h. */
#include "tally.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/sort.h>
#include <ringhost/sdk/str.h>

_Static_assert(TALLY_GAME % 2 == 0 && TALLY_GAME / 2 % 420 == 0, "whole for up to 8 players");

#define NOBODY UINT32_MAX

static int compare_names(const void *a, const void *b, void *ctx)
{
    (void)ctx;
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int compare_pairs(const void *a, const void *b, void *ctx)
{
    const struct tally_pair *x = a;
    const struct tally_pair *y = b;

    (void)ctx;
    if (x->a != y->a)
        return x->a < y->a ? -1 : 1;
    return x->b < y->b ? -1 : x->b > y->b;
}

/* places[index on the board] = index in the tally, or NOBODY. */
static void find_places(const struct board *board, const struct tally *tally, uint32_t *places)
{
    for (uint32_t i = 0; i < board->player_count; i++)
        places[i] = NOBODY;
    for (uint32_t i = 0; i < tally->player_count; i++) {
        const struct board_player *player = board_player(board, rh_str_from(tally->names[i]));

        assert(player);
        places[player - board->players] = i;
    }
}

/* Everyone who counts. */
static int32_t take_names(const struct board *board, uint32_t min_games, uint32_t players_max,
                          struct tally *out)
{
    out->names = calloc(board->player_count + 1, sizeof(*out->names));
    if (!out->names)
        return RH_ENOMEM;
    for (uint32_t i = 0; i < board->player_count; i++) {
        if (!board->players[i].games || board->players[i].games < min_games)
            continue;
        if (out->player_count == players_max)
            return RH_EFULL;
        out->names[out->player_count++] = board->players[i].name;
    }
    return rh_sort(out->names, out->player_count, sizeof(*out->names), compare_names, NULL, NULL);
}

static void count_pair(const struct board_game *game, uint32_t i, uint32_t k,
                       const uint32_t *places, struct tally_pair *cells, uint32_t n)
{
    const struct board_side *x = &game->sides[i];
    const struct board_side *y = &game->sides[k];
    uint32_t a = places[x->player];
    uint32_t b = places[y->player];
    const uint32_t weight = TALLY_GAME / (game->side_count - 1);
    uint32_t score = x->place == y->place ? weight / 2 : x->place < y->place ? weight : 0;
    struct tally_pair *cell;

    if (a == NOBODY || b == NOBODY)
        return;
    if (a > b) {
        const uint32_t swap = a;

        a = b;
        b = swap;
        score = weight - score;
    }
    cell = &cells[(size_t)a * n + b];
    cell->a = a;
    cell->b = b;
    cell->weight += weight;
    cell->score_a += score;
}

static void count_games(const struct board *board, const uint32_t *places, struct tally_pair *cells,
                        uint32_t n)
{
    for (uint32_t g = 0; g < board->game_count; g++) {
        const struct board_game *game = board->games[g];

        for (uint32_t i = 0; i < game->side_count; i++) {
            for (uint32_t k = i + 1; k < game->side_count; k++)
                count_pair(game, i, k, places, cells, n);
        }
    }
}

int32_t tally_of_board(const struct board *board, uint32_t min_games, uint32_t players_max,
                       struct tally *out)
{
    uint32_t *places = malloc((board->player_count + 1) * sizeof(*places));
    struct tally tally = {0};
    int32_t rc = places ? take_names(board, min_games, players_max, &tally) : RH_ENOMEM;
    const uint32_t n = tally.player_count;

    if (rc == RH_OK) {
        tally.pairs = calloc((size_t)n * n + 1, sizeof(*tally.pairs));
        rc = tally.pairs ? RH_OK : RH_ENOMEM;
    }
    if (rc == RH_OK) {
        find_places(board, &tally, places);
        count_games(board, places, tally.pairs, n);
        for (size_t i = 0; i < (size_t)n * n; i++) {
            if (tally.pairs[i].weight)
                tally.pairs[tally.pair_count++] = tally.pairs[i];
        }
        rc =
            rh_sort(tally.pairs, tally.pair_count, sizeof(*tally.pairs), compare_pairs, NULL, NULL);
    }
    free(places);
    if (rc == RH_OK)
        *out = tally;
    else
        tally_release(&tally);
    return rc;
}

void tally_release(struct tally *tally)
{
    free(tally->names);
    free(tally->pairs);
    *tally = (struct tally){0};
}

struct tally_match tally_head_to_head(const struct board *board, struct rh_str a, struct rh_str b)
{
    const struct board_player *x = board_player(board, a);
    const struct board_player *y = board_player(board, b);
    struct tally_match match = {0};

    for (uint32_t g = 0; x && y && x != y && g < board->game_count; g++) {
        const struct board_game *game = board->games[g];
        uint32_t own = 0;
        uint32_t other = 0;

        for (uint32_t i = 0; i < game->side_count; i++) {
            if (game->sides[i].player == (uint32_t)(x - board->players))
                own = game->sides[i].place;
            if (game->sides[i].player == (uint32_t)(y - board->players))
                other = game->sides[i].place;
        }
        if (!own || !other)
            continue;
        match.games++;
        match.wins += own < other;
        match.draws += own == other;
        match.losses += own > other;
    }
    return match;
}

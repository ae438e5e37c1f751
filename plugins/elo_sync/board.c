/* Order and fold of one board's games; see board.h. */
#include "board.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/sort.h>
#include <ringhost/sdk/str.h>

#define CAPACITY_FIRST 64u

int32_t board_new(struct rh_str type, const struct elo_options *options, uint64_t seed,
                  struct board **out)
{
    struct board *board = calloc(1, sizeof(*board));

    if (!board)
        return RH_ENOMEM;
    board->name = calloc(1, type.n + 1);
    if (!board->name) {
        free(board);
        return RH_ENOMEM;
    }
    if (type.n)
        memcpy(board->name, type.p, type.n);
    board->type = (struct rh_str){board->name, type.n};
    board->options = *options;
    rh_map_init(&board->by_name, seed, BOARD_PLAYERS_MAX);
    *out = board;
    return RH_OK;
}

static void snapshots_cut(struct board *board, uint32_t count)
{
    while (board->snapshot_count > count)
        free(board->snapshots[--board->snapshot_count].players);
}

void board_free(struct board *board)
{
    if (!board)
        return;
    snapshots_cut(board, 0);
    for (uint32_t i = 0; i < board->game_count; i++)
        free(board->games[i]);
    for (uint32_t i = 0; i < board->player_count; i++)
        free(board->players[i].name);
    rh_map_release(&board->by_name);
    free(board->snapshots);
    free(board->games);
    free(board->players);
    free(board->name);
    free(board);
}

/* Room for one more; doubles. */
static int32_t grow(void **items, uint32_t count, uint32_t *capacity, size_t size)
{
    const uint32_t wanted = *capacity ? *capacity * 2 : CAPACITY_FIRST;
    void *bigger;

    if (count < *capacity)
        return RH_OK;
    bigger = realloc(*items, (size_t)wanted * size);
    if (!bigger)
        return RH_ENOMEM;
    *items = bigger;
    *capacity = wanted;
    return RH_OK;
}

static void player_reset(const struct board *board, struct board_player *player)
{
    *player = (struct board_player){.name = player->name, .rating = board->options.start};
}

static int32_t player_index(struct board *board, struct rh_str name, uint32_t *out)
{
    const uintptr_t known = (uintptr_t)rh_map_get(&board->by_name, name);
    struct board_player *player;
    int32_t rc;

    if (known) {
        *out = (uint32_t)(known - 1);
        return RH_OK;
    }
    rc = grow((void **)&board->players, board->player_count, &board->player_capacity,
              sizeof(*board->players));
    if (rc != RH_OK)
        return rc;
    player = &board->players[board->player_count];
    *player = (struct board_player){.name = calloc(1, name.n + 1)};
    if (!player->name)
        return RH_ENOMEM;
    memcpy(player->name, name.p, name.n);
    rc = rh_map_put(&board->by_name, name, (void *)((uintptr_t)board->player_count + 1), NULL);
    if (rc != RH_OK) {
        free(player->name);
        return rc;
    }
    player_reset(board, player);
    *out = board->player_count++;
    return RH_OK;
}

int32_t board_put(struct board *board, const struct fact *fact, struct board_game **out)
{
    struct board_game *game =
        calloc(1, sizeof(*game) + fact->player_count * sizeof(struct board_side));
    int32_t rc = game ? RH_OK : RH_ENOMEM;

    for (uint32_t i = 0; i < fact->player_count && rc == RH_OK; i++) {
        rc = player_index(board, fact->players[i], &game->sides[i].player);
        game->sides[i].place = fact->places[i];
    }
    if (rc == RH_OK)
        rc = grow((void **)&board->games, board->game_count, &board->game_capacity,
                  sizeof(struct board_game *));
    if (rc != RH_OK) {
        free(game);
        return rc;
    }
    game->id = fact->id;
    game->played_at_ms = fact->played_at_ms;
    game->side_count = fact->player_count;
    board->games[board->game_count++] = game;
    board->version++;
    *out = game;
    return RH_OK;
}

static int compare_games(const void *a, const void *b, void *ctx)
{
    const struct board_game *x = *(struct board_game *const *)a;
    const struct board_game *y = *(struct board_game *const *)b;

    (void)ctx;
    if (x->played_at_ms != y->played_at_ms)
        return x->played_at_ms < y->played_at_ms ? -1 : 1;
    return rh_str_cmp(x->id, y->id);
}

void board_remove(struct board *board, struct board_game *game)
{
    assert(!game->is_gone);
    game->is_gone = true;
    game->id = (struct rh_str){NULL, 0}; /* the caller's text may go now */
    board->gone++;
    board->version++;
}

/* Frees what was taken out; what comes after the first of them in order has to be folded again. */
static void sweep(struct board *board)
{
    uint32_t count = 0;
    uint32_t sorted = board->sorted;

    for (uint32_t i = 0; board->gone && i < board->game_count; i++) {
        if (!board->games[i]->is_gone) {
            board->games[count++] = board->games[i];
            continue;
        }
        free(board->games[i]);
        if (i < board->sorted) {
            sorted--;
            board->folded = count < board->folded ? count : board->folded;
        }
    }
    if (!board->gone)
        return;
    board->game_count = count;
    board->sorted = sorted;
    board->gone = 0;
}

/* Sorts what came since the last time and merges it in. */
static int32_t sort(struct board *board)
{
    const uint32_t news = board->game_count - board->sorted;
    uint32_t left = board->sorted;
    uint32_t right = news;
    struct board_game **tail;

    if (!news)
        return RH_OK;
    tail = malloc(news * sizeof(*tail));
    if (!tail || rh_sort(board->games + board->sorted, news, sizeof(*tail), compare_games, NULL,
                         NULL) != RH_OK) {
        free(tail);
        return RH_ENOMEM;
    }
    memcpy(tail, board->games + board->sorted, news * sizeof(*tail));
    while (right > 0) {
        const bool is_old =
            left > 0 && compare_games(&board->games[left - 1], &tail[right - 1], NULL) > 0;

        board->games[left + right - 1] = is_old ? board->games[left - 1] : tail[right - 1];
        left -= is_old;
        right -= !is_old;
    }
    free(tail);
    board->folded = left < board->folded ? left : board->folded;
    board->sorted = board->game_count;
    return RH_OK;
}

/* Players as they were after the last snapshot that is no later than `folded`. */
static void rewind_to_snapshot(struct board *board)
{
    uint32_t known = 0;

    if (board->snapshot_count > board->folded / BOARD_SNAPSHOT_GAMES)
        snapshots_cut(board, board->folded / BOARD_SNAPSHOT_GAMES);
    board->folded = board->snapshot_count * BOARD_SNAPSHOT_GAMES;
    if (board->snapshot_count) {
        const struct board_snapshot *last = &board->snapshots[board->snapshot_count - 1];

        known = last->player_count;
        memcpy(board->players, last->players, known * sizeof(*board->players));
    }
    for (uint32_t i = known; i < board->player_count; i++)
        player_reset(board, &board->players[i]);
}

static void count_end(struct board_player *player, uint32_t place, uint32_t level)
{
    player->games++;
    player->wins += place == 1 && level == 1;
    player->draws += place == 1 && level > 1;
    player->losses += place != 1;
}

static void fold(struct board *board, struct board_game *game)
{
    struct fact fact = {.player_count = game->side_count};
    double ratings[FACT_PLAYERS_MAX];
    double info[FACT_PLAYERS_MAX];
    uint32_t firsts = 0;

    for (uint32_t i = 0; i < game->side_count; i++) {
        fact.places[i] = (uint8_t)game->sides[i].place;
        ratings[i] = board->players[game->sides[i].player].rating;
        game->sides[i].before = ratings[i];
        firsts += game->sides[i].place == 1;
    }
    elo_rate(&fact, &board->options, ratings, info);
    for (uint32_t i = 0; i < game->side_count; i++) {
        struct board_player *player = &board->players[game->sides[i].player];

        player->rating = ratings[i];
        player->info += info[i];
        count_end(player, game->sides[i].place, firsts);
        game->sides[i].after = ratings[i];
        game->sides[i].games = player->games;
    }
    board->folded++;
    board->folded_total++;
}

static int32_t take_snapshot(struct board *board)
{
    struct board_player *players;
    int32_t rc = grow((void **)&board->snapshots, board->snapshot_count, &board->snapshot_capacity,
                      sizeof(*board->snapshots));

    if (rc != RH_OK)
        return rc;
    players = malloc(board->player_count * sizeof(*players));
    if (!players)
        return RH_ENOMEM;
    memcpy(players, board->players, board->player_count * sizeof(*players));
    board->snapshots[board->snapshot_count++] =
        (struct board_snapshot){players, board->player_count};
    return RH_OK;
}

int32_t board_settle(struct board *board)
{
    uint32_t before = board->folded;
    int32_t rc;

    sweep(board);
    rc = sort(board);
    if (rc != RH_OK)
        return rc;
    if (board->folded < before)
        rewind_to_snapshot(board);
    while (board->folded < board->game_count && rc == RH_OK) {
        fold(board, board->games[board->folded]);
        before = board->folded / BOARD_SNAPSHOT_GAMES;
        if (board->folded % BOARD_SNAPSHOT_GAMES == 0 && before == board->snapshot_count + 1 &&
            before <= BOARD_SNAPSHOTS_MAX)
            rc = take_snapshot(board);
    }
    return rc;
}

const struct board_player *board_player(const struct board *board, struct rh_str name)
{
    const uintptr_t known = (uintptr_t)rh_map_get(&board->by_name, name);

    return known ? &board->players[known - 1] : NULL;
}

static int compare_players(const void *a, const void *b, void *ctx)
{
    const struct board *board = ctx;
    const struct board_player *x = &board->players[*(const uint32_t *)a];
    const struct board_player *y = &board->players[*(const uint32_t *)b];

    if (x->rating != y->rating)
        return x->rating > y->rating ? -1 : 1;
    return strcmp(x->name, y->name);
}

int32_t board_ranking(const struct board *board, uint32_t min_games, uint32_t **out,
                      uint32_t *count)
{
    uint32_t *list = malloc((board->player_count + 1) * sizeof(*list));
    uint32_t n = 0;

    if (!list)
        return RH_ENOMEM;
    for (uint32_t i = 0; i < board->player_count; i++) {
        if (board->players[i].games && board->players[i].games >= min_games)
            list[n++] = i;
    }
    if (rh_sort(list, n, sizeof(*list), compare_players, (void *)(uintptr_t)board, NULL) != RH_OK) {
        free(list);
        return RH_ENOMEM;
    }
    *out = list;
    *count = n;
    return RH_OK;
}

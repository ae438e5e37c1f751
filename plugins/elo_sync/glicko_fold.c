/* Glicko-2 over all periods of a board; the arithmetic is in glicko.c. */
#include "glicko.h"

#include <stdlib.h>
#include <string.h>

/* A player on the way. */
struct walker {
    struct glicko_player now;  /* after the last period it played in */
    struct glicko_player then; /* before the period under way */
    int64_t period;            /* the last one it is up to date with */
    uint32_t first;            /* its first game of the period, index + 1; 0 = none */
    uint32_t last;
    bool is_known;
};

/* A game of a period from one side, in a list for each player. */
struct node {
    uint32_t opponent;
    double score;
    double weight;
    uint32_t next; /* index + 1 */
};

struct walk {
    const struct board *board;
    const struct glicko_options *options;
    struct walker *walkers;
    struct node *nodes;
    uint32_t node_count, node_capacity;
    struct glicko_game *games;
    uint32_t game_capacity;
};

static int64_t period_of(const struct walk *walk, uint32_t game)
{
    return walk->board->games[game]->played_at_ms / walk->options->period_ms;
}

static int32_t add_node(struct walk *walk, uint32_t player, const struct node *node)
{
    struct walker *walker = &walk->walkers[player];

    if (walk->node_count == walk->node_capacity) {
        const uint32_t capacity = walk->node_capacity ? walk->node_capacity * 2 : 256;
        struct node *nodes = realloc(walk->nodes, capacity * sizeof(*nodes));

        if (!nodes)
            return RH_ENOMEM;
        walk->nodes = nodes;
        walk->node_capacity = capacity;
    }
    walk->nodes[walk->node_count++] = *node;
    if (walker->first)
        walk->nodes[walker->last - 1].next = walk->node_count;
    else
        walker->first = walk->node_count;
    walker->last = walk->node_count;
    return RH_OK;
}

static int32_t add_game(struct walk *walk, const struct board_game *game)
{
    int32_t rc = RH_OK;

    for (uint32_t i = 0; i < game->side_count && rc == RH_OK; i++) {
        for (uint32_t k = 0; k < game->side_count && rc == RH_OK; k++) {
            const struct board_side *own = &game->sides[i];
            const struct board_side *other = &game->sides[k];
            const struct node node = {.opponent = other->player,
                                      .score = own->place == other->place  ? 0.5
                                               : own->place < other->place ? 1.0
                                                                           : 0.0,
                                      .weight = 1.0 / (double)(game->side_count - 1)};

            if (i != k)
                rc = add_node(walk, own->player, &node);
        }
    }
    return rc;
}

/* Everyone who plays in the period, as they are when it begins. */
static void begin_players(struct walk *walk, uint32_t from, uint32_t to, int64_t period)
{
    for (uint32_t g = from; g < to; g++) {
        for (uint32_t i = 0; i < walk->board->games[g]->side_count; i++) {
            struct walker *walker = &walk->walkers[walk->board->games[g]->sides[i].player];

            if (!walker->is_known)
                walker->period = period - 1;
            walker->is_known = true;
            if (walker->period == period)
                continue;
            walker->then = glicko_rest(&walker->now, period - 1 - walker->period, walk->options);
            walker->period = period;
            walker->first = 0;
        }
    }
}

static int32_t rate_player(struct walk *walk, struct walker *walker)
{
    uint32_t count = 0;

    for (uint32_t at = walker->first; at; at = walk->nodes[at - 1].next) {
        const struct node *node = &walk->nodes[at - 1];
        const struct glicko_player *other = &walk->walkers[node->opponent].then;

        if (count == walk->game_capacity) {
            const uint32_t capacity = walk->game_capacity ? walk->game_capacity * 2 : 256;
            struct glicko_game *games = realloc(walk->games, capacity * sizeof(*games));

            if (!games)
                return RH_ENOMEM;
            walk->games = games;
            walk->game_capacity = capacity;
        }
        walk->games[count++] =
            (struct glicko_game){other->rating, other->deviation, node->score, node->weight};
    }
    if (count)
        walker->now = glicko_rate(&walker->then, walk->games, count, walk->options);
    walker->first = 0;
    return RH_OK;
}

/* The games [from, to) of one period. */
static int32_t run_period(struct walk *walk, uint32_t from, uint32_t to)
{
    int32_t rc = RH_OK;

    begin_players(walk, from, to, period_of(walk, from));
    walk->node_count = 0;
    for (uint32_t g = from; g < to && rc == RH_OK; g++)
        rc = add_game(walk, walk->board->games[g]);
    for (uint32_t g = from; g < to && rc == RH_OK; g++) {
        for (uint32_t i = 0; i < walk->board->games[g]->side_count && rc == RH_OK; i++)
            rc = rate_player(walk, &walk->walkers[walk->board->games[g]->sides[i].player]);
    }
    return rc;
}

static int32_t run_all(struct walk *walk)
{
    const uint32_t count = walk->board->game_count;
    uint32_t from = 0;
    int32_t rc = RH_OK;

    while (from < count && rc == RH_OK) {
        uint32_t to = from + 1;

        while (to < count && period_of(walk, to) == period_of(walk, from))
            to++;
        rc = run_period(walk, from, to);
        from = to;
    }
    return rc;
}

int32_t glicko_of_board(const struct board *board, const struct glicko_options *options,
                        struct glicko_player **out)
{
    const uint32_t n = board->player_count;
    struct walk walk = {.board = board, .options = options};
    struct glicko_player *players = calloc(n + 1, sizeof(*players));
    int32_t rc = RH_ENOMEM;

    walk.walkers = calloc(n + 1, sizeof(*walk.walkers));
    if (players && walk.walkers) {
        for (uint32_t i = 0; i < n; i++)
            walk.walkers[i].now =
                (struct glicko_player){options->start, options->deviation, options->volatility};
        rc = run_all(&walk);
    }
    for (uint32_t i = 0; i < n && rc == RH_OK; i++) {
        const struct walker *walker = &walk.walkers[i];
        const int64_t last = board->game_count ? period_of(&walk, board->game_count - 1) : 0;

        players[i] = walker->is_known ? glicko_rest(&walker->now, last - walker->period, options)
                                      : walker->now;
    }
    free(walk.walkers);
    free(walk.nodes);
    free(walk.games);
    if (rc == RH_OK)
        *out = players;
    else
        free(players);
    return rc;
}

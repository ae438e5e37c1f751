/* The table of a round robin. All sums are whole numbers of half or quarter points, so equal is
 * equal. */
#include "standings.h"

#include <assert.h>
#include <ringhost/sdk/str.h>
#include <string.h>

static const char *const names[TIEBREAK_COUNT] = {"direct_encounter", "sonneborn_berger", "wins",
                                                  "koya", "seed"};
static const uint8_t units[TIEBREAK_COUNT] = {4, 4, 1, 2, 1};

struct table {
    const struct tiebreak_list *tiebreaks;
    struct standing *rows;
    struct pairs pairs;
};

/* Rows that nothing has told apart so far, and the tie-break to try next. */
struct group {
    uint32_t start;
    uint32_t count;
    uint32_t next;
};

const char *tiebreak_name(uint8_t tiebreak)
{
    assert(tiebreak < TIEBREAK_COUNT);
    return names[tiebreak];
}

uint8_t tiebreak_find(struct rh_str name)
{
    uint8_t tiebreak = 0;

    while (tiebreak < TIEBREAK_COUNT && !rh_str_eq_c(name, names[tiebreak]))
        tiebreak++;
    return tiebreak;
}

uint32_t tiebreak_unit(uint8_t tiebreak)
{
    assert(tiebreak < TIEBREAK_COUNT);
    return units[tiebreak];
}

static void add_points(struct standing *rows, const struct encounter *encounter)
{
    struct standing *first = &rows[encounter->first - 1];
    struct standing *second = &rows[encounter->second - 1];

    first->halves += encounter->first_halves;
    first->wins += encounter->first_wins;
    first->most += encounter->units;
    first->matches++;
    second->halves += encounter->second_halves;
    second->wins += encounter->second_wins;
    second->most += encounter->units;
    second->matches++;
}

/* Half of what he could have made is as many halves as there were points. */
static bool has_half(const struct standing *row)
{
    return row->halves >= row->most;
}

/* What depends on the final points of the opponents. */
static void add_values(struct standing *rows, const struct encounter *encounter)
{
    struct standing *first = &rows[encounter->first - 1];
    struct standing *second = &rows[encounter->second - 1];

    first->values[TIEBREAK_SONNEBORN] += (int64_t)second->halves * encounter->first_halves;
    second->values[TIEBREAK_SONNEBORN] += (int64_t)first->halves * encounter->second_halves;
    if (has_half(second))
        first->values[TIEBREAK_KOYA] += encounter->first_halves;
    if (has_half(first))
        second->values[TIEBREAK_KOYA] += encounter->second_halves;
}

/* Insertion: stable, and groups are small. */
static void sort_by_key(struct standing *rows, uint32_t count)
{
    for (uint32_t i = 1; i < count; i++) {
        const struct standing row = rows[i];
        uint32_t at = i;

        for (; at > 0 && rows[at - 1].key < row.key; at--)
            rows[at] = rows[at - 1];
        rows[at] = row;
    }
}

/* Where some have not met: who is alone on top of their table whatever the missing matches would
 * bring, then who is alone behind him, and so on (C.07, 6.2); the rest stays together. Matches
 * are independent, so the worst that can happen to the one is his least against the other's most.
 * How many were told apart. */
static uint32_t rank_incomplete(const int64_t *least, const int64_t *most, uint32_t count,
                                int64_t *keys)
{
    uint32_t ranked = 0;
    bool is_alone = true;

    memset(keys, 0, count * sizeof(*keys));
    while (is_alone && ranked + 1 < count) {
        uint32_t top = count;

        for (uint32_t i = 0; i < count; i++) {
            if (keys[i] == 0 && (top == count || least[i] > least[top]))
                top = i;
        }
        for (uint32_t i = 0; i < count; i++)
            is_alone = is_alone && (i == top || keys[i] || least[top] > most[i]);
        if (is_alone)
            keys[top] = count - ranked++;
    }
    return ranked;
}

/* Keys of a tie-break that looks at the group alone; all the same when it tells nothing. */
static void set_direct_keys(const struct table *table, struct standing *rows, uint32_t count)
{
    uint16_t players[PLAN_PLAYERS_MAX];
    int64_t quarters[PLAN_PLAYERS_MAX];
    int64_t most[PLAN_PLAYERS_MAX];
    int64_t keys[PLAN_PLAYERS_MAX];
    bool is_complete;
    bool is_applied;

    for (uint32_t i = 0; i < count; i++)
        players[i] = rows[i].player;
    is_complete = pairs_direct(&table->pairs, players, count, quarters, most);
    is_applied = is_complete || rank_incomplete(quarters, most, count, keys) > 0;
    for (uint32_t i = 0; i < count; i++) {
        rows[i].key = is_complete ? quarters[i] : keys[i];
        if (is_applied && rows[i].values[TIEBREAK_DIRECT] == STANDING_NONE)
            rows[i].values[TIEBREAK_DIRECT] = quarters[i];
    }
}

static void set_keys(const struct table *table, struct standing *rows, uint32_t count,
                     uint8_t tiebreak)
{
    if (tiebreak == TIEBREAK_DIRECT) {
        set_direct_keys(table, rows, count);
        return;
    }
    for (uint32_t i = 0; i < count; i++)
        rows[i].key = rows[i].values[tiebreak];
}

static uint32_t equal_keys(const struct standing *rows, uint32_t count)
{
    uint32_t equal = 1;

    while (equal < count && rows[equal].key == rows[0].key)
        equal++;
    return equal;
}

static void share_rank(const struct table *table, const struct group *group)
{
    for (uint32_t i = 0; i < group->count; i++)
        table->rows[group->start + i].rank = (uint16_t)(group->start + 1);
}

/* Sorts a group by its next tie-break and pushes what is left together; how many were pushed. */
static uint32_t split(const struct table *table, struct group group, struct group *stack)
{
    struct standing *rows = table->rows + group.start;
    const uint8_t tiebreak = table->tiebreaks->items[group.next];
    uint32_t pushed = 0;
    uint32_t equal;

    set_keys(table, rows, group.count, tiebreak);
    sort_by_key(rows, group.count);
    for (uint32_t i = 0; i < group.count; i += equal) {
        /* Among fewer players the direct encounter may tell more: once again. */
        const bool is_again = tiebreak == TIEBREAK_DIRECT;

        equal = equal_keys(rows + i, group.count - i);
        stack[pushed++] = (struct group){group.start + i, equal,
                                         group.next + (is_again && equal < group.count ? 0 : 1)};
    }
    return pushed;
}

/* Groups on the stack do not overlap, so there are at most as many as players. */
static void rank_all(struct table *table, uint32_t players)
{
    struct group stack[PLAN_PLAYERS_MAX];
    uint32_t depth = 0;
    uint32_t equal;

    sort_by_key(table->rows, players);
    for (uint32_t i = 0; i < players; i += equal) {
        equal = equal_keys(table->rows + i, players - i);
        stack[depth++] = (struct group){i, equal, 0};
    }
    while (depth) {
        const struct group group = stack[--depth];

        if (group.count == 1 || group.next == table->tiebreaks->count)
            share_rank(table, &group);
        else
            depth += split(table, group, stack + depth);
        assert(depth <= players);
    }
}

void standings_make(const struct encounter *encounters, uint32_t count, uint32_t players,
                    const struct tiebreak_list *tiebreaks, struct standing *standings)
{
    struct table table = {.tiebreaks = tiebreaks, .rows = standings};

    assert(players <= PLAN_PLAYERS_MAX);
    pairs_fill(&table.pairs, encounters, count);
    for (uint32_t i = 0; i < players; i++) {
        standings[i] = (struct standing){.player = (uint16_t)(i + 1)};
        standings[i].values[TIEBREAK_DIRECT] = STANDING_NONE;
        standings[i].values[TIEBREAK_SEED] = -(int64_t)(i + 1);
    }
    for (uint32_t i = 0; i < count; i++)
        add_points(standings, &encounters[i]);
    for (uint32_t i = 0; i < count; i++)
        add_values(standings, &encounters[i]);
    for (uint32_t i = 0; i < players; i++) {
        standings[i].values[TIEBREAK_WINS] = standings[i].wins;
        standings[i].key = standings[i].halves;
    }
    rank_all(&table, players);
}

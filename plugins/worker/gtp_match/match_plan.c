/* Who plays which colour with which seed, and what the games add up to; it plays nothing itself. */
#include "match_plan.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define SEED_WORD              "{seed}"

#define ERROR_TEXT(name, text) text,
static const char *const error_texts[] = {PLAN_ERRORS(ERROR_TEXT)};
#undef ERROR_TEXT
static_assert(sizeof(error_texts) / sizeof(error_texts[0]) == PLAN_ERROR_COUNT, "one word each");

/* SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014). */
static uint64_t mix(uint64_t z)
{
    z += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

struct plan_game plan_game_at(uint64_t match_seed, int64_t index)
{
    assert(index >= 0);
    uint64_t number = mix(mix(match_seed) ^ (uint64_t)index);
    return (struct plan_game){
        .index = index,
        .black = index % 2 == 0 ? 0 : 1,
        .seed = 1 + (int64_t)(number % (uint64_t)PLAN_SEED_MAX),
    };
}

int plan_player_to_move(const struct plan_game *game, int64_t moves)
{
    return moves % 2 == 0 ? game->black : 1 - game->black;
}

void plan_count(struct plan_totals *totals, const struct plan_outcome *outcome)
{
    if (outcome->error != PLAN_ERROR_NONE) {
        totals->errors++;
        return;
    }
    assert(outcome->winner != PLAN_NO_RESULT);
    if (outcome->winner == PLAN_FIRST_WON)
        totals->wins++;
    else if (outcome->winner == PLAN_SECOND_WON)
        totals->losses++;
    else
        totals->draws++;
}

int64_t plan_told_seconds(int64_t move_time_ms, int64_t game_time_ms, int64_t board_size)
{
    int64_t own_moves = board_size * board_size / 2;
    int64_t share_ms = game_time_ms / own_moves;
    int64_t told_ms = move_time_ms;
    if (game_time_ms > 0 && (told_ms == 0 || share_ms < told_ms))
        told_ms = share_ms;
    return told_ms * 9 / 10 / 1000;
}

bool plan_expand(const char *text, int64_t seed, char *out, size_t size_bytes)
{
    size_t used = 0;
    while (*text) {
        const char *word = strstr(text, SEED_WORD);
        size_t plain = word ? (size_t)(word - text) : strlen(text);
        if (plain >= size_bytes - used)
            return false;
        memcpy(out + used, text, plain);
        used += plain;
        text += plain;
        if (!word)
            break;
        int len = snprintf(out + used, size_bytes - used, "%" PRId64, seed);
        if (len < 0 || (size_t)len >= size_bytes - used)
            return false;
        used += (size_t)len;
        text += sizeof(SEED_WORD) - 1;
    }
    out[used] = '\0';
    return true;
}

const char *plan_error_text(enum plan_error error)
{
    assert(error < PLAN_ERROR_COUNT);
    return error_texts[error];
}

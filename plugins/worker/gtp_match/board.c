/* A Go board that knows which moves are legal; it does not know who should win, nor how to score.
 */
#include "board.h"

#include <assert.h>
#include <string.h>

/* The connected stones around one point, found by flood fill. */
struct group {
    int points[BOARD_CELLS_MAX];
    int count;
    bool has_liberty;
};

/* Finaliser of SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators",
 * 2014): gives each stone on each point its Zobrist number without a table. */
static uint64_t stone_hash(int point, enum board_stone colour)
{
    uint64_t z = ((uint64_t)point * 3 + (uint64_t)colour + 1) * UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static int list_neighbours(int size, int point, int out[4])
{
    int count = 0;
    int row = point / size;
    int column = point % size;
    if (row > 0)
        out[count++] = point - size;
    if (row < size - 1)
        out[count++] = point + size;
    if (column > 0)
        out[count++] = point - 1;
    if (column < size - 1)
        out[count++] = point + 1;
    return count;
}

static void find_group(const uint8_t *cells, int size, int point, struct group *out)
{
    bool seen[BOARD_CELLS_MAX] = {false};
    uint8_t colour = cells[point];
    assert(colour != BOARD_EMPTY);
    out->count = 1;
    out->points[0] = point;
    out->has_liberty = false;
    seen[point] = true;
    for (int at = 0; at < out->count; at++) {
        int neighbours[4];
        int count = list_neighbours(size, out->points[at], neighbours);
        for (int i = 0; i < count; i++) {
            int next = neighbours[i];
            if (cells[next] == BOARD_EMPTY)
                out->has_liberty = true;
            if (cells[next] != colour || seen[next])
                continue;
            seen[next] = true;
            out->points[out->count++] = next;
        }
    }
}

/* Takes the group at point off the cells if it has no liberty; returns what that does to the hash.
 */
static uint64_t take_if_captured(uint8_t *cells, int size, int point)
{
    struct group group;
    uint64_t change = 0;
    find_group(cells, size, point, &group);
    if (group.has_liberty)
        return 0;
    for (int i = 0; i < group.count; i++) {
        change ^= stone_hash(group.points[i], (enum board_stone)cells[group.points[i]]);
        cells[group.points[i]] = BOARD_EMPTY;
    }
    return change;
}

static enum board_verdict check_repetition(const struct board *board, uint64_t hash)
{
    if (board->history_count >= 2 && board->history[board->history_count - 2] == hash)
        return BOARD_KO;
    if (board->ko_rule == BOARD_KO_SIMPLE)
        return BOARD_LEGAL;
    for (size_t i = 0; i < board->history_count; i++) {
        if (board->history[i] == hash)
            return BOARD_SUPERKO;
    }
    return BOARD_LEGAL;
}

void board_init(struct board *board, int size, enum board_ko_rule ko_rule)
{
    assert(size >= BOARD_SIZE_MIN);
    assert(size <= BOARD_SIZE_MAX);
    memset(board, 0, sizeof(*board));
    board->size = size;
    board->ko_rule = ko_rule;
    board->history_count = 1;
}

enum board_verdict board_play(struct board *board, enum board_stone colour, int point)
{
    assert(colour != BOARD_EMPTY);
    assert(board->history_count < BOARD_HISTORY_MAX);
    uint8_t cells[BOARD_CELLS_MAX];
    int neighbours[4];
    struct group own;
    if (point < 0 || point >= board->size * board->size)
        return BOARD_OUTSIDE;
    if (board->cells[point] != BOARD_EMPTY)
        return BOARD_OCCUPIED;

    memcpy(cells, board->cells, sizeof(cells));
    cells[point] = (uint8_t)colour;
    uint64_t hash = board->history[board->history_count - 1] ^ stone_hash(point, colour);
    int count = list_neighbours(board->size, point, neighbours);
    for (int i = 0; i < count; i++) {
        uint8_t there = cells[neighbours[i]];
        if (there != BOARD_EMPTY && there != colour)
            hash ^= take_if_captured(cells, board->size, neighbours[i]);
    }
    find_group(cells, board->size, point, &own);
    if (!own.has_liberty)
        return BOARD_SUICIDE;
    enum board_verdict verdict = check_repetition(board, hash);
    if (verdict != BOARD_LEGAL)
        return verdict;

    memcpy(board->cells, cells, sizeof(cells));
    board->history[board->history_count++] = hash;
    return BOARD_LEGAL;
}

void board_pass(struct board *board)
{
    assert(board->history_count < BOARD_HISTORY_MAX);
    board->history[board->history_count] = board->history[board->history_count - 1];
    board->history_count++;
}

enum board_stone board_at(const struct board *board, int point)
{
    assert(point >= 0);
    assert(point < board->size * board->size);
    return (enum board_stone)board->cells[point];
}

const char *board_verdict_text(enum board_verdict verdict)
{
    switch (verdict) {
    case BOARD_LEGAL:
        return "the move is legal";
    case BOARD_OUTSIDE:
        return "the point is not on the board";
    case BOARD_OCCUPIED:
        return "the point is occupied";
    case BOARD_SUICIDE:
        return "the stones would have no liberty";
    case BOARD_KO:
        return "the ko may not be taken back at once";
    case BOARD_SUPERKO:
        return "an earlier position would come again";
    }
    return "unknown";
}

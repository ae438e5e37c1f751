/* A Go board that knows which moves are legal; it does not know who should win, nor how to score.
 */
#ifndef RH_PLUGINS_WORKER_GTP_MATCH_BOARD_H
#define RH_PLUGINS_WORKER_GTP_MATCH_BOARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BOARD_SIZE_MIN    2
#define BOARD_SIZE_MAX    25
#define BOARD_CELLS_MAX   (BOARD_SIZE_MAX * BOARD_SIZE_MAX)
#define BOARD_MOVES_MAX   5000
#define BOARD_HISTORY_MAX (BOARD_MOVES_MAX + 1)

enum board_stone { BOARD_EMPTY = 0, BOARD_BLACK = 1, BOARD_WHITE = 2 };

/* Simple ko: a stone may not be taken back at once (Japanese rules of 1989, article 6); repetition
 * over a longer cycle is allowed. Positional superko: no earlier position may come again, whoever
 * is to move (Tromp-Taylor rules, rule 6); a pass never breaks it. */
enum board_ko_rule { BOARD_KO_SIMPLE, BOARD_KO_POSITIONAL };

enum board_verdict {
    BOARD_LEGAL,
    BOARD_OUTSIDE,
    BOARD_OCCUPIED,
    BOARD_SUICIDE,
    BOARD_KO,
    BOARD_SUPERKO
};

/* Embedded by its owner; nothing to release. Cells are row * size + column, row 0 at the bottom.
 * history[i] is the hash of the position after i moves, passes included. */
struct board {
    int size;
    enum board_ko_rule ko_rule;
    uint8_t cells[BOARD_CELLS_MAX];
    uint64_t history[BOARD_HISTORY_MAX];
    size_t history_count;
};

/* Empty board of size BOARD_SIZE_MIN..BOARD_SIZE_MAX. */
void board_init(struct board *board, int size, enum board_ko_rule ko_rule);

/* Place a stone, take what it captures. The board changes only when the answer is BOARD_LEGAL.
 * Suicide, also of several stones, is refused: most programs know it as illegal.
 * Positions are compared by 64-bit hash. At most BOARD_MOVES_MAX moves and passes in one game. */
enum board_verdict board_play(struct board *board, enum board_stone colour, int point);

/* A pass; always legal. Lifts a simple ko. */
void board_pass(struct board *board);

/* The stone on a point of the board. */
enum board_stone board_at(const struct board *board, int point);

/* "the point is occupied" and so on, for messages. */
const char *board_verdict_text(enum board_verdict verdict);

#endif

/* One game as a fact: who played what, when, and who came in where. Its bytes and its hash are the
 * same on every node. Not where facts are kept. */
#ifndef RH_PLUGINS_ELO_SYNC_FACT_H
#define RH_PLUGINS_ELO_SYNC_FACT_H

#include <ringhost/sdk/buf.h>

/* Bytes of the texts. */
#define FACT_ID_MAX      200u
#define FACT_BOARD_MAX   64u
#define FACT_PLAYER_MAX  100u

#define FACT_PLAYERS_MAX 8u

/* Room for "<board>_<players>p" and its NUL. */
#define FACT_CONFIG_KEY_SIZE (FACT_BOARD_MAX + 8u)

/* The longest canonical body. */
#define FACT_BODY_MAX (FACT_BOARD_MAX + FACT_PLAYERS_MAX * (FACT_PLAYER_MAX + 8u) + 32u)

/* Strings are borrowed. The id is not part of the body. */
struct fact {
    struct rh_str id;
    struct rh_str board_type;
    struct rh_str players[FACT_PLAYERS_MAX]; /* in the order in which they play */
    uint8_t places[FACT_PLAYERS_MAX];        /* 1 = first; equal places are a draw; the next place
                                                counts all who are before it */
    uint32_t player_count;
    int64_t played_at_ms; /* Unix ms, when the game ended */
};

/* Why a fact is none. The words of fact_problem_word are part of the interface. */
enum fact_problem {
    FACT_OK = 0,
    FACT_BAD_ID,
    FACT_BAD_BOARD,
    FACT_BAD_PLAYER_COUNT,
    FACT_BAD_PLAYER,
    FACT_DUPLICATE_PLAYER,
    FACT_BAD_OUTCOME,
    FACT_BAD_TIME,
    FACT_CLOCK_AHEAD,
    FACT_RETRACTED,
    FACT_CONFLICT,
    FACT_STORE_FULL,
    FACT_PROBLEMS
};

/* "bad_outcome"; static. [any] */
const char *fact_problem_word(enum fact_problem problem);

/* Whether the texts, the number of players, the places and the time can be those of a game. A
 * player may not be called "draw" nor begin with '='. [any] */
enum fact_problem fact_check(const struct fact *fact);

/* Appends the canonical body; errors stay in buf->rc. [any] */
void fact_encode(const struct fact *fact, struct rh_buf *buf);

/* Reads a body back; strings are borrowed from it, the id is set by the caller. RH_EINVAL for
 * anything that fact_encode does not write of a fact that fact_check allows. [any] */
int32_t fact_decode(struct rh_str body, struct fact *out);

/* Hash of an id, of a body, and of anything else that is compared among nodes. [any] */
uint64_t fact_hash(struct rh_str bytes);

/* "hex8_2p" from board type and number of players, NUL-terminated. [any] */
void fact_config_key(const struct fact *fact, char key[FACT_CONFIG_KEY_SIZE]);

/* Points of player a against player b in this game: 2 = before, 1 = level, 0 = behind. [any] */
uint32_t fact_halves(const struct fact *fact, uint32_t a, uint32_t b);

#endif

/* One game as ringhost-gtp-match reports it; how it is read is in <ringhost/sdk/gtp_match.h>. */
#ifndef RH_SDK_GTP_GAME_H
#define RH_SDK_GTP_GAME_H

#include <ringhost/types.h>
#include <stdint.h>

/* Absent texts are empty. Borrowed. */
struct rh_gtp_game {
    int64_t index;
    struct rh_str black;
    struct rh_str white;
    struct rh_str winner; /* a player's name or "draw" */
    struct rh_str result; /* "B+3.5" */
    struct rh_str reason; /* "score", "resign" */
    int64_t moves;
    int64_t seed; /* what the engines were started with */
    int64_t duration_ms;
    struct rh_str error_kind;   /* "" = the game was played to its end */
    struct rh_str error_player; /* whose fault it was, "" = nobody's or not known */
    struct rh_str error_message;
};

#endif

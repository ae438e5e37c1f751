/* Plays one game between two engines and judges it; it prints nothing and knows no other game. */
#ifndef RH_PLUGINS_WORKER_GTP_MATCH_GAME_H
#define RH_PLUGINS_WORKER_GTP_MATCH_GAME_H

#include "board.h"
#include "gtp_parse.h"
#include "match_plan.h"
#include "match_spec.h"

#define GAME_IDENTITY_BYTES 64

/* What an engine says it is; empty until it has said so. Printable ASCII. */
struct game_identity {
    char name[GAME_IDENTITY_BYTES];
    char version[GAME_IDENTITY_BYTES];
};

/* What to play. All pointers are borrowed until game_play returns. */
struct game_setup {
    const struct match_spec *spec;
    const char *paths[SPEC_PLAYERS];   /* the programs */
    const char *folders[SPEC_PLAYERS]; /* where they run; NULL: where we do */
    int stop_fd;                       /* readable: end now */
    struct plan_game game;
};

/* The moves, black first. */
struct game_record {
    struct gtp_move moves[BOARD_MOVES_MAX];
    size_t count;
};

enum game_end {
    GAME_DONE,     /* *outcome says how it went, also with an error */
    GAME_STOPPED,  /* stop_fd became readable */
    GAME_NO_SYSTEM /* pipe, fork or memory failed; outcome->message says how */
};

/* Start both engines, play, ask both for the score, end both. When it returns no engine runs.
 * identities has SPEC_PLAYERS entries, each written when its engine has told it. */
enum game_end game_play(const struct game_setup *setup, struct game_record *record,
                        struct game_identity *identities, struct plan_outcome *outcome);

#endif

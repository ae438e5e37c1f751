/* A referee's word on a match: who won, by how much, who did not come; whether it makes sense. */
#ifndef RH_PLUGINS_TOURNAMENT_REPORT_H
#define RH_PLUGINS_TOURNAMENT_REPORT_H

#include "tournament.h"

/* As it was sent. */
struct report_words {
    struct rh_str winner;  /* a name, "" = not said */
    struct rh_str forfeit; /* the name of who forfeited, "" = nobody */
    bool both_forfeit;
    bool is_draw;
    bool has_scores;
    double scores[2]; /* of the sides */
};

enum report_problem {
    REPORT_FINE = 0,
    REPORT_EMPTY,         /* says nothing of the outcome */
    REPORT_UNKNOWN_NAME,  /* winner or forfeit is no player of this match */
    REPORT_CONTRADICTION, /* winner, draw, scores and forfeits do not fit each other */
    REPORT_BAD_SCORE,     /* negative, no multiple of a half, or too large */
    REPORT_NO_DRAW,       /* an elimination needs a winner */
    REPORT_NEEDS_SCORES,  /* points are given for games, and there are several */
    REPORT_GAMES          /* points are given for games, and the scores do not add up to them */
};

/* Names of the fields at fault. Static. */
struct report_fault {
    const char *field;
    const char *other; /* what it contradicts, else NULL */
};

/* Turns words into a record with outcome, by, forfeit and scores, without time. The match has its
 * players. *fault is for a problem. [any] */
enum report_problem report_read(const struct tournament *t, uint32_t match,
                                const struct report_words *words, struct match_record *out,
                                struct report_fault *fault);

/* Two scores from a JSON array, "[2, 0.5]", which is known to be sound JSON. false: it is something
 * else. [any] */
bool report_scores(struct rh_str json, double scores[2]);

/* What is wrong with the words, with the fields, the name and the sides of the match.
 * is_correction: fields that only a correction has are among those to choose from. Cut to fit;
 * REPORT_TEXT_SIZE is enough. [any] */
#define REPORT_TEXT_SIZE 480u
void report_explain(const struct tournament *t, uint32_t match, const struct report_words *words,
                    enum report_problem problem, const struct report_fault *fault,
                    bool is_correction, char text[REPORT_TEXT_SIZE]);

/* Whether two records say the same: the outcome, who forfeited, and the scores where both have
 * them. [any] */
bool report_is_same(const struct match_record *a, const struct match_record *b);

#endif

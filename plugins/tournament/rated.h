/* Which games the ratings are told of, and under which numbers: games that engines played, and
 * matches that a referee reported. */
#ifndef RH_PLUGINS_TOURNAMENT_RATED_H
#define RH_PLUGINS_TOURNAMENT_RATED_H

#include "tournament.h"

/* Room for a rated number as text, NUL included. */
#define RATED_NAME_SIZE 48u

/* The number of a match's n-th report, n from 1: those below 2^31 are items. */
uint32_t rated_report(uint32_t match, uint32_t n);

/* What follows the tournament's id in the id of a game: "17" for an item, "W1.1" for the first
 * report of a match, "W1.1.2" for the second. false for a number that is none of this tournament.
 * [any] */
bool rated_name(const struct plan *plan, uint32_t number, char name[RATED_NAME_SIZE]);

/* Whether the ratings have a match, by its games or by its report. [any] */
bool rated_is_known(const struct match_record *record);

/* Before `next` takes the place of `known` as the outcome of a match by a referee's word: fills
 * what it is for the ratings. A report is a game for them if somebody won or it was a draw, nobody
 * forfeited, and none of the match's own games counts with them. is_correction: those do not count
 * any more. [any] */
void rated_decide(const struct tournament *t, uint32_t match, const struct match_record *known,
                  struct match_record *next, bool is_correction);

/* The most games that one correction takes back: those of every try, and a report. */
#define RATED_GONE_MAX 512u

/* Games that the ratings are to take back because of a change of the match from `before` by a
 * correction, into numbers[max]; how many. [any] */
uint32_t rated_gone(const struct tournament *t, uint32_t match, const struct match_record *before,
                    uint32_t *numbers, uint32_t max);

/* The report that they are to be told of since `before`, or 0. [any] */
uint32_t rated_new(const struct tournament *t, uint32_t match, const struct match_record *before);

#endif

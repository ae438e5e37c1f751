/* What a referee may do to a match: report its outcome, correct it, have it played anew. */
#ifndef RH_PLUGINS_TOURNAMENT_REFEREE_H
#define RH_PLUGINS_TOURNAMENT_REFEREE_H

#include "progress.h"
#include "report.h"

enum referee_result {
    REFEREE_DONE = 0,
    REFEREE_SAME,        /* it was so already, nothing changed */
    REFEREE_CONTRADICTS, /* the match has another outcome; correct it if that is wrong */
    REFEREE_NOT_READY,   /* its players are not known yet */
    REFEREE_NO_MATCH,    /* a bye or a walkover: nothing is played */
    REFEREE_NOT_DECIDED, /* there is nothing to correct or to play anew */
    REFEREE_UNDOES       /* later matches hang on it, and it was not said to undo them */
};

/* Whether a match can be reported now: DONE, or why not. [any] */
enum referee_result referee_can_report(const struct tournament *t, uint32_t match);

/* Takes an outcome for a match that referee_can_report, or compares it with what is known. [any] */
enum referee_result referee_report(struct tournament *t, uint32_t match,
                                   const struct match_record *record, int64_t wall_ms);

/* Puts an outcome in place of what a match has; record NULL: it is to be played anew, which also
 * frees one that is stuck. Later matches whose players change lose their outcomes and are played
 * anew. may_undo false: refused if any of those has an outcome or a finished game. affected[count
 * of matches] marks those, refused or done. [any] */
enum referee_result referee_correct(struct tournament *t, uint32_t match,
                                    const struct match_record *record, bool may_undo,
                                    int64_t wall_ms, uint8_t *affected);

#endif

/* Writes down what was played: the JSON result, the record of a game, a line of progress; no file.
 */
#ifndef RH_PLUGINS_WORKER_GTP_MATCH_REPORT_H
#define RH_PLUGINS_WORKER_GTP_MATCH_REPORT_H

#include <ringhost/sdk/buf.h>

#include "game.h"
#include "match_plan.h"
#include "match_spec.h"

/* All append to out and report failure through out->rc only (or their result, which is the same).
 */

/* The one JSON object of the program. outcomes has count entries, identities SPEC_PLAYERS. */
int32_t report_json(struct rh_buf *out, const struct match_spec *spec,
                    const struct plan_outcome *outcomes, size_t count,
                    const struct game_identity *identities);

/* The record in SGF FF[4] (Arno Hollosi, "SGF file format FF[4]"). */
int32_t report_sgf(struct rh_buf *out, const struct match_spec *spec,
                   const struct plan_outcome *outcome, const struct game_record *record);

/* "game 3: a (black) - b (white): B+3.5, 57 moves, 812 ms" and a line end. */
int32_t report_line(struct rh_buf *out, const struct match_spec *spec,
                    const struct plan_outcome *outcome);

#endif

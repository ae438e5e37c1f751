/* Draws the tree of an elimination with lines, from the matches of a reply; it only lays out. */
#ifndef RH_HOST_CTL_BRACKET_H
#define RH_HOST_CTL_BRACKET_H

#include <cjson/cJSON.h>
#include <ringhost/sdk/buf.h>

/* Matches of the first round that are drawn; larger trees are no help on a terminal. */
#define BRACKET_MATCHES_MAX 64u

/* Appends the tree of one bracket ("winners" or "losers") of GET /tournament/bracket; nothing when
 * it has no matches. RH_OK, RH_ENOMEM, or the sticky error of out. [any] */
int32_t bracket_draw(const cJSON *reply, const char *bracket, struct rh_buf *out);

/* Appends who stands on a side: a name, "wW1.1" for the winner of W1.1, "lW2.1" for a loser, "-"
 * for nobody. [any] */
void bracket_put_side(struct rh_buf *out, const cJSON *side);
/* Appends the score of a side, "2" or "0.5", "ff" for a forfeit; nothing when there is none. [any]
 */
void bracket_put_score(struct rh_buf *out, const cJSON *side);

#endif

/* Fencing tokens epoch.activation.count: opaque to workers, totally ordered for us. */
#ifndef RH_PLUGINS_WORK_QUEUE_TOKEN_H
#define RH_PLUGINS_WORK_QUEUE_TOKEN_H

#include <stdbool.h>

#include <ringhost/types.h>

/* Room for three numbers of 64 bits, two dots and the NUL. Bytes. */
#define TOKEN_TEXT_SIZE 64u

/* All zero is "no token"; it comes before every other. */
struct token {
    uint64_t epoch;      /* of the leader */
    uint64_t activation; /* the n-th of the queue within that epoch, from 1 */
    uint64_t count;      /* of claims within that activation, from 1 */
};

/* Negative, 0 or positive, by epoch, then activation, then count. [any] */
int token_compare(struct token a, struct token b);
bool token_is_none(struct token token);

/* Whether a was made before the activation that b names (its count is not looked at). [any] */
bool token_is_before(struct token a, struct token b);

/* Writes the text and its NUL; returns it as a borrowed string. [any] */
struct rh_str token_format(struct token token, char dst[TOKEN_TEXT_SIZE]);

/* RH_OK, or RH_EINVAL for anything that token_format does not make; *out is then not written. [any]
 */
int32_t token_parse(struct rh_str text, struct token *out);

#endif

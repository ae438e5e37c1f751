/* Puts a candidate's figures into the text of a work item; what is done with the text is others'
 * business.
 *
 * The text is JSON. "{x.NAME}" becomes the digits of the parameter NAME, "{candidate_id}",
 * "{job_id}", "{generation}" and "{index}" what they say. Outside of strings JSON has no such
 * braces, and what is put in needs no escapes, so strings need not be told apart from the rest.
 * Every other brace stays as it is. */
#ifndef RH_PLUGINS_CMAES_CANDIDATE_H
#define RH_PLUGINS_CMAES_CANDIDATE_H

#include <ringhost/sdk/buf.h>

#include "space.h"

struct candidate {
    const struct parameter *parameters;
    const double *values;
    uint32_t count;
    struct rh_str job_id; /* letters, digits, '-' */
    uint64_t generation;
    uint32_t index;
};

/* Room for "<generation>/<index>" and its NUL. */
#define CANDIDATE_ID_SIZE 32u

/* Writes it into id. [any] */
void candidate_id_write(uint64_t generation, uint32_t index, char id[CANDIDATE_ID_SIZE]);

/* Reads one back: RH_OK, or RH_EINVAL for anything that candidate_id_write does not make. [any]
 */
int32_t candidate_id_read(struct rh_str id, uint64_t *generation, uint32_t *index);

/* The digits of a value: the fewest that give the same number, of an integer without a dot. [any]
 */
void candidate_put_value(struct rh_buf *out, double value);

/* Appends the text with everything put in; errors stay in out->rc. [any] */
void candidate_expand(struct rh_str text, const struct candidate *candidate, struct rh_buf *out);

/* The first "{x.NAME}" whose NAME is no parameter, or an empty string. Borrowed. [any] */
struct rh_str candidate_unknown(struct rh_str text, const struct parameter *parameters,
                                uint32_t count);

#endif

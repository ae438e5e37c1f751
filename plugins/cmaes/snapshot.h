/* A search between two generations as bytes, bit for bit, and back; not where they are kept. */
#ifndef RH_PLUGINS_CMAES_SNAPSHOT_H
#define RH_PLUGINS_CMAES_SNAPSHOT_H

#include <ringhost/sdk/buf.h>

#include "search.h"

/* The longest one: a covariance of 100 parameters and a full history, ten bytes a number. */
#define SNAPSHOT_BYTES_MAX (96u * 1024u)

/* Appends it; before search_sample, or the generation that was drawn is lost. Errors stay in
 * buf->rc. [any] */
void snapshot_encode(const struct search *s, struct rh_buf *buf);

/* A search of this spec as it was; of one that is over, axes and lengths are left to cma_decompose.
 * RH_EINVAL for bytes that are none, of another version or of
 * another dimension; RH_ENOMEM. [any] */
int32_t snapshot_decode(const struct search_spec *spec, struct rh_str bytes, struct search **out);

/* Numbers by their bits, for other records of the plugin: not finite ones are RH_EINVAL when read.
 * [any] */
struct rh_record_reader;
void snapshot_put_double(struct rh_buf *buf, double value);
double snapshot_get_double(struct rh_record_reader *reader);

#endif

/* Streamed answers of plugins: a head that waits for earlier commits like any reply, pieces with
 * back-pressure, an end. All [loop]. */
#ifndef RH_HOST_CORE_STREAM_H
#define RH_HOST_CORE_STREAM_H

#include <stdint.h>

#include <ringhost/types.h>

/* What may wait unsent, and what may wait for the head. Bytes. */
#define STREAM_PENDING_MAX (1024u * 1024u)

struct request;
/* The beginning of a stream that waits for commits. */
struct stream_held;

/* Begin the answer to an open request. RH_OK, RH_ENOMEM, RH_EINVAL, or what the driver says; then
 * the request stays open. */
int32_t stream_begin(struct request *req, uint32_t status, const char *content_type,
                     void (*on_drain)(void *self, void *user), void *user);
/* RH_OK; RH_EAGAIN when too much waits: nothing was taken, and on_drain comes; RH_ENOTFOUND: gone.
 */
int32_t stream_write(struct request *req, struct rh_str data);
/* Ends the stream and the request, or lets both end when the head has left. */
int32_t stream_end(struct request *req);
/* The commits that the head waited for are done with this result. The request may be freed. */
void stream_release(struct request *req, int32_t rc);
/* The activation that was streaming has ended: so does the stream. The request may be freed. */
void stream_cut(struct request *req);
/* NULL is allowed. */
void stream_held_free(struct stream_held *held);

#endif

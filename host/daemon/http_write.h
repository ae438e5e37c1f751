/* Heads of HTTP/1.1 replies and requests as bytes, and chunks; written by hand because every
 * request needs one. */
#ifndef RH_HOST_DAEMON_HTTP_WRITE_H
#define RH_HOST_DAEMON_HTTP_WRITE_H

#include <stdbool.h>
#include <stdint.h>

#include <ringhost/sdk/buf.h>

#include "host/core/driver.h"

#define HTTP_WRITE_CLOSE      1u  /* connection: close */
#define HTTP_WRITE_KEEP_ALIVE 2u  /* connection: keep-alive, for HTTP/1.0 */
#define HTTP_WRITE_CHUNKED    4u  /* transfer-encoding: chunked instead of content-length */
#define HTTP_WRITE_NO_LENGTH  8u  /* neither: the body ends with the connection */
#define HTTP_WRITE_NO_BODY    16u /* the head only, for HEAD */

#define HTTP_HOST_BYTES_MAX   255u

/* All append to out, whose rc is sticky. Control characters in values become '?', so that no value
 * can add a header. [any] */

/* Reason phrase, "" for a status that is not in the table. Static. */
const char *http_status_text(uint32_t status);

/* Head and, unless CHUNKED, NO_LENGTH or NO_BODY, the body. A 204 or 304 has neither length nor
 * body. */
void http_write_reply(struct rh_buf *out, const struct http_outreply *reply, uint32_t flags);

/* The error shape of DESIGN section 6 as a reply. code and message are plain ASCII without quotes.
 */
void http_write_error(struct rh_buf *out, uint32_t status, const char *code, const char *message,
                      struct rh_str node_id, uint32_t flags);

/* One chunk; empty data writes nothing, since that would end the body. */
void http_write_chunk(struct rh_buf *out, struct rh_str data);
void http_write_last_chunk(struct rh_buf *out);

/* Head and body of a request. */
void http_write_request(struct rh_buf *out, const struct http_outbound *call);

/* RH_EINVAL when method, target, authority, content type or a header could not be sent as it is. */
int32_t http_write_check(const struct http_outbound *call);

/* "host:port", "1.2.3.4:80" or "[::1]:8770" into its parts; host without brackets. RH_EINVAL. */
int32_t http_split_authority(struct rh_str authority, char host[HTTP_HOST_BYTES_MAX + 1],
                             uint16_t *port);

#endif

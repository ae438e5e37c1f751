/* Reads code and message out of an error body {"error":{...}}; other bodies leave them as they are.
 */
#ifndef RH_HOST_CORE_ERROR_SCAN_H
#define RH_HOST_CORE_ERROR_SCAN_H

#include <ringhost/sdk/buf.h>
#include <ringhost/types.h>

/* *code and *message are what is meant, escapes undone. They point into body or, where it has
 * escapes, into room, which is empty before and takes as much as body; the caller releases it.
 * Untouched when body is no error body or there is no memory. */
void error_scan(struct rh_str body, struct rh_buf *room, struct rh_str *code,
                struct rh_str *message);

#endif

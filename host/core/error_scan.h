/* Reads code and message out of an error body {"error":{...}}; other bodies leave them as they are.
 */
#ifndef RH_HOST_CORE_ERROR_SCAN_H
#define RH_HOST_CORE_ERROR_SCAN_H

#include <ringhost/types.h>

/* *code and *message point into body, as written (escapes are kept). Untouched when body is no
 * error body. */
void error_scan(struct rh_str body, struct rh_str *code, struct rh_str *message);

#endif

/* Lookups in the list of error codes; it decides nothing. All are [any] and never fail. */
#ifndef RH_SDK_ERROR_H
#define RH_SDK_ERROR_H

#include <ringhost/errors.h>
#include <stdint.h>

/* HTTP status of a code: 200 for RH_OK, 202 for RH_PENDING, 500 for a number that is not in the
 * list. */
int32_t rh_error_http(int32_t rc);

/* Stable machine-readable word: "ok", "pending", "not_found"; "internal" for an unknown number.
 * Static. */
const char *rh_error_token(int32_t rc);

/* Short English text without a full stop; "unknown error" for an unknown number. Static. */
const char *rh_error_text(int32_t rc);

#endif

/* A few statuses by name, the rest by class. */
#include "verdict.h"

#include <ringhost/errors.h>
#include <ringhost/sdk/str.h>

enum verdict verdict_of(int32_t rc, uint32_t status, struct rh_str code)
{
    if (rc != RH_OK)
        return VERDICT_AGAIN;
    if (status >= 200 && status < 300)
        return VERDICT_TAKEN;
    switch (status) {
    case 409:
        return rh_str_eq_c(code, "stale_claim") || rh_str_eq_c(code, "conflict") ? VERDICT_STALE
                                                                                 : VERDICT_AGAIN;
    case 404:
        return rh_str_eq_c(code, "not_found") ? VERDICT_STALE : VERDICT_AGAIN;
    case 400:
    case 413:
    case 415:
    case 422:
        return VERDICT_REFUSED;
    default:
        return VERDICT_AGAIN;
    }
}

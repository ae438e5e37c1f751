/* Answers and exit codes as verdicts. */
#include "verdict.h"

#include <ringhost/errors.h>
#include <ringhost/sdk/str.h>

#define EXIT_TEMPFAIL 75 /* sysexits.h */

static enum verdict of_status(uint32_t status)
{
    if (status >= 200 && status < 300)
        return VERDICT_TAKEN;
    if (status == 408 || status == 425 || status == 429 || status >= 500)
        return VERDICT_AGAIN;
    return VERDICT_REFUSED;
}

enum verdict verdict_of_reply(int32_t rc, uint32_t status)
{
    switch (rc) {
    case RH_OK:
        return of_status(status);
    case RH_EUNREACHABLE:
        return VERDICT_UNAVAILABLE;
    case RH_ECANCELLED:
        return VERDICT_STOPPED;
    default:
        return VERDICT_AGAIN;
    }
}

enum verdict verdict_of_exit(int32_t rc, struct rh_str reason, int32_t code)
{
    if (rc == RH_ECANCELLED)
        return VERDICT_STOPPED;
    if (rc == RH_ENOTFOUND)
        return VERDICT_UNAVAILABLE;
    if (rc != RH_OK || !rh_str_eq_c(reason, "exited") || code == EXIT_TEMPFAIL)
        return VERDICT_AGAIN;
    return code == 0 ? VERDICT_TAKEN : VERDICT_REFUSED;
}

/* See verdict.h. */
#include "verdict.h"

bool verdict_is_good(int64_t peers, int64_t failed)
{
    return peers <= 0 || failed < peers;
}

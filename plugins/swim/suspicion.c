/* The time a suspect has; see suspicion.h. */
#include "suspicion.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include <ringhost/sdk/hash.h>

static uint32_t id_hash(struct rh_str id)
{
    return (uint32_t)rh_hash_mix(rh_hash_fnv1a(RH_HASH_FNV1A_INIT, id.p, id.n));
}

void suspicion_begin(struct suspicion *s, int64_t now_ms, int64_t min_ms, int64_t max_ms,
                     uint32_t wanted, struct rh_str accuser)
{
    assert(min_ms > 0 && min_ms <= max_ms);
    assert(wanted <= SUSPICION_CONFIRMATIONS_MAX);
    memset(s, 0, sizeof(*s));
    s->start_ms = now_ms;
    s->min_ms = min_ms;
    s->max_ms = max_ms;
    s->wanted = (uint8_t)wanted;
    s->accusers[0] = id_hash(accuser);
    s->accuser_count = 1;
}

bool suspicion_confirm(struct suspicion *s, struct rh_str accuser)
{
    const uint32_t hash = id_hash(accuser);

    if (accuser.n == 0 || s->accuser_count > s->wanted)
        return false;
    for (uint32_t i = 0; i < s->accuser_count; i++) {
        if (s->accusers[i] == hash)
            return false;
    }
    s->accusers[s->accuser_count++] = hash;
    return true;
}

int64_t suspicion_end_ms(const struct suspicion *s)
{
    const double confirmed = (double)s->accuser_count; /* the first accuser confirms nothing */
    double share;

    if (s->wanted == 0 || s->min_ms == s->max_ms)
        return s->start_ms + s->max_ms;
    share = log(confirmed) / log((double)s->wanted + 1.0);
    return s->start_ms + s->max_ms - (int64_t)(share * (double)(s->max_ms - s->min_ms));
}

void suspicion_shorten(struct suspicion *s)
{
    s->max_ms = s->min_ms;
}

void suspicion_restart(struct suspicion *s, int64_t now_ms)
{
    s->start_ms = now_ms;
}

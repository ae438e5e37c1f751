/* See damaged.h. */
#include <ringhost/sdk/damaged.h>

#include <assert.h>
#include <inttypes.h>
#include <string.h>

bool rh_damaged_is(int32_t rc)
{
    return rc == RH_EINVAL || rc == RH_ENOTFOUND;
}

bool rh_damaged_has(const struct rh_damaged *damaged, struct rh_str id)
{
    for (uint32_t i = 0; i < damaged->count; i++) {
        if (rh_str_eq_c(id, damaged->ids[i]))
            return true;
    }
    return false;
}

void rh_damaged_add(struct rh_damaged *damaged, const struct rh_services *rh, const char *noun,
                    struct rh_str id)
{
    assert(damaged->count <= RH_DAMAGED_MAX);
    if (rh_damaged_has(damaged, id))
        return;
    rh_log_error(rh, "records_damaged", "%s=%.*s note=\"left out, and kept as it is\"", noun,
                 RH_STR_ARG(id));
    if (damaged->count == RH_DAMAGED_MAX || id.n >= RH_STORE_ID_SIZE)
        return;
    memcpy(damaged->ids[damaged->count], id.p, id.n);
    damaged->ids[damaged->count++][id.n] = '\0';
    rh_warnf(rh, "damaged",
             "the records of %" PRIu32 " %s%s cannot be read, of \"%s\" first; left out, and kept "
             "as they are",
             damaged->count, noun, damaged->count == 1 ? "" : "s", damaged->ids[0]);
}

void rh_damaged_clear(struct rh_damaged *damaged)
{
    damaged->count = 0;
}

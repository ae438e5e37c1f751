/* The rule about schema numbers; see schema_rule.h. */
#include "host/core/schema_rule.h"

#include <assert.h>

bool schema_can_read(const struct schema_range *range, uint32_t schema)
{
    return schema >= range->read_min && schema <= range->write;
}

bool schema_can_use(const struct schema_range *range, uint32_t schema)
{
    return schema_can_read(range, schema) && schema >= range->write_min;
}

/* Stay below `write`, as a voter lags. */
static struct schema_verdict stay(const struct schema_range *range, uint32_t schema)
{
    if (schema < range->write_min || schema == range->write)
        return (struct schema_verdict){SCHEMA_TOO_EARLY, 0};
    return (struct schema_verdict){SCHEMA_USE, schema};
}

struct schema_verdict schema_decide(const struct schema_range *range, uint32_t stored,
                                    uint32_t voters)
{
    assert(range->read_min <= range->write_min);
    assert(range->write_min <= range->write);
    if (stored == 0)
        return voters == SCHEMA_UNABLE ? stay(range, range->write_min)
                                       : (struct schema_verdict){SCHEMA_USE, range->write};
    if (!schema_can_read(range, stored))
        return (struct schema_verdict){SCHEMA_UNREADABLE, 0};
    if (stored == range->write)
        return (struct schema_verdict){SCHEMA_USE, stored};
    if (voters == SCHEMA_ABLE)
        return (struct schema_verdict){SCHEMA_RAISE, range->write};
    return stay(range, stored);
}

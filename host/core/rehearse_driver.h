/* A driver that reaches nothing: clocks, random numbers and private files are those of another
 * driver, jobs of queues run where they are submitted, and the rest is refused and told. */
#ifndef RH_HOST_CORE_REHEARSE_DRIVER_H
#define RH_HOST_CORE_REHEARSE_DRIVER_H

#include <stdint.h>

#include "host/core/driver.h"

/* The caller's memory; not to be moved. */
struct rehearse_driver {
    struct driver face; /* what the core is given */
    const struct driver *real;
    struct core *core;
    uint32_t *was_denied; /* becomes 1 */
};

/* All are borrowed. [any] */
void rehearse_driver_init(struct rehearse_driver *driver, const struct driver *real,
                          struct core *core, uint32_t *was_denied);

#endif

/* The rule about schema numbers: whether code may use what a namespace holds, which number it
 * writes, and when the number may be raised. Pure; where the numbers come from is schemas.c. DESIGN
 * section 4. */
#ifndef RH_HOST_CORE_SCHEMA_RULE_H
#define RH_HOST_CORE_SCHEMA_RULE_H

#include <stdbool.h>
#include <stdint.h>

/* What code can do with the schemas of a namespace. read_min <= write_min <= write. */
struct schema_range {
    uint32_t read_min;  /* reads read_min to write */
    uint32_t write_min; /* writes write_min to write */
    uint32_t write;     /* what it brings a namespace to */
};

/* Whether the voters read a schema, from good to bad; of several the greatest holds. */
#define SCHEMA_ABLE    0u
#define SCHEMA_UNKNOWN 1u /* one has not said, or nobody knows whether it still runs that code */
#define SCHEMA_UNABLE  2u /* one has said that it does not */

/* What to do with a namespace. */
#define SCHEMA_USE        0u /* it stays as it is */
#define SCHEMA_RAISE      1u /* migrate it to `write` */
#define SCHEMA_UNREADABLE 2u /* what it holds is outside the range */
#define SCHEMA_TOO_EARLY  3u /* a voter lags, and this code cannot write the older schema */

struct schema_verdict {
    uint32_t what;   /* SCHEMA_USE ... */
    uint32_t schema; /* to be written, with SCHEMA_USE and SCHEMA_RAISE; else 0 */
};

bool schema_can_read(const struct schema_range *range, uint32_t schema);
/* Reads and writes it: this code could lead with the namespace as it is. */
bool schema_can_use(const struct schema_range *range, uint32_t schema);

/* stored: the number in the namespace, 0 = it is empty. voters: whether all of them read
 * range->write. An empty namespace begins with `write` unless a voter has said that it does not
 * read that: a cluster has to be able to begin while a voter is away. [any] */
struct schema_verdict schema_decide(const struct schema_range *range, uint32_t stored,
                                    uint32_t voters);

#endif

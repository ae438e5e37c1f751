/* The second run of --check-determinism: the same program again, as a process that differs from
 * this one in address layout, environment, time zone, language and the contents of fresh memory. */
#ifndef RH_HOST_SIM_RUN_SECOND_H
#define RH_HOST_SIM_RUN_SECOND_H

#include <stdint.h>

/* Run `program` for one suite (option --suite or --scenario with its value) and these seeds, with
 * the other arguments of this process; hashes[i] becomes the digest of seeds[i], 0 where there was
 * none. RH_OK or RH_EIO. */
int32_t second_run(const char *program, char *const *arguments, const char *option,
                   const char *value, const uint64_t *seeds, uint32_t seed_count, uint64_t *hashes);

#endif

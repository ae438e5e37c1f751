/* Powers of ten to 128 bits; only for shortest doubles, private to the SDK. */
#ifndef RH_PLUGIN_API_SRC_POW10_H
#define RH_PLUGIN_API_SRC_POW10_H

#include <stdint.h>

#define RH_POW10_MIN (-292)
#define RH_POW10_MAX 324

struct rh_pow10 {
    uint64_t high;
    uint64_t low;
};

/* rh_pow10_table[k - RH_POW10_MIN] is 10^k * 2^(127 - floor(log2(10^k))), rounded up. */
extern const struct rh_pow10 rh_pow10_table[RH_POW10_MAX - RH_POW10_MIN + 1];

#endif

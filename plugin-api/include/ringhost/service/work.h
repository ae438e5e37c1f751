/* rh.work/1: run a function on a worker thread with copied input. */
#ifndef RH_SERVICE_WORK_H
#define RH_SERVICE_WORK_H

#include <stdint.h>

#include <ringhost/abi.h>

#define RH_WORK_ID "rh.work/1"

struct rh_work_v1 {
    uint32_t size;
    uint32_t reserved0;
    /* fn runs on a worker thread with a copy of `input` and writes to output (output_max bytes),
     * returning the number of bytes or a negative code; cb runs on the loop exactly once. fn must
     * touch nothing else. When the activation has ended meanwhile rc is RH_ECANCELLED. [loop]
     * RH_OK, RH_EINVAL, RH_EAGAIN when 256 are waiting. */
    int32_t (*run)(struct rh_ctx *ctx,
                   int64_t (*fn)(struct rh_str input, void *output, uint64_t output_max),
                   struct rh_str input, uint64_t output_max,
                   void (*cb)(void *self, void *user, int32_t rc, struct rh_str output),
                   void *user);
};

#endif

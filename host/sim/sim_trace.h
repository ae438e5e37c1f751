/* The digest of a run, over the order, time and contents of all that happens, and its readable
 * form. Equal runs have equal digests. */
#ifndef RH_HOST_SIM_SIM_TRACE_H
#define RH_HOST_SIM_SIM_TRACE_H

#include <stdint.h>
#include <stdio.h>

#include <ringhost/types.h>

struct rh_testnet;

/* What is fed into the digest. Part of it: reordering changes all hashes. */
enum {
    SIM_TRACE_EVENT = 1,
    SIM_TRACE_MESSAGE,
    SIM_TRACE_LIFE,
    SIM_TRACE_CLOCK,
    SIM_TRACE_FAULT,
    SIM_TRACE_STATE,
};

struct sim_trace {
    uint64_t hash;
    uint64_t events;
    FILE *out; /* readable lines, or NULL */
};

void sim_trace_u64(struct sim_trace *trace, uint64_t value);
void sim_trace_bytes(struct sim_trace *trace, struct rh_str bytes);
/* A line with the time in front when there is `out`; feeds nothing into the digest. */
void sim_trace_line(struct rh_testnet *net, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif

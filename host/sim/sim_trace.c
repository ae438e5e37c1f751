/* The digest of a run; see sim_trace.h. */
#include "host/sim/sim_trace.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "host/sim/sim.h"

void sim_trace_u64(struct sim_trace *trace, uint64_t value)
{
    uint64_t h = ((trace->hash + 1) ^ value) * UINT64_C(0x9fb21c651e98df25);

    trace->hash = h ^ h >> 29;
}

void sim_trace_bytes(struct sim_trace *trace, struct rh_str bytes)
{
    size_t at = 0;
    uint64_t word;

    sim_trace_u64(trace, bytes.n);
    for (; at + sizeof word <= bytes.n; at += sizeof word) {
        memcpy(&word, bytes.p + at, sizeof word);
        sim_trace_u64(trace, word);
    }
    word = 0;
    if (at < bytes.n) {
        memcpy(&word, bytes.p + at, bytes.n - at);
        sim_trace_u64(trace, word);
    }
}

void sim_trace_line(struct rh_testnet *net, const char *format, ...)
{
    va_list args;

    if (!net->trace.out)
        return;
    (void)fprintf(net->trace.out, "%10.6f ", (double)net->now_us / 1e6); /* for whoever reads */
    va_start(args, format);
    (void)vfprintf(net->trace.out, format, args); /* likewise */
    va_end(args);
    (void)fputc('\n', net->trace.out); /* likewise */
}

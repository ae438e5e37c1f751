/* The clocks of a node: they run at their own rate and may be set. */
#include <assert.h>

#include "host/sim/sim.h"

#define PPM 1000000

/* What the monotonic clock gains over the true time in so long. Rounds to zero, the same for
 * both directions. */
static int64_t gain_us(const struct sim_clock *clock, int64_t passed_us)
{
    return passed_us / PPM * clock->ppm + passed_us % PPM * clock->ppm / PPM;
}

int64_t sim_clock_now_us(const struct rh_testhost *host)
{
    const struct sim_clock *clock = &host->clock;
    int64_t passed_us = host->net->now_us - clock->since_us;

    return clock->reading_us + passed_us + gain_us(clock, passed_us);
}

int64_t sim_clock_wall_ms(const struct rh_testhost *host)
{
    return host->clock.wall_ms + sim_clock_now_us(host) / 1000;
}

int64_t sim_clock_true_us(const struct rh_testhost *host, int64_t node_us)
{
    const struct sim_clock *clock = &host->clock;
    int64_t ahead_us = node_us - clock->reading_us;
    int64_t passed_us;

    if (clock->ppm == 0)
        return clock->since_us + ahead_us;
    passed_us = ahead_us / (PPM + clock->ppm) * PPM +
                ahead_us % (PPM + clock->ppm) * PPM / (PPM + clock->ppm);
    while (passed_us + gain_us(clock, passed_us) < node_us - clock->reading_us)
        passed_us++; /* a timer never fires before its time */
    return clock->since_us + passed_us;
}

void sim_clock_rate(struct rh_testhost *host, int32_t ppm)
{
    struct sim_clock *clock = &host->clock;

    assert(ppm > -PPM);
    clock->reading_us = sim_clock_now_us(host);
    clock->since_us = host->net->now_us;
    clock->ppm = ppm;
}

void sim_clock_reboot(struct rh_testhost *host, int64_t start_us)
{
    struct sim_clock *clock = &host->clock;

    assert(!host->is_up);
    clock->wall_ms += (sim_clock_now_us(host) - start_us) / 1000;
    clock->since_us = host->net->now_us;
    clock->reading_us = start_us;
}

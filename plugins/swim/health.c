/* The local health counter; see health.h. */
#include "health.h"

void health_worsen(struct health *health, uint32_t by)
{
    const uint32_t room = health->score_max - health->score;

    health->score += by < room ? by : room;
}

void health_improve(struct health *health)
{
    if (health->score > 0)
        health->score--;
}

int64_t health_stretch_ms(const struct health *health, int64_t ms)
{
    return ms * ((int64_t)health->score + 1);
}

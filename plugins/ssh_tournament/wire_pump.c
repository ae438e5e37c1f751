/* What begins, and when the plugin looks again. */
#include "wire.h"

int64_t ssh_now(const struct plugin *p)
{
    return p->rh.core->now_ms(p->rh.ctx);
}

int64_t ssh_wall(const struct plugin *p)
{
    return p->rh.core->wall_ms(p->rh.ctx);
}

static void on_timer(void *self, void *user)
{
    struct plugin *p = self;

    (void)user;
    p->timer_ms = INT64_MAX;
    ssh_kick(p);
}

/* The end of the first rest of a host that somebody waits for, or of a shared connection. */
static int64_t wake_ms(struct plugin *p)
{
    int64_t wake = masters_end(p);

    for (uint32_t l = 0; l < p->live_count; l++) {
        const struct run *run = p->live[l]->run;

        for (uint32_t h = 0; h < run->spec.host_count && run->counts[MATCH_PENDING] > 0; h++) {
            const struct health *health = &p->live[l]->hosts[h]->health;

            if (health_state(health, ssh_now(p)) == HEALTH_RESTING && !health->is_probing &&
                health->retry_ms < wake)
                wake = health->retry_ms;
        }
    }
    return wake;
}

static void arm(struct plugin *p)
{
    const int64_t wake = wake_ms(p);

    if (wake >= p->timer_ms) /* a timer that fires too early only looks again */
        return;
    if (p->timer_ms != INT64_MAX)
        (void)p->rh.core->timer_cancel(p->rh.ctx, p->timer); /* it is armed */
    p->timer_ms = wake;
    if (p->rh.core->timer(p->rh.ctx, wake > ssh_now(p) ? wake - ssh_now(p) : 0, on_timer, NULL,
                          &p->timer) != RH_OK)
        p->timer_ms = INT64_MAX; /* over quota: the next callback arms it */
}

void ssh_kick(struct plugin *p)
{
    if (!p->is_active || p->is_quiescing)
        return;
    if (p->is_adopting) {
        p->is_adopting = false;
        attempts_adopt(p);
        masters_start(p);
    }
    attempts_pump(p);
    arm(p);
}

int32_t ssh_wake(struct plugin *p)
{
    p->timer_ms = 0;
    return p->rh.core->timer(p->rh.ctx, 0, on_timer, NULL, &p->timer);
}

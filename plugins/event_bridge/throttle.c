/* Tokens come back with time, thousandths of them every millisecond. */
#include "throttle.h"

#include <assert.h>

#define TOKEN 1000

bool throttle_take(struct throttle *throttle, int64_t rate, int64_t now_ms)
{
    int64_t passed = now_ms - throttle->last_ms;

    assert(rate > 0);
    if (passed < 0)
        passed = 0;
    throttle->last_ms = now_ms;
    if (passed >= TOKEN || passed * rate >= throttle->spent)
        throttle->spent = 0;
    else
        throttle->spent -= passed * rate;
    if (throttle->spent + TOKEN > rate * TOKEN)
        return false;
    throttle->spent += TOKEN;
    return true;
}

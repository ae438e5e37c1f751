/* Whether the games of some worker differ from those of all. */
#include "workers.h"

#include <assert.h>
#include <math.h>

#define OUTCOMES 3u

double workers_chi2_tail(double x, uint32_t freedom)
{
    assert(x >= 0.0);
    assert(freedom == 1 || freedom == 2);
    return freedom == 1 ? erfc(sqrt(x / 2.0)) : exp(-x / 2.0);
}

double workers_binomial_tail(uint32_t k, uint32_t n, double p)
{
    double log_term = 0.0;
    double sum = 0.0;

    if (k == 0 || p >= 1.0)
        return 1.0;
    if (p <= 0.0 || k > n)
        return 0.0;
    for (uint32_t i = 1; i <= k; i++)
        log_term += log((double)(n - k + i) / i);
    log_term += k * log(p) + (double)(n - k) * log1p(-p);
    for (uint32_t i = k; i <= n; i++) {
        sum += exp(log_term);
        log_term += log((double)(n - i) / (i + 1.0) * p / (1.0 - p));
    }
    return fmin(sum, 1.0);
}

/* Wins, losses and draws, the worker in one row and the rest in the other. */
static void test_results(const struct tally *worker, const struct tally *all,
                         struct worker_test *test)
{
    const double own[OUTCOMES] = {worker->wins, worker->losses, worker->draws};
    const double sums[OUTCOMES] = {all->wins, all->losses, all->draws};
    const double games = tally_decided(worker);
    const double total = tally_decided(all);
    uint32_t seen = 0;

    if (games <= 0.0 || games >= total)
        return;
    test->is_judged = true;
    for (uint32_t i = 0; i < OUTCOMES; i++) {
        const double expected = sums[i] * games / total;
        const double rest = sums[i] - expected;
        const double off = own[i] - expected;

        if (sums[i] <= 0.0)
            continue;
        seen++;
        test->is_judged = test->is_judged && fmin(expected, rest) >= WORKERS_EXPECTED_MIN;
        test->chi2 += off * off / expected + off * off / rest;
    }
    test->freedom = seen - 1;
    if (test->freedom)
        test->p = workers_chi2_tail(test->chi2, test->freedom);
}

struct worker_test workers_test(const struct tally *worker, const struct tally *all,
                                uint32_t workers)
{
    const double level = WORKERS_LEVEL / (2.0 * (workers ? workers : 1));
    struct worker_test test = {.p = 1.0, .p_errors = 1.0};

    test_results(worker, all, &test);
    if (tally_over(worker) < tally_over(all))
        test.p_errors = workers_binomial_tail(worker->errors, all->errors,
                                              (double)tally_over(worker) / tally_over(all));
    test.is_outlier = (test.is_judged && test.p < level) || test.p_errors < level;
    return test;
}

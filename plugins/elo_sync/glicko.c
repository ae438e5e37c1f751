/* The arithmetic of Glicko-2; see glicko.h. Names follow the paper. */
#include "glicko.h"

#include <assert.h>
#include <math.h>

#define SCALE          173.7178
#define CENTER         1500.0
#define EPSILON        1e-6
#define ITERATIONS_MAX 1000u
#define PI             3.141592653589793

static double g_of(double phi)
{
    return 1.0 / sqrt(1.0 + 3.0 * phi * phi / (PI * PI));
}

/* What step 5 looks for the zero of. */
struct volatility {
    double delta2;
    double phi2;
    double v;
    double a;
    double tau;
};

static double f_of(const struct volatility *at, double x)
{
    const double e = exp(x);
    const double sum = at->phi2 + at->v + e;

    return e * (at->delta2 - sum) / (2.0 * sum * sum) - (x - at->a) / (at->tau * at->tau);
}

static double new_volatility(const struct volatility *at)
{
    double a = at->a;
    double b;
    double f_a;
    double f_b;

    if (at->delta2 > at->phi2 + at->v) {
        b = log(at->delta2 - at->phi2 - at->v);
    } else {
        uint32_t k = 1;

        while (k < ITERATIONS_MAX && f_of(at, at->a - k * at->tau) < 0.0)
            k++;
        b = at->a - k * at->tau;
    }
    f_a = f_of(at, a);
    f_b = f_of(at, b);
    for (uint32_t i = 0; i < ITERATIONS_MAX && fabs(b - a) > EPSILON; i++) {
        const double c = a + (a - b) * f_a / (f_b - f_a);
        const double f_c = f_of(at, c);

        if (f_c * f_b <= 0.0) {
            a = b;
            f_a = f_b;
        } else {
            f_a /= 2.0;
        }
        b = c;
        f_b = f_c;
    }
    return exp(a / 2.0);
}

struct glicko_player glicko_rate(const struct glicko_player *player,
                                 const struct glicko_game *games, uint32_t count,
                                 const struct glicko_options *options)
{
    const double mu = (player->rating - CENTER) / SCALE;
    const double phi = player->deviation / SCALE;
    double info = 0.0;
    double surplus = 0.0;
    struct volatility at;
    double sigma;
    double phi_star;
    double phi_new;

    assert(count > 0);
    for (uint32_t i = 0; i < count; i++) {
        const double g = g_of(games[i].deviation / SCALE);
        const double expected = 1.0 / (1.0 + exp(-g * (mu - (games[i].rating - CENTER) / SCALE)));

        info += games[i].weight * g * g * expected * (1.0 - expected);
        surplus += games[i].weight * g * (games[i].score - expected);
    }
    at.v = 1.0 / info;
    at.delta2 = at.v * surplus * at.v * surplus;
    at.phi2 = phi * phi;
    at.a = log(player->volatility * player->volatility);
    at.tau = options->tau;
    sigma = new_volatility(&at);
    phi_star = sqrt(phi * phi + sigma * sigma);
    phi_new = 1.0 / sqrt(1.0 / (phi_star * phi_star) + info);
    return (struct glicko_player){SCALE * (mu + phi_new * phi_new * surplus) + CENTER,
                                  SCALE * phi_new, sigma};
}

struct glicko_player glicko_rest(const struct glicko_player *player, int64_t periods,
                                 const struct glicko_options *options)
{
    const double phi = player->deviation / SCALE;
    const double sigma2 = player->volatility * player->volatility;
    const double grown = SCALE * sqrt(phi * phi + (double)periods * sigma2);
    const double most = fmax(options->deviation, player->deviation);

    assert(periods >= 0);
    return (struct glicko_player){player->rating, fmin(grown, most), player->volatility};
}

/* Checks of parameters, and the way from a coordinate to a value. */
#include "space.h"

#include <assert.h>
#include <math.h>
#include <ringhost/sdk/str.h>

bool space_name_is_good(struct rh_str name)
{
    if (name.n == 0 || name.n >= PARAMETER_NAME_SIZE)
        return false;
    for (size_t i = 0; i < name.n; i++) {
        const char c = name.p[i];
        const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');

        if (!is_letter && !(c >= '0' && c <= '9') && c != '_' && c != '.' && c != '-')
            return false;
    }
    return true;
}

bool space_is_bounded(const struct parameter *p)
{
    return isfinite(p->lower) && isfinite(p->upper);
}

static bool has_good_bounds(const struct parameter *p)
{
    if (isnan(p->lower) || isnan(p->upper) || !(p->lower < p->upper))
        return false;
    return !p->is_integer || ceil(p->lower) < floor(p->upper);
}

static bool is_name_used(const struct parameter *parameters, uint32_t count)
{
    const struct rh_str name = rh_str_from(parameters[count].name);

    for (uint32_t i = 0; i < count; i++) {
        if (rh_str_eq_c(name, parameters[i].name))
            return true;
    }
    return false;
}

enum space_problem space_check(const struct parameter *parameters, uint32_t count, uint32_t *index)
{
    assert(count >= 1);
    for (*index = 0; *index < count; (*index)++) {
        const struct parameter *p = &parameters[*index];

        if (!space_name_is_good(rh_str_from(p->name)))
            return SPACE_NAME;
        if (is_name_used(parameters, *index))
            return SPACE_NAME_USED;
        if (!has_good_bounds(p))
            return SPACE_BOUNDS;
        if (!(p->initial >= p->lower && p->initial <= p->upper) || !isfinite(p->initial))
            return SPACE_INITIAL;
        if (!(p->scale > 0.0) || !isfinite(p->scale))
            return SPACE_SCALE;
    }
    return SPACE_OK;
}

const char *space_problem_text(enum space_problem problem)
{
    static const char *const texts[] = {
        [SPACE_OK] = "",
        [SPACE_NAME] = "its name must have 1 to 63 letters, digits, '_', '.' or '-'",
        [SPACE_NAME_USED] = "its name is that of an earlier one",
        [SPACE_BOUNDS] = "\"lower\" must be below \"upper\", with two integers between for one",
        [SPACE_INITIAL] = "\"initial\" must be within the bounds",
        [SPACE_SCALE] = "\"scale\" must be above 0",
    };

    assert((size_t)problem < sizeof(texts) / sizeof(texts[0]));
    return texts[problem];
}

static double clamp(double value, double low, double high)
{
    if (value < low)
        return low;
    return value > high ? high : value;
}

/* Reflected at one bound, or back and forth between two. */
static double reflect(double value, double lower, double upper)
{
    double width;
    double along;

    if (value >= lower && value <= upper)
        return value;
    if (!isfinite(upper))
        return lower + (lower - value);
    if (!isfinite(lower))
        return upper - (value - upper);
    width = upper - lower;
    along = fmod(fabs(value - lower), 2.0 * width);
    /* Sums may be rounded past a bound. */
    return clamp(along <= width ? lower + along : upper - (along - width), lower, upper);
}

double space_value(const struct parameter *p, double coordinate)
{
    const double value = coordinate * p->scale;

    if (p->is_integer)
        return clamp(floor(value + 0.5), ceil(p->lower), floor(p->upper));
    return reflect(value, p->lower, p->upper);
}

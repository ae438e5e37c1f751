/* Whole strings to numbers, strictly and in every locale; text that merely starts with a number is
 * refused. */
#include <ringhost/sdk/str.h>

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* A double is decided by its first 767 significant digits and by whether anything follows them. */
#define DIGITS_MAX 800u

/* Where reading an exponent saturates: infinity or zero whatever digits a text in memory can add.
 */
#define EXPONENT_MAX (INT64_C(1) << 58)

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

int32_t rh_parse_u64(struct rh_str s, uint64_t *out)
{
    uint64_t value = 0;

    if (s.n == 0 || (s.n > 1 && s.p[0] == '0'))
        return RH_EINVAL;
    for (size_t i = 0; i < s.n; i++) {
        uint64_t digit;

        if (!is_digit(s.p[i]))
            return RH_EINVAL;
        digit = (uint64_t)(s.p[i] - '0');
        if (value > (UINT64_MAX - digit) / 10)
            return RH_EINVAL;
        value = value * 10 + digit;
    }
    *out = value;
    return RH_OK;
}

int32_t rh_parse_i64(struct rh_str s, int64_t *out)
{
    bool is_negative = s.n > 0 && s.p[0] == '-';
    uint64_t size_max = (uint64_t)INT64_MAX + (is_negative ? 1 : 0);
    uint64_t size;

    if (is_negative) {
        s.p++;
        s.n--;
    }
    if (rh_parse_u64(s, &size) != RH_OK || size > size_max)
        return RH_EINVAL;
    if (is_negative)
        *out = size == 0 ? 0 : -(int64_t)(size - 1) - 1;
    else
        *out = (int64_t)size;
    return RH_OK;
}

/* digits * 10^exponent, with no zero before the first digit. dropped tells of non-zero digits that
 * are not in digits. mantissa holds the first 19 digits. */
struct decimal {
    bool is_negative;
    bool dropped;
    uint32_t count;
    int64_t exponent;
    uint64_t mantissa;
    char digits[DIGITS_MAX];
};

static void decimal_add(struct decimal *d, char c, bool is_fraction)
{
    if (d->count == 0 && c == '0') {
        d->exponent -= is_fraction;
        return;
    }
    if (d->count == DIGITS_MAX) {
        d->dropped = d->dropped || c != '0';
        d->exponent += !is_fraction;
        return;
    }
    if (d->count < 19)
        d->mantissa = d->mantissa * 10 + (uint64_t)(c - '0');
    d->digits[d->count++] = c;
    d->exponent -= is_fraction;
}

/* The exponent part after 'e'; saturates instead of overflowing. Returns the offset after it. */
static size_t scan_exponent(struct decimal *d, struct rh_str s, size_t i)
{
    bool is_negative = i < s.n && s.p[i] == '-';
    int64_t exponent = 0;

    if (i < s.n && (s.p[i] == '-' || s.p[i] == '+'))
        i++;
    for (; i < s.n && is_digit(s.p[i]); i++) {
        if (exponent < EXPONENT_MAX)
            exponent = exponent * 10 + (s.p[i] - '0');
    }
    d->exponent += is_negative ? -exponent : exponent;
    return i;
}

/* number = [ minus ] int [ frac ] [ exp ] of RFC 8259, and nothing after it. */
static bool decimal_scan(struct decimal *d, struct rh_str s)
{
    size_t i = 0;
    size_t start;

    d->is_negative = i < s.n && s.p[i] == '-';
    i += d->is_negative;
    start = i;
    for (; i < s.n && is_digit(s.p[i]); i++)
        decimal_add(d, s.p[i], false);
    if (i == start || (i - start > 1 && s.p[start] == '0'))
        return false;
    if (i < s.n && s.p[i] == '.') {
        start = ++i;
        for (; i < s.n && is_digit(s.p[i]); i++)
            decimal_add(d, s.p[i], true);
        if (i == start)
            return false;
    }
    if (i < s.n && (s.p[i] == 'e' || s.p[i] == 'E')) {
        i = scan_exponent(d, s, i + 1);
        if (!is_digit(s.p[i - 1]))
            return false;
    }
    return i == s.n;
}

/* Both factors exact, so the product is rounded once: Clinger, "How to read floating point numbers
 * accurately", PLDI 1990. */
static bool decimal_fast(const struct decimal *d, double *out)
{
    static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                    1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                    1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

    if (d->count > 19 || d->mantissa > (UINT64_C(1) << 53) || d->exponent < -22 || d->exponent > 22)
        return false;
    if (d->exponent < 0)
        *out = (double)d->mantissa / powers[-d->exponent];
    else
        *out = (double)d->mantissa * powers[d->exponent];
    return true;
}

/* strtod rounds correctly; text of digits and an exponent has no decimal point for a locale to
 * change. */
static double decimal_slow(struct decimal *d)
{
    char text[DIGITS_MAX + 32];
    int64_t exponent = d->exponent;
    int written;

    if (exponent > 1000000)
        exponent = 1000000;
    if (exponent < -1000000)
        exponent = -1000000;
    if (d->dropped)
        exponent--;
    written = snprintf(text, sizeof(text), "%.*s%se%d", (int)d->count, d->digits,
                       d->dropped ? "1" : "", (int)exponent);
    assert(written > 0);
    assert((size_t)written < sizeof(text));
    return strtod(text, NULL);
}

int32_t rh_parse_f64(struct rh_str s, double *out)
{
    struct decimal d;
    int saved_errno = errno;
    double value = 0.0;

    d.dropped = false;
    d.count = 0;
    d.exponent = 0;
    d.mantissa = 0;
    if (!decimal_scan(&d, s))
        return RH_EINVAL;
    if (d.count > 0 && !decimal_fast(&d, &value)) {
        value = decimal_slow(&d);
        errno = saved_errno;
    }
    if (!isfinite(value))
        return RH_EINVAL;
    *out = d.is_negative ? -value : value;
    return RH_OK;
}

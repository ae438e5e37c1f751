/* The shortest decimal digits of a double, by Schubfach; laying them out as JSON. It does not
 * parse.
 *
 * Raffaello Giulietti, "The Schubfach way to render doubles", 2020. The idea: of the decimals with
 * one digit more or less than the spacing of doubles here, at most a handful can lie in the
 * interval that rounds to the value; all are judged with integers of 64 bits, because products with
 * a power of ten of 128 bits, rounded to odd, compare like the exact ones. */
#include <ringhost/sdk/json_writer.h>

#include "pow10.h"

#include <assert.h>
#include <string.h>

__extension__ typedef unsigned __int128 wide;

#define FRACTION_BITS 52
#define FRACTION_MASK ((UINT64_C(1) << FRACTION_BITS) - 1)
#define HIDDEN_BIT    (UINT64_C(1) << FRACTION_BITS)
#define EXPONENT_MASK 0x7ff
#define EXPONENT_BIAS 1075

/* Plain notation while the decimal point falls in this range of places; as ECMAScript does. */
#define PLAIN_POINT_MIN (-5)
#define PLAIN_POINT_MAX 21

/* digits * 10^exponent */
struct decimal {
    uint64_t digits;
    int exponent;
};

/* floor(log10(2^q)), or of 3/4 * 2^q; floor(log2(10^k)). Exact for all exponents of doubles. */
static int floor_log10_pow2(int q, bool is_three_quarters)
{
    return (int)((q * INT64_C(1262611) - (is_three_quarters ? 524031 : 0)) >> 22);
}

static int floor_log2_pow10(int k)
{
    return (int)((k * INT64_C(1741647)) >> 19);
}

/* Upper 64 of the 192 bits of power * factor, with the lowest bit set if anything is below. */
static uint64_t multiply_round_to_odd(struct rh_pow10 power, uint64_t factor)
{
    wide low = (wide)power.low * factor;
    wide sum = (wide)power.high * factor + (uint64_t)(low >> 64);

    return (uint64_t)(sum >> 64) | ((uint64_t)sum > 1);
}

/* The shortest decimal that rounds to c * 2^q; of several, the nearest. c > 0. All bounds are in
 * quarters of 10^k. */
static struct decimal shortest(uint64_t c, int q, bool is_lower_closer)
{
    bool is_odd = c & 1;
    int k = floor_log10_pow2(q, is_lower_closer);
    int shift = q + floor_log2_pow10(-k) + 1;
    struct rh_pow10 power = rh_pow10_table[-k - RH_POW10_MIN];
    uint64_t lower;
    uint64_t value;
    uint64_t upper;
    uint64_t s;
    bool is_down_inside;
    bool is_up_inside;

    assert(shift >= 1);
    assert(shift <= 4);
    lower = multiply_round_to_odd(power, (4 * c - 2 + is_lower_closer) << shift) + is_odd;
    value = multiply_round_to_odd(power, (4 * c) << shift);
    upper = multiply_round_to_odd(power, (4 * c + 2) << shift) - is_odd;
    s = value / 4;
    if (s >= 10) {
        uint64_t tens = s / 10;

        is_down_inside = lower <= 40 * tens;
        is_up_inside = 40 * tens + 40 <= upper;
        if (is_down_inside != is_up_inside)
            return (struct decimal){tens + is_up_inside, k + 1};
    }
    is_down_inside = lower <= 4 * s;
    is_up_inside = 4 * s + 4 <= upper;
    if (is_down_inside != is_up_inside)
        return (struct decimal){s + is_up_inside, k};
    is_up_inside = value > 4 * s + 2 || (value == 4 * s + 2 && (s & 1));
    return (struct decimal){s + is_up_inside, k};
}

static struct decimal decimal_from(uint64_t bits)
{
    uint64_t fraction = bits & FRACTION_MASK;
    int exponent = (int)(bits >> FRACTION_BITS) & EXPONENT_MASK;
    int q = (exponent ? exponent : 1) - EXPONENT_BIAS;
    uint64_t c = exponent ? (fraction | HIDDEN_BIT) : fraction;

    if (c == 0)
        return (struct decimal){0, 0};
    if (q <= 0 && q > -FRACTION_BITS - 1 && (c & ((UINT64_C(1) << -q) - 1)) == 0)
        return (struct decimal){c >> -q, 0}; /* An integer below 2^53 has no shorter digits. */
    return shortest(c, q, fraction == 0 && exponent > 1);
}

static char *put_zeros(char *p, int count)
{
    for (int i = 0; i < count; i++)
        *p++ = '0';
    return p;
}

static char *put_bytes(char *p, const char *bytes, int count)
{
    memcpy(p, bytes, (size_t)count);
    return p + count;
}

static char *put_exponent(char *p, int exponent)
{
    int size = exponent < 0 ? -exponent : exponent;

    *p++ = 'e';
    *p++ = exponent < 0 ? '-' : '+';
    if (size >= 100)
        *p++ = (char)('0' + size / 100);
    if (size >= 10)
        *p++ = (char)('0' + size / 10 % 10);
    *p++ = (char)('0' + size % 10);
    return p;
}

/* point is the number of digits before the decimal point, which may lie outside of them. */
static char *lay_out(char *p, const char *digits, int count, int point)
{
    if (point >= count && point <= PLAIN_POINT_MAX) {
        p = put_bytes(p, digits, count);
        return put_zeros(p, point - count);
    }
    if (point > 0 && point < count) {
        p = put_bytes(p, digits, point);
        *p++ = '.';
        return put_bytes(p, digits + point, count - point);
    }
    if (point >= PLAIN_POINT_MIN && point <= 0) {
        p = put_bytes(p, "0.", 2);
        p = put_zeros(p, -point);
        return put_bytes(p, digits, count);
    }
    *p++ = digits[0];
    if (count > 1) {
        *p++ = '.';
        p = put_bytes(p, digits + 1, count - 1);
    }
    return put_exponent(p, point - 1);
}

size_t rh_json_format_double(char *dst, double value)
{
    char text[20];
    char *first = text + sizeof(text);
    char *p = dst;
    struct decimal d;
    uint64_t bits;
    int count;

    memcpy(&bits, &value, sizeof(bits));
    assert(((bits >> FRACTION_BITS) & EXPONENT_MASK) != EXPONENT_MASK);
    d = decimal_from(bits);
    while (d.digits >= 10 && d.digits % 10 == 0) {
        d.digits /= 10;
        d.exponent++;
    }
    do {
        *--first = (char)('0' + d.digits % 10);
        d.digits /= 10;
    } while (d.digits);
    count = (int)(text + sizeof(text) - first);
    if (bits >> 63)
        *p++ = '-';
    p = lay_out(p, first, count, count + d.exponent);
    *p = '\0';
    assert(p - dst < (ptrdiff_t)RH_JSON_DOUBLE_SIZE);
    return (size_t)(p - dst);
}

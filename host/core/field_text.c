/* The notations of single values - durations, sizes, booleans, base64 - from text; it knows no
 * fields. */
#include "host/core/field_text.h"

#include <ringhost/sdk/str.h>
#include <stdbool.h>

/* More digits than this, point excluded, are refused; 18 always fit int64_t. */
#define DIGITS_MAX 18

/* One unit: how many of the result it is, or what part of it. */
struct unit {
    const char *name;
    int64_t times;
    int64_t parts;
};

/* mantissa / scale is the number; *rest is what follows it. */
static bool scan_decimal(struct rh_str text, int64_t *mantissa, int64_t *scale, struct rh_str *rest)
{
    size_t i = 0;
    int digits = 0;
    bool in_fraction = false;

    *mantissa = 0;
    *scale = 1;
    for (; i < text.n; i++) {
        if (text.p[i] == '.' && !in_fraction && digits > 0) {
            in_fraction = true;
            continue;
        }
        if (text.p[i] < '0' || text.p[i] > '9')
            break;
        if (++digits > DIGITS_MAX)
            return false;
        *mantissa = *mantissa * 10 + (text.p[i] - '0');
        if (in_fraction)
            *scale *= 10;
    }
    if (digits == 0 || text.p[i - 1] == '.')
        return false;
    *rest = (struct rh_str){text.p + i, text.n - i};
    return true;
}

static int32_t parse_with_unit(struct rh_str text, const struct unit *units, size_t count,
                               int64_t *out)
{
    int64_t mantissa;
    int64_t scale;
    struct rh_str rest;

    if (!scan_decimal(text, &mantissa, &scale, &rest))
        return RH_EINVAL;
    for (size_t i = 0; i < count; i++) {
        int64_t whole;
        int64_t divisor;

        if (!rh_str_eq_c(rest, units[i].name))
            continue;
        if (__builtin_mul_overflow(mantissa, units[i].times, &whole) ||
            __builtin_mul_overflow(scale, units[i].parts, &divisor) || whole % divisor != 0)
            return RH_EINVAL;
        *out = whole / divisor;
        return RH_OK;
    }
    return RH_EINVAL;
}

int32_t field_parse_duration(struct rh_str text, int64_t *ms)
{
    static const struct unit units[] = {
        {"ms", 1, 1},      {"s", 1000, 1},  {"m", 60000, 1},
        {"h", 3600000, 1}, {"us", 1, 1000}, {"ns", 1, 1000000},
    };

    return parse_with_unit(text, units, sizeof(units) / sizeof(units[0]), ms);
}

int32_t field_parse_size(struct rh_str text, int64_t *bytes)
{
    static const struct unit units[] = {
        {"", 1, 1},
        {"B", 1, 1},
        {"KiB", INT64_C(1) << 10, 1},
        {"MiB", INT64_C(1) << 20, 1},
        {"GiB", INT64_C(1) << 30, 1},
        {"TiB", INT64_C(1) << 40, 1},
        {"KB", INT64_C(1000), 1},
        {"MB", INT64_C(1000000), 1},
        {"GB", INT64_C(1000000000), 1},
        {"TB", INT64_C(1000000000000), 1},
    };

    return parse_with_unit(text, units, sizeof(units) / sizeof(units[0]), bytes);
}

int32_t field_parse_bool(struct rh_str text, int32_t *out)
{
    if (rh_str_eq_c(text, "true") || rh_str_eq_c(text, "1"))
        *out = 1;
    else if (rh_str_eq_c(text, "false") || rh_str_eq_c(text, "0"))
        *out = 0;
    else
        return RH_EINVAL;
    return RH_OK;
}

static int32_t base64_digit(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    if (c == '+')
        return 62;
    return c == '/' ? 63 : -1;
}

size_t field_base64_room(size_t n)
{
    return n / 4 * 3;
}

int32_t field_parse_base64(struct rh_str text, unsigned char *dst, size_t *n)
{
    size_t padding = 0;
    size_t used = 0;

    if (text.n % 4 != 0)
        return RH_EINVAL;
    if (text.n > 0 && text.p[text.n - 1] == '=')
        padding = text.p[text.n - 2] == '=' ? 2 : 1;
    for (size_t i = 0; i < text.n; i += 4) {
        size_t kept = i + 4 == text.n ? 4 - padding : 4;
        uint32_t bits = 0;

        for (size_t k = 0; k < 4; k++) {
            int32_t digit = k < kept ? base64_digit(text.p[i + k]) : 0;

            if (digit < 0)
                return RH_EINVAL;
            bits = bits << 6 | (uint32_t)digit;
        }
        if ((kept == 3 && (bits & 0xff)) || (kept == 2 && (bits & 0xffff)))
            return RH_EINVAL;
        dst[used++] = (unsigned char)(bits >> 16);
        if (kept > 2)
            dst[used++] = (unsigned char)(bits >> 8 & 0xff);
        if (kept > 3)
            dst[used++] = (unsigned char)(bits & 0xff);
    }
    *n = used;
    return RH_OK;
}

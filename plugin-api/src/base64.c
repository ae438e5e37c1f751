/* Base64 by groups of three bytes and four characters. */
#include <ringhost/sdk/base64.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

int32_t rh_base64_encode(char *dst, size_t size, const void *bytes, size_t n)
{
    const unsigned char *p = bytes;
    char *to = dst;

    if (n > SIZE_MAX / 2 || RH_BASE64_SIZE(n) > size)
        return RH_EINVAL;
    for (size_t i = 0; i < n; i += 3) {
        const uint32_t group = (uint32_t)p[i] << 16 | (i + 1 < n ? (uint32_t)p[i + 1] << 8 : 0) |
                               (i + 2 < n ? (uint32_t)p[i + 2] : 0);

        *to++ = alphabet[group >> 18];
        *to++ = alphabet[(group >> 12) & 63u];
        *to++ = i + 1 < n ? alphabet[(group >> 6) & 63u] : '=';
        *to++ = i + 2 < n ? alphabet[group & 63u] : '=';
    }
    *to = '\0';
    return RH_OK;
}

/* The value of a character, or 64. */
static uint32_t value_of(char c)
{
    uint32_t value = 0;

    while (value < 64 && alphabet[value] != c)
        value++;
    return value;
}

int32_t rh_base64_decode(void *dst, size_t size, struct rh_str text, size_t *n)
{
    unsigned char *to = dst;
    size_t made = 0;

    if (text.n % 4 != 0)
        return RH_EINVAL;
    for (size_t i = 0; i < text.n; i += 4) {
        const char *p = text.p + i;
        const uint32_t ends = i + 4 == text.n && p[3] == '=';
        const uint32_t pads = ends && p[2] == '=' ? 2 : ends;
        const size_t count = 3 - pads;
        uint32_t group = 0;

        for (uint32_t k = 0; k < 4; k++) {
            const uint32_t value = k < 4 - pads ? value_of(p[k]) : 0;

            if (value > 63)
                return RH_EINVAL;
            group = group << 6 | value;
        }
        if (made + count > size || (group & ((1u << (8 * pads)) - 1)) != 0)
            return RH_EINVAL; /* bits behind the end are zero */
        for (size_t k = 0; k < count; k++)
            to[made++] = (unsigned char)(group >> (16 - 8 * k));
    }
    *n = made;
    return RH_OK;
}

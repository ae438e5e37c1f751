/* Bytes to hexadecimal digits and back. */
#include <ringhost/sdk/hex.h>

static const char digits_lower[] = "0123456789abcdef";

int32_t rh_hex_encode(char *dst, size_t size, const void *bytes, size_t n)
{
    const unsigned char *p = bytes;

    if (size == 0 || n > (size - 1) / 2)
        return RH_EINVAL;
    for (size_t i = 0; i < n; i++) {
        dst[2 * i] = digits_lower[p[i] >> 4];
        dst[2 * i + 1] = digits_lower[p[i] & 15];
    }
    dst[2 * n] = '\0';
    return RH_OK;
}

/* 0 to 15, or -1. */
static int value_of(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

int32_t rh_hex_decode(void *dst, size_t size, struct rh_str digits, size_t *n)
{
    unsigned char *p = dst;

    if (digits.n % 2 != 0 || digits.n / 2 > size)
        return RH_EINVAL;
    for (size_t i = 0; i < digits.n; i++) {
        if (value_of(digits.p[i]) < 0)
            return RH_EINVAL;
    }
    for (size_t i = 0; i < digits.n / 2; i++)
        p[i] = (unsigned char)(value_of(digits.p[2 * i]) * 16 + value_of(digits.p[2 * i + 1]));
    *n = digits.n / 2;
    return RH_OK;
}

void rh_hex_u64(char dst[17], uint64_t value)
{
    for (unsigned i = 0; i < 16; i++)
        dst[i] = digits_lower[(value >> (60 - 4 * i)) & 15];
    dst[16] = '\0';
}

int32_t rh_hex_parse_u64(struct rh_str digits, uint64_t *out)
{
    uint64_t value = 0;

    if (digits.n != 16)
        return RH_EINVAL;
    for (size_t i = 0; i < 16; i++) {
        int digit = value_of(digits.p[i]);

        if (digit < 0)
            return RH_EINVAL;
        value = (value << 4) | (uint64_t)digit;
    }
    *out = value;
    return RH_OK;
}

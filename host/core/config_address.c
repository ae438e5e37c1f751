/* "host:port" as configuration writes it, taken apart; it resolves no names. */
#include "host/core/config_address.h"

#include <string.h>

#include <ringhost/sdk/str.h>

#define V6_GROUPS 8u

static int is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static int hex_value(char c)
{
    if (is_digit(c)) {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Bytes up to the first c, or all. */
static struct rh_str until(struct rh_str s, char c)
{
    const char *end = s.n > 0 ? memchr(s.p, c, s.n) : NULL;
    return (struct rh_str){s.p, end != NULL ? (size_t)(end - s.p) : s.n};
}

static struct rh_str skip(struct rh_str s, size_t n)
{
    return (struct rh_str){s.p + n, s.n - n};
}

static int parse_v4(struct rh_str s, uint8_t bytes[4])
{
    for (int i = 0; i < 4; i++) {
        uint64_t value = 0;
        struct rh_str part = until(s, '.');
        if (rh_parse_u64(part, &value) != RH_OK || value > 255) {
            return 0;
        }
        bytes[i] = (uint8_t)value;
        s = skip(s, part.n);
        if (i < 3) {
            if (s.n == 0) {
                return 0;
            }
            s = skip(s, 1);
        }
    }
    return s.n == 0;
}

static int parse_group(struct rh_str part, uint16_t *out)
{
    unsigned value = 0;
    if (part.n == 0 || part.n > 4) {
        return 0;
    }
    for (size_t i = 0; i < part.n; i++) {
        int digit = hex_value(part.p[i]);
        if (digit < 0) {
            return 0;
        }
        value = value * 16 + (unsigned)digit;
    }
    *out = (uint16_t)value;
    return 1;
}

/* Groups divided by single colons, the last perhaps an IPv4 address; how many, or -1. */
static int parse_groups(struct rh_str s, uint16_t groups[V6_GROUPS])
{
    uint32_t count = 0;
    uint8_t v4[4];
    while (s.n > 0) {
        struct rh_str part = until(s, ':');
        if (part.n == s.n && count + 2 <= V6_GROUPS && parse_v4(part, v4)) {
            groups[count++] = (uint16_t)(v4[0] << 8 | v4[1]);
            groups[count++] = (uint16_t)(v4[2] << 8 | v4[3]);
            return (int)count;
        }
        if (count == V6_GROUPS || !parse_group(part, &groups[count])) {
            return -1;
        }
        count++;
        s = skip(s, part.n);
        if (s.n == 1) {
            return -1; /* a colon at the end */
        }
        s = s.n > 0 ? skip(s, 1) : s;
    }
    return (int)count;
}

static int parse_v6(struct rh_str s, uint16_t groups[V6_GROUPS])
{
    uint16_t tail[V6_GROUPS] = {0};
    size_t gap = 0;
    while (gap + 1 < s.n && !(s.p[gap] == ':' && s.p[gap + 1] == ':')) {
        gap++;
    }
    memset(groups, 0, V6_GROUPS * sizeof(groups[0]));
    if (gap + 1 >= s.n) {
        return parse_groups(s, groups) == (int)V6_GROUPS;
    }
    /* "::" stands for at least one group of zeros. An IPv4 part can only be at the very end. */
    int head_count = parse_groups((struct rh_str){s.p, gap}, groups);
    int tail_count = parse_groups(skip(s, gap + 2), tail);
    if (head_count < 0 || tail_count < 0 || head_count + tail_count >= (int)V6_GROUPS ||
        memchr(s.p, '.', gap) != NULL) {
        return 0;
    }
    for (int i = 0; i < tail_count; i++) {
        groups[(int)V6_GROUPS - tail_count + i] = tail[i];
    }
    return 1;
}

static int is_name(struct rh_str s)
{
    int has_letter = 0;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        int is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        int is_inner = i > 0 && i + 1 < s.n && (c == '-' || (c == '.' && s.p[i - 1] != '.'));
        if (!is_letter && !is_digit(c) && !is_inner) {
            return 0;
        }
        has_letter |= is_letter;
    }
    return has_letter; /* 1.2.3 is a mistake, not a name */
}

static int parse_host(struct rh_str host, struct config_address *out)
{
    uint8_t v4[4];
    if (parse_v4(host, v4)) {
        static const uint8_t any[4] = {0};
        out->kind = CONFIG_HOST_V4;
        out->is_loopback = v4[0] == 127;
        out->is_any = memcmp(v4, any, sizeof(any)) == 0;
        return 1;
    }
    out->kind = CONFIG_HOST_NAME;
    out->is_loopback = rh_str_eq_c(host, "localhost");
    return is_name(host);
}

static int parse_bracketed(struct rh_str host, struct config_address *out)
{
    static const uint16_t any[V6_GROUPS] = {0};
    static const uint16_t loopback[V6_GROUPS] = {0, 0, 0, 0, 0, 0, 0, 1};
    uint16_t groups[V6_GROUPS];
    if (!parse_v6(host, groups)) {
        return 0;
    }
    out->kind = CONFIG_HOST_V6;
    out->is_loopback = memcmp(groups, loopback, sizeof(groups)) == 0;
    out->is_any = memcmp(groups, any, sizeof(groups)) == 0;
    return 1;
}

int32_t config_address_parse(struct rh_str text, struct config_address *out)
{
    struct config_address address = {0};
    uint64_t port = 0;
    int is_bracketed = text.n > 0 && text.p[0] == '[';
    struct rh_str host = is_bracketed ? until(skip(text, 1), ']') : until(text, ':');
    size_t used = host.n + (is_bracketed ? 2 : 0); /* with both brackets */
    if (host.n == 0 || host.n > CONFIG_HOST_MAX || used >= text.n || text.p[used] != ':') {
        return RH_EINVAL;
    }
    if (rh_parse_u64(skip(text, used + 1), &port) != RH_OK || port > 65535) {
        return RH_EINVAL;
    }
    if (!(is_bracketed ? parse_bracketed(host, &address) : parse_host(host, &address))) {
        return RH_EINVAL;
    }
    address.port = (uint16_t)port;
    memcpy(address.host, host.p, host.n);
    *out = address;
    return RH_OK;
}

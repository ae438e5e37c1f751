/* Where to: a host as it is written in a request. */
#include "target.h"

#include <ringhost/sdk/str.h>
#include <string.h>

/* Neither may be taken for an option, for more than one word, or for an address within another. */
static bool is_name(struct rh_str s)
{
    if (s.n == 0 || s.n > TARGET_NAME_MAX || s.p[0] == '-')
        return false;
    for (size_t i = 0; i < s.n; i++) {
        const unsigned char c = (unsigned char)s.p[i];

        if (c <= ' ' || c == 0x7f || strchr("\"'`\\/@$;&|<>(){}*?!#", c) != NULL)
            return false;
    }
    return true;
}

static bool is_path(struct rh_str s)
{
    if (s.n > TARGET_PATH_MAX || (s.n > 0 && s.p[0] == '-'))
        return false;
    for (size_t i = 0; i < s.n; i++) {
        const unsigned char c = (unsigned char)s.p[i];

        if (c < ' ' || c == 0x7f || c == '"')
            return false;
    }
    return true;
}

bool target_check(const struct target *target)
{
    return is_name(target->host) && (target->user.n == 0 || is_name(target->user)) &&
           is_path(target->identity) && target->port >= 0 && target->port <= 65535;
}

static int32_t port_parse(struct rh_str text, int64_t *out)
{
    int64_t port;

    if (rh_parse_i64(text, &port) != RH_OK || port < 1 || port > 65535)
        return RH_EINVAL;
    *out = port;
    return RH_OK;
}

/* "host", "host:port", "[address]:port", "address" with more than one colon. */
static int32_t host_parse(struct rh_str text, struct target *out)
{
    const char *colon = text.n > 0 ? memchr(text.p, ':', text.n) : NULL;
    const char *close = text.n > 0 && text.p[0] == '[' ? memchr(text.p, ']', text.n) : NULL;
    const char *end = text.p + text.n;

    if (close) {
        out->host = (struct rh_str){text.p + 1, (size_t)(close - text.p) - 1};
        if (close + 1 == end)
            return RH_OK;
        return close[1] == ':'
                   ? port_parse((struct rh_str){close + 2, (size_t)(end - close) - 2}, &out->port)
                   : RH_EINVAL;
    }
    out->host = text;
    if (!colon || memchr(colon + 1, ':', (size_t)(end - colon) - 1))
        return RH_OK;
    out->host.n = (size_t)(colon - text.p);
    return port_parse((struct rh_str){colon + 1, (size_t)(end - colon) - 1}, &out->port);
}

int32_t target_parse(struct rh_str text, struct target *out)
{
    struct target target = {.name = text};
    struct rh_str rest = text;
    const char *at = text.n > 0 ? memchr(text.p, '@', text.n) : NULL;

    if (at) {
        target.user = (struct rh_str){text.p, (size_t)(at - text.p)};
        rest = (struct rh_str){at + 1, text.n - target.user.n - 1};
        if (target.user.n == 0)
            return RH_EINVAL;
    }
    if (host_parse(rest, &target) != RH_OK || !target_check(&target))
        return RH_EINVAL;
    *out = target;
    return RH_OK;
}

/* A URL is taken apart by hand: only http:// is called, so there is little to know. */
#include "address.h"

#include <stdio.h>
#include <string.h>

#include <ringhost/sdk/str.h>

#define SCHEME       "http://"
#define DEFAULT_PORT ":80"

static size_t find(struct rh_str s, char c)
{
    const char *at = s.n ? memchr(s.p, c, s.n) : NULL;

    return at ? (size_t)(at - s.p) : s.n;
}

/* From the colon on: "" of "host" and "[::1]", ":80" of "host:80" and "[::1]:80". */
static struct rh_str port_of(struct rh_str authority)
{
    const size_t bracket = authority.p[0] == '[' ? find(authority, ']') : 0;
    const struct rh_str rest = {authority.p + bracket, authority.n - bracket};
    const size_t colon = find(rest, ':');

    return (struct rh_str){rest.p + colon, rest.n - colon};
}

static bool is_port(struct rh_str text)
{
    uint64_t port;

    return rh_parse_u64(text, &port) == RH_OK && port >= 1 && port <= UINT16_MAX;
}

static bool is_plain(struct rh_str s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] <= ' ' || (unsigned char)s.p[i] >= 0x7f || s.p[i] == '#')
            return false;
    return true;
}

int32_t address_normalise(struct rh_str url, char dst[ADDRESS_SIZE], const char **why)
{
    struct rh_str authority;
    struct rh_str path;
    struct rh_str port = {NULL, 0};
    const char *problem = NULL;

    if (rh_str_starts_with(url, RH_STR_LIT("https://"))) {
        *why = "this host has no TLS client; send to http:// (a TLS proxy such as stunnel on this "
               "machine), or to a program such as curl";
        return RH_EUNSUPPORTED;
    }
    if (!rh_str_starts_with(url, RH_STR_LIT(SCHEME))) {
        *why = "a URL begins with http://";
        return RH_EINVAL;
    }
    authority = (struct rh_str){url.p + strlen(SCHEME), url.n - strlen(SCHEME)};
    path = authority;
    authority.n = find(authority, '/');
    path = (struct rh_str){path.p + authority.n, path.n - authority.n};
    if (!is_plain(url))
        problem = "a URL has no blanks, no \"#\" and only ASCII characters";
    else if (authority.n == 0 || authority.p[0] == ':' || find(authority, '?') < authority.n)
        problem = "the URL names no host";
    else if (find(authority, '@') < authority.n)
        problem = "a URL names no user here";
    else if ((port = port_of(authority)).n > 0 && !is_port((struct rh_str){port.p + 1, port.n - 1}))
        problem = "the port of the URL is not within 1 and 65535";
    else if (url.n + strlen(DEFAULT_PORT "/") >= ADDRESS_SIZE)
        problem = "the URL is too long";
    if (problem) {
        *why = problem;
        return RH_EINVAL;
    }
    (void)snprintf(dst, ADDRESS_SIZE, SCHEME "%.*s%s%s%.*s", RH_STR_ARG(authority),
                   port.n > 0 ? "" : DEFAULT_PORT, path.n ? "" : "/",
                   RH_STR_ARG(path)); /* fits, see above */
    return RH_OK;
}

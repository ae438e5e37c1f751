/* Whether a text can be the address of a peer; see peer_address.h. */
#include "peer_address.h"

#include <string.h>

#include <ringhost/sdk/str.h>

#define PORT_MAX 65535u

static bool consists_of(struct rh_str text, const char *marks, bool is_hex)
{
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        bool is_letter =
            (c >= 'a' && c <= (is_hex ? 'f' : 'z')) || (c >= 'A' && c <= (is_hex ? 'F' : 'Z'));
        bool is_digit = c >= '0' && c <= '9';

        if (!is_letter && !is_digit && (c == '\0' || !strchr(marks, c)))
            return false;
    }
    return text.n > 0;
}

static bool host_is_valid(struct rh_str host)
{
    struct rh_str inner;

    if (host.n == 0 || host.n > PEER_HOST_MAX)
        return false;
    if (host.p[0] != '[')
        return consists_of(host, ".-_", false);
    if (host.n < 4 || host.p[host.n - 1] != ']') /* the shortest is [::] */
        return false;
    inner = (struct rh_str){host.p + 1, host.n - 2};
    return memchr(inner.p, ':', inner.n) && consists_of(inner, ":.", true);
}

bool peer_address_is_valid(struct rh_str address)
{
    size_t colon = address.n;
    uint64_t port;

    while (colon > 0 && address.p[colon - 1] != ':')
        colon--;
    if (colon == 0)
        return false;
    if (rh_parse_u64((struct rh_str){address.p + colon, address.n - colon}, &port) != RH_OK)
        return false;
    return port >= 1 && port <= PORT_MAX && host_is_valid((struct rh_str){address.p, colon - 1});
}

/* Where to: a host as it is written in a request, and what must not be in one. It asks no name
 * service. */
#ifndef RH_PLUGINS_SSH_TOURNAMENT_TARGET_H
#define RH_PLUGINS_SSH_TOURNAMENT_TARGET_H

#include <ringhost/errors.h>
#include <ringhost/types.h>
#include <stdbool.h>

/* Longest name of a host, user or path of a key, in bytes. */
#define TARGET_NAME_MAX 255u
#define TARGET_PATH_MAX 1023u

/* All borrowed. */
struct target {
    struct rh_str name;     /* as it is shown: the inventory's id, or what the request says */
    struct rh_str user;     /* "" = as the client's configuration says */
    struct rh_str host;     /* name, address, or alias of the client's configuration */
    struct rh_str identity; /* path of the private key, "" = as configured */
    int64_t port;           /* 0 = as the client's configuration says */
};

/* Reads "[user@]host[:port]"; an IPv6 address stands in brackets when a port follows. RH_EINVAL:
 * it is none, or target_check would refuse it. [any] */
int32_t target_parse(struct rh_str text, struct target *out);

/* Whether it can stand on a command line: host and user begin with no '-', and hold no blank,
 * control character, quote, '@', '/' or '\'; the user may not be "" with an '@' before the host.
 * The path holds no control character and no '"', and does not begin with '-'. [any] */
bool target_check(const struct target *target);

#endif

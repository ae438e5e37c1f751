/* "host:port" as configuration writes it, taken apart; it resolves no names. */
#ifndef RH_HOST_CORE_CONFIG_ADDRESS_H
#define RH_HOST_CORE_CONFIG_ADDRESS_H

#include <ringhost/errors.h>
#include <ringhost/types.h>
#include <stdint.h>

#define CONFIG_HOST_MAX  253u /* bytes of a host name */

#define CONFIG_HOST_V4   1u
#define CONFIG_HOST_V6   2u /* was in brackets; host is without them */
#define CONFIG_HOST_NAME 3u

struct config_address {
    uint32_t kind; /* CONFIG_HOST_... */
    uint16_t port;
    uint8_t is_loopback; /* 127.0.0.0/8, ::1, localhost */
    uint8_t is_any;      /* 0.0.0.0, :: */
    char host[CONFIG_HOST_MAX + 1];
};

/* Takes "IPv4:port", "[IPv6]:port" (RFC 4291, section 2.2, without zones) or "name:port" apart;
 * port 0 to 65535 in decimal. RH_EINVAL for anything else; *out is written only on success. [any]
 */
int32_t config_address_parse(struct rh_str text, struct config_address *out);

#endif

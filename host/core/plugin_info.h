/* What a plugin file says about itself in its section .rh.info, read from bytes before any of its
 * code runs. Not a loader. */
#ifndef RH_HOST_CORE_PLUGIN_INFO_H
#define RH_HOST_CORE_PLUGIN_INFO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ringhost/types.h>

#define PLUGIN_WHY_MAX          512u  /* room for any refusal, NUL included */
#define PLUGIN_ID_MAX           64u   /* bytes */
#define PLUGIN_VERSION_MAX      64u   /* bytes */
#define PLUGIN_INFO_SECTION_MAX 4096u /* bytes */

struct plugin_info {
    char id[PLUGIN_ID_MAX + 1];
    char version[PLUGIN_VERSION_MAX + 1];
    uint32_t abi_major;
    uint32_t abi_minor;
};

/* Reads the whole bytes of a shared object: ELF64, little-endian, x86-64 or aarch64. Every offset
 * is checked. *out is written only on success. RH_OK, or RH_EINVAL and why (PLUGIN_WHY_MAX): "not
 * an ELF shared object" ... [any] */
int32_t plugin_info_read(const void *bytes, size_t size, struct plugin_info *out, char *why);

/* Whether this host can run it: the major must be the same; a minor is checked by
 * plugin_desc_normalise, which knows the oldest host that the plugin accepts. RH_OK, or
 * RH_EUNSUPPORTED and why: what it was built for, what this host has, which side to upgrade. [any]
 */
int32_t plugin_info_check(const struct plugin_info *info, char *why);

/* Whether text is a plugin id: "gossip", "org.example.metrics"; [a-z][a-z0-9_]* and further parts
 * ".[a-z0-9][a-z0-9_-]*", at most PLUGIN_ID_MAX bytes. [any] */
bool plugin_id_is_valid(struct rh_str id);
/* Whether text is a version: 1 to PLUGIN_VERSION_MAX printable ASCII characters without blanks.
 * [any] */
bool plugin_version_is_valid(struct rh_str version);

#endif

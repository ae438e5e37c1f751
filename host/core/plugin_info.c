/* The section .rh.info of an ELF file; see plugin_info.h. Layout: System V ABI, "Object Files",
 * ELF-64. */
#include "host/core/plugin_info.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <ringhost/abi.h>
#include <ringhost/errors.h>
#include <ringhost/sdk/str.h>

#define ELF_HEADER_BYTES  64u
#define ELF_SECTION_BYTES 64u
#define ELF_TYPE_DYN      3u
#define ELF_X86_64        62u
#define ELF_AARCH64       183u
#define ELF_NOBITS        8u
#define SECTION_NAME      ".rh.info"

/* A piece of the file; every piece lies inside it. */
struct piece {
    const unsigned char *p;
    uint64_t n;
};

/* Little-endian number of `bytes` bytes; the caller has checked that they are there. */
static uint64_t number(struct piece from, uint64_t offset, uint32_t bytes)
{
    uint64_t value = 0;

    for (uint32_t i = bytes; i > 0; i--)
        value = value << 8 | from.p[offset + i - 1];
    return value;
}

static int32_t refuse(char *why, const char *text)
{
    (void)snprintf(why, PLUGIN_WHY_MAX, "%s", text); /* the texts here are short */
    return RH_EINVAL;
}

/* The part of `from` that a broken or hostile file says is there. */
static bool cut(struct piece from, uint64_t offset, uint64_t n, struct piece *out)
{
    if (offset > from.n || n > from.n - offset)
        return false;
    *out = (struct piece){from.p + offset, n};
    return true;
}

static int32_t check_header(struct piece file, char *why)
{
    static const unsigned char magic[] = {0x7f, 'E', 'L', 'F', 2, 1, 1}; /* 64 bit, little-endian */
    uint64_t machine;

    if (file.n < ELF_HEADER_BYTES || memcmp(file.p, magic, 4) != 0)
        return refuse(why, "not an ELF shared object");
    if (memcmp(file.p, magic, sizeof magic) != 0)
        return refuse(why, "not a 64-bit little-endian ELF shared object");
    if (number(file, 16, 2) != ELF_TYPE_DYN)
        return refuse(why, "an ELF file, but not a shared object");
    machine = number(file, 18, 2);
    if (machine == ELF_X86_64 || machine == ELF_AARCH64)
        return RH_OK;
    (void)snprintf(why, PLUGIN_WHY_MAX, /* short */
                   "a shared object for another processor (ELF machine %" PRIu64
                   "; known are x86-64 and aarch64)",
                   machine);
    return RH_EINVAL;
}

/* Whether the name at `offset` of the string table is SECTION_NAME. */
static bool is_ours(struct piece names, uint64_t offset)
{
    struct piece name;

    return cut(names, offset, sizeof SECTION_NAME, &name) &&
           memcmp(name.p, SECTION_NAME, sizeof SECTION_NAME) == 0;
}

static int32_t find_section(struct piece file, struct piece *out, char *why)
{
    uint64_t count = number(file, 60, 2);
    uint64_t names_index = number(file, 62, 2);
    struct piece table;
    struct piece names;

    if (count == 0)
        return refuse(why, "no .rh.info section: not a ringhost plugin");
    if (number(file, 58, 2) != ELF_SECTION_BYTES || names_index >= count ||
        !cut(file, number(file, 40, 8), count * ELF_SECTION_BYTES, &table))
        return refuse(why, "a damaged ELF file: its section table is not inside it");
    if (!cut(file, number(table, names_index * ELF_SECTION_BYTES + 24, 8),
             number(table, names_index * ELF_SECTION_BYTES + 32, 8), &names))
        return refuse(why, "a damaged ELF file: its section names are not inside it");
    for (uint64_t i = 0; i < count; i++) {
        uint64_t at = i * ELF_SECTION_BYTES;

        if (!is_ours(names, number(table, at, 4)))
            continue;
        if (number(table, at + 4, 4) == ELF_NOBITS ||
            !cut(file, number(table, at + 24, 8), number(table, at + 32, 8), out))
            return refuse(why, "a damaged ELF file: .rh.info is not inside it");
        if (out->n > PLUGIN_INFO_SECTION_MAX)
            return refuse(why, ".rh.info is too long: built by something else than this SDK");
        return RH_OK;
    }
    return refuse(why, "no .rh.info section: not a ringhost plugin");
}

/* "0.1" */
static bool read_abi(struct rh_str text, struct plugin_info *out)
{
    const char *dot = text.n > 0 ? memchr(text.p, '.', text.n) : NULL;
    uint64_t major;
    uint64_t minor;
    size_t n;

    if (!dot)
        return false;
    n = (size_t)(dot - text.p);
    if (rh_parse_u64((struct rh_str){text.p, n}, &major) != RH_OK ||
        rh_parse_u64((struct rh_str){dot + 1, text.n - n - 1}, &minor) != RH_OK ||
        major > UINT32_MAX || minor > UINT32_MAX)
        return false;
    out->abi_major = (uint32_t)major;
    out->abi_minor = (uint32_t)minor;
    return true;
}

bool plugin_id_is_valid(struct rh_str id)
{
    bool is_first = true; /* of its part */
    bool in_first_part = true;

    if (id.n == 0 || id.n > PLUGIN_ID_MAX)
        return false;
    for (size_t i = 0; i < id.n; i++) {
        char c = id.p[i];
        bool is_letter = c >= 'a' && c <= 'z';
        bool is_digit = c >= '0' && c <= '9';

        if (c == '.' && !is_first) {
            is_first = true;
            in_first_part = false;
            continue;
        }
        if (is_first ? !(is_letter || (is_digit && !in_first_part))
                     : !(is_letter || is_digit || c == '_' || (c == '-' && !in_first_part)))
            return false;
        is_first = false;
    }
    return !is_first;
}

bool plugin_version_is_valid(struct rh_str version)
{
    if (version.n == 0 || version.n > PLUGIN_VERSION_MAX)
        return false;
    for (size_t i = 0; i < version.n; i++)
        if (version.p[i] < '!' || version.p[i] > '~')
            return false;
    return true;
}

#define SEEN_ID      1u
#define SEEN_ABI     2u
#define SEEN_VERSION 4u

/* One "key=value". Keys of later SDKs are ignored. Returns the bit of the key, 0 for an unknown
 * one; *is_good is false when its value is wrong. */
static uint32_t read_entry(struct rh_str entry, struct plugin_info *out, bool *is_good)
{
    const struct rh_str id = RH_STR_LIT("id=");
    const struct rh_str abi = RH_STR_LIT("abi=");
    const struct rh_str version = RH_STR_LIT("version=");

    if (rh_str_starts_with(entry, id)) {
        entry = (struct rh_str){entry.p + id.n, entry.n - id.n};
        *is_good =
            plugin_id_is_valid(entry) && rh_str_copy(out->id, sizeof out->id, entry) == RH_OK;
        return SEEN_ID;
    }
    if (rh_str_starts_with(entry, abi)) {
        *is_good = read_abi((struct rh_str){entry.p + abi.n, entry.n - abi.n}, out);
        return SEEN_ABI;
    }
    if (rh_str_starts_with(entry, version)) {
        entry = (struct rh_str){entry.p + version.n, entry.n - version.n};
        *is_good = plugin_version_is_valid(entry) &&
                   rh_str_copy(out->version, sizeof out->version, entry) == RH_OK;
        return SEEN_VERSION;
    }
    *is_good = true;
    return 0;
}

static int32_t read_entries(struct piece section, struct plugin_info *out, char *why)
{
    uint32_t seen = 0;
    uint64_t at = 0;

    while (at < section.n) {
        const unsigned char *from = section.p + at;
        const unsigned char *end = memchr(from, 0, (size_t)(section.n - at));
        uint32_t key;
        bool is_good;

        if (!end)
            return refuse(why, ".rh.info is damaged: its last entry has no end");
        at += (uint64_t)(end - from) + 1;
        key = read_entry((struct rh_str){(const char *)from, (size_t)(end - from)}, out, &is_good);
        if (!is_good)
            return refuse(why, key == SEEN_ID    ? ".rh.info: id= is not a plugin id"
                               : key == SEEN_ABI ? ".rh.info: abi= is not MAJOR.MINOR"
                                                 : ".rh.info: version= is not a version");
        if ((seen & key) != 0)
            return refuse(why, ".rh.info: the same key twice: are two plugins linked together?");
        seen |= key;
    }
    if (seen != (SEEN_ID | SEEN_ABI | SEEN_VERSION))
        return refuse(why, ".rh.info must name id=, abi= and version=");
    return RH_OK;
}

int32_t plugin_info_read(const void *bytes, size_t size, struct plugin_info *out, char *why)
{
    struct piece file = {bytes, size};
    struct piece section = {NULL, 0};
    struct plugin_info info = {.abi_major = 0};
    int32_t rc = check_header(file, why);

    if (rc == RH_OK)
        rc = find_section(file, &section, why);
    if (rc == RH_OK)
        rc = read_entries(section, &info, why);
    if (rc == RH_OK)
        *out = info;
    return rc;
}

int32_t plugin_info_check(const struct plugin_info *info, char *why)
{
    if (info->abi_major == RH_ABI_MAJOR)
        return RH_OK;
    (void)snprintf(why, PLUGIN_WHY_MAX, /* fits: ids are short */
                   "plugin %s was built for plugin ABI %" PRIu32 ".%" PRIu32
                   ", this host has %u.%u: %s",
                   info->id, info->abi_major, info->abi_minor, RH_ABI_MAJOR, RH_ABI_MINOR,
                   info->abi_major > RH_ABI_MAJOR ? "upgrade the host" : "rebuild the plugin");
    return RH_EUNSUPPORTED;
}

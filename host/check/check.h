/* The rules that a plugin file must keep, as verdicts with reasons; it prints nothing and runs
 * nothing of the plugin. */
#ifndef RH_HOST_CHECK_CHECK_H
#define RH_HOST_CHECK_CHECK_H

#include <stddef.h>
#include <stdint.h>

#define CHECK_DETAIL_MAX     512u
#define CHECK_LINES_MAX      64u
#define CHECK_FILE_BYTES_MAX (256u * 1024u * 1024u) /* larger files are refused */

#define CHECK_OK             0u
#define CHECK_FAIL           1u
#define CHECK_NOT_APPLICABLE 2u

struct check_line {
    const char *rule; /* static */
    uint32_t verdict; /* CHECK_... */
    char detail[CHECK_DETAIL_MAX];
};

struct check_report {
    struct check_line lines[CHECK_LINES_MAX];
    uint32_t count;
};

/* Adds a line; a detail that is too long is cut. Asserts below CHECK_LINES_MAX. [any] */
void check_add(struct check_report *report, const char *rule, uint32_t verdict, const char *format,
               ...) __attribute__((format(printf, 4, 5)));

/* How many lines have this verdict. [any] */
uint32_t check_count(const struct check_report *report, uint32_t verdict);

/* Judges the bytes of a file by the static rules, one line each, added to the report: elf (readable
 * at all; the others follow only then), info, exports, imports, needed, data, constructors,
 * hardening. A sanitizer or coverage build gets CHECK_NOT_APPLICABLE for all but elf and info.
 * [any] */
void check_static(const void *bytes, size_t size, struct check_report *report);

#endif

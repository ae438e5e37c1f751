/* Places in the text of a YAML file: is it clean UTF-8, and what does line N say. It knows no YAML.
 */
#include "host/core/yaml_text.h"

/* Smallest code point of an n-byte sequence: shorter ones may not be written longer (RFC 3629). */
static const uint32_t point_min[5] = {0, 0, 0x80, 0x800, 0x10000};

static size_t point_length(unsigned char lead)
{
    if (lead < 0x80) {
        return 1;
    }
    if ((lead & 0xe0) == 0xc0) {
        return 2;
    }
    if ((lead & 0xf0) == 0xe0) {
        return 3;
    }
    return (lead & 0xf8) == 0xf0 ? 4 : 0;
}

size_t yaml_text_point(struct rh_str s)
{
    if (s.n == 0) {
        return 0;
    }
    unsigned char lead = (unsigned char)s.p[0];
    size_t length = point_length(lead);
    if (length == 0 || length > s.n) {
        return 0;
    }
    if (length == 1) {
        return 1;
    }
    uint32_t point = lead & (0x7fu >> length);
    for (size_t i = 1; i < length; i++) {
        unsigned char byte = (unsigned char)s.p[i];
        if ((byte & 0xc0) != 0x80) {
            return 0;
        }
        point = (point << 6) | (byte & 0x3fu);
    }
    if (point < point_min[length] || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) {
        return 0;
    }
    return length;
}

/* Bytes of the line break at the start of s, or 0. */
static size_t break_length(struct rh_str s)
{
    const unsigned char *p = (const unsigned char *)s.p;
    if (s.n == 0) {
        return 0;
    }
    if (p[0] == '\r') {
        return s.n > 1 && p[1] == '\n' ? 2 : 1;
    }
    if (p[0] == '\n') {
        return 1;
    }
    if (s.n > 1 && p[0] == 0xc2 && p[1] == 0x85) {
        return 2;
    }
    if (s.n > 2 && p[0] == 0xe2 && p[1] == 0x80 && (p[2] == 0xa8 || p[2] == 0xa9)) {
        return 3;
    }
    return 0;
}

static struct rh_str skip(struct rh_str s, size_t n)
{
    return (struct rh_str){s.p + n, s.n - n};
}

const char *yaml_text_check(struct rh_str text, struct yaml_place *place)
{
    struct yaml_place at = {1, 1};
    if (text.n >= 3 && (unsigned char)text.p[0] == 0xef && (unsigned char)text.p[1] == 0xbb &&
        (unsigned char)text.p[2] == 0xbf) {
        text = skip(text, 3); /* a byte order mark is no column of its own */
    }
    while (text.n > 0) {
        size_t newline = break_length(text);
        if (newline > 0) {
            at.line++;
            at.column = 1;
            text = skip(text, newline);
            continue;
        }
        unsigned char byte = (unsigned char)text.p[0];
        size_t length = yaml_text_point(text);
        const char *wrong = NULL;
        if (length == 0) {
            wrong = "this byte is not UTF-8";
        } else if (byte == 0) {
            wrong = "a NUL byte is not text";
        } else if ((byte < 0x20 && byte != '\t') || byte == 0x7f) {
            wrong = "a control character is not allowed";
        }
        if (wrong != NULL) {
            *place = at;
            return wrong;
        }
        at.column++;
        text = skip(text, length);
    }
    return NULL;
}

struct rh_str yaml_text_line(struct rh_str text, uint32_t line)
{
    struct rh_str none = {NULL, 0};
    uint32_t current = 1;
    if (line == 0 || text.n == 0) {
        return none;
    }
    while (current < line && text.n > 0) {
        size_t newline = break_length(text);
        current += newline > 0;
        text = skip(text, newline > 0 ? newline : 1);
    }
    if (current < line) {
        return none;
    }
    size_t length = 0;
    while (length < text.n && break_length(skip(text, length)) == 0) {
        length++;
    }
    return (struct rh_str){text.p, length};
}

/* Writer and reader of exit records; pure, and one table of fields serves both. */
#include "host/exec/record.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

struct field {
    const char *name;
    size_t offset;
    int64_t max; /* every field starts at 0 */
};

#define FIELD(name, max)                               \
    {                                                  \
#name, offsetof(struct exec_record, name), max \
    }

static const struct field fields[] = {
    FIELD(code, 255),
    FIELD(signal, 64),
    FIELD(wall_ms, INT64_MAX),
    FIELD(user_ms, INT64_MAX),
    FIELD(sys_ms, INT64_MAX),
    FIELD(maxrss_kb, INT64_MAX),
    FIELD(stdout_bytes, INT64_MAX),
    FIELD(stdout_dropped, INT64_MAX),
    FIELD(stderr_bytes, INT64_MAX),
    FIELD(stderr_dropped, INT64_MAX),
};

#define FIELD_COUNT (sizeof fields / sizeof fields[0])

static const char *const words[] = {
#define X(name, word) word,
    EXEC_REASONS(X)
#undef X
};

_Static_assert(sizeof words / sizeof words[0] == EXEC_REASON_COUNT, "a word for every reason");

struct cursor {
    const char *p;
    size_t n;
};

static int64_t *field_of(struct exec_record *rec, const struct field *field)
{
    return (int64_t *)(void *)((char *)rec + field->offset);
}

static int64_t field_in(const struct exec_record *rec, const struct field *field)
{
    return *(const int64_t *)(const void *)((const char *)rec + field->offset);
}

static bool message_is_clean(const char *p, size_t n)
{
    if (n > EXEC_RECORD_MESSAGE_MAX)
        return false;
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)p[i];

        if (c < 0x20 || c == 0x7f)
            return false;
    }
    return true;
}

static bool is_consistent(const struct exec_record *rec)
{
    if (rec->signal > 0 && rec->code != EXEC_CODE_SIGNAL_BASE + rec->signal)
        return false;
    switch (rec->reason) {
    case EXEC_REASON_SIGNALLED:
        return rec->signal > 0;
    case EXEC_REASON_TIMEOUT:
    case EXEC_REASON_KILLED:
        return true;
    case EXEC_REASON_EXITED:
        return rec->signal == 0;
    case EXEC_REASON_NOT_FOUND:
    case EXEC_REASON_SPAWN_FAILED:
    case EXEC_REASON_INTERNAL:
        return rec->signal == 0 && rec->code != 0;
    case EXEC_REASON_COUNT:
        break;
    }
    return false;
}

static int32_t record_check(const struct exec_record *rec)
{
    const char *end = memchr(rec->message, '\0', sizeof rec->message);

    if ((unsigned)rec->reason >= EXEC_REASON_COUNT)
        return EXEC_RECORD_EREASON;
    for (size_t i = 0; i < FIELD_COUNT; i++) {
        int64_t value = field_in(rec, &fields[i]);

        if (value < 0 || value > fields[i].max)
            return EXEC_RECORD_ENUMBER;
    }
    if (!end || !message_is_clean(rec->message, (size_t)(end - rec->message)))
        return EXEC_RECORD_EMESSAGE;
    return is_consistent(rec) ? EXEC_RECORD_OK : EXEC_RECORD_ECONFLICT;
}

/* Take the line that must begin with key and a space; *value gets the rest, without newline. */
static int32_t line_take(struct cursor *in, const char *key, struct cursor *value)
{
    const char *end = memchr(in->p, '\n', in->n);
    size_t key_len = strlen(key);
    size_t line_len;

    if (!end)
        return EXEC_RECORD_ETRUNCATED;
    line_len = (size_t)(end - in->p);
    if (line_len <= key_len || memcmp(in->p, key, key_len) != 0 || in->p[key_len] != ' ')
        return EXEC_RECORD_EKEY;
    value->p = in->p + key_len + 1;
    value->n = line_len - key_len - 1;
    in->p = end + 1;
    in->n -= line_len + 1;
    return EXEC_RECORD_OK;
}

static int32_t reason_read(struct cursor *in, struct exec_record *rec)
{
    struct cursor value;
    int32_t rc = line_take(in, "reason", &value);

    if (rc != EXEC_RECORD_OK)
        return rc;
    for (unsigned i = 0; i < EXEC_REASON_COUNT; i++) {
        if (strlen(words[i]) == value.n && memcmp(words[i], value.p, value.n) == 0) {
            rec->reason = (enum exec_reason)i;
            return EXEC_RECORD_OK;
        }
    }
    return EXEC_RECORD_EREASON;
}

static int32_t number_read(struct cursor *in, const struct field *field, struct exec_record *rec)
{
    struct cursor value;
    int64_t number = 0;
    int32_t rc = line_take(in, field->name, &value);

    if (rc != EXEC_RECORD_OK)
        return rc;
    if (value.n == 0 || (value.n > 1 && value.p[0] == '0'))
        return EXEC_RECORD_ENUMBER;
    for (size_t i = 0; i < value.n; i++) {
        char c = value.p[i];

        if (c < '0' || c > '9' || number > (field->max - (c - '0')) / 10)
            return EXEC_RECORD_ENUMBER;
        number = number * 10 + (c - '0');
    }
    *field_of(rec, field) = number;
    return EXEC_RECORD_OK;
}

static int32_t message_read(struct cursor *in, struct exec_record *rec)
{
    struct cursor value;
    int32_t rc = line_take(in, "message", &value);

    if (rc != EXEC_RECORD_OK)
        return rc;
    if (!message_is_clean(value.p, value.n))
        return EXEC_RECORD_EMESSAGE;
    memcpy(rec->message, value.p, value.n);
    rec->message[value.n] = '\0';
    return EXEC_RECORD_OK;
}

void exec_record_init(struct exec_record *rec)
{
    memset(rec, 0, sizeof *rec);
    rec->reason = EXEC_REASON_INTERNAL;
    rec->code = EXEC_CODE_INTERNAL;
}

void exec_record_say(struct exec_record *rec, const char *format, ...)
{
    va_list args;
    int n;

    va_start(args, format);
    n = vsnprintf(rec->message, sizeof rec->message, format, args);
    va_end(args);
    if (n < 0)
        rec->message[0] = '\0';
    for (char *p = rec->message; *p; p++) {
        if ((unsigned char)*p < 0x20 || *p == 0x7f)
            *p = '?';
    }
}

int32_t exec_record_write(const struct exec_record *rec, char *buf, size_t size, size_t *len)
{
    char text[EXEC_RECORD_BYTES_MAX];
    size_t at = 0;
    int32_t rc = record_check(rec);
    int n;

    if (rc != EXEC_RECORD_OK)
        return rc;
    n = snprintf(text, sizeof text, "reason %s\n", words[rec->reason]);
    assert(n > 0);
    at = (size_t)n;
    for (size_t i = 0; i < FIELD_COUNT; i++) {
        n = snprintf(text + at, sizeof text - at, "%s %" PRId64 "\n", fields[i].name,
                     field_in(rec, &fields[i]));
        assert(n > 0);
        at += (size_t)n;
    }
    n = snprintf(text + at, sizeof text - at, "message %s\n", rec->message);
    assert(n > 0);
    at += (size_t)n;
    assert(at < sizeof text);
    if (at > size)
        return EXEC_RECORD_ESPACE;
    memcpy(buf, text, at);
    *len = at;
    return EXEC_RECORD_OK;
}

int32_t exec_record_read(const char *buf, size_t len, struct exec_record *out)
{
    struct cursor in = {.p = buf, .n = len};
    struct exec_record rec;
    int32_t rc;

    if (len > EXEC_RECORD_BYTES_MAX)
        return EXEC_RECORD_ETOO_BIG;
    exec_record_init(&rec);
    rc = reason_read(&in, &rec);
    for (size_t i = 0; rc == EXEC_RECORD_OK && i < FIELD_COUNT; i++)
        rc = number_read(&in, &fields[i], &rec);
    if (rc == EXEC_RECORD_OK)
        rc = message_read(&in, &rec);
    if (rc == EXEC_RECORD_OK && in.n > 0)
        rc = EXEC_RECORD_ETRAILING;
    if (rc == EXEC_RECORD_OK)
        rc = record_check(&rec);
    if (rc == EXEC_RECORD_OK)
        *out = rec;
    return rc;
}

const char *exec_reason_word(enum exec_reason reason)
{
    return (unsigned)reason < EXEC_REASON_COUNT ? words[reason] : words[EXEC_REASON_INTERNAL];
}

const char *exec_record_error_text(int32_t code)
{
    static const struct {
        int32_t code;
        const char *text;
    } rows[] = {
#define X(name, value, text) {value, text},
        EXEC_RECORD_ERRORS(X)
#undef X
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].code == code)
            return rows[i].text;
    }
    return "unknown error";
}

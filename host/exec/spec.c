/* Writer and reader of the job description; pure, and one table of keys serves both. */
#include "host/exec/spec.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum kind { KIND_ARG, KIND_ENV, KIND_CWD, KIND_STDIN, KIND_NUMBER };

struct key {
    const char *name;
    enum kind kind;
    size_t len_max;
    size_t offset; /* of the number in struct exec_spec; the last four columns are for numbers */
    int64_t initial;
    int64_t min;
    int64_t max;
    int base;
};

#define TEXT(name, kind, len_max)          \
    {                                      \
        name, kind, len_max, 0, 0, 0, 0, 0 \
    }
#define NUMBER(name, field, initial, min, max, base)                                              \
    {                                                                                             \
        name, KIND_NUMBER, EXEC_SPEC_NUMBER_MAX, offsetof(struct exec_spec, field), initial, min, \
            max, base                                                                             \
    }

static const struct key keys[] = {
    TEXT("arg", KIND_ARG, EXEC_SPEC_TEXT_MAX),
    TEXT("env", KIND_ENV, EXEC_SPEC_TEXT_MAX),
    TEXT("cwd", KIND_CWD, EXEC_SPEC_CWD_MAX),
    TEXT("stdin", KIND_STDIN, EXEC_SPEC_BYTES_MAX),
    NUMBER("stdin_hold", stdin_hold, 0, 0, 1, 10),
    NUMBER("output_max", output_max_bytes, EXEC_SPEC_OUTPUT_DEFAULT_BYTES, 0,
           EXEC_SPEC_OUTPUT_MAX_BYTES, 10),
    NUMBER("output_tail", output_tail_bytes, 0, 0, EXEC_SPEC_TAIL_MAX_BYTES, 10),
    NUMBER("wall_ms", wall_ms, 0, 0, EXEC_SPEC_WALL_MAX_MS, 10),
    NUMBER("grace_ms", grace_ms, EXEC_SPEC_GRACE_DEFAULT_MS, 0, EXEC_SPEC_GRACE_MAX_MS, 10),
    NUMBER("rlimit_as_bytes", rlimit_as_bytes, -1, 1, INT64_MAX, 10),
    NUMBER("rlimit_cpu_s", rlimit_cpu_s, -1, 1, INT32_MAX, 10),
    NUMBER("rlimit_nofile", rlimit_nofile, -1, EXEC_SPEC_NOFILE_MIN, INT32_MAX, 10),
    NUMBER("memory_max", memory_max, -1, 1, INT64_MAX, 10),
    NUMBER("pids_max", pids_max, -1, 1, INT32_MAX, 10),
    NUMBER("cpu_percent", cpu_percent, -1, 1, EXEC_SPEC_CPU_PERCENT_MAX, 10),
    NUMBER("nice", nice, 0, -20, 19, 10),
    NUMBER("umask", umask, 022, 0, 0777, 8),
};

#define KEY_COUNT    (sizeof keys / sizeof keys[0])
#define KEY_NAME_MAX 16u /* the longest name above, and its NUL */

struct reader {
    char *buf;
    size_t len;
    size_t at;
    unsigned seen; /* bit per row of keys */
};

struct sink {
    char *buf;
    size_t size;
    size_t len;
};

static int64_t *number_of(struct exec_spec *spec, const struct key *key)
{
    return (int64_t *)(void *)((char *)spec + key->offset);
}

static int64_t number_in(const struct exec_spec *spec, const struct key *key)
{
    return *(const int64_t *)(const void *)((const char *)spec + key->offset);
}

/* NUL-terminated canonical text only: what the writer would print, nothing else. */
static bool number_parse(const char *text, size_t len, const struct key *key, int64_t *out)
{
    char again[EXEC_SPEC_NUMBER_MAX + 4];
    char *end = NULL;
    int64_t value;
    int n;

    errno = 0;
    value = strtoll(text, &end, key->base);
    if (errno != 0 || len == 0 || end != text + len || value < key->min || value > key->max)
        return false;
    n = key->base == 8 ? snprintf(again, sizeof again, "%" PRIo64, (uint64_t)value)
                       : snprintf(again, sizeof again, "%" PRId64, value);
    if (n < 0 || (size_t)n != len || memcmp(again, text, len) != 0)
        return false;
    *out = value;
    return true;
}

static int32_t env_check(const char *const *envs, size_t count, const char *env)
{
    const char *equals = strchr(env, '=');
    size_t name_len;

    if (!equals || equals == env)
        return EXEC_SPEC_EENV;
    name_len = (size_t)(equals - env) + 1;
    for (size_t i = 0; i < count; i++) {
        if (strncmp(envs[i], env, name_len) == 0)
            return EXEC_SPEC_EENV_TWICE;
    }
    return EXEC_SPEC_OK;
}

/* The rules for one value that both directions share; spec holds what came before it. */
static int32_t text_check(const struct exec_spec *spec, enum kind kind, const char *p, size_t n)
{
    if (kind != KIND_STDIN && memchr(p, '\0', n))
        return EXEC_SPEC_ENUL;
    switch (kind) {
    case KIND_ARG:
        if (spec->arg_count == EXEC_SPEC_ARGS_MAX)
            return EXEC_SPEC_ECOUNT;
        return spec->arg_count == 0 && n == 0 ? EXEC_SPEC_ENO_PROGRAM : EXEC_SPEC_OK;
    case KIND_ENV:
        if (spec->env_count == EXEC_SPEC_ENVS_MAX)
            return EXEC_SPEC_ECOUNT;
        return env_check(spec->envs, spec->env_count, p);
    case KIND_CWD:
        return p[0] == '/' ? EXEC_SPEC_OK : EXEC_SPEC_ECWD;
    case KIND_STDIN:
    case KIND_NUMBER:
        break;
    }
    return EXEC_SPEC_OK;
}

static int32_t spec_take(struct exec_spec *spec, const struct key *key, const char *p, size_t n)
{
    int32_t rc = text_check(spec, key->kind, p, n);

    if (rc != EXEC_SPEC_OK)
        return rc;
    switch (key->kind) {
    case KIND_ARG:
        spec->args[spec->arg_count++] = p;
        break;
    case KIND_ENV:
        spec->envs[spec->env_count++] = p;
        break;
    case KIND_CWD:
        spec->cwd = p;
        break;
    case KIND_STDIN:
        spec->stdin_bytes = p;
        spec->stdin_len = n;
        break;
    case KIND_NUMBER:
        return number_parse(p, n, key, number_of(spec, key)) ? EXEC_SPEC_OK : EXEC_SPEC_ENUMBER;
    }
    return EXEC_SPEC_OK;
}

static int32_t key_read(struct reader *r, const struct key **out)
{
    size_t left = r->len - r->at;
    const char *start = r->buf + r->at;
    const char *space = memchr(start, ' ', left < KEY_NAME_MAX ? left : KEY_NAME_MAX);

    if (!space)
        return left < KEY_NAME_MAX ? EXEC_SPEC_ETRUNCATED : EXEC_SPEC_EHEADER;
    for (size_t i = 0; i < KEY_COUNT; i++) {
        size_t n = strlen(keys[i].name);
        unsigned bit = 1u << i;

        if (n != (size_t)(space - start) || memcmp(keys[i].name, start, n) != 0)
            continue;
        if ((r->seen & bit) && keys[i].kind != KIND_ARG && keys[i].kind != KIND_ENV)
            return EXEC_SPEC_ETWICE;
        r->seen |= bit;
        r->at += n + 1;
        *out = &keys[i];
        return EXEC_SPEC_OK;
    }
    return EXEC_SPEC_EKEY;
}

static int32_t length_read(struct reader *r, size_t *out)
{
    size_t value = 0;
    size_t first = r->at;

    for (; r->at < r->len && r->buf[r->at] != '\n'; r->at++) {
        char c = r->buf[r->at];

        if (c < '0' || c > '9' || (r->at > first && value == 0))
            return EXEC_SPEC_EHEADER;
        value = value * 10 + (size_t)(c - '0');
        if (value > EXEC_SPEC_BYTES_MAX)
            return EXEC_SPEC_ELENGTH;
    }
    if (r->at == r->len)
        return EXEC_SPEC_ETRUNCATED;
    if (r->at == first)
        return EXEC_SPEC_EHEADER;
    r->at++;
    *out = value;
    return EXEC_SPEC_OK;
}

static int32_t record_read(struct reader *r, struct exec_spec *spec)
{
    const struct key *key = NULL;
    size_t n = 0;
    int32_t rc = key_read(r, &key);
    char *value;

    if (rc == EXEC_SPEC_OK)
        rc = length_read(r, &n);
    if (rc != EXEC_SPEC_OK)
        return rc;
    if (n > key->len_max)
        return EXEC_SPEC_ELENGTH;
    if (n >= r->len - r->at)
        return EXEC_SPEC_ETRUNCATED;
    value = r->buf + r->at;
    if (value[n] != '\n')
        return EXEC_SPEC_EEND;
    value[n] = '\0';
    r->at += n + 1;
    return spec_take(spec, key, value, n);
}

static void sink_put(struct sink *sink, const char *p, size_t n)
{
    if (n > 0 && sink->len <= sink->size && n <= sink->size - sink->len)
        memcpy(sink->buf + sink->len, p, n);
    sink->len += n;
}

static void sink_record(struct sink *sink, const char *key, const char *p, size_t n)
{
    char header[KEY_NAME_MAX + EXEC_SPEC_NUMBER_MAX + 4];
    int len = snprintf(header, sizeof header, "%s %zu\n", key, n);

    assert(len > 0);
    assert((size_t)len < sizeof header);
    sink_put(sink, header, (size_t)len);
    sink_put(sink, p, n);
    sink_put(sink, "\n", 1);
}

static int32_t number_write(struct sink *sink, const struct exec_spec *spec, const struct key *key)
{
    int64_t value = number_in(spec, key);
    char text[EXEC_SPEC_NUMBER_MAX + 4];
    int n;

    if (value == key->initial)
        return EXEC_SPEC_OK;
    if (value < key->min || value > key->max)
        return EXEC_SPEC_ENUMBER;
    n = key->base == 8 ? snprintf(text, sizeof text, "%" PRIo64, (uint64_t)value)
                       : snprintf(text, sizeof text, "%" PRId64, value);
    assert(n > 0);
    sink_record(sink, key->name, text, (size_t)n);
    return EXEC_SPEC_OK;
}

/* Checks as the reader will: earlier holds the values already written. */
static int32_t text_write(struct sink *sink, struct exec_spec *earlier, const struct key *key,
                          const char *p, size_t n)
{
    int32_t rc = n > key->len_max ? EXEC_SPEC_ELENGTH : spec_take(earlier, key, p, n);

    if (rc == EXEC_SPEC_OK)
        sink_record(sink, key->name, p, n);
    return rc;
}

static int32_t texts_write(struct sink *sink, const struct exec_spec *spec)
{
    struct exec_spec earlier;
    int32_t rc = EXEC_SPEC_OK;

    exec_spec_init(&earlier);
    for (size_t i = 0; rc == EXEC_SPEC_OK && i < spec->arg_count; i++)
        rc = text_write(sink, &earlier, &keys[KIND_ARG], spec->args[i], strlen(spec->args[i]));
    for (size_t i = 0; rc == EXEC_SPEC_OK && i < spec->env_count; i++)
        rc = text_write(sink, &earlier, &keys[KIND_ENV], spec->envs[i], strlen(spec->envs[i]));
    if (rc == EXEC_SPEC_OK && spec->cwd)
        rc = text_write(sink, &earlier, &keys[KIND_CWD], spec->cwd, strlen(spec->cwd));
    if (rc == EXEC_SPEC_OK && spec->stdin_len > 0)
        rc = text_write(sink, &earlier, &keys[KIND_STDIN], spec->stdin_bytes, spec->stdin_len);
    return rc;
}

void exec_spec_init(struct exec_spec *spec)
{
    memset(spec, 0, sizeof *spec);
    for (size_t i = 0; i < KEY_COUNT; i++) {
        if (keys[i].kind == KIND_NUMBER)
            *number_of(spec, &keys[i]) = keys[i].initial;
    }
}

int32_t exec_spec_write(const struct exec_spec *spec, char *buf, size_t size, size_t *len)
{
    struct sink sink = {.buf = buf, .size = size, .len = 0};
    int32_t rc;

    if (spec->arg_count == 0)
        return EXEC_SPEC_ENO_PROGRAM;
    if (spec->arg_count > EXEC_SPEC_ARGS_MAX || spec->env_count > EXEC_SPEC_ENVS_MAX)
        return EXEC_SPEC_ECOUNT;
    rc = texts_write(&sink, spec);
    for (size_t i = 0; rc == EXEC_SPEC_OK && i < KEY_COUNT; i++) {
        if (keys[i].kind == KIND_NUMBER)
            rc = number_write(&sink, spec, &keys[i]);
    }
    if (rc != EXEC_SPEC_OK)
        return rc;
    if (sink.len > EXEC_SPEC_BYTES_MAX)
        return EXEC_SPEC_ETOO_BIG;
    *len = sink.len;
    return sink.len > size ? EXEC_SPEC_ESPACE : EXEC_SPEC_OK;
}

int32_t exec_spec_read(char *buf, size_t len, struct exec_spec *out, size_t *at)
{
    struct reader r = {.buf = buf, .len = len, .at = 0, .seen = 0};
    struct exec_spec spec;
    size_t record_at = 0;
    int32_t rc = len > EXEC_SPEC_BYTES_MAX ? EXEC_SPEC_ETOO_BIG : EXEC_SPEC_OK;

    exec_spec_init(&spec);
    while (rc == EXEC_SPEC_OK && r.at < r.len) {
        record_at = r.at;
        rc = record_read(&r, &spec);
    }
    if (rc == EXEC_SPEC_OK && spec.arg_count == 0)
        rc = EXEC_SPEC_ENO_PROGRAM;
    if (rc == EXEC_SPEC_OK)
        *out = spec;
    else if (at)
        *at = record_at;
    return rc;
}

const char *exec_spec_error_text(int32_t code)
{
    static const struct {
        int32_t code;
        const char *text;
    } rows[] = {
#define X(name, value, words) {value, words},
        EXEC_SPEC_ERRORS(X)
#undef X
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].code == code)
            return rows[i].text;
    }
    return "unknown error";
}

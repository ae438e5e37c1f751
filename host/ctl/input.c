/* Reads what options name: files, standard input, token files. It sends nothing. */
#include "host/ctl/input.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include <ringhost/sdk/error.h>
#include <ringhost/sdk/str.h>

#define PATH_SIZE    4096u
#define WORDS_MAX    4u
#define SECRETS_MODE (S_IRWXG | S_IRWXO)

void input_init(struct input *input)
{
    input->count = 0;
}

void input_release(struct input *input)
{
    for (uint32_t i = 0; i < input->count; i++)
        rh_buf_release(&input->texts[i]);
    input->count = 0;
}

static int32_t read_all(FILE *file, struct rh_buf *out)
{
    char bytes[16384];
    size_t n;

    while ((n = fread(bytes, 1, sizeof(bytes), file)) > 0) {
        if (rh_buf_append(out, bytes, n) != RH_OK)
            return out->rc;
    }
    return ferror(file) ? RH_EIO : RH_OK;
}

/* The file, or NULL with the reason in why. */
static FILE *open_file(struct rh_str path, struct rh_buf *why)
{
    char name[PATH_SIZE];
    FILE *file = NULL;

    errno = ENAMETOOLONG;
    if (rh_str_copy(name, sizeof(name), path) == RH_OK)
        file = fopen(name, "re");
    if (!file)
        (void)rh_buf_printf(why, "%.*s: %s", RH_STR_ARG(path), strerror(errno)); /* sticky */
    return file;
}

static int32_t check_object(struct rh_str text, const char *name, struct rh_buf *why)
{
    const char *end = NULL;
    cJSON *json = cJSON_ParseWithLengthOpts(text.p, text.n, &end, 0);
    const char *stop = text.p + text.n;
    const bool is_object = cJSON_IsObject(json);
    bool is_whole = json != NULL;

    while (is_whole && end < stop && strchr(" \t\r\n", *end) && *end)
        end++;
    is_whole = is_whole && end == stop;
    cJSON_Delete(json);
    if (is_whole && is_object)
        return RH_OK;
    if (is_whole)
        (void)rh_buf_printf(why, "--%s must be a JSON object", name); /* sticky, as below */
    else
        (void)rh_buf_printf(why, "--%s is not JSON: mistake at byte %zu", name,
                            end ? (size_t)(end - text.p) + 1 : 1);
    return RH_EINVAL;
}

static int32_t resolve_one(struct input *input, struct args_value *value, FILE *in,
                           struct rh_buf *why)
{
    const bool is_file = value->text.n > 0 && value->text.p[0] == '@';
    const bool is_stdin = rh_str_eq_c(value->text, "-");
    FILE *file = in;
    int32_t rc;

    if (is_file || is_stdin) {
        struct rh_buf *text = &input->texts[input->count];

        if (input->count == INPUT_TEXTS_MAX)
            return RH_EINVAL;
        if (is_file)
            file = open_file((struct rh_str){value->text.p + 1, value->text.n - 1}, why);
        if (!file)
            return RH_EINVAL;
        rh_buf_init(text, INPUT_MAX);
        input->count++;
        rc = read_all(file, text);
        if (is_file)
            (void)fclose(file); /* it was only read */
        if (rc != RH_OK) {
            (void)rh_buf_printf(why, "--%s: %s", value->row->name, rh_error_text(rc)); /* sticky */
            return RH_EINVAL;
        }
        value->text = text->n ? rh_buf_str(text) : RH_STR_LIT("");
    }
    return check_object(value->text, value->row->name, why);
}

int32_t input_resolve(struct input *input, struct args *args, FILE *in, struct rh_buf *why)
{
    for (uint32_t i = 0; i < args->count; i++) {
        if (args->values[i].row->kind != OPTION_JSON)
            continue;
        if (resolve_one(input, &args->values[i], in, why) != RH_OK)
            return RH_EINVAL;
    }
    return RH_OK;
}

bool input_is_token(struct rh_str text)
{
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] <= ' ' || text.p[i] > '~')
            return false;
    }
    return text.n < CLIENT_TOKEN_SIZE;
}

/* Splits a line at its blanks; returns the number of words, at most WORDS_MAX + 1. */
static uint32_t split_words(struct rh_str line, struct rh_str words[WORDS_MAX + 1])
{
    uint32_t count = 0;
    size_t i = 0;

    while (i < line.n && count <= WORDS_MAX) {
        size_t start;

        while (i < line.n && strchr(" \t\r", line.p[i]))
            i++;
        start = i;
        while (i < line.n && !strchr(" \t\r", line.p[i]))
            i++;
        if (i > start)
            words[count++] = (struct rh_str){line.p + start, i - start};
    }
    return count;
}

static int32_t find_token(struct rh_str text, char token[CLIENT_TOKEN_SIZE])
{
    while (text.n > 0) {
        const char *end = memchr(text.p, '\n', text.n);
        const struct rh_str line = {text.p, end ? (size_t)(end - text.p) : text.n};
        struct rh_str words[WORDS_MAX + 1];
        const uint32_t count = split_words(line, words);
        const uint32_t index = count == 1 ? 0 : 2;

        text.p += line.n + (end ? 1 : 0);
        text.n -= line.n + (end ? 1 : 0);
        if (count == 0 || words[0].p[0] == '#')
            continue;
        if (count == 2 || count > WORDS_MAX || !input_is_token(words[index]))
            return RH_EINVAL;
        return rh_str_copy(token, CLIENT_TOKEN_SIZE, words[index]);
    }
    return RH_EINVAL;
}

int32_t input_token(struct rh_str path, char token[CLIENT_TOKEN_SIZE], struct rh_buf *why)
{
    FILE *file = open_file(path, why);
    struct stat info;
    struct rh_buf text;
    int32_t rc = RH_EINVAL;

    if (!file)
        return RH_EINVAL;
    rh_buf_init(&text, 1024u * 1024u);
    if (fstat(fileno(file), &info) != 0 || (info.st_mode & SECRETS_MODE) != 0) {
        (void)rh_buf_printf(why, "%.*s: others may read the token; chmod 600 it",
                            RH_STR_ARG(path)); /* sticky, as below */
    } else {
        rc = read_all(file, &text) == RH_OK ? find_token(rh_buf_str(&text), token) : RH_EINVAL;
        if (rc != RH_OK)
            (void)rh_buf_printf(why, "%.*s: wanted a line TOKEN or NAME SCOPES TOKEN [NODE_ID]",
                                RH_STR_ARG(path));
    }
    (void)fclose(file); /* it was only read */
    if (text.p)
        explicit_bzero(text.p, text.n);
    rh_buf_release(&text);
    return rc;
}

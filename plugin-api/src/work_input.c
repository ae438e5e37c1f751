/* One pass from the left: name, digest, mode. */
#include <ringhost/sdk/work_input.h>

#include <string.h>

#include <ringhost/sdk/str.h>

#define MODE_DEFAULT 0444u
#define MODE_WRITE   0222u
#define DIGITS       (2u * RH_SHA256_SIZE)

bool rh_work_file_name_is_good(struct rh_str name)
{
    if (name.n == 0 || name.n > RH_WORK_FILE_NAME_MAX || name.p[0] == '.')
        return false;
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              c == '.' || c == '_' || c == '-'))
            return false;
    }
    return true;
}

/* NAME, or FOLDER/NAME. */
static bool path_is_good(struct rh_str path)
{
    const char *slash = path.n ? memchr(path.p, '/', path.n) : NULL;
    size_t folder = slash ? (size_t)(slash - path.p) : 0;

    if (!slash)
        return rh_work_file_name_is_good(path);
    return rh_work_file_name_is_good((struct rh_str){path.p, folder}) &&
           rh_work_file_name_is_good((struct rh_str){slash + 1, path.n - folder - 1});
}

static int32_t parse_mode(struct rh_str text, uint32_t *mode)
{
    uint32_t bits = 0;

    if (text.n < 3 || text.n > 4)
        return RH_EINVAL;
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] < '0' || text.p[i] > '7')
            return RH_EINVAL;
        bits = bits * 8 + (uint32_t)(text.p[i] - '0');
    }
    if (bits == 0 || bits > 0777 || (bits & MODE_WRITE))
        return RH_EINVAL;
    *mode = bits;
    return RH_OK;
}

int32_t rh_work_input_parse(struct rh_str text, struct rh_work_input *out)
{
    struct rh_work_input input = {.mode = MODE_DEFAULT};
    const char *equals = text.n ? memchr(text.p, '=', text.n) : NULL;
    struct rh_str name;
    struct rh_str rest;

    if (!equals)
        return RH_EINVAL;
    name = (struct rh_str){text.p, (size_t)(equals - text.p)};
    rest = (struct rh_str){equals + 1, text.n - name.n - 1};
    if (!path_is_good(name) || rest.n < DIGITS ||
        rh_sha256_parse((struct rh_str){rest.p, DIGITS}, input.digest) != RH_OK)
        return RH_EINVAL;
    rest = (struct rh_str){rest.p + DIGITS, rest.n - DIGITS};
    if (rest.n > 0 && (rest.p[0] != ':' ||
                       parse_mode((struct rh_str){rest.p + 1, rest.n - 1}, &input.mode) != RH_OK))
        return RH_EINVAL;
    memcpy(input.name, name.p, name.n); /* the rest is zero, and it fits */
    *out = input;
    return RH_OK;
}

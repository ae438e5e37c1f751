/* Formats, reads and orders fencing tokens; it knows nothing of items. */
#include "token.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <ringhost/errors.h>
#include <ringhost/sdk/str.h>

static int compare_u64(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

int token_compare(struct token a, struct token b)
{
    if (a.epoch != b.epoch)
        return compare_u64(a.epoch, b.epoch);
    if (a.activation != b.activation)
        return compare_u64(a.activation, b.activation);
    return compare_u64(a.count, b.count);
}

bool token_is_none(struct token token)
{
    return token.epoch == 0 && token.activation == 0 && token.count == 0;
}

bool token_is_before(struct token a, struct token b)
{
    return a.epoch != b.epoch ? a.epoch < b.epoch : a.activation < b.activation;
}

struct rh_str token_format(struct token token, char dst[TOKEN_TEXT_SIZE])
{
    int n = snprintf(dst, TOKEN_TEXT_SIZE, "%" PRIu64 ".%" PRIu64 ".%" PRIu64, token.epoch,
                     token.activation, token.count);

    assert(n > 0);
    assert((size_t)n < TOKEN_TEXT_SIZE);
    return (struct rh_str){dst, (size_t)n};
}

/* Takes the digits up to the next dot (or the end) off *rest. */
static int32_t take_number(struct rh_str *rest, bool is_last, uint64_t *out)
{
    const char *dot = rest->n > 0 ? memchr(rest->p, '.', rest->n) : NULL;
    size_t n = dot ? (size_t)(dot - rest->p) : rest->n;

    if (is_last != (dot == NULL) || rh_parse_u64((struct rh_str){rest->p, n}, out) != RH_OK)
        return RH_EINVAL;
    if (dot)
        *rest = (struct rh_str){dot + 1, rest->n - n - 1};
    return RH_OK;
}

int32_t token_parse(struct rh_str text, struct token *out)
{
    struct token token;

    if (take_number(&text, false, &token.epoch) || take_number(&text, false, &token.activation) ||
        take_number(&text, true, &token.count))
        return RH_EINVAL;
    *out = token;
    return RH_OK;
}

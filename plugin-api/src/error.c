/* Lookups in the list of error codes, as one table indexed by the negated number. */
#include <ringhost/sdk/error.h>

#include <assert.h>
#include <stddef.h>

struct error_row {
    int32_t http;
    const char *token;
    const char *text;
};

static const struct error_row unknown_row = {500, "internal", "unknown error"};
static const struct error_row pending_row = {202, "pending", "not finished yet"};

static const struct error_row rows[] = {{200, "ok", "success"},
#define ROW(name, number, http, token, text) [-(number)] = {http, token, text},
                                        RH_ERRORS(ROW)
#undef ROW
};

#define ROW_COUNT ((int32_t)(sizeof(rows) / sizeof(rows[0])))

static const struct error_row *row_of(int32_t rc)
{
    if (rc == RH_PENDING)
        return &pending_row;
    if (rc > 0 || rc <= -ROW_COUNT)
        return &unknown_row;
    assert(rows[-rc].token);
    return &rows[-rc];
}

int32_t rh_error_http(int32_t rc)
{
    return row_of(rc)->http;
}

const char *rh_error_token(int32_t rc)
{
    return row_of(rc)->token;
}

const char *rh_error_text(int32_t rc)
{
    return row_of(rc)->text;
}

/* Parses a stream of server-sent events (WHATWG HTML, section 9.2) piece by piece; no connection.
 */
#include "host/ctl/sse.h"

#include <string.h>

#include <ringhost/sdk/str.h>

#define RETRY_MAX_MS 3600000

void sse_init(struct sse *sse)
{
    *sse = (struct sse){.retry_ms = -1};
    rh_buf_init(&sse->line, SSE_LINE_MAX);
    rh_buf_init(&sse->type, SSE_LINE_MAX);
    rh_buf_init(&sse->data, SSE_DATA_MAX);
}

void sse_release(struct sse *sse)
{
    rh_buf_release(&sse->line);
    rh_buf_release(&sse->type);
    rh_buf_release(&sse->data);
}

void sse_restart(struct sse *sse)
{
    rh_buf_reset(&sse->line);
    rh_buf_reset(&sse->type);
    rh_buf_reset(&sse->data);
    memcpy(sse->next_id, sse->last_id, sizeof(sse->next_id));
    sse->has_cr = false;
    sse->is_open = false;
    sse->has_data = false;
    sse->is_given = false;
}

static void take_field(struct sse *sse, struct rh_str name, struct rh_str value)
{
    int64_t retry_ms;

    if (rh_str_eq_c(name, "data")) {
        if (sse->has_data)
            (void)rh_buf_append_byte(&sse->data, '\n'); /* sticky, as below */
        (void)rh_buf_append_str(&sse->data, value);
        sse->has_data = true;
    } else if (rh_str_eq_c(name, "event")) {
        rh_buf_reset(&sse->type);
        (void)rh_buf_append_str(&sse->type, value);
    } else if (rh_str_eq_c(name, "id")) {
        char id[SSE_ID_SIZE];

        /* An id with a NUL byte is ignored by the standard, one that is too long by us. */
        if (rh_str_copy(id, sizeof(id), value) == RH_OK)
            memcpy(sse->next_id, id, sizeof(id));
    } else if (rh_str_eq_c(name, "retry")) {
        if (rh_parse_i64(value, &retry_ms) == RH_OK && retry_ms >= 0)
            sse->retry_ms = retry_ms < RETRY_MAX_MS ? retry_ms : RETRY_MAX_MS;
    }
}

/* The line in sse->line is complete. true: so is an event. */
static bool take_line(struct sse *sse)
{
    struct rh_str line = rh_buf_str(&sse->line);
    struct rh_str name = line;
    struct rh_str value = {"", 0};
    const char *colon;

    if (!sse->is_open && rh_str_starts_with(line, RH_STR_LIT("\xEF\xBB\xBF"))) {
        line.p += 3;
        line.n -= 3;
        name = line;
    }
    sse->is_open = true;
    if (line.n == 0) {
        memcpy(sse->last_id, sse->next_id, sizeof(sse->last_id));
        if (!sse->has_data)
            rh_buf_reset(&sse->type);
        return sse->has_data;
    }
    colon = memchr(line.p, ':', line.n);
    if (colon == line.p)
        return false; /* a comment */
    if (colon) {
        name.n = (size_t)(colon - line.p);
        value = (struct rh_str){colon + 1, line.n - name.n - 1};
        if (value.n > 0 && value.p[0] == ' ') {
            value.p++;
            value.n--;
        }
    }
    take_field(sse, name, value);
    return false;
}

/* Copies up to the end of the line; true when it was reached. */
static bool read_line(struct sse *sse, struct rh_str *bytes)
{
    size_t n = 0;

    if (sse->has_cr && bytes->n > 0) {
        sse->has_cr = false;
        if (bytes->p[0] == '\n') {
            bytes->p++;
            bytes->n--;
        }
    }
    while (n < bytes->n && bytes->p[n] != '\n' && bytes->p[n] != '\r')
        n++;
    (void)rh_buf_append(&sse->line, bytes->p, n); /* sticky: the caller looks */
    if (n == bytes->n) {
        bytes->n = 0;
        return false;
    }
    sse->has_cr = bytes->p[n] == '\r';
    bytes->p += n + 1;
    bytes->n -= n + 1;
    return true;
}

int32_t sse_next(struct sse *sse, struct rh_str *bytes, struct sse_event *event)
{
    if (sse->is_given) {
        rh_buf_reset(&sse->type);
        rh_buf_reset(&sse->data);
        sse->has_data = false;
        sse->is_given = false;
    }
    while (bytes->n > 0) {
        bool is_event;

        if (!read_line(sse, bytes))
            break;
        if (sse->line.rc != RH_OK)
            break;
        is_event = take_line(sse);
        rh_buf_reset(&sse->line);
        if (sse->data.rc != RH_OK)
            return sse->data.rc;
        if (!is_event)
            continue;
        event->type = sse->type.n ? rh_buf_str(&sse->type) : RH_STR_LIT("message");
        event->data = rh_buf_str(&sse->data);
        sse->is_given = true;
        return 1;
    }
    return sse->line.rc;
}

/* The sending half of a connection: answers in order, one write a turn, and the orderly end. It
 * reads nothing. */
#include "host/daemon/http_conn.h"

#include <assert.h>
#include <stdlib.h>

#include "host/daemon/http_write.h"

#define KEEP_BYTES ((size_t)64u << 10) /* a larger output buffer is freed once it is sent */

size_t http_conn_unsent(const struct http_conn *conn)
{
    size_t unsent = conn->out.n;
    if (conn->is_writing)
        unsent += uv_stream_get_write_queue_size((const uv_stream_t *)&conn->tcp);
    return unsent;
}

bool http_conn_is_paused(const struct http_conn *conn)
{
    /* An answer in HTTP/1.0 may end with the connection, so nothing is taken behind one. */
    return conn->exchange_count == HTTP_EXCHANGES_PER_CONNECTION_MAX ||
           http_conn_unsent(conn) > HTTP_OUT_BYTES_PAUSE || (conn->last && conn->last->is_http10);
}

void http_conn_mark_dirty(struct http_conn *conn)
{
    if (conn->is_dirty || conn->state == HTTP_CONN_CLOSING)
        return;
    conn->is_dirty = 1;
    conn->next_dirty = conn->server->dirty;
    conn->server->dirty = conn;
}

struct rh_buf *http_conn_answer(struct http_exchange *exchange)
{
    return exchange == exchange->conn->first ? &exchange->conn->out : &exchange->parked;
}

struct http_exchange *http_conn_add_exchange(struct http_conn *conn)
{
    struct http_exchange *exchange = http_exchange_take(&conn->server->exchanges, conn);
    if (!exchange)
        return NULL;
    if (conn->last)
        conn->last->next = exchange;
    else
        conn->first = exchange;
    conn->last = exchange;
    conn->exchange_count++;
    conn->server->stats.exchanges++;
    assert(conn->exchange_count <=
           HTTP_EXCHANGES_PER_CONNECTION_MAX + 1); /* + 1: our own refusal */
    return exchange;
}

static void pop_first(struct http_conn *conn)
{
    struct http_exchange *exchange = conn->first;
    conn->first = exchange->next;
    if (!conn->first)
        conn->last = NULL;
    conn->exchange_count--;
    conn->server->stats.exchanges--;
    http_exchange_give_back(&conn->server->exchanges, exchange);
}

void http_conn_advance(struct http_conn *conn)
{
    while (conn->first && conn->first->state == HTTP_EXCHANGE_DONE) {
        if (conn->first->is_close && conn->state == HTTP_CONN_OPEN)
            conn->state = HTTP_CONN_DRAINING;
        pop_first(conn);
        struct http_exchange *first = conn->first;
        if (first && first->parked.rc != RH_OK)
            conn->is_broken = 1;
        if (first && first->parked.n > 0) {
            (void)rh_buf_append_str(&conn->out, rh_buf_str(&first->parked)); /* sticky in out.rc */
            rh_buf_reset(&first->parked);
        }
    }
    if (!conn->first && conn->parse.phase == HTTP_PHASE_IDLE)
        conn->since_ms = (int64_t)uv_now(conn->server->loop);
    http_conn_mark_dirty(conn);
}

static void on_closed(uv_handle_t *handle)
{
    struct http_conn *conn = handle->data;
    struct http_server *server = conn->server;
    assert(!conn->is_dirty);
    http_parse_release(&conn->parse);
    rh_buf_release(&conn->rest);
    rh_buf_release(&conn->out);
    rh_buf_release(&conn->sending);
    free(conn);
    http_server_handle_closed(server);
}

static void leave_list(struct http_conn *conn)
{
    struct http_server *server = conn->server;
    if (conn->prev)
        conn->prev->next = conn->next;
    else
        server->conns = conn->next;
    if (conn->next)
        conn->next->prev = conn->prev;
    conn->is_counted = 0;
    server->stats.connections--;
}

static void drop_exchanges(struct http_conn *conn, bool is_told)
{
    struct http_server *server = conn->server;
    while (conn->first) {
        bool is_open = conn->first->state != HTTP_EXCHANGE_DONE;
        uint64_t id = conn->first->id;
        pop_first(conn);
        if (!is_open)
            continue;
        server->stats.gone++;
        if (is_told && !server->settled)
            server->events.on_gone(server->events.user, id);
    }
}

void http_conn_cut(struct http_conn *conn, bool is_told)
{
    if (conn->state == HTTP_CONN_CLOSING)
        return;
    conn->state = HTTP_CONN_CLOSING;
    if (conn->is_counted)
        leave_list(conn);
    uv_close((uv_handle_t *)&conn->tcp, on_closed);
    drop_exchanges(conn, is_told);
}

void http_conn_end_of_input(struct http_conn *conn)
{
    conn->got_eof = 1;
    conn->is_reading = 0;
    drop_exchanges(conn, true);
    if (conn->state == HTTP_CONN_LINGERING || http_conn_unsent(conn) == 0) {
        http_conn_cut(conn, true);
        return;
    }
    conn->state = HTTP_CONN_DRAINING;
    http_conn_mark_dirty(conn);
}

static void on_shutdown(uv_shutdown_t *req, int status)
{
    struct http_conn *conn = req->data;
    if (status < 0)
        http_conn_cut(conn, true);
}

/* Closing at once with unread input would make the kernel send a reset, which may overtake the last
 * answer at the client. So our side is shut first and the client gets time to close its own. */
static void linger(struct http_conn *conn)
{
    conn->shutdown_req.data = conn;
    conn->since_ms = (int64_t)uv_now(conn->server->loop);
    if (conn->got_eof ||
        uv_shutdown(&conn->shutdown_req, (uv_stream_t *)&conn->tcp, on_shutdown) != 0) {
        http_conn_cut(conn, true);
        return;
    }
    conn->state = HTTP_CONN_LINGERING;
    http_conn_read(conn);
}

static void empty_buf(struct rh_buf *buf)
{
    if (buf->cap > KEEP_BYTES)
        rh_buf_release(buf);
    else
        rh_buf_reset(buf);
}

static void on_written(uv_write_t *req, int status)
{
    struct http_conn *conn = req->data;
    conn->is_writing = 0;
    empty_buf(&conn->sending);
    if (conn->state == HTTP_CONN_CLOSING)
        return;
    if (status < 0) {
        http_conn_cut(conn, true);
        return;
    }
    http_conn_mark_dirty(conn);
}

static void send_out(struct http_conn *conn)
{
    uv_stream_t *stream = (uv_stream_t *)&conn->tcp;
    uv_buf_t all = uv_buf_init(conn->out.p, (unsigned)conn->out.n);
    int sent = uv_try_write(stream, &all, 1);
    conn->server->stats.writes++;
    if (sent == UV_EAGAIN)
        sent = 0;
    if (sent < 0) {
        http_conn_cut(conn, true);
        return;
    }
    if ((size_t)sent == conn->out.n) {
        empty_buf(&conn->out);
        return;
    }
    struct rh_buf swap = conn->sending;
    conn->sending = conn->out;
    conn->out = swap;
    uv_buf_t left = uv_buf_init(conn->sending.p + sent, (unsigned)(conn->sending.n - (size_t)sent));
    conn->write_req.data = conn;
    if (uv_write(&conn->write_req, stream, &left, 1, on_written) != 0) {
        http_conn_cut(conn, true);
        return;
    }
    conn->is_writing = 1;
    conn->progress_ms = (int64_t)uv_now(conn->server->loop);
    conn->progress_left = left.len;
}

static void flush(struct http_conn *conn)
{
    if (conn->state == HTTP_CONN_CLOSING)
        return;
    /* Only when nothing is owed before it: an interim answer belongs to the oldest open request. */
    if (conn->is_continue_due && !conn->first) {
        conn->is_continue_due = 0;
        if (conn->parse.wants_continue)
            (void)rh_buf_append_c(&conn->out,
                                  "HTTP/1.1 100 Continue\r\n\r\n"); /* sticky in out.rc */
        conn->parse.wants_continue = 0;
    }
    if (conn->out.rc != RH_OK || conn->is_broken) {
        http_conn_cut(conn, true);
        return;
    }
    if (!conn->is_writing && conn->out.n > 0)
        send_out(conn);
    if (conn->state == HTTP_CONN_OPEN && !conn->is_reading && !http_conn_is_paused(conn))
        http_conn_resume(conn);
    if (conn->state == HTTP_CONN_DRAINING && !conn->first && http_conn_unsent(conn) == 0)
        linger(conn);
}

void http_conn_flush_all(void *user)
{
    struct http_server *server = user;
    while (server->dirty) {
        struct http_conn *conn = server->dirty;
        server->dirty = conn->next_dirty;
        conn->next_dirty = NULL;
        conn->is_dirty = 0;
        flush(conn);
    }
}

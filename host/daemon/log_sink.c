/* Two buffers: lines are appended to one while the thread writes the other. */
#include "host/daemon/log_sink.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include <ringhost/errors.h>
#include <ringhost/sdk/buf.h>

struct log_sink {
    int fd;
    pthread_t thread;
    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t cond;
    struct rh_buf waiting;
    uint64_t dropped;
    uint32_t is_stopping;
};

static void write_all(int fd, struct rh_str bytes)
{
    while (bytes.n > 0) {
        ssize_t written = write(fd, bytes.p, bytes.n);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0 && errno == EAGAIN) {
            /* Someone who shares the descriptor made it non-blocking. */
            struct pollfd wait = {.fd = fd, .events = POLLOUT};
            (void)poll(&wait, 1, -1);
            continue;
        }
        if (written <= 0)
            return; /* the reader is gone for good; there is no other place to say so */
        bytes = (struct rh_str){bytes.p + written, bytes.n - (size_t)written};
    }
}

static void *write_lines(void *arg)
{
    struct log_sink *sink = arg;
    struct rh_buf writing;
    rh_buf_init(&writing, LOG_SINK_BYTES_MAX + 64);
    pthread_mutex_lock(&sink->lock);
    for (;;) {
        while (sink->waiting.n == 0 && sink->dropped == 0 && !sink->is_stopping)
            pthread_cond_wait(&sink->cond, &sink->lock);
        if (sink->waiting.n == 0 && sink->dropped == 0)
            break;
        struct rh_buf swap = writing;
        writing = sink->waiting;
        sink->waiting = swap;
        uint64_t dropped = sink->dropped;
        sink->dropped = 0;
        pthread_mutex_unlock(&sink->lock);
        if (dropped > 0) /* if even this finds no memory there is nothing left to do */
            (void)rh_buf_printf(&writing, "log_dropped lines=%" PRIu64 "\n", dropped);
        write_all(sink->fd, rh_buf_str(&writing));
        rh_buf_reset(&writing);
        pthread_mutex_lock(&sink->lock);
    }
    pthread_mutex_unlock(&sink->lock);
    rh_buf_release(&writing);
    return NULL;
}

int32_t log_sink_new(int fd, struct log_sink **out)
{
    struct log_sink *sink = calloc(1, sizeof *sink);
    if (!sink)
        return RH_ENOMEM;
    sink->fd = fd;
    rh_buf_init(&sink->waiting, LOG_SINK_BYTES_MAX + 64);
    int rc = pthread_mutex_init(&sink->lock, NULL);
    rc = rc ? rc : pthread_cond_init(&sink->cond, NULL);
    rc = rc ? rc : pthread_create(&sink->thread, NULL, write_lines, sink);
    if (rc != 0) {
        free(sink);
        return RH_EINTERNAL;
    }
    *out = sink;
    return RH_OK;
}

void log_sink_line(struct log_sink *sink, struct rh_str line)
{
    pthread_mutex_lock(&sink->lock);
    bool is_taken =
        line.n < LOG_SINK_BYTES_MAX && sink->waiting.n + line.n + 1 <= LOG_SINK_BYTES_MAX;
    if (is_taken) {
        char *to = rh_buf_reserve(&sink->waiting, line.n + 1);
        is_taken = to != NULL;
        for (size_t i = 0; to && i < line.n; i++)
            to[i] = line.p[i] == '\n' ? ' ' : line.p[i];
        if (to) {
            to[line.n] = '\n';
            rh_buf_advance(&sink->waiting, line.n + 1);
        }
    }
    if (!is_taken)
        sink->dropped++;
    pthread_cond_signal(&sink->cond);
    pthread_mutex_unlock(&sink->lock);
}

void log_sink_free(struct log_sink *sink)
{
    if (!sink)
        return;
    pthread_mutex_lock(&sink->lock);
    sink->is_stopping = 1;
    pthread_cond_signal(&sink->cond);
    pthread_mutex_unlock(&sink->lock);
    pthread_join(sink->thread, NULL);
    pthread_cond_destroy(&sink->cond);
    pthread_mutex_destroy(&sink->lock);
    rh_buf_release(&sink->waiting);
    free(sink);
}

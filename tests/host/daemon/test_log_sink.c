/* Lines arrive whole and in order; a reader that does not read costs lines, never time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <ringhost/errors.h>
#include <ringhost/sdk/buf.h>
#include <ringhost/sdk/str.h>

#include "host/daemon/log_sink.h"

static void read_all(int fd, struct rh_buf *out)
{
    char bytes[4096];
    for (ssize_t got = read(fd, bytes, sizeof bytes); got > 0; got = read(fd, bytes, sizeof bytes))
        assert_int_equal(rh_buf_append(out, bytes, (size_t)got), RH_OK);
}

static void lines_arrive_in_order_and_whole(void **state)
{
    struct log_sink *sink = NULL;
    struct rh_buf out;
    int ends[2];
    (void)state;
    rh_buf_init(&out, 65536);
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(log_sink_new(ends[1], &sink), RH_OK);

    log_sink_line(sink, RH_STR_LIT("first a=1"));
    log_sink_line(sink, RH_STR_LIT("second\nnot third"));
    log_sink_free(sink);
    assert_int_equal(close(ends[1]), 0);
    read_all(ends[0], &out);

    assert_string_equal(out.p, "first a=1\nsecond not third\n");
    assert_int_equal(close(ends[0]), 0);
    rh_buf_release(&out);
}

static void a_line_above_the_limit_is_dropped_and_counted(void **state)
{
    static char large[LOG_SINK_BYTES_MAX];
    struct log_sink *sink = NULL;
    struct rh_buf out;
    int ends[2];
    (void)state;
    memset(large, 'x', sizeof large);
    rh_buf_init(&out, 65536);
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(log_sink_new(ends[1], &sink), RH_OK);

    log_sink_line(sink, (struct rh_str){large, sizeof large});
    log_sink_free(sink);
    assert_int_equal(close(ends[1]), 0);
    read_all(ends[0], &out);

    assert_string_equal(out.p, "log_dropped lines=1\n");
    assert_int_equal(close(ends[0]), 0);
    rh_buf_release(&out);
}

struct reader {
    int fd;
    struct rh_buf out;
};

static void *read_late(void *arg)
{
    struct reader *reader = arg;
    read_all(reader->fd, &reader->out);
    return NULL;
}

static void a_reader_that_does_not_read_costs_lines_but_stops_nobody(void **state)
{
    static char line[4095];
    struct log_sink *sink = NULL;
    struct reader reader;
    pthread_t thread;
    unsigned dropped = 0;
    int ends[2];
    (void)state;
    memset(line, 'x', sizeof line);
    rh_buf_init(&reader.out, (size_t)16 << 20);
    assert_int_equal(pipe(ends), 0);
    reader.fd = ends[0];
    assert_int_equal(log_sink_new(ends[1], &sink), RH_OK);

    /* 4 MiB into a pipe of 64 KiB: the calls return although nobody reads yet. */
    for (int i = 0; i < 1024; i++)
        log_sink_line(sink, (struct rh_str){line, sizeof line});
    assert_int_equal(pthread_create(&thread, NULL, read_late, &reader), 0);
    log_sink_free(sink);
    assert_int_equal(close(ends[1]), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);

    size_t notes_size = 0; /* one for each time that there was room again */
    for (const char *note = reader.out.p; (note = strstr(note, "log_dropped lines=")) != NULL;) {
        unsigned lines = 0;
        size_t note_size = strcspn(note, "\n") + 1;

        assert_int_equal(sscanf(note, "log_dropped lines=%u", &lines), 1);
        dropped += lines;
        notes_size += note_size;
        note += note_size;
    }
    assert_true(dropped > 0);
    assert_int_equal(reader.out.n - notes_size, (1024 - dropped) * 4096);
    assert_int_equal(close(ends[0]), 0);
    rh_buf_release(&reader.out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_arrive_in_order_and_whole),
        cmocka_unit_test(a_line_above_the_limit_is_dropped_and_counted),
        cmocka_unit_test(a_reader_that_does_not_read_costs_lines_but_stops_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

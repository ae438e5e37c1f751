/* The op table as the core uses it: turns, wakes, clocks, queues, requests, calls, the end. */
#include "rig_dir.h"

#include <pthread.h>
#include <string.h>

#include <ringhost/sdk/str.h>

#include "host/daemon/loop_driver.h"

/* Stands for the core. */
struct core {
    const struct driver *driver;
    uint32_t turns;
    uint32_t turns_max; /* finished() after so many */
    uint32_t wakes_left;
    uint32_t jobs_done;
    uint32_t results;
    uint32_t status;
    uint32_t gone;
    int64_t woken_ms;
    char body[64];
};

static void core_turn(struct core *core)
{
    const struct driver *driver = core->driver;
    core->turns++;
    core->woken_ms = driver->ops->now_us(driver->ctx) / 1000;
    if (core->wakes_left > 0) {
        core->wakes_left--;
        driver->ops->wake(driver->ctx);
    }
    if (core->turns >= core->turns_max)
        driver->ops->finished(driver->ctx, 7, 1);
}

static void core_on_request(struct core *core, const struct http_inbound *in)
{
    struct http_outreply reply = {.status = 201, .body = in->target};
    assert_int_equal(core->driver->ops->reply(core->driver->ctx, in->exchange, &reply), RH_OK);
}

static void core_on_gone(struct core *core, uint64_t exchange)
{
    (void)exchange;
    core->gone++;
}

struct fixture {
    char path[64];
    uv_loop_t loop;
    struct data_dir dir;
    struct loop_driver *driver;
    struct core core;
    struct rh_buf why;
};

static int setup(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    assert_non_null(fixture);
    rig_dir_make(fixture->path);
    rh_buf_init(&fixture->why, 1024);
    assert_int_equal(uv_loop_init(&fixture->loop), 0);
    assert_int_equal(data_dir_open(&fixture->dir, fixture->path, &fixture->why), RH_OK);
    struct loop_driver_config cfg = {
        .loop = &fixture->loop,
        .data_dir = &fixture->dir,
        .node_id = RH_STR_LIT("n1"),
        .log_fd = 2,
    };
    assert_int_equal(loop_driver_new(&cfg, &fixture->driver, &fixture->why), RH_OK);
    fixture->core.driver = loop_driver_driver(fixture->driver);
    fixture->core.turns_max = 1;
    struct loop_core core = {
        .core = &fixture->core,
        .on_request = core_on_request,
        .on_gone = core_on_gone,
        .turn = core_turn,
    };
    loop_driver_attach(fixture->driver, &core);
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;
    loop_driver_free(fixture->driver);
    assert_int_equal(uv_loop_close(&fixture->loop), 0);
    data_dir_close(&fixture->dir);
    rig_dir_remove(fixture->path);
    rh_buf_release(&fixture->why);
    free(fixture);
    return 0;
}

static void expect_finished(struct fixture *fixture)
{
    int32_t exit_code = 0;
    uint32_t again = 0;
    (void)uv_run(&fixture->loop, UV_RUN_DEFAULT);
    assert_true(loop_driver_is_finished(fixture->driver, &exit_code, &again));
    assert_int_equal(exit_code, 7);
    assert_int_equal(again, 1);
}

static void a_wake_in_a_turn_gives_another_turn(void **state)
{
    struct fixture *fixture = *state;
    fixture->core.turns_max = 5;
    fixture->core.wakes_left = 4;

    fixture->core.driver->ops->wake(fixture->core.driver->ctx);
    expect_finished(fixture);

    assert_int_equal(fixture->core.turns, 5);
}

static void wake_at_rings_at_its_time_and_is_replaced(void **state)
{
    struct fixture *fixture = *state;
    const struct driver *driver = fixture->core.driver;
    int64_t now_ms = driver->ops->now_us(driver->ctx) / 1000;

    driver->ops->wake_at(driver->ctx, now_ms + 60000);
    driver->ops->wake_at(driver->ctx, INT64_MAX);
    driver->ops->wake_at(driver->ctx, now_ms + 20);
    expect_finished(fixture);

    assert_true(fixture->core.woken_ms >= now_ms + 20);
    assert_true(fixture->core.woken_ms < now_ms + 60000);
}

static void *wake_from_outside(void *arg)
{
    const struct driver *driver = arg;
    driver->ops->wake(driver->ctx);
    return NULL;
}

static void a_wake_from_another_thread_arrives(void **state)
{
    struct fixture *fixture = *state;
    pthread_t thread;
    assert_int_equal(
        pthread_create(&thread, NULL, wake_from_outside, (void *)(uintptr_t)fixture->core.driver),
        0);

    expect_finished(fixture);

    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(fixture->core.turns, 1);
}

static void random_words_differ(void **state)
{
    struct fixture *fixture = *state;
    const struct driver *driver = fixture->core.driver;
    uint64_t words[200];

    for (int i = 0; i < 200; i++)
        words[i] = driver->ops->random(driver->ctx);

    for (int i = 0; i < 200; i++) {
        for (int j = 0; j < i; j++)
            assert_true(words[i] != words[j]);
    }
}

static void on_result(void *user, const struct http_result *result)
{
    struct core *core = user;
    core->results++;
    core->status = result->status;
    assert_int_equal(rh_str_copy(core->body, sizeof core->body, result->body), RH_OK);
    core->driver->ops->wake(core->driver->ctx);
}

static void a_call_to_ourselves_is_answered(void **state)
{
    struct fixture *fixture = *state;
    const struct driver *driver = fixture->core.driver;
    struct http_server *server = loop_driver_server(fixture->driver);
    char authority[32];
    assert_int_equal(http_server_listen(server, "127.0.0.1", 0, &fixture->why), RH_OK);
    (void)snprintf(authority, sizeof authority, "127.0.0.1:%u", http_server_port(server));
    struct http_outbound call = {
        .authority = rh_str_from(authority),
        .method = "GET",
        .target = RH_STR_LIT("/self"),
        .deadline_ms = driver->ops->now_us(driver->ctx) / 1000 + 10000,
        .body_max = 100,
    };

    assert_int_equal(driver->ops->call(driver->ctx, &call, on_result, &fixture->core, NULL), RH_OK);
    expect_finished(fixture);

    assert_int_equal(fixture->core.results, 1);
    assert_int_equal(fixture->core.status, 201);
    assert_string_equal(fixture->core.body, "/self");
}

static void run_job(void *arg)
{
    (void)arg;
}

static void job_done(void *arg)
{
    struct core *core = arg;
    core->jobs_done++;
    core->driver->ops->wake(core->driver->ctx);
}

static void queues_and_files_work_through_the_table(void **state)
{
    struct fixture *fixture = *state;
    const struct driver_ops *ops = fixture->core.driver->ops;
    void *ctx = fixture->core.driver->ctx;
    struct driver_queue *queue = NULL;
    int64_t length = 0;
    struct rh_buf out;
    rh_buf_init(&out, 100);

    assert_int_equal(ops->queue_new(ctx, "jobs", 1, &queue), RH_OK);
    assert_int_equal(ops->queue_submit(queue, run_job, job_done, &fixture->core), RH_OK);
    expect_finished(fixture);
    ops->queue_free(queue);
    assert_int_equal(fixture->core.jobs_done, 1);

    assert_int_equal(ops->file_append(ctx, "d/f", RH_STR_LIT("text")), RH_OK);
    assert_int_equal(ops->file_rename(ctx, "d/f", "d/g"), RH_OK);
    assert_int_equal(ops->file_length(ctx, "d/g", &length), RH_OK);
    assert_int_equal(ops->file_read(ctx, "d/g", 1, 2, &out), RH_OK);
    assert_int_equal(ops->file_remove(ctx, "d/g"), RH_OK);

    assert_int_equal(length, 4);
    assert_string_equal(out.p, "ex");
    rh_buf_release(&out);
}

static void a_private_file_is_read_and_one_that_others_may_read_is_not(void **state)
{
    struct fixture *fixture = *state;
    const struct driver_ops *ops = fixture->core.driver->ops;
    void *ctx = fixture->core.driver->ctx;
    char path[sizeof fixture->path + 16];
    struct rh_buf out;
    (void)snprintf(path, sizeof path, "%s/key", fixture->path);
    rh_buf_init(&out, 100);
    assert_int_equal(ops->file_append(ctx, "key", RH_STR_LIT("text")), RH_OK);

    assert_int_equal(ops->private_read(ctx, path, 3, &out), RH_ETOOLARGE);
    rh_buf_reset(&out);
    assert_int_equal(ops->private_read(ctx, path, 4, &out), RH_OK);
    assert_string_equal(out.p, "text");
    assert_int_equal(chmod(path, 0640), 0);

    rh_buf_reset(&out);
    assert_int_equal(ops->private_read(ctx, path, 4, &out), RH_EFORBIDDEN);
    assert_int_equal(out.n, 0);
    assert_int_equal(ops->private_read(ctx, "/no/such", 4, &out), RH_ENOTFOUND);
    rh_buf_release(&out);
}

static void entered_and_left_sections_are_harmless(void **state)
{
    struct fixture *fixture = *state;
    const struct driver *driver = fixture->core.driver;

    for (int i = 0; i < 1000; i++) {
        driver->ops->entered(driver->ctx, "gossip", "tick");
        driver->ops->entered(driver->ctx, NULL, NULL);
    }

    assert_int_equal(access(fixture->path, R_OK), 0);
    int64_t length = -1;
    assert_int_equal(driver->ops->file_length(driver->ctx, "watchdog", &length), RH_OK);
    assert_int_equal(length, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_wake_in_a_turn_gives_another_turn, setup, teardown),
        cmocka_unit_test_setup_teardown(wake_at_rings_at_its_time_and_is_replaced, setup, teardown),
        cmocka_unit_test_setup_teardown(a_wake_from_another_thread_arrives, setup, teardown),
        cmocka_unit_test_setup_teardown(random_words_differ, setup, teardown),
        cmocka_unit_test_setup_teardown(a_call_to_ourselves_is_answered, setup, teardown),
        cmocka_unit_test_setup_teardown(queues_and_files_work_through_the_table, setup, teardown),
        cmocka_unit_test_setup_teardown(a_private_file_is_read_and_one_that_others_may_read_is_not,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(entered_and_left_sections_are_harmless, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

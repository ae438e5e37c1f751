/* A child is learnt of by SIGCHLD, anybody else by a pidfd; both on the loop. Linux. */
#include "host/daemon/process_watch.h"

#include <assert.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <ringhost/errors.h>

#include "host/daemon/process_folder.h"

struct process_watch {
    uv_process_t child;
    uv_poll_t poll;
    uv_timer_t timer;
    process_ended ended;
    void *user;
    uint32_t open_count; /* handles that are not closed yet */
    int pidfd;           /* -1 = none */
    bool has_child;
    bool has_poll;
    bool has_timer;
    bool is_over;
    char folder[PROCESS_PATH_MAX];
};

static struct process_watch *watch_new(const char *folder, process_ended ended, void *user)
{
    struct process_watch *watch = calloc(1, sizeof *watch);

    if (!watch)
        return NULL;
    watch->pidfd = -1;
    watch->ended = ended;
    watch->user = user;
    assert(strlen(folder) < sizeof watch->folder);
    memcpy(watch->folder, folder, strlen(folder) + 1);
    return watch;
}

static void on_close(uv_handle_t *handle)
{
    struct process_watch *watch = handle->data;

    assert(watch->open_count > 0);
    if (--watch->open_count > 0)
        return;
    if (watch->pidfd >= 0)
        (void)close(watch->pidfd); /* after the loop has let go of it */
    free(watch);
}

void process_watch_free(struct process_watch *watch)
{
    if (!watch)
        return;
    watch->ended = NULL;
    watch->open_count = (uint32_t)watch->has_child + watch->has_poll + watch->has_timer;
    if (watch->has_child)
        uv_close((uv_handle_t *)&watch->child, on_close);
    if (watch->has_poll)
        uv_close((uv_handle_t *)&watch->poll, on_close);
    if (watch->has_timer)
        uv_close((uv_handle_t *)&watch->timer, on_close);
    if (watch->open_count == 0)
        free(watch);
}

static void watch_over(struct process_watch *watch)
{
    assert(!watch->is_over);
    watch->is_over = true;
    if (watch->ended)
        watch->ended(watch->user);
}

static void on_child_exit(uv_process_t *child, int64_t status, int signal_number)
{
    (void)status; /* the folder tells more */
    (void)signal_number;
    watch_over(child->data);
}

int32_t process_watch_start(uv_loop_t *loop, const char *exec_path, const char *folder,
                            process_ended ended, void *user, struct process_watch **out)
{
    struct process_watch *watch = watch_new(folder, ended, user);
    uv_stdio_container_t streams[3] = {
        {.flags = UV_IGNORE}, {.flags = UV_IGNORE}, {.flags = UV_IGNORE}};
    char *args[3];
    uv_process_options_t options = {
        .exit_cb = on_child_exit,
        .file = exec_path,
        .args = args,
        .cwd = "/",
        .flags = UV_PROCESS_DETACHED,
        .stdio_count = 3,
        .stdio = streams,
    };
    int error;

    if (!watch)
        return RH_ENOMEM;
    args[0] = (char *)(uintptr_t)exec_path; /* libuv copies nothing and changes nothing */
    args[1] = watch->folder;
    args[2] = NULL;
    error = uv_spawn(loop, &watch->child, &options);
    /* The handle is the loop's even when nothing was started. */
    watch->child.data = watch;
    watch->has_child = true;
    if (error) {
        process_watch_free(watch);
        return error == UV_ENOMEM ? RH_ENOMEM : error == UV_EAGAIN ? RH_EAGAIN : RH_EIO;
    }
    *out = watch;
    return RH_OK;
}

/* Reap it if it is a child of an earlier image of this program; ECHILD otherwise. */
static void stranger_reap(int pidfd)
{
    siginfo_t info;

    (void)waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED | WNOHANG);
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
    struct process_watch *watch = poll->data;

    (void)status; /* an error of the descriptor is told like its end; the folder is looked at */
    (void)events;
    (void)uv_poll_stop(poll); /* cannot fail on an active handle */
    stranger_reap(watch->pidfd);
    watch_over(watch);
}

/* Wait for the process of the pidfd; false if there is none to wait for. */
static bool pidfd_watch(struct process_watch *watch)
{
    watch->pidfd = process_folder_pidfd(watch->folder);
    if (watch->pidfd < 0)
        return false;
    if (uv_poll_init(watch->timer.loop, &watch->poll, watch->pidfd) != 0)
        return false;
    watch->poll.data = watch;
    watch->has_poll = true;
    return uv_poll_start(&watch->poll, UV_READABLE, on_readable) == 0;
}

static void on_timer(uv_timer_t *timer)
{
    struct process_watch *watch = timer->data;
    bool is_over = false;
    bool is_running = false;

    if (watch->pidfd < 0 && pidfd_watch(watch))
        return;
    if (process_folder_look(watch->folder, &is_over, &is_running) == RH_OK && is_running) {
        /* It has not written its pid yet, or it cannot be watched by descriptor: look again. */
        (void)uv_timer_start(timer, on_timer, PROCESS_WATCH_AGAIN_MS, 0); /* has a callback */
        return;
    }
    watch_over(watch);
}

int32_t process_watch_adopt(uv_loop_t *loop, const char *folder, process_ended ended, void *user,
                            struct process_watch **out)
{
    struct process_watch *watch = watch_new(folder, ended, user);

    if (!watch)
        return RH_ENOMEM;
    if (uv_timer_init(loop, &watch->timer) != 0) {
        free(watch);
        return RH_EIO;
    }
    watch->timer.data = watch;
    watch->has_timer = true;
    (void)uv_timer_start(&watch->timer, on_timer, 0, 0); /* has a callback */
    *out = watch;
    return RH_OK;
}

int32_t process_watch_kill(struct process_watch *watch)
{
    int fd;
    int rc;

    if (watch->is_over)
        return RH_ENOTFOUND;
    if (watch->has_child)
        return uv_process_kill(&watch->child, SIGTERM) == 0 ? RH_OK : RH_ENOTFOUND;
    fd = watch->pidfd >= 0 ? watch->pidfd : process_folder_pidfd(watch->folder);
    rc = fd >= 0 ? pidfd_send_signal(fd, SIGTERM, NULL, 0) : -1;
    if (fd >= 0 && fd != watch->pidfd)
        (void)close(fd); /* was only signalled */
    return rc == 0 ? RH_OK : RH_ENOTFOUND;
}

/* Looks, shows what changed, tells trouble once, and gives up only when patience ends. */
#include "host/ctl/watch.h"

#include <inttypes.h>

#include <ringhost/sdk/str.h>

#include "host/ctl/addr.h"
#include "host/ctl/socket.h"

#define PATIENCE_DEFAULT_S 60
/* A page. Bytes. */
#define SHOWN_MAX (1024u * 1024u)

/* One thing under observation. */
struct watch {
    struct ctl *ctl;
    const struct watch_kind *kind;
    struct rh_str target;
    struct rh_buf shown; /* the last progress line, or page */
    struct rh_buf told;  /* the last trouble */
    int64_t heard_ms;    /* when a node last answered */
    bool was_heard;
};

/* Whether more than a line is shown. */
static bool is_paged(const struct watch *watch)
{
    return watch->kind->page && watch->ctl->env->out_is_tty;
}

/* Takes what is shown off the terminal: the lines of a page, or the one line. */
static void end_progress(const struct watch *watch)
{
    FILE *out = watch->ctl->env->out; /* the end of the run looks at the stream */
    uint32_t lines = 0;

    if (!watch->ctl->env->out_is_tty || watch->ctl->is_json || watch->shown.n == 0)
        return;
    for (size_t i = 0; i < watch->shown.n; i++)
        lines += watch->shown.p[i] == '\n';
    if (lines > 0)
        (void)fprintf(out, "\033[%" PRIu32 "A", lines);
    (void)fputs(lines > 0 ? "\r\033[J" : "\r\033[K", out);
}

/* On a terminal one line or a page that changes; else a line for each change. */
static void show_progress(struct watch *watch, const cJSON *reply)
{
    const struct ctl *ctl = watch->ctl;
    const struct render_env env = {.now_ms = 0};
    render_fn *render = is_paged(watch) ? watch->kind->page : watch->kind->progress;
    struct rh_buf text;

    if (ctl->is_json)
        return;
    rh_buf_init(&text, SHOWN_MAX);
    if (render(reply, &env, &text) == RH_OK &&
        !rh_str_eq(rh_buf_str(&text), rh_buf_str(&watch->shown))) {
        if (is_paged(watch))
            end_progress(watch);
        else if (ctl->env->out_is_tty)
            (void)fputs("\r\033[K", ctl->env->out);
        (void)fputs(text.p, ctl->env->out);
        (void)fputs(ctl->env->out_is_tty ? "" : "\n", ctl->env->out);
        (void)fflush(ctl->env->out); /* as above */
        rh_buf_reset(&watch->shown);
        (void)rh_buf_append_str(&watch->shown, rh_buf_str(&text)); /* sticky: shown again */
    }
    rh_buf_release(&text);
}

/* Trouble that passes by itself: no leader for a while, a node that restarts. */
static bool may_pass(const struct watch *watch, const struct ctl_answer *answer)
{
    const int64_t patience_ms =
        args_int(watch->ctl->args, "patience", PATIENCE_DEFAULT_S) * INT64_C(1000);
    const int status = answer->reply.status;
    const bool is_refusal = status >= 400 && status < 500 && status != 421 && status != 429;

    if (is_refusal || (answer->code == CTL_REFUSED && status < 400))
        return false;
    if (answer->code == CTL_UNREACHABLE && !watch->was_heard)
        return false;
    return socket_now_ms() - watch->heard_ms < patience_ms;
}

static void tell_trouble(struct watch *watch, const struct ctl_answer *answer)
{
    const struct rh_str why = rh_buf_str(&answer->why);

    if (rh_str_eq(why, rh_buf_str(&watch->told)))
        return;
    end_progress(watch);
    rh_buf_reset(&watch->shown);
    (void)ctl_fail(watch->ctl, 0, "%.*s; trying again", RH_STR_ARG(why));
    rh_buf_reset(&watch->told);
    (void)rh_buf_append_str(&watch->told, why); /* sticky: told again */
}

/* One look. true: it is over, *code says how. */
static bool look(struct watch *watch, int *code)
{
    struct ctl *ctl = watch->ctl;
    const struct client_request request = {.method = "GET", .target = watch->target};
    struct ctl_answer answer;
    bool is_done = true;

    ctl_answer_init(&answer);
    if (ctl_ask(ctl, &request, &answer) != CTL_OK) {
        is_done = !may_pass(watch, &answer);
        if (is_done) {
            end_progress(watch);
            *code = ctl_show(ctl, &answer, NULL);
        } else {
            tell_trouble(watch, &answer);
        }
    } else {
        watch->heard_ms = socket_now_ms();
        watch->was_heard = true;
        rh_buf_reset(&watch->told);
        is_done = watch->kind->is_over(answer.json);
        if (is_done) {
            end_progress(watch);
            *code = ctl_show(ctl, &answer, watch->kind->end);
            if (*code == CTL_OK && !watch->kind->is_good(answer.json))
                *code = CTL_REFUSED;
        } else {
            show_progress(watch, answer.json);
        }
    }
    ctl_answer_release(&answer);
    return is_done;
}

int watch_run(struct ctl *ctl, const struct watch_kind *kind, struct rh_str id)
{
    const int64_t interval_ms = args_has(ctl->args, "interval")
                                    ? args_int(ctl->args, "interval", 1) * INT64_C(1000)
                                    : ctl->env->poll_ms;
    struct watch watch = {.ctl = ctl, .kind = kind, .heard_ms = socket_now_ms()};
    struct rh_buf target;
    int code = CTL_OK;

    rh_buf_init(&target, CTL_WHY_MAX);
    (void)rh_buf_append_c(&target, kind->path); /* sticky: an empty target is refused */
    query_put(&target, "limit", rh_str_from(kind->limit));
    if (id.n > 0)
        query_put(&target, kind->id_field, id);
    watch.target = rh_buf_str(&target);
    rh_buf_init(&watch.shown, SHOWN_MAX);
    rh_buf_init(&watch.told, CTL_WHY_MAX);
    while (!look(&watch, &code))
        socket_pause(interval_ms);
    rh_buf_release(&watch.shown);
    rh_buf_release(&watch.told);
    rh_buf_release(&target);
    return code;
}

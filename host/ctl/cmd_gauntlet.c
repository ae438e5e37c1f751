/* Commands about gauntlets: start one, follow it through changes of leader to its end, show its
 * figures. */
#include <stdio.h>
#include <string.h>

#include <ringhost/sdk/str.h>

#include "host/ctl/cmd.h"
#include "host/ctl/ctl.h"
#include "host/ctl/json_get.h"
#include "host/ctl/render.h"
#include "host/ctl/socket.h"

#define PATIENCE_DEFAULT_S 60
#define RESULTS_PATH       "/gauntlet/results"

/* One gauntlet under observation. */
struct watch {
    struct ctl *ctl;
    struct rh_buf target;
    struct rh_buf shown; /* the last progress line */
    struct rh_buf told;  /* the last trouble */
    int64_t heard_ms;    /* when a node last answered */
    bool was_heard;
};

static bool is_over(const cJSON *results)
{
    const char *state = json_get_text(results, "state");
    const cJSON *total = json_get(results, "total");

    if (state[0])
        return strcmp(state, "running") != 0;
    return json_get_int(total, "games", 0) > 0 &&
           json_get_int(total, "played", 0) == json_get_int(total, "games", 0);
}

static bool is_good(const cJSON *results)
{
    const cJSON *total = json_get(results, "total");
    const int64_t games = json_get_int(total, "games", 0);

    return strcmp(json_get_text(results, "state"), "cancelled") != 0 && games > 0 &&
           json_get_int(total, "played", 0) + json_get_int(total, "skipped", 0) == games &&
           json_get_int(total, "errors", -1) == 0;
}

/* On a terminal one line that changes; else a line for each change. */
static void show_progress(struct watch *watch, const cJSON *results)
{
    const struct ctl *ctl = watch->ctl;
    const struct render_env env = {.now_ms = 0};
    struct rh_buf line;

    if (ctl->is_json)
        return;
    rh_buf_init(&line, CTL_WHY_MAX);
    if (render_gauntlet_progress(results, &env, &line) == RH_OK &&
        !rh_str_eq(rh_buf_str(&line), rh_buf_str(&watch->shown))) {
        (void)fprintf(ctl->env->out, ctl->env->out_is_tty ? "\r\033[K%s" : "%s\n", line.p);
        (void)fflush(ctl->env->out); /* the end of the run looks at the stream */
        rh_buf_reset(&watch->shown);
        (void)rh_buf_append_str(&watch->shown, rh_buf_str(&line)); /* sticky: shown again */
    }
    rh_buf_release(&line);
}

static void end_progress(const struct watch *watch)
{
    if (watch->ctl->env->out_is_tty && !watch->ctl->is_json && watch->shown.n > 0)
        (void)fputs("\r\033[K", watch->ctl->env->out); /* the end of the run looks at the stream */
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
    const struct client_request request = {.method = "GET", .target = rh_buf_str(&watch->target)};
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
        is_done = is_over(answer.json);
        if (is_done) {
            end_progress(watch);
            *code = ctl_show(ctl, &answer, render_gauntlet_end);
            if (*code == CTL_OK && !is_good(answer.json))
                *code = CTL_REFUSED;
        } else {
            show_progress(watch, answer.json);
        }
    }
    ctl_answer_release(&answer);
    return is_done;
}

static int watch_gauntlet(struct ctl *ctl, struct rh_str id)
{
    const int64_t interval_ms = args_has(ctl->args, "interval")
                                    ? args_int(ctl->args, "interval", 1) * INT64_C(1000)
                                    : ctl->env->poll_ms;
    struct watch watch = {.ctl = ctl, .heard_ms = socket_now_ms()};
    int code = CTL_OK;

    rh_buf_init(&watch.target, CTL_WHY_MAX);
    rh_buf_init(&watch.shown, CTL_WHY_MAX);
    rh_buf_init(&watch.told, CTL_WHY_MAX);
    (void)rh_buf_append_c(&watch.target, RESULTS_PATH); /* sticky: an empty target is refused */
    query_put(&watch.target, "limit", RH_STR_LIT("0"));
    if (id.n > 0)
        query_put(&watch.target, "gauntlet_id", id);
    while (!look(&watch, &code))
        socket_pause(interval_ms);
    rh_buf_release(&watch.target);
    rh_buf_release(&watch.shown);
    rh_buf_release(&watch.told);
    return code;
}

int cmd_gauntlet_watch(struct ctl *ctl)
{
    return watch_gauntlet(ctl, args_text(ctl->args, "ID"));
}

int cmd_gauntlet_run(struct ctl *ctl)
{
    const bool is_watched = args_has(ctl->args, "watch");
    struct ctl_answer answer;
    int code;

    ctl_answer_init(&answer);
    (void)ctl_ask_command(ctl, &answer); /* the code is in the answer */
    /* With --watch --json only the results are printed: one JSON document. */
    if (answer.code != CTL_OK || !is_watched || !ctl->is_json)
        code = ctl_show(ctl, &answer, ctl->args->command->render);
    else
        code = CTL_OK;
    (void)fflush(ctl->env->out); /* the end of the run looks at the stream */
    if (code == CTL_OK && is_watched)
        code = watch_gauntlet(ctl, rh_str_from(json_get_text(answer.json, "gauntlet_id")));
    ctl_answer_release(&answer);
    return code;
}

int cmd_gauntlet_results(struct ctl *ctl)
{
    const struct rh_str id = args_text(ctl->args, "ID");
    struct client_request request = {.method = "GET"};
    struct ctl_answer answer;
    struct rh_buf target;
    int code;

    ctl_answer_init(&answer);
    rh_buf_init(&target, CTL_WHY_MAX);
    (void)rh_buf_append_c(&target, RESULTS_PATH); /* sticky: an empty target is refused */
    if (id.n > 0)
        query_put(&target, "gauntlet_id", id);
    if (!args_has(ctl->args, "games") && !ctl->is_json)
        query_put(&target, "limit", RH_STR_LIT("0"));
    request.target = rh_buf_str(&target);
    (void)ctl_ask(ctl, &request, &answer); /* the code is in the answer */
    code = ctl_show(ctl, &answer, ctl->args->command->render);
    rh_buf_release(&target);
    ctl_answer_release(&answer);
    return code;
}

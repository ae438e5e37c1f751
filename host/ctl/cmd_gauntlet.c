/* Commands about gauntlets: start one, follow it through changes of leader to its end, show its
 * figures. */
#include <stdio.h>
#include <string.h>

#include <ringhost/sdk/str.h>

#include "host/ctl/cmd.h"
#include "host/ctl/ctl.h"
#include "host/ctl/json_get.h"
#include "host/ctl/render.h"
#include "host/ctl/watch.h"

#define RESULTS_PATH "/gauntlet/results"

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
    const char *state = json_get_text(results, "state");

    return strcmp(state, "cancelled") != 0 && strcmp(state, "failed") != 0 && games > 0 &&
           json_get_int(total, "played", 0) + json_get_int(total, "skipped", 0) == games &&
           json_get_int(total, "errors", -1) == 0;
}

static const struct watch_kind gauntlet_kind = {
    .path = RESULTS_PATH,
    .id_field = "gauntlet_id",
    .limit = "0",
    .is_over = is_over,
    .is_good = is_good,
    .progress = render_gauntlet_progress,
    .end = render_gauntlet_end,
};

int cmd_gauntlet_watch(struct ctl *ctl)
{
    return watch_run(ctl, &gauntlet_kind, args_text(ctl->args, "ID"));
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
        code =
            watch_run(ctl, &gauntlet_kind, rh_str_from(json_get_text(answer.json, "gauntlet_id")));
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

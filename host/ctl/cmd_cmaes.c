/* Commands about searches by CMA-ES: start one from a file and options, follow it to its end. */
#include <string.h>

#include <ringhost/sdk/error.h>
#include <ringhost/sdk/str.h>

#include "host/ctl/cmd.h"
#include "host/ctl/json_get.h"
#include "host/ctl/merged.h"
#include "host/ctl/render.h"
#include "host/ctl/watch.h"

#define STATUS_PATH "/cmaes/status"

/* Generations of the curve. */
#define CURVE_LIMIT "500"

static bool is_over(const cJSON *reply)
{
    return strcmp(json_get_text(reply, "state"), "running") != 0;
}

static bool is_good(const cJSON *reply)
{
    return strcmp(json_get_text(reply, "state"), "completed") == 0 &&
           cJSON_IsObject(json_get(reply, "best"));
}

static const struct watch_kind cmaes_kind = {
    .path = STATUS_PATH,
    .id_field = "job_id",
    .limit = CURVE_LIMIT,
    .is_over = is_over,
    .is_good = is_good,
    .progress = render_cmaes_progress,
    .end = render_cmaes_end,
};

int cmd_cmaes_watch(struct ctl *ctl)
{
    return watch_run(ctl, &cmaes_kind, args_text(ctl->args, "ID"));
}

int cmd_cmaes_start(struct ctl *ctl)
{
    const bool is_watched = args_has(ctl->args, "watch");
    struct client_request request = {.method = "POST",
                                     .target = rh_str_from(ctl->args->command->path)};
    char *body = merged_body(ctl->args, "job");
    struct ctl_answer answer;
    int code;

    if (!body)
        return ctl_fail(ctl, CTL_USAGE, "the job: %s", rh_error_text(RH_ENOMEM));
    ctl_answer_init(&answer);
    request.body = rh_str_from(body);
    (void)ctl_ask(ctl, &request, &answer); /* the code is in the answer */
    /* With --watch --json only the end is printed: one JSON document. */
    if (answer.code != CTL_OK || !is_watched || !ctl->is_json)
        code = ctl_show(ctl, &answer, ctl->args->command->render);
    else
        code = CTL_OK;
    (void)fflush(ctl->env->out); /* the end of the run looks at the stream */
    if (code == CTL_OK && is_watched)
        code = watch_run(ctl, &cmaes_kind, rh_str_from(json_get_text(answer.json, "job_id")));
    ctl_answer_release(&answer);
    cJSON_free(body);
    return code;
}

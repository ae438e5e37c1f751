/* Commands about tournaments: watch one to its end, list its games. */
#include <string.h>

#include <ringhost/sdk/str.h>

#include "host/ctl/addr.h"
#include "host/ctl/cmd.h"
#include "host/ctl/json_get.h"
#include "host/ctl/render.h"
#include "host/ctl/watch.h"

#define BRACKET_PATH "/tournament/bracket"

static bool is_over(const cJSON *reply)
{
    return strcmp(json_get_text(reply, "state"), "running") != 0;
}

static bool is_good(const cJSON *reply)
{
    return strcmp(json_get_text(reply, "state"), "completed") == 0;
}

static const struct watch_kind tournament_kind = {
    .path = BRACKET_PATH,
    .id_field = "tournament_id",
    .limit = "5000",
    .is_over = is_over,
    .is_good = is_good,
    .progress = render_tournament_progress,
    .page = render_tournament_bracket,
    .end = render_tournament_bracket,
};

int cmd_tournament_watch(struct ctl *ctl)
{
    return watch_run(ctl, &tournament_kind, args_text(ctl->args, "ID"));
}

int cmd_tournament_games(struct ctl *ctl)
{
    const struct rh_str id = args_text(ctl->args, "ID");
    struct client_request request = {.method = "GET"};
    struct ctl_answer answer;
    struct rh_buf target;
    int code;

    ctl_answer_init(&answer);
    rh_buf_init(&target, CTL_WHY_MAX);
    (void)rh_buf_append_c(&target, BRACKET_PATH); /* sticky: an empty target is refused */
    query_put(&target, "games", RH_STR_LIT("true"));
    if (id.n > 0)
        query_put(&target, "tournament_id", id);
    request.target = rh_buf_str(&target);
    (void)ctl_ask(ctl, &request, &answer); /* the code is in the answer */
    code = ctl_show(ctl, &answer, ctl->args->command->render);
    rh_buf_release(&target);
    ctl_answer_release(&answer);
    return code;
}

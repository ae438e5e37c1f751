/* The command that adds a game to the ratings. */
#include <ringhost/sdk/error.h>
#include <ringhost/sdk/str.h>

#include "host/ctl/cmd.h"
#include "host/ctl/ctl.h"
#include "host/ctl/json_get.h"
#include "host/ctl/request.h"
#include "host/ctl/socket.h"

static int32_t write_game(const struct args *args, struct rh_buf *body)
{
    struct rh_json_writer w;

    rh_json_init(&w, body);
    rh_json_begin_object(&w);
    rh_json_key(&w, "results");
    rh_json_begin_array(&w);
    rh_json_begin_object(&w);
    rh_json_kv_str(&w, "game_id", args_text(args, "GAME"));
    rh_json_kv_str(&w, "board_type", args_text(args, "board"));
    rh_json_key(&w, "players");
    rh_json_begin_array(&w);
    for (uint32_t i = 0; i < args->count; i++) {
        if (args->values[i].row == args_find(args, "player")->row)
            rh_json_string(&w, args->values[i].text);
    }
    rh_json_end_array(&w);
    rh_json_kv_str(&w, "outcome",
                   args_has(args, "draw") ? RH_STR_LIT("draw") : args_text(args, "winner"));
    rh_json_kv_int(&w, "played_at", args_int(args, "at", socket_wall_ms()));
    rh_json_end_object(&w);
    rh_json_end_array(&w);
    rh_json_end_object(&w);
    return rh_json_finish(&w);
}

int cmd_elo_add(struct ctl *ctl)
{
    struct client_request request = {.method = "POST",
                                     .target = rh_str_from(ctl->args->command->path)};
    struct ctl_answer answer;
    struct rh_buf body;
    int32_t rc;
    int code;

    if (args_has(ctl->args, "winner") == args_has(ctl->args, "draw"))
        return ctl_fail(ctl, CTL_USAGE, "either --winner or --draw");
    ctl_answer_init(&answer);
    rh_buf_init(&body, CTL_INPUT_MAX);
    rc = write_game(ctl->args, &body);
    request.body = rh_buf_str(&body);
    if (rc == RH_OK) {
        (void)ctl_ask(ctl, &request, &answer); /* the code is in the answer */
        code = ctl_show(ctl, &answer, ctl->args->command->render);
        if (code == CTL_OK && json_get_items(answer.json, "rejected"))
            code = CTL_REFUSED;
    } else {
        code = ctl_fail(ctl, CTL_USAGE, "the game: %s", rh_error_text(rc));
    }
    rh_buf_release(&body);
    ctl_answer_release(&answer);
    return code;
}

/* Commands about work that check more than their options: items added, many alike in one atomic
 * batch, and dead ones retried. */
#include <string.h>

#include <ringhost/sdk/error.h>
#include <ringhost/sdk/str.h>

#include "host/ctl/cmd.h"
#include "host/ctl/ctl.h"
#include "host/ctl/request.h"

static int32_t write_batch(const struct args *args, int64_t count, struct rh_buf *body)
{
    struct rh_json_writer w;

    rh_json_init(&w, body);
    rh_json_begin_object(&w);
    rh_json_key(&w, "items");
    rh_json_begin_array(&w);
    for (int64_t i = 0; i < count; i++) {
        rh_json_begin_object(&w);
        request_members(args, &w);
        rh_json_end_object(&w);
    }
    rh_json_end_array(&w);
    rh_json_end_object(&w);
    return rh_json_finish(&w);
}

int cmd_work_add(struct ctl *ctl)
{
    const int64_t count = args_int(ctl->args, "count", 1);
    struct client_request request = {.method = "POST",
                                     .target = rh_str_from(ctl->args->command->path)};
    struct ctl_answer answer;
    struct rh_buf body;
    int32_t rc;
    int code;

    if (count > 1 && args_has(ctl->args, "key"))
        return ctl_fail(ctl, CTL_USAGE,
                        "--key with --count: the same key would make all items one");
    ctl_answer_init(&answer);
    rh_buf_init(&body, CTL_INPUT_MAX);
    rc = count > 1 ? write_batch(ctl->args, count, &body) : request_body(ctl->args, &body);
    request.body = rh_buf_str(&body);
    if (rc == RH_OK) {
        (void)ctl_ask(ctl, &request, &answer); /* the code is in the answer */
        code = ctl_show(ctl, &answer, ctl->args->command->render);
    } else {
        code = ctl_fail(ctl, CTL_USAGE, "the items: %s", rh_error_text(rc));
    }
    rh_buf_release(&body);
    ctl_answer_release(&answer);
    return code;
}

int cmd_work_retry(struct ctl *ctl)
{
    static const char *const choices[] = {"ID", "type", "config-key", "group", "after", "all"};
    struct client_request request = {.method = "POST",
                                     .target = rh_str_from(ctl->args->command->path)};
    bool is_chosen = false;
    struct ctl_answer answer;
    struct rh_buf body;
    int code;

    for (size_t i = 0; i < sizeof(choices) / sizeof(choices[0]); i++)
        is_chosen = is_chosen || args_has(ctl->args, choices[i]);
    if (!is_chosen)
        return ctl_fail(ctl, CTL_USAGE, "say which: an ID, --type, --config-key, --group or --all");
    ctl_answer_init(&answer);
    rh_buf_init(&body, CTL_INPUT_MAX);
    int32_t rc = request_body(ctl->args, &body);
    request.body = rh_buf_str(&body);
    if (rc == RH_OK) {
        (void)ctl_ask(ctl, &request, &answer); /* the code is in the answer */
        code = ctl_show(ctl, &answer, ctl->args->command->render);
    } else {
        code = ctl_fail(ctl, CTL_USAGE, "the request: %s", rh_error_text(rc));
    }
    rh_buf_release(&body);
    ctl_answer_release(&answer);
    return code;
}

/* The command that begins a run over SSH from a file and options. */
#include <ringhost/sdk/error.h>
#include <ringhost/sdk/str.h>

#include "host/ctl/cmd.h"
#include "host/ctl/ctl.h"
#include "host/ctl/merged.h"

int cmd_ssh_run(struct ctl *ctl)
{
    struct client_request request = {.method = "POST",
                                     .target = rh_str_from(ctl->args->command->path)};
    char *body = merged_body(ctl->args, "run");
    struct ctl_answer answer;
    int code;

    if (!body)
        return ctl_fail(ctl, CTL_USAGE, "the run: %s", rh_error_text(RH_ENOMEM));
    ctl_answer_init(&answer);
    request.body = rh_str_from(body);
    (void)ctl_ask(ctl, &request, &answer); /* the code is in the answer */
    code = ctl_show(ctl, &answer, ctl->args->command->render);
    ctl_answer_release(&answer);
    cJSON_free(body);
    return code;
}

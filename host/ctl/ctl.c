/* One run of ringctl: options to settings, requests to answers, answers to text. */
#include "host/ctl/ctl.h"

#include <inttypes.h>
#include <string.h>

#include <ringhost/sdk/error.h>
#include <ringhost/sdk/str.h>

#include "host/ctl/help.h"
#include "host/ctl/input.h"
#include "host/ctl/render.h"
#include "host/ctl/request.h"
#include "host/ctl/socket.h"

#define ADDR_DEFAULT      "127.0.0.1"
#define TIMEOUT_DEFAULT_S 10.0

int ctl_fail(const struct ctl *ctl, int code, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    (void)fputs("ringctl: ", ctl->env->err); /* where should a failure here be told? */
    (void)vfprintf(ctl->env->err, format, args);
    (void)fputc('\n', ctl->env->err);
    va_end(args);
    return code;
}

void ctl_answer_init(struct ctl_answer *answer)
{
    http_reply_init(&answer->reply);
    answer->json = NULL;
    rh_buf_init(&answer->why, CTL_WHY_MAX);
    answer->code = CTL_OK;
}

void ctl_answer_release(struct ctl_answer *answer)
{
    http_reply_release(&answer->reply);
    cJSON_Delete(answer->json);
    answer->json = NULL;
    rh_buf_release(&answer->why);
}

static int exit_code_of(int32_t rc)
{
    switch (rc) {
    case RH_OK:
        return CTL_OK;
    case RH_EUNREACHABLE:
    case RH_EUNKNOWN:
        return CTL_UNREACHABLE;
    case RH_ETIMEOUT:
        return CTL_TIMEOUT;
    default:
        return CTL_REFUSED;
    }
}

int ctl_ask(struct ctl *ctl, const struct client_request *request, struct ctl_answer *answer)
{
    const struct http_reply *reply = &answer->reply;
    int32_t rc =
        client_exchange(&ctl->client, request, ctl->timeout_ms, &answer->reply, &answer->why);

    answer->code = exit_code_of(rc);
    if (rc != RH_OK) {
        if (rc != RH_EUNREACHABLE && strcmp(request->method, "GET") != 0)
            (void)rh_buf_append_c(&answer->why, "; it may have been done"); /* sticky, as below */
        return answer->code;
    }
    if (reply->body.n > 0)
        answer->json = cJSON_ParseWithLength(reply->body.p, reply->body.n);
    if (reply->status >= 400) {
        answer->code = CTL_REFUSED;
        (void)render_error(answer->json, reply->status, &answer->why);
        if (reply->retry_after_s > 0)
            (void)rh_buf_printf(&answer->why, " (try again in %" PRId64 " s)",
                                reply->retry_after_s);
    } else if (!answer->json && reply->body.n > 0) {
        answer->code = CTL_REFUSED;
        (void)rh_buf_append_c(&answer->why, "bad_reply: the answer is not JSON");
    }
    return answer->code;
}

int ctl_ask_command(struct ctl *ctl, struct ctl_answer *answer)
{
    const struct command *command = ctl->args->command;
    struct client_request request = {.method = command->method};
    struct rh_buf target;
    struct rh_buf body;

    rh_buf_init(&target, CTL_INPUT_MAX);
    rh_buf_init(&body, CTL_INPUT_MAX);
    request_target(ctl->args, &target);
    if (strcmp(command->method, "GET") == 0 || request_body(ctl->args, &body) == RH_OK) {
        request.target = rh_buf_str(&target);
        request.body = rh_buf_str(&body);
        (void)ctl_ask(ctl, &request, answer); /* the code is in the answer */
    } else {
        answer->code = CTL_USAGE;
        (void)rh_buf_append_c(&answer->why, rh_error_text(body.rc)); /* sticky */
    }
    rh_buf_release(&target);
    rh_buf_release(&body);
    return answer->code;
}

static int write_out(const struct ctl *ctl, struct rh_str text)
{
    if (text.n > 0 && fwrite(text.p, 1, text.n, ctl->env->out) != text.n)
        return ctl_fail(ctl, CTL_REFUSED, "standard output cannot be written");
    return CTL_OK;
}

int ctl_print(const struct ctl *ctl, const cJSON *json, render_fn *render)
{
    const struct render_env env = {.now_ms = socket_wall_ms(), .has_colour = ctl->has_colour};
    struct rh_buf out;
    int32_t rc;
    int code;

    rh_buf_init(&out, CTL_OUTPUT_MAX);
    rc = render(json, &env, &out);
    code = rc == RH_OK ? write_out(ctl, rh_buf_str(&out))
                       : ctl_fail(ctl, CTL_REFUSED, "%s", rh_error_text(rc));
    rh_buf_release(&out);
    return code;
}

int ctl_show(const struct ctl *ctl, const struct ctl_answer *answer, render_fn *render)
{
    const struct rh_str body = rh_buf_str(&answer->reply.body);
    int code = answer->code;

    if (ctl->is_json && answer->json) {
        const int written = write_out(ctl, body);

        if (body.p[body.n - 1] != '\n')
            (void)fputc('\n', ctl->env->out); /* the end of the run looks at the stream */
        code = code == CTL_OK ? written : code;
    } else if (code == CTL_OK) {
        return render && answer->json ? ctl_print(ctl, answer->json, render)
                                      : write_out(ctl, RH_STR_LIT("done\n"));
    }
    if (answer->code != CTL_OK)
        (void)ctl_fail(ctl, code, "%.*s", RH_STR_ARG(rh_buf_str(&answer->why)));
    return code;
}

static int run_simple(struct ctl *ctl)
{
    struct ctl_answer answer;
    int code;

    ctl_answer_init(&answer);
    (void)ctl_ask_command(ctl, &answer); /* the code is in the answer */
    code = ctl_show(ctl, &answer, ctl->args->command->render);
    ctl_answer_release(&answer);
    return code;
}

/* Addresses, token, timeout; CTL_OK or CTL_USAGE with words. */
static int configure(struct ctl *ctl, struct rh_buf *why)
{
    const struct ctl_env *env = ctl->env;
    const struct args *args = ctl->args;
    struct rh_str addrs = args_text(args, "addr");
    struct rh_str token = RH_STR_LIT("");

    if (addrs.n == 0)
        addrs = rh_str_from(env->addr && env->addr[0] ? env->addr : ADDR_DEFAULT);
    ctl->timeout_ms = (int64_t)(args_number(args, "timeout", TIMEOUT_DEFAULT_S) * 1000.0);
    if (ctl->timeout_ms < 1)
        ctl->timeout_ms = 1;
    ctl->is_json = args_has(args, "json");
    ctl->has_colour = env->out_is_tty && !(env->no_color && env->no_color[0]);
    if (addr_list_parse(addrs, &ctl->client.addrs, why) != RH_OK)
        return ctl_fail(ctl, CTL_USAGE, "%.*s", RH_STR_ARG(rh_buf_str(why)));
    if (args_has(args, "token-file")) {
        if (input_token(args_text(args, "token-file"), ctl->client.token, why) != RH_OK)
            return ctl_fail(ctl, CTL_USAGE, "%.*s", RH_STR_ARG(rh_buf_str(why)));
        return CTL_OK;
    }
    if (env->token)
        token = rh_str_from(env->token);
    if (!input_is_token(token) ||
        rh_str_copy(ctl->client.token, sizeof(ctl->client.token), token) != RH_OK)
        return ctl_fail(ctl, CTL_USAGE,
                        "RINGHOST_TOKEN is no token: wanted at most 256 visible "
                        "characters");
    return CTL_OK;
}

static int run(struct ctl *ctl, struct args *args)
{
    struct input input;
    struct rh_buf why;
    int code;

    rh_buf_init(&why, CTL_WHY_MAX);
    input_init(&input);
    code = configure(ctl, &why);
    if (code == CTL_OK && input_resolve(&input, args, ctl->env->in, &why) != RH_OK)
        code = ctl_fail(ctl, CTL_USAGE, "%.*s", RH_STR_ARG(rh_buf_str(&why)));
    if (code == CTL_OK)
        code = args->command->run ? args->command->run(ctl) : run_simple(ctl);
    input_release(&input);
    rh_buf_release(&why);
    return code;
}

static int usage_error(const struct ctl *ctl, const struct rh_buf *why)
{
    const struct command *command = ctl->args->command;

    (void)ctl_fail(ctl, CTL_USAGE, "%.*s", RH_STR_ARG(rh_buf_str(why)));
    (void)fprintf(ctl->env->err, "see: ringctl help%s%s\n", command ? " " : "",
                  command ? command->words : ""); /* where should a failure here be told? */
    return CTL_USAGE;
}

static int print_help(struct ctl *ctl, const struct command *command)
{
    struct rh_buf text;
    int code;

    rh_buf_init(&text, CTL_OUTPUT_MAX);
    if (command)
        help_command(command, &text);
    else
        help_all(&text);
    code = write_out(ctl, rh_buf_str(&text));
    rh_buf_release(&text);
    return code;
}

static int dispatch(struct ctl *ctl, struct args *args, int32_t parsed, const struct rh_buf *why)
{
    if (args_has(args, "help"))
        return print_help(ctl, args->command);
    if (args_has(args, "version")) {
        (void)fprintf(ctl->env->out, "ringctl %s\n", ctl->env->version); /* seen at the end */
        return CTL_OK;
    }
    if (parsed != RH_OK)
        return usage_error(ctl, why);
    if (!args->command) {
        struct rh_buf text;

        rh_buf_init(&text, CTL_OUTPUT_MAX);
        help_all(&text);
        (void)fprintf(ctl->env->err, "%.*s", (int)text.n, text.p ? text.p : "");
        rh_buf_release(&text);
        return CTL_USAGE;
    }
    return run(ctl, args);
}

int ctl_main(const struct ctl_env *env, int argc, char *const *argv)
{
    struct args args = {.command = NULL};
    struct ctl ctl = {.env = env, .args = &args};
    struct args_spec spec;
    struct rh_buf why;
    int32_t parsed;
    int code;

    rh_buf_init(&why, CTL_WHY_MAX);
    spec.commands = commands_all(&spec.command_count);
    spec.globals = commands_globals(&spec.global_count);
    parsed = args_parse(&spec, argc, argv, &args, &why);
    code = dispatch(&ctl, &args, parsed, &why);
    if ((fflush(env->out) != 0 || ferror(env->out)) && code == CTL_OK)
        code = ctl_fail(&ctl, CTL_REFUSED, "standard output cannot be written");
    rh_buf_release(&why);
    return code;
}

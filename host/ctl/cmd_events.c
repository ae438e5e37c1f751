/* The command that prints events: from the stream of one node, connected again when it ends. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <ringhost/sdk/error.h>
#include <ringhost/sdk/str.h>

#include "host/ctl/cmd.h"
#include "host/ctl/ctl.h"
#include "host/ctl/input.h"
#include "host/ctl/json_get.h"
#include "host/ctl/render.h"
#include "host/ctl/socket.h"
#include "host/ctl/sse.h"

#define RETRY_MAX_MS 10000
/* The id before every stored event: a node replays all that it has kept. */
#define SINCE_ALL "0.0.0.0"

/* One run of the command. */
struct feed {
    struct ctl *ctl;
    struct sse sse;
    int64_t retry_ms; /* before the next connection */
    uint64_t shown;
    bool is_following;
    bool was_open;
};

static bool is_wanted(const struct args *args, struct rh_str type)
{
    bool is_any = true;

    for (uint32_t i = 0; i < args->count; i++) {
        if (strcmp(args->values[i].row->name, "type") != 0)
            continue;
        if (rh_str_eq(args->values[i].text, type))
            return true;
        is_any = false;
    }
    return is_any;
}

/* A node tells how many events it no longer has; 0 stands for those of its earlier lives that were
 * never stored, and says nothing to who asked for the stored ones. */
static void tell_gap(const struct feed *feed, struct rh_str data)
{
    cJSON *json = cJSON_ParseWithLength(data.p, data.n);
    const int64_t missed = json_get_int(json, "missed", 0);

    if (missed > 0)
        (void)ctl_fail(feed->ctl, CTL_OK, "%" PRId64 " events were missed", missed);
    else if (feed->is_following)
        (void)ctl_fail(feed->ctl, CTL_OK, "events that were not stored may be missing here");
    cJSON_Delete(json);
}

static int print_event(struct feed *feed, const struct sse_event *event)
{
    const struct ctl *ctl = feed->ctl;
    cJSON *json;
    int code = CTL_OK;

    if (rh_str_eq_c(event->type, "gap")) {
        tell_gap(feed, event->data);
        return CTL_OK;
    }
    if (!is_wanted(ctl->args, event->type))
        return CTL_OK;
    feed->shown++;
    if (ctl->is_json) {
        (void)fwrite(event->data.p, 1, event->data.n, ctl->env->out);
        (void)fputc('\n', ctl->env->out);
    } else {
        json = cJSON_ParseWithLength(event->data.p, event->data.n);
        code = ctl_print(ctl, json, render_event);
        cJSON_Delete(json);
    }
    if (code == CTL_OK && (fflush(ctl->env->out) != 0 || ferror(ctl->env->out)))
        code = ctl_fail(ctl, CTL_REFUSED, "standard output cannot be written");
    return code;
}

/* Prints what came; CTL_OK to go on. */
static int take_bytes(struct feed *feed, struct rh_str bytes)
{
    struct sse_event event;
    int32_t rc;

    while ((rc = sse_next(&feed->sse, &bytes, &event)) == 1) {
        const int code = print_event(feed, &event);

        if (code != CTL_OK)
            return code;
    }
    if (rc != RH_OK)
        return ctl_fail(feed->ctl, CTL_REFUSED, "an event: %s", rh_error_text(rc));
    return CTL_OK;
}

/* Reads an open stream to its end. true: the command ends with *code. */
static bool read_stream(struct feed *feed, struct client_stream *stream, int *code)
{
    const struct ctl_env *env = feed->ctl->env;
    int32_t rc = RH_OK;

    feed->was_open = true;
    feed->retry_ms = feed->sse.retry_ms >= 0 ? feed->sse.retry_ms : env->retry_ms;
    while (rc == RH_OK) {
        *code = take_bytes(feed, rh_buf_str(&stream->reply.body));
        if (*code != CTL_OK)
            return true;
        rh_buf_reset(&stream->reply.body);
        rc = client_stream_read(stream, feed->is_following ? env->idle_ms : env->quiet_ms);
    }
    if (feed->sse.retry_ms >= 0)
        feed->retry_ms = feed->sse.retry_ms;
    if (feed->is_following) {
        (void)ctl_fail(feed->ctl, 0, "the event stream %s; connecting again",
                       rc == RH_ETIMEOUT ? "is silent" : "has ended");
        return false;
    }
    /* Quiet: all that is stored was shown. */
    if (rc != RH_ETIMEOUT)
        *code = ctl_fail(feed->ctl, CTL_UNREACHABLE, "the event stream has ended early");
    return true;
}

/* A reply that is no stream: an answer made of it says why. */
static int show_refusal(const struct feed *feed, struct client_stream *stream, bool *is_final)
{
    const int status = stream->reply.status;
    struct ctl_answer answer;
    int code;

    ctl_answer_init(&answer);
    answer.code = CTL_REFUSED;
    if (stream->reply.body.n > 0)
        answer.json = cJSON_ParseWithLength(stream->reply.body.p, stream->reply.body.n);
    if (status >= 400)
        (void)render_error(answer.json, status, &answer.why);
    else
        (void)rh_buf_append_c(&answer.why, "bad_reply: the answer is no event stream"); /* sticky */
    *is_final = !feed->was_open || (status < 500 && status != 429);
    code = ctl_show(feed->ctl, &answer, NULL);
    ctl_answer_release(&answer);
    return code;
}

/* One connection. true: the command ends with *code. */
static bool connect_once(struct feed *feed, int *code)
{
    struct ctl *ctl = feed->ctl;
    const struct client_request request = {.method = "GET",
                                           .target = rh_str_from(ctl->args->command->path),
                                           .last_event_id = feed->sse.last_id};
    struct client_stream stream;
    struct rh_buf why;
    bool is_final = false;
    int32_t rc;

    rh_buf_init(&why, CTL_WHY_MAX);
    rc = client_stream_open(&ctl->client, &request, ctl->timeout_ms, &stream, &why);
    if (rc != RH_OK) {
        is_final = !feed->was_open;
        *code = rc == RH_ETIMEOUT ? CTL_TIMEOUT : CTL_UNREACHABLE;
        (void)ctl_fail(ctl, *code, "%.*s", RH_STR_ARG(rh_buf_str(&why)));
    } else if (client_stream_is_open(&stream)) {
        is_final = read_stream(feed, &stream, code);
    } else {
        *code = show_refusal(feed, &stream, &is_final);
    }
    if (rc == RH_OK)
        client_stream_close(&stream);
    rh_buf_release(&why);
    return is_final;
}

/* The ids of a node mean nothing to another: from now on only this one is asked. */
static void stay(struct client *client)
{
    client->addrs.items[0] = client->addrs.items[client->current];
    client->addrs.count = 1;
    client->current = 0;
}

/* Four whole numbers, parted by dots; a node takes anything else for no cursor at all. */
static bool is_cursor(struct rh_str text)
{
    uint32_t parts = 0;
    struct rh_str part = {text.p, 0};

    for (size_t i = 0; i <= text.n; i++) {
        uint64_t number;

        if (i < text.n && text.p[i] != '.')
            continue;
        part.n = (size_t)(text.p + i - part.p);
        if (rh_parse_u64(part, &number) != RH_OK)
            return false;
        parts++;
        part.p = text.p + i + 1;
    }
    return parts == 4;
}

int cmd_events(struct ctl *ctl)
{
    const struct rh_str since = args_text(ctl->args, "since");
    struct feed feed = {.ctl = ctl, .retry_ms = ctl->env->retry_ms};
    int code = CTL_OK;

    feed.is_following = args_has(ctl->args, "follow");
    sse_init(&feed.sse);
    if ((since.n > 0 && !is_cursor(since)) ||
        rh_str_copy(feed.sse.last_id, sizeof(feed.sse.last_id), since) != RH_OK)
        return ctl_fail(ctl, CTL_USAGE,
                        "--since: \"%.*s\" is no cursor of an event, as in \"3.14.2.7\"",
                        RH_STR_ARG(since));
    if (since.n == 0 && !feed.is_following)
        (void)rh_str_copy(feed.sse.last_id, sizeof(feed.sse.last_id),
                          RH_STR_LIT(SINCE_ALL)); /* fits */
    while (!connect_once(&feed, &code)) {
        stay(&ctl->client);
        sse_restart(&feed.sse);
        socket_pause(feed.retry_ms);
        feed.retry_ms = feed.retry_ms * 2 < RETRY_MAX_MS ? feed.retry_ms * 2 : RETRY_MAX_MS;
    }
    if (code == CTL_OK && feed.shown == 0 && !feed.is_following && !ctl->is_json)
        (void)fputs("no stored events\n", ctl->env->out);
    sse_release(&feed.sse);
    return code;
}

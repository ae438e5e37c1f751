/* See other_node.h. */
#include "host/ctl/other_node.h"

#include <ringhost/sdk/buf.h>
#include <ringhost/sdk/str.h>

#include "host/ctl/json_get.h"

void other_node_stay(struct ctl *ctl)
{
    struct addr_list *addrs = &ctl->client.addrs;

    addrs->items[0] = addrs->items[ctl->client.current];
    addrs->count = 1;
    ctl->client.current = 0;
}

int other_node_check(const struct ctl *ctl, const struct ctl_answer *answer, struct rh_str node_id,
                     const char *more)
{
    const char *who = answer->reply.node_id;
    char address[ADDR_TEXT_SIZE];

    if (node_id.n == 0 || rh_str_eq_c(node_id, who))
        return CTL_OK;
    (void)addr_format(&ctl->client.addrs.items[ctl->client.current], address);
    if (!who[0])
        return ctl_fail(ctl, CTL_REFUSED, "%s does not say that it is node %.*s%s", address,
                        RH_STR_ARG(node_id), more);
    return ctl_fail(ctl, CTL_REFUSED, "%s is node %s, not %.*s%s", address, who,
                    RH_STR_ARG(node_id), more);
}

static const cJSON *find_peer(const cJSON *json, struct rh_str node_id)
{
    for (const cJSON *peer = json_get_items(json, "peers"); peer; peer = peer->next) {
        if (rh_str_eq_c(node_id, json_get_text(peer, "node_id")))
            return peer;
    }
    return NULL;
}

/* The address of a peer; CTL_REFUSED with words where there is none to be asked at. */
static int read_address(const struct ctl *ctl, const cJSON *peer, struct rh_str node_id,
                        struct addr_list *out)
{
    const cJSON *first = json_get_items(peer, "addresses");
    const char *reach = json_get_text(peer, "reach");
    struct rh_buf why;
    int code = CTL_OK;

    if (reach[0] && !rh_str_eq_c(RH_STR_LIT("direct"), reach))
        return ctl_fail(ctl, CTL_REFUSED,
                        "node %.*s is reached through %s only, and this is not passed on; run "
                        "\"ringctl %s\" on its machine",
                        RH_STR_ARG(node_id), reach, ctl->args->command->words);
    if (!cJSON_IsString(first))
        return ctl_fail(ctl, CTL_REFUSED, "no address is known of a node \"%.*s\"",
                        RH_STR_ARG(node_id));
    rh_buf_init(&why, CTL_WHY_MAX);
    if (addr_list_parse(rh_str_from(first->valuestring), out, &why) != RH_OK)
        code = ctl_fail(ctl, CTL_REFUSED, "%.*s", RH_STR_ARG(rh_buf_str(&why)));
    rh_buf_release(&why);
    return code;
}

/* Asks who answers at the addresses that are set. */
static int meet(struct ctl *ctl, struct rh_str node_id)
{
    const struct client_request request = {.method = "GET", .target = RH_STR_LIT("/healthz")};
    struct ctl_answer answer;
    int code;

    ctl_answer_init(&answer);
    code = ctl_ask(ctl, &request, &answer);
    if (code == CTL_OK)
        code = other_node_check(ctl, &answer, node_id, "");
    else
        (void)ctl_fail(ctl, code, "%.*s", RH_STR_ARG(rh_buf_str(&answer.why)));
    ctl_answer_release(&answer);
    return code;
}

int other_node_turn_to(struct ctl *ctl, struct rh_str node_id)
{
    const struct client_request request = {.method = "GET", .target = RH_STR_LIT("/peers")};
    const struct client before = ctl->client;
    struct ctl_answer answer;
    int code;

    ctl_answer_init(&answer);
    code = ctl_ask(ctl, &request, &answer);
    if (code != CTL_OK) {
        (void)ctl_fail(ctl, code, "%.*s", RH_STR_ARG(rh_buf_str(&answer.why)));
    } else if (rh_str_eq_c(node_id, answer.reply.node_id)) {
        other_node_stay(ctl);
    } else {
        code = read_address(ctl, find_peer(answer.json, node_id), node_id, &ctl->client.addrs);
        if (code == CTL_OK) {
            ctl->client.current = 0;
            code = meet(ctl, node_id);
        }
    }
    if (code != CTL_OK)
        ctl->client = before;
    ctl_answer_release(&answer);
    return code;
}

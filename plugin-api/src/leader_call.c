/* See leader_call.h. */
#include <ringhost/sdk/leader_call.h>

int32_t rh_leader_call(const struct rh_services *rh, const char *method, const char *path,
                       struct rh_json_reply *take_body, uint64_t epoch,
                       void (*cb)(void *self, void *user, const struct rh_reply *reply), void *user)
{
    struct rh_call call = {.size = (uint32_t)sizeof(call),
                           .target = "leader",
                           .method = method,
                           .path = path,
                           .epoch = epoch};
    int32_t rc = RH_OK;

    if (take_body) {
        rh_json_end_object(&take_body->w);
        rc = rh_json_finish(&take_body->w);
        call.body = rh_buf_str(&take_body->buf);
    }
    if (rc == RH_OK)
        rc = rh->http->call(rh->ctx, &call, cb, user, NULL);
    if (take_body)
        rh_buf_release(&take_body->buf);
    return rc;
}

int32_t rh_leader_answer(const struct rh_services *rh, const struct rh_reply *reply,
                         const char *path, const struct rh_fields *table, void *out, void **memory)
{
    char why[RH_TEXT_MAX] = "";
    int32_t rc;

    if (memory)
        *memory = NULL;
    if (reply->rc != RH_OK)
        return rh_failf(rh, reply->rc, "%s: %.*s", path, RH_STR_ARG(reply->message));
    if (reply->status >= 300)
        return rh_failf(rh, RH_EPROTOCOL, "%s answered %u %.*s: %.*s", path,
                        (unsigned)reply->status, RH_STR_ARG(reply->error_code),
                        RH_STR_ARG(reply->message));
    if (!table)
        return RH_OK;
    rc = rh->fields->decode(rh->ctx, table, reply->body, out, memory, why, (uint32_t)sizeof(why));
    return rc == RH_OK ? RH_OK : rh_failf(rh, rc, "the answer of %s: %s", path, why);
}

uint64_t rh_leader_epoch(const struct rh_services *rh)
{
    struct rh_leader leader = {.size = (uint32_t)sizeof(leader)};

    rh->cluster->leader(rh->ctx, &leader);
    return leader.is_self ? leader.epoch : 0;
}

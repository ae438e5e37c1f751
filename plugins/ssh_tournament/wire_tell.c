/* Tells this node, and with it the bridge for events, that a run has ended. Runs are the node's
 * own, and so is the event: it is no cluster event, and not told again by another life of the node.
 */
#include "wire.h"

#define TYPE              "SSH_RUN_COMPLETED"
#define PAYLOAD_BYTES_MAX 4096u

struct run_completed {
    struct rh_str run_id, label, state;
    int64_t matches, ok, failed, lost, unreachable, cancelled;
};

static const struct rh_field payload_fields[] = {
    RH_STR(struct run_completed, run_id, RH_REQUIRED, "the run; its id begins with the node's"),
    RH_STR(struct run_completed, label, 0, "the label that it was given"),
    RH_CHOICE(struct run_completed, state, RH_REQUIRED, NULL, "done halted cancelled",
              "how it ended"),
    RH_INT(struct run_completed, matches, 0, 0, RUN_MATCHES_MAX, "all of them"),
    RH_INT(struct run_completed, ok, 0, 0, RUN_MATCHES_MAX, "exit code 0"),
    RH_INT(struct run_completed, failed, 0, 0, RUN_MATCHES_MAX, "another, or too long"),
    RH_INT(struct run_completed, lost, 0, 0, RUN_MATCHES_MAX, "started, and the end not seen"),
    RH_INT(struct run_completed, unreachable, 0, 0, RUN_MATCHES_MAX, "never started"),
    RH_INT(struct run_completed, cancelled, 0, 0, RUN_MATCHES_MAX,
           "ended on request, or never begun"),
};

const struct rh_event_def ssh_run_event = {
    .size = (uint32_t)sizeof(struct rh_event_def),
    .kind = RH_EVENT_LOCAL,
    .type = TYPE,
    .doc = "A run over SSH has ended on this node; once more after it was resumed.",
    .payload = RH_FIELDS(struct run_completed, payload_fields),
};

void ssh_tell_end(struct plugin *p, const struct run *run)
{
    struct rh_json_writer w;
    struct rh_buf buf;

    rh_buf_init(&buf, PAYLOAD_BYTES_MAX);
    rh_json_init(&w, &buf);
    rh_json_begin_object(&w);
    rh_json_kv_str(&w, "run_id", run->spec.id);
    if (run->spec.label.n > 0)
        rh_json_kv_str(&w, "label", run->spec.label);
    rh_json_kv_strc(&w, "state", run_state_name(run->status.state));
    rh_json_kv_int(&w, "matches", run->spec.match_count);
    for (uint8_t state = MATCH_OK; state < MATCH_STATE_COUNT; state++)
        rh_json_kv_int(&w, match_state_name(state), run->counts[state]);
    rh_json_end_object(&w);
    if (rh_json_finish(&w) != RH_OK ||
        p->rh.events->publish(p->rh.ctx, TYPE, rh_buf_str(&buf), NULL) != RH_OK)
        rh_log_warn(&p->rh, "ssh_run_not_told", "run=%.*s", RH_STR_ARG(run->spec.id));
    rh_buf_release(&buf);
}

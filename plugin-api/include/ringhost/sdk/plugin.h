/* What every plugin's wiring needs: services in one struct, log and error lines with printf
 * formats, JSON replies. Not for pure cores. All [loop]. */
#ifndef RH_SDK_PLUGIN_H
#define RH_SDK_PLUGIN_H

#include <ringhost/abi.h>
#include <ringhost/sdk/buf.h>
#include <ringhost/sdk/json_writer.h>
#include <ringhost/sdk/str.h>
#include <ringhost/service/cluster.h>
#include <ringhost/service/control.h>
#include <ringhost/service/core.h>
#include <ringhost/service/events.h>
#include <ringhost/service/fields.h>
#include <ringhost/service/file.h>
#include <ringhost/service/http.h>
#include <ringhost/service/metrics.h>
#include <ringhost/service/process.h>
#include <ringhost/service/state.h>
#include <ringhost/service/work.h>

/* The longest log or error text; longer ones are cut. Bytes. */
#define RH_TEXT_MAX 512u

/* Every service by name; NULL where it was not granted (only optional ones can be). */
struct rh_services {
    struct rh_ctx *ctx;
    const struct rh_core_v1 *core;
    const struct rh_fields_v1 *fields;
    const struct rh_http_v1 *http;
    const struct rh_events_v1 *events;
    const struct rh_state_v1 *state;
    const struct rh_cluster_v1 *cluster;
    const struct rh_process_v1 *process;
    const struct rh_file_v1 *file;
    const struct rh_work_v1 *work;
    const struct rh_metrics_v1 *metrics;
    const struct rh_control_v1 *control;
};

/* Fetch what was granted. Call it first in create. */
void rh_services_init(struct rh_services *rh, struct rh_ctx *ctx, const struct rh_host *host);

/* Say why and return rc: return rh_failf(rh, RH_ENOTFOUND, "no work item \"%s\"", id); */
int32_t rh_failf(const struct rh_services *rh, int32_t rc, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same for a value of the configuration, in create and reconfigure: field is the path of its
 * key below `config`, "" = the whole section; see fail_field of rh.core/1. The words are "FIELD:
 * TEXT", also on a host that does not know where the key is. */
int32_t rh_fail_fieldf(const struct rh_services *rh, int32_t rc, const char *field,
                       const char *format, ...) __attribute__((format(printf, 4, 5)));

/* A path for it: rh_fail_fieldf(rh, rc, rh_field_path("pools.%u", index).text, ...). Cut when
 * longer than the host takes. [any] */
struct rh_field_path {
    char text[256];
};
struct rh_field_path rh_field_path(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* One log line: event name, then "key=value ..." from a format. level RH_LOG_... */
void rh_logf(const struct rh_services *rh, uint32_t level, const char *event, const char *format,
             ...) __attribute__((format(printf, 4, 5)));
#define rh_log_debug(rh, event, ...) rh_logf((rh), RH_LOG_DEBUG, (event), __VA_ARGS__)
#define rh_log_info(rh, event, ...)  rh_logf((rh), RH_LOG_INFO, (event), __VA_ARGS__)
#define rh_log_warn(rh, event, ...)  rh_logf((rh), RH_LOG_WARN, (event), __VA_ARGS__)
#define rh_log_error(rh, event, ...) rh_logf((rh), RH_LOG_ERROR, (event), __VA_ARGS__)

/* Show a lasting condition in health until it is called again with format NULL; see warn of
 * rh.core/1. A host that does not know it shows nothing. */
void rh_warnf(const struct rh_services *rh, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* A JSON reply under construction: begin opens the top-level object, send closes it and answers. */
struct rh_json_reply {
    struct rh_buf buf;
    struct rh_json_writer w;
};
void rh_json_reply_begin(struct rh_json_reply *reply);
/* Answers and releases. Returns RH_OK, or what went wrong (a negative code answers the request by
 * itself). */
int32_t rh_json_reply_send(struct rh_json_reply *reply, const struct rh_services *rh, rh_req req,
                           uint32_t status);
/* The same without waiting for commits, see reply_early of rh.http/1; a host that does not know it
 * holds the answer as any other. */
int32_t rh_json_reply_send_early(struct rh_json_reply *reply, const struct rh_services *rh,
                                 rh_req req, uint32_t status);

/* Answer with an error: status, code and default text from rc. code NULL = rc's own. */
int32_t rh_reply_errorf(const struct rh_services *rh, rh_req req, int32_t rc, const char *code,
                        const char *format, ...) __attribute__((format(printf, 5, 6)));

/* Whether the caller may speak for the node `claimed`: a node speaks for itself only. RH_OK, also
 * for a caller that is no node, as there are without tokens; RH_EFORBIDDEN with the words said. */
int32_t rh_check_speaker(const struct rh_services *rh, rh_req req, struct rh_str claimed);

/* Answer {"ok":true}. */
int32_t rh_reply_ok(const struct rh_services *rh, rh_req req);

#endif

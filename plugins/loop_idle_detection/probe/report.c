/* See report.h. */
#include "report.h"

#include <ringhost/sdk/json_writer.h>

static void put_percent(struct rh_json_writer *w, const char *key, double value)
{
    if (value >= 0)
        rh_json_kv_double(w, key, value);
    else
        rh_json_kv_null(w, key);
}

static void put_count(struct rh_json_writer *w, const char *key, int64_t value)
{
    if (value >= 0)
        rh_json_kv_int(w, key, value);
    else
        rh_json_kv_null(w, key);
}

void report_write(const struct report *report, struct rh_buf *buf)
{
    static const char *const states[] = {"unknown", "none", "some"};
    const struct gpus *gpus = report->gpus;
    struct rh_json_writer w;

    rh_json_init(&w, buf);
    rh_json_begin_object(&w);
    rh_json_kv_strc(&w, "gpu_state", states[gpus->state]);
    rh_json_kv_strc(&w, "gpu_source", report->source);
    rh_json_kv_strc(&w, "problem", gpus->why);
    rh_json_key(&w, "gpus");
    rh_json_begin_array(&w);
    for (uint32_t i = 0; i < gpus->count; i++) {
        const struct gpu *gpu = &gpus->list[i];

        rh_json_begin_object(&w);
        rh_json_kv_int(&w, "index", i);
        rh_json_kv_strc(&w, "name", gpu->name);
        rh_json_kv_strc(&w, "uuid", gpu->uuid);
        put_percent(&w, "utilization", gpu->utilization);
        put_count(&w, "memory_used_mb", gpu->memory_used_mb);
        put_count(&w, "memory_total_mb", gpu->memory_total_mb);
        rh_json_end_object(&w);
    }
    rh_json_end_array(&w);
    rh_json_key(&w, "cpu");
    rh_json_begin_object(&w);
    rh_json_kv_int(&w, "count", report->cpu_count);
    put_percent(&w, "utilization", report->cpu_percent);
    put_percent(&w, "pressure", report->pressure_percent);
    rh_json_end_object(&w);
    rh_json_end_object(&w);
    (void)rh_json_finish(&w); /* the error stays in buf */
    (void)rh_buf_append_byte(buf, '\n');
}

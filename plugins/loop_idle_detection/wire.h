/* What the wiring files of idle detection share: its struct and who does what; no decisions. */
#ifndef RH_PLUGINS_LOOP_IDLE_DETECTION_WIRE_H
#define RH_PLUGINS_LOOP_IDLE_DETECTION_WIRE_H

#include <ringhost/sdk/leader_call.h>
#include <ringhost/sdk/loop_actions.h>

#include "idle.h"

#define IDLE_LOOP       "idle_detection"
#define IDLE_ARGV_MAX   64u
#define IDLE_KEY_SIZE   48u
#define IDLE_NAME_SIZE  64u
#define IDLE_REPORT_MAX (64 * 1024)

struct idle_config {
    int64_t loop_idle_detection;
    int32_t enabled;
    int32_t dry_run;
    struct rh_str source;
    struct rh_str_list command;
    struct rh_str file;
    struct rh_str devices;
    struct rh_str jobs;
    double below_percent;
    int64_t idle_after;
    int64_t timeout;
};

struct plugin {
    struct rh_services rh;
    const struct idle_config *config;
    struct rh_loop_actions actions;
    struct idle idle;
    struct idle_reading reading; /* the last one */
    struct idle_jobs jobs;
    int64_t read_at_ms; /* Unix ms; 0 = none yet */
    char names[IDLE_DEVICES_MAX][IDLE_NAME_SIZE];
    uint64_t runs;
    char key[IDLE_KEY_SIZE]; /* of the sensor's process under way; "" = none */
    bool is_active;
};

/* wire_look.c: one run of the loop. */
int32_t idle_look(struct plugin *p);
/* Collects sensors of an earlier life, so that their keys and folders go. */
void idle_collect(struct plugin *p);

#endif

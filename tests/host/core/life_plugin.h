/* A plugin for tests of the core's life: what each step returns is the test's wish, what happened
 * is written down. Not for anything but tests; the script reaches it as a number in its config. */
#ifndef RH_TESTS_HOST_CORE_LIFE_PLUGIN_H
#define RH_TESTS_HOST_CORE_LIFE_PLUGIN_H

#include <stdbool.h>
#include <stdint.h>

#include <ringhost/role/leader.h>
#include <ringhost/role/membership.h>
#include <ringhost/sdk/plugin.h>
#include <ringhost/testhost.h>

/* What the plugin has, or'd together. */
#define LIFE_LOCAL      1u   /* a local namespace named as the plugin */
#define LIFE_REPLICATED 2u   /* a replicated one */
#define LIFE_ROUTES     4u   /* /life/...; one such plugin a node */
#define LIFE_LOOP       8u   /* loop "tick", every 1,000 ms */
#define LIFE_LEAD_LOOP  16u  /* the same, only on the leader */
#define LIFE_EVENTS     32u  /* subscribes to all */
#define LIFE_LEADS      64u  /* role leader/1, rank 10; the test decides */
#define LIFE_MEMBERS    128u /* role membership/1, rank 10 */
#define LIFE_CONTROL    256u /* asks for rh.control/1; the id must be admin */

#define LIFE_TEXT_MAX   16384u
#define LIFE_TIMES_MAX  64u

/* Words in the order in which they were added, each followed by a blank. */
struct life_text {
    char text[LIFE_TEXT_MAX];
    size_t n;
};

/* The wishes of the test and what came of them. Lives longer than the plugin. */
struct life_script {
    const char *id; /* set by life_describe */
    int32_t create_rc, start_rc, activate_rc, quiesce_rc, stop_rc, migrate_rc, loop_rc, event_rc;
    int64_t done_ms; /* a step that returns RH_PENDING is done so much later; < 0 = never */
    int32_t reconfigure_rc;
    uint32_t reconfigured;             /* calls of reconfigure that were accepted */
    int32_t done_rc;                   /* with this result */
    const char *fail_text;             /* given to core->fail by failing steps; NULL = none */
    uint32_t schema_min, schema_write; /* of the namespace; 0 = 1 */
    bool is_beside;                    /* its replicated namespace is RH_NS_BESIDE */
    uint32_t migrate_puts;             /* batches that migrate commits */
    int32_t migrate_put_rc;            /* what the last of them returned */
    uint32_t schema_told;              /* what rh.state/1 said in activate */
    int64_t jitter_ms;                 /* of the loop */
    const char *loop_interval;         /* in its configuration; NULL = "1s" */
    bool loop_is_off;                  /* its configuration says enabled: false */
    struct life_text *trace; /* "id.step " a step; may be shared by plugins; NULL = none */
    struct rh_services *rh;  /* of the living instance, or NULL */
    const struct rh_leader_host_v1 *leader;
    const struct rh_membership_host_v1 *membership;
    uint64_t epoch; /* of the last activate */
    uint32_t activations, deactivations;
    bool calls_in_activate; /* activate makes a call that is never answered; its end calls done */
    uint32_t migrated_from;
    uint32_t echoes; /* events that the next delivered one publishes before it is looked at */
    struct life_text events;      /* types in the order of delivery */
    struct life_text payloads;    /* "source payload " of each */
    uint32_t steps_down, homes;   /* calls of the leader role's functions */
    int32_t transfer_rc;          /* what its transfer returns; fail_text goes along */
    struct life_text transfers;   /* whom it was asked to hand over to */
    uint32_t is_active, has_left; /* what the roles were told */
    int64_t loop_at_ms[LIFE_TIMES_MAX];
    uint32_t loop_count;
};

/* A descriptor and all it points at. Must outlive rh_testhost_new. */
struct life_plugin {
    struct rh_plugin desc;
    struct rh_namespace name_space;
    struct rh_event_def event;
    struct rh_loop loop;
    struct rh_role role;
    const char *after[2];
    char config[96];
};

/* Fill a descriptor. after may be NULL. */
void life_describe(struct life_plugin *out, const char *id, const char *after, uint32_t flags,
                   struct life_script *script);
struct rh_testhost_plugin life_entry(const struct life_plugin *plugin);

void life_text_add(struct life_text *text, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* How often a word stands in it. */
uint32_t life_text_count(const struct life_text *text, const char *word);

/* Run fn as a callback of the plugin and let the net run ms. */
void life_call(struct rh_testnet *net, struct life_script *script,
               void (*fn)(void *self, void *script), int64_t ms);
/* The script behind an instance. */
struct life_script *life_script_of(void *self);

/* Commit key = value; what comes of it goes to the trace as "commit:CODE ". type not NULL: with a
 * cluster event of that type and payload. Returns what commit returned. */
int32_t life_put(struct life_script *script, const char *key, const char *value, const char *type,
                 const char *payload);

#endif

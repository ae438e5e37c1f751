/* Machines that were started here, from the intention to start one until it is gone: what each
 * needs next, and which are to go. Pure. Only what was started here is ever stopped. */
#ifndef RH_PLUGINS_LOOP_AUTO_SCALING_FLEET_H
#define RH_PLUGINS_LOOP_AUTO_SCALING_FLEET_H

#include <stdbool.h>
#include <stdint.h>

/* Bytes, NUL included. */
#define FLEET_NODE_SIZE   96u
#define FLEET_POOL_SIZE   64u
#define FLEET_HANDLE_SIZE 256u
#define FLEET_ERROR_SIZE  200u

enum fleet_state {
    FLEET_STARTING, /* it is intended; the driver may have been asked, and is asked until it agrees
                     */
    FLEET_BOOTING,  /* the driver has it; the node is not alive yet */
    FLEET_READY,
    FLEET_DRAINING, /* takes no new work */
    FLEET_STOPPING, /* likewise intended */
    FLEET_STATES
};

struct fleet_machine {
    char node_id[FLEET_NODE_SIZE]; /* given by us; the driver knows the machine by it, too */
    char pool[FLEET_POOL_SIZE];
    char handle[FLEET_HANDLE_SIZE]; /* the driver's own word for it */
    char error[FLEET_ERROR_SIZE];   /* of the last thing that failed */
    int64_t since_ms;               /* in this state, Unix ms */
    int64_t not_before_ms;          /* the driver is not asked again before */
    uint32_t attempts;              /* that failed, in this state */
    enum fleet_state state;
    bool is_drained; /* the node has said so; of a ready one: it is to be told that it may work */
};

/* The node of a machine, as membership and the queue see it. */
struct fleet_view {
    bool is_alive;
    bool is_gone; /* dead, or left; not merely suspect or unknown */
    bool is_leader;
    bool is_voter;
    bool is_protected;
    int64_t leases;
};

struct fleet_limits {
    int64_t boot_ms;       /* a node that is not alive after so long is given up */
    int64_t retry_base_ms; /* after the first failure of a driver; doubles */
    int64_t retry_most_ms;
    int64_t driver_ms; /* a driver is killed after so long */
};

/* How the machines of a pool have come up of late. Zeroed: nothing is known. */
struct fleet_boots {
    int64_t not_before_ms; /* none is started before, Unix ms */
    uint32_t failures;     /* runs in a row in which none came up, and one was given up */
};

/* Failures in a row from which on health warns of a pool. */
#define FLEET_BOOT_WARN 3u

enum fleet_op { FLEET_NOTHING, FLEET_START, FLEET_STOP, FLEET_DRAIN, FLEET_UNDRAIN };

/* "starting", ... Static. [any] */
const char *fleet_state_name(enum fleet_state state);

/* Moves the machine to another state and clears what belonged to the one before. [any] */
void fleet_move(struct fleet_machine *machine, enum fleet_state to, int64_t now_ms);

/* What the machine needs now, whatever is desired: it may change its state first. [any] */
enum fleet_op fleet_advance(struct fleet_machine *machine, const struct fleet_view *view,
                            const struct fleet_limits *limits, int64_t now_ms);

/* Whether it counts as one that is there: starting, booting or ready; the latter apart. [any] */
bool fleet_counts(const struct fleet_machine *machine);
bool fleet_is_ready(const struct fleet_machine *machine);

/* Of the machines of one pool: at most `count` that are being drained stay after all. Their ops are
 * set to FLEET_UNDRAIN; returns how many. [any] */
int64_t fleet_keep(struct fleet_machine *const *machines, enum fleet_op *ops,
                   uint32_t machine_count, int64_t count, int64_t now_ms);
/* At most `count` go: first those that no driver has agreed to start, then those that boot, the
 * newest of them first; then ready ones that are not the leader, no voter and not protected, those
 * with fewest leases first, then the newest. Ready ones are only drained: they go when they hold
 * nothing. A driver may have started what it did not agree to, and one that another leader asked
 * may still be at it: the former are stopped, too, after driver_ms. Returns how many. [any] */
int64_t fleet_shrink(struct fleet_machine *const *machines, const struct fleet_view *views,
                     enum fleet_op *ops, uint32_t machine_count, int64_t count,
                     const struct fleet_limits *limits, int64_t now_ms);

/* What a run has seen of a pool: machines that came up, and such that were given up because they
 * did not. One that came up ends the wait; else it doubles as for drivers. Then whether a machine
 * may be started, and whether a step of one was to come up, or to be given up for that. [any] */
void fleet_boots_note(struct fleet_boots *boots, uint32_t ups, uint32_t given_up,
                      const struct fleet_limits *limits, int64_t now_ms);
bool fleet_boots_allow(const struct fleet_boots *boots, const struct fleet_limits *limits,
                       int64_t now_ms);
bool fleet_came_up(enum fleet_state before, enum fleet_state after);
bool fleet_gave_up(enum fleet_state before, enum fleet_state after);

/* What came of asking a driver. is_later: it asked to be asked again, which is no failure. [any] */
void fleet_failed(struct fleet_machine *machine, const char *error, bool is_later,
                  const struct fleet_limits *limits, int64_t now_ms);

#endif

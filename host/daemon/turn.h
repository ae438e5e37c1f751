/* The end of a loop turn: hooks that run after the events of a turn and again before the loop
 * sleeps. Not a task queue. */
#ifndef RH_HOST_DAEMON_TURN_H
#define RH_HOST_DAEMON_TURN_H

#include <stdint.h>
#include <uv.h>

#define TURN_HOOKS_MAX 8u

struct turn_hook {
    void (*run)(void *user);
    void *user;
};

/* Embedded by the caller; must not move between init and the end of close. */
struct turn {
    uv_prepare_t prepare;
    uv_check_t check;
    uv_idle_t idle;
    struct turn_hook hooks[TURN_HOOKS_MAX];
    uint32_t hook_count;
};

/* Starts on a loop. The turn alone keeps no loop alive. RH_OK or RH_EINTERNAL. [loop] */
int32_t turn_init(struct turn *turn, uv_loop_t *loop);

/* Adds a hook; hooks run in the order of adding, twice a turn, also when there is nothing to do. At
 * most TURN_HOOKS_MAX. [loop] */
void turn_add(struct turn *turn, void (*run)(void *user), void *user);

/* Takes every hook of this user out. [loop] */
void turn_remove(struct turn *turn, void *user);

/* Keeps the loop from sleeping before the hooks have run once more. [loop] */
void turn_again(struct turn *turn);

/* Closes the handles; run the loop once more before the memory goes. [loop] */
void turn_close(struct turn *turn);

#endif

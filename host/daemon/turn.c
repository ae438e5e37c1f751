/* End-of-turn hooks on uv_check (after the events of a turn) and uv_prepare (after timers, before
 * sleeping). */
#include "host/daemon/turn.h"

#include <assert.h>
#include <string.h>

#include <ringhost/errors.h>

static void turn_run(struct turn *turn)
{
    /* A hook may ask for another round, so the flag is lowered first. */
    (void)uv_idle_stop(&turn->idle);
    for (uint32_t i = 0; i < turn->hook_count; i++)
        turn->hooks[i].run(turn->hooks[i].user);
}

static void turn_on_prepare(uv_prepare_t *handle)
{
    turn_run(handle->data);
}

static void turn_on_check(uv_check_t *handle)
{
    turn_run(handle->data);
}

static void turn_on_idle(uv_idle_t *handle)
{
    /* Only there to make the poll of this turn return at once. */
    (void)handle;
}

int32_t turn_init(struct turn *turn, uv_loop_t *loop)
{
    memset(turn, 0, sizeof *turn);
    /* These cannot fail: libuv only links the handles into the loop. */
    (void)uv_prepare_init(loop, &turn->prepare);
    (void)uv_check_init(loop, &turn->check);
    (void)uv_idle_init(loop, &turn->idle);
    turn->prepare.data = turn;
    turn->check.data = turn;
    turn->idle.data = turn;
    if (uv_prepare_start(&turn->prepare, turn_on_prepare) != 0)
        return RH_EINTERNAL;
    if (uv_check_start(&turn->check, turn_on_check) != 0)
        return RH_EINTERNAL;
    uv_unref((uv_handle_t *)&turn->prepare);
    uv_unref((uv_handle_t *)&turn->check);
    return RH_OK;
}

void turn_add(struct turn *turn, void (*run)(void *user), void *user)
{
    assert(turn->hook_count < TURN_HOOKS_MAX);
    turn->hooks[turn->hook_count++] = (struct turn_hook){.run = run, .user = user};
}

void turn_remove(struct turn *turn, void *user)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < turn->hook_count; i++) {
        if (turn->hooks[i].user != user)
            turn->hooks[kept++] = turn->hooks[i];
    }
    turn->hook_count = kept;
}

void turn_again(struct turn *turn)
{
    (void)uv_idle_start(&turn->idle, turn_on_idle);
}

void turn_close(struct turn *turn)
{
    uv_close((uv_handle_t *)&turn->prepare, NULL);
    uv_close((uv_handle_t *)&turn->check, NULL);
    uv_close((uv_handle_t *)&turn->idle, NULL);
}

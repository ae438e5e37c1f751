/* Whether this machine is about to be taken away, and until when its jobs may leave a checkpoint;
 * neither who says so nor what is done about the jobs. */
#ifndef RH_PLUGINS_WORKER_PREEMPT_H
#define RH_PLUGINS_WORKER_PREEMPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ringhost/types.h>

#define PREEMPT_WHY_SIZE 128u

enum preempt_state {
    PREEMPT_NONE,
    PREEMPT_LEAVING, /* jobs were told to end and may leave a last checkpoint */
    PREEMPT_EMPTY,   /* the time is over: nothing may be left here */
};

/* Zero = nobody has said so. */
struct preempt {
    uint8_t state;
    int64_t deadline_ms; /* of PREEMPT_LEAVING, monotonic */
    char why[PREEMPT_WHY_SIZE];
};

/* Text of somebody else's program as words of a log: cut at a whole character, control characters
 * are blanks, and what is no UTF-8 is "?". size is at least 1. */
void preempt_words(char *dst, size_t size, struct rh_str text);

/* Somebody says so. True for the first time; later a deadline only becomes earlier. why as in
 * preempt_words. */
bool preempt_begin(struct preempt *preempt, struct rh_str why, int64_t grace_ms, int64_t now_ms);

/* The machine stays after all. False if nobody had said otherwise. */
bool preempt_end(struct preempt *preempt);

/* True once, when the time is over. */
bool preempt_tick(struct preempt *preempt, int64_t now_ms);

/* When preempt_tick has something, monotonic ms; INT64_MAX = never. */
int64_t preempt_wake_ms(const struct preempt *preempt);

#endif

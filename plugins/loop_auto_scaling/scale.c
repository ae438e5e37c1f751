/* See scale.h. */
#include "scale.h"

#include <assert.h>
#include <math.h>
#include <string.h>

const char *scale_reason_name(enum scale_reason reason)
{
    static const char *const names[] = {"steady", "metric missing",          "up", "up, limited",
                                        "down",   "down, held by the window"};

    assert((size_t)reason < sizeof(names) / sizeof(names[0]));
    return names[reason];
}

static int64_t clamp(const struct scale_limits *limits, int64_t count)
{
    if (count > limits->most)
        return limits->most;
    return count < limits->least ? limits->least : count;
}

/* Rounded up; what is a whole number but for the last bits of the division is that number. */
static int64_t round_up(double value)
{
    const double whole = round(value);

    if (value >= (double)SCALE_MACHINES_MAX)
        return SCALE_MACHINES_MAX;
    return (int64_t)(fabs(value - whole) < 1e-9 ? whole : ceil(value));
}

int64_t scale_recommend(const struct scale_limits *limits, int64_t current, double total)
{
    const double wanted = total / limits->target;

    assert(limits->target > 0);
    /* A ratio of wanted to current. */
    if (current > 0 && fabs(wanted / (double)current - 1.0) <= limits->tolerance + 1e-9)
        return clamp(limits, current);
    return clamp(limits, round_up(wanted));
}

/* Forgets what is older than the window, and what a clock that was set back has left in a far
 * future; the newest stays, so that looks which are rarer than the window have something to go by.
 */
static void forget(struct scale_note *notes, uint32_t *count, int64_t now_ms, int64_t window_ms,
                   bool keeps_newest)
{
    uint32_t kept = 0;

    for (uint32_t i = 0; i < *count; i++)
        if ((notes[i].at_ms > now_ms - window_ms && notes[i].at_ms <= now_ms + window_ms) ||
            (keeps_newest && i + 1 == *count))
            notes[kept++] = notes[i];
    *count = kept;
}

static void remember(struct scale_note *notes, uint32_t *count, struct scale_note note)
{
    if (*count == SCALE_KEPT_MAX) {
        uint32_t least = 0;

        for (uint32_t i = 1; i < *count; i++)
            least = notes[i].count < notes[least].count ? i : least;
        memmove(&notes[least], &notes[least + 1], (*count - 1 - least) * sizeof(notes[0]));
        (*count)--;
    }
    notes[(*count)++] = note;
}

/* The greatest number of machines that there may be now. */
static int64_t up_limit(const struct scale_history *history, const struct scale_limits *limits,
                        int64_t current)
{
    int64_t before = current;
    int64_t more;

    for (uint32_t i = 0; i < history->added_count; i++)
        before -= history->added[i].count;
    before = before > 0 ? before : 0;
    more = before * limits->up_percent / 100;
    more = more > limits->up_least ? more : limits->up_least;
    return before + more > current ? before + more : current;
}

static int64_t greatest_wanted(const struct scale_history *history)
{
    int64_t greatest = 0;

    for (uint32_t i = 0; i < history->wanted_count; i++)
        greatest = history->wanted[i].count > greatest ? history->wanted[i].count : greatest;
    return greatest;
}

struct scale_verdict scale_decide(struct scale_history *history, const struct scale_limits *limits,
                                  const struct scale_input *input)
{
    const int64_t current = input->ready + input->booting;
    struct scale_verdict v = {.desired = current, .recommended = current, .reason = SCALE_MISSING};
    int64_t limit;

    forget(history->wanted, &history->wanted_count, input->now_ms, limits->window_ms, true);
    forget(history->added, &history->added_count, input->now_ms, limits->up_window_ms, false);
    limit = up_limit(history, limits, current);
    if (!input->has_total) {
        v.desired = current < limits->least ? limits->least : current;
        v.desired = v.desired < limit ? v.desired : limit;
        return v;
    }
    /* Who knows nothing of the last minutes holds on to what there is. */
    if (history->wanted_count == 0)
        remember(history->wanted, &history->wanted_count,
                 (struct scale_note){input->now_ms, current});
    v.recommended = scale_recommend(limits, current, input->total);
    remember(history->wanted, &history->wanted_count,
             (struct scale_note){input->now_ms, v.recommended});
    v.reason = SCALE_STEADY;
    if (v.recommended > current) {
        v.desired = v.recommended < limit ? v.recommended : limit;
        v.reason = v.recommended <= limit ? SCALE_UP : SCALE_UP_LIMITED;
    } else if (v.recommended < current) {
        const int64_t held = greatest_wanted(history);

        v.desired = held < current ? held : current;
        v.reason = v.desired > v.recommended ? SCALE_DOWN_HELD : SCALE_DOWN;
    }
    return v;
}

void scale_note_added(struct scale_history *history, int64_t at_ms, int64_t count)
{
    remember(history->added, &history->added_count, (struct scale_note){at_ms, count});
}

/* Three states, and one way through them. */
#include "preempt.h"

#include <string.h>

/* Bytes of the character at the beginning, or 0 when it is none. */
static size_t character(struct rh_str text)
{
    const unsigned char first = (unsigned char)text.p[0];
    const size_t n = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;

    if (first > 0xf4 || n > text.n)
        return 0;
    for (size_t i = 1; i < n; i++)
        if (((unsigned char)text.p[i] & 0xc0) != 0x80)
            return 0;
    /* Longer than need be, a surrogate, or beyond the last character. */
    if (n > 2 && ((first == 0xe0 && (unsigned char)text.p[1] < 0xa0) ||
                  (first == 0xed && (unsigned char)text.p[1] > 0x9f) ||
                  (first == 0xf0 && (unsigned char)text.p[1] < 0x90) ||
                  (first == 0xf4 && (unsigned char)text.p[1] > 0x8f)))
        return 0;
    return n;
}

/* C0, DEL, C1. */
static bool is_control(const char *p, size_t n)
{
    const unsigned char first = (unsigned char)p[0];

    return (n == 1 && (first < 0x20 || first == 0x7f)) ||
           (n == 2 && first == 0xc2 && (unsigned char)p[1] < 0xa0);
}

void preempt_words(char *dst, size_t size, struct rh_str text)
{
    size_t used = 0;

    while (text.n > 0) {
        const size_t n = character(text);
        const bool is_kept = n > 0 && !is_control(text.p, n);
        const size_t add = is_kept ? n : 1;

        if (used + add >= size)
            break;
        if (is_kept)
            memcpy(dst + used, text.p, n);
        else
            dst[used] = n > 0 ? ' ' : '?';
        used += add;
        text.p += n > 0 ? n : 1;
        text.n -= n > 0 ? n : 1;
    }
    dst[used] = '\0';
}

bool preempt_begin(struct preempt *preempt, struct rh_str why, int64_t grace_ms, int64_t now_ms)
{
    if (preempt->state != PREEMPT_NONE) {
        if (preempt->state == PREEMPT_LEAVING && now_ms + grace_ms < preempt->deadline_ms)
            preempt->deadline_ms = now_ms + grace_ms;
        return false;
    }
    preempt->state = PREEMPT_LEAVING;
    preempt->deadline_ms = now_ms + grace_ms;
    preempt_words(preempt->why, sizeof(preempt->why), why);
    return true;
}

bool preempt_end(struct preempt *preempt)
{
    const bool was_on = preempt->state != PREEMPT_NONE;

    memset(preempt, 0, sizeof(*preempt));
    return was_on;
}

bool preempt_tick(struct preempt *preempt, int64_t now_ms)
{
    if (preempt->state != PREEMPT_LEAVING || now_ms < preempt->deadline_ms)
        return false;
    preempt->state = PREEMPT_EMPTY;
    return true;
}

int64_t preempt_wake_ms(const struct preempt *preempt)
{
    return preempt->state == PREEMPT_LEAVING ? preempt->deadline_ms : INT64_MAX;
}

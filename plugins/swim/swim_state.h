/* What the core's files share: the steps of judging, probing and telling. Not for others. All
 * times are the core's own (swim->now_ms). */
#ifndef RH_SWIM_SWIM_STATE_H
#define RH_SWIM_SWIM_STATE_H

#include "swim.h"

/* Owners of news. */
#define SPREAD_OWN    0u
#define SPREAD_MEMBER 1u
#define SPREAD_VOUCH  2u

/* swim.c */
/* Begins a call from outside: sets the time, and notices when this node stood still. */
void swim_enter(struct swim *swim, int64_t now_ms);
/* An action to be filled in; NULL when there is no room, as if it were lost. */
struct swim_action *swim_act(struct swim *swim, uint32_t kind, const struct member *to);

/* The ping that was made for another node has ended, if `seq` is one. */
void swim_answer_proxied(struct swim *swim, uint64_t seq, bool is_acked, uint64_t incarnation);

/* judge.c */
/* What is believed of a member, other than suspicion, and the clock that belongs to it: alive and
 * vouched for, the end of the vouch; dead or unknown, the next try. */
void judge_set(struct swim *swim, struct member *member, uint32_t state, uint32_t reason);
/* Who accuses it, to be passed on with what is said of it; "" = not known. */
void judge_name_accuser(struct swim *swim, struct member *member, const char *by);
/* It is suspect from now on, named by an accuser ("" = not known). Its clock is the end of that. */
void judge_suspect(struct swim *swim, struct member *member, const char *by, uint32_t reason);
/* This node accuses a living member itself. */
void judge_accuse(struct swim *swim, struct member *member, uint32_t reason);
/* Another accuser of the same incarnation. */
void judge_confirm(struct swim *swim, struct member *member, const char *by);
/* Others have declared it dead. Who was suspect here has had notice, and has the shortest time from
 * then on. Who was alive here may only have been cut off from those others: it has the longest time
 * to speak for itself, unless it does not answer us either. So a healed partition kills nobody. */
void judge_said_dead(struct swim *swim, struct member *member);
/* Members whose time has come. */
void judge_due(struct swim *swim);
void judge_arm(struct swim *swim, struct member *member, int64_t due_ms);
void judge_disarm(struct swim *swim, struct member *member);
/* Who vouches for it, or for how long, has changed. A suspect that a hub has heard from lives. */
void judge_vouched(struct swim *swim, struct member *member);
/* It is alive here and a hub answers for it: while that lasts, what others say is only passed on.
 */
bool judge_is_answered_for(const struct swim *swim, const struct member *member);
/* This node stood still: suspects get their time again. */
void judge_restart(struct swim *swim);

/* merge.c */
/* One word about a member, or about this node. */
void merge_word(struct swim *swim, const struct update *update);
/* Tell it from now on. Urgent: someone may be taken for dead, or no more. */
void merge_tell(struct swim *swim, struct member *member, bool is_urgent);

/* probe.c */
void probe_round(struct swim *swim);
void probe_due(struct swim *swim);
/* Tries a dead or unknown member; false when too many tries are under way. */
bool probe_retry(struct swim *swim, struct member *member);
/* Ends what is under way for a member that goes away. */
void probe_drop(struct swim *swim, const struct member *member);
int64_t probe_next_ms(const struct swim *swim);

/* vouching.c */
/* A vouch from another node. */
void vouching_merge(struct swim *swim, struct member *member, const struct update *update);
/* It speaks to us and cannot be spoken to: we answer for it, as a hub does. */
void vouching_ourselves(struct swim *swim, struct member *member);
/* It answers us after all. */
void vouching_no_more(struct swim *swim, struct member *member);
/* A hub became suspect: its nodes wait one TTL. */
void vouching_hold(struct swim *swim, const struct member *hub);

#endif

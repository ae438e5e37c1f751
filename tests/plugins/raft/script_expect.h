/* The expectations of scenarios: what a node is, and what is under way. */
#ifndef RH_TESTS_PLUGINS_RAFT_SCRIPT_EXPECT_H
#define RH_TESTS_PLUGINS_RAFT_SCRIPT_EXPECT_H

#include <inttypes.h>

#include "script.h"

struct script_text {
    char text[SCRIPT_TEXT_MAX];
    size_t n;
};

static inline void say(struct script_text *out, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static inline void say(struct script_text *out, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    out->n += (size_t)vsnprintf(out->text + out->n, sizeof(out->text) - out->n, format, args);
    va_end(args);
    assert_true(out->n < sizeof(out->text));
}

static inline const char *yes_no(bool is_so)
{
    return is_so ? "yes" : "no";
}

static inline void tell_log(const struct raft *raft, struct script_text *out)
{
    for (uint64_t i = raft->log.base_index + 1; i <= raft->log.last_index; i++)
        say(out, "%s%" PRIu64, out->n ? " " : "", raft_log_term(&raft->log, i));
    if (out->n == 0)
        say(out, "empty");
}

static inline void tell_disk(const struct disk *disk, struct script_text *out)
{
    for (uint64_t i = disk->first; i <= disk->last; i++)
        say(out, "%s%" PRIu64, out->n ? " " : "", disk_at(disk, i)->term);
    if (out->n == 0)
        say(out, "empty");
}

/* Learners have a '+' in front. */
static inline void tell_members(const struct raft *raft, struct script_text *out)
{
    const struct raft_members *members = raft_newest(raft);

    for (uint32_t i = 0; i < members->count; i++)
        say(out, "%s%s%s", i ? " " : "", members->list[i].is_voter ? "" : "+", members->list[i].id);
    if (members->count == 0)
        say(out, "none");
}

static inline void tell_reads(struct node *n, struct script_text *out)
{
    for (uint32_t i = 0; i < n->read_count; i++)
        say(out, "%s%" PRIu64 " %s", i ? " " : "", n->reads[i].id,
            n->reads[i].rc == RH_OK ? "ok" : "refused");
    if (n->read_count == 0)
        say(out, "none");
    n->read_count = 0;
}

static inline void tell_peer(struct script *s, const struct raft *raft, struct script_text *out)
{
    static const char *const states[] = {"probe", "replicate", "snapshot"};

    for (uint32_t i = 0; i < raft->peer_count; i++) {
        const struct raft_peer *peer = &raft->peers[i];

        if (strcmp(peer->id, script_word(s, 3)) == 0)
            say(out, "%s match %" PRIu64 " next %" PRIu64 "%s%s", states[peer->state], peer->match,
                peer->next, peer->is_paused ? " paused" : "",
                peer->has_lost_data ? " has_lost_data" : "");
    }
}

static inline void tell_node(struct script *s, struct node *n, const char *what,
                             struct script_text *out)
{
    static const char *const roles[] = {"follower", "pre_candidate", "candidate", "leader",
                                        "failed"};
    const uint32_t node = (uint32_t)(n - s->group.nodes);
    struct raft *raft = n->raft;

    if (strcmp(what, "disk") == 0) {
        tell_disk(&n->disk, out);
        return;
    }
    if (!raft)
        SCRIPT_FAIL(s, "%s is down", n->id);
    if (strcmp(what, "role") == 0)
        say(out, "%s", roles[raft->role]);
    else if (strcmp(what, "term") == 0)
        say(out, "%" PRIu64, raft->hard.term);
    else if (strcmp(what, "vote") == 0)
        say(out, "%s", raft->hard.vote[0] ? raft->hard.vote : "none");
    else if (strcmp(what, "leader") == 0)
        say(out, "%s", raft->leader[0] ? raft->leader : "none");
    else if (strcmp(what, "log") == 0)
        tell_log(raft, out);
    else if (strcmp(what, "commit") == 0)
        say(out, "%" PRIu64, raft->commit);
    else if (strcmp(what, "applied") == 0)
        say(out, "%" PRIu64, n->live.index);
    else if (strcmp(what, "base") == 0)
        say(out, "%" PRIu64 "/%" PRIu64, raft->log.base_index, raft->log.base_term);
    else if (strcmp(what, "stable") == 0)
        say(out, "%" PRIu64, raft->log.stable_index);
    else if (strcmp(what, "lineage") == 0)
        say(out, "%" PRIu64, raft->base.lineage);
    else if (strcmp(what, "members") == 0)
        tell_members(raft, out);
    else if (strcmp(what, "reads") == 0)
        tell_reads(n, out);
    else if (strcmp(what, "peer") == 0)
        tell_peer(s, raft, out);
    else if (strcmp(what, "lease") == 0)
        say(out, "%s",
            yes_no(raft->role == RAFT_LEADER &&
                   raft_lease_ms(raft, group_now(&s->group, node)) > group_now(&s->group, node)));
    else if (strcmp(what, "removed") == 0)
        say(out, "%s", yes_no(raft->was_told_removed));
    else if (strcmp(what, "other_data") == 0)
        say(out, "%s", raft->other_data_from[0] ? raft->other_data_from : "none");
    else
        SCRIPT_FAIL(s, "a node has no \"%s\"", what);
}

static inline void tell_letter(const struct letter *letter, struct script_text *out)
{
    static const char *const kinds[] = {"vote", "append", "beat", "snapshot", "timeout"};
    static const char *const statuses[] = {"yes",        "no",      "stale", "more",
                                           "other_data", "removed", "live"};
    const struct raft_message *m = &letter->m;
    const bool is_reply = RAFT_MSG_IS_REPLY(m->kind);

    say(out, "%s%s%s", m->flags & RAFT_FLAG_PRE ? "pre_" : "",
        m->flags & RAFT_FLAG_FORCED ? "forced_" : "", kinds[(m->kind - 1) / 2]);
    if (is_reply)
        say(out, " %s", statuses[m->status]);
    say(out, " term %" PRIu64, m->term);
    if (!is_reply && m->kind != RAFT_MSG_BEAT && m->kind != RAFT_MSG_TIMEOUT)
        say(out, " at %" PRIu64 "/%" PRIu64, m->index, m->index_term);
    if (m->kind == RAFT_MSG_APPEND)
        say(out, " count %" PRIu32, letter->entry_count);
    if (m->kind == RAFT_MSG_APPEND || m->kind == RAFT_MSG_BEAT)
        say(out, " commit %" PRIu64, m->commit);
    if (m->kind == RAFT_MSG_SNAPSHOT)
        say(out, " offset %" PRIu64, m->offset);
    if (m->kind == RAFT_MSG_REPLY(RAFT_MSG_SNAPSHOT) && m->status == RAFT_MORE)
        say(out, " want %" PRIu64, m->want);
    if (m->kind == RAFT_MSG_REPLY(RAFT_MSG_APPEND) && m->status == RAFT_NO)
        say(out, " hint %" PRIu64 "/%" PRIu64, m->hint_index, m->hint_term);
    if ((m->kind == RAFT_MSG_REPLY(RAFT_MSG_APPEND) ||
         m->kind == RAFT_MSG_REPLY(RAFT_MSG_SNAPSHOT)) &&
        m->status == RAFT_YES)
        say(out, " match %" PRIu64, m->match);
}

/* expect n1 commit 3, or expect n1>n2 append term 2 at 3/1 count 2 commit 1, or expect n1>n2
 * nothing. */
static inline void do_expect(struct script *s)
{
    struct script_text have = {.n = 0};
    struct script_text want = {.n = 0};
    const char *subject = script_word(s, 1);
    uint32_t from = 2;

    if (strchr(subject, '>')) {
        const uint32_t place = script_letter(s, subject);

        if (place < GROUP_LETTERS_MAX)
            tell_letter(s->group.letters[place], &have);
        else
            say(&have, "nothing");
    } else {
        const char *what = script_word(s, 2);

        tell_node(s, &s->group.nodes[script_node(s, subject)], what, &have);
        from = strcmp(what, "peer") == 0 ? 4 : 3;
    }
    for (uint32_t i = from; i < s->word_count; i++)
        say(&want, "%s%s", i > from ? " " : "", s->words[i]);
    if (strcmp(have.text, want.text) != 0)
        SCRIPT_FAIL(s, "expected \"%s\", is \"%s\"", want.text, have.text);
}

#endif

/* Replies as text for people. Each function is a render_fn (command.h); none reads a clock or
 * writes to a stream. */
#ifndef RH_HOST_CTL_RENDER_H
#define RH_HOST_CTL_RENDER_H

#include "host/ctl/command.h"

/* render_node.c: one node and its cluster. */
int32_t render_status(const cJSON *reply, const struct render_env *env, struct rh_buf *out);
int32_t render_leader(const cJSON *reply, const struct render_env *env, struct rh_buf *out);
int32_t render_reload(const cJSON *reply, const struct render_env *env, struct rh_buf *out);

/* render_list.c: what a node lists. */
int32_t render_peers(const cJSON *reply, const struct render_env *env, struct rh_buf *out);
int32_t render_plugins(const cJSON *reply, const struct render_env *env, struct rh_buf *out);
int32_t render_routes(const cJSON *reply, const struct render_env *env, struct rh_buf *out);
int32_t render_loops(const cJSON *reply, const struct render_env *env, struct rh_buf *out);
int32_t render_config(const cJSON *reply, const struct render_env *env, struct rh_buf *out);

/* render_relay.c: nodes behind NAT. */
int32_t render_relay(const cJSON *reply, const struct render_env *env, struct rh_buf *out);

/* render_raft.c: the replicated log. */
int32_t render_raft(const cJSON *reply, const struct render_env *env, struct rh_buf *out);
int32_t render_raft_members(const cJSON *reply, const struct render_env *env, struct rh_buf *out);

/* render_work.c: the queue. */
int32_t render_work_added(const cJSON *reply, const struct render_env *env, struct rh_buf *out);
int32_t render_work_retried(const cJSON *reply, const struct render_env *env, struct rh_buf *out);
int32_t render_work_items(const cJSON *reply, const struct render_env *env, struct rh_buf *out);
int32_t render_work_item(const cJSON *reply, const struct render_env *env, struct rh_buf *out);
int32_t render_work_stats(const cJSON *reply, const struct render_env *env, struct rh_buf *out);

/* render_gauntlet.c: gauntlets. */
int32_t render_gauntlet_started(const cJSON *reply, const struct render_env *env,
                                struct rh_buf *out);
int32_t render_gauntlet_list(const cJSON *reply, const struct render_env *env, struct rh_buf *out);
int32_t render_gauntlet_results(const cJSON *reply, const struct render_env *env,
                                struct rh_buf *out);
/* One line without its end: where a gauntlet stands; ABI.md names the form. */
int32_t render_gauntlet_progress(const cJSON *reply, const struct render_env *env,
                                 struct rh_buf *out);
/* The lines of a gauntlet that has ended: one for each baseline and, when there are several, one of
 * the whole. */
int32_t render_gauntlet_end(const cJSON *reply, const struct render_env *env, struct rh_buf *out);

/* render_tournament.c: tournaments. */
int32_t render_tournament_started(const cJSON *reply, const struct render_env *env,
                                  struct rh_buf *out);
/* The tree or the cross-table, then the standings. */
int32_t render_tournament_bracket(const cJSON *reply, const struct render_env *env,
                                  struct rh_buf *out);
/* One line without its end: where a tournament stands. */
int32_t render_tournament_progress(const cJSON *reply, const struct render_env *env,
                                   struct rh_buf *out);
/* A row for each game of each match. */
int32_t render_tournament_games(const cJSON *reply, const struct render_env *env,
                                struct rh_buf *out);
/* Matches that a report or a correction changed. */
int32_t render_tournament_matches(const cJSON *reply, const struct render_env *env,
                                  struct rh_buf *out);
int32_t render_tournament_list(const cJSON *reply, const struct render_env *env,
                               struct rh_buf *out);

/* render_artifact.c: files. */
int32_t render_artifact_list(const cJSON *reply, const struct render_env *env, struct rh_buf *out);
int32_t render_artifact_where(const cJSON *reply, const struct render_env *env, struct rh_buf *out);

/* render_events.c: sinks of the bridge for events. */
int32_t render_event_sinks(const cJSON *reply, const struct render_env *env, struct rh_buf *out);
int32_t render_event_dead(const cJSON *reply, const struct render_env *env, struct rh_buf *out);

/* render_elo.c: ratings. */
int32_t render_elo_rankings(const cJSON *reply, const struct render_env *env, struct rh_buf *out);
int32_t render_elo_history(const cJSON *reply, const struct render_env *env, struct rh_buf *out);
int32_t render_elo_head_to_head(const cJSON *reply, const struct render_env *env,
                                struct rh_buf *out);
int32_t render_elo_added(const cJSON *reply, const struct render_env *env, struct rh_buf *out);

/* render_cmaes.c: searches by CMA-ES. */
int32_t render_cmaes_started(const cJSON *reply, const struct render_env *env, struct rh_buf *out);
int32_t render_cmaes_list(const cJSON *reply, const struct render_env *env, struct rh_buf *out);
int32_t render_cmaes_status(const cJSON *reply, const struct render_env *env, struct rh_buf *out);
/* One line without its end: where it stands, and the curve of the best fitness. */
int32_t render_cmaes_progress(const cJSON *reply, const struct render_env *env, struct rh_buf *out);
/* The same of one that is over, with its parameters. */
int32_t render_cmaes_end(const cJSON *reply, const struct render_env *env, struct rh_buf *out);

/* render_ssh.c: runs over SSH. */
int32_t render_ssh_started(const cJSON *reply, const struct render_env *env, struct rh_buf *out);
int32_t render_ssh_status(const cJSON *reply, const struct render_env *env, struct rh_buf *out);
int32_t render_ssh_list(const cJSON *reply, const struct render_env *env, struct rh_buf *out);
int32_t render_ssh_logs(const cJSON *reply, const struct render_env *env, struct rh_buf *out);
int32_t render_ssh_joblog(const cJSON *reply, const struct render_env *env, struct rh_buf *out);

/* render_other.c: events, errors, and whatever has no form of its own. */
int32_t render_event(const cJSON *reply, const struct render_env *env, struct rh_buf *out);
/* "CODE: message (field "x")", then the lines of details.text if there are, without an end of line.
 * status is the HTTP status, for replies that
 * do not say what is wrong. */
int32_t render_error(const cJSON *reply, int status, struct rh_buf *out);
/* Every member on a line of its own; nested ones as "outer.inner". */
int32_t render_members(const cJSON *reply, const struct render_env *env, struct rh_buf *out);

#endif

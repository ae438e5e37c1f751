/* Commands that are more than one request made of their options. Each prints and returns the exit
 * code (ctl.h). */
#ifndef RH_HOST_CTL_CMD_H
#define RH_HOST_CTL_CMD_H

struct ctl;

/* cmd_node.c */
int cmd_status(struct ctl *ctl);
int cmd_reload(struct ctl *ctl);
int cmd_config_explain(struct ctl *ctl);
int cmd_state_adopt(struct ctl *ctl);
int cmd_maintenance(struct ctl *ctl);
int cmd_completion(struct ctl *ctl);
int cmd_help(struct ctl *ctl);

/* cmd_events.c */
int cmd_events(struct ctl *ctl);

/* cmd_work.c */
int cmd_work_add(struct ctl *ctl);
int cmd_work_retry(struct ctl *ctl);

/* cmd_logs.c */
int cmd_logs(struct ctl *ctl);

/* cmd_raft.c */
int cmd_raft_members(struct ctl *ctl);
int cmd_raft_confirmed(struct ctl *ctl);

/* cmd_gauntlet.c */
int cmd_gauntlet_run(struct ctl *ctl);
int cmd_gauntlet_watch(struct ctl *ctl);
int cmd_gauntlet_results(struct ctl *ctl);

/* cmd_artifact.c */
int cmd_artifact_put(struct ctl *ctl);
int cmd_artifact_get(struct ctl *ctl);
int cmd_artifact_rm(struct ctl *ctl);
int cmd_artifact_verify(struct ctl *ctl);

/* cmd_drain.c */
int cmd_drain(struct ctl *ctl);

/* cmd_tournament.c */
int cmd_tournament_watch(struct ctl *ctl);
int cmd_tournament_games(struct ctl *ctl);

/* cmd_elo.c */
int cmd_elo_add(struct ctl *ctl);

/* cmd_cmaes.c */
int cmd_cmaes_start(struct ctl *ctl);
int cmd_cmaes_watch(struct ctl *ctl);

/* cmd_ssh.c */
int cmd_ssh_run(struct ctl *ctl);

#endif

/* The rules of the contract. Each judges one plugin, in a process of its own: true after it has
 * passed, with words about it in the note's detail; false after trial_fail. Private to contract*.c.
 */
#ifndef RH_HOST_CHECK_CONTRACT_RULES_H
#define RH_HOST_CHECK_CONTRACT_RULES_H

#include "host/check/contract_trial.h"

/* contract_life.c */
bool rule_load(const struct trial_plugin *plugin);
bool rule_start_stop(const struct trial_plugin *plugin);
bool rule_restart(const struct trial_plugin *plugin);
bool rule_crash(const struct trial_plugin *plugin);
bool rule_in_flight(const struct trial_plugin *plugin);
bool rule_reactivate(const struct trial_plugin *plugin);
bool rule_idle(const struct trial_plugin *plugin);

/* contract_routes.c */
bool rule_requests(const struct trial_plugin *plugin);
bool rule_garbage(const struct trial_plugin *plugin);
bool rule_instances(const struct trial_plugin *plugin);

#endif

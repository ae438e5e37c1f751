/* Writes a game as a work item, with the match that the executor is to play. */
#include <ringhost/sdk/gtp_match.h>

#include "wire.h"

void gauntlet_write_item(const struct gauntlet_spec *spec, uint32_t index, struct rh_json_writer *w)
{
    const struct schedule_game game = schedule_game(spec->seed, spec->baseline_count, index);
    const uint32_t other = game.baseline + 1;
    const struct rh_gtp_player players[2] = {
        {spec->model, spec->argv_json[0], spec->inputs[0]},
        {spec->baselines[game.baseline], spec->argv_json[other], spec->inputs[other]},
    };

    rh_gtp_item_write(w, &spec->order, RH_STR_LIT(GAUNTLET_WORK_TYPE), game.index, game.seed,
                      players);
}

/* Answers of /cmaes/status as the plugin gives them. */
#ifndef RH_TESTS_HOST_CTL_CMAES_REPLIES_H
#define RH_TESTS_HOST_CTL_CMAES_REPLIES_H

#define CMAES_ROW(number, best)                                                                    \
    "{\"generation\":" #number ",\"run\":0,\"population\":6,\"ranked\":5,\"errors\":1,\"missing\"" \
    ":0,\"late\":0,\"best\":" #best ",\"median\":200,\"worst\":300,\"best_so_far\":" #best         \
    ",\"sigma\":0.25,\"condition\":4,\"ended_run\":null,\"ended_at\":1709294400000}"
#define CMAES_HISTORY "\"history\":[" CMAES_ROW(1, 10) "," CMAES_ROW(0, 100) "]"
#define CMAES_BEST                                                                                 \
    "\"best\":{\"fitness\":10,\"generation\":1,\"parameters\":{\"c\":1.2345678,\"k\":3}},\"mean\"" \
    ":{\"c\":0.5,\"k\":-2}"
#define CMAES_HEAD(state, reason)                                   \
    "{\"job_id\":\"c1\",\"state\":\"" state "\",\"reason\":" reason \
    ",\"dimension\":2,\"generation\""                               \
    ":2,\"evaluations\":12,\"sigma\":0.0123456789,\"created_at\":1709294400000,"
#define CMAES_RUNNING                                                  \
    CMAES_HEAD("running", "null")                                      \
    CMAES_BEST ",\"open\":{\"candidates\":6,\"answered\":3,\"errors\"" \
               ":0},\"problem\":null,\"last_error\":null," CMAES_HISTORY "}"
#define CMAES_DONE                                \
    CMAES_HEAD("completed", "\"target\"")         \
    CMAES_BEST ",\"open\":null,\"problem\":null," \
               "\"last_error\":\"exit status 3\"," CMAES_HISTORY "}"
#define CMAES_NOTHING                          \
    CMAES_HEAD("completed", "\"no_fitness\"")  \
    "\"best\":null,\"mean\":{},\"open\":null," \
    "\"history\":[]}"

#endif

/* Replies of GET /tournament/bracket for tests, piece by piece. */
#ifndef RH_TESTS_HOST_CTL_TOURNAMENT_REPLIES_H
#define RH_TESTS_HOST_CTL_TOURNAMENT_REPLIES_H

#define SIDE_OF(player, score) "{\"player\":\"" player "\",\"score\":" score ",\"forfeit\":false}"
#define SIDE_FROM(from)        "{\"player\":null,\"from\":\"" from "\",\"score\":null}"
#define SIDE_NOBODY            "{\"player\":null,\"from\":null,\"score\":null}"

#define MATCH_OF(id, bracket, round, number, state, first, second, rest)                          \
    "{\"match_id\":\"" id "\",\"bracket\":\"" bracket "\",\"round\":" round ",\"number\":" number \
    ",\"state\":\"" state "\",\"sides\":[" first "," second "]" rest "}"

/* Four players, the first round over. */
#define SINGLE_MATCHES                                                                                                                                \
    "\"matches\":[" MATCH_OF("W1.1", "winners", "1", "1", "decided", SIDE_OF("ann", "2"), SIDE_OF("dan", "0.5"), ",\"winner\":\"ann\"") "," MATCH_OF( \
        "W1.2", "winners", "1", "2", "ready", SIDE_OF("bob", "null"), SIDE_OF("cyd", "null"),                                                         \
        ",\"note\":\"game 1: dead\"") "," MATCH_OF("W2.1", "winners", "2", "1", "waiting",                                                            \
                                                   SIDE_OF("ann", "null"),                                                                            \
                                                   SIDE_FROM("winner of W1.2"),                                                                       \
                                                   "") "," MATCH_OF("T1", "third_place", "1", "1",                                                    \
                                                                    "waiting",                                                                        \
                                                                    SIDE_OF("dan", "null"),                                                           \
                                                                    SIDE_FROM("loser of W1.2"),                                                       \
                                                                    "") "]"

#endif

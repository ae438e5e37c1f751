/* Starts a server and measures how soon it answers and how much memory it then holds. */
#ifndef RH_TESTS_BENCH_START_H
#define RH_TESTS_BENCH_START_H

#include <stdint.h>

struct start_result {
    int64_t ready_us; /* from fork to the first good answer */
    int64_t rss_kb;   /* VmRSS settle_ms later */
};

/* Runs argv (ended by NULL) and asks 127.0.0.1:port for path until the answer is 200; path "PING"
 * asks in the words of Redis. Then stops the program with SIGTERM and waits for its end. 0, or -1
 * after telling why. */
int start_measure(uint16_t port, const char *path, int64_t settle_ms, char *const *argv,
                  struct start_result *out);

#endif
